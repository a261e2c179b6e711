"""What came of a call, as the nodes that are stored: the picture last, the regions that were made along with it before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from PIL import Image
from pydantic import JsonValue

from pentimento.agent import pictures
from pentimento.agent.types import Call, Edge, Node, NodeKind, Role
from pentimento.memory.recipe import recipe_hash
from pentimento.memory.store import Store
from pentimento.memory.types import NOT_KEPT, NewNode
from pentimento.tools.attempts import ONCE
from pentimento.tools.types import ToolCall, ToolError, ToolResult

ROLES = {
    "src": Role.SOURCE,
    "layer": Role.SOURCE,
    "other": Role.SOURCE,
    "mask": Role.MASK,
    "ref1": Role.REFERENCE,
    "ref2": Role.REFERENCE,
}
"""What the pictures of a call are to the one that it makes."""


@dataclass(frozen=True)
class Origin:
    """A call, and the pictures that it was given, by role."""

    call: ToolCall
    sources: Mapping[str, Node]
    facts: Mapping[str, JsonValue] = field(default_factory=dict)
    """What else is known of it, kept with what was measured."""

    @cached_property
    def recipe(self) -> str:
        return recipe_hash(self.stored(), [node.blob for node in self.sources.values()])

    def stored(self, environment: Mapping[str, JsonValue] | None = None) -> Call:
        call = self.call
        return Call(call.tool, call.version, call.model, call.arguments, call.seed, environment or {})

    def edges(self) -> tuple[Edge, ...]:
        return tuple(Edge(node.id, ROLES[role]) for role, node in self.sources.items())


def nodes_of(origin: Origin, label: str, result: ToolResult) -> list[NewNode]:
    """The mask first, if there is one, then the picture that was made with it, if that is not all that was asked for."""
    if not result.images and result.mask is None:
        raise ToolError(f"{origin.call.tool} made no picture.")
    edges, stored, recipe = origin.edges(), origin.stored(result.environment), origin.recipe
    measures = {**result.measures, **origin.facts, **({"note": result.note} if result.note else {})}
    if not result.images and result.mask is not None:
        return [new_node(NodeKind.MASK, result.mask, f"region: {label}", edges, stored, recipe, measures)]
    nodes: list[NewNode] = []
    if result.mask is not None:
        nodes.append(new_node(NodeKind.MASK, result.mask, f"region: {label}", edges, stored, recipe))
        edges = (*edges, Edge("+0", Role.MASK))
    nodes.append(new_node(NodeKind.IMAGE, result.images[0], label, edges, stored, recipe, measures))
    return nodes


def not_kept(origin: Origin, label: str, result: ToolResult) -> Iterator[list[NewNode]]:
    """Each attempt that was not kept, with the call that makes it again: it draws once, with the seed of that attempt."""
    for other in result.others:
        call = replace(origin.call, seed=other.seed, arguments={**origin.call.arguments, **ONCE})
        alone = replace(other.result, measures={**other.result.measures, **NOT_KEPT}, environment=result.environment)
        yield nodes_of(replace(origin, call=call), label, alone)


def again(store: Store, known: tuple[Node, ...], origin: Origin, label: str) -> list[NewNode]:
    """Nodes of another session, or of this one, for pictures that are stored already: an image and its masks."""
    image, masks = known[0], known[1:]
    edges = origin.edges()
    copies = [_copy(mask, store.png(mask), edges, mask.label) for mask in masks]
    own = (*edges, *(Edge(f"+{position}", Role.MASK) for position in range(len(masks))))
    return [*copies, _copy(image, store.png(image), own, label)]


def in_one(groups: Sequence[Sequence[NewNode]]) -> list[NewNode]:
    """Groups of nodes as one, in which edges within a group ("+0" is its first) still lead to the same nodes."""
    nodes: list[NewNode] = []
    for group in groups:
        begun = len(nodes)
        nodes += [replace(node, parents=tuple(_later(edge, begun) for edge in node.parents)) for node in group]
    return nodes


def _later(edge: Edge, by: int) -> Edge:
    return Edge(f"+{int(edge.parent[1:]) + by}", edge.role) if edge.parent.startswith("+") else edge


def _copy(node: Node, png: bytes, parents: tuple[Edge, ...], label: str) -> NewNode:
    # Who asks for just this attempt keeps it.
    measures = {name: value for name, value in node.measures.items() if name not in NOT_KEPT} | {"reused": True}
    pixels = node.pixels or pictures.pixel_hash(pictures.from_png(png))
    return NewNode(node.kind, png, node.width, node.height, label, parents, node.call, node.recipe, measures, pixels)


def new_node(
    kind: NodeKind,
    image: Image.Image,
    label: str,
    parents: tuple[Edge, ...] = (),
    call: Call | None = None,
    recipe: str = "",
    measures: Mapping[str, JsonValue] | None = None,
) -> NewNode:
    """A picture as it is stored."""
    png, pixels = pictures.to_png(image), pictures.pixel_hash(image)
    return NewNode(kind, png, image.width, image.height, label, parents, call, recipe, measures or {}, pixels)
