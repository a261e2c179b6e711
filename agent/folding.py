"""Where a profile says so, several drawings over the whole picture, one upon the other, are done as one from before the first."""

from collections.abc import Mapping, Sequence

from pentimento.agent import references
from pentimento.agent.rewriting import to_be_put
from pentimento.agent.types import Node, Role, Step
from pentimento.memory.store import Store
from pentimento.memory.types import NewNode, Session
from pentimento.tools.scope import asks_for_another_place

LINE = 50
"""Pictures before one that are looked at."""
LONGEST = 300
"""Characters of an instruction."""


def folded(store: Store, session: Session, after: int | None, step: Step, made: Mapping[int, str]) -> tuple[Step, str]:
    """The step as it is, or, upon so many drawings, all of them and the step in one; and a sentence about that."""
    if after is None or not _over_the_whole(step):
        return step, ""
    src = references.resolve(store, session, step.inputs.get("src", "head"), made)
    drawings, first = _drawings((src, *store.ancestors(session.id, src.id, limit=LINE)))
    words = _at_once([*map(_instruction, drawings), str(step.arguments.get("instruction", ""))])
    if len(drawings) < after or not words:
        return step, ""
    note = f"I did all {len(drawings) + 1} changes at once, from {first}: drawn one over the other, each takes a little away."
    return to_be_put(Step("edit", {**step.arguments, "instruction": words}, {**step.inputs, "src": first})), note


def _drawings(line: Sequence[Node]) -> tuple[list[Node], str]:
    """The drawings over the whole that lead to a picture one after the other, the first one first, and what lies before them.

    Anything else that was done to it ends them: from before that it would be lost.
    """
    count = next((index for index, node in enumerate(line) if not is_drawing(node)), 0)
    before = line[count]
    return ([*reversed(line[:count])], before.id) if before.gone is None else ([], "")


def is_drawing(node: Node | NewNode) -> bool:
    """Whether it is one over the whole, by nothing but an instruction."""
    alone = not any(edge.role is Role.REFERENCE for edge in node.parents)
    return node.call is not None and alone and _over_the_whole(Step(node.call.tool, node.call.arguments, {}))


def _over_the_whole(step: Step) -> bool:
    # Where the things keep their pixels, the picture is not drawn over.
    whole = step.tool == "edit" and step.arguments.get("scope") == "picture"
    alone = not any(role.startswith("ref") for role in step.inputs)
    return whole and alone and not asks_for_another_place(str(step.arguments.get("instruction", "")))


def _instruction(node: Node) -> str:
    return str(node.call.arguments.get("instruction", "")) if node.call else ""


def _at_once(instructions: Sequence[str]) -> str:
    """ "Make it night and let it snow"; empty where that would be too long."""
    first, *others = [instruction.strip().rstrip(".!") for instruction in instructions]
    words = " and ".join([first, *(other[:1].lower() + other[1:] for other in others)])
    return words if len(words) <= LONGEST else ""
