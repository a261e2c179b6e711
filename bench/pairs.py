"""Edits with their drawn truth, of the world that a profile's picture model knows: what the guard and others are measured on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from pentimento.bench import drawings, image
from pentimento.bench.judge import Facts, Judge, claim, load_judge, shows
from pentimento.bench.pixels import arrived
from pentimento.starter.first.world import drawing as first_drawing
from pentimento.starter.first.world.edits import EDITS as FIRST_KINDS
from pentimento.starter.world import drawing
from pentimento.starter.world.edits import EDITS as KINDS
from pentimento.starter.world.edits import Edit
from pentimento.tools.profile import Profile
from pentimento.tools.region import Mask
from pentimento.tools.scope import Scope

FIRST_SIDE = 64
"""Pixels of the first world's pictures; the full world's are larger."""


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


def pairs_of(profile: Profile, count: int) -> Iterator[Pair]:
    """So many of each kind that training has not drawn."""
    if profile.file.image.size == FIRST_SIDE:
        return (pair for kind in FIRST_KINDS for pair in _first_pairs(kind, count))
    judge = load_judge()
    return (_full_pair(edit, judge) for kind in KINDS for edit in drawings.unseen_edits(kind, count))


def _first_pairs(kind: str, count: int) -> Iterator[Pair]:
    for edit in image.unseen_edits(kind, count):
        before, after = (Image.fromarray(first_drawing.draw(scene)) for scene in (edit.before, edit.after))
        yield Pair(kind, before, after, edit.instruction, edit.target, _arrives(before, after))


def _full_pair(edit: Edit, judge: Judge) -> Pair:
    before, after = (Image.fromarray(drawing.draw(scene)) for scene in (edit.before, edit.after))
    arrives, judged = _arrives(before, after), _judged(judge, claim(edit.after), drawings.changed_facts(edit))
    # A size is no fact that the judge knows.
    both = (lambda made: arrives(made) and judged(made)) if edit.kind == "resize" else judged
    return Pair(edit.kind, before, after, edit.instruction, edit.target, both)


def _arrives(before: Image.Image, after: Image.Image) -> Callable[[Image.Image], bool]:
    return lambda made: arrived(np.asarray(before), np.asarray(made), np.asarray(after))


def _judged(judge: Judge, wanted: Facts, names: set[str]) -> Callable[[Image.Image], bool]:
    return lambda made: shows(judge.facts(made), wanted, names)
