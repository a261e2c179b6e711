import threading

import pytest
from pydantic import JsonValue

from pentimento.agent import preferences
from pentimento.agent.loop import Conversation
from pentimento.agent.plan_language import PlanError, checked_plan, parse_plan, plan_form
from pentimento.agent.types import Plan, Request, Step, TurnResult, TurnStatus
from pentimento.tools.profile import Profile
from tests.fakes_agent import Desk, Watcher, plan

DRAW: dict[str, JsonValue] = {"tool": "generate", "prompt": "a squirrel"}


def do(conversation: Conversation, *steps: Step) -> TurnResult:
    return conversation.act(Request("written out", Plan(steps, ""), seed=7), Watcher(), threading.Event())


def setting(key: str, value: str = "") -> Step:
    return Step("set", {"key": key, "value": value}, {})


def amend(ref: str, words: str) -> Step:
    return Step("amend", {"step": ref, "words": words}, {})


def arguments(result: TurnResult) -> dict[str, object]:
    call = result.nodes[-1].node.call
    assert call is not None
    return dict(call.arguments)


@pytest.fixture
def wide(desk: Desk) -> Desk:
    """Its models draw wide pictures too."""
    image = desk.profile.file.image.model_copy(update={"wide": (96, 64)})
    desk.profile.file.image = image
    desk.tools.models.wide = (96, 64)
    return desk


def test_from_now_on_new_pictures_are_as_was_said(wide: Desk) -> None:
    set_both = plan({"tool": "set", "key": "ratio", "value": "16:9"}, {"tool": "set", "key": "avoid", "value": "nuts"})
    wide.llm.answers.extend([set_both, plan(DRAW)])
    conversation = wide.conversation()
    said = conversation.act(Request("from now on always 16:9 and no nuts"), Watcher(), threading.Event())
    assert said.status is TurnStatus.DONE
    assert "From now on ratio is “wide”. From now on avoid is “nuts”." in said.reply
    drawn = conversation.act(Request("a squirrel"), Watcher(), threading.Event())
    assert arguments(drawn) | {"ratio": "wide", "avoid": "nuts", "prompt": "a squirrel"} == arguments(drawn)
    assert (drawn.nodes[-1].node.width, drawn.nodes[-1].node.height) == (96, 64)
    assert wide.llm.asked[1][-1]["content"].splitlines()[-2:] == ["prefers: ratio=wide avoid=nuts", "said: a squirrel"]
    assert "prefers" not in wide.llm.asked[0][-1]["content"]


def test_what_a_step_says_itself_wins_the_default_too(wide: Desk) -> None:
    conversation = wide.conversation()
    do(conversation, setting("ratio", "wide"), setting("n", "2"))
    drawn = do(conversation, Step("generate", {"prompt": "a squirrel", "ratio": "square", "n": 1}, {}))
    assert (arguments(drawn)["ratio"], len(drawn.nodes)) == ("square", 1)
    wide.llm.answers.append(plan({**DRAW, "ratio": "square"}))
    assert arguments(conversation.act(Request("a square one"), Watcher(), threading.Event()))["ratio"] == "square"


def test_a_style_is_added_to_the_words_and_seen_with_them(desk: Desk) -> None:
    conversation = desk.conversation()
    do(conversation, setting("style", "oil  on canvas"))
    drawn = do(conversation, Step("generate", {"prompt": "a squirrel."}, {}))
    assert arguments(drawn)["prompt"] == drawn.nodes[-1].node.label == "a squirrel, oil on canvas"
    again = do(conversation, Step("generate", {"prompt": "a fox, Oil on Canvas"}, {}))
    assert arguments(again)["prompt"] == "a fox, Oil on Canvas"


def test_amended_words_are_in_the_style_that_the_old_ones_ended_in(desk: Desk) -> None:
    conversation = desk.conversation()
    do(conversation, Step("generate", {"prompt": "a squirrel"}, {}), setting("style", "oil on canvas"))
    do(conversation, Step("generate", {"prompt": "a squirrel"}, {}))
    do(conversation, amend("n2", "a fox."))
    assert desk.tools.models.told[-1] == "a fox, oil on canvas"
    do(conversation, amend("head", "a fox, Oil on Canvas, and a nut"))
    assert desk.tools.models.told[-1] == "a fox, Oil on Canvas, and a nut"


