import json
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import JsonValue

from pentimento.memory.store import Store
from pentimento.memory.types import StoreError, TurnStatus
from tests.memory.dumps import database_pointers, database_rows, journal_rows, pointers_of
from tests.memory.faults import die_before_the_commit
from tests.memory.session_machine import tell
from tests.memory.stories import call, image, mask, take_turn

RAN_ON: dict[str, JsonValue] = {"device": "cpu", "threads": 2, "libraries": {"torch": "2.9"}}


def lines(home: Path) -> list[bytes]:
    return (home / "lineage.jsonl").read_bytes().splitlines()


def assert_agrees(home: Path) -> None:
    """The journal holds every row of the database, as it is there, and no other."""
    rows = journal_rows(home)
    assert rows == database_rows(home)
    assert pointers_of(rows) == database_pointers(home)


@pytest.mark.slow
def test_every_row_of_any_story_is_in_the_journal_as_it_is_in_the_database(home: Path) -> None:
    tell(home, 100, always_the_same=True)
    assert_agrees(home)
    tables = {table for table, *_ in journal_rows(home)}
    assert tables == {"sessions", "turns", "nodes", "edges", "operations", "moves"}


def test_calls_environments_measures_and_words_of_any_alphabet_are_in_it(home: Path, store: Store) -> None:
    session = store.session("Größe „1“\n\u2028🐿")
    turn = store.begin_turn(session.id, "mach es\nrot \u0000 🐿")
    made = replace(image(2, mask="+0"), call=replace(call(2), environment=RAN_ON))
    store.add_nodes(session.id, turn.number, [mask(1), made], 1, None)
    store.add_nodes(session.id, turn.number, [replace(made, parents=())], 0, "n2")
    store.end_turn(session.id, turn.number, TurnStatus.DONE, plan='{"steps":[]}', details={"notes": ["ü", 1.5, None]})
    assert_agrees(home)
    assert [row["content"] for (table, *_), row in journal_rows(home).items() if table == "environments"] == [
        '{"device":"cpu","libraries":{"torch":"2.9"},"threads":2}'
    ]


def test_a_turn_that_was_left_running_and_then_interrupted_is_in_it(home: Path) -> None:
    with Store(home) as store:
        store.begin_turn(store.session("default").id, "a squirrel")
    Store(home).close()
    (turn,) = [row for (table, *_), row in journal_rows(home).items() if table == "turns"]
    assert turn["status"] == "interrupted"
    assert_agrees(home)


def test_a_transaction_is_a_line_and_one_that_changes_nothing_is_none(home: Path, store: Store) -> None:
    session = store.session("default")
    first = take_turn(store, session.id, 1, None)
    before = lines(home)
    assert [[row["table"] for row in json.loads(line)] for line in before] == [
        ["sessions"],
        ["turns"],
        ["nodes", "operations", "moves"],
        ["turns"],
    ]
    store.session("default")
    store.operations(session.id)
    with pytest.raises(StoreError):
        store.checkout(session.id, "n9")
    with pytest.raises(StoreError):
        store.add_nodes(session.id, 1, [image(2, first.id), image(3, "n9")], 1, first.id)
    assert lines(home) == before


def test_the_journal_is_for_the_user_alone(home: Path, store: Store) -> None:
    store.session("default")
    assert (home / "lineage.jsonl").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("torn", [b"[", b'[{"table":"nodes","said":"\xc3', b"\x00" * 100])
def test_a_last_line_that_was_cut_short_is_closed_off(home: Path, store: Store, torn: bytes) -> None:
    session = store.session("default")
    first = take_turn(store, session.id, 1, None)
    with (home / "lineage.jsonl").open("ab") as file:
        file.write(torn)
    take_turn(store, session.id, 2, first.id)
    assert torn in lines(home)
    assert_agrees(home)


def test_a_journal_that_cannot_be_written_aborts_the_transaction(home: Path, store: Store) -> None:
    session = store.session("default")
    first = take_turn(store, session.id, 1, None)
    path, before = home / "lineage.jsonl", (store.nodes(session.id), store.turns(session.id), store.sessions())
    path.rename(home / "kept")
    path.mkdir()
    with pytest.raises(
        StoreError, match=r"lineage\.jsonl can't be written \(Is a directory\);.*Nothing was changed\.$"
    ):
        store.begin_turn(session.id, "make it red")
    path.rmdir()
    path.symlink_to("/dev/full")
    with pytest.raises(StoreError, match=r"\(No space left on device\); free some space"):
        store.checkout(session.id, first.id)
    assert (store.nodes(session.id), store.turns(session.id), store.sessions()) == before
    (home / "kept").rename(path)
    take_turn(store, session.id, 2, first.id)
    assert_agrees(home)


def never_say(store: Store) -> None:
    turn = store.begin_turn(1, "said")
    store.add_nodes(1, turn.number, [replace(image(2, "n1"), label="never said")], 0, "n1")


def test_what_a_process_wrote_that_died_before_it_could_commit_does_not_count(home: Path) -> None:
    with Store(home) as store:
        session = store.session("default")
        take_turn(store, session.id, 1, None)
    die_before_the_commit(home, never_say, line=2)
    assert any(b"never said" in line for line in lines(home))
    with Store(home) as store:
        take_turn(store, session.id, 3, "n1")
        assert store.verify() == ()
    assert_agrees(home)
