"""What runs inside the child process that owns the pixel models: takes a call and pictures, gives a result."""

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from PIL import Image

from pentimento.tools import TOOLS, clipseg, compute, families
from pentimento.tools.color import NAMED
from pentimento.tools.environment import Ran, environment
from pentimento.tools.families import ImageFamily, Sampling
from pentimento.tools.memory_ladder import MemoryLadder
from pentimento.tools.profile import Profile, load_profile
from pentimento.tools.types import Cancelled, Report, Run, ToolCall, ToolError, ToolResult

if TYPE_CHECKING:
    from pentimento.tools.clipseg import Segmenter

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

    def load(self) -> None:
        """Load everything now."""
        _ = self._image, self._segmenter

    @property
    def best_size(self) -> int:
        return self._profile.file.image.size

    def known_things(self, words: str) -> list[str]:
        tokens = re.findall(r"[a-z]+", words.lower())
        things = self._profile.things
        pairs = zip(["", *tokens], tokens, strict=False)
        return [f"{before} {token}" if before in NAMED else token for before, token in pairs if token in things]

    def unread(self, words: str) -> str:
        return self._image.unread(words)

    def generate(self, prompt: str, seed: int, steps: int, guidance: float, report: Report) -> Image.Image:
        size = (self.best_size, self.best_size)
        return self._ladder.generate(prompt, size, Sampling(seed, steps, guidance, report))

    def edit(
        self,
        src: Image.Image,
        instruction: str,
        seed: int,
        steps: int,
        guidance: float,
        image_guidance: float,
        report: Report,
    ) -> Image.Image:
        return self.edit_with(src, instruction, Sampling(seed, steps, guidance, report, image_guidance))

    def edit_with(
        self, src: Image.Image, instruction: str, sampling: Sampling, refs: Sequence[Image.Image] = ()
    ) -> Image.Image:
        """The source changed by the instruction, with reference pictures where the family looks at any."""
        return self._ladder.edit(src, instruction, sampling, refs)

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

    def begin(self) -> None:
        """A call begins: what was saved in memory for another one alone is forgotten."""
        if "_ladder" in self.__dict__:
            self._ladder.sides.clear()

    def ran(self, roles: Sequence[str]) -> Ran | None:
        """How the models of these roles computed; None where there are none. The one that finds things stays on the CPU."""
        if "image" in roles:
            return Ran(self._image.compute, self._image.attention, self._ladder.savings)
        return Ran() if roles else None

    def segment(self, src: Image.Image, what: str) -> Image.Image:
        return clipseg.segment(self._segmenter, src, what)


class Engine:
    """Runs tool calls on the models of a profile."""

    def __init__(self, profile_name: str) -> None:
        self.models = LoadedModels(load_profile(profile_name))

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


def load_engine(profile_name: str) -> Engine:
    """An engine whose models are loaded; `ToolError` when one is missing or damaged."""
    from tqdm import tqdm

    # The lock that tqdm makes by default is for processes; it outlives one that is killed, and Python says so at its end.
    tqdm.set_lock(threading.RLock())
    engine = Engine(profile_name)
    engine.load()
    return engine


def _failed(tool: str, error: Exception) -> ToolError:
    if isinstance(error, MemoryError):
        return ToolError(f"{tool} ran out of memory; make the picture smaller, or close other programs.")
    why = " ".join(str(error).split())[:_WHY]
    return ToolError(
        f"{tool} failed ({type(error).__name__}{why and ': '}{why}); nothing was changed, try something else."
    )