def test_words_that_never_were_in_a_style_or_no_longer_are_get_none(desk: Desk) -> None:
    conversation = desk.conversation()
    do(conversation, Step("generate", {"prompt": "a cart"}, {}), setting("style", "art"))
    do(conversation, amend("n1", "a fox"))
    assert desk.tools.models.told[-1] == "a fox"
    do(conversation, Step("generate", {"prompt": "a squirrel"}, {}), setting("style"))
    do(conversation, amend("head", "a nut"))
    assert desk.tools.models.told[-1] == "a nut"


def test_amended_words_that_leave_a_style_no_room_are_said(desk: Desk) -> None:
    conversation = desk.conversation()
    do(conversation, setting("style", "oil on canvas"), Step("generate", {"prompt": "a squirrel"}, {}))
    failed = do(conversation, amend("n1", "a squirrel " * 27))
    assert failed.status is TurnStatus.FAILED
    assert failed.reply.startswith("With the style “oil on canvas” that is too long; say it in fewer words")


def test_a_plan_that_is_only_shown_has_what_is_preferred_and_can_be_run_as_it_is(desk: Desk) -> None:
    conversation = desk.conversation()
    do(conversation, setting("style", "oil on canvas"), setting("n", "2"), setting("avoid", "rain"))
    desk.llm.answers.append(plan(DRAW))
    shown = conversation.plan("a squirrel").plan
    assert shown is not None
    (step,) = shown.steps
    assert step.arguments == {"prompt": "a squirrel, oil on canvas", "n": 2, "avoid": "rain"}
    drawn = do(conversation, step)
    assert len(drawn.nodes) == 2
    assert arguments(drawn) | {"prompt": "a squirrel, oil on canvas", "avoid": "rain"} == arguments(drawn)


def test_a_shape_that_the_models_draw_stands_in_the_plan_that_is_shown(wide: Desk) -> None:
    conversation = wide.conversation()
    do(conversation, setting("ratio", "wide"))
    wide.llm.answers.extend([plan(DRAW), plan({"tool": "transform", "op": "flip"})])
    drawn, flipped = (conversation.plan("a squirrel").plan for _ in range(2))
    assert drawn is not None
    assert drawn.steps[0].arguments == {"prompt": "a squirrel", "ratio": "wide"}
    assert flipped is not None
    assert flipped.steps[0].arguments == {"op": "flip"}


@pytest.mark.parametrize(
    ("avoid", "prompt", "left"),
    [
        ("nuts", "a squirrel eating a nut", ""),
        ("nut", "two Nuts.", ""),
        ("nuts", "a squirrel without nuts", "nuts"),
        ("people, nuts and rain", "a person in the rain", "nuts"),
        ("people, nuts and rain", "a fox", "people, nuts and rain"),
    ],
)
def test_what_is_avoided_gives_way_where_the_words_name_it(desk: Desk, avoid: str, prompt: str, left: str) -> None:
    conversation = desk.conversation()
    do(conversation, setting("avoid", avoid))
    assert arguments(do(conversation, Step("generate", {"prompt": prompt}, {})))["avoid"] == left
    assert desk.tools.models.avoided[-1] == left


@pytest.mark.parametrize(
    ("family", "guidance", "why"),
    [
        ("flux2-klein", 4.0, "The picture model of this profile can't be told what to avoid; describe what should be there instead."),
        ("flux-kontext", 3.5, "The picture model of this profile can't be told what to avoid; describe what should be there instead."),
        ("qwen-image-edit", 1.0, "With guidance 1 the picture model can't be told what to avoid; take more, or describe what should be there instead."),
        ("qwen-image-edit", 4.0, ""),
        ("sdxl", 5.0, ""),
    ],
)  # fmt: skip
def test_what_is_to_be_avoided_and_can_not_be_told_is_kept_and_that_is_said(
    desk: Desk, family: str, guidance: float, why: str
) -> None:
    file = desk.profile.file
    image = file.image.model_copy(update={"family": family})
    changed = file.model_copy(update={"image": image, "defaults": {"generate": {"guidance": guidance}}})
    desk.profile = Profile(changed, desk.profile.folder)
    conversation = desk.conversation()
    said = do(conversation, setting("avoid", "people")).reply
    assert said == f"From now on avoid is “people”. {why}".strip()
    assert conversation.pointers().preferences == {"avoid": "people"}
    assert do(conversation, setting("avoid")).reply == "From now on avoid is as ever."


