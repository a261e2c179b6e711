"""The conversation: plan a turn, run its steps, keep everything. Read `Conversation.act` to know what the program does."""

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from pentimento.agent import history, outside, policy
from pentimento.agent.again import MADE_AGAIN, Again
from pentimento.agent.album import Album
from pentimento.agent.asked import answered, asked_back
from pentimento.agent.folding import folded
from pentimento.agent.lineage_words import labels_to, line_to
from pentimento.agent.listing import listed, recent, region
from pentimento.agent.moves import OUTSIDE
from pentimento.agent.outside import Outside
from pentimento.agent.pictures import from_png
from pentimento.agent.plan_language import plan_text
from pentimento.agent.planner import Planned, Planner, known, pinned
from pentimento.agent.policy import Declined
from pentimento.agent.preferences import told
from pentimento.agent.preferring import applied, prefer
from pentimento.agent.progress import Clock, TurnProgress
from pentimento.agent.references import check_ids, newest_grid
from pentimento.agent.shown import as_url
from pentimento.agent.state import State, Version
from pentimento.agent.steps import Job, PixelSteps, StepOutcome, step_seed
from pentimento.agent.types import (
    AgentError,
    Emit,
    Offer,
    Plan,
    PlanReady,
    Request,
    Step,
    StepFinished,
    StepStarted,
    StoreError,
    Turn,
    TurnFinished,
    TurnResult,
    TurnStarted,
    TurnStatus,
)
from pentimento.memory.store import Store
from pentimento.tools import TOOLS
from pentimento.tools.types import Cancelled, ToolError

VERSIONS_PLANNED = 6
"""How many versions the planner is told of."""
LABEL_LENGTH = 60
NAMES_PLANNED = 8
"""How many branches and tags the planner is told of."""


