from pathlib import Path

from pentimento.agent.types import Edge, Plan, Role, Seconds, Step, TurnResult, TurnStatus
from pentimento.tui import plain
from tests.fakes import made_node, past_turn


def test_a_turn_is_told_with_its_picture_and_what_was_measured(tmp_path: Path) -> None:
    made = made_node(
        tmp_path,
        3,
        "red",
        parents=(Edge("n1", Role.SOURCE), Edge("n2", Role.MASK)),
        measures={"changed_outside": 0, "outside": 3102, "passed": True, "attempts": 1},
    )
    result = TurnResult("red", None, "It is red.", (made,), "n3", TurnStatus.DONE, Seconds(total=2.5))
    assert plain.result_text(result).splitlines() == [
        "It is red.",
        f"n3  64 × 64, from n1 (source), n2 (mask)  {tmp_path / 'n3.png'}",
        "    0 of 3,102 pixels changed outside, check passed, attempts 1",
        "done · head n3 · 2.5 s",
    ]


def test_a_plan_is_numbered_steps_and_its_reply() -> None:
    plan = Plan((Step("edit", {"instruction": "red"}, {"src": "n1"}), Step("undo", {}, {})), "Red, then back.")
    result = TurnResult("x", plan, "Red, then back.", (), None, TurnStatus.DONE)
    assert plain.plan_text(result) == "1. edit: red · of n1\n2. undo\nRed, then back."


def test_the_log_lists_turns_with_their_pictures(tmp_path: Path) -> None:
    versions = (made_node(tmp_path, 1, "a fox"), made_node(tmp_path, 3, "red", turn=2))
    turns = (past_turn(1, "a fox", "A fox."), past_turn(2, "make it\nred", "Red."), past_turn(3, "undo", "Back."))
    assert plain.log_text(turns, versions, versions[0]).splitlines() == [
        "   1  done        n1        a fox",
        "   2  done        n3        make it red",
        "   3  done        -         undo",
        "current picture: n1",
    ]


def test_an_empty_log_says_how_to_begin() -> None:
    assert "Nothing has been said yet" in plain.log_text((), (), None)


def test_a_node_tells_what_it_is_and_where_it_lies(tmp_path: Path) -> None:
    text = plain.node_text(made_node(tmp_path, 1, "a fox", measures={"passed": False, "left": 0.12345}))
    assert "n1            a fox  (image, 64 × 64)" in text
    assert "measured      check failed, left 0.123" in text
    assert str(tmp_path / "n1.png") in text
