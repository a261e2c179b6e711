"""What `--json` prints: one object per line, as `docs/json.md` has them. The shapes are stable."""

import json
from typing import TextIO

from pydantic import JsonValue

from pentimento.agent.types import MadeNode, Plan, Turn, TurnResult
from pentimento.tui.plan_text import stored_plan

Line = dict[str, JsonValue]


def turn_line(result: TurnResult, session: str) -> Line:
    """The object of a finished turn."""
    return _turn_head(result, session) | {"nodes": [node_fields(made) for made in result.nodes]} | _turn_tail(result)


def plan_line(result: TurnResult, session: str) -> Line:
    """The object of a plan that was not run: a turn without nodes."""
    return _turn_head(result, session) | _turn_tail(result)


def _turn_head(result: TurnResult, session: str) -> Line:
    return {
        "event": "turn",
        "session": session,
        "said": result.said,
        "plan": plan_fields(result.plan),
        "reply": result.reply,
    }


def _turn_tail(result: TurnResult) -> Line:
    seconds, tokens = result.seconds, result.tokens
    return {
        "head": result.head,
        "status": result.status.value,
        "seconds": {
            "plan": round(seconds.plan, 4),
            "tools": round(seconds.tools, 4),
            "store": round(seconds.store, 4),
            "total": round(seconds.total, 4),
        },
        "tokens": {"evaluated": tokens.evaluated, "generated": tokens.generated},
    }


def plan_fields(plan: Plan | None) -> JsonValue:
    """A plan as JSON; null where planning failed."""
    if plan is None:
        return None
    steps: list[JsonValue] = [
        {"tool": step.tool, "arguments": dict(step.arguments), "inputs": dict(step.inputs)} for step in plan.steps
    ]
    return {"steps": steps, "reply": plan.reply}


def node_fields(made: MadeNode) -> Line:
    """A node as a turn lists it."""
    node = made.node
    return {
        "id": node.id,
        "kind": node.kind.value,
        "parents": [{"id": edge.parent, "role": edge.role.value} for edge in node.parents],
        "path": str(made.path),
        "measures": dict(node.measures),
    }


def node_line(made: MadeNode) -> Line:
    """The object that `show` prints: a node with all that is known of how it was made."""
    node, call = made.node, made.node.call
    how: JsonValue = None
    if call is not None:
        how = {
            "tool": call.tool,
            "version": call.version,
            "model": call.model,
            "arguments": dict(call.arguments),
            "seed": call.seed,
        }
    return {
        "event": "node",
        **node_fields(made),
        "label": node.label,
        "width": node.width,
        "height": node.height,
        "sha256": node.blob,
        "recipe": node.recipe,
        "turn": node.turn,
        "created": node.created.isoformat(),
        "call": how,
    }


def log_line(turn: Turn, nodes: list[str]) -> Line:
    """The object that `log` prints for a turn of the past; `nodes` are the pictures it made."""
    return {
        "event": "log",
        "number": turn.number,
        "said": turn.said,
        "plan": plan_fields(stored_plan(turn.plan)),
        "reply": turn.reply,
        "nodes": list[JsonValue](nodes),
        "status": turn.status.value,
        "started": turn.started.isoformat(),
        "ended": turn.ended.isoformat() if turn.ended else None,
    }


def write_line(line: Line, stream: TextIO) -> None:
    """Write one object on a line of its own, at once."""
    stream.write(json.dumps(line, ensure_ascii=True) + "\n")
    stream.flush()
