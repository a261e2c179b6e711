"""The values that cross the border of `tools`: what to do, what came of it, what can go wrong.

Tools take PIL pictures and return PIL pictures; they know nothing of ids, databases and screens.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeAlias, TypeVar

from PIL import Image
from pydantic import BaseModel, JsonValue

Measures: TypeAlias = Mapping[str, int | float | str | bool]
Args = TypeVar("Args", bound=BaseModel)


REFERENCES = ("ref1", "ref2")
"""The roles of pictures that are only looked at: the instruction may speak of them."""


class ToolError(Exception):
    """Something a person can act on; the message is one sentence that says what to do."""


class Unable(ToolError):
    """The profile's models can't do this at all; there may be another way to the same end."""


class NeedsRoom(ToolError):
    """The picture does not fit beside what other processes hold of the card's memory."""


class Cancelled(Exception):
    """The person asked to stop; raised out of a progress callback."""


@dataclass(frozen=True)
class Progress:
    """How far one tool call is."""

    stage: str
    """What is being done, a few words: "drawing", "finding the squirrel"."""
    fraction: float
    """0.0 to 1.0."""
    preview: Image.Image | None = None
    """The picture as far as it is known, RGB, or none."""


Report: TypeAlias = Callable[[Progress], None]
"""Receives progress; raises `Cancelled` to stop the tool."""


@dataclass(frozen=True)
class ToolCall:
    """Everything that decides the pixels: run again on the same sources it gives the same pixels."""

    tool: str
    version: str
    """Version of the tool's code; a change of what it computes changes this."""
    model: str
    """Fingerprint of the model files it uses (sha256, hex), empty for an exact tool."""
    arguments: Mapping[str, JsonValue]
    """Complete: the profile's defaults (steps, guidance, size) are written in."""
    seed: int
    """0 to 2**32 - 1; drawn by the loop, ignored by exact tools."""


@dataclass(frozen=True)
class ToolResult:
    """Pixels out, and what was measured about them."""

    images: tuple[Image.Image, ...]
    """RGB pictures, in order; none where a region is all that was asked for."""
    mask: Image.Image | None = None
    """The region that was edited, or found: mode L, 255 inside, same size as the source."""
    note: str = ""
    """One line that a person and the planner may read."""
    measures: Measures = field(default_factory=dict)
    """Facts, e.g. `changed_outside` (pixels), `passed` (did the check succeed)."""
    environment: Mapping[str, str | int] = field(default_factory=dict)
    """Where it ran; filled in by the engine."""
    others: "tuple[Other, ...]" = ()
    """The attempts that were not kept."""


@dataclass(frozen=True)
class Other:
    """An attempt at a call that was not kept: what the call gives with this seed when it draws once."""

    seed: int
    result: ToolResult


class Models(Protocol):
    """The profile's models, loaded on first use. Implemented by `engine.LoadedModels` and by fakes in tests."""

    @property
    def best_size(self) -> int:
        """Side of the square, in pixels, at which the picture model works best."""
        ...

    @property
    def things(self) -> Sequence[str]:
        """Nouns that the models know; empty where no such list can be given."""
        ...

    @property
    def enlarges(self) -> bool:
        """Whether the profile has a model that enlarges pictures."""
        ...

    def size_of(self, ratio: str) -> tuple[int, int]:
        """Width and height of new pictures that are "square", "wide" or "tall". `ToolError` where the profile names none."""
        ...

    def cannot_avoid(self, guidance: float) -> str:
        """Why a drawing with so much guidance can't be told what to avoid, one sentence; empty where it can."""
        ...

    def known_things(self, words: str) -> list[str]:
        """The things that words name and the models know, each once and with its colour: ["red squirrel", "nut"]."""
        ...

    def unread(self, words: str) -> str:
        """The end of a prompt that is longer than the picture model reads, and so has no effect; mostly empty."""
        ...

    def unknown(self, words: str) -> list[str]:
        """The words that the picture model never learned, each once; empty where no list of those that it knows can be given."""
        ...

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
        """A new picture; without a size a square of the best one. `avoid` is what it should not show."""
        ...

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
        """`src` changed as told; the instruction may speak of the reference pictures. `Unable` where it can't be done."""
        ...

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
        """`src` with what the prompt says where the mask (mode L) is white; beside it pixels may change too."""
        ...

    def segment(self, src: Image.Image, what: str) -> Image.Image: ...

    def enlarge(self, src: Image.Image, factor: int, words: str, seed: int, report: Report) -> Image.Image:
        """`src` 2 or 4 times as large; the words say what is to be seen, and may be empty. `Unable` without a model."""
        ...

    def describe(self, src: Image.Image) -> str:
        """What is to be seen; empty where the profile has no model that says it."""
        ...

    def agreement(self, picture: Image.Image, words: str) -> float | None:
        """How well the picture shows what the words say, -1.0 to 1.0; None where the profile has no model that tells."""
        ...


@dataclass(frozen=True)
class Run:
    """What one run of a tool is given beside its arguments."""

    inputs: Mapping[str, Image.Image]
    """Pictures by role: "src", "layer", "other", "ref1", "ref2" (RGB), "mask" (L)."""
    seed: int
    models: Models
    report: Report

    @property
    def refs(self) -> tuple[Image.Image, ...]:
        """The reference pictures that came with the call, in order."""
        return tuple(self.inputs[role] for role in REFERENCES if role in self.inputs)


@dataclass(frozen=True)
class Tool(Generic[Args]):
    """One tool. Its name, its description and its JSON schema are written once: here and in `args_model`."""

    name: str
    args_model: type[Args]
    """Described, bounded fields; the docstring is what the language model reads."""
    fn: Callable[[Args, Run], ToolResult]
    version: str
    roles: tuple[str, ...] = ("src",)
    """The inputs it needs, by role; empty for `generate`."""
    optional: tuple[str, ...] = ()
    """The inputs that it takes where they are given."""
    models: tuple[str, ...] = ()
    """Roles of the models that it depends on: "image", "segment", "upscale", "describe", "scorer"; none for an exact tool."""
    answers: bool = False
    """Whether it answers in words, and makes neither a picture nor a region."""
    like: str = ""
    """A tool whose defaults it takes from the profile, under its own."""
    taught: bool = True
    """Whether the shipped planner was trained while there was this tool; it is not allowed to plan any other."""
    pinned: Callable[[Args], Args] | None = None
    """Writes into the arguments what else decides the pixels: what lies in a file that they name. Raises `ToolError`."""
    finds: str = ""
    """An argument that names a thing: where it is given, the pixels depend on the model that finds it, too."""

    marked: Mapping[str, JsonValue] = field(default_factory=dict)
    """Arguments of a call whose region came as `mask`; without them a call has found its region by itself."""
    untaught: tuple[str, ...] = ()
    """Optional inputs that the shipped planner was not trained with; it is not allowed to plan them."""

    def may_have(self, arguments: Mapping[str, JsonValue]) -> tuple[str, ...]:
        """Optional inputs that a call with these arguments can have been given; a region that it found is none."""
        found = bool(arguments.get(self.finds)) or any(
            arguments.get(name) != said for name, said in self.marked.items()
        )
        return tuple(role for role in self.optional if role != "mask" or not found)

    def models_of(self, arguments: Mapping[str, JsonValue]) -> tuple[str, ...]:
        """Roles of the models that a call with these arguments needs."""
        found = ("segment",) if arguments.get(self.finds) and "segment" not in self.models else ()
        return (*self.models, *found)
