import sqlite3
import subprocess
from pathlib import Path

import pytest

from pentimento.memory.filesystem import mounted
from pentimento.memory.sqlite import SAFE_WITH_SEVERAL
from pentimento.memory.store import Store
from tests.memory.stories import python, python_env, take_turn

OPEN = """
import sys
from pathlib import Path
from pentimento.memory.store import Store
with Store(Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.read()
"""

MOUNTS = r"""22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 27 0:40 / /home rw,relatime shared:2 - nfs4 server:/home rw,vers=4.2
41 40 254:1 / /home/anna/own\040disk rw - xfs /dev/vdb rw
42 27 0:42 / /mnt/share rw shared:3 master:1 - fuse.sshfs anna@server: rw
43 42 0:43 / /mnt/share rw - tmpfs none rw
a line of nonsense
"""


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/srv/pictures", "ext4"),
        ("/home/anna/pictures", "nfs4"),
        ("/homeless", "ext4"),
        ("/home/anna/own disk/pictures", "xfs"),
        ("/home/anna/own disk", "xfs"),
        ("/mnt/share/pictures", "tmpfs"),
    ],
)
def test_a_path_lies_on_the_innermost_mount_that_was_made_last(path: str, name: str) -> None:
    assert mounted(MOUNTS, Path(path)) == name


def test_without_mounts_nothing_is_known() -> None:
    assert mounted("", Path("/home")) is None


def mounted_as(name: str, home: Path) -> Path:
    """A file that says that the home lies on such a file system."""
    file = home.with_name("mountinfo")
    file.write_text(f"27 1 254:0 / / rw - ext4 /dev/vda rw\n28 27 0:40 / {home} rw - {name} server:/ rw\n")
    return file


def journal_mode(store: Store) -> str:
    with store.database.read() as db:
        return str(db.connection().exec_driver_sql("PRAGMA journal_mode").scalar_one())


def test_on_a_network_file_system_a_person_is_warned_and_no_memory_is_shared(home: Path) -> None:
    with Store(home) as store:
        assert store.warnings == ()
        assert journal_mode(store) == "wal"
        session = store.session("default")
        first = take_turn(store, session.id, 1, None)
    with Store(home, mounted_as("nfs4", home)) as store:
        (warning,) = store.warnings
        assert "network file system (nfs4)" in warning
        assert journal_mode(store) == "delete"
        take_turn(store, session.id, 2, first.id)
        assert store.verify() == ()
        assert not list(home.glob("*-shm"))


@pytest.mark.slow
def test_two_stores_on_a_network_file_system_wait_for_each_other(home: Path) -> None:
    mounts = mounted_as("cifs", home)
    with Store(home, mounts) as store, Store(home, mounts) as other:
        session = store.session("default")
        heads: list[str | None] = [None, None]
        for seed in range(0, 10, 2):
            heads[0] = take_turn(store, session.id, seed, heads[0]).id
            heads[1] = take_turn(other, session.id, seed + 1, heads[1]).id
        assert len(store.nodes(session.id)) == 10
        assert store.verify() == ()


@pytest.mark.slow
def test_of_an_old_sqlite_a_person_is_warned_when_another_process_has_the_home_open(home: Path) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen(python("-c", OPEN, str(home)), env=python_env(), stdin=pipe, stdout=pipe) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        with Store(home) as store:
            warned = ["SQLite 3.51.3 is safer" in warning for warning in store.warnings]
            assert warned == ([] if sqlite3.sqlite_version_info >= SAFE_WITH_SEVERAL else [True])
        other.communicate(b"")
    with Store(home) as store:
        assert store.warnings == ()
    assert list((home / "running").iterdir()) == []


def test_a_killed_process_leaves_no_sign_that_it_has_the_home_open(home: Path) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen(python("-c", OPEN, str(home)), env=python_env(), stdin=pipe, stdout=pipe) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        other.kill()
    assert len(list((home / "running").iterdir())) == 1
    with Store(home) as store:
        assert store.warnings == ()
