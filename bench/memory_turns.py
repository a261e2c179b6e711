"""What a turn costs without its models: the whole loop, with a language model and a tool that have their answers ready.

Beside it the bare work, in the same loop: the picture encoded, written, and made durable.
"""

import os
import secrets
import statistics
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops

from pentimento.agent.loop import Conversation
from pentimento.agent.pictures import to_png
from pentimento.agent.planner import Planner
from pentimento.agent.steps import PixelSteps
from pentimento.agent.types import Completion, Form, Request, Stop
from pentimento.memory.store import Store
from pentimento.tools.profile import load_profile
from pentimento.tools.types import Report, ToolCall, ToolResult

PLAN = '{"steps":[{"tool":"generate","prompt":"a squirrel eating a nut in a forest"}],"reply":"Here it is."}'
ROUNDS = {128: 200, 1024: 30}
"""By side of the picture."""
FIRST = 3
"""Turns that are not counted."""


class ReadyModel:
    """A language model that knows the plan."""

    def complete(
        self, _messages: list[dict[str, str]], _form: Form, _tokens: int, _cancel: Stop | None = None
    ) -> Completion:
        return Completion(PLAN, evaluated=400, generated=40, finished=True)


@dataclass(frozen=True)
class ReadyTool:
    """A tool that has its pictures."""

    pictures: Iterator[Image.Image]

    def __call__(
        self, _call: ToolCall, _inputs: Mapping[str, Image.Image], _report: Report, _cancel: threading.Event
    ) -> ToolResult:
        return ToolResult((next(self.pictures),), note="Here is a squirrel.", measures={"passed": True})


@dataclass(frozen=True)
class Turns:
    """Milliseconds of every round."""

    turns: list[float]
    bare: list[float]
    files: dict[str, float]
    """Bytes that a node takes, by the kind of file."""

    @property
    def ratio(self) -> float:
        """Median of the rounds' own ratios."""
        return statistics.median(turn / bare for turn, bare in zip(self.turns, self.bare, strict=True))

    def shown(self, goal: str) -> str:
        p99 = statistics.quantiles(self.turns, n=100, method="inclusive")[98]
        median, bare = statistics.median(self.turns), statistics.median(self.bare)
        return f"{median:.1f} ms, p99 {p99:.1f} ms; encode and fsync {bare:.1f} ms; ratio {self.ratio:.2f}; goal {goal}"


def measure_turns(folder: Path, long_home: Path) -> dict[str, object]:
    """In new homes, and in one that holds a long session already."""
    small = measure_side(folder / "small", "new", 128)
    late = measure_side(long_home, "long 1", 128)
    large = measure_side(folder / "large", "new", 1024)
    return {
        "turn without model, 128²": small.shown("p99 ≤ 50 ms"),
        "the same in the long session": late.shown("p99 ≤ 50 ms"),
        "turn without model, 1024²": large.shown("ratio ≤ 1.3"),
        "bytes per node, 128²": {name: round(size) for name, size in small.files.items()},
        "bytes per node, 1024²": {name: round(size) for name, size in large.files.items()},
    }


def measure_side(home: Path, session: str, side: int) -> Turns:
    rounds = ROUNDS[side] + FIRST
    pictures = list(clouds(side, 2 * rounds))
    with Store(home) as store:
        before = _sizes(home)
        conversation = ready_conversation(store, session, iter(pictures[:rounds]))
        times = [(_timed_turn(conversation), _timed_bare(home, picture)) for picture in pictures[rounds:]]
        after = _sizes(home)
    turns, bare = zip(*times[FIRST:], strict=True)
    return Turns(list(turns), list(bare), {name: (size - before[name]) / rounds for name, size in after.items()})


def ready_conversation(store: Store, session: str, pictures: Iterator[Image.Image]) -> Conversation:
    """A session with models that have their answers ready; it closes nothing."""
    profile = load_profile("starter")
    planner = Planner(ReadyModel(), use_system=False)
    steps = PixelSteps(store, profile, ReadyTool(pictures))
    return Conversation(store, session, planner, steps, "", lambda: None, lambda: None)


def _timed_turn(conversation: Conversation) -> float:
    started = time.perf_counter()
    result = conversation.act(Request("a squirrel eating a nut"), lambda _: None, threading.Event())
    took = (time.perf_counter() - started) * 1000
    assert result.nodes, result.reply
    return took


def _timed_bare(home: Path, picture: Image.Image) -> float:
    started = time.perf_counter()
    path = home / f"{secrets.token_hex(16)}.png"
    with path.open("xb") as file:
        file.write(to_png(picture))
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(folder)
    os.close(folder)
    took = (time.perf_counter() - started) * 1000
    path.unlink()
    return took


def clouds(side: int, number: int) -> Iterator[Image.Image]:
    """Soft clouds with a little grain, as compressible as pictures are; each moved by some pixels."""
    bands = [
        Image.effect_noise((side // 16, side // 16), 80).resize((side, side), Image.Resampling.BICUBIC) for _ in "RGB"
    ]
    grain = Image.effect_noise((side, side), 3)
    picture = Image.merge("RGB", [ImageChops.add(band, grain, 1, -128) for band in bands])
    for at in range(number):
        yield ImageChops.offset(picture, at, 2 * at + 1)


def _sizes(home: Path) -> dict[str, float]:
    blobs = sum(path.stat().st_size for path in (home / "blobs").rglob("*.png"))
    journal = home / "lineage.jsonl"
    return {"journal": journal.stat().st_size if journal.exists() else 0, "picture": blobs}
