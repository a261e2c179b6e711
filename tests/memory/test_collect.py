import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from pentimento.memory.arrival import checked
from pentimento.memory.blobs import Blobs
from pentimento.memory.collect import Collected, collect
from pentimento.memory.store import Store
from pentimento.memory.transfer import take_in, take_out
from pentimento.memory.types import Gone, StoreError, TurnStatus
from tests.memory.stories import image, mask, png, take_turn

NONE = timedelta(0)


def undone_turn(store: Store) -> tuple[int, str, str]:
    """A session whose second picture was taken back; its number, and the ids of both."""
    session = store.session("default")
    first = take_turn(store, session.id, 1, None)
    second = take_turn(store, session.id, 2, first.id)
    store.undo(session.id)
    return session.id, first.id, second.id


def age(path: Path, hours: float = 2) -> Path:
    then = time.time() - 3600 * hours
    os.utime(path, (then, then))
    return path


def test_a_dry_run_says_what_would_go_and_takes_nothing(store: Store) -> None:
    session_id, _, second = undone_turn(store)
    before = store.nodes(session_id)
    found = collect(store, NONE)
    assert (found.nodes, found.files, found.bytes) == ((f"default {second}",), 1, len(png(2)))
    assert store.nodes(session_id) == before
    assert store.png(before[1]) == png(2)


def test_a_picture_that_nothing_leads_to_goes_and_its_row_stays(store: Store) -> None:
    session_id, first, second = undone_turn(store)
    found = collect(store, NONE, run=True)
    assert (found.nodes, found.files, found.bytes) == ((f"default {second}",), 1, len(png(2)))
    gone = store.node(session_id, second)
    assert (gone.gone, gone.label, gone.parents[0].parent) == (Gone.COLLECTED, "picture 2", first)
    assert not store.path(gone).exists()
    with pytest.raises(StoreError, match="n2 was collected: its picture is no more"):
        store.png(gone)
    with pytest.raises(StoreError, match="n2 was collected"):
        store.checkout(session_id, second)
    assert store.verify() == ()
    assert collect(store, NONE, run=True).nodes == ()


def test_what_was_undone_within_the_time_of_grace_stays(store: Store) -> None:
    session_id, _, second = undone_turn(store)
    assert collect(store, timedelta(minutes=5), run=True).nodes == ()
    assert store.redo(session_id)[0].new_head == second


def test_after_a_collection_there_is_nothing_to_redo_and_undo_goes_on(store: Store) -> None:
    session_id, first, _ = undone_turn(store)
    collect(store, NONE, run=True)
    log = store.operations(session_id)
    with pytest.raises(StoreError, match="nothing left to redo"):
        store.redo(session_id)
    assert store.operations(session_id) == log
    store.undo(session_id)
    assert store.session("default").head is None
    store.redo(session_id)
    assert store.session("default").head == first


def test_a_turn_that_makes_the_same_picture_stores_it_anew(store: Store) -> None:
    session_id, first, second = undone_turn(store)
    collect(store, NONE, run=True)
    assert store.find_recipe(store.node(session_id, second).recipe) == ()
    again = take_turn(store, session_id, 2, first)
    assert again.id == "n3"
    assert store.png(again) == png(2)
    assert store.verify() == ()


def test_a_file_that_another_node_has_stays(store: Store) -> None:
    _, first, second = undone_turn(store)
    other = store.session("other")
    same = take_turn(store, other.id, 2, None)
    found = collect(store, NONE, run=True)
    assert (found.nodes, found.files) == ((f"default {second}",), 0)
    assert store.png(same) == png(2)
    assert store.verify() == ()
    assert store.session("default").head == first


def test_what_undo_leads_to_stays(store: Store) -> None:
    session = store.session("default")
    first = take_turn(store, session.id, 1, None)
    second = take_turn(store, session.id, 2, first.id)
    store.checkout(session.id, first.id)
    take_turn(store, session.id, 3, first.id)
    assert collect(store, NONE, run=True).nodes == ()
    store.undo(session.id, 2)
    assert store.session("default").head == second.id
    assert store.png(second) == png(2)


def test_old_pictures_that_something_leads_to_are_not_counted(store: Store) -> None:
    age(store.path(take_turn(store, store.session("default").id, 1, None)), hours=10_000)
    assert collect(store) == collect(store, run=True) == Collected((), 0, 0)


