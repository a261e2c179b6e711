"""How far a picture has come from the one that it began as, where nobody asked for a change: nothing for edits of a region.

Each drawing of the whole picture is a copy of a copy; after a few the person is told, and how to say all of it at once instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

import numpy as np

from pentimento.agent import pictures
from pentimento.agent.folding import is_drawing
from pentimento.agent.lineage_words import is_drawn_from_words
from pentimento.agent.types import Edge, Node, NodeKind, Role, StoreError
from pentimento.memory.store import Store
from pentimento.memory.types import NewNode, Session
from pentimento.tools import TOOLS
from pentimento.tools.compare import difference
from pentimento.tools.region import Mask, changed_pixels, to_image, to_mask

REDRAWN = 3
"""Drawings of the whole picture, one upon the other, that are no cause for a word."""
SHAPES = 0.5
"""Share of the structure that may be lost before a second one is."""
LINE = 100
"""Pictures that are followed back at most."""


@dataclass(frozen=True)
class Drift:
    since: Node
    """The picture that it is held against: the last one before it that was opened, drawn from words or changed exactly, all of it."""
    share: float
    """Of the pixels outside of all regions that were named since then, that differ at all, 0..1."""
    shapes: float
    """What is lost of the structure there (1 - SSIM of lightness), 0..1: another light alone loses little."""


def drift(store: Store, session: Session, node: Node | NewNode, png: bytes) -> Drift | None:
    """None where there is nothing to hold it against: no picture before it, one of another size, one that is no more."""
    line = _line(store, session, node.parents)
    drawn = _since(line)
    if not drawn or drawn[-1].gone or (drawn[-1].width, drawn[-1].height) != (node.width, node.height):
        return None
    before, after = pictures.from_png(store.png(drawn[-1])), pictures.from_png(png)
    outside = ~_regions(store, session, [node, *drawn[:-1]])
    if not outside.any():
        return Drift(drawn[-1], 0.0, 0.0)
    share = changed_pixels(before, after, outside) / int(outside.sum())
    # What was asked for is no difference.
    after.paste(before, mask=to_image(~outside))
    found = difference(before, after)
    shapes = 0.0 if found is None else (1 - found.structure) / float(outside.mean())
    return Drift(drawn[-1], share, min(1.0, round(shapes, 4)))


def told(
    store: Store, session: Session, new: Sequence[NewNode], note: str, *, aloud: bool = True
) -> tuple[list[NewNode], str]:
    """What a step made, with what was measured of its drift, and the note with a sentence where that is too much.

    Without `aloud` there is no sentence.
    """
    node = new[-1]
    if not (node.kind is NodeKind.IMAGE and _redraws(node)):
        return [*new], note
    line = _line(store, session, node.parents)
    before = [one for one in line if _redraws(one)]
    lost = _lost(store, session, node, line)
    known = {} if lost is None else {"drift": lost}
    measures = {**node.measures, "redrawn": len(before) + 1, **known}
    sentence = _sentence(line, [node, *before], lost) if aloud else ""
    return [*new[:-1], replace(node, measures=measures)], " ".join(filter(None, (note, sentence)))


def _lost(store: Store, session: Session, node: NewNode, line: Sequence[Node]) -> float | None:
    """Of the shapes, since the first drawing; None where that can't be told."""
    try:
        found = drift(store, session, node, node.png)
    except StoreError:
        # A file of the past that is missing is no reason to lose what was just drawn.
        return None
    if found is None:
        return None
    # What an exact change of all of it came after was lost before.
    earlier = line[line.index(found.since) :]
    before = next((float(str(one.measures["drift"])) for one in earlier if "drift" in one.measures), 0.0)
    return min(1.0, round(found.shapes + before, 4))


def _line(store: Store, session: Session, parents: Sequence[Edge]) -> list[Node]:
    """What it was made from, and what that was made from …, nearest first; no further back than to one drawn from words."""
    source = next((edge.parent for edge in parents if edge.role is Role.SOURCE), None)
    if source is None:
        return []
    line = [store.node(session.id, source), *store.ancestors(session.id, source, limit=LINE)]
    return line[: next((index for index, node in enumerate(line, 1) if is_drawn_from_words(node)), len(line))]


def _since(line: Sequence[Node]) -> list[Node]:
    """Back to the first that is no drawing, no change of a part that is known, and of no other size than what it came from."""
    kept: list[Node] = []
    for node, before in zip_longest(line, line[1:]):
        kept.append(node)
        same = before is None or (node.width, node.height) == (before.width, before.height)
        if not (same and (_redraws(node) or _names_a_region(node))):
            break
    return kept


def _redraws(node: Node | NewNode) -> bool:
    """Whether a model drew all of it anew from a picture."""
    tool = TOOLS.get(node.call.tool) if node.call else None
    drawn = tool is not None and "image" in tool.models and "src" in tool.roles
    return drawn and not _of_a_part(node) and not is_drawn_from_words(node)


def _of_a_part(node: Node | NewNode) -> bool:
    return bool(node.measures.get("outside"))


def _names_a_region(node: Node) -> bool:
    """Whether it changed a part, and a region of the picture says which; the mask of a layer does not."""
    tool = TOOLS.get(node.call.tool) if node.call else None
    layered = tool is not None and "layer" in tool.roles
    return _of_a_part(node) and not layered and any(edge.role is Role.MASK for edge in node.parents)


def _regions(store: Store, session: Session, nodes: Sequence[Node | NewNode]) -> Mask:
    """All that was named, together."""
    named = np.zeros((nodes[0].height, nodes[0].width), dtype=bool)
    masks = [edge for node in nodes for edge in node.parents if edge.role is Role.MASK and edge.parent.startswith("n")]
    for edge in masks:
        mask = store.node(session.id, edge.parent)
        if mask.gone is None and (mask.width, mask.height) == named.shape[::-1]:
            named |= to_mask(pictures.from_png(store.png(mask)))
    return named


def _sentence(line: Sequence[Node], redrawn: Sequence[Node | NewNode], lost: float | None) -> str:
    """How far it has come, and how to begin anew with all that was asked for since; empty within the budget."""
    if len(redrawn) <= REDRAWN and not (len(redrawn) > 1 and (lost or 0.0) > SHAPES):
        return ""
    oldest = redrawn[-1]
    first = line[line.index(oldest) + 1 :][:1] if isinstance(oldest, Node) else line[:1]
    since = f" since {first[0].id}" if first else ""
    share = "" if lost is None else f", and {lost:.0%} of its shapes are others by now"
    again = _again(line, redrawn)
    return f"The whole picture was drawn {len(redrawn)} times over{since}{share}{again}."


def _again(line: Sequence[Node], redrawn: Sequence[Node | NewNode]) -> str:
    """Where to begin anew, and with which instruction; empty where something else lies between, which would be lost."""
    between = len(redrawn) - 1
    alone = list(line[:between]) == list(redrawn[1:]) and all(is_drawing(node) for node in redrawn)
    if not alone or len(line) <= between or line[between].gone:
        return ""
    asked = " and ".join(" ".join(node.label.split()) for node in reversed(redrawn))
    return f"; to keep more of it, go back to {line[between].id} and ask for all of it at once: “{asked}”"
