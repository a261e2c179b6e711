"""Takes turns at full speed, with models that have their answers ready, and looks whether anything grows or slows down.

It begins in a store of twenty thousand nodes: in an empty one every page is in use all the time, and the first turns cost less.
`python -m tests.memory.soak [MINUTES]` (10) prints one JSON object; exit status 1 when a limit is passed.
"""

import json
import resource
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from PIL import Image, ImageChops

from pentimento.agent.loop import Conversation
from pentimento.agent.types import Request, TurnStatus
from pentimento.bench.memory_rows import fill
from pentimento.bench.memory_turns import clouds, ready_conversation
from pentimento.memory.store import Store

SIDE = 64
FILLED = 20_000
PARTS = 10
LOOKED_AT_EVERY = 10
"""Turns after which the session is looked at, searched, undone and redone."""
LARGEST_LOG = 64 * 2**20


@dataclass(frozen=True)
class Part:
    """A tenth of the time."""

    turns: int
    median_ms: float
    """Processor time of a turn, which does not count waiting for other programs."""
    p99_ms: float
    """The same."""
    wall_p99_ms: float
    unit_ms: float
    """Processor time of a piece of work that is always the same; other programs slow it down as they do a turn."""
    resident_mib: float
    """At the end of it."""
    descriptors: int
    """At the end of it."""
    largest_log: int
    """Of the database's write-ahead log, bytes."""

    @property
    def slowness(self) -> float:
        return self.p99_ms / self.unit_ms


@dataclass(frozen=True)
class Soak:
    parts: list[Part]

    def problems(self) -> list[str]:
        """Against the first tenth, in which everything is loaded; empty when all is well.

        As to time the middle one of three tenths counts, since other programs come and go; the quickest would reward luck.
        """
        first, last = self.parts[0], self.parts[-1]
        both = (self.parts[:3], self.parts[-3:])
        before, after = (statistics.median(part.slowness for part in parts) for parts in both)
        found = {
            f"memory grew from {first.resident_mib:.0f} to {last.resident_mib:.0f} MiB": (
                last.resident_mib > 1.05 * first.resident_mib
            ),
            f"{first.descriptors} open files became {last.descriptors}": last.descriptors > first.descriptors,
            "the log of the database passed 64 MiB": max(part.largest_log for part in self.parts) > LARGEST_LOG,
            f"p99 went from {before:.1f} to {after:.1f} units": after > 1.2 * before,
        }
        return [problem for problem, is_one in found.items() if is_one]


def soak(home: Path, seconds: float) -> Soak:
    fill(home, FILLED)
    with Store(home) as store:
        conversation = ready_conversation(store, "soak", moving(next(clouds(SIDE, 1))))
        soaked = Soak([part(conversation, store, seconds / PARTS) for _ in range(PARTS)])
        # The nodes that were there from the beginning have rows only.
        assert [problem for problem in store.verify() if not problem.startswith("long 1 n")] == []
    return soaked


def part(conversation: Conversation, store: Store, seconds: float) -> Part:
    times: list[tuple[float, float, float]] = []
    largest, end = 0, time.monotonic() + seconds
    while time.monotonic() < end or len(times) < 2:
        times.append((*timed_turn(conversation), timed_unit()))
        if len(times) % LOOKED_AT_EVERY == 0:
            look(conversation, store)
        largest = max(largest, size(store.home / "lineage.sqlite3-wal"))
    processor, wall, units = zip(*times, strict=True)
    median, unit = statistics.median(processor), statistics.median(units)
    return Part(len(times), median, p99(processor), p99(wall), unit, resident(), open_files(), largest)


def p99(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[98]


def timed_turn(conversation: Conversation) -> tuple[float, float]:
    """Milliseconds of the processor and on the wall."""
    processor, wall = time.process_time(), time.perf_counter()
    result = conversation.act(Request("a squirrel eating a nut"), lambda _: None, threading.Event())
    assert result.status is TurnStatus.DONE, result.reply
    return (time.process_time() - processor) * 1000, (time.perf_counter() - wall) * 1000


def timed_unit() -> float:
    """Milliseconds of the processor."""
    started = time.process_time()
    json.loads(json.dumps({str(number): [number, number / 7, "squirrel"] for number in range(500)}))
    return (time.process_time() - started) * 1000


def look(conversation: Conversation, store: Store) -> None:
    session = store.session(conversation.name)
    conversation.versions(50)
    conversation.turns(50)
    store.search("squirrel nut", session.id)
    store.undo(session.id)
    store.redo(session.id)


def moving(picture: Image.Image) -> Iterator[Image.Image]:
    """Never the same twice."""
    number = 0
    while True:
        number += 1
        shifted = ImageChops.offset(picture, number % SIDE, number // SIDE % SIDE)
        shifted.putpixel((0, 0), (number % 256, number // 256 % 256, number // 65536))
        yield shifted


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def resident() -> float:
    """MiB that the process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * resource.getpagesize() / 2**20


def size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def main(minutes: float) -> int:
    home = Path(tempfile.mkdtemp(prefix="pentimento-soak-"))
    soaked = soak(home, minutes * 60)
    shutil.rmtree(home)
    problems = soaked.problems()
    sys.stdout.write(json.dumps({"problems": problems, **asdict(soaked)}, indent=2) + "\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 10))
