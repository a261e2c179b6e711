"""What all recipes share: a budget in core-seconds, a learning-rate schedule, checkpoints that survive an interruption."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

TRAINING = Path("training")
"""Where checkpoints are kept, below the working directory; ignored by git."""


class CheckpointError(Exception):
    """A checkpoint can't be read or written; the message says what to do."""


@dataclass
class Budget:
    """How long to train, in seconds of processor time of this process, so that a busy machine costs nothing."""

    seconds: float
    spent_before: float = 0.0
    """Core-seconds of the runs that this one resumes."""
    start: float = field(default_factory=time.process_time)

    def spent(self) -> float:
        """Core-seconds, earlier runs counted in."""
        return self.spent_before + time.process_time() - self.start

    def fraction(self) -> float:
        """0.0 at the start, 1.0 and more when the budget is used up."""
        return self.spent() / self.seconds


def learning_rate(peak: float, step: int, fraction: float, warmup: int = 200, decay_from: float = 0.6) -> float:
    """Linear warm-up, a plateau, then a linear decay to 2 % over the rest of the budget."""
    if fraction > decay_from:
        peak *= max(1 - (fraction - decay_from) / (1 - decay_from), 0.02)
    return peak * min((step + 1) / warmup, 1.0)


def set_learning_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate


class Average:
    """Exponential moving average of a module's parameters, with a warm-up as in Karras et al. 2022."""

    def __init__(self, module: torch.nn.Module, decay: float = 0.999) -> None:
        self.decay = decay
        self.values = {name: p.detach().clone() for name, p in module.named_parameters()}

    @torch.no_grad()
    def update(self, module: torch.nn.Module, step: int) -> None:
        weight = 1 - min(self.decay, (step + 1) / (step + 10))
        parameters = dict(module.named_parameters())
        torch._foreach_lerp_(list(self.values.values()), [parameters[name].detach() for name in self.values], weight)

    @torch.no_grad()
    def copy_to(self, module: torch.nn.Module) -> None:
        for name, parameter in module.named_parameters():
            parameter.copy_(self.values[name])


def save_checkpoint(path: Path, content: dict[str, Any]) -> None:
    """Write beside the old checkpoint, then replace it: a kill or a full disk leaves the old one whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    try:
        torch.save(content, draft)
    except (OSError, RuntimeError) as error:
        draft.unlink(missing_ok=True)
        raise CheckpointError(f"{path} could not be written ({error}). Free some space and run again.") from error
    draft.replace(path)


def load_checkpoint(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = torch.load(path, weights_only=True, mmap=True)
    except (OSError, RuntimeError, EOFError, ValueError) as error:
        raise CheckpointError(
            f"{path} can't be read ({error}). Delete it to start from the committed weights."
        ) from error
    return content
