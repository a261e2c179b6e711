"""A family of picture models, saved in a folder and loaded from there; and what is asked of each of them."""

from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from pentimento.tools import families
from pentimento.tools.compute import CPU, Compute
from pentimento.tools.families import ImageFamily, Sampling, qwen_image_edit
from pentimento.tools.families.pipelines import Pipelines
from pentimento.tools.pipeline_folder import Folders
from pentimento.tools.types import Progress
from tests.tools.tiny_qwen import qwen_processor

SIDES = {"sd": 16, "sdxl": 16, "flux-kontext": 32, "flux2-klein": 64, "qwen-image-edit": 64}
"""Of the pictures that are drawn, pixels."""
STEPS = 5
TASKS = ("generate", "edit", "inpaint")


def load(name: str, folders: Folders, compute: Compute = CPU) -> ImageFamily:
    if name == "qwen-image-edit":
        return qwen_image_edit.load(folders, compute, qwen_processor())
    return families.load(name, folders, compute)


def noise(seed: int, *size: int) -> Image.Image:
    random = np.random.default_rng(seed)
    return Image.fromarray(random.integers(0, 256, (*size[::-1], 3), dtype=np.uint8))


def left_half(size: tuple[int, int]) -> Image.Image:
    mask = Image.new("L", size)
    mask.paste(255, (0, 0, size[0] // 2, size[1]))
    return mask


def ignore(_: Progress) -> None:
    """Nobody watches."""


USUAL = Sampling(1, STEPS, 2.0, ignore, 1.5)


@dataclass(frozen=True)
class Case:
    """A family that was saved in a folder and loaded from there."""

    name: str
    folders: Folders
    family: ImageFamily
    _usual: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def common(self) -> Pipelines:
        assert isinstance(self.family, Pipelines)
        return self.family

    @property
    def side(self) -> int:
        return SIDES[self.name]

    @property
    def src(self) -> Image.Image:
        return noise(0, self.side, self.side)

    def drawn(
        self, task: str, words: str = "a fox", sampling: Sampling = USUAL, src: Image.Image | None = None
    ) -> np.ndarray:
        src = src or self.src
        match task:
            case "generate":
                made = self.family.generate(words, src.size, sampling)
            case "edit":
                made = self.family.edit(src, words, sampling)
            case _:
                made = self.family.inpaint(src, left_half(src.size), words, sampling)
        assert (made.size, made.mode) == (src.size, "RGB")
        return np.asarray(made)

    def usual(self, task: str) -> np.ndarray:
        """What it draws without ado; drawn once."""
        if task not in self._usual:
            self._usual[task] = self.drawn(task)
        return self._usual[task]
