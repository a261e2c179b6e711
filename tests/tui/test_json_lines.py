import io
import json
from dataclasses import replace
from pathlib import Path

from pydantic import JsonValue

from pentimento.agent.looking import Gone, Ledger, Move, Operation, Pointer, Pointers, TurnLedger
from pentimento.agent.types import Edge, NodeKind, Plan, Role, Seconds, Step, Tokens, TurnResult, TurnStatus
from pentimento.tui import json_lines
from tests.fakes import NOON, made_node, past_turn
from tests.tui.looks import look, picture, turn


def a_result(path: Path) -> TurnResult:
    mask = made_node(path, 2, "squirrel", kind=NodeKind.MASK, parents=(Edge("n1", Role.SOURCE),))
    image = made_node(
        path,
        3,
        "make it red",
        parents=(Edge("n1", Role.SOURCE), Edge("n2", Role.MASK)),
        measures={"changed_outside": 0},
    )
    plan = Plan((Step("edit", {"instruction": "make it red"}, {"src": "head"}),), "Making it red.")
    return TurnResult(
        "make it red",
        plan,
        "It is red.",
        (mask, image),
        "n3",
        TurnStatus.DONE,
        Seconds(plan=0.25, tools=1.5, store=0.125, total=1.875),
        Tokens(60, 30),
    )


def test_a_turn_has_the_documented_shape(tmp_path: Path) -> None:
    assert json_lines.turn_line(a_result(tmp_path), "default") == {
        "event": "turn",
        "session": "default",
        "said": "make it red",
        "plan": {
            "steps": [{"tool": "edit", "arguments": {"instruction": "make it red"}, "inputs": {"src": "head"}}],
            "reply": "Making it red.",
        },
        "reply": "It is red.",
        "nodes": [
            {
                "id": "n2",
                "kind": "mask",
                "parents": [{"id": "n1", "role": "source"}],
                "path": str(tmp_path / "n2.png"),
                "measures": {},
            },
            {
                "id": "n3",
                "kind": "image",
                "parents": [{"id": "n1", "role": "source"}, {"id": "n2", "role": "mask"}],
                "path": str(tmp_path / "n3.png"),
                "measures": {"changed_outside": 0},
            },
        ],
        "head": "n3",
        "status": "done",
        "seconds": {"plan": 0.25, "tools": 1.5, "store": 0.125, "total": 1.875},
        "tokens": {"evaluated": 60, "generated": 30},
        "facts": {},
    }


def test_a_plan_is_a_turn_without_nodes(tmp_path: Path) -> None:
    done, plan = json_lines.turn_line(a_result(tmp_path), "a"), json_lines.plan_line(a_result(tmp_path), "a")
    del done["nodes"]
    assert plan == done


def test_a_turn_without_a_plan_has_null_for_it() -> None:
    result = TurnResult("?", None, "I could not plan that.", (), None, TurnStatus.FAILED)
    assert json_lines.turn_line(result, "default")["plan"] is None


def test_a_node_tells_how_it_was_made(tmp_path: Path) -> None:
    line = json_lines.node_line(a_result(tmp_path).nodes[1])
    assert line["event"] == "node"
    assert line["call"] == {
        "tool": "generate",
        "version": "1",
        "model": "0" * 64,
        "arguments": {"prompt": "make it red"},
        "seed": 3,
        "environment": {},
    }
    assert (line["width"], line["height"], line["turn"], line["gone"]) == (64, 64, 1, None)


def test_a_picture_that_is_gone_has_no_path(tmp_path: Path) -> None:
    made = a_result(tmp_path).nodes[1]
    line = json_lines.node_line(replace(made, node=replace(made.node, gone=Gone.COLLECTED)))
    assert (line["path"], line["gone"]) == (None, "collected")


