"""What the history costs as it grows, beside the same work in raw sqlite3; what a turn costs without its models; disk.

`python -m pentimento.bench.memory [--large]` goes up to a million nodes, which takes ten minutes and 3 GB.
A query's time is processor time, the least of its rounds: whatever else the machine does, it is the same.
"""

import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random

from pentimento.bench.memory_rows import COMMON, RARE, fill
from pentimento.bench.memory_turns import measure_turns
from pentimento.memory.store import Store
from pentimento.memory.types import Session

SIZES = (10_000, 100_000)
LARGE = (*SIZES, 1_000_000)
ROUNDS = 30
HOPS = PAGE = 50
VERSIONS = 200
"""Pictures that are listed when a session is opened."""

_LINE = """WITH RECURSIVE line (number, depth) AS (
    SELECT :number, 0 UNION ALL
    SELECT parent, depth + 1 FROM line JOIN edges ON session_id = :session AND child = number AND role = 'source'
    WHERE depth < :hops
) SELECT nodes.* FROM line JOIN nodes ON session_id = :session AND nodes.number = line.number WHERE depth > 0"""
_IMAGES = "SELECT * FROM nodes WHERE session_id = ? AND kind = 'image' ORDER BY number DESC LIMIT ?"
_SEARCH = "SELECT * FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?"
_PAST = "SELECT name, new, max(operation) FROM moves WHERE session_id = ? AND operation <= ? GROUP BY pointer, name"
_OPENING = (
    "SELECT * FROM sessions JOIN branches ON session_id = id WHERE id = ?",
    "SELECT * FROM turns WHERE session_id = ? ORDER BY number DESC LIMIT 50",
    "SELECT * FROM nodes WHERE session_id = ? AND kind = 'image' ORDER BY number DESC LIMIT 200",
)
_RAW = 10**9
"""The session under which raw sqlite3 writes; the store has none of that number."""
_UNDO = (
    f"INSERT INTO operations VALUES ({_RAW}, :n, 'undo', 'make it red', :n, :n, NULL, '2026-11-25T12:00:00+00:00')",
    f"INSERT INTO moves VALUES ({_RAW}, :n, 0, 'branch', 'main', 'n2', 'n1')",
    "UPDATE branches SET head = head WHERE session_id = :session AND name = 'main'",
    "UPDATE sessions SET branch = branch WHERE id = :session",
)


@dataclass(frozen=True)
class Home:
    """One home, open in the store and in raw sqlite3."""

    store: Store
    raw: sqlite3.Connection
    session: Session
    pictures: list[int]
    """Numbers of the younger half of the session's."""
    random: Random
    numbers: Iterable[int]
    """1, 2, 3, …: of what raw sqlite3 writes."""

    def fetch(self, statement: str, *values: object) -> None:
        self.raw.execute(statement, values).fetchall()


Ours = Callable[[Home], object]


@dataclass(frozen=True)
class Work:
    goal: float | None
    """Milliseconds, on a machine of today that does nothing else."""
    ours: Ours
    raw: Ours
    afterwards: Ours = lambda _: None
    """Not timed."""


def _ancestors(home: Home) -> object:
    return home.store.ancestors(home.session.id, f"n{home.random.choice(home.pictures)}", limit=HOPS)


def _raw_ancestors(home: Home) -> None:
    values = {"number": home.random.choice(home.pictures), "session": home.session.id, "hops": HOPS}
    home.raw.execute(_LINE, values).fetchall()


def _open(home: Home) -> None:
    with Store(home.store.home) as store:
        session = store.session(home.session.name)
        store.turns(session.id, PAGE)
        store.images(session.id, VERSIONS)
        store.node(session.id, session.head or "")


def _raw_open(home: Home) -> None:
    with closing(sqlite3.connect(home.store.database.path)) as database:
        for statement in _OPENING:
            database.execute(statement, (home.session.id,)).fetchall()


def _raw_undo(home: Home) -> None:
    values = {"n": next(iter(home.numbers)), "session": home.session.id}
    home.raw.execute("BEGIN IMMEDIATE")
    for statement in _UNDO:
        home.raw.execute(statement, values)
    home.raw.execute("COMMIT")


