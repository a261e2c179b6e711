"""The guard around the picture model: what an edit changes beside what was asked, does it succeed, and what does the guard cost?

Unseen pairs of the world that the model knows, fixed seeds, nothing selected. Beside the guarded edit stand the bare model with the
same seed, and doing nothing.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from pentimento.bench.mean import Mean
from pentimento.bench.pairs import Pair, unseen_pairs
from pentimento.bench.pixels import psnr, quiet
from pentimento.bench.scoring import Rate
from pentimento.tools.edit import EDIT, EditArgs
from pentimento.tools.engine import LoadedModels
from pentimento.tools.profile import Profile, load_profile
from pentimento.tools.region import Mask, changed_pixels, dilate, to_mask
from pentimento.tools.types import Report, Run, ToolError, ToolResult

COUNT = 8
"""Pairs of each kind."""
MANY = 91
"""With which there are a thousand pairs."""
NEAR = 4
"""Pixels around what should change that count as belonging to it."""


class Watched(LoadedModels):
    """A profile's models that make no drawing twice, and the CPU seconds spent in them."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        self._made: dict[tuple[bytes, str, int], Image.Image] = {}
        self._drawing = 0.0
        self.within = 0.0
        """In all calls, looking up included."""

    @property
    def call(self) -> float:
        """CPU seconds for one drawing, the mean."""
        return self._drawing / len(self._made)

    def edit(
        self,
        src: Image.Image,
        instruction: str,
        seed: int,
        steps: int,
        guidance: float,
        image_guidance: float,
        report: Report,
        refs: Sequence[Image.Image] = (),
    ) -> Image.Image:
        began, key = time.process_time(), (src.tobytes(), instruction, seed)
        if key not in self._made:
            self._made[key] = super().edit(src, instruction, seed, steps, guidance, image_guidance, report, refs)
            self._drawing += time.process_time() - began
        self.within += time.process_time() - began
        return self._made[key]


@dataclass(frozen=True)
class Edited:
    """One pair, edited with the guard and without."""

    pair: Pair
    bare: Image.Image
    result: ToolResult | None
    """None where the tool refused: the thing wasn't found."""
    seconds: float
    """CPU seconds of the guard alone."""

    @property
    def picture(self) -> Image.Image:
        return self.result.images[0] if self.result else self.pair.before

    @property
    def region(self) -> Mask | None:
        """What was announced; None for the whole picture."""
        return to_mask(self.result.mask) if self.result and self.result.mask else None

    @property
    def attempts(self) -> int:
        return int(self.result.measures["attempts"]) if self.result else 0


def edited(pair: Pair, seed: int, models: Watched, defaults: EditArgs) -> Edited:
    arguments = defaults.model_copy(
        update={"instruction": pair.instruction, "target": pair.target, "scope": pair.scope}
    )
    drawn = (arguments.steps, arguments.guidance, arguments.image_guidance)
    bare = models.edit(pair.before, pair.instruction, seed, *drawn, quiet)
    within, began = models.within, time.process_time()
    try:
        result = EDIT.fn(arguments, Run({"src": pair.before}, seed, models, quiet))
    except ToolError:
        result = None
    return Edited(pair, bare, result, time.process_time() - began - (models.within - within))


def measure(count: int) -> dict[str, object]:
    """The table, from so many pairs of each kind."""
    profile = load_profile("starter")
    models = Watched(profile)
    defaults = EditArgs.model_validate(profile.complete(EDIT, {"instruction": "x"}))
    seen = [edited(pair, seed, models, defaults) for seed, pair in enumerate(unseen_pairs(count))]
    kinds = dict.fromkeys(one.pair.kind for one in seen)
    rows = {kind: success_row([one for one in seen if one.pair.kind == kind]) for kind in kinds}
    return {"all": success_row(seen), **rows, **local_rows(seen), **cost_rows(seen, models.call)}


_COLUMNS: dict[str, Callable[[Edited], Image.Image]] = {
    "guarded": lambda one: one.picture,
    "bare": lambda one: one.bare,
    "doing nothing": lambda one: one.pair.before,
}


def success_row(seen: Sequence[Edited]) -> str:
    told = []
    for name, picture in _COLUMNS.items():
        good = Rate(sum(one.pair.succeeded(picture(one)) for one in seen), len(seen))
        near = Mean([psnr(np.asarray(picture(one)), np.asarray(one.pair.after)) for one in seen], " dB")
        told.append(f"{name} {good} {near}")
    return "; ".join(told)


def local_rows(seen: Sequence[Edited]) -> dict[str, str]:
    """What changed outside: of the region that was announced, and of what should have changed by the truth."""
    local = [(one, region) for one in seen if (region := one.region) is not None]
    changed = [changed_pixels(one.pair.before, one.picture, ~region) for one, region in local]
    outside = sum(int((~region).sum()) for _, region in local)
    near = [changed_pixels(one.pair.before, one.picture, ~dilate(one.pair.changes, NEAR)) for one, _ in local]
    bare = [changed_pixels(one.pair.before, one.bare, ~region) for one, region in local]
    return {
        "changed outside of the region": f"{sum(changed):,} of {outside:,} pixels in {len(local)} edits, bare {sum(bare):,}",
        f"nothing changed {NEAR} px from the truth": str(Rate(near.count(0), len(near))),
    }


def cost_rows(seen: Sequence[Edited], call: float) -> dict[str, str]:
    """The guard's CPU seconds without drawing, as a share of one bare call."""
    shares = dict.fromkeys(dict.fromkeys(one.pair.kind for one in seen), 0.0)
    for kind in shares:
        shares[kind] = float(np.mean([one.seconds for one in seen if one.pair.kind == kind])) / call
    mean = float(np.mean([one.seconds for one in seen])) / call
    each = ", ".join(f"{kind} {share:.0%}" for kind, share in shares.items())
    moved = sum("shift" in one.result.measures for one in seen if one.result)
    return {
        "the guard, of a bare call": f"{mean:.0%} ({each})",
        "drawn twice": str(Rate(sum(one.attempts > 1 for one in seen), len(seen))),
        "refused": str(Rate(sum(one.result is None for one in seen), len(seen))),
        "came back shifted": str(Rate(moved, len(seen))),
    }
