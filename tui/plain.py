"""Turns, nodes and the log as plain text for a person at a shell."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from pentimento.agent.types import MadeNode, NodeKind, Plan, Turn, TurnResult
from pentimento.tui.plan_text import step_line


def result_text(result: TurnResult) -> str:
    """What a turn came to: the reply, what it made and what was measured."""
    lines = [result.reply] if result.reply else []
    lines += [line for made in result.nodes if made.node.kind is NodeKind.IMAGE for line in _node_lines(made)]
    lines.append(f"{result.status.value} · head {result.head or 'none'} · {result.seconds.total:.1f} s")
    return "\n".join(lines)


def plan_text(result: TurnResult) -> str:
    """A plan that was not run."""
    return "\n".join([*_plan_lines(result.plan), *([result.reply] if result.reply else [])])


def node_text(made: MadeNode) -> str:
    """All that is known of one picture or mask."""
    node = made.node
    rows = {
        node.id: f"{node.label}  ({node.kind.value}, {node.width} × {node.height})",
        "from": _origin(made),
        "made in turn": str(node.turn) if node.call else "",
        "by": f"{node.call.tool}, seed {node.call.seed}" if node.call else "imported",
        "measured": measured(node.measures),
        "file": str(made.path),
    }
    return "\n".join(f"{name:<13} {value}" for name, value in rows.items() if value)


def log_text(turns: tuple[Turn, ...], versions: tuple[MadeNode, ...], head: MadeNode | None) -> str:
    """The turns of a session, oldest first, with the pictures they made; the current one is marked."""
    if not turns and not versions:
        return 'Nothing has been said yet: try pentimento say "a squirrel eating a nut in a forest".'
    lines = [_entry_line(entry, versions) for entry in in_order(turns, versions)]
    return "\n".join([*lines, f"current picture: {head.node.id if head else 'none'}"])


def in_order(turns: tuple[Turn, ...], versions: tuple[MadeNode, ...]) -> list[Turn | MadeNode]:
    """What happened, oldest first: the turns, and the pictures that were brought in."""
    brought = [made for made in versions if made.node.call is None]
    return sorted(
        [*turns, *brought], key=lambda entry: entry.started if isinstance(entry, Turn) else entry.node.created
    )


def turn_nodes(versions: tuple[MadeNode, ...], turn: Turn) -> list[str]:
    """Ids of the pictures that a turn made."""
    return _ids(versions, turn.number)


def measured(measures: Mapping[str, JsonValue]) -> str:
    """Measures as a person reads them: "0 of 3,102 pixels changed outside"."""
    return ", ".join(_facts(measures))


def kept_outside(measures: Mapping[str, JsonValue]) -> str:
    """What a local edit left alone: "0 of 3,102 pixels changed outside"; empty for any other picture."""
    changed, outside = measures.get("changed_outside"), measures.get("outside")
    if changed is None or outside == 0:
        return ""
    return f"{_value(changed)} {f'of {_value(outside)} ' if outside is not None else ''}pixels changed outside"


def _facts(measures: Mapping[str, JsonValue]) -> Iterator[str]:
    rest = {name: value for name, value in measures.items() if name not in ("changed_outside", "outside")}
    if kept := kept_outside(measures):
        yield kept
    passed = rest.pop("passed", None)
    if passed is not None:
        yield "check passed" if passed else "check failed"
    for name, value in rest.items():
        yield f"{name.replace('_', ' ')} {_value(value)}"


def _value(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _node_lines(made: MadeNode) -> Iterator[str]:
    node = made.node
    origin = _origin(made)
    yield f"{node.id}  {node.width} × {node.height}{f', from {origin}' if origin else ''}  {made.path}"
    if facts := measured(node.measures):
        yield f"    {facts}"


def _origin(made: MadeNode) -> str:
    return ", ".join(f"{edge.parent} ({edge.role.value})" for edge in made.node.parents)


def _plan_lines(plan: Plan | None) -> list[str]:
    if plan is None:
        return []
    return [f"{number}. {step_line(step)}" for number, step in enumerate(plan.steps, start=1)]


def _entry_line(entry: Turn | MadeNode, versions: tuple[MadeNode, ...]) -> str:
    if isinstance(entry, MadeNode):
        return f"   -  {'opened':<11} {entry.node.id:<9} {' '.join(entry.node.label.split())}"
    return _turn_line(entry, _ids(versions, entry.number))


def _turn_line(turn: Turn, ids: list[str]) -> str:
    said = " ".join(turn.said.split())
    return f"{turn.number:>4}  {turn.status.value:<11} {' '.join(ids) or '-':<9} {said}"


def _ids(versions: tuple[MadeNode, ...], number: int) -> list[str]:
    return [made.node.id for made in versions if made.node.turn == number]
