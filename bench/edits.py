"""The guard around the picture model: what an edit changes beside what was asked, does it succeed, and what does the guard cost?

Unseen pairs of the world that the model knows, fixed seeds, nothing selected. Beside the guarded edit stand the bare model with the
same seed, and doing nothing.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from pentimento.bench import families, image
from pentimento.bench.judge import Judge, claim, shows
from pentimento.bench.scoring import Rate
from pentimento.starter.first.world import drawing as first_drawing
from pentimento.starter.first.world.edits import EDITS as FIRST_KINDS
from pentimento.starter.world import drawing
from pentimento.starter.world.edits import EDITS as KINDS
from pentimento.tools.edit import EDIT, EditArgs
from pentimento.tools.profile import Profile, load_profile
from pentimento.tools.region import Mask, dilate, to_mask
from pentimento.tools.types import Models, Run, ToolError, ToolResult

FIRST_SIDE = 64
"""Pixels of the first world's pictures; the full world's are larger."""
NEAR = 4
"""Pixels around what should change that count as belonging to it."""
LARGE = 1024

Succeeded = Callable[[Image.Image], bool]


@dataclass(frozen=True)
class Pair:
    kind: str
    before: Image.Image
    after: Image.Image
    instruction: str
    target: str
    scope: str
    succeeded: Succeeded
    """Says of a picture whether it is what was asked for."""

    @property
    def thing(self) -> Mask:
        """What should change, by the truth."""
        unlike: Mask = (np.asarray(self.before) != np.asarray(self.after)).any(axis=2)
        return unlike


@dataclass
class Watched:
    """The models, with the seconds that drawing takes; the same drawing is not made twice."""

    models: Models
    made: dict[tuple[bytes, str, int], Image.Image] = field(default_factory=dict)
    drawing: float = 0.0
    """CPU seconds for all drawings, of which `calls` were made."""
    calls: int = 0
    waited: float = 0.0
    """CPU seconds that the last tool spent in drawing, the time for looking it up included."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.models, name)

    def edit(self, src: Image.Image, instruction: str, seed: int, *rest: Any) -> Image.Image:
        began, key = time.process_time(), (src.tobytes(), instruction, seed)
        if key not in self.made:
            self.made[key] = self.models.edit(src, instruction, seed, *rest)
            self.drawing += time.process_time() - began
            self.calls += 1
        self.waited += time.process_time() - began
        return self.made[key]


@dataclass(frozen=True)
class Guarded:
    """One pair, edited with the guard and without."""

    pair: Pair
    bare: Image.Image
    result: ToolResult | None
    """None where the tool refused: the thing wasn't found."""
    seconds: float
    """CPU seconds of the guard."""

    @property
    def picture(self) -> Image.Image:
        return self.result.images[0] if self.result else self.pair.before

    @property
    def local(self) -> bool:
        return self.result is not None and self.result.mask is not None and self.pair.scope != "picture"

    def changed(self, outside: Mask) -> int:
        unlike = (np.asarray(self.pair.before) != np.asarray(self.picture)).any(axis=2)
        return int((unlike & outside).sum())


def pairs_of(profile: Profile, count: int) -> Iterator[Pair]:
    """So many of each kind, of the world that the profile's picture model knows."""
    if profile.file.image.size == FIRST_SIDE:
        yield from (pair for kind in FIRST_KINDS for pair in _first_pairs(kind, count))
    else:
        judge = Judge()
        yield from (pair for kind in KINDS for pair in _full_pairs(kind, count, judge))


def _first_pairs(kind: str, count: int) -> Iterator[Pair]:
    for edit in image.unseen_edits(kind, count):
        before, after = first_drawing.draw(edit.before), first_drawing.draw(edit.after)
        yield Pair(
            kind,
            Image.fromarray(before),
            Image.fromarray(after),
            edit.instruction,
            edit.target,
            _scope(kind, edit.instruction, edit.target),
            lambda made, before=before, after=after: image.arrived(before, np.asarray(made), after),
        )


