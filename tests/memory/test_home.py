import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from pentimento.memory.store import Store
from pentimento.memory.types import StoreError
from tests.memory.stories import take_turn

NOBODY = 65534


@contextmanager
def without_rights(folder: Path) -> Iterator[None]:
    """Takes the right to write away; the superuser, whom that does not stop, is somebody else meanwhile."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        with pytest.raises(PermissionError):
            (folder / "probe").touch()
        yield
    finally:
        if root:
            os.seteuid(0)
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o755)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter; those of pytest belong to one user alone."""
    folder = Path(tempfile.mkdtemp(prefix="pentimento-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_home_is_made_with_all_folders_above_it(tmp_path: Path) -> None:
    with Store(tmp_path / "a" / "b" / "home") as store:
        take_turn(store, store.session("default").id, 1, None)
    assert {path.name for path in (tmp_path / "a" / "b" / "home").iterdir()} == {
        "blobs",
        "lineage.jsonl",
        "lineage.sqlite3",
        "open.lock",
        "running",
        "write.lock",
    }


def test_pictures_are_for_the_user_alone(tmp_path: Path) -> None:
    Store(tmp_path / "home").close()
    assert (tmp_path / "home").stat().st_mode & 0o077 == 0


def test_a_read_only_folder_is_refused(open_folder: Path) -> None:
    with without_rights(open_folder), pytest.raises(StoreError, match="PENTIMENTO_HOME"):
        Store(open_folder / "home")


def test_a_history_that_became_read_only_is_refused(open_folder: Path, empty_home: Path) -> None:
    home = Path(shutil.copytree(empty_home, open_folder / "home"))
    with without_rights(home), pytest.raises(StoreError, match="make it writable"):
        Store(home)


def test_a_read_only_database_in_a_writable_folder_is_refused(open_folder: Path, empty_home: Path) -> None:
    home = Path(shutil.copytree(empty_home, open_folder / "home"))
    for path in [home, home / "blobs", home / "running", home / "open.lock"]:
        path.chmod(0o777)
    (home / "lineage.sqlite3").chmod(0o444)
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        with pytest.raises(StoreError, match=r"lineage.sqlite3 cannot be written"):
            Store(home)
    finally:
        if root:
            os.seteuid(0)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("not a folder")
    with pytest.raises(StoreError, match="cannot be used"):
        Store(tmp_path / "home")


@pytest.mark.parametrize("content", [b"not a database " * 1000, b"SQLite format 3\0" + bytes(4080)])
def test_a_corrupt_database_is_refused_and_left_alone(home: Path, content: bytes) -> None:
    path = home / "lineage.sqlite3"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="is damaged; put it back from a backup"):
        Store(home)
    assert path.read_bytes() == content


def test_a_database_cut_short_is_refused(home: Path) -> None:
    path = home / "lineage.sqlite3"
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(StoreError, match="is damaged; put it back from a backup"):
        Store(home)


def test_a_full_disk_is_said_and_the_session_goes_on_when_there_is_space(home: Path) -> None:
    with Store(home) as store:
        session = store.session("default")
        first = take_turn(store, session.id, 1, None)
        with store.database.read() as connection:
            pages = connection.connection().exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.connection().exec_driver_sql(f"PRAGMA max_page_count = {pages + 8}")
        with pytest.raises(StoreError, match="no space left"):
            store.begin_turn(session.id, "a squirrel " * 10_000)
        assert len(store.turns(session.id)) == 1
    with Store(home) as store:
        take_turn(store, session.id, 2, first.id)
        assert store.verify() == ()


def test_a_writer_that_keeps_all_others_waiting_is_said(home: Path, store: Store) -> None:
    session, store.database.patience = store.session("default"), 0.05
    with Store(home) as other, other.database.write(), pytest.raises(StoreError, match="Another program keeps"):
        store.begin_turn(session.id, "a squirrel")
    take_turn(store, session.id, 1, None)


def test_a_lock_that_cannot_be_made_is_said(home: Path, store: Store) -> None:
    (home / "write.lock").unlink(missing_ok=True)
    (home / "write.lock").mkdir()
    with pytest.raises(StoreError, match=r"write\.lock cannot be written; make it writable"):
        store.session("default")
    (home / "write.lock").rmdir()
    store.session("default")


def test_a_busy_database_is_said(home: Path) -> None:
    with Store(home) as store, closing(sqlite3.connect(home / "lineage.sqlite3", isolation_level=None)) as other:
        session = store.session("default")
        with store.database.read() as connection:
            connection.connection().exec_driver_sql("PRAGMA busy_timeout = 50")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="Another program keeps"):
            store.begin_turn(session.id, "a squirrel")
        other.execute("ROLLBACK")
        take_turn(store, session.id, 1, None)
