"""What all recipes share: one loop with a budget in core-seconds, a learning-rate schedule and checkpoints that survive an interruption."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from typing import Protocol, TypeVar

import torch
from torch.utils.data import DataLoader, Dataset

from pentimento.starter.checkpoints import load_checkpoint, of_this_model, save_checkpoint, used_up
from pentimento.starter.ending import stopping_between_steps
from pentimento.starter.muon import Muon

SHIPPED = Path(__file__).parents[1] / "models" / "starter"
"""Where the models lie that ship."""
TRAINING = Path("training")
"""Where checkpoints are kept, below the working directory; ignored by git."""
SAVE_EVERY = 240.0
"""Seconds from one checkpoint to the next."""
ADAMW_SHARE = 0.25
"""AdamW's learning rate as a share of Muon's."""
LOG_EVERY = 100
"""Steps that one line of the log covers; the first one after a resumption covers fewer."""

Tensors = tuple[torch.Tensor, ...]
Drawn = TypeVar("Drawn")


class Task(Protocol):
    """What one recipe adds to the loop."""

    name: str
    """Of its checkpoint and its log."""
    peak: float
    """Highest learning rate."""

    @property
    def learned(self) -> torch.nn.Module: ...

    def batch(self, step: int) -> Tensors:
        """The batch of a step, always the same, on the CPU; may be called in another process."""
        ...

    def loss(self, batch: Tensors, step: int, /) -> torch.Tensor:
        """Scalar."""
        ...

    def measure(self) -> dict[str, float]:
        """How good it is on unseen data."""
        ...


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
        return self.spent() / self.seconds if self.seconds > 0 else 1.0


def learning_rate(peak: float, step: int, fraction: float, warmup: int = 200, decay_from: float = 0.6) -> float:
    """Linear warm-up, a plateau, then a linear decay to 2 % over the rest of the budget."""
    if fraction > decay_from:
        peak *= max(1 - (fraction - decay_from) / (1 - decay_from), 0.02)
    return peak * min((step + 1) / warmup, 1.0)


def set_learning_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate


@cache
def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def fast_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 itself: there it is twice as fast as float32, elsewhere far slower."""
    return bool(torch.backends.cpu.get_cpu_capability() == "AVX512" and torch.cpu._is_avx512_bf16_supported())


def mixed() -> AbstractContextManager[None]:
    """bfloat16 where the device multiplies it itself."""
    fast = device().type == "cuda" or fast_bfloat16()
    context: AbstractContextManager[None] = torch.autocast(device().type, torch.bfloat16, enabled=fast)
    return context


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
    def swap(self, module: torch.nn.Module) -> None:
        """Exchange the module's parameters and their average; twice is not at all."""
        for name, parameter in module.named_parameters():
            kept = parameter.detach().clone()
            parameter.copy_(self.values[name])
            self.values[name] = kept


def optimizers(module: torch.nn.Module) -> tuple[torch.optim.Optimizer, torch.optim.Optimizer]:
    """Muon for matrices and kernels, AdamW for embeddings, norms and biases."""
    tables = {id(m.weight) for m in module.modules() if isinstance(m, torch.nn.Embedding)}
    learned = [p for p in module.parameters() if p.requires_grad]
    matrices = [p for p in learned if p.ndim >= 2 and id(p) not in tables]
    rest = [p for p in learned if p.ndim < 2 or id(p) in tables]
    adamw = torch.optim.AdamW(rest, lr=0.0, betas=(0.9, 0.99), weight_decay=0.01)
    return Muon(matrices, lr=0.0, weight_decay=0.01), adamw


class _Steps(Dataset[Drawn]):
    """What is drawn for each step, so that other processes can draw it ahead."""

    def __init__(self, draw: Callable[[int], Drawn]) -> None:
        self.draw = draw

    def __getitem__(self, step: int) -> Drawn:
        return self.draw(step)


def ahead(draw: Callable[[int], Drawn], first: int) -> Iterator[Drawn]:
    """What is drawn from step `first` on, without end; by all cores where a GPU would wait for it."""
    workers = (os.cpu_count() or 1) - 1 if device().type == "cuda" else 0
    yield from DataLoader(
        _Steps(draw), batch_size=None, sampler=count(first), num_workers=workers, collate_fn=_as_drawn
    )


