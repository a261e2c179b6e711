import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import JsonValue

from pentimento.memory.blobs import Blobs, File
from pentimento.memory.collect import collect
from pentimento.memory.forget import forget_picture, forget_session
from pentimento.memory.store import Store
from pentimento.memory.types import Edge, Gone, NewNode, Node, Pointer, Role, StoreError, TurnStatus
from tests.memory.stories import call, image, mask, png, take_turn

SECRET = "grandmother Wilhelmina dancing on a table"
REPLY = "I drew her as you said."
PLAN = '{"steps":[{"tool":"edit","instruction":"Wilhelmina, dancing"}]}'


def secret(seed: int, source: str | None, mask_at: str | None = None) -> NewNode:
    made = replace(call(seed), arguments={"instruction": SECRET, "target": "Wilhelmina"})
    return replace(image(seed, source, mask_at), label=SECRET, call=made, measures={"note": f"{SECRET}: drawn"})


def tell(store: Store) -> tuple[int, Node, Node, Node, Node]:
    """A picture, another one made of it by words that are to be forgotten, its mask, and one that was made of that."""
    session = store.session("default")
    first = take_turn(store, session.id, 1, None)
    turn = store.begin_turn(session.id, SECRET)
    batch = [replace(mask(2), label=f"region: {SECRET}"), secret(2, first.id, "+0")]
    region, picture = store.add_nodes(session.id, turn.number, batch, 1, first.id)
    store.end_turn(session.id, turn.number, TurnStatus.DONE, plan=PLAN, reply=REPLY, details={"raw": PLAN})
    third = take_turn(store, session.id, 13, picture.id)
    return session.id, first, region, picture, third


def traces(home: Path, *what: bytes) -> list[str]:
    """Names of the files below a folder that hold any of these bytes."""
    files = [path for path in home.rglob("*") if path.is_file()]
    return [path.name for path in files for one in what if one in path.read_bytes()]


def leave_traces(store: Store) -> None:
    """What is deleted stays in the file until something is written over it, which not every SQLite does by itself."""
    with store.database.read() as db:
        db.connection().exec_driver_sql("PRAGMA secure_delete = OFF")


WORDS = (b"ilhelmina", b"grandmother", b"as you said")


def test_nothing_is_left_of_a_forgotten_picture_in_any_file(home: Path) -> None:
    with Store(home) as store:
        leave_traces(store)
        session_id, _, region, picture, _ = tell(store)
        pictures = store.png(region), store.png(picture)
        (home / "language.log").write_text(SECRET)
        leftover = store.path(picture).with_name(".0123.part")
        leftover.write_bytes(pictures[1])
        os.utime(leftover, (time.time() - 120, time.time() - 120))
        assert len(traces(home, *WORDS, *pictures)) >= 6
        found = forget_picture(store, session_id, picture.id)
        assert (found.nodes, found.clean) == ((region.id, picture.id), True)
        assert (found.same_picture, found.same_words, found.aside) == ((), (), ())
        assert traces(home, *WORDS, *pictures) == []
        assert store.verify() == ()
    assert traces(home, *WORDS, *pictures) == []


def test_a_tombstone_stays_and_what_was_made_from_it(home: Path, store: Store) -> None:
    session_id, first, region, picture, third = tell(store)
    forget_picture(store, session_id, picture.id)
    for before in (region, picture):
        after = store.node(session_id, before.id)
        assert (after.gone, after.blob, after.label, after.recipe) == (Gone.FORGOTTEN, "", "", "")
        assert (after.parents, after.turn, after.width) == (before.parents, before.turn, before.width)
        with pytest.raises(StoreError, match="was forgotten: its picture is no more"):
            store.png(after)
    assert store.png(store.node(session_id, third.id)) == png(13)
    assert [node.id for node in store.ancestors(session_id, third.id)] == [picture.id, first.id]
    turn = store.turns(session_id)[1]
    assert (turn.said, turn.plan, turn.reply, turn.details, turn.status) == ("", "", "", {}, TurnStatus.DONE)
    assert store.search("Wilhelmina") == ()
    assert store.session("default").head == third.id


