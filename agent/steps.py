"""A step on pixels: its call made complete, its sources found, run (or reused), and what it made stored."""

import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from PIL import Image
from pydantic import JsonValue

from pentimento.agent import drift, pictures, policy, references
from pentimento.agent.labels import label_of
from pentimento.agent.lineage_words import labels_to, with_history
from pentimento.agent.new_nodes import ROLES, Origin, again, in_one, nodes_of, not_kept
from pentimento.agent.plan_language import without_defaults
from pentimento.agent.rewriting import AS_PLANNED, Rewriter, Rewriting
from pentimento.agent.types import (
    AgentError,
    Call,
    Emit,
    Event,
    MadeNode,
    Node,
    NodeKind,
    Offer,
    Role,
    Step,
    StepProgress,
    StepRewritten,
    Stop,
)
from pentimento.memory.store import Store
from pentimento.memory.types import Gone, NewNode, Session
from pentimento.tools import TOOLS
from pentimento.tools.attempts import ATTEMPTS
from pentimento.tools.check import asks_to_recolor
from pentimento.tools.color import color_in
from pentimento.tools.profile import Profile
from pentimento.tools.types import Cancelled, Progress, Report, Tool, ToolCall, ToolResult

if TYPE_CHECKING:
    from pentimento.agent.progress import TurnProgress


class RunTool(Protocol):
    """Runs one call; in the product in the pixel models' process. Raises `ToolError`, `Cancelled`, `AgentError`."""

    def __call__(
        self, call: ToolCall, inputs: Mapping[str, Image.Image], report: Report, cancel: threading.Event, /
    ) -> ToolResult: ...


@dataclass(frozen=True)
class StepOutcome:
    """What one step came to."""

    nodes: tuple[MadeNode, ...] = ()
    picture: str | None = None
    """Id of the picture that it made or moved to."""
    note: str = ""
    facts: Mapping[str, JsonValue] = field(default_factory=dict)
    """What is kept with the turn beside its pictures."""
    aside: tuple[str, ...] = ()
    """Ids of the attempts that were not kept."""
    offers: tuple[Offer, ...] = ()
    """What it would do outside, for which a yes is needed."""


def step_seed(seed: int | None, index: int) -> int:
    """The seed of a turn's step (counted from 1), 0 .. 2**32 - 1: the turn's own and those after it, else drawn."""
    return secrets.randbits(32) if seed is None else (seed + index - 1) % 2**32


@dataclass(frozen=True)
class Job:
    """One step on pixels that is to be run."""

    step: Step
    seed: int
    label: str = ""
    """What its picture is called; empty: by what the step says."""
    fresh: bool = False
    """Computed even where its recipe is known."""
    follow: bool = True
    """Whether the branch moves to the new picture."""
    facts: Mapping[str, JsonValue] = field(default_factory=dict)
    """What is kept with its picture beside what is measured."""


@dataclass(frozen=True)
class Made:
    """What a job came to, not stored yet: the picture last, its mask before; nothing of a tool that answers in words."""

    new: list[NewNode]
    note: str
    reused: bool
    facts: Mapping[str, JsonValue] = field(default_factory=dict)
    """What an answer measured."""
    aside: Sequence[Sequence[NewNode]] = ()
    """Each attempt that was not kept, the picture last."""


