"""Muon (Jordan et al. 2024) in float32: momentum whose update of each matrix is made nearly orthogonal. A convolution's
kernel counts as the matrix of its output channels by all the rest.

`torch.optim.Muon` does the same in bfloat16, which a processor without bfloat16 arithmetic multiplies twenty times slower.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import overload

import torch

NEWTON_SCHULZ = ((3.4445, -4.7750, 2.0315),) * 5
"""Coefficients of the quintic iteration, one triple a step."""


class Muon(torch.optim.Optimizer):
    """For matrices and kernels only; the learning rate means what it means to AdamW (Liu et al. 2025: root mean square 0.2)."""

    def __init__(
        self, matrices: Iterable[torch.nn.Parameter], lr: float, weight_decay: float = 0.05, momentum: float = 0.95
    ) -> None:
        super().__init__(matrices, {"lr": lr, "weight_decay": weight_decay, "momentum": momentum})

    @overload
    def step(self, closure: None = None) -> None: ...
    @overload
    def step(self, closure: Callable[[], float]) -> float: ...
    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """One update of every matrix that has a gradient, all of one shape at a time."""
        with torch.enable_grad():
            loss = closure() if closure else None
        for group in self.param_groups:
            alike: dict[torch.Size, list[tuple[torch.Tensor, torch.Tensor]]] = defaultdict(list)
            for matrix in group["params"]:
                if matrix.grad is not None:
                    direction = self._direction(matrix, matrix.grad, group["momentum"]).flatten(1)
                    alike[direction.shape].append((matrix, direction))
            for pairs in alike.values():
                matrices, directions = zip(*pairs, strict=True)
                for matrix, update in zip(matrices, orthogonal(torch.stack(directions)), strict=True):
                    matrix.mul_(1 - group["lr"] * group["weight_decay"])
                    matrix.add_(update.view_as(matrix), alpha=-0.2 * group["lr"] * max(update.shape) ** 0.5)
        return loss

    def _direction(self, matrix: torch.Tensor, gradient: torch.Tensor, momentum: float) -> torch.Tensor:
        """The gradient with Nesterov's momentum, in the matrix's shape."""
        state = self.state[matrix]
        if "average" not in state:
            state["average"] = torch.zeros_like(matrix)
        average: torch.Tensor = state["average"].lerp_(gradient, 1 - momentum)
        return torch.lerp(gradient, average, momentum)


def orthogonal(matrices: torch.Tensor) -> torch.Tensor:
    """Nearly the closest (semi-)orthogonal matrices, (count, rows, columns): most singular values from 0.7 to 1.2."""
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    x = x / torch.linalg.matrix_norm(x, keepdim=True).clamp(min=1e-7)
    for a, b, c in NEWTON_SCHULZ:
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    made: torch.Tensor = x.mT if tall else x
    return made
