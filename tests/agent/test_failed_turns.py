import threading
import time
from pathlib import Path

import pytest

from pentimento.agent.bootstrap import ChildLLM
from pentimento.agent.child import Child
from pentimento.agent.loop import Conversation
from pentimento.agent.planner import Planner
from pentimento.agent.steps import PixelSteps
from pentimento.agent.types import (
    AgentError,
    Event,
    Plan,
    PromptTooLong,
    Request,
    Step,
    StepProgress,
    StoreError,
    TurnResult,
    TurnStatus,
)
from pentimento.tools.types import ToolCall, ToolError
from tests.agent.children import PROGRAMS
from tests.fakes_agent import DRAW, MAKE_RED, UNDO, Desk, ScriptedLLM, Watcher, fail_with, plan


def say(conversation: Conversation, words: str, seed: int | None = 7, watcher: Watcher | None = None) -> TurnResult:
    return conversation.act(Request(words, seed=seed), watcher or Watcher(), threading.Event())


def assert_works(desk: Desk, conversation: Conversation) -> None:
    """The next turn is as good as any, and nothing is left running."""
    desk.llm.answers.append(plan({"tool": "generate", "prompt": "another squirrel"}))
    assert say(conversation, "another squirrel", seed=99).status is TurnStatus.DONE
    assert TurnStatus.RUNNING not in {turn.status for turn in conversation.turns()}
    assert desk.store.verify() == ()


@pytest.mark.parametrize(
    "error", [ToolError("I can't find it."), AgentError("It went wrong."), StoreError("No space.")]
)
def test_a_tool_that_fails_costs_its_turn_alone(desk: Desk, error: Exception) -> None:
    def fail(call: ToolCall) -> None:
        if call.tool == "edit":
            raise error

    desk.tools.before = fail
    desk.llm.answers.extend([DRAW, MAKE_RED])
    conversation = desk.conversation()
    say(conversation, "a squirrel")
    watcher = Watcher()
    failed = say(conversation, "make the squirrel red", watcher=watcher)
    assert (failed.status, failed.reply, failed.nodes) == (TurnStatus.FAILED, str(error), ())
    assert failed.head == "n1"
    assert watcher.names()[-1] == "TurnFinished"
    assert conversation.turns()[-1].reply == str(error)
    assert_works(desk, conversation)


def test_what_was_made_before_the_failure_is_kept_and_shown(desk: Desk) -> None:
    desk.llm.answers.append(
        plan({"tool": "generate", "prompt": "a squirrel"}, {"tool": "checkout", "ref": "tag:best"}, {"tool": "undo"})
    )
    conversation = desk.conversation()
    result = say(conversation, "a squirrel, then the best")
    assert result.status is TurnStatus.FAILED
    assert result.reply == "There is no tag best; there is none yet."
    assert [made.node.id for made in result.nodes] == ["n1"]
    assert result.head == "n1"
    assert_works(desk, conversation)


def test_without_a_picture_there_is_nothing_to_edit(desk: Desk) -> None:
    desk.llm.answers.append(MAKE_RED)
    conversation = desk.conversation()
    result = say(conversation, "make the squirrel red")
    assert (result.status, result.reply) == (TurnStatus.FAILED, "There is no picture yet; describe one first.")
    assert result.head is None
    assert conversation.head() is None
    assert_works(desk, conversation)


