"""Edits of the picture-book world with their drawn truth: what the guard is measured on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from pentimento.bench.drawings import changed_facts, unseen_edits
from pentimento.bench.judge import Facts, Judge, claim, load_judge, shows
from pentimento.bench.pixels import arrived
from pentimento.starter.world.drawing import draw
from pentimento.starter.world.edits import EDITS, Edit
from pentimento.tools.region import Mask
from pentimento.tools.scope import Scope


@dataclass(frozen=True)
class Pair:
    kind: str
    before: Image.Image
    after: Image.Image
    """As it should be."""
    instruction: str
    target: str
    succeeded: Callable[[Image.Image], bool]
    """Says of a picture whether it is what was asked for."""

    @property
    def changes(self) -> Mask:
        """Where the truth differs from the source."""
        unlike: Mask = (np.asarray(self.before) != np.asarray(self.after)).any(axis=2)
        return unlike

    @property
    def scope(self) -> Scope:
        """As a planner would choose it."""
        if not self.target or self.kind in {"move", "count"}:
            return Scope.PICTURE
        sides = [side for side in (Scope.LEFT, Scope.RIGHT) if self.kind == "add" and side in self.instruction]
        return sides[0] if sides else Scope.OBJECT


def unseen_pairs(count: int) -> Iterator[Pair]:
    """So many of each kind that training has not drawn."""
    judge = load_judge()
    return (_pair(edit, judge) for kind in EDITS for edit in unseen_edits(kind, count))


def _pair(edit: Edit, judge: Judge) -> Pair:
    before, after = (Image.fromarray(draw(scene)) for scene in (edit.before, edit.after))
    arrives, judged = _arrives(before, after), _judged(judge, claim(edit.after), changed_facts(edit))
    # A size is no fact that the judge knows.
    both = (lambda made: arrives(made) and judged(made)) if edit.kind == "resize" else judged
    return Pair(edit.kind, before, after, edit.instruction, edit.target, both)


def _arrives(before: Image.Image, after: Image.Image) -> Callable[[Image.Image], bool]:
    return lambda made: arrived(np.asarray(before), np.asarray(made), np.asarray(after))


def _judged(judge: Judge, wanted: Facts, names: set[str]) -> Callable[[Image.Image], bool]:
    return lambda made: shows(judge.facts(made), wanted, names)
