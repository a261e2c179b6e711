"""A session that came from elsewhere, or failed to: what the journal says of it."""

import json
from pathlib import Path

import pytest

from pentimento.memory import transfer
from pentimento.memory.arrival import History, checked
from pentimento.memory.recover import recover
from pentimento.memory.store import Store
from pentimento.memory.types import StoreError
from tests.memory.faults import die_before_the_commit, largest_file
from tests.memory.long_story import DATABASE, JOURNAL, lose
from tests.memory.make_upgrade_asset import tell
from tests.memory.stories import take_turn
from tests.memory.test_recover import everything
from tests.memory.trip import tell as tell_trip
from tests.memory.trip import trip

Bundle = tuple[History, list[bytes]]
"""A session from another home, and its pictures."""


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    with Store(tmp_path / "far") as far:
        tell_trip(far)
        history = checked(json.loads(json.dumps(transfer.take_out(far, trip(far).id))))
        return history, [far.blobs.read(blob) for blob in history.blobs]


def by_name(home: Path) -> list[tuple[object, ...]]:
    """All that a store says of its sessions. Which one was used last is told by what happened in it, elsewhere maybe."""
    return sorted(everything(home), key=lambda session: str(session[0]))


def test_a_session_that_came_from_elsewhere_is_rebuilt_as_it_was(home: Path, bundle: Bundle) -> None:
    with Store(home) as store:
        tell(store)
        session = transfer.take_in(store, *bundle)
        take_turn(store, session.id, 77, session.head)
        transfer.take_in(store, *bundle)
    before = by_name(home)
    lose(home)
    recover(home)
    assert by_name(home) == before


@pytest.mark.slow
@pytest.mark.parametrize("again", [True, False], ids=["that bundle again", "another session"])
def test_a_bundle_whose_process_was_killed_before_the_commit_leaves_nothing_in_what_gets_its_number(
    home: Path, bundle: Bundle, again: bool
) -> None:
    with Store(home) as store:
        take_turn(store, store.session("default").id, 1, None)
    die_before_the_commit(home, lambda store: transfer.take_in(store, *bundle))
    assert b"squirrel red" in (home / JOURNAL).read_bytes()
    with Store(home) as store:
        if again:
            transfer.take_in(store, *bundle)
        else:
            take_turn(store, store.session("walk").id, 5, None)
    before = by_name(home)
    lose(home)
    recover(home)
    assert by_name(home) == before


def take_in_without_room(store: Store, bundle: Bundle, where: str) -> None:
    """The disk is full when the journal, or the database, is written to."""
    journal_size = (store.home / JOURNAL).stat().st_size
    log = store.home / f"{DATABASE}-wal"
    room = {"journal": journal_size + 3000, "database": log.stat().st_size}[where]
    with largest_file(room), pytest.raises(StoreError):
        transfer.take_in(store, *bundle)


@pytest.mark.parametrize("where", ["journal", "database"])
def test_a_bundle_that_did_not_fit_is_not_in_the_journal(home: Path, bundle: Bundle, where: str) -> None:
    with Store(home) as store:
        # So that the log of the database is the largest file.
        store.begin_turn(store.session("default").id, "a squirrel " * (1 if where == "journal" else 20_000))
        known = (home / JOURNAL).read_bytes()
        take_in_without_room(store, bundle, where)
        assert (home / JOURNAL).read_bytes() == known
        take_turn(store, store.session("default").id, 1, None)
    before = by_name(home)
    lose(home)
    assert recover(home).damaged_lines == 0
    assert by_name(home) == before
