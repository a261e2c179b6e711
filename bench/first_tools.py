"""What a plan begins with, beside what it should: the first tool, questions, refusals, and models that run for nothing."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from pentimento.agent.types import Plan
from pentimento.bench.scoring import Rate

PIXELS = frozenset({"generate", "edit", "inpaint", "outpaint", "upscale", "variations"})
"""Tools that run a picture model."""


@dataclass(frozen=True)
class Begun:
    """One message: the tools that its accepted plans have, each by its steps, and those of the plan that was made."""

    accepted: tuple[tuple[str, ...], ...]
    made: tuple[str, ...] | None
    """None where the plan was invalid."""

    @property
    def wanted(self) -> frozenset[str]:
        return frozenset(first(tools) for tools in self.accepted)


def first(tools: Sequence[str] | None) -> str:
    """The first tool of a plan; "answer" for words alone, nothing for no plan."""
    return "" if tools is None else tools[0] if tools else "answer"


def tools_of(plan: Plan | None) -> tuple[str, ...] | None:
    return None if plan is None else tuple(step.tool for step in plan.steps)


def rows(begun: Collection[Begun]) -> dict[str, str]:
    """Shares, with their intervals."""
    return {
        "first tool": _share(first(one.made) in one.wanted for one in begun),
        **_precision_and_recall(begun, "ask", "questions"),
        **_precision_and_recall(begun, "decline", "refusals"),
        "a model where none is needed": _share(_wasteful(one) for one in begun),
    }


def _precision_and_recall(begun: Collection[Begun], tool: str, name: str) -> dict[str, str]:
    """Of what should begin with the tool, how much does as it may; of what does, how much may."""
    meant = [first(one.made) in one.wanted for one in begun if tool in one.wanted]
    made = [tool in one.wanted for one in begun if first(one.made) == tool]
    return {f"{name}, {side}": _share(right) for side, right in (("recall", meant), ("precision", made)) if right}


def _wasteful(one: Begun) -> bool:
    """Whether a picture model runs though the history, an exact tool or a question was meant."""
    needed = any(not tools or PIXELS & set(tools) for tools in one.accepted)
    return not needed and bool(PIXELS & set(one.made or ()))


def _share(right: Iterable[bool]) -> str:
    found = list(right)
    return str(Rate(sum(found), len(found)))
