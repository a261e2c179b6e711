"""What `--json` prints: one object per line, as `docs/json.md` has them. The shapes are stable."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TextIO

from pydantic import JsonValue

from pentimento.agent.looking import Ledger, Look, Operation, TurnLedger
from pentimento.agent.types import MadeNode, Node, Plan, Turn, TurnResult
from pentimento.tui.plan_text import stored_plan

if TYPE_CHECKING:
    from pentimento.agent.stock import Standing

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
        "facts": dict(result.facts),
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
        "parents": _parents(node),
        "path": None if node.gone else str(made.path),
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
            "environment": dict(call.environment),
        }
    return {
        "event": "node",
        **node_fields(made),
        "label": node.label,
        "width": node.width,
        "height": node.height,
        "sha256": node.blob,
        "pixels": node.pixels,
        "recipe": node.recipe,
        "gone": node.gone,
        "turn": node.turn,
        "created": node.created.isoformat(),
        "call": how,
    }


def ledger_line(ledger: Ledger) -> Line:
    """The object that `show` prints: a node, the turn that made it, and what leads to and from it."""
    turn, pointers, node = ledger.turn, ledger.pointers, ledger.made.node
    return node_line(ledger.made) | {
        "children": list[JsonValue](ledger.children),
        "head": pointers.head == node.id,
        "branches": [name for name, head in pointers.branches.items() if head == node.id],
        "tags": [name for name, tagged in pointers.tags.items() if tagged == node.id],
        "preferences": dict(pointers.preferences),
        "made_in": None if turn is None else _turn_fields(turn) | _costs(turn),
    }


def turn_ledger_line(ledger: TurnLedger, session: str, *, undone: bool = False) -> Line:
    """The object that `show --turn` prints: a turn, and all that it made."""
    made: list[JsonValue] = [node_line(one) for one in ledger.made]
    fields = _turn_fields(ledger.turn) | _costs(ledger.turn)
    return {"event": "ledger", "session": session, **fields, "undone": undone, "nodes": made}


def _costs(turn: Turn) -> Line:
    """What a turn took, what the language model was given and wrote, and what else was noted of it."""
    rest = dict(turn.details)
    seconds, completion = rest.pop("seconds", None), rest.pop("raw", None)
    tokens: Line = {name: rest.pop(name, None) for name in ("evaluated", "generated")}
    given: Line = {"prompts": turn.prompt_sha, "completion": completion}
    return {"seconds": seconds, "tokens": tokens, **given, "details": rest}


def log_lines(look: Look, at: int | None = None) -> Iterator[Line]:
    """The objects that `log` prints: turns and opened pictures, oldest first, then where the session stands."""
    undone, past = look.undone(), look.past
    made: dict[int, list[Node]] = defaultdict(list)
    for node in past.pictures:
        made[node.turn].append(node)
    entries: list[Turn | Node] = [*past.turns, *made[0]]
    for entry in sorted(entries, key=_when):
        if isinstance(entry, Turn):
            yield _log_line(entry, made[entry.number], look, undone)
        else:
            there: Line = {"session": look.session, "undone": entry.id in undone}
            yield node_line(MadeNode(entry, look.paths[entry.id])) | there
    yield pointers_line(look, at)


def _log_line(turn: Turn, made: Sequence[Node], look: Look, undone: Collection[str]) -> Line:
    return {
        "event": "log",
        "session": look.session,
        **_turn_fields(turn),
        "nodes": [node.id for node in made],
        "pictures": [
            {
                "id": node.id,
                "label": node.label,
                "parents": _parents(node),
                "undone": node.id in undone,
                "gone": node.gone,
            }
            for node in made
        ],
        "undone": turn.number in look.past.taken_back,
    }


def _turn_fields(turn: Turn) -> Line:
    return {
        "number": turn.number,
        "said": turn.said,
        "plan": plan_fields(stored_plan(turn.plan)),
        "reply": turn.reply,
        "status": turn.status.value,
        "started": turn.started.isoformat(),
        "ended": turn.ended.isoformat() if turn.ended else None,
    }


def pointers_line(look: Look, at: int | None) -> Line:
    """Where a session stands, or stood after the operation `at`."""
    return {
        "event": "pointers",
        "session": look.session,
        "at": at,
        "current": look.pointers.current,
        "head": look.pointers.head,
        "branches": dict(look.pointers.branches),
        "tags": dict(look.pointers.tags),
        "more": look.past.more,
    }


def operation_line(operation: Operation) -> Line:
    """One operation and what it moved."""
    return {
        "event": "operation",
        "number": operation.number,
        "kind": operation.kind,
        "label": operation.label,
        "moves": [
            {"pointer": move.pointer.value, "name": move.name, "old": move.old, "new": move.new}
            for move in operation.moves
        ],
        "turn": operation.turn,
        "reverses": operation.reverses,
        "created": operation.created.isoformat(),
    }


def profile_line(standing: "Standing") -> Line:
    """The object of a profile of models."""
    return {
        "event": "profile",
        "name": standing.name,
        "used": standing.used,
        "shipped": standing.shipped,
        "family": standing.family,
        "problem": standing.problem,
        "missing": list[JsonValue](standing.missing),
        "planner_url": standing.planner_url,
        "models": [
            {
                "role": part.role,
                "path": part.source.path,
                "repo": part.source.repo,
                "revision": part.source.revision if part.source.repo else "",
                "commit": part.commit,
                "licence": part.licence,
                "bytes": part.size,
                "memory_gb": part.source.memory_gb,
                "here": part.here,
            }
            for part in standing.parts
        ],
    }


def _when(one: Turn | Node) -> datetime:
    return one.started if isinstance(one, Turn) else one.created


def _parents(node: Node) -> JsonValue:
    return [{"id": edge.parent, "role": edge.role.value} for edge in node.parents]


def write_line(line: Line, stream: TextIO) -> None:
    """Write one object on a line of its own, at once."""
    stream.write(json.dumps(line, ensure_ascii=True) + "\n")
    stream.flush()
