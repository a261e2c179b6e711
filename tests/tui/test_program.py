"""The program as it is started: how it ends, and what it writes where."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.tui.terminal_session import PROGRAM, ROOT, TerminalSession

pytestmark = pytest.mark.timeout(300)


def program(*arguments: str, home: Path) -> "subprocess.Popen[str]":
    env = {**os.environ, "PENTIMENTO_HOME": str(home), "PYTHONPATH": str(ROOT / ".typing")}
    return subprocess.Popen(
        [*PROGRAM, *arguments],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize("arguments", [["paint"], ["say", ""], ["open", "nowhere.png"]])
def test_the_program_ends_with_two_and_a_sentence(tmp_path: Path, arguments: list[str]) -> None:
    process = program(*arguments, home=tmp_path)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err.count("\n")) == (2, "", 1)
    assert "Traceback" not in err


def test_without_a_terminal_the_screen_says_what_to_do_instead(tmp_path: Path) -> None:
    process = program(home=tmp_path)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err.count("\n")) == (2, "", 1)
    assert "needs a terminal" in err


@pytest.mark.slow
def test_the_real_program_shows_its_first_frame_and_leaves(tmp_path: Path) -> None:
    with TerminalSession(PROGRAM, env={"PENTIMENTO_HOME": str(tmp_path / "home")}) as session:
        session.until(lambda: "Say what you would like to see." in session.text())
        session.until(lambda: "default" in session.text())
        session.press("\x11")
        assert session.end() == 0


@pytest.mark.slow
def test_the_real_screen_names_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with TerminalSession(PROGRAM, env={"PENTIMENTO_HOME": str(tmp_path / "file" / "home")}) as session:
        assert session.end() == 2
        assert "cannot be used" in session.output.decode()
