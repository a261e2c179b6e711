"""What is known of one turn, and how each event adds to it: the only place that tells events apart."""

from dataclasses import dataclass, replace
from typing import assert_never

from PIL import Image

from pentimento.agent.types import (
    Edge,
    Event,
    MadeNode,
    NodeKind,
    Plan,
    PlanReady,
    Seconds,
    StepFinished,
    StepProgress,
    StepRewritten,
    StepStarted,
    Turn,
    TurnFinished,
    TurnResult,
    TurnStarted,
    TurnStatus,
)
from pentimento.tui.plain import rewritten
from pentimento.tui.plan_text import stored_plan


@dataclass(frozen=True)
class TurnView:
    """One turn as far as it is known, for whoever shows it."""

    said: str
    stage: str = "waiting"
    """What is being done, a few words; empty once the turn is over."""
    fraction: float | None = None
    """How much of the turn is done, 0.0 to 1.0; None while that is not known."""
    plan: Plan | None = None
    told: tuple[str, ...] = ()
    """What the picture model was told in place of the planned words, in order."""
    notes: tuple[str, ...] = ()
    """What the tools said, in order."""
    nodes: tuple[MadeNode, ...] = ()
    preview: Image.Image | None = None
    result: TurnResult | None = None
    """None while the turn runs."""

    @property
    def grid(self) -> tuple[MadeNode, ...]:
        """The several pictures that its last step made of the same, if there are any."""
        pictures = [made for made in self.nodes if made.node.kind is NodeKind.IMAGE]
        alike = [made for made in pictures if _sort(made) == _sort(pictures[-1])]
        return tuple(alike) if len(alike) > 1 else ()


def _sort(made: MadeNode) -> tuple[str, tuple[Edge, ...]]:
    return made.node.label, made.node.parents


def advance(view: TurnView, event: Event) -> TurnView:
    """The view after `event`."""
    match event:
        case TurnStarted(said):
            return TurnView(said, stage="thinking")
        case PlanReady(plan):
            return replace(view, plan=plan, stage="starting", fraction=0.0)
        case StepStarted(index, step):
            return replace(view, stage=step.tool, fraction=_share(view, index, 0.0))
        case StepRewritten(_, words):
            return replace(view, told=(*view.told, words)) if words else view
        case StepProgress(index, stage, fraction, preview):
            share = _share(view, index, fraction)
            return replace(view, stage=stage, fraction=share, preview=preview or view.preview)
        case StepFinished(index, nodes, note):
            notes = (*view.notes, note) if note else view.notes
            return replace(view, fraction=_share(view, index, 1.0), notes=notes, nodes=view.nodes + nodes, preview=None)
        case TurnFinished(result):
            # A step that was stopped on the way may have made pictures, too.
            nodes, known = result.nodes or view.nodes, result.plan or view.plan
            return replace(view, stage="", fraction=None, plan=known, nodes=nodes, preview=None, result=result)
        case _:
            assert_never(event)


def past(turn: Turn, versions: tuple[MadeNode, ...]) -> TurnView:
    """A turn of the past; `versions` are the session's pictures, of which it made some or none."""
    plan = stored_plan(turn.plan)
    nodes = tuple(made for made in versions if made.node.turn == turn.number)
    total = (turn.ended - turn.started).total_seconds() if turn.ended else 0.0
    result = TurnResult(turn.said, plan, turn.reply, nodes, None, turn.status, Seconds(total=total))
    return TurnView(turn.said, stage="", plan=plan, told=rewritten(nodes), result=result)


def lost(view: TurnView, problem: str) -> TurnView:
    """A turn of which nothing could be kept."""
    result = TurnResult(view.said, view.plan, problem, (), None, TurnStatus.FAILED)
    return replace(view, stage="", fraction=None, preview=None, result=result)


def _share(view: TurnView, index: int, fraction: float) -> float:
    """How much of the turn is done when `fraction` of step `index` is."""
    steps = len(view.plan.steps) if view.plan and view.plan.steps else 1
    return min(max((index - 1 + fraction) / steps, 0.0), 1.0)