def test_a_plan_that_can_not_be_used_twice_fails_the_turn(desk: Desk) -> None:
    desk.llm.answers.extend(["{", "{"])
    conversation = desk.conversation()
    result = say(conversation, "gibberish")
    assert (result.status, result.plan) == (TurnStatus.FAILED, None)
    assert result.reply == "The language model wrote no plan; try again, or choose another model in the profile."
    assert_works(desk, conversation)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        " \n",
        "null",
        "[]",
        "\x00\ufffd",
        "I think you want a fox.",
        '{"steps":[{}],"reply":""}',
        "[" * 5000,
        '{"a":1}' * 99,
    ],
    ids=["nothing", "space", "null", "a list", "garbage", "prose", "an empty step", "deep", "several"],
)
def test_a_model_that_answers_nothing_or_garbage_fails_the_turn_and_commands_still_work(
    desk: Desk, answer: str
) -> None:
    desk.llm.answers.extend([answer, answer])
    conversation = desk.conversation()
    result = say(conversation, "a squirrel")
    assert (result.status, result.plan, result.nodes) == (TurnStatus.FAILED, None, ())
    none = "The language model wrote no plan; try again, or choose another model in the profile."
    unusable = "I could not make a plan for that; please say it in other words."
    assert result.reply == (unusable if answer.startswith('{"steps"') else none)
    drawn = Plan((Step("generate", {"prompt": "a squirrel"}, {}),), "")
    written = conversation.act(Request("/generate", drawn), Watcher(), threading.Event())
    assert written.status is TurnStatus.DONE
    assert_works(desk, conversation)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("a squirrel " * 100, "The message is too long for the language model (64 tokens); say it in fewer words."),
        (
            "a squirrel",
            "The language model has no room for a plan in its 64 tokens of context; give it more, in the profile or at its server.",
        ),
    ],
)
def test_what_does_not_fit_into_the_context_fails_the_turn_alone(desk: Desk, said: str, sentence: str) -> None:
    desk.llm.answers.append(PromptTooLong(64))
    conversation = desk.conversation()
    result = say(conversation, said)
    assert (result.status, result.reply) == (TurnStatus.FAILED, sentence)
    assert_works(desk, conversation)


def test_a_missing_model_is_said_and_exact_tools_go_on(desk: Desk) -> None:
    desk.llm.answers.extend([DRAW, plan({"tool": "transform", "op": "flip"})])
    say(desk.conversation(), "a squirrel")
    desk.profile.path("image").unlink()
    desk.profile._fingerprints.clear()
    conversation = desk.conversation()
    assert say(conversation, "flip it").status is TurnStatus.DONE
    desk.llm.answers.append(DRAW)
    result = say(conversation, "a squirrel", seed=8)
    assert result.status is TurnStatus.FAILED
    assert result.reply.startswith("The image model of profile tiny is missing")


@pytest.mark.parametrize("when", ["PlanReady", "StepStarted", "StepProgress"])
def test_a_cancelled_turn_stores_nothing_and_the_next_one_works(desk: Desk, when: str) -> None:
    desk.llm.answers.append(DRAW)
    conversation, cancel = desk.conversation(), threading.Event()

    def stop(event: Event) -> None:
        if type(event).__name__ == when:
            cancel.set()

    watcher = Watcher(stop)
    result = conversation.act(Request("a squirrel"), watcher, cancel)
    assert (result.status, result.reply, result.nodes, result.head) == (TurnStatus.CANCELLED, "Stopped.", (), None)
    assert watcher.names()[-1] == "TurnFinished"
    assert desk.store.nodes(desk.store.session("default").id) == ()
    assert_works(desk, conversation)


def test_a_turn_cancelled_between_steps_keeps_what_is_done(desk: Desk) -> None:
    desk.llm.answers.append(plan({"tool": "generate", "prompt": "a squirrel"}, {"tool": "transform", "op": "flip"}))
    conversation, cancel = desk.conversation(), threading.Event()

    def stop(event: Event) -> None:
        if type(event).__name__ == "StepFinished":
            cancel.set()

    result = conversation.act(Request("a squirrel"), Watcher(stop), cancel)
    assert result.status is TurnStatus.CANCELLED
    assert [made.node.id for made in result.nodes] == ["n1"]


SEVERAL = plan({"tool": "generate", "prompt": "a squirrel", "n": 4})


def test_of_several_pictures_those_made_before_it_was_stopped_are_kept_and_named(desk: Desk) -> None:
    desk.llm.answers.append(SEVERAL)
    conversation, cancel = desk.conversation(), threading.Event()

    def stop(event: Event) -> None:
        if isinstance(event, StepProgress) and "3 of 4" in event.stage:
            cancel.set()

    result = conversation.act(Request("four squirrels"), Watcher(stop), cancel)
    assert (result.status, result.head) == (TurnStatus.CANCELLED, "n1")
    assert result.reply == "Stopped. 2 of 4 pictures are there: n1, n2."
    assert [made.node.id for made in result.nodes] == ["n1", "n2"]
    desk.llm.answers.append(UNDO)
    assert say(conversation, "undo").head is None


