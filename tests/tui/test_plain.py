from pathlib import Path

from pydantic import JsonValue

from pentimento.agent.types import Edge, Plan, Role, Seconds, Step, TurnResult, TurnStatus
from pentimento.tui import plain
from tests.fakes import made_node


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


def test_what_the_picture_model_was_told_stands_with_its_picture(tmp_path: Path) -> None:
    made = made_node(
        tmp_path, 3, "red", measures={"attempts": 1, "contract": "0" * 64}, rewritten="Red. Keep the rest."
    )
    result = TurnResult("red", None, "", (made,), "n3", TurnStatus.DONE)
    assert plain.result_text(result).splitlines()[1:3] == ["    attempts 1", "    told: Red. Keep the rest."]


def test_a_plan_is_numbered_steps_and_its_reply() -> None:
    plan = Plan((Step("edit", {"instruction": "red"}, {"src": "n1"}), Step("undo", {}, {})), "Red, then back.")
    result = TurnResult("x", plan, "Red, then back.", (), None, TurnStatus.DONE)
    assert plain.plan_text(result) == "1. edit: red · of n1\n2. undo\nRed, then back."


def test_of_a_region_that_the_drawing_told_no_claim_is_made() -> None:
    measures: dict[str, JsonValue] = {"changed_outside": 0, "outside": 3102, "passed": True, "scope": "found"}
    assert plain.kept_outside(measures) == ""
    assert plain.measured(measures) == "check passed, scope found"
