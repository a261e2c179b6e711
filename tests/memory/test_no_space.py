import json
import subprocess
from pathlib import Path

import pytest

from pentimento.memory.recover import recover
from pentimento.memory.store import Store
from pentimento.memory.types import NodeKind
from tests.memory.stories import ROOT, python, python_env

WITHOUT_SPACE = """
import json, resource, sys
from pathlib import Path
from pentimento.memory.store import Store
from pentimento.memory.types import StoreError
from tests.memory.stories import take_turn

home, side = Path(sys.argv[1]), 600
journal = home / "lineage.jsonl"
refused, found = [], []
with Store(home) as store:
    session = store.session("default")
    head = take_turn(store, session.id, 0, None, side).id
    rooms = [0, 1, 100, 1000, 3000, 4000, 5000, 10**4, 3 * 10**4, 10**5, 3 * 10**5, 10**6]
    for seed, room in enumerate([*rooms[::-1], *rooms], start=1):
        full = room if seed <= len(rooms) else journal.stat().st_size + room
        resource.setrlimit(resource.RLIMIT_FSIZE, (full, resource.RLIM_INFINITY))
        try:
            head = take_turn(store, session.id, seed, head, side).id
        except StoreError as error:
            refused.append(str(error))
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        found += store.verify()
        head = take_turn(store, session.id, 100 + seed, head, side).id
    left = [path.name for path in home.rglob("*.part")]
    heads = [store.session("default").head, head]
print(json.dumps({"refused": refused, "found": found, "left": left, "heads": heads}))
"""


@pytest.mark.timeout(120)
@pytest.mark.slow
def test_without_space_a_turn_is_refused_and_with_space_the_next_one_is_taken(home: Path) -> None:
    command = python("-c", WITHOUT_SPACE, str(home))
    done = subprocess.run(command, cwd=ROOT, env=python_env(), capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert (told["found"], told["left"]) == ([], [])
    assert told["heads"][0] == told["heads"][1]
    assert len(told["refused"]) >= 5
    assert all(
        "space" in sentence and sentence.count(".") >= 1 and "\n" not in sentence for sentence in told["refused"]
    )
    # In the picture's file, in the journal, in the database.
    assert len({sentence.split(" ")[1] for sentence in told["refused"]}) == 3
    with Store(home) as store:
        before = names(store)
    (home / "lineage.sqlite3").unlink()
    recover(home)
    with Store(home) as store:
        assert store.verify() == ()
        assert before <= names(store)


def names(store: Store) -> set[tuple[str, str, str]]:
    nodes = store.nodes(store.session("default").id)
    return {(node.id, node.label, node.blob) for node in nodes if node.kind is NodeKind.IMAGE}
