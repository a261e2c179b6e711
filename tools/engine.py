"""What runs inside the child process that owns the pixel models: takes a call and pictures, gives a result."""

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from pentimento.tools import TOOLS, blip, clip, clipseg, compute, families, upscaler
from pentimento.tools.color import NAMED
from pentimento.tools.environment import Ran, environment
from pentimento.tools.families import ImageFamily, Sampling
from pentimento.tools.memory_ladder import MemoryLadder
from pentimento.tools.profile import Profile, load_profile
from pentimento.tools.types import Cancelled, NeedsRoom, Report, Run, ToolCall, ToolError, ToolResult, Unable
from pentimento.tools.wanted import known, known_at

if TYPE_CHECKING:
    from pentimento.tools.blip import Describer
    from pentimento.tools.clip import Scorer
    from pentimento.tools.clipseg import Segmenter
    from pentimento.tools.upscaler import Enlarger

_SHORTENED = re.compile(r"(?:n['’]t|['’](?:ve|ll|re|d|s|m))\b")
"""Of "they've", "isn't"."""
_WHY = 200
"""Characters of a library's own words that a person is told."""


class LoadedModels:
    """The models of one profile, each loaded when it is first needed and then kept."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    @cached_property
    def _image(self) -> ImageFamily:
        wanted = self._profile.file.image
        return families.load(wanted.family, self._profile.image_folders(), compute.choose(wanted.device, wanted.dtype))

    @cached_property
    def _ladder(self) -> MemoryLadder:
        return MemoryLadder(self._image)

    @cached_property
    def _segmenter(self) -> "Segmenter":
        return clipseg.load(self._profile.path("segment"))

    @cached_property
    def _enlarger(self) -> "Enlarger | None":
        wanted = self._profile.file.upscale
        if wanted is None:
            return None
        settings = upscaler.Settings(wanted.steps, wanted.guidance, wanted.noise_level, wanted.tile)
        return upscaler.load(self._profile.path("upscale"), compute.choose(wanted.device, wanted.dtype), settings)

    @cached_property
    def _describer(self) -> "Describer | None":
        return None if self._profile.file.describe is None else blip.load(self._profile.path("describe"))

    @cached_property
    def _scorer(self) -> "Scorer | None":
        return None if self._profile.file.scorer is None else clip.load(self._profile.path("scorer"))

    def load(self) -> None:
        """Load everything that most turns need; the others are loaded when they are asked for."""
        _ = self._image, self._segmenter

    @property
    def best_size(self) -> int:
        return self._profile.file.image.size

    @property
    def things(self) -> Sequence[str]:
        return self._profile.file.vocabulary.things

    @property
    def enlarges(self) -> bool:
        return self._profile.file.upscale is not None

    def size_of(self, ratio: str) -> tuple[int, int]:
        if ratio == "square":
            return self.best_size, self.best_size
        image = self._profile.file.image
        size = image.wide if ratio == "wide" else image.tall
        if size is None:
            raise Unable(f"The picture model of this profile draws no {ratio} pictures, so this is a square; crop it.")
        return size

    def cannot_avoid(self, guidance: float) -> str:
        return families.cannot_avoid(self._profile.file.image.family, guidance)

    def known_things(self, words: str) -> list[str]:
        tokens = re.findall(r"[a-z]+", words.lower())
        named = [(before, known_at(tokens, at, self.things)) for at, (before, _) in enumerate(pairwise(["", *tokens]))]
        found = [f"{before} {thing}" if before in NAMED else thing for before, thing in named if thing]
        return list(dict.fromkeys(found))

    def unread(self, words: str) -> str:
        return self._image.unread(words)

    def unknown(self, words: str) -> list[str]:
        if not self._profile.file.vocabulary.words:
            return []
        others = self._learned_together.sub(" ", _SHORTENED.sub(" ", words.lower()))
        said = dict.fromkeys(re.findall(r"[^\W\d_]{2,}", others))
        return [word for word in said if not known(word, self._profile.file.vocabulary.learned)]

    @cached_property
    def _learned_together(self) -> re.Pattern[str]:
        """What is known as a whole: "pencil drawing", which is not to know a pencil."""
        together = [one for one in self._profile.file.vocabulary.words if " " in one]
        any_of = "|".join(r"[\s-]+".join(map(re.escape, one.split())) for one in together)
        return re.compile(rf"\b(?:{any_of or '(?!)'})s?\b")

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
        sampling = Sampling(seed, steps, guidance, report, avoid=avoid)
        return self._ladder.generate(prompt, size or self.size_of("square"), sampling)

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
        return self._ladder.edit(src, instruction, Sampling(seed, steps, guidance, report, image_guidance), refs)

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
        return self._ladder.inpaint(src, mask, prompt, Sampling(seed, steps, guidance, report))

    def share(self, *, beside: bool) -> None:
        """Whether another process of ours holds part of the card's memory."""
        self._ladder.beside = beside

    def begin(self) -> None:
        """A call begins: what was saved in memory for another one alone is forgotten."""
        if "_ladder" in self.__dict__:
            self._ladder.sides.clear()

    def ran(self, roles: Sequence[str]) -> Ran | None:
        """How the models of these roles computed; None where there are none. The one that finds things stays on the CPU."""
        if "image" in roles:
            return Ran(self._image.compute, self._image.attention, self._ladder.savings)
        if "upscale" in roles and self._enlarger is not None:
            return Ran(self._enlarger.compute, self._enlarger.attention)
        return Ran() if set(roles) & {"segment", "describe"} else None

    def segment(self, src: Image.Image, what: str) -> Image.Image:
        return clipseg.segment(self._segmenter, src, what)

    def enlarge(self, src: Image.Image, factor: int, words: str, seed: int, report: Report) -> Image.Image:
        if self._enlarger is None:
            raise Unable("This profile has no model that enlarges pictures.")
        return self._enlarger.enlarge(src, factor, words, seed, report)

    def describe(self, src: Image.Image) -> str:
        return "" if self._describer is None else self._describer.describe(src)

    def agreement(self, picture: Image.Image, words: str) -> float | None:
        return None if self._scorer is None else self._scorer.agreement(picture, words)


