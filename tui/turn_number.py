"""A turn as a person names it: by the number that the log has for it, or the last one."""

import re

import typer

from pentimento.agent.album import LAST

_NUMBER = re.compile(r"#?([1-9]\d{0,8})")


def parse_turn(words: str) -> int:
    """The number; LAST for the last one. Raises `typer.BadParameter`."""
    words = words.strip().lower()
    if words == "last":
        return LAST
    if found := _NUMBER.fullmatch(words):
        return int(found[1])
    raise typer.BadParameter(f"“{words[:40]}” is no turn; write its number in the log, such as 3, or last")
