"""A turn while it runs: what it has come to so far, and how long each stage took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pydantic import JsonValue

from pentimento.agent import outside
from pentimento.agent.planner import Planned
from pentimento.agent.steps import StepOutcome
from pentimento.agent.types import MadeNode, NodeKind, Offer, Request, Seconds, Tokens, TurnResult, TurnStatus


class Clock:
    """Seconds spent in each stage of a turn: plan, tools, store."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._spent = {"plan": 0.0, "tools": 0.0, "store": 0.0}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self._spent[name] += time.perf_counter() - began

    def seconds(self) -> Seconds:
        rounded = {name: round(spent, 4) for name, spent in self._spent.items()}
        return Seconds(**rounded, total=round(time.perf_counter() - self._started, 4))


@dataclass
class TurnProgress:
    """One running turn."""

    request: Request
    turn: int
    """Number of the turn; 0 when a plan is only shown."""
    clock: Clock
    planned: Planned | None = None
    agreed: tuple[Offer, ...] = ()
    """What the person says yes to with this message."""
    outcomes: dict[int, StepOutcome] = field(default_factory=dict)
    """By step, counted from 1."""
    stopped: TurnStatus | None = None
    why: str = ""
    kept: str = ""
    """Which of the pictures that a step should have made are there, where it was stopped on the way."""

    def keep(self, index: int, outcome: StepOutcome, wanted: int) -> None:
        """A part of the pictures that a step was to make."""
        self.add(index, outcome)
        pictures = [made.node.id for made in outcome.nodes if made.node.kind is NodeKind.IMAGE]
        are = "is" if len(pictures) == 1 else "are"
        self.kept = f"{len(pictures)} of {wanted} pictures {are} there: {', '.join(pictures)}."

    def add(self, index: int, outcome: StepOutcome) -> None:
        self.outcomes[index] = outcome

    def stop(self, status: TurnStatus, why: str) -> None:
        self.stopped, self.why = status, why

    def decline(self, reply: str) -> None:
        """What was planned is not kept."""
        self.planned = None
        self.stop(TurnStatus.DECLINED, reply)

    def offers(self) -> tuple[Offer, ...]:
        """What the turn asks a yes for; nothing where it was stopped."""
        return () if self.stopped else tuple(one for outcome in self.outcomes.values() for one in outcome.offers)

    def pictures(self) -> dict[int, str]:
        """Step → id of the picture that it made."""
        return {index: outcome.picture for index, outcome in self.outcomes.items() if outcome.picture}

    def made_regions_alone(self) -> bool:
        """A person takes such a turn back as any other, though no branch has moved."""
        kinds = {made.node.kind for outcome in self.outcomes.values() for made in outcome.nodes}
        return kinds == {NodeKind.MASK}

    def status(self) -> TurnStatus:
        if self.stopped is not None:
            return self.stopped
        steps = self.planned.plan.steps if self.planned else ()
        if self.offers():
            return TurnStatus.ASKED
        return _TALK.get(steps[0].tool, TurnStatus.DONE) if steps else TurnStatus.ANSWERED

    def reply(self) -> str:
        """The plan's own words and what the checks found; what went wrong alone, when something did."""
        if self.stopped is not None:
            return " ".join(filter(None, (self.why, self.kept)))
        said = self.planned.plan.reply if self.planned else ""
        notes = [*filter(None, (*(outcome.note for outcome in self.outcomes.values()), self._not_kept()))]
        if offers := self.offers():
            # A language model has no word beside the question that the person answers.
            return " ".join([*notes, outside.asked(offers)])
        # The reply to a question is mostly the question itself, which the note has too, with the options.
        if notes and notes[0].startswith(said):
            return " ".join(notes)
        return " ".join(part for part in (said, *notes) if part)

    def _not_kept(self) -> str:
        """Nothing else leads to these, so they are named."""
        ids = [one for outcome in self.outcomes.values() for one in outcome.aside]
        attempts = "attempt that I didn't keep is" if len(ids) == 1 else "attempts that I didn't keep are"
        return f"The {attempts} {' and '.join(ids)}." if ids else ""

    def result(self, head: str | None) -> TurnResult:
        nodes: tuple[MadeNode, ...] = tuple(made for outcome in self.outcomes.values() for made in outcome.nodes)
        return TurnResult(
            self.request.said,
            self.planned.plan if self.planned else None,
            self.reply(),
            nodes,
            head,
            self.status(),
            self.clock.seconds(),
            self.planned.tokens if self.planned else Tokens(),
            self.facts(),
        )

    def facts(self) -> dict[str, JsonValue]:
        """What the steps measured that belongs to no picture."""
        facts = {name: fact for outcome in self.outcomes.values() for name, fact in outcome.facts.items()}
        return facts | ({outside.KEPT: outside.kept(offers)} if (offers := self.offers()) else {})

    def details(self) -> dict[str, JsonValue]:
        """Facts about the turn that are kept with it."""
        seconds = self.clock.seconds()
        facts: dict[str, JsonValue] = {
            "seconds": {"plan": seconds.plan, "tools": seconds.tools, "store": seconds.store, "total": seconds.total}
        }
        if self.planned and self.planned.raw:
            tokens = self.planned.tokens
            facts |= {"raw": self.planned.raw, "evaluated": tokens.evaluated, "generated": tokens.generated}
        return facts | self.facts()


_TALK = {"ask": TurnStatus.ASKED, "decline": TurnStatus.DECLINED}
