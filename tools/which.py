"""Which one of several alike a few words mean: "the left fox", "the biggest cake", "the ball on the right"."""

import re
from enum import StrEnum


class Which(StrEnum):
    ALL = "all"
    LARGEST = "largest"
    SMALLEST = "smallest"
    LEFTMOST = "leftmost"
    RIGHTMOST = "rightmost"
    TOPMOST = "topmost"
    BOTTOMMOST = "bottommost"
    MIDDLE = "middle"


_SAID = {
    "left": Which.LEFTMOST,
    "right": Which.RIGHTMOST,
    "upper": Which.TOPMOST,
    "lower": Which.BOTTOMMOST,
    "biggest": Which.LARGEST,
    "bigger": Which.LARGEST,
    "smaller": Which.SMALLEST,
} | {which.value: which for which in Which if which is not Which.ALL}
"""Words before a noun → which one they mean; "top" is not among them, for a top hat is a hat."""
_SIDES = _SAID | {"top": Which.TOPMOST, "bottom": Which.BOTTOMMOST}


_BEHIND = re.compile(r"^(?P<noun>.+) (?:on|at|to|in) the (?P<where>left|right|top|bottom|middle)(?: side)?$")


def said(what: str) -> tuple[Which, str]:
    """Which one is meant and the bare noun: "left fox" and "fox on the left" are (leftmost, "fox"); all where nothing says which."""
    words = what.casefold().removeprefix("the ").replace("-hand ", " ")
    if behind := _BEHIND.match(words):
        return _SIDES[behind["where"]], behind["noun"]
    first, _, noun = words.partition(" ")
    return (_SAID[first], noun) if noun and first in _SAID else (Which.ALL, what)
