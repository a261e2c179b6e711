"""Twenty local edits of one picture, one after the other, guarded and bare: what is left of what nobody asked to change.

Usage: python -m pentimento.bench.edit_chain [OUT.png]      draws `docs/edit-chain.png`: above guarded, below bare
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from pentimento.bench.pixels import quiet
from pentimento.tools.edit import EDIT, EditArgs
from pentimento.tools.engine import LoadedModels
from pentimento.tools.profile import load_profile
from pentimento.tools.region import Mask, changed_pixels, to_mask
from pentimento.tools.types import Run, ToolError

PROMPT = "a cat and a balloon on a beach"
SEED = 3
THINGS = ("cat", "balloon")
COLORS = ("red", "blue", "green", "purple", "orange", "pink", "yellow")
EDITS = 20
SHOWN = (0, 1, 2, 5, 10, 15, 20)
CELL = 128


@dataclass(frozen=True)
class Chain:
    guarded: Sequence[Image.Image]
    """The picture, and what each edit made of it."""
    bare: Sequence[Image.Image]
    regions: Mask
    """All that was announced, together."""
    refused: int
    """Edits whose thing was not found any more."""

    def rows(self) -> dict[str, str]:
        outside = int((~self.regions).sum())
        return {f"chain of {EDITS}, {name}": self._row(pictures, outside) for name, pictures in self._kinds().items()}

    def _kinds(self) -> dict[str, Sequence[Image.Image]]:
        return {"guarded": self.guarded, "bare": self.bare}

    def _row(self, pictures: Sequence[Image.Image], outside: int) -> str:
        changed = changed_pixels(pictures[0], pictures[-1], ~self.regions)
        first, last = (np.asarray(pictures[index], dtype=float)[~self.regions] for index in (0, -1))
        refused = f", {self.refused} refused" if pictures is self.guarded else ""
        return f"{changed:,} of {outside:,} pixels outside changed, {np.abs(first - last).mean():.1f} levels{refused}"

    def sheet(self) -> Image.Image:
        """Two rows: after no edit, one, two … twenty."""
        board = Image.new("RGB", (len(SHOWN) * CELL, 2 * CELL))
        for row, pictures in enumerate(self._kinds().values()):
            for column, number in enumerate(SHOWN):
                large = pictures[number].resize((CELL, CELL), Image.Resampling.NEAREST)
                board.paste(large, (column * CELL, row * CELL))
        return board


def instructions() -> list[tuple[str, str]]:
    """What is said, and of which thing: by turns, never the colour that it has."""
    things = [THINGS[number % len(THINGS)] for number in range(EDITS)]
    return [(f"make the {thing} {COLORS[number % len(COLORS)]}", thing) for number, thing in enumerate(things)]


def chain() -> Chain:
    profile = load_profile("starter")
    models = LoadedModels(profile)
    defaults = EditArgs.model_validate(profile.complete(EDIT, {"instruction": "x"}))
    first = models.generate(PROMPT, SEED, defaults.steps, 3.0, quiet)
    guarded, bare, refused = [first], [first], 0
    regions = np.zeros((first.height, first.width), dtype=bool)
    for seed, (said, thing) in enumerate(instructions()):
        arguments = defaults.model_copy(update={"instruction": said, "target": thing})
        drawn = (arguments.steps, arguments.guidance, arguments.image_guidance)
        bare.append(models.edit(bare[-1], said, seed, *drawn, quiet))
        try:
            result = EDIT.fn(arguments, Run({"src": guarded[-1]}, seed, models, quiet))
        except ToolError:
            guarded.append(guarded[-1])
            refused += 1
            continue
        guarded.append(result.images[0])
        if result.mask is not None:
            regions |= to_mask(result.mask)
    return Chain(guarded, bare, regions, refused)


if __name__ == "__main__":
    made = chain()
    print(*(f"{name}: {row}" for name, row in made.rows().items()), sep="\n")
    made.sheet().save(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/edit-chain.png"), optimize=True)
