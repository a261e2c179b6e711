import sqlite3
from pathlib import Path
from random import Random

import pytest

from pentimento.memory import transfer
from pentimento.memory.recover import is_needed
from pentimento.memory.store import Store
from pentimento.memory.types import Damaged, Node, StoreError
from tests.memory.stories import image


def filled(store: Store, pictures: int) -> tuple[Node, ...]:
    session = store.session("default")
    turn = store.begin_turn(session.id, "many")
    batch = [image(0), *(image(seed, f"+{seed - 1}") for seed in range(1, pictures))]
    return store.add_nodes(session.id, turn.number, batch, pictures - 1, None)


def damage(home: Path, statement: str) -> None:
    """Changes the database behind the store's back, with no constraint in the way."""
    database = sqlite3.connect(home / "lineage.sqlite3")
    database.execute("PRAGMA foreign_keys = OFF")
    database.execute(statement)
    database.commit()
    database.close()


def test_a_healthy_store_has_no_problems(store: Store) -> None:
    filled(store, 5)
    assert store.verify() == ()


def test_a_single_flipped_bit_is_the_only_problem(store: Store) -> None:
    node = filled(store, 20)[7]
    content = bytearray(store.path(node).read_bytes())
    content[-1] ^= 1
    store.path(node).write_bytes(content)
    (problem,) = store.verify()
    assert problem.startswith("default n8: its picture file is damaged")


def test_a_deleted_picture_and_two_swapped_ones_are_found(store: Store) -> None:
    nodes = filled(store, 5)
    store.path(nodes[0]).unlink()
    one, other = store.path(nodes[1]), store.path(nodes[3])
    content = one.read_bytes(), other.read_bytes()
    one.write_bytes(content[1])
    other.write_bytes(content[0])
    problems = store.verify()
    assert [problem.split(" (")[0] for problem in problems] == [
        "default n1: its picture file is missing",
        "default n2: its picture file is damaged",
        "default n4: its picture file is damaged",
    ]


@pytest.mark.slow
def test_of_two_hundred_flipped_deleted_and_swapped_ones_each_is_found_and_refused(store: Store) -> None:
    random = Random(66)
    nodes = filled(store, 200)
    shuffled = random.sample(nodes, 200)
    for node in shuffled[:70]:
        content = bytearray(store.path(node).read_bytes())
        content[random.randrange(len(content))] ^= 1 << random.randrange(8)
        store.path(node).write_bytes(content)
    for node in shuffled[70:140]:
        store.path(node).unlink()
    for one, other in zip(shuffled[140:170], shuffled[170:], strict=True):
        swapped = store.path(one).with_suffix(".swapped")
        store.path(one).rename(swapped)
        store.path(other).rename(store.path(one))
        swapped.rename(store.path(other))
    problems = store.verify()
    assert [problem.split(":")[0] for problem in problems] == [f"default {node.id}" for node in nodes]
    assert sum("is missing" in problem for problem in problems) == 70
    for node in nodes:
        with pytest.raises(StoreError, match=r"is damaged|cannot be read"):
            store.png(node)


def test_a_pointer_at_a_tombstone_is_found_and_a_tombstone_is_no_fault(home: Path, store: Store) -> None:
    nodes = filled(store, 3)
    store.path(nodes[1]).unlink()
    damage(home, "UPDATE nodes SET gone = 'collected' WHERE number = 2")
    assert store.verify() == ()
    damage(home, "UPDATE branches SET head = 2")
    damage(home, "INSERT INTO tags VALUES (1, 'best', 2)")
    assert store.verify() == (
        "default n2: main points to it and it was collected",
        "default n2: best points to it and it was collected",
    )


def test_a_damaged_index_of_words_is_found(home: Path, store: Store) -> None:
    filled(store, 3)
    damage(home, "DELETE FROM words_content WHERE id = 2")
    assert [problem.split(":")[0] for problem in store.verify()] == ["search"]


@pytest.mark.parametrize(
    "change",
    ["turns SET started", "turns SET said", "nodes SET label", "moves SET new", "tags SET name", "sessions SET name"],
)
def test_bytes_in_place_of_words_are_found(home: Path, store: Store, change: str) -> None:
    filled(store, 3)
    store.tag(1, "best", "n1")
    damage(home, f"UPDATE {change} = x'61'")
    assert f"database: {change.split(maxsplit=1)[0]} holds bytes where words or numbers should be" in store.verify()
    store.close()
    assert is_needed(home)


def test_bytes_in_place_of_a_moment_are_said_to_be_damage(home: Path, store: Store) -> None:
    filled(store, 3)
    damage(home, "UPDATE turns SET started = x'61'")
    with pytest.raises(Damaged, match="is damaged; put it back from a backup"):
        store.turns(1)


def test_bytes_in_place_of_words_leave_no_home(home: Path, store: Store) -> None:
    filled(store, 3)
    damage(home, "UPDATE nodes SET label = x'61'")
    with pytest.raises(Damaged, match="is damaged; put it back from a backup"):
        transfer.take_out(store, 1)


def test_a_broken_edge_is_found(home: Path, store: Store) -> None:
    filled(store, 3)
    damage(home, "UPDATE edges SET parent = -5 WHERE child = 3")
    assert store.verify() == ("default n3: its edge to n-5 is broken",)


def test_a_dangling_head_is_found(home: Path, store: Store) -> None:
    filled(store, 3)
    damage(home, "UPDATE branches SET head = 77")
    assert store.verify() == ("default n77: the branch main points to it and it is missing",)


def test_a_missing_node_is_found_from_all_sides(home: Path, store: Store) -> None:
    filled(store, 3)
    damage(home, "DELETE FROM nodes WHERE number = 3")
    problems = store.verify()
    assert "default n3: its edge to n2 is broken" in problems
    assert "default n3: the branch main points to it and it is missing" in problems
    assert "default n3: an operation moved main to it and it is missing" in problems