@dataclass(frozen=True)
class PixelSteps:
    """Runs steps on pixels, with a profile's models."""

    store: Store
    profile: Profile
    run_tool: RunTool
    rewriter: Rewriter = AS_PLANNED

    def rewriting(self, session: Session, step: Step, cancel: Stop | None = None) -> Rewriting | None:
        """How the picture model is told what the step says; None: in the same words. Raises `Declined`."""
        off = self.store.pointers(session.id).preferences.get("rewrite") == "off"
        found = None if off else self.rewriter.rewrite(step, cancel)
        if found is not None:
            policy.check_last(found.step(step), tuple)  # A language model may have written it.
        return found

    def told(
        self, session: Session, progress: "TurnProgress", index: int, job: Job, emit: Emit, cancel: threading.Event
    ) -> tuple[Job, str]:
        """The job with its words as the picture model is told them, which is announced; and why they stay, where that failed."""
        if not progress.request.rewrite:
            return job, ""
        with progress.clock.stage("plan"):
            found = self.rewriting(session, job.step, cancel)
        if found is None:
            return job, ""
        emit(StepRewritten(index, found.words, found.why))
        return replace(job, step=found.step(job.step), facts=found.facts()), found.why

    def run(
        self, session: Session, progress: "TurnProgress", index: int, job: Job, emit: Emit, cancel: threading.Event
    ) -> StepOutcome:
        """Run one step and store what it made; of several pictures the first is the one to go on from.

        Where it is stopped between two of them, `progress` holds those that are stored.
        """
        jobs = _each(job)
        outcomes: list[StepOutcome] = []
        try:
            for number, one in enumerate(jobs):
                if cancel.is_set():
                    raise Cancelled
                outcomes.append(self._run(session, progress, index, one, _share_of(emit, number, len(jobs)), cancel))
        finally:
            if 0 < len(outcomes) < len(jobs):
                progress.keep(index, _together(outcomes), len(jobs))
        return _together(outcomes)

    def _run(
        self, session: Session, progress: "TurnProgress", index: int, job: Job, emit: Emit, cancel: threading.Event
    ) -> StepOutcome:
        made = self.make(session, progress, index, job, emit, cancel)
        if not made.new:
            return StepOutcome(note=made.note, facts=made.facts)
        with progress.clock.stage("store"):
            new = in_one([*made.aside, made.new])
            # A region is nothing to go on from.
            head = len(new) - 1 if job.follow and new[-1].kind is NodeKind.IMAGE else None
            nodes = self.store.add_nodes(session.id, progress.turn, new, head, session.head)
        first = len(nodes) - len(made.new)
        kept = tuple(MadeNode(node, self.store.path(node)) for node in nodes[first:])
        aside = tuple(node.id for node in nodes[:first] if node.kind is NodeKind.IMAGE)
        return StepOutcome(kept, nodes[-1].id, made.note, aside=aside)

    def make(
        self, session: Session, progress: "TurnProgress", index: int, job: Job, emit: Emit, cancel: threading.Event
    ) -> Made:
        """Run one step, or take what the same recipe made before."""
        sources = self._sources(session, job.step, progress.pictures())
        step, src = with_history(self.store, session, job.step, sources.get("src")), sources.get("src")
        policy.check_last(step, lambda: labels_to(self.store, session, src.id if src else None))
        call = self.call(step, job.seed)
        origin = Origin(call, sources, job.facts)
        with progress.clock.stage("store"):
            known = () if job.fresh else self.store.find_recipe(origin.recipe)
        named = replace(job.step, inputs={role: node.id for role, node in sources.items()})
        label = job.label or label_of(without_defaults(named))
        if known:
            note = str(known[0].measures.get("note", ""))
            copies = again(self.store, known, origin, label)
            return Made(*drift.told(self.store, session, copies, note, aloud=job.follow), reused=True)
        with progress.clock.stage("tools"):
            inputs = {role: pictures.from_png(self.store.png(node)) for role, node in sources.items()}
            result = self.run_tool(call, inputs, _forward(index, emit), cancel)
        if TOOLS[call.tool].answers:
            return Made([], result.note, reused=False, facts={call.tool: dict(result.measures)})
        aside = [drift.told(self.store, session, one, "", aloud=False)[0] for one in not_kept(origin, label, result)]
        new, note = drift.told(self.store, session, nodes_of(origin, label, result), result.note, aloud=job.follow)
        return Made(new, note, reused=False, aside=aside)

    def fallback(self, step: Step, outcome: StepOutcome) -> Step | None:
        """The exact recolouring in place of an edit to a named colour that failed its check; None when not called for."""
        instruction, target = str(step.arguments.get("instruction", "")), str(step.arguments.get("target", ""))
        failed = bool(outcome.nodes) and outcome.nodes[-1].node.measures.get("passed") is False
        of_object = step.tool == "edit" and step.arguments.get("scope", "object") == "object" and bool(target)
        if not failed or not of_object or not asks_to_recolor(instruction):
            return None
        source = next(edge.parent for edge in outcome.nodes[-1].node.parents if edge.role is Role.SOURCE)
        return Step("recolor", {"target": target, "to": color_in(instruction)}, {"src": source})

    def _sources(self, session: Session, step: Step, made: Mapping[int, str]) -> dict[str, Node]:
        tool = TOOLS[step.tool]
        roles = [*tool.roles, *(role for role in tool.optional if role in step.inputs)]
        found = {role: references.resolve(self.store, session, step.inputs.get(role, "head"), made) for role in roles}
        for role, node in found.items():
            if role != "mask" and node.kind is not NodeKind.IMAGE:
                raise AgentError(f"{node.id} is a region, not a picture; choose the picture that was made with it.")
        return found

    def call(self, step: Step, seed: int) -> ToolCall:
        """The complete call of a step, as it would be made with this profile today."""
        tool = TOOLS[step.tool]
        arguments = self.profile.complete(tool, step.arguments)
        # Only the picture model draws by chance: with one fixed seed the other tools' calls are found again.
        drawn = "image" in tool.models
        model = self.profile.fingerprint(tool, arguments)
        return ToolCall(tool.name, tool.version, model, arguments, seed if drawn else 0)