def _full_pairs(kind: str, count: int, judge: Judge) -> Iterator[Pair]:
    for edit in families.unseen_edits(kind, count):
        before, after = drawing.draw(edit.before), drawing.draw(edit.after)
        wanted, facts = claim(edit.after), families.changed_facts(edit)

        def succeeded(
            made: Image.Image, before: Any = before, after: Any = after, w: Any = wanted, f: Any = facts
        ) -> bool:
            near = kind != "resize" or image.arrived(before, np.asarray(made), after)
            return near and shows(judge.facts(made), w, f)

        scope = _scope(kind, edit.instruction, edit.target)
        yield Pair(
            kind, Image.fromarray(before), Image.fromarray(after), edit.instruction, edit.target, scope, succeeded
        )


def _scope(kind: str, instruction: str, target: str) -> str:
    """As a planner would choose it."""
    if not target or kind in ("move", "count"):
        return "picture"
    sides = [side for side in ("left", "right") if kind == "add" and side in instruction]
    return sides[0] if sides else "object"


def guarded(pair: Pair, seed: int, models: Watched, settings: EditArgs) -> Guarded:
    drawn = (settings.steps, settings.guidance, settings.image_guidance)
    bare = models.edit(pair.before, pair.instruction, seed, *drawn, image.quiet, ())
    arguments = settings.model_copy(
        update={
            "instruction": pair.instruction,
            "target": pair.target,
            "scope": EditArgs(instruction="x", scope=pair.scope).scope,
        }
    )
    models.waited, began = 0.0, time.process_time()
    try:
        result = EDIT.fn(arguments, Run({"src": pair.before}, seed, models, image.quiet))
    except ToolError:
        result = None
    return Guarded(pair, bare, result, time.process_time() - began - models.waited)


def measure(count: int) -> dict[str, str]:
    """The table, from so many pairs of each kind."""
    from pentimento.tools.engine import load_engine

    profile = load_profile("starter")
    models = Watched(load_engine("starter").models)
    settings = EditArgs.model_validate(profile.complete(EDIT, {"instruction": "x"}))
    seen = [guarded(pair, seed, models, settings) for seed, pair in enumerate(pairs_of(profile, count))]
    rows = {f"{kind}": _kind_row([one for one in seen if one.pair.kind == kind]) for kind in _kinds(seen)}
    return rows | _local_rows([one for one in seen if one.local]) | _cost_rows(seen, models)


def _kinds(seen: Sequence[Guarded]) -> list[str]:
    return [*dict.fromkeys(one.pair.kind for one in seen)]


def _kind_row(seen: Sequence[Guarded]) -> str:
    columns: dict[str, Callable[[Guarded], Image.Image]] = {
        "guarded": lambda one: one.picture,
        "bare": lambda one: one.bare,
        "nothing": lambda one: one.pair.before,
    }
    told = []
    for name, picture in columns.items():
        good = Rate(sum(one.pair.succeeded(picture(one)) for one in seen), len(seen))
        near = np.mean([image.psnr(np.asarray(picture(one)), np.asarray(one.pair.after)) for one in seen])
        told.append(f"{name} {good}, {near:.1f} dB")
    return "; ".join(told)


def _local_rows(seen: Sequence[Guarded]) -> dict[str, str]:
    announced = [one.changed(~to_mask(one.result.mask)) for one in seen if one.result and one.result.mask]
    truly = [one.changed(~dilate(one.pair.thing, NEAR)) == 0 for one in seen]
    outside = sum(int((~to_mask(one.result.mask)).sum()) for one in seen if one.result and one.result.mask)
    return {
        "changed outside of the region": f"{sum(announced)} of {outside:,} pixels, {len(announced)} local edits",
        f"nothing changed {NEAR} px from the thing": str(Rate(sum(truly), len(truly))),
    }


def _cost_rows(seen: Sequence[Guarded], models: Watched) -> dict[str, str]:
    call = models.drawing / models.calls
    twice = sum(1 for one in seen if one.result and one.result.measures["attempts"] == 2)
    shares = {kind: np.mean([one.seconds for one in seen if one.pair.kind == kind]) / call for kind in _kinds(seen)}
    mean = np.mean([one.seconds for one in seen]) / call
    return {
        "the guard, of a bare call": f"{mean:.0%} ({', '.join(f'{kind} {share:.0%}' for kind, share in shares.items())})",
        "drawn twice": str(Rate(twice, len(seen))),
        "refused": str(Rate(sum(one.result is None for one in seen), len(seen))),
        "shifted and moved back": str(
            Rate(sum("shift" in one.result.measures for one in seen if one.result), len(seen))
        ),
    }
