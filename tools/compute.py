"""What the picture model runs on: a graphics card where there is one, else the processor; and in which arithmetic."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from pentimento.tools.types import ToolError

Device: TypeAlias = Literal["cpu", "cuda"]
Dtype: TypeAlias = Literal["float32", "bfloat16", "float16"]


@dataclass(frozen=True)
class Compute:
    device: Device
    dtype: Dtype
    """Of the weights and of what passes between the layers."""


CPU = Compute("cpu", "float32")


def choose(device: Device | None, dtype: Dtype | None) -> Compute:
    """What a profile asks for; None leaves it to the machine. `ToolError` when there is no such card."""
    import torch

    there = torch.cuda.is_available()
    if device == "cuda" and not there:
        raise ToolError('This profile wants a graphics card and PyTorch sees none; write device = "cpu" under [image].')
    if device == "cpu" or not there:
        return Compute("cpu", dtype or "float32")
    return Compute(
        "cuda", dtype or ("bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float16")
    )
