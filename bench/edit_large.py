"""What the guard costs at 1024 × 1024 pixels with the models left out, in PNG encodings of the same picture."""

import io
import time
from collections.abc import Callable

import numpy as np
from PIL import Image

from pentimento.bench.pixels import quiet
from pentimento.tools.edit import EDIT, EditArgs
from pentimento.tools.engine import LoadedModels
from pentimento.tools.profile import Profile, load_profile
from pentimento.tools.scope import Scope
from pentimento.tools.types import Run

SIDE = 1024
TIMES = 3
WORDS = {
    Scope.OBJECT: "make the squirrel red",
    Scope.RIGHT: "add a nut on the right",
    Scope.FOUND: "add a nut",
    Scope.BACKGROUND: "put it on a beach",
    Scope.PICTURE: "put it at night",
}


class Instant(LoadedModels):
    """Models that have their answers already: a picture with grain, and a square that is the thing."""

    def __init__(self, profile: Profile, side: int) -> None:
        super().__init__(profile)
        random = np.random.default_rng(0)
        coarse = Image.fromarray(random.integers(0, 256, (side // 32, side // 32, 3), dtype=np.uint8))
        self.picture = coarse.resize((side, side), Image.Resampling.BICUBIC)
        grain = random.integers(-6, 7, (side, side, 3))
        self._made = Image.fromarray(np.clip(np.asarray(self.picture) + grain, 0, 255).astype(np.uint8))
        self._thing = Image.new("L", (side, side))
        for image, value in ((self._made, (230, 30, 30)), (self._thing, 255)):
            image.paste(value, (side // 3, side // 3, side // 2, side // 2))

    @property
    def best_size(self) -> int:
        return self.picture.width

    def edit(self, *_: object, **__: object) -> Image.Image:
        return self._made

    def segment(self, *_: object, **__: object) -> Image.Image:
        return self._thing

    def unread(self, *_: object, **__: object) -> str:
        return ""


def rows() -> dict[str, str]:
    models = Instant(load_profile("starter"), SIDE)
    encoding = _seconds(lambda: models.picture.save(io.BytesIO(), "PNG", compress_level=1))
    costs = {scope: _seconds(_edit(models, scope, words)) / encoding for scope, words in WORDS.items()}
    told = ", ".join(f"{scope} {cost:.1f}" for scope, cost in costs.items())
    return {f"at {SIDE} × {SIDE}, in PNG encodings": told}


def _edit(models: Instant, scope: Scope, words: str) -> Callable[[], object]:
    target = "" if scope is Scope.PICTURE else "squirrel"
    arguments = EditArgs(instruction=words, target=target, scope=scope)
    return lambda: EDIT.fn(arguments, Run({"src": models.picture}, 0, models, quiet))


def _seconds(act: Callable[[], object]) -> float:
    """CPU seconds, the least of a few."""
    spent = []
    for _ in range(TIMES):
        began = time.process_time()
        act()
        spent.append(time.process_time() - began)
    return min(spent)