class Conversation(Album):
    """One session, and everything that the outside may do with it. `bootstrap` makes it from its parts."""

    def __init__(
        self,
        store: Store,
        name: str,
        planner: Planner,
        steps: PixelSteps,
        limits: str,
        warm_up: Callable[[], None],
        close: Callable[[], None],
    ) -> None:
        super().__init__(store, name, limits)
        self.warm_up = warm_up
        """Starts the models' processes; returns at once."""
        self.close = close
        """Ends them and lets go of the store."""
        self._planner = planner
        self._steps = steps

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know before the first word: of the history, and of who else hears it."""
        planner = self._planner
        return (*super().warnings, *([_leaving(planner.elsewhere, looks=planner.looks)] if planner.elsewhere else []))

    def act(self, request: Request, emit: Emit, cancel: threading.Event) -> TurnResult:
        """Do one turn: plan it, unless the request brings its plan; run the plan's steps; store what was made.

        What goes wrong comes back as a failed result whose reply says it; raises `StoreError` only when the turn
        can't be recorded at all.
        """
        last = self._last()
        request = answered(request, last)
        turn = self._store.begin_turn(self._session().id, request.said)
        progress = TurnProgress(request, turn.number, Clock(), agreed=outside.agreed_to(request, last))
        try:
            emit(TurnStarted(request.said))
            plan = self._plan(progress, last, cancel)
            emit(PlanReady(plan))
            for index, step in enumerate(plan.steps, start=1):
                self._step(progress, plan, index, step, emit, cancel)
            if progress.made_regions_alone():
                self._store.note(self._session().id, progress.turn)
        except Cancelled:
            progress.stop(TurnStatus.CANCELLED, "Stopped.")
        except Declined as refusal:
            progress.decline(str(refusal))
        except (AgentError, ToolError, StoreError) as error:
            progress.stop(TurnStatus.FAILED, str(error))
        except BaseException:
            progress.stop(TurnStatus.INTERRUPTED, "This turn was interrupted.")
            self._end(progress)
            raise
        result = self._end(progress)
        emit(TurnFinished(result))
        return result

    def plan(self, said: str) -> TurnResult:
        """What `act` would do with these words, and tell the picture model; nothing is run and nothing is stored."""
        last = self._last()
        request = answered(Request(said, by_hand=True), last)
        progress = TurnProgress(request, 0, Clock(), agreed=outside.agreed_to(request, last))
        try:
            self._plan(progress, last)
            self._as_told(progress)
        except Declined as refusal:
            progress.decline(str(refusal))
        except (AgentError, ToolError) as error:
            progress.stop(TurnStatus.FAILED, str(error))
        return progress.result(self._session().head)

    def _as_told(self, progress: TurnProgress) -> None:
        """Writes into the plan what is preferred, and what the picture model would be told."""
        if progress.planned:
            plan = progress.planned.plan
            told = replace(plan, steps=tuple(map(self._told, plan.steps)))
            progress.planned = replace(progress.planned, plan=told)

    def _told(self, step: Step) -> Step:
        session = self._session()
        whole = applied(self._store, session, step, self._steps.profile.file.image)
        found = self._steps.rewriting(session, whole)
        return whole if found is None else found.step(whole)

    def _last(self) -> Turn | None:
        turns = self.turns(1)
        return turns[-1] if turns else None

    def _plan(self, progress: TurnProgress, last: Turn | None, cancel: threading.Event | None = None) -> Plan:
        """Raises `Declined` before anything of it is kept or shown."""
        session = self._session()
        with progress.clock.stage("plan"):
            planned = self._planned(progress, last, cancel)
        policy.check_plan(planned.plan, lambda: labels_to(self._store, session, session.head))
        progress.planned = planned
        return planned.plan

    def _planned(self, progress: TurnProgress, last: Turn | None, cancel: threading.Event | None) -> Planned:
        """By the language model, unless the plan came with the message or the message answers what the program asked."""
        request = progress.request
        if request.plan is not None:
            return pinned(request.plan)
        if progress.agreed:
            return known(outside.plan_of(progress.agreed))
        if outside.refused(request, last):
            return known(Plan((), "I wrote nothing."))
        policy.check_said(request.said)
        there = partial(check_ids, self._store, self._session())
        return self._planner.plan(self.state(last), request.said, cancel, there, self._shown())

    def _shown(self) -> str:
        """The current picture for a planner that looks at it; empty where there is none."""
        session = self._session()
        if not self._planner.looks or session.head is None:
            return ""
        return as_url(from_png(self._store.png(self._store.node(session.id, session.head))))

    def _step(
        self, progress: TurnProgress, plan: Plan, index: int, step: Step, emit: Emit, cancel: threading.Event
    ) -> None:
        """Run one step of a plan, as a tool on pixels or as a move in the history."""
        if cancel.is_set():
            raise Cancelled
        step = applied(self._store, self._session(), step, self._steps.profile.file.image)
        emit(StepStarted(index, step))
        if step.tool in TOOLS:
            outcome = self._paint(progress, index, step, emit, cancel)
        elif step.tool in MADE_AGAIN:
            outcome = Again(self._steps, self._session(), progress, index, emit, cancel).run(step)
        elif step.tool in OUTSIDE:
            outcome = self._outside(progress, index, step)
        elif step.tool == "set":
            outcome = prefer(self._store, self._session(), progress.turn, step, self._steps.profile)
        else:
            with progress.clock.stage("store"):
                made = progress.pictures()
                outcome = history.move(self._store, self._session(), progress.turn, plan, index, made)
        progress.add(index, outcome)
        emit(StepFinished(index, outcome.nodes, outcome.note))

    def _outside(self, progress: TurnProgress, index: int, step: Step) -> StepOutcome:
        """The only way from a plan to anything beyond the history."""

        def write(offer: Offer) -> Path:
            return self.export(offer.node, outside.path_of(offer.name), keep=offer.keep)

        way = Outside(progress.request, progress.agreed, write)
        return way.run(step, index, self._session().head, progress.offers())

    def _paint(
        self, progress: TurnProgress, index: int, step: Step, emit: Emit, cancel: threading.Event
    ) -> StepOutcome:
        """Run a tool; a recolouring that failed its check is done again by the exact tool, and that is said."""
        seed = step_seed(progress.request.seed, index)
        session = self._session()
        after = self._steps.profile.file.drift.fold_after
        step, at_once = folded(self._store, session, after, step, progress.pictures())
        job, as_planned = self._steps.told(session, progress, index, Job(step, seed), emit, cancel)
        outcome = self._steps.run(session, progress, index, job, emit, cancel)
        outcome = replace(outcome, note=" ".join(filter(None, (outcome.note, at_once, as_planned))))
        progress.add(index, outcome)
        exact = self._steps.fallback(step, outcome) if progress.request.fallback else None
        if exact is None:
            return outcome
        try:
            repainted = self._steps.run(self._session(), progress, index, Job(exact, seed), emit, cancel)
        except ToolError:
            return outcome  # The edit is stored, and its note says what is wrong with it.
        notes = (outcome.note, "So I repainted it exactly instead.", repainted.note)
        nodes = outcome.nodes + repainted.nodes
        return StepOutcome(nodes, repainted.picture, " ".join(filter(None, notes)), aside=outcome.aside)

    def _end(self, progress: TurnProgress) -> TurnResult:
        result = progress.result(self._session().head)
        self._store.end_turn(
            self._session().id,
            progress.turn,
            result.status,
            plan=plan_text(result.plan) if result.plan else "",
            reply=result.reply,
            prompt_sha=progress.planned.prompt_sha if progress.planned else "",
            details=progress.details(),
        )
        return result

    def state(self, last: Turn | None = None) -> State:
        """What the planner is told of the session, and of what the `last` turn asked; bounded."""
        session = self._session()
        line = line_to(self._store, session, session.head)
        shown = listed(self._store, session, line, VERSIONS_PLANNED)
        # A label can be a file's name or a script's prompt: a line break in it would begin a line of the prompt.
        versions = tuple(Version(node.id, " ".join(node.label.split())[:LABEL_LENGTH]) for node in shown)
        pointers = self._store.pointers(session.id)
        named = [f"tag:{name}" for name in pointers.tags]
        named += [f"branch:{name}" for name in pointers.branches] if len(pointers.branches) > 1 else []
        grid = len(newest_grid(self._store, session))
        # How words are put is no wish that a plan could heed.
        prefers = told({key: words for key, words in pointers.preferences.items() if key != "rewrite"})
        names, asked = tuple(named[:NAMES_PLANNED]), asked_back(last)
        ids = frozenset(node.id for node in line)
        state = State(session.head, versions, session.branch, names, grid, prefers, asked, ids)
        if not self._planner.use_system:
            return state
        return replace(state, region=region(self._store, session, last), recent=recent(self._store, session))


def _leaving(host: str, *, looks: bool) -> str:
    """What another machine gets to know."""
    if looks:
        return (
            f"What you say and are answered, what your pictures are called and the picture in question, made small, leave this"
            f" machine: {host} looks and plans."
        )
    return (
        f"What you say and are answered, and what your pictures are called, leaves this machine: {host} plans."
        " Pictures stay here."
    )