def test_of_several_pictures_those_made_before_one_failed_are_kept_and_named(desk: Desk) -> None:
    desk.llm.answers.append(SEVERAL)
    conversation = desk.conversation()

    def fail(call: ToolCall) -> None:
        if len(desk.tools.calls) > 1:
            raise ToolError("Out of paint.")

    desk.tools.before = fail
    result = say(conversation, "four squirrels")
    assert (result.status, result.head) == (TurnStatus.FAILED, "n1")
    assert result.reply == "Out of paint. 1 of 4 pictures is there: n1."


@pytest.mark.parametrize("when", ["TurnStarted", "PlanReady", "StepProgress", "StepFinished"])
def test_an_interrupted_turn_is_recorded_and_the_interrupt_goes_on(desk: Desk, when: str) -> None:
    desk.llm.answers.append(DRAW)
    conversation = desk.conversation()

    def interrupt(event: Event) -> None:
        if type(event).__name__ == when:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        say(conversation, "a squirrel", watcher=Watcher(interrupt))
    (turn,) = conversation.turns()
    assert (turn.status, turn.reply) == (TurnStatus.INTERRUPTED, "This turn was interrupted.")
    desk.llm.answers.clear()
    assert_works(desk, conversation)


def test_an_error_that_nobody_expects_ends_the_turn_and_goes_on(desk: Desk) -> None:
    desk.llm.answers.append(ZeroDivisionError("a bug"))
    conversation = desk.conversation()
    with pytest.raises(ZeroDivisionError):
        say(conversation, "a squirrel")
    assert conversation.turns()[-1].status is TurnStatus.INTERRUPTED
    assert_works(desk, conversation)


def test_a_turn_that_can_not_be_recorded_raises(desk: Desk) -> None:
    conversation = desk.conversation()
    with pytest.raises(StoreError, match="not valid Unicode"):
        say(conversation, "a squirrel \ud800")
    assert conversation.turns() == ()


@pytest.mark.slow
def test_a_language_model_that_dies_costs_its_turn_alone(desk: Desk, tmp_path: Path) -> None:
    child = Child("language", f"{PROGRAMS}:MortalLLM", (DRAW,), tmp_path / "language.log")
    steps = PixelSteps(desk.store, desk.profile, desk.tools)
    planner = Planner(ChildLLM(child), use_system=False)
    conversation = Conversation(desk.store, "default", planner, steps, "", child.start, child.close)
    desk.store.session("default")
    failed = say(conversation, "die")
    assert failed.status is TurnStatus.FAILED
    assert failed.reply.startswith("The language model's process ended unexpectedly; try again.")
    assert say(conversation, "a squirrel").status is TurnStatus.DONE
    conversation.close()
    assert child.pid is None


def test_a_picture_process_that_dies_costs_its_turn_alone(desk: Desk) -> None:
    desk.tools.before = fail_with("The picture model's process ended unexpectedly; try again.")
    desk.llm = ScriptedLLM([DRAW])
    conversation = desk.conversation()
    assert say(conversation, "a squirrel").status is TurnStatus.FAILED
    desk.tools.before = lambda call: None
    assert_works(desk, conversation)


def test_planning_can_be_cancelled(desk: Desk, tmp_path: Path) -> None:
    child = Child("language", f"{PROGRAMS}:SlowLLM", (), tmp_path / "language.log", grace=0.2)
    steps = PixelSteps(desk.store, desk.profile, desk.tools)
    planner = Planner(ChildLLM(child), use_system=False)
    conversation = Conversation(desk.store, "default", planner, steps, "", child.start, child.close)
    desk.store.session("default")
    cancel = threading.Event()
    threading.Timer(0.1, cancel.set).start()
    began = time.monotonic()
    result = conversation.act(Request("a squirrel"), lambda _event: None, cancel)
    assert result.status is TurnStatus.CANCELLED
    assert time.monotonic() - began < 15
    conversation.close()
