"""What a turn costs in the store, beside the bare work: one SQLite insert and one picture file made durable."""

import json
import os
import secrets
import sqlite3
import statistics
import tempfile
import time
from io import BytesIO
from pathlib import Path

from PIL import Image

from pentimento.memory.store import Store
from pentimento.memory.types import Edge, NewNode, NodeKind, Role, TurnStatus

TURNS = 300


def measure() -> dict[str, float]:
    """Milliseconds per turn (begin, one 64x64 picture, end), the same for the bare work, and their ratio.

    The two take turns in one loop, so that whatever else the machine does hits both alike.
    """
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder, "home")) as store:
        bare = _bare_database(Path(folder))
        pairs = [(_timed_turn(store, png), _timed_bare(bare, Path(folder), png)) for png in map(_noise, range(TURNS))]
        bare.close()
    turns, bares = zip(*pairs, strict=True)
    return {
        "turn_p50_ms": statistics.median(turns),
        "turn_p99_ms": _p99(turns),
        "bare_p50_ms": statistics.median(bares),
        "bare_p99_ms": _p99(bares),
        "ratio_p50": statistics.median(turns) / statistics.median(bares),
    }


def _p99(times: tuple[float, ...]) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[98]


def _noise(seed: int) -> bytes:
    """A PNG that no other seed shares: random pixels, as incompressible as pictures get."""
    file = BytesIO()
    picture = Image.frombytes("RGB", (64, 64), secrets.token_bytes(64 * 64 * 3))
    picture.putpixel((0, 0), (seed % 256, seed // 256, 0))
    picture.save(file, "PNG", compress_level=1)
    return file.getvalue()


def _timed_turn(store: Store, png: bytes) -> float:
    started = time.perf_counter()
    session = store.session("bench")
    turn = store.begin_turn(session.id, "make the squirrel red")
    parents = () if session.head is None else (Edge(session.head, Role.SOURCE),)
    node = NewNode(NodeKind.IMAGE, png, 64, 64, "make the squirrel red", parents)
    store.add_nodes(session.id, turn.number, [node], 0, session.head)
    store.end_turn(session.id, turn.number, TurnStatus.DONE)
    return (time.perf_counter() - started) * 1000


def _bare_database(folder: Path) -> sqlite3.Connection:
    database = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("CREATE TABLE pictures (id INTEGER PRIMARY KEY, label TEXT NOT NULL, file TEXT NOT NULL)")
    return database


def _timed_bare(database: sqlite3.Connection, folder: Path, png: bytes) -> float:
    started = time.perf_counter()
    path = folder / f"{secrets.token_hex(16)}.png"
    with path.open("xb") as file:
        file.write(png)
        file.flush()
        os.fsync(file.fileno())
    database.execute("INSERT INTO pictures (label, file) VALUES (?, ?)", ("make the squirrel red", path.name))
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
