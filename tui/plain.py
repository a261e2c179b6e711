"""What a turn came to, as plain text for a person at a shell."""

from collections.abc import Iterable, Iterator, Mapping

from pydantic import JsonValue

from pentimento.agent.types import MadeNode, NodeKind, Plan, TurnResult
from pentimento.tui.plan_text import step_line

_NOT_SHORT = ("changed_outside", "outside", "contract", "not_rewritten")
"""Measures that are told in other words, or by `show` alone."""


def result_text(result: TurnResult) -> str:
    """What a turn came to: the reply, what it made and what was measured; a region where that is all it made."""
    lines = [result.reply] if result.reply else []
    pictures = [made for made in result.nodes if made.node.kind is NodeKind.IMAGE]
    lines += [line for made in pictures or result.nodes for line in _node_lines(made)]
    lines.append(f"{result.status.value} · head {result.head or 'none'} · {result.seconds.total:.1f} s")
    return "\n".join(lines)


def plan_text(result: TurnResult) -> str:
    """A plan that was not run."""
    return "\n".join([*plan_lines(result.plan), *([result.reply] if result.reply else [])])


def measured(measures: Mapping[str, JsonValue]) -> str:
    """Measures as a person reads them: "0 of 3,102 pixels changed outside"."""
    return ", ".join(_facts(measures))


def kept_outside(measures: Mapping[str, JsonValue]) -> str:
    """What a local edit left alone: "0 of 3,102 pixels changed outside"; empty for any other picture.

    Nothing is claimed where the region was only found in the drawing itself.
    """
    changed, outside = measures.get("changed_outside"), measures.get("outside")
    if changed is None or outside == 0 or measures.get("scope") == "found":
        return ""
    return f"{value_text(changed)} {f'of {value_text(outside)} ' if outside is not None else ''}pixels changed outside"


def origin(made: MadeNode) -> str:
    """What it was made from: "n1 (source), n2 (mask)"."""
    return ", ".join(f"{edge.parent} ({edge.role.value})" for edge in made.node.parents)


def rewritten(nodes: Iterable[MadeNode]) -> tuple[str, ...]:
    """What the picture model was told in place of the planned words, each once."""
    told = (made.node.call.arguments.get("rewritten") for made in nodes if made.node.call)
    return tuple(dict.fromkeys(str(words) for words in told if words))


def plan_lines(plan: Plan | None) -> list[str]:
    """Its steps, numbered."""
    if plan is None:
        return []
    return [f"{number}. {step_line(step)}" for number, step in enumerate(plan.steps, start=1)]


def value_text(value: JsonValue) -> str:
    """One measure as a person reads it: yes, 3,102, 0.123."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _facts(measures: Mapping[str, JsonValue]) -> Iterator[str]:
    rest = {name: value for name, value in measures.items() if name not in _NOT_SHORT}
    if kept := kept_outside(measures):
        yield kept
    passed = rest.pop("passed", None)
    if passed is not None:
        yield "check passed" if passed else "check failed"
    for name, value in rest.items():
        yield f"{name.replace('_', ' ')} {value_text(value)}"


def _node_lines(made: MadeNode) -> Iterator[str]:
    node = made.node
    sources = origin(made)
    yield f"{node.id}  {node.width} × {node.height}{f', from {sources}' if sources else ''}  {made.path}"
    if facts := measured(node.measures):
        yield f"    {facts}"
    yield from (f"    told: {words}" for words in rewritten([made]))