def _each(job: Job) -> list[Job]:
    """One job for each picture that a step asks for, with seeds so far apart that a second attempt repeats no other picture."""
    counted = TOOLS[job.step.tool].args_model.model_fields.get("n")
    count = int(str(job.step.arguments.get("n", counted.default if counted else 1)))
    seeds = [(job.seed + number * ATTEMPTS) % 2**32 for number in range(count)]
    return [replace(job, seed=seed, follow=job.follow and number == 0) for number, seed in enumerate(seeds)]


def _together(outcomes: Sequence[StepOutcome]) -> StepOutcome:
    nodes = tuple(made for outcome in outcomes for made in outcome.nodes)
    notes = dict.fromkeys(outcome.note for outcome in outcomes if outcome.note)
    aside = tuple(one for outcome in outcomes for one in outcome.aside)
    return StepOutcome(nodes, outcomes[0].picture, " ".join(notes), outcomes[0].facts, aside)


def _share_of(emit: Emit, number: int, count: int) -> Emit:
    """Tells the progress of one of several pictures as that of the whole step."""

    def tell(event: Event) -> None:
        if isinstance(event, StepProgress) and count > 1:
            stage, fraction = f"{event.stage}, {number + 1} of {count}", (number + event.fraction) / count
            event = replace(event, stage=stage, fraction=fraction)
        emit(event)

    return tell


def _forward(index: int, emit: Emit) -> Callable[[Progress], None]:
    return lambda progress: emit(StepProgress(index, progress.stage, progress.fraction, progress.preview))


def step_of(node: Node) -> Step:
    """The step that makes a node's call again on the sources that it had. Raises `AgentError` for one without a call."""
    call = node.call
    if node.gone is Gone.FORGOTTEN:
        raise AgentError(f"{node.id} was forgotten, and so was how it was made; leave it out, or begin after it.")
    if call is None:
        raise AgentError(f"{node.id} was opened from a file; there is nothing to run again.")
    if call.tool not in TOOLS:
        raise AgentError(f"{node.id} was made by {call.tool}, which this version of Pentimento doesn't have.")
    tool = TOOLS[call.tool]
    return Step(call.tool, {**call.arguments, **_alone(tool)}, _inputs_of(node, tool, call))


def _alone(tool: Tool[Any]) -> dict[str, JsonValue]:
    """A tool that makes several pictures where nothing is said is told to make the one."""
    counted = tool.args_model.model_fields.get("n")
    return {} if counted is None or counted.default == 1 else {"n": 1}


def _inputs_of(node: Node, tool: Tool[Any], call: Call) -> dict[str, str]:
    """What the pictures of a call were, by role; a region that the tool found by itself is none of them."""
    roles = [*tool.roles, *tool.may_have(call.arguments)]
    inputs: dict[str, str] = {}
    for edge in node.parents:
        role = next((role for role in roles if role not in inputs and ROLES[role] is edge.role), None)
        if role is not None:
            inputs[role] = edge.parent
    return inputs