WORKS = {
    "ancestors within 50 hops": Work(1, _ancestors, _raw_ancestors),
    "50 newest pictures": Work(
        5,
        lambda home: home.store.images(home.session.id, PAGE),
        lambda home: home.fetch(_IMAGES, home.session.id, PAGE),
    ),
    "search, rare word": Work(
        50, lambda home: home.store.search(RARE), lambda home: home.fetch(_SEARCH, f'"{RARE}"*', PAGE)
    ),
    "search, word in 10 % of rows": Work(
        50, lambda home: home.store.search(COMMON), lambda home: home.fetch(_SEARCH, f'"{COMMON}"*', PAGE)
    ),
    "search, that word in one session": Work(
        50,
        lambda home: home.store.search(COMMON, home.session.id),
        lambda home: home.fetch(_SEARCH, f'text : "{COMMON}"* AND session_id : "{home.session.id}"', PAGE),
    ),
    "open the session": Work(300, _open, _raw_open),
    "undo": Work(
        None,
        lambda home: home.store.undo(home.session.id),
        _raw_undo,
        lambda home: home.store.redo(home.session.id),
    ),
    "branches and tags of the past": Work(
        None,
        lambda home: home.store.pointers(home.session.id, len(home.pictures)),
        lambda home: home.fetch(_PAST, home.session.id, len(home.pictures)),
    ),
}


@dataclass(frozen=True)
class Times:
    """Milliseconds, the least of all rounds."""

    ours: float
    raw: float


def measure_queries(folder: Path, nodes: int) -> tuple[dict[str, Times], float]:
    """The times of all work in a store of so many nodes, and the database's bytes per node."""
    home = folder / str(nodes)
    fill(home, nodes)
    size = (home / "lineage.sqlite3").stat().st_size / nodes
    with Store(home) as store, closing(sqlite3.connect(store.database.path, isolation_level=None)) as raw:
        session = store.session("long 1")
        numbers = raw.execute("SELECT number FROM nodes WHERE session_id = ? AND kind = 'image'", (session.id,))
        pictures = [number for (number,) in numbers]
        opened = Home(store, raw, session, pictures[len(pictures) // 2 :], Random(1), count(1))
        return {name: _timed(work, opened) for name, work in WORKS.items()}, size


def _timed(work: Work, home: Home) -> Times:
    """The two take turns, so that whatever else the machine does hits both alike."""
    rounds = [
        (_milliseconds(work.ours, home), work.afterwards(home), _milliseconds(work.raw, home)) for _ in range(ROUNDS)
    ]
    return Times(min(ours for ours, _, _ in rounds), min(raw for _, _, raw in rounds))


def _milliseconds(do: Ours, home: Home) -> float:
    started = time.process_time()
    do(home)
    return (time.process_time() - started) * 1000


def _row(name: str, by_size: dict[int, dict[str, Times]]) -> str:
    """ "1e4: 0.9 ms, 3.4 × raw; 1e5: …; grows 1.1 ×; goal 1 ms"."""
    times = {nodes: found[name] for nodes, found in by_size.items()}
    shown = [f"{nodes:.0e}: {one.ours:.2f} ms, {one.ours / one.raw:.1f} × raw" for nodes, one in times.items()]
    first, *_, last = times.values()
    goal = [f"goal {WORKS[name].goal} ms"] if WORKS[name].goal else []
    return "; ".join(
        [*shown, f"grows {last.ours / first.ours:.2f} ×, raw {last.raw / first.raw:.2f} ×", *goal]
    ).replace("e+0", "e")


def measure(sizes: Iterable[int] = SIZES) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        found = {nodes: measure_queries(Path(folder), nodes) for nodes in sizes}
        by_size = {nodes: times for nodes, (times, _) in found.items()}
        rows: dict[str, object] = {name: _row(name, by_size) for name in WORKS}
        rows["database, bytes per node"] = {f"{nodes:,}": round(size) for nodes, (_, size) in found.items()}
        return rows | measure_turns(Path(folder), Path(folder, str(max(by_size))))


if __name__ == "__main__":
    for name, row in measure(LARGE if "--large" in sys.argv else SIZES).items():
        print(f"{name:34s} {row}")