def test_branches_tags_and_masks_keep_what_they_came_from(store: Store) -> None:
    session = store.session("default")
    first = take_turn(store, session.id, 1, None)
    turn = store.begin_turn(session.id, "a red one, and a region for nothing")
    lost, _, red = store.add_nodes(session.id, turn.number, [mask(9), mask(2), image(2, first.id, "+1")], 2, first.id)
    store.end_turn(session.id, turn.number, TurnStatus.DONE)
    store.undo(session.id)
    store.tag(session.id, "best", red.id)
    third = take_turn(store, session.id, 3, first.id)
    store.branch(session.id, "winter", third.id)
    store.undo(session.id, 2)
    assert collect(store, NONE, run=True).nodes == (f"default {lost.id}", f"default {third.id}")
    assert [store.png(node) for node in store.nodes(session.id) if node.gone is None] == [png(1), png(-3), png(2)]


def test_old_files_that_no_row_names_go_and_young_ones_stay(store: Store) -> None:
    node = take_turn(store, store.session("default").id, 1, None)
    orphan, young = (store.blobs.path(store.blobs.write(png(seed))) for seed in (7, 8))
    leftover = store.path(node).with_name(".0123456789abcdef.part")
    leftover.write_bytes(b"half a picture")
    age(orphan)
    age(leftover)
    found = collect(store, NONE, run=True)
    assert (found.nodes, found.files, found.bytes) == ((), 2, len(png(7)) + 14)
    assert [path.exists() for path in (orphan, leftover, young, store.path(node))] == [False, False, True, True]
    age(young)
    assert collect(store).files == 0


def test_pictures_of_a_running_turn_stay(store: Store) -> None:
    session = store.session("default")
    turn = store.begin_turn(session.id, "step by step")
    (node,) = store.add_nodes(session.id, turn.number, [image(1)], None, None)
    assert collect(store, NONE, run=True).nodes == ()
    store.end_turn(session.id, turn.number, TurnStatus.DONE)
    assert collect(store, NONE, run=True).nodes == (f"default {node.id}",)


@dataclass(frozen=True)
class Overtaken(Blobs):
    """Between its file and its row another process collects, once."""

    other: list[Store] = field(default_factory=list)

    def write(self, png: bytes) -> str:
        blob = super().write(png)
        while self.other:
            collect(self.other.pop(), NONE, run=True)
        return blob


def test_a_file_that_is_collected_before_its_row_is_written_is_put_back(home: Path, store: Store) -> None:
    session_id, first, second = undone_turn(store)
    with Store(home) as other:
        store.blobs = Overtaken(store.blobs.folder, [other])
        again = take_turn(store, session_id, 2, first)
        assert other.node(session_id, second).gone is Gone.COLLECTED
        assert other.png(again) == png(2)
        assert other.verify() == ()


def test_a_bundle_whose_files_are_collected_before_its_rows_are_written_is_refused_and_can_be_restored_then(
    home: Path, store: Store, tmp_path: Path
) -> None:
    with Store(tmp_path / "other") as elsewhere:
        session = elsewhere.session("trip")
        node = take_turn(elsewhere, session.id, 2, None)
        history, files = checked(take_out(elsewhere, session.id)), [elsewhere.png(node)]
    undone_turn(store)
    with Store(home) as other:
        store.blobs = Overtaken(store.blobs.folder, [other])
        with pytest.raises(StoreError, match="try again"):
            take_in(store, history, files)
    restored = take_in(store, history, files)
    assert store.png(store.node(restored.id, node.id)) == png(2)
    assert store.verify() == ()


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 8))])
def test_after_any_story_all_that_can_be_reached_is_there(store: Store, seed: int) -> None:
    random, session = Random(seed), store.session("default")
    for step in range(20):
        head = store.session("default").head
        nodes = [node.id for node in store.images(session.id, 100)]
        match random.choice(["turn", "turn", "checkout", "undo", "undo", "redo", "tag", "branch", "collect"]):
            case "turn":
                take_turn(store, session.id, 100 * seed + step, head)
            case "checkout" if nodes:
                store.checkout(session.id, random.choice(nodes))
            case "tag" if nodes:
                store.tag(session.id, "best", random.choice(nodes))
            case "branch" if nodes:
                store.branch(session.id, "b", random.choice(nodes), numbered=True)
            case "collect":
                collect(store, NONE, run=True)
            case "undo" | "redo" as move if nodes and len(store.operations(session.id)) > 3:
                with suppress(StoreError):
                    (store.undo if move == "undo" else store.redo)(session.id)
            case _:
                pass
    collect(store, NONE, run=True)
    assert store.verify() == ()
    check_reachable(store, session.id)


def check_reachable(store: Store, session_id: int) -> None:
    """Every head, tag and ancestor is there, and so is what undo leads to."""
    while True:
        found = store.pointers(session_id)
        for node in {*found.branches.values(), *found.tags.values()} - {None}:
            assert node is not None
            line = [store.node(session_id, node), *store.ancestors(session_id, node)]
            assert [store.png(one)[:4] for one in line] == [b"\x89PNG"] * len(line)
        try:
            store.undo(session_id)
        except StoreError:
            return