def test_a_picture_whose_model_can_not_be_told_what_to_avoid_says_so(desk: Desk) -> None:
    desk.tools.models.cannot = "It can't be told what to avoid; describe what should be there instead."
    conversation = desk.conversation()
    do(conversation, setting("avoid", "people"))
    assert "It can't be told what to avoid" in do(conversation, Step("generate", {"prompt": "a squirrel"}, {})).reply
    named = do(conversation, Step("generate", {"prompt": "a squirrel with people"}, {}))
    assert "It can't be told" not in named.reply


def test_what_a_step_says_is_to_be_avoided_stays(desk: Desk) -> None:
    conversation = desk.conversation()
    do(conversation, setting("avoid", "rain"))
    drawn = do(conversation, Step("generate", {"prompt": "a squirrel eating a nut", "avoid": "nuts"}, {}))
    assert arguments(drawn)["avoid"] == "nuts"


def test_several_pictures_at_once_may_be_the_rule(desk: Desk) -> None:
    conversation = desk.conversation()
    do(conversation, setting("n", "3"))
    assert len(do(conversation, Step("generate", {"prompt": "a squirrel"}, {})).nodes) == 3


def test_an_empty_value_goes_back_to_the_default_and_undo_brings_it_back(desk: Desk) -> None:
    conversation = desk.conversation()
    do(conversation, setting("n", "2"))
    assert do(conversation, setting("n", "2")).reply == "n is “2” already."
    assert do(conversation, setting("n")).reply == "From now on n is as ever."
    assert do(conversation, setting("n")).reply == "Nothing was set for n."
    assert len(do(conversation, Step("generate", {"prompt": "a squirrel"}, {})).nodes) == 1
    do(conversation, Step("undo", {"n": 2}, {}))
    assert conversation.pointers().preferences == {"n": "2"}
    do(conversation, Step("undo", {}, {}))
    assert conversation.pointers().preferences == {}


def test_a_step_that_is_made_again_is_made_as_it_was(desk: Desk) -> None:
    conversation = desk.conversation()
    do(conversation, Step("generate", {"prompt": "a squirrel"}, {}))
    do(conversation, setting("style", "oil on canvas"), setting("avoid", "fox"))
    again = do(conversation, Step("replay", {"ref": "n1", "fresh": True}, {}))
    assert again.status is TurnStatus.DONE, again.reply
    assert "oil" not in again.reply
    assert desk.tools.calls[-1].arguments["prompt"] == "a squirrel"
    assert desk.tools.calls[-1].arguments["avoid"] == ""


def test_a_shape_that_the_models_do_not_draw_is_refused_and_one_that_was_set_before_is_left_out(desk: Desk) -> None:
    conversation = desk.conversation()
    refused = do(conversation, setting("ratio", "wide"))
    assert (refused.status, conversation.pointers().preferences) == (TurnStatus.FAILED, {})
    assert refused.reply == "The picture model of this profile draws no wide pictures; draw a square and crop it."
    session = desk.store.session("default").id
    desk.store.prefer(session, "ratio", "wide", refused_turn := desk.store.turns(session)[-1].number)
    assert refused_turn == 1
    assert arguments(do(conversation, Step("generate", {"prompt": "a squirrel"}, {})))["ratio"] == "square"


def test_a_style_that_leaves_no_room_for_the_words_is_said(desk: Desk) -> None:
    conversation = desk.conversation()
    do(conversation, setting("style", "oil on canvas"))
    failed = do(conversation, Step("generate", {"prompt": "a squirrel " * 27}, {}))
    assert failed.status is TurnStatus.FAILED
    assert failed.reply.startswith("With the style “oil on canvas” that is too long; say it in fewer words")


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("ratio", "round", "ratio is square, wide or tall, not “round”"),
        ("n", "5", "n, how many pictures at once, is 1 to 4, not “5”"),
        ("n", "two", "is 1 to 4, not “two”"),
        ("avoid", "x" * 101, "can't be used: value"),
        ("colour", "red", "can't be used: key"),
    ],
)
def test_what_can_not_be_preferred_is_no_plan(key: str, value: str, sentence: str) -> None:
    with pytest.raises(PlanError, match=sentence):
        checked_plan(Plan((setting(key, value),), ""))
    with pytest.raises(PlanError, match=sentence):
        parse_plan(plan({"tool": "set", "key": key, "value": value}))


def test_what_another_version_preferred_means_nothing_here() -> None:
    known = {"style": "oil on canvas", "ratio": "round", "seed": "7", "n": "2", "avoid": ""}
    assert preferences.told(known) == 'n=2 style="oil on canvas"'


def test_every_language_model_may_set_what_is_preferred() -> None:
    assert all('"\\"set\\""' in plan_form(told=told).grammar for told in (True, False))
