"""What the commands that look after the home say."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pentimento.tui.sanitize import one_line

if TYPE_CHECKING:
    from pentimento.agent.keeping import Backup, Collected, Forgotten, Recovered, Restored, Target

NAMED = 10
"""Pictures that are named one by one at most."""


def collected_text(found: "Collected", *, run: bool) -> str:
    if not found.nodes and not found.files:
        return "There is nothing to remove."
    what = (
        f"{many(len(found.nodes), 'picture')} that nothing leads to, {many(found.files, 'file')} ({size(found.bytes)})"
    )
    names = f": {_few(found.nodes)}" if found.nodes else ""
    if run:
        return f"Removed {what}{names}."
    return f"{what} can go{names}. Say pentimento gc --run to remove them."


def question(target: "Target") -> str:
    session = one_line(target.session.name, 60)
    if target.node is None:
        return f"Forget the whole session {session}, all its pictures and words, for good?"
    label = f", “{one_line(target.node.label, 60)}”" if target.node.label else ""
    return f"Forget {target.node.id}{label} of {session}, the picture and its words, for good?"


def forgotten_text(target: "Target", found: "Forgotten", head: str | None) -> str:
    if target.node is None:
        held = many(len(found.nodes), "picture")
        lines = [f"The session {target.session.name} is forgotten, with {held} (regions counted)."]
    else:
        where = f"{target.session.name} is at {head} now" if head else f"{target.session.name} has no picture now"
        lines = [f"Forgot {_few(found.nodes)} and what was said; {where}."]
    if found.same_picture:
        lines.append(f"The same picture is still there, since it was made more than once: {_few(found.same_picture)}.")
    if found.same_words:
        lines.append(f"The same words are still there: {_few(found.same_words)}.")
    if found.aside:
        lines.append(f"Copies that were set aside earlier may hold it: {_few([str(path) for path in found.aside])}.")
    if not found.clean:
        lines.append("Another program has the history open; traces stay in its working files until it is closed.")
    lines.append("Backups that were made before still hold it; make one anew into the same folder.")
    return "\n".join(lines)


def backed_up_text(found: "Backup", folder: Path) -> str:
    done = f"{many(found.pictures, 'picture file')} in {folder}, {found.added} of them new ({size(found.bytes)})."
    return "\n".join([done, *found.problems])


def restored_text(found: "Restored", folder: Path) -> str:
    lines = [f"Restored {many(found.pictures, 'picture file')} from {folder}."]
    if found.aside is not None:
        lines.append(f"What was here before is kept in {found.aside}.")
    return "\n".join([*lines, *found.problems])


def recovered_text(found: "Recovered") -> str:
    counts = [
        many(found.sessions, "session"),
        many(found.turns, "turn"),
        f"{many(found.nodes, 'picture')} (with regions)",
        many(found.branches, "branch", "branches"),
        many(found.tags, "tag"),
    ]
    lines = [f"Rebuilt {', '.join(counts)}."]
    if found.damaged_lines:
        lines.append(f"{many(found.damaged_lines, 'line')} of the journal could not be read, or not whole.")
    lines.append(f"What was replaced is kept: {_few([str(path) for path in found.aside])}.")
    return "\n".join(lines)


def many(count: int, noun: str, plural: str = "") -> str:
    return f"{count} {noun if count == 1 else plural or f'{noun}s'}"


def size(count: int) -> str:
    """Bytes as a person reads them."""
    for unit, least in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= least:
            return f"{count / least:.1f} {unit}"
    return f"{count} bytes"


def _few(names: Sequence[str]) -> str:
    more = f", and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"
