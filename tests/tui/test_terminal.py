import re
import signal
import sys
from pathlib import Path

import pytest

from tests.tui.hostile_texts import FORBIDDEN
from tests.tui.terminal_session import TerminalSession

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PROGRAM = str(Path(__file__).with_name("pty_program.py"))
COMMAND = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]P_^X][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[^\[\]P_^X]")
COLOR_OR_PLACE = re.compile(r"\x1b\[(?:(?:[0-9]+;[0-9]+)?H|(?:0|1|2|3|4|7|22|24|27|[34]8;2;[0-9;]+|[0-9];[0-9;]*)?m)")


def program(path: Path, mode: str, *, columns: int = 100, rows: int = 32) -> TerminalSession:
    return TerminalSession([sys.executable, PROGRAM, str(path), mode], columns=columns, rows=rows)


def test_the_screen_comes_up_takes_words_and_leaves(tmp_path: Path) -> None:
    with program(tmp_path, "empty") as session:
        session.until(lambda: "Say what you would like to see." in session.text())
        session.press("a fox\r")
        session.until(lambda: "Done." in session.text())
        session.press("\x11")
        assert session.end() == 0


def test_it_ends_with_its_terminal_even_where_nobody_is_to_tell_it_so(tmp_path: Path) -> None:
    deaf = ["sh", "-c", 'trap \'\' HUP; exec "$0" "$@"', sys.executable, PROGRAM, str(tmp_path), "empty"]
    with TerminalSession(deaf) as session:
        session.until(lambda: "Say what you would like to see." in session.text())
        session.hang_up()
        assert session.process.wait(timeout=30) == -signal.SIGHUP


@pytest.mark.parametrize(("columns", "rows"), [(0, 0), (20, 5), (1, 1)])
def test_a_terminal_without_size_or_with_hardly_any_is_no_reason_to_fall(
    tmp_path: Path, columns: int, rows: int
) -> None:
    with program(tmp_path, "empty", columns=columns, rows=rows) as session:
        session.until(lambda: b"\x1b[?1049h" in session.output)
        session.resize(90, 30)
        session.until(lambda: "Say what you would like to see." in session.text())
        session.press("\x11")
        assert session.end() == 0


def test_a_picture_is_drawn_with_what_the_terminal_has(tmp_path: Path) -> None:
    assert drawn_with(tmp_path, "\x1b[?62;6c") == "characters"
    # The program waits a tenth of a second for the answer: on a busy machine it may come too late.
    assert "sixels" in (drawn_with(tmp_path, "\x1b[?62;4;6c") for _attempt in range(3))


def drawn_with(path: Path, attributes: str) -> str:
    """Run once in a terminal that says what it can do."""
    with program(path, "one") as session:
        session.until(lambda: b"\x1b[c" in session.output)
        session.press(attributes)
        session.until(lambda: b"\x1bP" in session.output or "▀".encode() in session.output)
        session.press("\x11")
        assert session.end() == 0
        return "sixels" if b"\x1bP" in session.output else "characters"


def test_no_byte_of_a_hostile_text_reaches_the_terminal(tmp_path: Path) -> None:
    outputs = {}
    for mode in ("harmless", "hostile"):
        with program(tmp_path, mode) as session:
            assert session.end(120) == 0
            outputs[mode] = session.output.decode()
    assert "␛]52;c;" in outputs["hostile"]
    assert commands(outputs["hostile"]) <= commands(outputs["harmless"])
    left = COMMAND.sub("", outputs["hostile"])
    assert FORBIDDEN & set(left) <= {"\r"}


def commands(output: str) -> set[str]:
    """What the terminal is told to do, besides colouring and placing text; the number of a query is left out."""
    output = re.sub(r"(?<=\x1b_Gi=)[0-9]+", "", output)
    return {found for found in COMMAND.findall(output) if not COLOR_OR_PLACE.fullmatch(found)}
