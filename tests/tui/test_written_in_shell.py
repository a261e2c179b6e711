"""Steps that are written out in the shell, and the program without a language model."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.tui.terminal_session import PROGRAM, TerminalSession

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    Image.new("RGB", (80, 60), "red").save(tmp_path / "own.png")
    return tmp_path / "own.png"


def test_a_step_may_be_said_as_it_is_written_on_the_screen(call: Call, picture: Path) -> None:
    call("open", picture)
    code, out, err = call("--no-llm", "say", "/adjust brightness=5", "--json")
    turn = json.loads(out)
    assert (code, err, turn["said"], turn["status"]) == (0, "", "/adjust brightness=5", "done")
    assert [step["tool"] for step in turn["plan"]["steps"]] == ["adjust"]
    assert turn["tokens"] == {"evaluated": 0, "generated": 0}
    assert call("say", "/undo")[1].startswith("Took back “/adjust brightness=5”.")


def test_without_a_language_model_words_end_in_one_sentence(call: Call, picture: Path, tmp_path: Path) -> None:
    call("open", picture)
    code, out, err = call("--no-llm", "say", "make it red")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "write out a step, such as /adjust brightness=20 or /undo; /help lists them" in err
    assert "No language model" in call("--no-llm", "plan", "make it red")[2]
    assert "failed" in call("show", "--turn", "last")[1]
    assert not (tmp_path / "home" / "language.log").exists()


@pytest.mark.parametrize(
    "arguments", [["say", "/help adjust"], ["say", "/adjust help"], ["do", "adjust", "help"], ["do", "help", "adjust"]]
)
def test_a_help_is_had_in_the_shell_too(call: Call, tmp_path: Path, arguments: list[str]) -> None:
    code, out, err = call(*arguments)
    assert (code, err) == (0, "")
    assert out.startswith("/adjust         Change light and colour exactly")
    assert "brightness      per cent more or less of every level (whole number, -100 to 300; else 0)" in out
    assert "/transplant" in call("do", "help")[1]
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["say", "/plan make the fox's hat red", "--seed", "3"], "--seed"),
        (["say", "/help", "--seed", "0"], "--seed"),
        (["say", "/show", "--no-fallback"], "--no-fallback"),
        (["do", "show", "--seed", "3"], "--seed"),
        (["do", "adjust", "help", "--no-fallback"], "--no-fallback"),
    ],
)
def test_an_option_of_a_turn_is_refused_where_there_is_none(call: Call, arguments: list[str], option: str) -> None:
    code, out, err = call(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert f"Invalid value for {option}: it is for what makes a turn, which this does not; leave it out" in err


@pytest.mark.slow
def test_the_real_program_runs_steps_without_a_language_model(tmp_path: Path) -> None:
    home = {"PENTIMENTO_HOME": str(tmp_path / "home")}
    with TerminalSession([*PROGRAM, "--no-llm"], columns=120, rows=40, env=home) as session:
        session.until(lambda: "Write what you would like to see." in session.text())
        session.until(lambda: "default" in session.text())
        session.press("/transp")
        session.until(lambda: "/transplant" in session.text())
        session.press("\x1b[C")
        pressed = time.monotonic()
        session.until(lambda: time.monotonic() - pressed > 0.5)  # Nothing that can be seen tells that it was taken.
        session.press(" help\r")
        session.until(lambda: "the picture that gets them" in session.text())
        session.press("make it red\r")
        session.until(lambda: "No language model was loaded" in session.text())
        session.press("\x11")
        assert session.end() == 0
    assert not (tmp_path / "home" / "language.log").exists()
