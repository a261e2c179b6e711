"""Pictures as tensors, and how near two of them are."""

import numpy as np
import torch
from numpy.typing import NDArray


def to_tensor(pictures: list[NDArray[np.uint8]]) -> torch.Tensor:
    """(count, 3, height, width), -1..1; all of one size."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1


def psnr(a: torch.Tensor, b: torch.Tensor) -> float:
    """Mean over pictures of -1..1, dB."""
    return float(10 * torch.log10(4 / ((a.float() - b.float()) ** 2).mean((1, 2, 3)).clamp_min(1e-9)).mean())
