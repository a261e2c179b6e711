"""The one way out of the history: what a plan would do outside is put to the person, and done when their next message is yes.

Whoever wrote the plan, nothing here is run because a language model says so: either a person typed the command, or they agreed
to the question that named it. What is offered is kept with its turn, so that a yes is understood after a restart too.
"""

import os
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path

from pydantic import BaseModel, Field, JsonValue, TypeAdapter, ValidationError

from pentimento.agent.pictures import printable
from pentimento.agent.steps import StepOutcome
from pentimento.agent.types import AgentError, Offer, Plan, Request, Step, Turn, TurnStatus

YES = frozenset(
    "y|yes|yes please|yes do it|yep|sure|ok|okay|ok do it|do it|go ahead|j|ja|ja bitte|mach das|好|好的|是|是的|可以".split(
        "|"
    )
)
"""The messages that are a plain yes; all else is none, "yes but …" too."""
NO = frozenset("n|no|no thanks|nope|nein|nein danke|不|不要|不用|不行".split("|"))
KEPT = "offers"
"""Among the facts of a turn: what it offered to do."""
_SUFFIXES = {"png": ".png", "jpeg": ".jpg", "webp": ".webp"}
_PICTURE = re.compile(r"\.(?:png|jpe?g|webp)$", re.IGNORECASE)


class _Kept(BaseModel, extra="forbid"):
    """An offer as it was kept; a turn may come from another home."""

    node: str = Field(pattern=r"^n[1-9]\d{0,8}$")
    name: str = Field(pattern=r"^\w[\w.~+-]{0,79}\.(png|jpg|webp)$")
    keep: bool
    file: str


@dataclass(frozen=True)
class Outside:
    """The way out, for one turn."""

    request: Request
    agreed: tuple[Offer, ...]
    """What the person says yes to with it, one for each step."""
    write: Callable[[Offer], Path]

    def run(self, step: Step, index: int, node: str | None, offered: Sequence[Offer]) -> StepOutcome:
        """Do a step that the person typed or agreed to; offer any other one, beside those that are `offered` by now.

        Raises `AgentError` when it can't be done.
        """
        if step.tool != "export":
            raise AgentError(f"I can't do {step.tool} yet.")
        agreed = self.agreed[index - 1] if self.agreed else None
        offer = _anew(agreed or _wanted(step, node), offered)
        typed = self.request.by_hand and self.request.plan is not None
        # Another folder, or a file that is there by now: it is no longer what the person agreed to.
        if not typed and offer != agreed:
            return StepOutcome(offers=(offer,))
        file = printable(str(self.write(offer)))
        return StepOutcome(note=f"Wrote {offer.node} to {file}.", facts={"written": file})


def _wanted(step: Step, node: str | None) -> Offer:
    if node is None:
        raise AgentError("There is no picture yet; describe one first.")
    name = _PICTURE.sub("", str(step.arguments.get("name", ""))) or node
    suffix = _SUFFIXES[str(step.arguments.get("format", "png"))]
    return Offer(node, f"{name}{suffix}", keep=bool(step.arguments.get("keep", False)))


def _anew(offer: Offer, offered: Sequence[Offer]) -> Offer:
    """In the present folder, under a name that is neither there nor offered: "fox.png", else "fox-2.png"."""
    stem, dot, suffix = offer.name.rpartition(".")
    names = chain([offer.name], (f"{stem}-{number}{dot}{suffix}" for number in count(2)))
    taken = {one.name for one in offered}
    name = next(one for one in names if one not in taken and not os.path.lexists(path_of(one)))
    return replace(offer, name=name, file=printable(str(path_of(name))))


def path_of(name: str) -> Path:
    """Where a file of that name is written: in the folder in which the program was started."""
    return Path.cwd() / name


def asked(offers: Sequence[Offer]) -> str:
    """The question that a yes answers; it names all that would be done."""
    each = [f"{one.node} to {one.file}, {_WITH if one.keep else _ALONE}" for one in offers]
    return f"Shall I write {'; and '.join(each)}? (yes, no)"


_ALONE, _WITH = "its pixels alone", "with your words and its recipe in the file"


def kept(offers: Sequence[Offer]) -> JsonValue:
    """For the facts of a turn."""
    return [{"node": one.node, "name": one.name, "keep": one.keep, "file": one.file} for one in offers]


def agreed_to(request: Request, last: Turn | None) -> tuple[Offer, ...]:
    """What the last turn offered, where this message is a plain yes to it."""
    return _open(request, last) if _plain(request.said) in YES else ()


def refused(request: Request, last: Turn | None) -> bool:
    """Whether this message is a plain no to what the last turn offered."""
    return _plain(request.said) in NO and bool(_open(request, last))


def plan_of(offers: Sequence[Offer]) -> Plan:
    """What is done after a yes, as the plan of its turn."""
    return Plan(tuple(map(_step_of, offers)), "")


def _step_of(offer: Offer) -> Step:
    stem, _, suffix = offer.name.rpartition(".")
    form = next(name for name, ending in _SUFFIXES.items() if ending == f".{suffix}")
    return Step("export", {"format": form, "keep": offer.keep, "name": stem}, {})


def _open(request: Request, last: Turn | None) -> tuple[Offer, ...]:
    """What the last turn offered to a person who types now; nothing unless its question said so to the letter."""
    if not request.by_hand or request.plan is not None or last is None or last.status is not TurnStatus.ASKED:
        return ()
    try:
        found = TypeAdapter(list[_Kept]).validate_python(last.details.get(KEPT, []))
    except ValidationError:
        return ()
    offers = tuple(Offer(one.node, one.name, one.keep, one.file) for one in found)
    return offers if offers and last.reply.endswith(asked(offers)) else ()


def _plain(said: str) -> str:
    words = " ".join(unicodedata.normalize("NFKC", said).casefold().split())
    return words.replace(",", "").rstrip(" .!。")
