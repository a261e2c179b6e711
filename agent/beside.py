"""What a step took beside the picture that it works on, when it is made again: the regions, layers and other pictures.

What was made from something that another one stands for now is made again from that one; all else stays as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pentimento.agent.steps import StepOutcome, step_of
from pentimento.agent.types import Edge, MadeNode, Node, NodeKind, Role, Step
from pentimento.memory.store import Store


class Run(Protocol):
    """Makes a node's call again, as the step says; the picture is called by that where no label is given."""

    def __call__(self, node: Node, step: Step, label: str = "", /) -> StepOutcome: ...


@dataclass
class Beside:
    """What stands for what while a line is made again."""

    store: Store
    session_id: int
    run: Run
    elsewhere: bool
    """Whether the steps are carried to a picture of another line, in which nothing of their own line is to be found."""
    instead: dict[str, str] = field(default_factory=dict)
    made: list[MadeNode] = field(default_factory=list)
    """All that was made again, in that order."""
    aside: list[str] = field(default_factory=list)
    """Ids of the attempts at it that were not kept."""

    def inputs(self, node: Node, source: str | None) -> dict[str, str]:
        """By role, for making a node's call again on a source."""
        inputs = step_of(node).inputs
        before = inputs.get("src")
        if source is None or before is None:
            return {role: self._now(one) for role, one in inputs.items()}
        self.instead[before] = source
        beside = {role: one for role, one in inputs.items() if role != "src"}
        if self.elsewhere and "mask" in beside:
            self._find_there(beside["mask"], before, source)
        return {"src": source, **{role: self._now(one) for role, one in beside.items()}}

    def did(self, node: Node, outcome: StepOutcome) -> None:
        """What came of making a node's call again stands for it from here on, and its region for the one that it had."""
        self.made += outcome.nodes
        self.aside += outcome.aside
        masks = [made.node.id for made in outcome.nodes if made.node.kind is NodeKind.MASK]
        stands = masks[0] if node.kind is NodeKind.MASK and masks else outcome.picture
        if stands is not None:
            self.instead[node.id] = stands
        self.instead |= dict(zip((one.id for one in self._along(node)), masks, strict=False))

    def all_of(self, line: Sequence[Node]) -> list[Node]:
        """A line and all that its steps were given from elsewhere, and what that was made from; the oldest first."""
        found = {node.id: node for node in line}
        waiting = [*line]
        while waiting:
            given = [edge.parent for edge in self._given(waiting.pop()) if edge.parent not in found]
            fresh = {one: self._node(one) for one in given}
            found |= fresh
            waiting += fresh.values()
        return sorted(found.values(), key=lambda node: _number(node.id))

    def _find_there(self, mask: str, before: str, source: str) -> None:
        """A region that was found on a picture further back is found on the one that the step goes to."""
        node = self._node(mask)
        found_on = _from(node) if node.kind is NodeKind.MASK else None
        if mask in self.instead or found_on is None or found_on in self.instead or not self._leads(found_on, before):
            return
        step = step_of(node)
        self.did(node, self.run(node, Step(step.tool, step.arguments, {**step.inputs, "src": source})))

    def _leads(self, earlier: str, later: str) -> bool:
        found = self.store.ancestors(self.session_id, later, limit=_number(later), since=earlier)
        return bool(found) and found[-1].id == earlier

    def _now(self, one: str) -> str:
        """What stands for a picture or a region; what it was made from is made again first, the oldest first."""
        for node in self._behind(one):
            if any(self.instead.get(edge.parent, edge.parent) != edge.parent for edge in self._given(node)):
                step = step_of(node)
                inputs = {role: self.instead.get(parent, parent) for role, parent in step.inputs.items()}
                self.did(node, self.run(node, Step(step.tool, step.arguments, inputs)))
        return self.instead.get(one, one)

    def _behind(self, one: str) -> list[Node]:
        """A node and all that it was made from, as far back as something may stand for it; the oldest first."""
        oldest = min(map(_number, self.instead), default=_number(one))
        found: dict[str, Node] = {}
        waiting = [one]
        while waiting:
            this = waiting.pop()
            if this not in found and this not in self.instead and _number(this) > oldest:
                found[this] = self._node(this)
                waiting += [edge.parent for edge in self._given(found[this])]
        return sorted(found.values(), key=lambda node: _number(node.id))

    def _given(self, node: Node) -> list[Edge]:
        """What the call was given; not the regions that were made along with the picture."""
        along = {one.id for one in self._along(node)}
        return [edge for edge in node.parents if edge.parent not in along]

    def _along(self, node: Node) -> list[Node]:
        masks = [self._node(edge.parent) for edge in node.parents if edge.role is Role.MASK]
        return [one for one in masks if one.turn == node.turn and one.recipe in ("", node.recipe)]

    def _node(self, one: str) -> Node:
        return self.store.node(self.session_id, one)


def _from(node: Node) -> str | None:
    return next((edge.parent for edge in node.parents if edge.role is Role.SOURCE), None)


def _number(node: str) -> int:
    return int(node[1:])