def _as_drawn(drawn: Drawn) -> Drawn:
    return drawn


def batches(draw: Callable[[int], Tensors], first: int) -> Iterator[Tensors]:
    """The batches from step `first` on, without end, on the device."""
    for batch in ahead(draw, first):
        yield tuple(tensor.to(device(), non_blocking=True) for tensor in batch)


class Loop:
    """A training of one task: optimizer, average of the weights, progress; goes on from its checkpoint where there is one."""

    def __init__(self, task: Task, minutes: float, code: float | None = None) -> None:
        """`code` is the scaling factor of the picture code that the task learns in, for `check_code`."""
        self.task, self.budget, self.step, self.code = task, Budget(minutes * 60), 0, code
        task.learned.to(device()).train()
        if device().type == "cuda":
            # On a processor compiling takes longer than it saves. What calls a part of the module runs that part as it is.
            task.learned.compile()
        self.optimizers = optimizers(task.learned)
        self.average = Average(task.learned)
        self.path = TRAINING / f"{task.name}.pt"
        if self.path.exists():
            self.load()

    def run(self) -> None:
        """Train until the budget is used up; then the task's weights are their average."""
        if self.step and self.budget.fraction() >= 1:
            print(used_up(self.path, self.budget.seconds / 60), file=sys.stderr)
        else:
            with stopping_between_steps() as stopped:
                self._train(stopped)
        self.average.swap(self.task.learned)
        self.task.learned.eval()

    def _train(self, stopped: Callable[[], bool]) -> None:
        saved, losses = time.monotonic(), list[float]()
        for batch in batches(self.task.batch, self.step):
            if stopped():
                self.save()
                raise KeyboardInterrupt(f"Stopped; {self.path} is written, and the same command goes on from it.")
            if self.budget.fraction() >= 1:
                break
            losses.append(self.update(batch))
            if self.step % LOG_EVERY == 0:
                self.log({"loss": round(sum(losses) / len(losses), 4)})
                losses.clear()
            if time.monotonic() - saved > SAVE_EVERY:
                self.measure()
                self.save()
                saved = time.monotonic()
        self.measure()
        self.save()

    def update(self, batch: Tensors) -> float:
        rate = learning_rate(self.task.peak, self.step, self.budget.fraction())
        with mixed():
            loss = self.task.loss(batch, self.step)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.task.learned.parameters(), 1.0)
        for optimizer, share in zip(self.optimizers, (1.0, ADAMW_SHARE), strict=True):
            set_learning_rate(optimizer, rate * share)
            with mixed():
                optimizer.step()
            optimizer.zero_grad()
        self.average.update(self.task.learned, self.step)
        self.step += 1
        return loss.item()

    def measure(self) -> None:
        """Write down what the averaged weights are worth."""
        self.average.swap(self.task.learned)
        self.task.learned.eval()
        with torch.no_grad(), mixed():
            found = self.task.measure()
        self.task.learned.train()
        self.average.swap(self.task.learned)
        self.log({name: round(value, 4) for name, value in found.items()})

    def log(self, values: dict[str, float]) -> None:
        line = json.dumps({"step": self.step, "core-seconds": round(self.budget.spent()), **values})
        print(line, flush=True)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_suffix(".jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def save(self) -> None:
        content = {
            "learned": self.task.learned.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "average": self.average.values,
            "step": self.step,
            "spent": self.budget.spent(),
        }
        if self.code is not None:
            content["code"] = self.code
        save_checkpoint(self.path, content)

    def load(self) -> None:
        state = load_checkpoint(self.path)
        with of_this_model(self.path):
            self.task.learned.load_state_dict(state["learned"])
            for optimizer, kept in zip(self.optimizers, state["optimizers"], strict=True):
                optimizer.load_state_dict(kept)
        self.average.values = {name: value.to(device()) for name, value in state["average"].items()}
        self.step, self.budget.spent_before = state["step"], state["spent"]
