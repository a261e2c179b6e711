"""Where a picture file comes from: what is written into it, what is read from it, and its place in the history.

What a file says of itself is believed only as far as its pixels bear it out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, Field, JsonValue, ValidationError

from pentimento.agent import metadata, pictures
from pentimento.agent.discreet import without_paths
from pentimento.agent.pictures import Opened
from pentimento.agent.types import Node
from pentimento.memory import transfer
from pentimento.memory.store import Store
from pentimento.memory.types import Session

FORMAT = 1

_Hash = Field(pattern=r"^[0-9a-f]{64}$")


class Origin(BaseModel):
    """The part of a file's text that finds its place; the rest is for people and other programs."""

    pentimento: Literal[1]
    node: str = Field(pattern=r"^n[1-9]\d{0,8}$")
    blob: str = _Hash
    pixels: str = _Hash


@dataclass(frozen=True)
class Place:
    session: Session
    node: Node


def text_of(store: Store, session: Session, node: Node, limit: int) -> str:
    """What an export keeps: the names and hashes of a picture, and the calls and words from the first picture to it.

    `limit` is in characters; where they are too few the first steps are left out.
    """
    records = transfer.take_out(store, session.id, node.id)
    steps = [without_paths(step) for step in _steps(records)]
    named: dict[str, JsonValue] = {
        "pentimento": FORMAT,
        "session": without_paths(session.name),
        "node": node.id,
        "blob": node.blob,
        "pixels": node.pixels or pictures.pixel_hash(pictures.from_png(store.png(node))),
    }
    left_out = 0
    while True:
        text = metadata.as_text({**named, "left_out": left_out, "steps": steps[left_out:]})
        if len(text) <= limit or left_out == len(steps):
            return text
        left_out += max(1, (len(steps) - left_out) // 4)


def place_of(store: Store, session: Session, opened: Opened) -> Place | None:
    """Where the history has this picture: in the session if it is there, best the node that the file names or the head."""
    claimed = _claimed(opened.embedded)
    pixels = pictures.pixel_hash(opened.image)
    blobs = {opened.sha256, claimed.blob if claimed else ""}
    found = [Place(*place) for place in transfer.places(store, blobs, pixels)]
    named = claimed.node if claimed else ""
    best = sorted(found, key=lambda at: (at.session.id != session.id, at.node.id != named, at.node.id != session.head))
    return next((place for place in best if _shows(store, opened, pixels, place.node)), None)


def _claimed(text: str) -> Origin | None:
    try:
        return Origin.model_validate_json(text) if text else None
    except ValidationError:
        return None


def _shows(store: Store, opened: Opened, pixels: str, node: Node) -> bool:
    """Whether a file's pixels are the node's."""
    if node.blob == opened.sha256 or node.pixels == pixels:
        return True
    return store.blobs.fault(node.blob) is None and pictures.written_from(opened, store.png(node))


def _steps(records: tuple[Mapping[str, Any], ...]) -> list[dict[str, JsonValue]]:
    """The nodes of a part of a session, oldest first: how each was made, from what, and what was said."""
    said = {row["number"]: row["said"] for row in records if row["table"] == "turns"}
    made_from: dict[int, list[JsonValue]] = {}
    for row in records:
        if row["table"] == "edges":
            made_from.setdefault(row["child"], []).append({"node": f"n{row['parent']}", "role": row["role"]})
    return [
        {
            "node": f"n{row['number']}",
            "said": said.get(row["turn"], ""),
            "label": row["label"],
            "from": made_from.get(row["number"], []),
            **{name: row[name] for name in ("kind", "tool", "version", "model", "arguments", "seed")},
            "blob": row["blob"],
        }
        for row in records
        if row["table"] == "nodes"
    ]
