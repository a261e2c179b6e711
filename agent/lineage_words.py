"""What the lineage knows of a picture, in words: for tools that answer from it, or draw again what it says."""

from collections.abc import Callable, Iterator, Mapping

from pydantic import JsonValue

from pentimento.agent.types import Node, Step
from pentimento.memory.store import Store
from pentimento.memory.types import Gone, NewNode, Session
from pentimento.tools import TOOLS

STEPS = 50
"""Pictures before one that are looked at."""
LONGEST = 300
"""Characters of what is told."""


def with_history(store: Store, session: Session, step: Step, src: Node | None) -> Step:
    """The step with those arguments that its tool takes from the lineage of its source, where a person gave none."""
    wanted = dict(_from_lineage(step.tool))
    left = {name: find for name, find in wanted.items() if not step.arguments.get(name)}
    if src is None or not left:
        return step
    known = line_to(store, session, src.id)
    found: Mapping[str, JsonValue] = {name: _FINDERS[find](known) for name, find in left.items()}
    return Step(step.tool, {**step.arguments, **found}, step.inputs)


def line_to(store: Store, session: Session, node: str | None) -> list[Node]:
    """A picture and those before it, the newest first, without those whose words were forgotten; of no picture none."""
    if node is None:
        return []
    line = (store.node(session.id, node), *store.ancestors(session.id, node, limit=STEPS))
    return [one for one in line if one.gone is not Gone.FORGOTTEN]


def labels_to(store: Store, session: Session, node: str | None) -> list[str]:
    """What a picture and those before it are called."""
    return [one.label for one in line_to(store, session, node)]


def without_history(store: Store, session: Session, step: Step) -> Step:
    """A step of the past without what it took from the lineage of its source, so that it takes it anew from another one."""
    names = {name for name, _ in _from_lineage(step.tool)}
    if not names or "src" not in step.inputs:
        return step
    bare = {name: value for name, value in step.arguments.items() if name not in names}
    src = store.node(session.id, step.inputs["src"])
    taken = with_history(store, session, Step(step.tool, bare, step.inputs), src).arguments
    kept = {name: value for name, value in step.arguments.items() if name in bare or value != taken.get(name)}
    return Step(step.tool, kept, step.inputs)


def is_drawn_from_words(node: Node | NewNode) -> bool:
    """Whether nothing was looked at but the words: a new picture, or a variation that was drawn anew."""
    return node.call is not None and (node.call.tool == "generate" or bool(node.measures.get("drawn_anew")))


def _from_lineage(tool: str) -> Iterator[tuple[str, str]]:
    for name, field in TOOLS[tool].args_model.model_fields.items():
        extra = field.json_schema_extra
        if isinstance(extra, dict) and (find := extra.get("lineage")):
            yield name, str(find)


def _story(line: list[Node]) -> str:
    """The steps that led to a picture, the first one first: “a fox”, then “put it in the snow”."""
    labels = [f"“{' '.join(node.label.split())}”" for node in reversed(line) if node.label]
    while len(labels) > 1 and len(", then ".join(labels)) > LONGEST:
        labels = ["…", *labels[2 if labels[0] == "…" else 1 :]]
    return ", then ".join(labels)[:LONGEST]


def _prompt(line: list[Node]) -> str:
    """The words that the picture was drawn from; empty where it was opened from a file."""
    drawn = (node.call for node in line if node.call is not None and is_drawn_from_words(node))
    return next((str(call.arguments.get("prompt", ""))[:LONGEST] for call in drawn), "")


def _untouched(line: list[Node]) -> str:
    """The words that the picture was drawn from, if nothing but variations was done to it since."""
    for node in line:
        if is_drawn_from_words(node):
            return _prompt([node])
        if node.call is None or node.call.tool != "variations":
            break
    return ""


_FINDERS: dict[str, Callable[[list[Node]], str]] = {"story": _story, "prompt": _prompt, "untouched": _untouched}
