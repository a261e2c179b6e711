"""The folder of a backup, and what it may have been through: used as a home, left by a process that was killed, shared."""

import json
import os
import signal
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from pentimento.memory.backup import back_up
from pentimento.memory.collect import collect
from pentimento.memory.forget import forget_picture, forget_session
from pentimento.memory.restore import restore
from pentimento.memory.store import Store
from pentimento.memory.types import StoreError, TurnStatus
from tests.memory.make_upgrade_asset import tell
from tests.memory.stories import ROOT, png, python, python_env, take_turn
from tests.memory.test_recover import everything

pytestmark = pytest.mark.slow

DATABASE = "lineage.sqlite3"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "stick" / "backup"


def held(folder: Path) -> bytes:
    """All that is in its files."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def say_in_vain(store: Store, session_id: int, said: str) -> None:
    turn = store.begin_turn(session_id, said)
    store.end_turn(session_id, turn.number, TurnStatus.FAILED, reply="That failed.")


def test_two_homes_that_went_on_from_one_backup_do_not_share_it(store: Store, tmp_path: Path, copy: Path) -> None:
    session = store.session("default").id
    take_turn(store, session, 1, None)
    back_up(store, copy)
    restore(copy, tmp_path / "other")
    take_turn(store, session, 2, "n1")
    back_up(store, copy)
    with Store(tmp_path / "other") as other:
        take_turn(other, session, 3, "n1")
        take_turn(other, session, 4, "n2")
        with pytest.raises(StoreError, match="is the backup of another history; choose an empty folder"):
            back_up(other, copy)
    assert back_up(store, copy).added == 0


def test_a_home_that_only_moved_its_branches_elsewhere_is_another_one_too(
    store: Store, tmp_path: Path, copy: Path
) -> None:
    session = store.session("default").id
    take_turn(store, session, 1, None)
    back_up(store, copy)
    restore(copy, tmp_path / "other")
    store.tag(session, "best", "n1")
    back_up(store, copy)
    with Store(tmp_path / "other") as other:
        other.tag(session, "worst", "n1")
        with pytest.raises(StoreError, match="is the backup of another history"):
            back_up(other, copy)


def test_a_restored_home_goes_on_with_its_backup(store: Store, tmp_path: Path, copy: Path) -> None:
    take_turn(store, store.session("default").id, 1, None)
    back_up(store, copy)
    restore(copy, tmp_path / "other")
    with Store(tmp_path / "other") as other:
        take_turn(other, other.session("default").id, 2, "n1")
        assert back_up(other, copy).added == 1


def used_and_killed(folder: Path) -> None:
    """A turn in a backup that is used as a home, by a process that is killed before its log is written into the database."""
    lines = (
        "import os, signal, sys; from pathlib import Path; from pentimento.memory.store import Store;"
        "from tests.memory.stories import take_turn; store = Store(Path(sys.argv[1]));"
        "take_turn(store, store.session('default').id, 7, 'n1'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run(python("-c", lines, str(folder)), env=python_env(), cwd=ROOT, check=False)
    assert (folder / "lineage.sqlite3-wal").stat().st_size


def test_what_was_done_in_a_backup_by_a_killed_process_is_restored(store: Store, tmp_path: Path, copy: Path) -> None:
    take_turn(store, store.session("default").id, 1, None)
    back_up(store, copy)
    used_and_killed(copy)
    restore(copy, tmp_path / "other")
    with Store(tmp_path / "other") as other:
        assert other.session("default").head == "n2"
        assert other.verify() == ()


def test_a_backup_in_which_somebody_worked_is_not_written_over(store: Store, copy: Path) -> None:
    take_turn(store, store.session("default").id, 1, None)
    back_up(store, copy)
    used_and_killed(copy)
    take_turn(store, store.session("default").id, 2, "n1")
    with pytest.raises(StoreError, match="is the backup of another history"):
        back_up(store, copy)
    with Store(copy) as used:
        assert used.session("default").head == "n2"
        assert used.verify() == ()


def test_a_backup_that_is_open_as_a_home_is_not_written_to(store: Store, copy: Path) -> None:
    take_turn(store, store.session("default").id, 1, None)
    back_up(store, copy)
    with Store(copy), pytest.raises(StoreError, match=r"Another program has .* open"):
        back_up(store, copy)


def test_a_home_in_which_only_something_else_was_said_is_another_one_too(
    store: Store, tmp_path: Path, copy: Path
) -> None:
    session = store.session("default").id
    take_turn(store, session, 1, None)
    back_up(store, copy)
    restore(copy, tmp_path / "other")
    say_in_vain(store, session, "make it fly")
    back_up(store, copy)
    with Store(tmp_path / "other") as other:
        say_in_vain(other, session, "make it swim")
        with pytest.raises(StoreError, match="is the backup of another history"):
            back_up(other, copy)
    assert b"make it fly" in held(copy)


def test_a_session_that_was_forgotten_goes_from_the_backup_too(store: Store, copy: Path, tmp_path: Path) -> None:
    trip = store.session("trip").id
    take_turn(store, trip, 1, None)
    take_turn(store, store.session("default").id, 2, None)
    back_up(store, copy)
    forget_session(store, trip)
    back_up(store, copy)
    assert [png(1) in held(copy), b"picture 1" in held(copy), png(2) in held(copy)] == [False, False, True]
    assert back_up(store, copy).added == 0
    restore(copy, tmp_path / "restored")
    assert everything(tmp_path / "restored") == everything(store.home)


def test_a_home_that_was_tidied_goes_on_with_its_backup(store: Store, copy: Path) -> None:
    session = store.session("default").id
    take_turn(store, session, 1, None)
    take_turn(store, session, 2, "n1")
    back_up(store, copy)
    store.undo(session)
    take_turn(store, session, 3, "n1")
    collect(store, timedelta(0), run=True)
    back_up(store, copy)
    assert everything(copy) == everything(store.home)


def test_a_home_that_was_refused_leaves_a_backup_as_it_was(store: Store, tmp_path: Path, copy: Path) -> None:
    with Store(tmp_path / "other") as other:
        tell(other)
        back_up(other, copy)
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    take_turn(store, store.session("default").id, 1, None)
    with pytest.raises(StoreError, match="is the backup of another history"):
        back_up(store, copy)
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before
    assert json.loads((copy / "backup.json").read_text())["complete"] is True


def test_a_backup_that_was_killed_goes_on_forgetting(store: Store, copy: Path) -> None:
    session = store.session("default").id
    take_turn(store, session, 1, None)
    take_turn(store, session, 2, "n1")
    back_up(store, copy)
    forget_picture(store, session, "n1")
    child = os.fork()
    if not child:
        die_when_the_database_is_replaced(store.home, copy)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    assert json.loads((copy / "backup.json").read_text())["complete"] is False
    assert back_up(store, copy).problems == ()
    assert [png(1) in held(copy), png(2) in held(copy)] == [False, True]


def die_when_the_database_is_replaced(home: Path, folder: Path) -> None:
    replace = Path.replace

    def replace_and_die(self: Path, target: Path) -> Path:
        found = replace(self, target)
        if target == folder / DATABASE:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    try:
        Path.replace = replace_and_die  # type: ignore[assignment, method-assign]
        back_up(Store(home), folder)
    finally:
        os._exit(1)


def test_a_picture_that_a_killed_backup_had_begun_does_not_stay(store: Store, copy: Path) -> None:
    take_turn(store, store.session("default").id, 1, None)
    back_up(store, copy)
    begun = copy / "blobs" / "ab" / f".{8 * 'c0'}.part"
    begun.parent.mkdir()
    begun.write_bytes(png(5))
    back_up(store, copy)
    assert not begun.exists()


def test_a_log_whose_database_is_gone_is_not_mixed_into_another_one(store: Store, copy: Path) -> None:
    take_turn(store, store.session("default").id, 1, None)
    back_up(store, copy)
    used_and_killed(copy)
    (copy / DATABASE).unlink()
    back_up(store, copy)
    assert everything(copy) == everything(store.home)


def test_several_processes_back_up_into_one_folder_at_once(home: Path, store: Store, copy: Path) -> None:
    for seed in range(20):
        take_turn(store, store.session("default").id, seed, None)
    lines = (
        "import sys; from pathlib import Path; from pentimento.memory.backup import back_up;"
        "from pentimento.memory.store import Store; back_up(Store(Path(sys.argv[1])), Path(sys.argv[2]))"
    )
    command = python("-c", lines, str(home), str(copy))
    running = [subprocess.Popen(command, env=python_env(), cwd=ROOT) for _ in range(4)]
    assert [process.wait() for process in running] == [0, 0, 0, 0]
    assert everything(copy) == everything(home)


BEGIN_AND_DIE = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import text
from pentimento.memory.store import Store

store = Store(Path(sys.argv[1]), Path(sys.argv[2]))
assert store.database.network
with store.database.write() as db:
    # More than SQLite keeps in memory, so that a part of it is in the database file already.
    db.execute(text("UPDATE turns SET said = :said"), {"said": "a squirrel" * 30_000})
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def half_written(store: Store, copy: Path, tmp_path: Path) -> Path:
    """A backup on another machine, used as a home there by a process that was killed within a transaction."""
    for seed in range(30):
        take_turn(store, store.session("default").id, seed, None)
    back_up(store, copy)
    mounts = tmp_path / "mountinfo"
    mounts.write_text("36 35 0:31 / / rw - nfs4 server:/home rw\n")
    command = python("-c", BEGIN_AND_DIE, str(copy), str(mounts))
    subprocess.run(command, env=python_env(), cwd=ROOT, check=False)
    assert (copy / f"{DATABASE}-journal").stat().st_size
    return copy


def test_what_a_killed_process_had_begun_in_a_backup_is_not_restored(
    store: Store, half_written: Path, tmp_path: Path
) -> None:
    restore(half_written, tmp_path / "restored")
    assert everything(tmp_path / "restored") == everything(store.home)


def test_what_a_killed_process_had_begun_in_a_backup_is_taken_back_before_it_is_brought_up(
    store: Store, half_written: Path
) -> None:
    take_turn(store, store.session("default").id, 50, None)
    assert back_up(store, half_written).added == 1
    assert not list(half_written.glob(f"{DATABASE}-*"))
    assert everything(half_written) == everything(store.home)


def test_a_backup_that_is_open_as_a_home_is_not_restored_half_way(store: Store, copy: Path, tmp_path: Path) -> None:
    take_turn(store, store.session("default").id, 1, None)
    back_up(store, copy)
    with Store(copy), pytest.raises(StoreError, match=r"Another program has .* open; close it"):
        restore(copy, tmp_path / "restored")
    restore(copy, tmp_path / "restored")


def test_what_is_restored_from_a_home_of_many_changes_has_a_whole_journal(store: Store, tmp_path: Path) -> None:
    session = store.session("default").id
    turn = store.begin_turn(session, "a squirrel " * 1000)
    store.end_turn(session, turn.number, TurnStatus.FAILED, reply="There are no squirrels.")
    store.close()
    restore(store.home, tmp_path / "restored")
    Store(tmp_path / "restored").close()
    assert not list((tmp_path / "restored").glob("*set-aside*"))
