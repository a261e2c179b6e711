"""One of several processes that take turns in one session at once.

`python -m tests.memory.writer HOME TURNS SEED` prints one JSON object: the ids of its pictures in order, and how many
milliseconds each of its commits took, waiting for the others included.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.orm import Session

from pentimento.memory.store import Store
from tests.memory.stories import take_turn


def main(home: Path, turns: int, seed: int) -> None:
    ids: list[str] = []
    with Store(home) as store:
        session = store.session("default")
        milliseconds = timed_commits(store)
        for number in range(turns):
            ids.append(take_turn(store, session.id, seed + number, ids[-1] if ids else None).id)
    sys.stdout.write(json.dumps({"ids": ids, "milliseconds": milliseconds}))


def timed_commits(store: Store) -> list[float]:
    """Grows with every transaction that the store writes from here on."""
    milliseconds: list[float] = []
    write = store.database.write

    @contextmanager
    def timed() -> Iterator[Session]:
        started = time.perf_counter()
        with write() as db:
            yield db
        milliseconds.append((time.perf_counter() - started) * 1000)

    store.database.write = timed  # type: ignore[method-assign]  # there is no other place to stand at
    return milliseconds


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
