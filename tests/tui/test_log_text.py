from datetime import UTC

import pytest
from rich.cells import cell_len

from pentimento.agent.looking import Gone, Look, Move, Operation, Pointer
from pentimento.agent.types import TurnStatus
from pentimento.tui.log_text import Paper, log_text, operations_text
from tests.fakes import NOON
from tests.tui.hostile_texts import FORBIDDEN, hostile_texts
from tests.tui.looks import look, picture, turn


def forked() -> Look:
    """n2 undone, then another way to n4, and a branch from n1."""
    return look(
        [
            turn(1, "a squirrel"),
            turn(2, "put it in the snow"),
            turn(3, "undo"),
            turn(4, "make it red"),
            turn(5, "what is it?", TurnStatus.ANSWERED),
        ],
        [
            picture(1, "a squirrel"),
            picture(2, "put it in the snow", source=1),
            picture(4, "make the squirrel red", source=1),
        ],
        branches={"main": 4, "winter": 1},
        tags={"best": 4},
        taken_back=[2],
    )


def drawn(found: Look, *, newest_first: bool = False) -> str:
    return "\n" + log_text(found, Paper(newest_first=newest_first)) + "\n"


def test_a_log_is_a_graph_with_words_names_and_what_was_undone() -> None:
    assert (
        drawn(forked())
        == """
○ n1 (winter) a squirrel
├─╮
│ ○ n2 undone · put it in the snow
│ #3 undo
● n4 (head → main, tag:best) make it red → make the squirrel red
  #5 answered · what is it?
"""
    )


def test_the_newest_may_come_first() -> None:
    assert (
        drawn(forked(), newest_first=True)
        == """
  #5 answered · what is it?
● n4 (head → main, tag:best) make it red → make the squirrel red
│ #3 undo
│ ○ n2 undone · put it in the snow
├─╯
○ n1 (winter) a squirrel
"""
    )


def test_a_turn_of_several_pictures_has_a_line_of_its_own() -> None:
    found = look(
        [turn(1, "flip and crop it", TurnStatus.FAILED)],
        [picture(1, "own.png", of=0), picture(2, "flip", of=1, source=1), picture(3, "crop", of=1, source=2)],
        branches={"main": 3},
    )
    assert (
        drawn(found)
        == """
○ n1 opened own.png
│ #1 failed · flip and crop it
○ n2 flip
● n3 (head → main) crop
"""
    )


def test_tombstones_are_said_to_be_gone() -> None:
    found = look(
        [turn(1, ""), turn(2, "make it red"), turn(3, "")],
        [picture(1, "", gone=Gone.FORGOTTEN), picture(2, "make it red", source=1, gone=Gone.COLLECTED)],
    )
    assert (
        drawn(found)
        == """
× n1 forgotten
× n2 collected · make it red
  #3 forgotten
There is no picture on main yet.
"""
    )


def test_where_the_session_stands_is_said_when_it_is_not_shown() -> None:
    found = look([turn(9, "undo")], [], branches={"main": 3}, more=True)
    assert (
        drawn(found)
        == """
┊ earlier ones are left out; --limit shows more
  #9 undo
The current picture is n3, on main.
"""
    )


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120])
def test_long_lines_are_cut_to_the_terminal(width: int) -> None:
    words = "a squirrel 松鼠 in a very deep and dark forest, " * 9
    found = look([turn(1, words)], [picture(1, words)], branches={"main": 1, "a-branch-with-a-long-name": 1})
    (line,) = log_text(found, Paper(width)).split("\n")
    assert width - 2 <= cell_len(line) <= width
    assert line.endswith("…")
    assert words.strip() in log_text(found, Paper())


def test_undone_is_dimmed_where_that_can_be_and_the_words_are_still_cut_to_the_width() -> None:
    plain, dimmed = log_text(forked(), Paper(24)), log_text(forked(), Paper(24, dims=True))
    assert dimmed == plain.replace("undone", "\x1b[2mundone\x1b[0m")
    assert "│ ○ n2 undone · put it…" in plain


def test_nothing_that_was_said_can_move_the_cursor() -> None:
    for text in hostile_texts():
        found = look(
            [turn(1, text), turn(2, f"x{text}")], [picture(1, f"a {text}")], branches={text: 1}, tags={text: 1}
        )
        lines = log_text(found, Paper(60))
        assert not FORBIDDEN.intersection(lines), repr(text)
        assert lines.count("\n") == 1, repr(text)
        operation = an_operation(1, "tag", text, Move(Pointer.TAG, text, None, "n1"))
        assert not FORBIDDEN.intersection(operations_text([operation], Paper())), repr(text)


def an_operation(number: int, kind: str, label: str, *moves: Move) -> Operation:
    return Operation(number, kind, label, moves, None, None, NOON.astimezone(UTC))


def test_operations_tell_what_they_moved() -> None:
    operations = [
        an_operation(1, "import", "own.png", Move(Pointer.BRANCH, "main", "", "n1")),
        an_operation(
            2,
            "branch",
            "winter",
            Move(Pointer.BRANCH, "winter", None, "n1"),
            Move(Pointer.CURRENT, "", "main", "winter"),
        ),
        an_operation(
            3, "tag", "best", Move(Pointer.TAG, "best", "n1", None), Move(Pointer.CURRENT, "", "main", "main")
        ),
        an_operation(4, "undo", "own.png", Move(Pointer.BRANCH, "main", "n1", "")),
    ]
    when = f"{NOON.astimezone():%Y-%m-%d %H:%M}"
    assert operations_text(operations, Paper()).split("\n") == [
        f"   1  {when}  import    main nothing → n1     own.png",
        f"   2  {when}  branch    winter → n1, on main → winter  winter",
        f"   3  {when}  tag       tag:best n1 → removed  best",
        f"   4  {when}  undo      main n1 → nothing     own.png",
    ]
    first = operations_text(operations, Paper(40, newest_first=True)).split("\n")[0]
    assert first == f"   4  {when}  undo      main…"
