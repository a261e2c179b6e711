"""Which of several alike: the parts of a region, and the one that is the leftmost, the largest, the middle one …"""

import re
from collections.abc import Callable
from enum import StrEnum

import numpy as np

from pentimento.tools.check import PRESENT
from pentimento.tools.region import Mask

CRUMB = 1 / 16
"""Share of the largest part below which another one is a bit of it that came off in the finding."""


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
    words = what.removeprefix("the ")
    if behind := _BEHIND.match(words):
        return _SIDES[behind["where"]], behind["noun"]
    first, _, noun = words.partition(" ")
    return (_SAID[first], noun) if noun and first in _SAID else (Which.ALL, what)


def one_of(find: Callable[[str], Mask], what: str) -> Mask | None:
    """The one that is meant where `find` sees several apart; None where it doesn't, or nothing says which."""
    which, noun = said(what)
    parts = pieces(find(noun)) if which is not Which.ALL else []
    return chosen(parts, which) if len(parts) > 1 else None


def pieces(mask: Mask) -> list[Mask]:
    """The parts that hang together (corners count), largest first; specks and crumbs that are no thing are left out."""
    from scipy import ndimage

    labels, _ = ndimage.label(mask, structure=np.ones((3, 3)))
    sizes = np.bincount(labels.ravel())[1:]
    order = sorted(range(len(sizes)), key=lambda index: -sizes[index])
    least = max(PRESENT * mask.size, CRUMB * max(sizes, default=0))
    return [labels == index + 1 for index in order if sizes[index] >= least]


def chosen(parts: list[Mask], which: Which) -> Mask:
    """The one of the parts that is meant; for `all` every one of them."""
    if which is Which.ALL:
        every: Mask = np.logical_or.reduce(parts)
        return every
    if which is Which.MIDDLE:
        return sorted(parts, key=lambda mask: _middle(mask, 1))[len(parts) // 2]
    return max(parts, key=_BEST[which])


def _middle(mask: Mask, axis: int) -> float:
    return float(np.nonzero(mask)[axis].mean())


_BEST: dict[Which, Callable[[Mask], float]] = {
    Which.LARGEST: lambda mask: float(mask.sum()),
    Which.SMALLEST: lambda mask: -float(mask.sum()),
    Which.LEFTMOST: lambda mask: -_middle(mask, 1),
    Which.RIGHTMOST: lambda mask: _middle(mask, 1),
    Which.TOPMOST: lambda mask: -_middle(mask, 0),
    Which.BOTTOMMOST: lambda mask: _middle(mask, 0),
}
