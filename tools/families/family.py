"""The seam between the tools and the picture models: what every family of models offers, and what it is told to draw with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from pentimento.tools.compute import Compute
from pentimento.tools.types import Report


@dataclass(frozen=True)
class Sampling:
    """How a picture is drawn."""

    seed: int
    steps: int
    guidance: float
    """How strictly the words are followed; 1 is not at all stricter than the model is by itself."""
    report: Report
    """Told of each step, with a picture now and then; what it raises stops the drawing."""
    image_guidance: float = 1.0
    """How strictly an InstructPix2Pix keeps to the source; other editors do not read it."""
    avoid: str = ""
    """What a new picture should not show; a family without a negative prompt does not read it, which `cannot_avoid` tells."""


class ImageFamily(Protocol):
    """Pictures in and out are RGB. What a family can't do raises `ToolError`, one sentence."""

    compute: Compute

    @property
    def attention(self) -> str:
        """By which kernels attention is computed; "sdpa" are those of PyTorch."""
        ...

    @property
    def savings(self) -> tuple[str, ...]:
        """What was done so that it needs less memory, in order."""
        ...

    def save_memory(self) -> str:
        """Do the next thing that makes it need less memory; its name, empty when nothing is left."""
        ...

    def unread(self, words: str) -> str:
        """The end of a prompt that the text encoder has no room for; mostly empty."""
        ...

    def generate(self, prompt: str, size: tuple[int, int], sampling: Sampling) -> Image.Image:
        """A new picture, width × height."""
        ...

    def edit(
        self, src: Image.Image, instruction: str, sampling: Sampling, refs: Sequence[Image.Image] = ()
    ) -> Image.Image:
        """The source changed by the instruction, same size; reference pictures may be spoken of by it."""
        ...

    def inpaint(self, src: Image.Image, mask: Image.Image, prompt: str, sampling: Sampling) -> Image.Image:
        """The source with what the prompt says where the mask (mode L) is white, same size.

        What lies beside the mask may change too; who wants it kept puts it back.
        """
        ...
