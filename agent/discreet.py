"""What leaves the machine names no folder of it: of an absolute path the last part stays."""

import re
from functools import cache
from pathlib import Path

from pydantic import JsonValue

_PART = r"""[^\s/"'“”‘’<>|,;:()\[\]{}]+"""
_PATH = re.compile(rf"(?<![\w.:/~-])/({_PART})(?:/{_PART})*/({_PART})/?")
_AT_HOME = re.compile(rf"~(?:/{_PART})*/({_PART})/?")
_FILE_URL = re.compile(r"file://(?=/)")


def without_paths(value: JsonValue) -> JsonValue:
    """The same value with every path in its texts cut down to its last part, and the home folder to "~"."""
    match value:
        case str():
            return _cut(value) if "/" in value else value
        case list():
            return [without_paths(one) for one in value]
        case dict():
            return {name: without_paths(one) for name, one in value.items()}
        case _:
            return value


def _cut(text: str) -> str:
    home = str(Path.home())
    text = _FILE_URL.sub("", text)
    text = re.sub(rf"{re.escape(home)}(?![\w.-])", "~", text) if len(home) > 1 else text
    return _PATH.sub(_last_part, _AT_HOME.sub(r"\1", text))


def _last_part(path: re.Match[str]) -> str:
    """Only what begins with a folder of this machine is a path; "/r/aww" is not."""
    return path[2] if _is_folder(path[1]) else path[0]


@cache
def _is_folder(name: str) -> bool:
    return Path("/", name).is_dir()