def test_a_branch_goes_to_the_nearest_source_and_a_tag_away(store: Store) -> None:
    session_id, first, _, picture, third = tell(store)
    store.branch(session_id, "winter", picture.id)
    store.tag(session_id, "best", picture.id)
    store.tag(session_id, "last", third.id)
    forget_picture(store, session_id, picture.id)
    found = store.pointers(session_id)
    assert (found.current, dict(found.branches), dict(found.tags)) == (
        "winter",
        {"main": third.id, "winter": first.id},
        {"last": third.id},
    )
    operation = store.operations(session_id)[-1]
    assert (operation.kind, operation.label) == ("forget", picture.id)
    moved = {(move.pointer, move.name, move.old, move.new) for move in operation.moves}
    assert (Pointer.TAG, "best", picture.id, None) in moved
    assert (Pointer.BRANCH, "winter", picture.id, first.id) in moved


def test_a_branch_whose_pictures_are_all_forgotten_has_none(store: Store) -> None:
    session = store.session("default")
    first = take_turn(store, session.id, 1, None)
    forget_picture(store, session.id, first.id)
    assert store.session("default").head is None
    assert store.verify() == ()
    with pytest.raises(StoreError, match="nothing left to undo"):
        store.undo(session.id)
    second = take_turn(store, session.id, 2, None)
    assert (second.id, store.session("default").head) == ("n2", "n2")


def test_undo_and_redo_pass_over_what_was_forgotten(store: Store) -> None:
    session_id, first, _, picture, third = tell(store)
    forget_picture(store, session_id, picture.id)
    (undone,) = store.undo(session_id)
    assert (undone.label, undone.old_head, undone.new_head) == ("picture 13, please", third.id, first.id)
    assert store.session("default").head == first.id
    store.undo(session_id)
    assert store.session("default").head is None
    with pytest.raises(StoreError, match="nothing left to undo"):
        store.undo(session_id)
    store.redo(session_id)
    assert store.session("default").head == first.id
    store.redo(session_id)
    assert store.session("default").head == third.id
    with pytest.raises(StoreError, match="nothing left to redo"):
        store.redo(session_id)
    assert store.verify() == ()


def test_undo_of_tags_and_branches_at_a_forgotten_picture(store: Store) -> None:
    session_id, first, _, picture, third = tell(store)
    store.tag(session_id, "best", first.id)
    store.tag(session_id, "best", picture.id)
    store.branch(session_id, "winter", picture.id)
    forget_picture(store, session_id, picture.id)
    store.undo(session_id)
    assert (store.session("default").branch, store.session("default").head) == ("main", third.id)
    store.undo(session_id)
    assert dict(store.pointers(session_id).tags) == {"best": first.id}
    store.redo(session_id)
    assert dict(store.pointers(session_id).tags) == {}
    store.redo(session_id)
    assert (store.session("default").branch, store.session("default").head) == ("winter", first.id)
    assert store.verify() == ()


def test_a_file_that_another_picture_has_stays_and_that_is_said(store: Store) -> None:
    session_id, _, _, picture, third = tell(store)
    turn = store.begin_turn(session_id, "the same again")
    (same,) = store.add_nodes(session_id, turn.number, [secret(2, third.id)], 0, third.id)
    store.end_turn(session_id, turn.number, TurnStatus.DONE)
    found = forget_picture(store, session_id, picture.id)
    assert found.same_picture == found.same_words == (f"default {same.id}",)
    assert store.png(store.node(session_id, same.id)) == png(2)
    assert store.verify() == ()


def test_other_turns_no_longer_quote_what_was_forgotten(store: Store) -> None:
    session_id, _, _, picture, _ = tell(store)
    long = f"{SECRET} while it rains outside and the cat looks on from the window"
    turn = store.begin_turn(session_id, long)
    (rain,) = store.add_nodes(session_id, turn.number, [replace(image(5, picture.id), label=long)], None, picture.id)
    store.end_turn(session_id, turn.number, TurnStatus.DONE)
    for reply in (f"Took back “{long[:59]}…”. You are at n1 now.", "It rains outside."):
        turn = store.begin_turn(session_id, "undo")
        store.end_turn(session_id, turn.number, TurnStatus.DONE, reply=reply, details={"facts": [{"label": long}]})
    forget_picture(store, session_id, rain.id)
    quoting, other = store.turns(session_id)[-2:]
    assert (quoting.said, quoting.reply) == ("undo", "Took back “…”. You are at n1 now.")
    assert (other.reply, other.details) == ("It rains outside.", {"facts": [{"label": "…"}]})
    assert [found.turn for found in store.search("took back")] == [quoting.number]
    assert store.search("window") == ()
    assert len(store.search("Wilhelmina")) >= 1


