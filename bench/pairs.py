"""Edits of the picture-book world with their drawn truth: what the guard is measured on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from pentimento.bench.judge import Judge, load_judge
from pentimento.bench.unguarded import changed_facts, succeeded, unseen_edits
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
    facts = changed_facts(edit)
    return Pair(
        edit.kind, before, after, edit.instruction, edit.target, lambda made: succeeded(made, edit, judge, facts)
    )
