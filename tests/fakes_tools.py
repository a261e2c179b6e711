"""Picture models that paint by rule: a grey picture with one coloured thing, found by its colour."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pentimento.tools.color import color_in, parse_color, to_oklab
from pentimento.tools.types import Models, Progress, Report, Run, Unable
from pentimento.tools.which import Which, said

Scripted = TypeVar("Scripted")
GRAY = (128, 128, 128)
BROWN = (150, 90, 40)
ROOM = 40
"""Words that its text encoder reads."""
Drawing = Callable[[Image.Image, int], Image.Image]
"""Source and seed → the picture that the editor makes of it."""


def picture(width: int = 64, height: int = 64, thing: tuple[int, int, int] | None = BROWN) -> Image.Image:
    """Grey grain, and a coloured thing in the middle third of it."""
    grain = np.random.default_rng(width * height).integers(100, 156, (height, width, 1), dtype=np.uint8)
    pixels = grain.repeat(3, axis=2)
    if thing is not None:
        pixels[height // 3 : 2 * height // 3, width // 3 : 2 * width // 3] = thing
    return Image.fromarray(pixels)


def colorful(image: Image.Image) -> NDArray[np.bool_]:
    lab = to_oklab(np.asarray(image.convert("RGB"), dtype=np.float64))
    return np.asarray(np.hypot(lab[..., 1], lab[..., 2]) > 0.05)


def paint_everything(color: tuple[int, int, int]) -> Drawing:
    """An editor that heeds no border: the thing gets the colour, and all else another grain."""

    def draw(src: Image.Image, seed: int) -> Image.Image:
        pixels = np.random.default_rng(seed).integers(100, 156, (*src.size[::-1], 1), dtype=np.uint8).repeat(3, axis=2)
        pixels[colorful(src)] = color
        return Image.fromarray(pixels)

    return draw


def do_nothing(src: Image.Image, seed: int) -> Image.Image:
    return src.copy()


@dataclass
class FakeModels:
    """Draws as told, in order; the last drawing is used again."""

    edits: Iterable[Drawing] = ()
    generated: Iterable[Image.Image] = ()
    blind: frozenset[str] = frozenset()
    """Words that name nothing it sees."""
    unfamiliar: frozenset[str] = frozenset()
    """Words that it never learned."""
    best_size: int = 64
    seeds: list[int] = field(default_factory=list)
    """Of each drawing."""
    told: list[str] = field(default_factory=list)
    """The words of each drawing."""
    avoided: list[str] = field(default_factory=list)
    """What each new picture should not show."""
    cannot: str = ""
    """Why it can't be told what to avoid."""
    asked: list[str] = field(default_factory=list)
    """Words that were looked for."""
    drawn_from: list[tuple[int, int]] = field(default_factory=list)
    """Size of each source."""
    refs: list[int] = field(default_factory=list)
    """How many reference pictures came with each edit."""
    things: tuple[str, ...] = ("squirrel", "nut", "fox")
    wide: tuple[int, int] | None = None
    enlarges: bool = False
    """Whether it has a model that enlarges: it doubles pixels, and makes each a level lighter."""
    caption: str = ""
    """What it says of every picture."""
    fills: bool = True
    """Whether it can fill in a region."""
    agrees: Callable[[Image.Image], float | None] = lambda _: None
    """How well a picture shows what was asked for."""

    def __post_init__(self) -> None:
        self._edits, self._generated = deque(self.edits), deque(self.generated)

    def cannot_avoid(self, guidance: float) -> str:
        return self.cannot

    def known_things(self, words: str) -> list[str]:
        nouns = [word.strip(".,") for word in words.split()]
        return [noun for noun in nouns if noun in self.things]

    def size_of(self, ratio: str) -> tuple[int, int]:
        if ratio != "square" and self.wide is None:
            raise Unable(f"It draws no {ratio} pictures.")
        return (self.best_size, self.best_size) if ratio == "square" or self.wide is None else self.wide

    def unknown(self, words: str) -> list[str]:
        return [word for word in words.split() if word in self.unfamiliar]

    def unread(self, words: str) -> str:
        return " ".join(words.split()[ROOM:])

    def generate(
        self,
        prompt: str,
        seed: int,
        steps: int,
        guidance: float,
        report: Report,
        size: tuple[int, int] | None = None,
        avoid: str = "",
    ) -> Image.Image:
        self.seeds.append(seed)
        self.told.append(prompt)
        self.avoided.append(avoid)
        for step in range(2):
            report(Progress("drawing", (step + 1) / 2, picture(8, 8)))
        scripted = _next(self._generated)
        if scripted is not None:
            return scripted
        return picture(*(size or (self.best_size, self.best_size)), (150 + seed % 50, 90, 40))

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
        self.seeds.append(seed)
        self.told.append(instruction)
        self.refs.append(len(refs))
        self.drawn_from.append(src.size)
        report(Progress("painting", 1.0))
        color = color_in(instruction)
        draw = _next(self._edits) or paint_everything(parse_color(color) if color else BROWN)
        return draw(src, seed)

    def inpaint(
        self,
        src: Image.Image,
        mask: Image.Image,
        prompt: str,
        seed: int,
        steps: int,
        guidance: float,
        report: Report,
    ) -> Image.Image:
        if not self.fills:
            raise Unable("It can't fill in a region.")
        return self.edit(src, prompt, seed, steps, guidance, 1.0, report)

    def enlarge(self, src: Image.Image, factor: int, words: str, seed: int, report: Report) -> Image.Image:
        report(Progress("enlarging", 1.0))
        lighter = src.point(lambda level: min(255, level + 1))
        return lighter.resize((src.width * factor, src.height * factor), Image.Resampling.NEAREST)

    def describe(self, src: Image.Image) -> str:
        return self.caption

    def agreement(self, picture: Image.Image, words: str) -> float | None:
        return self.agrees(picture)

    def segment(self, src: Image.Image, what: str) -> Image.Image:
        self.asked.append(what)
        # Words for a side or a size are noise to a small model.
        seen = colorful(src) & (what not in self.blind) & (said(what)[0] is Which.ALL)
        return Image.fromarray(seen.astype(np.uint8) * 255)


def _next(script: deque[Scripted]) -> Scripted | None:
    if len(script) > 1:
        return script.popleft()
    return script[0] if script else None


def run_with(models: Models, src: Image.Image | None = None, seed: int = 7, report: Report = lambda _: None) -> Run:
    inputs: Mapping[str, Image.Image] = {} if src is None else {"src": src}
    return Run(inputs, seed, models, report)
