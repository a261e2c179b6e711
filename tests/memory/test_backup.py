import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from pentimento.memory.backup import back_up
from pentimento.memory.forget import forget_picture
from pentimento.memory.restore import restore
from pentimento.memory.store import Store
from pentimento.memory.types import StoreError
from tests.memory.make_upgrade_asset import ASSETS, tell
from tests.memory.stories import ROOT, png, python, python_env, take_turn


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "stick" / "backup"


def contents(home: Path) -> tuple[object, ...]:
    """All that a store says of its first session, and the pictures."""
    with Store(home) as store:
        session = store.session("default")
        nodes = store.nodes(session.id)
        pictures = [store.png(node) for node in nodes if node.gone is None]
        assert store.verify() == ()
        return (store.pointers(session.id), store.turns(session.id), store.operations(session.id), nodes, pictures)


def files(folder: Path) -> dict[Path, int]:
    """When each file came to be."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*.png")}


def test_a_backup_is_restored_as_it_was(home: Path, tmp_path: Path, copy: Path) -> None:
    with Store(home) as store:
        tell(store)
        found = back_up(store, copy)
        # The mask and the picture that was opened are the same noise.
        assert (found.pictures, found.added, found.problems) == (3, 3, ())
        assert found.bytes == sum(path.stat().st_size for path in copy.rglob("*.png"))
    restored = restore(copy, tmp_path / "new" / "home")
    assert (restored.pictures, restored.aside, restored.problems) == (3, None, ())
    assert contents(tmp_path / "new" / "home") == contents(home)
    assert not list((tmp_path / "new").glob(".*"))


def test_a_second_backup_adds_only_what_is_new(store: Store, copy: Path) -> None:
    session = store.session("default")
    first = take_turn(store, session.id, 1, None)
    back_up(store, copy)
    before = files(copy)
    take_turn(store, session.id, 2, first.id)
    found = back_up(store, copy)
    assert (found.pictures, found.added, found.bytes) == (2, 1, len(png(2)))
    assert before.items() <= files(copy).items()
    assert json.loads((copy / "backup.json").read_text())["complete"] is True


def test_what_was_forgotten_goes_from_the_backup_too(store: Store, copy: Path) -> None:
    session = store.session("default")
    first = take_turn(store, session.id, 1, None)
    take_turn(store, session.id, 2, first.id)
    back_up(store, copy)
    forget_picture(store, session.id, first.id)
    back_up(store, copy)
    held = b"".join(path.read_bytes() for path in copy.rglob("*") if path.is_file())
    assert [png(1) in held, b"picture 1" in held] == [False, False]
    assert [png(2) in held, b"picture 2" in held] == [True, True]


@pytest.mark.slow
def test_a_backup_while_another_process_writes_is_whole(home: Path, tmp_path: Path, copy: Path) -> None:
    command = python("-m", "tests.memory.writer", str(home), "30", "1")
    with Store(home) as store, subprocess.Popen(command, cwd=ROOT, env=python_env(), stdout=subprocess.PIPE) as writer:
        session, sizes = store.session("default"), [0]
        while writer.poll() is None:
            if len(store.nodes(session.id)) > sizes[-1]:
                found = back_up(store, copy)
                assert found.problems == ()
                sizes.append(found.pictures)
    assert len(sizes) > 3
    assert 0 < sizes[1] < sizes[-1] <= 30
    restore(copy, tmp_path / "restored")
    with Store(tmp_path / "restored") as restored:
        assert len(restored.nodes(session.id)) == sizes[-1]
        assert restored.verify() == ()


def test_a_damaged_picture_does_not_keep_the_others_from_the_backup(store: Store, copy: Path, tmp_path: Path) -> None:
    session = store.session("default")
    first = take_turn(store, session.id, 1, None)
    second = take_turn(store, session.id, 2, first.id)
    store.path(first).write_bytes(b"no picture")
    (problem,) = back_up(store, copy).problems
    assert problem.startswith("default n1: The picture file")
    with pytest.raises(StoreError, match=r"is damaged \(default n1: its picture file is missing\); take another one"):
        restore(copy, tmp_path / "restored")
    assert not (tmp_path / "restored").exists()
    assert restore(copy, tmp_path / "restored", force=True).problems == ("default n1: its picture file is missing",)
    with Store(tmp_path / "restored") as restored:
        assert restored.png(second) == png(2)


def test_a_backup_repairs_what_was_damaged_in_it(store: Store, copy: Path) -> None:
    node = take_turn(store, store.session("default").id, 1, None)
    back_up(store, copy)
    file = copy / store.path(node).relative_to(store.home)
    file.write_bytes(b"no picture")
    assert back_up(store, copy).added == 1
    assert file.read_bytes() == png(1)


def test_a_backup_that_was_cut_short_is_gone_on_with(store: Store, copy: Path) -> None:
    take_turn(store, store.session("default").id, 1, None)
    back_up(store, copy)
    (copy / "lineage.sqlite3").rename(copy / ".lineage.sqlite3.part")
    assert back_up(store, copy).pictures == 1
    assert not list(copy.glob(".*"))


def test_a_folder_with_something_else_in_it_is_refused(store: Store, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "to-anna.txt").write_text("Dear Anna")
    with pytest.raises(StoreError, match="is not empty and no backup; choose an empty folder"):
        back_up(store, tmp_path / "letters")
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["to-anna.txt"]


@pytest.mark.parametrize("inside", ["", "backup", "blobs/backup", ".."])
def test_a_folder_within_the_home_is_refused(store: Store, inside: str) -> None:
    with pytest.raises(StoreError, match="lie in one another"):
        back_up(store, store.home / inside)


def test_the_backup_of_another_history_is_refused(store: Store, tmp_path: Path, copy: Path) -> None:
    with Store(tmp_path / "other") as other:
        tell(other)
        back_up(other, copy)
    before = files(copy)
    tell(store)
    with pytest.raises(StoreError, match="the backup of another history"):
        back_up(store, copy)
    assert files(copy) == before
    restore(copy, tmp_path / "restored")


def test_a_home_in_use_is_set_aside_only_by_force_and_never_deleted(home: Path, store: Store, copy: Path) -> None:
    session = store.session("default")
    take_turn(store, session.id, 1, None)
    back_up(store, copy)
    take_turn(store, session.id, 2, None)
    with pytest.raises(StoreError, match="is not empty; add --force"):
        restore(copy, home)
    with pytest.raises(StoreError, match=r"Another program has .* open; close it"):
        restore(copy, home, force=True)
    store.close()
    aside = restore(copy, home, force=True).aside
    assert aside is not None
    with Store(home) as restored, Store(aside) as before:
        assert (len(restored.nodes(session.id)), len(before.nodes(session.id))) == (1, 2)


@pytest.mark.parametrize("name", ["lineage.sqlite3", "blobs", ""])
def test_what_is_no_backup_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "folder"
    if name:
        (folder / name).mkdir(parents=True)
    if name == "blobs":
        (folder / "lineage.sqlite3").touch()
    with pytest.raises(StoreError, match="is no backup: there is no history in its"):
        restore(folder, tmp_path / "home")
    assert not (tmp_path / "home").exists()


@contextmanager
def replaced(path: Path, content: bytes) -> Iterator[None]:
    kept = path.read_bytes()
    path.write_bytes(content)
    yield
    path.write_bytes(kept)


def test_a_damaged_backup_is_refused_and_replaces_nothing(home: Path, store: Store, copy: Path) -> None:
    node = take_turn(store, store.session("default").id, 1, None)
    back_up(store, copy)
    store.close()
    database = copy / "lineage.sqlite3"
    whole = database.read_bytes()
    for content in (b"no database" * 1000, whole[:5000], whole[:8192] + bytes(4096) + whole[12288:]):
        with (
            replaced(database, content),
            pytest.raises(StoreError, match=r"The (database of the )?backup in .* damaged"),
        ):
            restore(copy, home, force=True)
    with replaced(copy / store.path(node).relative_to(home), png(2)), pytest.raises(StoreError, match="default n1"):
        restore(copy, home / "nowhere")
    assert contents(home)[4] == [png(1)]
    assert not list(home.parent.glob("*set-aside*"))


def test_a_backup_of_a_newer_program_is_refused(store: Store, copy: Path, tmp_path: Path) -> None:
    back_up(store, copy)
    with closing(sqlite3.connect(copy / "lineage.sqlite3", isolation_level=None)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer version of Pentimento"):
        restore(copy, tmp_path / "restored")


@pytest.mark.parametrize("revision", sorted(path.name for path in ASSETS.iterdir()))
def test_a_backup_of_an_older_program_is_restored(tmp_path: Path, revision: str) -> None:
    restore(ASSETS / revision, tmp_path / "restored")
    assert contents(tmp_path / "restored")[4] == [png(1), png(-3), png(2), png(3)]


def test_a_backup_serves_as_a_home(store: Store, copy: Path, tmp_path: Path) -> None:
    tell(store)
    back_up(store, copy)
    shutil.copytree(copy, tmp_path / "copied")
    assert contents(tmp_path / "copied") == contents(store.home)
