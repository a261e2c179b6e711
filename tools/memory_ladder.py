"""What is done when a picture does not fit into the card's memory: less is asked of it, step by step, and each step is told.

First another process of ours leaves the card, where there is one; it costs no pixel, and its owner is asked by an error. Then
whatever the family itself knows (decoding in tiles; modules that wait outside), which then stays; after that a smaller working
size, for this picture alone.
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from PIL import Image

from pentimento.tools.families.family import ImageFamily, Sampling
from pentimento.tools.types import NeedsRoom, Progress, Report, ToolError

SMALLER = (0.75, 0.5)
"""Shares of the sides that are tried in the end."""
FULL = "This picture doesn't fit into the card's memory; close other programs or use a smaller model."
_TOLD = {"tiles": "decoding in tiles", "offload": "keeping only what works on the card"}

Size = tuple[int, int]


@dataclass
class MemoryLadder:
    """Draws like its family, and again with less memory when it runs out."""

    family: ImageFamily
    sides: list[int] = field(default_factory=list)
    """Longer side of each picture that was drawn smaller than asked for, pixels; who begins a call empties it."""
    beside: bool = False
    """Whether another process of ours holds part of the card's memory; then `NeedsRoom` is raised before anything is saved."""

    @property
    def savings(self) -> tuple[str, ...]:
        """Everything that makes pictures other than they would be with more memory."""
        return (*self.family.savings, *([f"{min(self.sides)} px"] if self.sides else []))

    def generate(self, prompt: str, size: Size, sampling: Sampling) -> Image.Image:
        return self._drawn(lambda wanted: self.family.generate(prompt, wanted, sampling), size, sampling.report)

    def edit(
        self, src: Image.Image, instruction: str, sampling: Sampling, refs: Sequence[Image.Image] = ()
    ) -> Image.Image:
        def draw(size: Size) -> Image.Image:
            return self.family.edit(_resized(src, size), instruction, sampling, refs)

        return self._drawn(draw, src.size, sampling.report)

    def inpaint(self, src: Image.Image, mask: Image.Image, prompt: str, sampling: Sampling) -> Image.Image:
        def draw(size: Size) -> Image.Image:
            return self.family.inpaint(_resized(src, size), _resized(mask, size), prompt, sampling)

        return self._drawn(draw, src.size, sampling.report)

    def _drawn(self, draw: Callable[[Size], Image.Image], size: Size, report: Report) -> Image.Image:
        from torch import OutOfMemoryError

        for wanted in self._rungs(size, report):
            # Left before the next rung, so that nothing of the failed drawing is held any more.
            with suppress(OutOfMemoryError):
                return _resized(draw(wanted), size)
            _give_back()
            if self.beside:
                raise NeedsRoom(FULL)
        raise ToolError(FULL)

    def _rungs(self, size: Size, report: Report) -> Iterator[Size]:
        """The size to draw at, from the top of the ladder down."""
        yield size
        while saved := self.family.save_memory():
            report(Progress(f"out of memory; {_TOLD.get(saved, saved)}", 0.0))
            yield size
        for share in SMALLER:
            width, height = (max(1, round(side * share)) for side in size)
            self.sides.append(max(width, height))
            report(Progress(f"out of memory; drawing at {width} × {height}", 0.0))
            yield width, height


def _give_back() -> None:
    import torch

    if torch.cuda.is_available():
        gc.collect()
        torch.cuda.empty_cache()


def _resized(picture: Image.Image, size: Size) -> Image.Image:
    return picture if picture.size == size else picture.resize(size, Image.Resampling.LANCZOS)
