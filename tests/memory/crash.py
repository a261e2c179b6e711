"""Kills a process that takes turns, again and again, and looks after each kill for what was lost.

`python -m tests.memory.crash HOME KILLS right|naive`: "naive" stores the row before the picture and writes the picture
in place; it ends at the first violation. Prints one JSON object. The writers are forked from here, so that a kill costs
milliseconds and not the start of an interpreter.
"""

import json
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from random import Random

from pentimento.memory.blobs import Blobs
from pentimento.memory.store import Store
from pentimento.memory.types import TurnStatus
from tests.memory.stories import take_turn

SIDE = 64


@dataclass(frozen=True)
class LateBlobs(Blobs):
    """The naive order: the name is given at once, the file is written in place when the row is there."""

    waiting: dict[str, bytes] = field(default_factory=dict)

    def write(self, png: bytes) -> str:
        blob = sha256(png).hexdigest()
        self.waiting[blob] = png
        return blob

    def flush(self) -> None:
        for blob, png in self.waiting.items():
            self.path(blob).parent.mkdir(exist_ok=True)
            with self.path(blob).open("wb", buffering=0) as file:
                for start in range(0, len(png), 4096):
                    file.write(png[start : start + 4096])
                    os.fsync(file.fileno())
        self.waiting.clear()


def write_forever(home: Path, order: str, seed: int, acknowledge: int) -> None:
    """Takes turns; one line for each that the store has acknowledged."""
    with Store(home) as store:
        late = LateBlobs(home / "blobs")
        if order == "naive":
            store.blobs = late
        session = store.session("default")
        head = session.head
        while True:
            seed += 1
            node = take_turn(store, session.id, seed, head, SIDE)
            late.flush()
            head = node.id
            os.write(acknowledge, f"{node.id} {node.blob}\n".encode())


def start_writer(home: Path, order: str, seed: int) -> tuple[int, int]:
    """Process id of the writer, and the end of the pipe that its lines come out of."""
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        return child, reader
    try:
        write_forever(home, order, seed, writer)
    finally:
        os._exit(1)


def turn_seconds(home: Path) -> float:
    """How long a turn takes here and at this hour, so that kills can hit every moment of it."""
    child, reader = start_writer(home, "right", 0)
    os.read(reader, 1 << 16)
    started = time.perf_counter()
    os.read(reader, 1 << 16)
    seconds = time.perf_counter() - started
    os.kill(child, signal.SIGKILL)
    os.close(reader)
    os.waitpid(child, 0)
    return seconds


def run_and_kill(home: Path, order: str, seed: int, within: float, random: Random) -> tuple[list[str], bool]:
    """The acknowledged lines, and whether it was the kill that ended the writer. One in four dies while it opens."""
    child, reader = start_writer(home, order, seed)
    lines = b"" if random.random() < 0.25 else os.read(reader, 1 << 16)
    time.sleep(random.uniform(0, within))
    os.kill(child, signal.SIGKILL)
    while more := os.read(reader, 1 << 16):
        lines += more
    os.close(reader)
    _, status = os.waitpid(child, 0)
    return lines.decode().splitlines(), os.WIFSIGNALED(status)


def violations(home: Path, acknowledged: list[str]) -> list[str]:
    """What the kill has broken: rows and files that do not fit, acknowledged turns that are gone, turns left running."""
    with Store(home) as store:
        found = list(store.verify())
        session = store.session("default")
        stored = {f"{node.id} {node.blob}" for node in store.nodes(session.id)}
        found += [f"lost: {line}" for line in acknowledged if line not in stored]
        turns = store.turns(session.id)
        found += [f"turn {turn.number} still runs" for turn in turns if turn.status is TurnStatus.RUNNING]
        done = sum(turn.status is TurnStatus.DONE for turn in turns)
        if done < len(acknowledged):
            found.append(f"{len(acknowledged)} turns were acknowledged, {done} are done")
    return found


def main(home: Path, kills: int, order: str) -> None:
    Store(home).close()
    random, done, within = Random(1), 0, max(0.03, 1.5 * turn_seconds(home))
    acknowledged: list[str] = []
    found: list[str] = []
    while done < kills and not (found and order == "naive"):
        lines, killed = run_and_kill(home, order, (done + 1) * 1_000_000, within, random)
        acknowledged += lines
        done += 1
        found += violations(home, acknowledged) if killed else ["the writer ended by itself"]
    sys.stdout.write(json.dumps({"kills": done, "acknowledged": len(acknowledged), "violations": found}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