class Engine:
    """Runs tool calls on the models of a profile."""

    def __init__(self, profile_name: str, models: Path | None = None) -> None:
        """`models` is the home's folder of models, where there is a home."""
        self.models = LoadedModels(load_profile(profile_name, models))

    def load(self) -> None:
        self.models.load()

    def run(self, call: ToolCall, inputs: Mapping[str, Image.Image], report: Report) -> ToolResult:
        """Run one call on pictures by role; raises `ToolError` (a sentence for the person) and `Cancelled`."""
        tool = TOOLS[call.tool]
        if any(role not in inputs for role in tool.roles):
            raise ToolError(f"There is no picture yet to {call.tool}; describe one first.")
        self.models.begin()
        try:
            result = tool.fn(
                tool.args_model.model_validate(dict(call.arguments)), Run(inputs, call.seed, self.models, report)
            )
        except (Cancelled, ToolError):
            raise
        except Exception as error:
            # Whatever a library raises ends this call, never the program around it.
            raise _failed(call.tool, error) from error
        ran = self.models.ran(tool.models_of(call.arguments))
        saved = {"memory": ", ".join(ran.savings)} if ran and ran.savings else {}
        return replace(result, measures={**result.measures, **saved}, environment=environment(ran))

    def run_beside(self, call: ToolCall, inputs: Mapping[str, Image.Image], report: Report) -> ToolResult:
        """`run` while another process of ours is on the card; raises `NeedsRoom` too, as soon as the memory runs out."""
        self.models.share(beside=True)
        try:
            return self.run(call, inputs, report)
        finally:
            self.models.share(beside=False)


def load_engine(profile_name: str, models: Path | None = None) -> Engine:
    """An engine whose models are loaded; `ToolError` when one is missing or damaged, `NeedsRoom` when the card is full."""
    from torch import OutOfMemoryError
    from tqdm import tqdm

    # The lock that tqdm makes by default is for processes; it outlives one that is killed, and Python says so at its end.
    tqdm.set_lock(threading.RLock())
    engine = Engine(profile_name, models)
    try:
        engine.load()
    except OutOfMemoryError as error:
        raise NeedsRoom(
            "The models don't fit into the card's memory; close other programs or use smaller ones."
        ) from error
    return engine


def _failed(tool: str, error: Exception) -> ToolError:
    if isinstance(error, MemoryError):
        return ToolError(f"{tool} ran out of memory; make the picture smaller, or close other programs.")
    why = " ".join(str(error).split())[:_WHY]
    return ToolError(
        f"{tool} failed ({type(error).__name__}{why and ': '}{why}); nothing was changed, try something else."
    )
