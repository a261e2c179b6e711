"""YAML in which a string stays a string, and every value knows its line.

YAML 1.1 reads `no` as false, `1:30` as 90 and `2026-01-02` as a date. Here a scalar is text, except below the keys
that hold JSON (`JSON_KEYS`), where an unquoted number, true, false or null is read as JSON reads it.
"""

import json
from dataclasses import dataclass, field

import yaml
from pydantic import JsonValue

JSON_KEYS = ("do", "measures")
MAX_CHARACTERS = 1_000_000

Path = tuple[str | int, ...]


class YamlError(Exception):
    """The text is no YAML that can be read; the message is one sentence with the line."""


@dataclass
class Document:
    """A value, and the line (counted from 1) on which each of its parts begins, by path: ("turns", 0, "say")."""

    value: JsonValue = None
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """The line of the innermost part of `path` that was written at all."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read(text: str) -> Document:
    """Raises YamlError."""
    if len(text) > MAX_CHARACTERS:
        raise YamlError(f"the file is longer than {MAX_CHARACTERS:,} characters")
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise YamlError(f"line {line}: {error.problem}") from error
    except yaml.YAMLError as error:
        raise YamlError("it holds characters that YAML does not allow") from error
    except RecursionError as error:
        raise YamlError("it is nested too deeply") from error
    document = Document()
    if root is not None:
        document.value = _Reader(document.lines).value(root, (), as_json=False)
    return document


class _Reader:
    """Turns composed YAML into plain values and notes the lines."""

    def __init__(self, lines: dict[Path, int]) -> None:
        self._lines = lines
        self._seen: set[int] = set()

    def value(self, node: yaml.Node, path: Path, *, as_json: bool) -> JsonValue:
        line = node.start_mark.line + 1
        self._lines[path] = line
        if id(node) in self._seen:
            raise YamlError(f"line {line}: aliases (*name) are not supported, write the value out")
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, as_json=as_json)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index), as_json=as_json) for index, item in enumerate(node.value)]
        return _scalar(node.value, as_json=as_json and getattr(node, "style", None) is None)

    def _mapping(self, node: yaml.MappingNode, path: Path, *, as_json: bool) -> JsonValue:
        found: dict[str, JsonValue] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise YamlError(f"line {line}: a key must be a word")
            if key in found:
                raise YamlError(f"line {line}: {key!r} is there twice")
            found[key] = self.value(value_node, (*path, key), as_json=as_json or key in JSON_KEYS)
            self._lines[(*path, key)] = line
        return found


def _scalar(text: str, *, as_json: bool) -> JsonValue:
    """A scalar's text, or what JSON reads in it."""
    if not as_json:
        return text
    try:
        value: JsonValue = json.loads(text)
    except ValueError:
        return text
    return value