def test_what_is_forgotten_can_be_forgotten_again(store: Store) -> None:
    session_id, _, region, picture, _ = tell(store)
    first = forget_picture(store, session_id, picture.id)
    log = store.operations(session_id)
    assert forget_picture(store, session_id, picture.id).nodes == first.nodes == (region.id, picture.id)
    assert store.operations(session_id) == log


@dataclass(frozen=True)
class Interrupted(Blobs):
    """The program ends before the first file is removed."""

    def files_of(self, *blobs: str) -> Iterator[File]:
        raise KeyboardInterrupt(*blobs)


def test_a_forgetting_that_was_interrupted_can_be_repeated(home: Path) -> None:
    with Store(home) as store:
        session_id, *_, picture, _ = tell(store)
        store.blobs = Interrupted(store.blobs.folder)
        with pytest.raises(KeyboardInterrupt):
            forget_picture(store, session_id, picture.id)
    with Store(home) as store:
        assert store.verify() == ()
        assert store.node(session_id, picture.id).gone is Gone.COLLECTED
        forget_picture(store, session_id, picture.id)
        assert store.node(session_id, picture.id).gone is Gone.FORGOTTEN
        assert traces(home, *WORDS, png(2)) == []


def test_a_collected_picture_can_be_forgotten(home: Path, store: Store) -> None:
    session_id, *_, picture, _ = tell(store)
    store.undo(session_id, 2)
    collect(store, timedelta(0), run=True)
    forget_picture(store, session_id, picture.id)
    assert store.node(session_id, picture.id).gone is Gone.FORGOTTEN
    assert traces(home, *WORDS) == []


def test_an_imported_picture_is_forgotten_with_its_name(home: Path, store: Store) -> None:
    session = store.session("default")
    node = store.import_image(session.id, replace(image(1), call=None, recipe="", label="Wilhelmina.jpg"))
    store.undo(session.id)
    store.redo(session.id)
    forget_picture(store, session.id, node.id)
    assert traces(home, *WORDS, png(1)) == []
    assert store.session("default").head is None


def test_a_session_is_forgotten_whole(home: Path, store: Store) -> None:
    other = store.session("other")
    kept = take_turn(store, other.id, 9, None)
    session = store.session("Wilhelmina's party")
    first = take_turn(store, session.id, 1, None)
    turn = store.begin_turn(session.id, SECRET)
    store.add_nodes(session.id, turn.number, [secret(2, first.id)], 0, first.id)
    store.end_turn(session.id, turn.number, TurnStatus.DONE, plan=PLAN, reply=REPLY)
    store.branch(session.id, "Wilhelmina", first.id)
    store.tag(session.id, "grandmother", first.id)
    assert forget_session(store, session.id).nodes == ("n1", "n2")
    assert traces(home, *WORDS, png(1), png(2)) == []
    assert [one.name for one in store.sessions()] == ["other"]
    assert {node.gone for node in store.nodes(session.id)} == {Gone.FORGOTTEN}
    assert [operation.kind for operation in store.operations(session.id)] == ["forget"]
    assert store.png(kept) == png(9)
    assert store.verify() == ()
    again = store.session("Wilhelmina's party")
    assert (again.head, store.nodes(again.id)) == (None, ())


def test_while_a_turn_runs_nothing_is_forgotten(store: Store) -> None:
    session_id, *_, picture, _ = tell(store)
    turn = store.begin_turn(session_id, "make it red")
    with pytest.raises(StoreError, match="A turn is running in this session"):
        forget_picture(store, session_id, picture.id)
    with pytest.raises(StoreError, match="A turn is running in this session"):
        forget_session(store, session_id)
    assert store.png(picture) == png(2)
    store.end_turn(session_id, turn.number, TurnStatus.DONE)
    forget_picture(store, session_id, picture.id)


