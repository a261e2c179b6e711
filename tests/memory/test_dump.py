"""The journal written anew from the database, when something was forgotten or a backup is made."""

import json
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import FrameType

import pytest

from pentimento.bench.memory_rows import fill
from pentimento.memory import journal
from pentimento.memory.forget import forget_picture
from pentimento.memory.store import Store
from pentimento.memory.types import Damaged, TurnStatus
from tests.memory.dumps import database_pointers, database_rows, journal_rows, pointers_of
from tests.memory.session_machine import tell
from tests.memory.stories import call, image, take_turn

DATABASE, JOURNAL = "lineage.sqlite3", "lineage.jsonl"
ANY_ALPHABET = 'mach es\nrot \u0000\t\x1f\x7f \\ "é" \u2028 🐿'


def dump(store: Store) -> None:
    with store.database.read() as db:
        journal.dump(db, store.home / JOURNAL)


def harm(home: Path, statement: str) -> None:
    with closing(sqlite3.connect(home / DATABASE, isolation_level=None)) as database:
        database.execute(statement)


@pytest.mark.slow
def test_every_row_of_any_story_is_written_as_it_is_in_the_database(home: Path) -> None:
    tell(home, 100, always_the_same=True)
    with Store(home) as store:
        dump(store)
    rows = journal_rows(home)
    assert rows == database_rows(home)
    assert pointers_of(rows) == database_pointers(home)


@pytest.mark.parametrize("score", [0.1, 1e300, float("nan"), float("-inf")])
def test_words_of_any_alphabet_and_any_number_are_written_as_they_are(home: Path, store: Store, score: float) -> None:
    session = store.session(ANY_ALPHABET)
    turn = store.begin_turn(session.id, ANY_ALPHABET)
    made = replace(image(2), call=replace(call(2), environment={ANY_ALPHABET: 1}), measures={"score": score})
    store.add_nodes(session.id, turn.number, [made], 0, None)
    store.end_turn(session.id, turn.number, TurnStatus.DONE, details={ANY_ALPHABET: [ANY_ALPHABET, 1.5, None, {}]})
    dump(store)
    # As texts, since NaN is not equal to itself.
    assert sorted(map(str, journal_rows(home).items())) == sorted(map(str, database_rows(home).items()))


def test_a_row_is_written_as_the_transaction_wrote_it_that_made_it(home: Path, store: Store) -> None:
    take_turn(store, store.session("default").id, 1, None)
    by_transactions = [row for line in (home / JOURNAL).read_bytes().splitlines() for row in json.loads(line)]
    dump(store)
    anew = [row for line in (home / JOURNAL).read_bytes().splitlines() for row in json.loads(line)]
    assert all(row in by_transactions for row in anew)
    assert [list(row) for row in anew if row["table"] == "nodes"] == [
        list(row) for row in by_transactions if row["table"] == "nodes"
    ]


@pytest.mark.parametrize(
    "change",
    [
        "turns SET said = CAST(x'ff' AS TEXT)",
        "turns SET said = x'61'",
        "turns SET started = 'yesterday'",
        "operations SET created = '2026-02-30T12:00:00.000000+00:00'",
        "nodes SET created = x'61'",
        "nodes SET measures = '{'",
        "turns SET details = '{\"score\": NaN'",
    ],
)
def test_what_is_damaged_is_said_and_the_journal_stays(home: Path, store: Store, change: str) -> None:
    session = store.session("default")
    take_turn(store, session.id, 1, None)
    take_turn(store, session.id, 2, "n1")
    before = (home / JOURNAL).read_bytes()
    harm(home, f"UPDATE {change} WHERE number = 2")
    with pytest.raises(Damaged, match=r"is damaged; put it back from a backup, or rebuild it"):
        dump(store)
    assert (home / JOURNAL).read_bytes() == before
    assert not list(home.glob("*.part"))


def test_after_something_was_forgotten_the_journal_holds_all_else(home: Path, store: Store) -> None:
    session = store.session("default")
    take_turn(store, session.id, 1, None)
    take_turn(store, session.id, 2, "n1")
    forget_picture(store, session.id, "n1")
    assert journal_rows(home) == database_rows(home)


def calls_of_dumping(store: Store) -> int:
    """Of functions written in Python."""
    calls = 0

    def note(_: FrameType, event: str, __: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(note)
    try:
        dump(store)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.slow
def test_a_row_costs_little_more_than_reading_its_moments(tmp_path: Path) -> None:
    calls = []
    for nodes in (500, 2500):
        fill(tmp_path / str(nodes), nodes)
        with Store(tmp_path / str(nodes)) as store:
            calls.append(calls_of_dumping(store))
            rows = len(journal_rows(store.home))
    assert calls[1] - calls[0] <= 3 * rows * 4 / 5
