import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pentimento.memory.store import Store
from pentimento.tui import commands
from tests.memory.make_upgrade_asset import tell
from tests.memory.stories import png
from tests.tui.terminal_session import PROGRAM, TerminalSession

pytestmark = pytest.mark.slow

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def told_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("told") / "home"
    with Store(home) as store:
        tell(store)
    return home


@pytest.fixture
def home(told_home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(told_home, tmp_path / "home"))


@pytest.fixture
def call(home: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command; gives (exit code, stdout, stderr)."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        code = commands.run([str(argument) for argument in arguments], home)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def refused(result: tuple[int, str, str]) -> str:
    """The sentence of a command that was refused: exit code 2, nothing on stdout, one line on stderr."""
    code, out, err = result
    assert (code, out) == (2, "")
    assert err.startswith("pentimento: ")
    assert err.count("\n") == 1
    return err


def picture(home: Path, node: str) -> Path:
    with Store(home) as store:
        return store.path(store.node(store.session("default").id, node))


def test_fsck_exits_with_one_when_it_finds_damage_and_names_it(call: Call, home: Path) -> None:
    assert call("fsck") == (0, "All is well.\n", "")
    picture(home, "n3").write_bytes(png(77))
    code, out, _ = call("fsck")
    assert (code, out.split(" (")[0]) == (1, "default n3: its picture file is damaged")


def test_gc_counts_first_and_removes_when_it_is_told_to(call: Call, home: Path) -> None:
    with Store(home) as store:
        store.undo(store.session("default").id, 3)
    file = picture(home, "n3")
    assert call("gc")[1] == "There is nothing to remove.\n"
    code, out, _ = call("gc", "--grace", "0")
    assert (code, out.split(" (")[0]) == (0, "3 pictures that nothing leads to, 2 files")
    assert out.endswith("can go: default n2, default n3, default n4. Say pentimento gc --run to remove them.\n")
    assert file.exists()
    assert call("gc", "--grace", "0", "--run")[1].startswith("Removed 3 pictures that nothing leads to, 2 files")
    assert not file.exists()
    assert call("fsck")[0] == 0


def test_forget_asks_and_without_a_terminal_wants_a_yes(call: Call, home: Path) -> None:
    assert "say --yes to forget without being asked" in refused(call("forget", "n3"))
    assert "say which picture, or which session" in refused(call("forget"))
    assert "There is no n77" in refused(call("forget", "n77", "--yes"))
    assert "There is no session “trip”; there are: default." in refused(call("forget", "--session", "trip", "--yes"))
    code, out, err = call("forget", "n3", "--yes")
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "Forgot n2, n3 and what was said; default is at n1 now."
    assert "made more than once: default n4." in out
    assert "n3 was forgotten" in refused(call("export", "n3", home / "x.png"))
    assert call("fsck")[0] == 0


def test_forget_of_a_session_takes_all_of_it(call: Call, home: Path) -> None:
    assert call("forget", "--session", "default", "--yes")[1].startswith("The session default is forgotten, with 4 pic")
    assert "There is no session “default”; there is none yet." in refused(call("forget", "n1", "--session", "default"))
    assert not list(home.rglob("*.png"))


@pytest.mark.parametrize(("answer", "gone"), [("y", True), ("", False), ("nope", False)])
def test_forget_asks_on_a_terminal(home: Path, answer: str, gone: bool) -> None:
    with TerminalSession([*PROGRAM, "forget", "n3"], env={"PENTIMENTO_HOME": str(home)}) as session:
        session.until(lambda: "[y/N]" in session.text())
        assert "Forget n3, “picture 2” of default" in session.text()
        session.press(f"{answer}\r")
        assert session.end() == 0
    with Store(home) as store:
        assert (store.node(1, "n3").gone is not None) is gone


def test_a_backup_is_made_and_restored(call: Call, home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    assert call("backup", copy)[1].startswith(f"3 picture files in {copy}, 3 of them new (")
    assert call("backup", copy)[1] == f"3 picture files in {copy}, 0 of them new (0 bytes).\n"
    assert "is not empty; add --force" in refused(call("restore", copy))
    picture(home, "n1").unlink()
    assert call("fsck")[0] == 1
    code, out, _ = call("backup", tmp_path / "other")
    assert (code, "default n1: The picture file" in out) == (1, True)
    code, out, _ = call("restore", copy, "--force")
    assert (code, "What was here before is kept in" in out, call("fsck")[0]) == (0, True, 0)
    assert "is no backup" in refused(call("restore", tmp_path, "--force"))
    (copy / "lineage.sqlite3").write_bytes(b"nonsense" * 999)
    assert "is damaged; take another backup" in refused(call("restore", copy, "--force"))
    assert call("fsck")[0] == 0


def test_a_damaged_database_is_named_and_recovered(call: Call, home: Path) -> None:
    assert call("recover")[1] == "The history is whole; there is nothing to recover.\n"
    (home / "lineage.sqlite3").write_bytes(b"nonsense" * 999)
    for command in (["log"], ["fsck"], ["gc"]):
        assert "is damaged; put it back from a backup, or rebuild it with pentimento recover" in refused(call(*command))
    code, out, _ = call("recover")
    assert (code, "3 turns" in out, "lineage.sqlite3.set-aside-" in out) == (0, True, True)
    assert call("fsck")[0] == 0
    (home / "lineage.sqlite3").unlink()
    (home / "lineage.jsonl").unlink()
    assert "There is no journal" in refused(call("recover"))