def test_an_unknown_picture_is_refused(store: Store) -> None:
    session_id, *_ = tell(store)
    with pytest.raises(StoreError, match="There is no n77"):
        forget_picture(store, session_id, "n77")


@pytest.fixture
def reader(home: Path) -> Iterator[None]:
    """Another program that looks at the past and takes its time."""
    with Store(home) as other, other.database.read() as db:
        db.connection().exec_driver_sql("SELECT count(*) FROM nodes").scalar_one()
        yield


@pytest.mark.usefixtures("reader")
def test_traces_that_another_program_reads_yet_are_said(home: Path, store: Store) -> None:
    session_id, *_, picture, _ = tell(store)
    with store.database.read() as db:
        db.connection().exec_driver_sql("PRAGMA busy_timeout = 20")
    assert not forget_picture(store, session_id, picture.id).clean
    assert store.node(session_id, picture.id).gone is Gone.FORGOTTEN


def say_in_vain(store: Store, session_id: int, said: str, status: TurnStatus = TurnStatus.FAILED) -> int:
    """A turn that makes no picture; its number."""
    turn = store.begin_turn(session_id, said)
    reply = f"I could not find it: {said}."
    store.end_turn(session_id, turn.number, status, plan=PLAN, reply=reply, details={"raw": PLAN})
    return turn.number


def test_turns_that_said_the_same_and_made_nothing_are_forgotten_too(home: Path) -> None:
    with Store(home) as store:
        leave_traces(store)
        session = store.session("default")
        failed = say_in_vain(store, session.id, SECRET)
        session_id, first, _, picture, third = tell(store)
        stopped = say_in_vain(store, session_id, SECRET, TurnStatus.CANCELLED)
        other = say_in_vain(store, session_id, "make the sky blue")
        quoting = store.begin_turn(session_id, "what went wrong?").number
        store.end_turn(session_id, quoting, TurnStatus.DONE, reply=f"I did not understand “{SECRET}”.")
        assert forget_picture(store, session_id, picture.id).same_words == ()
        turns = {turn.number: turn for turn in store.turns(session_id)}
        for number, status in ((failed, TurnStatus.FAILED), (stopped, TurnStatus.CANCELLED)):
            turn = turns[number]
            assert (turn.said, turn.plan, turn.reply, turn.details, turn.status) == ("", "", "", {}, status)
        assert turns[other].said == "make the sky blue"
        assert turns[quoting].reply == "I did not understand “…”."
        assert [store.png(node) for node in (first, third)] == [png(1), png(13)]
        assert store.search("grandmother") == ()
        assert traces(home, b"grandmother", png(2)) == []
        assert store.verify() == ()


def test_turns_that_said_the_same_and_made_a_picture_are_told_and_stay(store: Store) -> None:
    session_id, *_, picture, third = tell(store)
    turn = store.begin_turn(session_id, SECRET)
    (hat,) = store.add_nodes(session_id, turn.number, [image(6, third.id)], 0, third.id)
    store.end_turn(session_id, turn.number, TurnStatus.DONE)
    assert forget_picture(store, session_id, picture.id).same_words == (f"default {hat.id}",)
    assert store.turns(session_id)[-1].said == SECRET


def test_turns_of_other_sessions_that_said_the_same_are_told_and_stay(store: Store) -> None:
    trip = store.session("trip")
    failed = say_in_vain(store, trip.id, SECRET)
    session_id, *_, picture, _ = tell(store)
    say_in_vain(store, session_id, "make the sky blue")
    say_in_vain(store, trip.id, "make the sky blue")
    assert forget_picture(store, session_id, picture.id).same_words == (f"trip turn {failed}",)
    assert store.turns(trip.id)[0].said == SECRET
    assert forget_picture(store, session_id, picture.id).same_words == ()


