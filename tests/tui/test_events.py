from pathlib import Path

from PIL import Image

from pentimento.agent.types import (
    Event,
    Plan,
    PlanReady,
    Step,
    StepFinished,
    StepProgress,
    StepRewritten,
    StepStarted,
    TurnFinished,
    TurnResult,
    TurnStarted,
    TurnStatus,
)
from pentimento.tui.events import TurnView, advance, lost, past
from tests.fakes import made_node, past_turn

TWO_STEPS = Plan((Step("edit", {"instruction": "red"}, {}), Step("transform", {"op": "flip"}, {})), "Doing both.")


def after(*events: Event) -> TurnView:
    view = TurnView("")
    for event in events:
        view = advance(view, event)
    return view


def test_a_turn_thinks_until_its_plan_is_ready() -> None:
    view = after(TurnStarted("make it red"))
    assert (view.said, view.stage, view.fraction, view.plan) == ("make it red", "thinking", None, None)


def test_progress_counts_over_all_steps() -> None:
    start = (TurnStarted("x"), PlanReady(TWO_STEPS), StepStarted(1, TWO_STEPS.steps[0]))
    assert after(*start, StepProgress(1, "drawing", 0.5, None)).fraction == 0.25
    assert after(*start, StepFinished(1, (), "fine")).fraction == 0.5
    assert after(*start, StepProgress(2, "flipping", 1.0, None)).fraction == 1.0


def test_a_preview_stays_until_the_step_is_finished() -> None:
    preview = Image.new("RGB", (4, 4))
    start = (TurnStarted("x"), PlanReady(TWO_STEPS), StepProgress(1, "drawing", 0.2, preview))
    assert after(*start, StepProgress(1, "drawing", 0.4, None)).preview is preview
    assert after(*start, StepFinished(1, (), "")).preview is None


def test_what_the_picture_model_is_told_is_kept_now_and_of_the_past(tmp_path: Path) -> None:
    view = after(TurnStarted("x"), StepRewritten(1, "Make it red."), StepRewritten(2, "", "It would lose “two”."))
    assert view.told == ("Make it red.",)
    made = made_node(tmp_path, 1, "make it red", rewritten="Make it red.")
    assert past(past_turn(1, "make it red", "Red."), (made, made)).told == ("Make it red.",)


def test_what_tools_note_is_kept_in_order() -> None:
    view = after(TurnStarted("x"), StepFinished(1, (), "one"), StepFinished(2, (), ""), StepFinished(3, (), "two"))
    assert view.notes == ("one", "two")


def test_a_finished_turn_has_a_result_and_no_stage() -> None:
    result = TurnResult("x", None, "No plan.", (), None, TurnStatus.FAILED)
    view = after(TurnStarted("x"), PlanReady(TWO_STEPS), TurnFinished(result))
    assert (view.result, view.stage, view.plan) == (result, "", TWO_STEPS)


def test_a_lost_turn_says_why() -> None:
    view = lost(after(TurnStarted("x")), "The disk is full.")
    assert view.result is not None
    assert (view.result.status, view.result.reply) == (TurnStatus.FAILED, "The disk is full.")


def test_a_turn_of_the_past_has_its_plan_and_the_pictures_it_made(tmp_path: Path) -> None:
    first, second = made_node(tmp_path, 1, "fox"), made_node(tmp_path, 3, "red", turn=2)
    plan = '{"steps":[{"tool":"edit","instruction":"red","src":"n1"}],"reply":"Red."}'
    view = past(past_turn(2, "make it red", "Red.", plan), (first, second))
    assert view.plan == Plan((Step("edit", {"instruction": "red"}, {"src": "n1"}),), "Red.")
    assert view.result is not None
    assert view.result.nodes == (second,)
    assert view.result.seconds.total == 2.0


def test_a_turn_that_never_had_a_plan_can_be_shown() -> None:
    assert past(past_turn(1, "?", "", ""), ()).plan is None
