"""From a JSON schema to a GBNF grammar that lets a language model write nothing but compact JSON of that schema.

llama-cpp-python's own converter allows raw control characters inside of strings, white space, and ignores bounds of numbers.
llama.cpp ends the process on a malformed grammar, therefore `check` reads every grammar before it gets there.
"""

import json
import re
from collections.abc import Mapping
from typing import TypeAlias

from pydantic import JsonValue

from pentimento.agent.types import AgentError, Form

Schema: TypeAlias = Mapping[str, JsonValue]

CHAR = r'char ::= [^"\\\x00-\x1F\x7F] | "\\" ["\\/]'
_FEW = 12
"""Integers of so few values are spelt out."""
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<literal>"(?:[^"\\\n]|\\.)+")
    | (?P<set>\[(?:[^\]\\\n]|\\.)+\])
    | (?P<count>\{\d+(?:,\d*)?\}|[*+?])
    | (?P<name>[a-zA-Z][a-zA-Z0-9-]*)
    | (?P<open>\()
    | (?P<close>\))
    | (?P<or>\|)
    )""",
    re.VERBOSE,
)
_NEVER_AFTER = {"count": ("or", "open", "count"), "close": ("or", "open"), "or": ("or", "open")}
_REGEX = re.compile(r"\\d|\[(?:[^\]\\]|\\.)+\]|\{\d+(?:,\d*)?\}|[()|?*+]|[^\\^$.\[\]{}]")


def form_of(schema: Schema) -> Form:
    """What answers of one schema look like, as a grammar too."""
    return Form(gbnf(schema), schema)


def gbnf(schema: Schema) -> str:
    """The grammar of one schema: rule `root`, keys in the schema's order, no white space.

    Knows objects, arrays, strings (length, enum, pattern), booleans, integers (bounds), const and anyOf; raises `ValueError` for the rest.
    Strings and arrays must be bounded: an unbounded one lets the model run on forever.
    """
    rules: dict[str, str] = {}
    root = _rule(schema, rules)
    lines = [f"{name} ::= {body}" for body, name in rules.items()]
    return "\n".join([f"root ::= {root}", *lines, CHAR, ""])


def _named(kind: str, body: str, rules: dict[str, str]) -> str:
    """The name of the rule with that body, which is written down once."""
    return rules.setdefault(body, f"{kind}-{len(rules) + 1}")


def literal(text: str) -> str:
    """The GBNF terminal for a text."""
    return json.dumps(text, ensure_ascii=True)


def _rule(schema: Schema, rules: dict[str, str]) -> str:
    match schema:
        case {"const": value}:
            return literal(_compact(value))
        case {"enum": [*values]}:
            return _either([literal(_compact(value)) for value in values])
        case {"anyOf": [*choices]}:
            return _either([_rule(choice, rules) for choice in choices if isinstance(choice, dict)])
        case {"type": "string"}:
            return _string(schema, rules)
        case {"type": "boolean"}:
            return _either([literal("true"), literal("false")])
        case {"type": "integer", "minimum": int(low), "maximum": int(high)}:
            return _integer(low, high, schema.get("multipleOf", 1))
        case {"type": "array", "items": dict(items), "maxItems": int(most)}:
            return _array(_rule(items, rules), int(str(schema.get("minItems", 0))), most)
        case {"type": "object", "properties": dict(properties)}:
            return _named("object", _object(properties, schema.get("required", []), rules), rules)
        case _:
            raise ValueError(f"bound this schema, or teach the grammar about it: {schema}")


def _compact(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _either(choices: list[str]) -> str:
    return choices[0] if len(choices) == 1 else f"({' | '.join(choices)})"


def _string(schema: Schema, rules: dict[str, str]) -> str:
    if isinstance(pattern := schema.get("pattern"), str):
        return _named("text", f'"\\"" {regex_rule(pattern)} "\\""', rules)
    if "maxLength" not in schema:
        raise ValueError(f"a string needs a maxLength: {schema}")
    return f'"\\"" char{{{schema.get("minLength", 0)},{schema["maxLength"]}}} "\\""'


def regex_rule(pattern: str) -> str:
    """The rule of an anchored regular expression of literals, `\\d`, sets, groups, `|` and counts."""
    body = pattern.removeprefix("^").removesuffix("$")
    if _REGEX.sub("", body):
        raise ValueError(f"keep this pattern simpler for the grammar: {pattern}")
    words = {"\\d": "[0-9]"}
    parts = [m.group() for m in _REGEX.finditer(body)]
    return "(" + " ".join(words.get(p) or (p if p[0] in "[{()|?*+" else literal(p)) for p in parts) + ")"


def _integer(low: int, high: int, multiple: JsonValue) -> str:
    """A few values as they are; otherwise by their number of digits, the exact bounds are checked after."""
    values = [n for n in range(low, min(high, low + 999) + 1) if n % int(str(multiple)) == 0]
    if high - low < 999 and len(values) <= _FEW:
        return _either([literal(str(n)) for n in values])
    number = f"[1-9] [0-9]{{0,{len(str(max(high, -low))) - 1}}}"
    if low < 0:
        return f'("0" | "-"? {number})'
    return f'("0" | {number})' if low == 0 else number


def _array(item: str, least: int, most: int) -> str:
    if most == 0:
        return '"[]"'
    if most == 1:
        return f'"[" {item} "]"' if least else f'("[]" | "[" {item} "]")'
    more = f'"[" {item} ("," {item}){{{max(0, least - 1)},{most - 1}}} "]"'
    return more if least else f'("[]" | {more})'


def _object(properties: Mapping[str, JsonValue], required: JsonValue, rules: dict[str, str]) -> str:
    """Required keys first come first; an optional key may only follow a required one, which "tool" always is."""
    parts = []
    for index, (name, schema) in enumerate(properties.items()):
        if not isinstance(schema, dict):
            raise TypeError(f"{name} has no schema")
        must = isinstance(required, list) and name in required
        part = f"{literal(('' if index == 0 else ',') + _compact(name) + ':')} {_rule(schema, rules)}"
        if index == 0 and not must:
            raise ValueError(f"the first key, {name}, must be required")
        parts.append(part if must else f"({part})?")
    return " ".join(['"{"', *parts, '"}"'])


def check(grammar: str) -> None:
    """Raises `AgentError` unless every rule of the grammar can be read and every name in it is defined."""
    rules = dict(_split(line) for line in grammar.splitlines() if line.strip())
    if "root" not in rules:
        raise AgentError("The grammar has no rule named root; report this.")
    for name, body in rules.items():
        unknown = _names(name, body) - rules.keys()
        if unknown:
            raise AgentError(
                f"The grammar's rule {name} needs {', '.join(sorted(unknown))}, which is not there; report this."
            )


def _split(line: str) -> tuple[str, str]:
    name, defined, body = line.partition("::=")
    if not defined or not re.fullmatch(r"[a-zA-Z][a-zA-Z0-9-]*", name.strip()):
        raise AgentError(f'The grammar has a line that is no rule: "{line[:60]}"; report this.')
    return name.strip(), body


def _names(rule: str, body: str) -> set[str]:
    """The rules that a rule's body names; raises `AgentError` when the body can't be read."""
    names, depth, position, before = set(), 0, 0, "or"
    body = body.rstrip()
    while position < len(body):
        match = _TOKEN.match(body, position)
        kind = match.lastgroup if match else None
        if match is None or kind is None or before in _NEVER_AFTER.get(kind, ()):
            raise AgentError(f"The grammar's rule {rule} can't be read at character {position}; report this.")
        depth += {"open": 1, "close": -1}.get(kind, 0)
        if depth < 0:
            break
        if kind == "name":
            names.add(match["name"])
        position, before = match.end(), kind
    if depth or before in {"or", "open"}:
        raise AgentError(f"The grammar's rule {rule} has a bracket or an alternative that is not closed; report this.")
    return names