def test_a_collected_picture_that_is_called_the_same_is_told(store: Store) -> None:
    session_id, *_, picture, third = tell(store)
    turn = store.begin_turn(session_id, "once more")
    (again,) = store.add_nodes(session_id, turn.number, [replace(image(8, third.id), label=SECRET)], 0, third.id)
    store.end_turn(session_id, turn.number, TurnStatus.DONE)
    store.undo(session_id)
    with store.database.write() as db:
        db.connection().exec_driver_sql(f"UPDATE nodes SET gone = 'collected' WHERE number = {again.id[1:]}")
    assert forget_picture(store, session_id, picture.id).same_words == (f"default {again.id}",)


@pytest.mark.parametrize(
    "words", ['the "red" hat', "the hat\nwith\ta feather", "die Mütze\u2028für Ömi 🦊", "a\\b c\\"]
)
def test_quotes_are_found_however_they_are_written(store: Store, words: str) -> None:
    session = store.session("default")
    first = take_turn(store, session.id, 1, None)
    turn = store.begin_turn(session.id, words)
    (node,) = store.add_nodes(session.id, turn.number, [replace(image(2, first.id), label=words)], 0, first.id)
    store.end_turn(session.id, turn.number, TurnStatus.DONE)
    for quoted in (words, " ".join(words.split()), json.dumps(words), json.dumps(words, ensure_ascii=False)):
        turn = store.begin_turn(session.id, "undo")
        details: dict[str, JsonValue] = {"facts": [{"label": f"({quoted})"}]}
        store.end_turn(session.id, turn.number, TurnStatus.DONE, reply=f"Took back {quoted}: done.", details=details)
    forget_picture(store, session.id, node.id)
    for turn in store.turns(session.id)[2:]:
        assert turn.reply.replace('"', "") == "Took back …: done."
        assert str(turn.details).replace('"', "") == "{'facts': [{'label': '(…)'}]}"


def marked(seed: int, source: str) -> NewNode:
    """A region that was found by a step of its own."""
    edges = (Edge(source, Role.SOURCE),)
    found = replace(call(seed, "segment"), arguments={"what": SECRET})
    return replace(mask(seed), label=f"region: {SECRET}", parents=edges, call=found, recipe="5" * 64)


def test_a_region_that_the_same_turn_found_goes_with_the_picture(home: Path) -> None:
    with Store(home) as store:
        leave_traces(store)
        session_id, first = store.session("default").id, take_turn(store, 1, 1, None)
        turn = store.begin_turn(session_id, SECRET).number
        (region,) = store.add_nodes(session_id, turn, [marked(2, first.id)], None, first.id)
        (picture,) = store.add_nodes(session_id, turn, [secret(3, first.id, region.id)], 0, first.id)
        store.end_turn(session_id, turn, TurnStatus.DONE, plan=PLAN, reply=REPLY)
        silhouette = store.png(region)
        found = forget_picture(store, session_id, picture.id)
        assert (found.nodes, found.clean) == ((region.id, picture.id), True)
        assert traces(home, *WORDS, silhouette) == []
        assert store.verify() == ()


def test_a_region_that_another_picture_was_made_with_stays_until_that_one_goes(store: Store) -> None:
    session_id, first = store.session("default").id, take_turn(store, 1, 1, None)
    turn = store.begin_turn(session_id, SECRET).number
    (region,) = store.add_nodes(session_id, turn, [marked(2, first.id)], None, first.id)
    batch = [secret(3, first.id, region.id), image(4, first.id, region.id)]
    one, other = store.add_nodes(session_id, turn, batch, 0, first.id)
    store.end_turn(session_id, turn, TurnStatus.DONE)
    assert forget_picture(store, session_id, one.id).nodes == (one.id,)
    assert forget_picture(store, session_id, other.id).nodes == (region.id, other.id)


def test_in_a_backup_that_is_used_as_a_home_what_a_killed_backup_left_goes_too(home: Path) -> None:
    with Store(home) as store:
        session_id, _, _, picture, _ = tell(store)
        for name in (".lineage.sqlite3.part", ".lineage.sqlite3.part-journal"):
            (home / name).write_text(SECRET)
        assert forget_picture(store, session_id, picture.id).clean
        assert traces(home, *WORDS) == []
