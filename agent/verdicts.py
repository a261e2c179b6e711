"""What came of running a call again: the same pixels, the same to the eye, or others, and why (promise 3)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import JsonValue

from pentimento.agent import pictures
from pentimento.agent.types import Call, Node
from pentimento.memory.types import NewNode
from pentimento.tools.compare import Difference, difference


class Outcome(StrEnum):
    REUSED = "reused"
    """Taken from the store by its recipe, not computed."""
    IDENTICAL = "identical"
    """Computed again, the same pixels bit for bit."""
    EQUAL = "equal to the eye"
    DIFFERENT = "different"


@dataclass(frozen=True)
class Verdict:
    node: Node
    """What was made the first time."""
    outcome: Outcome
    difference: Difference | None
    """None where the sizes differ, and where nothing was computed."""
    why: tuple[str, ...]
    """What of the call is recorded otherwise than then: "torch 2.12.0, now 2.13.0"."""

    def text(self) -> str:
        if self.outcome in (Outcome.REUSED, Outcome.IDENTICAL):
            return self.outcome
        measured = f" (ΔE {self.difference.color}, SSIM {self.difference.structure})" if self.difference else ""
        return f"{self.outcome}{measured}, because {'; '.join(self.why) or 'of nothing that is recorded'}"


def verdict(node: Node, png: bytes, again: NewNode, *, reused: bool) -> Verdict:
    """Compares what a node's call made then, `png`, with what it made now."""
    if reused:
        return Verdict(node, Outcome.REUSED, None, ())
    # A region is grey.
    found = difference(*(pictures.from_png(one).convert("RGB") for one in (png, again.png)))
    if found is not None and found.box is None:
        return Verdict(node, Outcome.IDENTICAL, found, ())
    seen = found is None or found.visible
    why = _changes(node.call, again.call) if node.call and again.call else ()
    return Verdict(node, Outcome.DIFFERENT if seen else Outcome.EQUAL, found, why)


def _changes(then: Call, now: Call) -> tuple[str, ...]:
    """Everything recorded that decides pixels and is not as it was."""
    found = [f"{then.tool} was version {then.version}, now {now.version}"] if then.version != now.version else []
    if then.model != now.model:
        found.append("the model's files are others")
    found += _unlike(then.arguments, now.arguments)
    if not then.environment:
        return (*found, "where it ran was not recorded")
    return (*found, *_unlike(then.environment, now.environment))


def _unlike(then: Mapping[str, JsonValue], now: Mapping[str, JsonValue]) -> list[str]:
    names = dict.fromkeys([*then, *now])
    return [f"{name} was {then.get(name)}, now {now.get(name)}" for name in names if then.get(name) != now.get(name)]


def summary(found: Sequence[Verdict]) -> str:
    """ "3 steps: 2 identical, 1 different."."""
    counts = Counter(one.outcome for one in found)
    parts = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome])
    return f"{len(found)} step{'' if len(found) == 1 else 's'}: {parts}."


def facts(found: Sequence[Verdict]) -> JsonValue:
    """For the record of the turn."""
    return [{"node": one.node.id, "verdict": str(one.outcome), "why": list(one.why)} for one in found]
