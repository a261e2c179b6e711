import errno
import hashlib
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from pentimento.memory.store import Store
from pentimento.memory.types import StoreError, TurnStatus
from tests.memory.dumps import database_rows, journal_rows
from tests.memory.faults import Disk, largest_file
from tests.memory.stories import image, mask, take_turn

pytestmark = pytest.mark.slow

FAULTS = pytest.mark.parametrize(
    ("error", "half"),
    [
        pytest.param(errno.ENOSPC, False, marks=pytest.mark.slow),
        pytest.param(errno.EIO, False, marks=pytest.mark.slow),
        pytest.param(errno.EACCES, False, marks=pytest.mark.slow),
        (errno.ENOSPC, True),
    ],
    ids=["no space", "broken", "forbidden", "no space for the second half"],
)


def take_masked_turn(store: Store, session_id: int, seed: int) -> None:
    head = store.session("default").head
    turn = store.begin_turn(session_id, "make the squirrel red")
    store.add_nodes(session_id, turn.number, [mask(seed), image(seed, head, "+0")], 1, head)
    store.end_turn(session_id, turn.number, TurnStatus.DONE, reply="It is red.")


def is_said(do: Callable[[], object]) -> bool:
    """Whether it fails, which it may with one sentence only."""
    try:
        do()
    except StoreError as error:
        said = str(error)
        assert "\n" not in said
        assert said.endswith(".")
        assert "Error" not in said
        return True
    return False


def assert_nothing_is_half_written(store: Store) -> None:
    for path in store.blobs.folder.glob("*/*"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == f"{path.parent.name}{path.stem}"


def assert_whole(store: Store) -> None:
    """To be asked at the end: turns left running are interrupted first, so that journal and database say the same."""
    store.close()
    with Store(store.home) as opened:
        assert opened.verify() == ()
    assert_nothing_is_half_written(store)
    assert journal_rows(store.home) == database_rows(store.home)


@FAULTS
def test_whichever_call_to_the_disk_fails_in_a_turn_it_is_said_and_the_session_goes_on(
    store: Store, error: int, half: bool
) -> None:
    session = store.session("default")
    call, said, disk = 1, [], Disk(1, error, half)
    while True:
        before = len(store.nodes(session.id))
        with disk.in_use():
            said.append(is_said(partial(take_masked_turn, store, session.id, 2 * call)))
        if not disk.failed:
            break
        assert said[-1] or disk.calls[call - 1] == "open"  # a picture that can't be read is written anew
        assert len(store.nodes(session.id)) in (before, before + 2)
        take_turn(store, session.id, 10_000 + call, store.session("default").head)
        assert_nothing_is_half_written(store)
        call += 1
        disk = Disk(call, error, half)
    assert not said[-1]
    assert sum(said) >= 15
    assert {"open", "write", "fsync", "replace", "mkdir"} == set(disk.calls)
    assert_whole(store)


def test_a_disk_that_takes_only_a_half_at_a_time_gets_the_rest(store: Store) -> None:
    session = store.session("default")
    call, disk = 0, Disk(0, 0)
    while disk.failed:
        call += 1
        disk = Disk(call, 0)
        with disk.in_use():
            take_masked_turn(store, session.id, 2 * call)
    assert call >= 15
    assert_whole(store)


@pytest.mark.slow
@FAULTS
def test_whichever_call_to_the_disk_fails_while_a_home_is_made_it_can_be_made_afterwards(
    tmp_path: Path, error: int, half: bool
) -> None:
    call, disk = 0, Disk(0, error, half)
    while disk.failed:
        call += 1
        home, disk = tmp_path / str(call), Disk(call, error, half)
        with disk.in_use():
            is_said(partial(open_and_close, home))
        with Store(home) as store:
            take_turn(store, store.session("default").id, 1, None)
        assert_whole(store)
    assert call >= 10


def open_and_close(home: Path) -> None:
    Store(home).close()


def test_whenever_the_database_gives_up_in_a_turn_it_is_said_and_the_session_goes_on(store: Store) -> None:
    session = store.session("default")
    take_turn(store, session.id, 1, None)
    said, at = 0, 1
    while gives_up(store, at, partial(take_masked_turn, store, session.id, 2 * at)):
        said, at = said + 1, at + 6
        take_turn(store, session.id, 10_000 + at, store.session("default").head)
    assert said >= 15
    assert_whole(store)


def gives_up(store: Store, at: int, do: Callable[[], object]) -> bool:
    """Whether it failed; the database is interrupted after that many times twenty steps of its machine."""
    with store.database.read() as db:
        connection = db.connection().connection.driver_connection
    assert isinstance(connection, sqlite3.Connection)
    left = iter(range(at))
    connection.set_progress_handler(lambda: next(left, None) is None, 20)
    try:
        return is_said(do)
    finally:
        connection.set_progress_handler(None, 0)


def test_wherever_the_space_ends_in_a_turn_it_is_said_and_the_session_goes_on(store: Store) -> None:
    session = store.session("default")
    log, page = store.home / "lineage.sqlite3-wal", 4096 + 24
    store.begin_turn(session.id, "a squirrel " * 20_000)  # so that the log of the database is the largest file
    said, pages = 0, 0
    while is_said(partial(take_with_room, store, session.id, 2 * pages, log.stat().st_size + pages * page)):
        said, pages = said + 1, pages + 1
        take_turn(store, session.id, 10_000 + pages, store.session("default").head)
        assert_nothing_is_half_written(store)
    assert said >= 10
    assert_whole(store)


def take_with_room(store: Store, session_id: int, seed: int, room: int) -> None:
    with largest_file(room):
        take_masked_turn(store, session_id, seed)
