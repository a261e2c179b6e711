"""The parts of a region that hang together, and the one of them that is meant."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pentimento.tools.check import PRESENT
from pentimento.tools.region import Mask
from pentimento.tools.which import Which, said

CRUMB = 1 / 16
"""Share of the largest part below which another one is a bit of it that came off in the finding."""


def found(find: Callable[[str], Mask], what: str) -> Mask:
    """What `find` sees of a thing: the one that is meant where the words say which, else all of it without crumbs."""
    which, noun = said(what)
    parts = pieces(find(noun)) if which is not Which.ALL else []
    return chosen(parts, which) if parts else whole(find(what))


def pieces(mask: Mask) -> list[Mask]:
    """The parts that hang together, largest first; specks and crumbs that are no thing are left out."""
    labels, sizes = _labelled(mask)
    order = sorted(range(len(sizes)), key=lambda index: -sizes[index])
    least = max(PRESENT * mask.size, CRUMB * max(sizes, default=0))
    return [labels == index + 1 for index in order if sizes[index] >= least]


def whole(mask: Mask) -> Mask:
    """A region without crumbs. However small a part is, beside others as small it is none: birds far off."""
    labels, sizes = _labelled(mask)
    kept: Mask = np.isin(labels, np.flatnonzero(sizes >= CRUMB * max(sizes, default=0)) + 1)
    return kept


def _labelled(mask: Mask) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The number of the part that each place belongs to, 0 beside them, corners joined; the parts' sizes in pixels."""
    from scipy import ndimage

    labels, _ = ndimage.label(mask, structure=np.ones((3, 3)))
    return labels, np.bincount(labels.ravel())[1:]


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
