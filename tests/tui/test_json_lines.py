import io
import json
from pathlib import Path

from pentimento.agent.types import Edge, NodeKind, Plan, Role, Seconds, Step, Tokens, TurnResult, TurnStatus
from pentimento.tui import json_lines
from tests.fakes import made_node, past_turn


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
    }


def test_a_plan_is_a_turn_without_nodes(tmp_path: Path) -> None:
    turn, plan = json_lines.turn_line(a_result(tmp_path), "a"), json_lines.plan_line(a_result(tmp_path), "a")
    del turn["nodes"]
    assert plan == turn


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
    }
    assert (line["width"], line["height"], line["turn"]) == (64, 64, 1)


def test_a_past_turn_keeps_its_plan_and_times() -> None:
    turn = past_turn(2, "undo", "Back.", '{"steps":[{"tool":"undo","n":2}],"reply":"Back."}')
    line = json_lines.log_line(turn, ["n3"])
    assert line["plan"] == {"steps": [{"tool": "undo", "arguments": {"n": 2}, "inputs": {}}], "reply": "Back."}
    assert (line["started"], line["ended"]) == ("2026-05-04T12:02:00+00:00", "2026-05-04T12:02:02+00:00")


def test_an_object_is_one_line_of_plain_characters() -> None:
    stream = io.StringIO()
    json_lines.write_line({"said": "one\ntwo \x1b[2J \u202e 松鼠 \udc9b"}, stream)
    written = stream.getvalue()
    assert written.endswith("}\n")
    assert written.count("\n") == 1
    assert written.isascii()
    assert "\x1b" not in written
    assert json.loads(written)["said"] == "one\ntwo \x1b[2J \u202e 松鼠 \udc9b"