def test_a_ledger_tells_the_turn_and_what_leads_there(tmp_path: Path) -> None:
    made = a_result(tmp_path).nodes[1]
    details: dict[str, JsonValue] = {
        "seconds": {"total": 2.5},
        "raw": "{",
        "evaluated": 6,
        "generated": 3,
        "replay": [],
    }
    made_in = replace(past_turn(2, "make it red", "Red."), details=details, prompt_sha="d" * 64)
    pointers = Pointers("main", {"main": "n3", "winter": "n1"}, {"best": "n3"})
    line = json_lines.ledger_line(Ledger(made, made_in, ("n4",), pointers))
    assert line | json_lines.node_line(made) == line
    assert [line[name] for name in ("children", "head", "branches", "tags")] == [["n4"], True, ["main"], ["best"]]
    assert line["made_in"] == {
        "number": 2,
        "said": "make it red",
        "plan": None,
        "reply": "Red.",
        "status": "done",
        "started": "2026-05-04T12:02:00+00:00",
        "ended": "2026-05-04T12:02:02+00:00",
        "seconds": {"total": 2.5},
        "tokens": {"evaluated": 6, "generated": 3},
        "prompts": "d" * 64,
        "completion": "{",
        "details": {"replay": []},
    }


def test_the_ledger_of_a_turn_has_all_that_it_made(tmp_path: Path) -> None:
    made = a_result(tmp_path).nodes
    line = json_lines.turn_ledger_line(TurnLedger(past_turn(2, "make it red", "Red."), made), "trip")
    assert (line["event"], line["session"], line["number"], line["said"]) == ("ledger", "trip", 2, "make it red")
    assert line["nodes"] == [json_lines.node_line(one) for one in made]
    assert (line["status"], line["completion"], line["details"]) == ("done", None, {})
    assert line["undone"] is False


def test_the_log_is_turns_and_opened_pictures_and_where_it_stands() -> None:
    plan = '{"steps":[{"tool":"undo","n":2}],"reply":"Back."}'
    found = look(
        [turn(2, "make it red"), replace(turn(3, "undo"), plan=plan)],
        [picture(1, "own.png", of=0), picture(2, "make it red", source=1)],
        branches={"main": 1},
        tags={"best": 2},
        taken_back=[2],
        more=True,
    )
    opened, red, undo, pointers = json_lines.log_lines(found)
    assert (opened["event"], opened["id"], opened["session"], opened["undone"]) == ("node", "n1", "default", False)
    assert opened["path"] == "/pictures/n1.png"
    assert (red["event"], red["session"], red["number"], red["nodes"], red["undone"]) == (
        "log",
        "default",
        2,
        ["n2"],
        True,
    )
    assert red["pictures"] == [
        {
            "id": "n2",
            "label": "make it red",
            "parents": [{"id": "n1", "role": "source"}],
            "undone": True,
            "gone": None,
        }
    ]
    assert undo["plan"] == {"steps": [{"tool": "undo", "arguments": {"n": 2}, "inputs": {}}], "reply": "Back."}
    assert (undo["started"], undo["ended"]) == ("2026-05-04T12:03:00+00:00", "2026-05-04T12:03:02+00:00")
    assert pointers == {
        "event": "pointers",
        "session": "default",
        "at": None,
        "current": "main",
        "head": "n1",
        "branches": {"main": "n1"},
        "tags": {"best": "n2"},
        "more": True,
    }


def test_an_operation_tells_what_it_moved() -> None:
    moves = (Move(Pointer.BRANCH, "winter", None, "n3"), Move(Pointer.CURRENT, "", "main", "winter"))
    line = json_lines.operation_line(Operation(4, "branch", "winter", moves, 2, None, NOON))
    assert line == {
        "event": "operation",
        "number": 4,
        "kind": "branch",
        "label": "winter",
        "moves": [
            {"pointer": "branch", "name": "winter", "old": None, "new": "n3"},
            {"pointer": "current", "name": "", "old": "main", "new": "winter"},
        ],
        "turn": 2,
        "reverses": None,
        "created": "2026-05-04T12:00:00+00:00",
    }


def test_an_object_is_one_line_of_plain_characters() -> None:
    stream = io.StringIO()
    json_lines.write_line({"said": "one\ntwo \x1b[2J \u202e 松鼠 \udc9b"}, stream)
    written = stream.getvalue()
    assert written.endswith("}\n")
    assert written.count("\n") == 1
    assert written.isascii()
    assert "\x1b" not in written
    assert json.loads(written)["said"] == "one\ntwo \x1b[2J \u202e 松鼠 \udc9b"
