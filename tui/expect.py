"""What a script expects of a turn, against what the turn came to."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from pentimento.agent.types import NodeKind, TurnResult
from pentimento.tui.script import Expect


@dataclass(frozen=True)
class Unmet:
    """One expectation that was not met."""

    what: str
    """The key in the script: "head", "measures.changed_outside"."""
    expected: JsonValue
    got: JsonValue

    def sentence(self) -> str:
        return f"expected {self.what} to be {self.expected!r}, got {self.got!r}"


def unmet(expect: Expect, result: TurnResult) -> list[Unmet]:
    """Every expectation that `result` does not meet."""
    return [item for item in _compared(expect, result) if item.expected != item.got] + list(_reply(expect, result))


def _compared(expect: Expect, result: TurnResult) -> Iterator[Unmet]:
    if expect.status is not None:
        yield Unmet("status", expect.status.value, result.status.value)
    if expect.head is not None:
        yield Unmet("head", expect.head, result.head)
    if expect.tools is not None:
        yield Unmet("tools", list(expect.tools), [step.tool for step in result.plan.steps] if result.plan else [])
    if expect.nodes is not None:
        yield Unmet("nodes", expect.nodes, len(result.nodes))
    measured = _measures(result)
    for name, value in (expect.measures or {}).items():
        yield Unmet(f"measures.{name}", value, measured.get(name))


def _measures(result: TurnResult) -> dict[str, JsonValue]:
    images = [made.node for made in result.nodes if made.node.kind is NodeKind.IMAGE]
    return dict(images[-1].measures) if images else {}


def _reply(expect: Expect, result: TurnResult) -> Iterator[Unmet]:
    wanted = expect.reply_contains
    if wanted is not None and wanted.casefold() not in result.reply.casefold():
        yield Unmet("reply_contains", wanted, result.reply)
