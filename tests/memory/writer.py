"""One of several processes that take turns in one session at once.

`python -m tests.memory.writer HOME TURNS SEED` prints one JSON object: the ids of its pictures in order, and the
milliseconds of its commits.
"""

import json
import sys
import time
from pathlib import Path

from pentimento.memory.store import Store
from tests.memory.stories import take_turn


def main(home: Path, turns: int, seed: int) -> None:
    ids: list[str] = []
    milliseconds: list[float] = []
    with Store(home) as store:
        session = store.session("default")
        for number in range(turns):
            started = time.perf_counter()
            node = take_turn(store, session.id, seed + number, ids[-1] if ids else None)
            milliseconds.append((time.perf_counter() - started) * 1000)
            ids.append(node.id)
    sys.stdout.write(json.dumps({"ids": ids, "milliseconds": milliseconds}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
