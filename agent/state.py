"""What the language model is told about a session: the picture on the screen and the last versions."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Version:
    """One image node as a person would name it; masks are never listed, so ids have gaps."""

    id: str
    """Id of the node, "n3"."""
    label: str
    """The prompt or instruction that made it, cut to 60 characters."""


@dataclass(frozen=True)
class State:
    """A session as far as planning needs it, bounded."""

    picture: str | None
    """Id of the node at the head; None before the first picture."""
    versions: tuple[Version, ...] = ()
    """At most the last 6 image nodes, oldest first."""
    branch: str = ""
    """The one that the session is on."""
    names: tuple[str, ...] = ()
    """What else there is to go to, as references: "branch:winter", "tag:best"; empty while there is one branch alone."""
    grid: int = 0
    """How many pictures the newest step made at once, of which "grid:2" is the second; 0 for one alone."""
    prefers: str = ""
    """What is wanted from now on, "ratio=wide avoid=people"."""
    asked: str = ""
    """What was asked back, behind the words that it was asked for: "make it red -> Which one?"; empty unless that was just now."""
    line: frozenset[str] = frozenset()
    """Ids of the versions that the picture on the screen comes of, itself included; for rules, not for the model."""
    region: str = ""
    """The region that the last turn marked, and what it is of: "n4, the fox". For models that read it, as …"""
    recent: tuple[str, ...] = ()
    """… the last turns, oldest first: what was said and what was answered."""
