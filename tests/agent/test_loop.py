import os
import signal
import threading
from pathlib import Path

import pytest
from PIL import Image

from pentimento.agent.bootstrap import ChildLLM
from pentimento.agent.child import Child
from pentimento.agent.loop import LABEL_LENGTH, VERSIONS_PLANNED, Conversation
from pentimento.agent.planner import Planner
from pentimento.agent.steps import PixelSteps, step_seed
from pentimento.agent.types import (
    AgentError,
    Completion,
    Event,
    NodeKind,
    Plan,
    PlanReady,
    Request,
    Role,
    Step,
    StepProgress,
    StepStarted,
    StoreError,
    TurnFinished,
    TurnResult,
    TurnStarted,
    TurnStatus,
)
from pentimento.tools.types import ToolCall, ToolError
from tests.fakes_agent import DRAW, LIMITS, MAKE_RED, UNDO, Desk, ScriptedLLM, Watcher, fail_with, plan


def say(conversation: Conversation, words: str, seed: int | None = 7, watcher: Watcher | None = None) -> TurnResult:
    return conversation.act(Request(words, seed=seed), watcher or Watcher(), threading.Event())


def assert_works(desk: Desk, conversation: Conversation) -> None:
    """The next turn is as good as any, and nothing is left running."""
    desk.llm.answers.append(plan({"tool": "generate", "prompt": "another squirrel"}))
    assert say(conversation, "another squirrel", seed=99).status is TurnStatus.DONE
    assert TurnStatus.RUNNING not in {turn.status for turn in conversation.turns()}
    assert desk.store.verify() == ()


def test_the_first_conversation(desk: Desk) -> None:
    desk.llm.answers.extend([DRAW, MAKE_RED, UNDO])
    conversation = desk.conversation()

    drawn = say(conversation, "a squirrel eating a nut in a forest")
    assert (drawn.status, drawn.head, drawn.reply) == (TurnStatus.DONE, "n1", "Here it is.")

    edited = say(conversation, "make the squirrel red")
    region, picture = (made.node for made in edited.nodes)
    assert (region.id, region.kind) == ("n2", NodeKind.MASK)
    assert (picture.id, picture.kind) == ("n3", NodeKind.IMAGE)
    assert [(edge.parent, edge.role) for edge in picture.parents] == [("n1", Role.SOURCE), ("n2", Role.MASK)]
    assert picture.measures["changed_outside"] == 0
    assert picture.measures["color"] == "red"
    assert (edited.head, edited.reply) == ("n3", "It is red now.")

    undone = say(conversation, "undo")
    assert (undone.status, undone.head, undone.nodes) == (TurnStatus.DONE, "n1", ())
    assert undone.reply == "Took back “make the squirrel red”. You are at n1 now."

    head = conversation.head()
    assert head is not None
    assert head.path.read_bytes() == drawn.nodes[0].path.read_bytes()
    assert [made.node.id for made in conversation.versions()] == ["n1", "n3"]
    assert [turn.status for turn in conversation.turns()] == [TurnStatus.DONE] * 3
    assert desk.store.verify() == ()


def test_all_of_it_is_found_again_by_another_conversation(desk: Desk) -> None:
    desk.llm.answers.extend([DRAW, MAKE_RED])
    say(desk.conversation(), "a squirrel")
    say(desk.conversation(), "make it red")
    again = desk.conversation()
    assert [turn.said for turn in again.turns()] == ["a squirrel", "make it red"]
    head = again.head()
    assert head is not None
    assert head.node.id == "n3"


def test_the_planner_is_told_of_the_session(desk: Desk) -> None:
    desk.llm.answers.extend([DRAW, MAKE_RED, UNDO])
    conversation = desk.conversation()
    for words in ("a squirrel", "make the squirrel red", "no,\ngo back"):
        say(conversation, words)
    (first,), (second,), (third,) = (messages for messages in desk.llm.asked)
    assert first["content"].splitlines()[0] == "picture: none"
    assert "n1 a squirrel eating a nut in a forest" in second["content"]
    assert third["content"].splitlines()[0] == "picture: n3"
    assert third["content"].splitlines()[-1] == "said: no, go back"


def test_what_was_planned_and_what_it_took_is_kept_with_the_turn(desk: Desk) -> None:
    desk.llm.answers.append(DRAW)
    conversation = desk.conversation()
    result = say(conversation, "a squirrel")
    (turn,) = conversation.turns()
    assert (
        turn.plan
        == '{"steps":[{"tool":"generate","prompt":"a squirrel eating a nut in a forest"}],"reply":"Here it is."}'
    )
    assert turn.reply == result.reply
    assert len(turn.prompt_sha) == 64
    assert turn.details["raw"] == DRAW
    assert (turn.details["evaluated"], turn.details["generated"]) == (20, 10)
    assert result.tokens.generated == 10
    assert result.seconds.total >= result.seconds.plan + result.seconds.tools


def test_the_events_of_a_turn_come_in_order(desk: Desk) -> None:
    desk.llm.answers.append(plan({"tool": "generate", "prompt": "a squirrel"}, {"tool": "transform", "op": "flip"}))
    watcher = Watcher()
    result = say(desk.conversation(), "a squirrel, mirrored", watcher=watcher)
    assert watcher.names() == [
        "TurnStarted",
        "PlanReady",
        "StepStarted",
        "StepProgress",
        "StepProgress",
        "StepFinished",
        "StepStarted",
        "StepFinished",
        "TurnFinished",
    ]
    assert watcher.seen[0] == TurnStarted("a squirrel, mirrored")
    assert watcher.seen[1] == PlanReady(result.plan) if result.plan else False
    assert watcher.seen[-1] == TurnFinished(result)
    steps = [event.index for event in watcher.seen if isinstance(event, StepStarted | StepProgress)]
    assert steps == [1, 1, 1, 2]


def test_an_answer_runs_nothing(desk: Desk) -> None:
    desk.llm.answers.append(plan(reply="You are welcome."))
    result = say(desk.conversation(), "thanks")
    assert (result.status, result.reply, result.nodes) == (TurnStatus.ANSWERED, "You are welcome.", ())
    assert desk.tools.calls == []


def test_a_question_is_asked_once_with_its_options(desk: Desk) -> None:
    question = {"tool": "ask", "question": "Which one?", "options": ["the cat", "the dog"]}
    desk.llm.answers.append(plan(question, reply="Which one?"))  # type: ignore[arg-type]
    result = say(desk.conversation(), "make it red")
    assert (result.status, result.reply) == (TurnStatus.ASKED, "Which one? (the cat, the dog)")


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
        plan({"tool": "generate", "prompt": "a squirrel"}, {"tool": "checkout", "ref": "n7"}, {"tool": "undo"})
    )
    conversation = desk.conversation()
    result = say(conversation, "a squirrel, then the seventh")
    assert result.status is TurnStatus.FAILED
    assert result.reply == "There is no n7 in this session; try n1 or head."
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
    assert result.reply == "I could not make a plan for that; please say it in other words."
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


def test_a_given_seed_decides_the_seeds_of_all_steps(desk: Desk) -> None:
    desk.llm.answers.extend([DRAW, MAKE_RED])
    conversation = desk.conversation()
    drawn, edited = say(conversation, "a squirrel", seed=3), say(conversation, "make it red", seed=3)
    calls = [made.node.call for made in (*drawn.nodes, *edited.nodes)]
    assert [call.seed for call in calls if call] == [step_seed(3, 1, 1), step_seed(3, 2, 1), step_seed(3, 2, 1)]
    desk.llm.answers.append(DRAW)
    again = say(desk.conversation("again"), "a squirrel", seed=3)
    assert again.nodes[0].node.blob == drawn.nodes[0].node.blob


def test_without_a_seed_every_picture_is_another_one(desk: Desk) -> None:
    desk.llm.answers.extend([DRAW, DRAW])
    conversation = desk.conversation()
    one, other = (say(conversation, "a squirrel", seed=None).nodes[0].node.call for _ in range(2))
    assert one is not None
    assert other is not None
    assert one.seed != other.seed


def test_a_finished_plan_asks_no_language_model(desk: Desk) -> None:
    request = Request("/generate", Plan((Step("generate", {"prompt": "a fox"}, {}),), "Here."))
    result = desk.conversation().act(request, Watcher(), threading.Event())
    assert result.status is TurnStatus.DONE
    assert desk.llm.asked == []
    assert result.tokens.evaluated == 0


def test_a_plan_that_is_only_shown_stores_nothing(desk: Desk) -> None:
    desk.llm.answers.append(DRAW)
    conversation = desk.conversation()
    shown = conversation.plan("a squirrel")
    assert shown.plan == Plan((Step("generate", {"prompt": "a squirrel eating a nut in a forest"}, {}),), "Here it is.")
    assert (shown.nodes, shown.head) == ((), None)
    assert conversation.turns() == ()
    assert desk.store.operations(desk.store.session("default").id) == ()
    assert desk.tools.calls == []


def test_a_plan_that_can_not_be_made_is_said(desk: Desk) -> None:
    desk.llm.answers.append(AgentError("The language model is not there."))
    shown = desk.conversation().plan("a squirrel")
    assert (shown.status, shown.plan, shown.reply) == (TurnStatus.FAILED, None, "The language model is not there.")


def test_the_state_is_bounded_and_each_version_takes_one_line(desk: Desk, tmp_path: Path) -> None:
    conversation = desk.conversation()
    for number in range(VERSIONS_PLANNED + 2):
        words = f"picture {number} of\n" + "a very long story " * 10
        desk.llm.answers.append(plan({"tool": "generate", "prompt": words}))
        say(conversation, "draw")
    Image.new("RGB", (8, 8)).save(tmp_path / "a\nsaid: undo.png")
    conversation.open_picture(tmp_path / "a\nsaid: undo.png")
    state = conversation.state()
    assert state.picture == "n9"
    assert [version.id for version in state.versions] == ["n4", "n5", "n6", "n7", "n8", "n9"]
    assert all(len(version.label) <= LABEL_LENGTH for version in state.versions)
    assert not any("\n" in version.label for version in state.versions)
    assert state.versions[-1].label == "a said: undo.png"


def test_the_state_lists_no_regions(desk: Desk) -> None:
    desk.llm.answers.extend([DRAW, MAKE_RED])
    conversation = desk.conversation()
    assert conversation.state().picture is None
    say(conversation, "a squirrel")
    say(conversation, "make it red")
    assert [version.id for version in conversation.state().versions] == ["n1", "n3"]


def test_an_own_picture_is_opened_whole_and_the_limits_are_said_once(desk: Desk, tmp_path: Path) -> None:
    Image.effect_noise((300, 200), 60).convert("RGB").save(tmp_path / "cat.png")
    conversation = desk.conversation()
    first, second = conversation.open_picture(tmp_path / "cat.png"), conversation.open_picture(tmp_path / "cat.png")
    assert first.reply == f"Opened cat.png, 300 × 200 pixels. {LIMITS}"
    assert second.reply == "Opened cat.png, 300 × 200 pixels."
    assert (first.status, first.head, first.said) == (TurnStatus.DONE, "n1", "open cat.png")
    with Image.open(tmp_path / "cat.png") as own, Image.open(first.nodes[0].path) as kept:
        assert own.tobytes() == kept.tobytes()
    desk.llm.answers.append(plan({"tool": "transform", "op": "flip"}))
    assert say(conversation, "flip it").nodes[0].node.width == 300


def test_a_picture_that_can_not_be_opened_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    conversation = desk.conversation()
    with pytest.raises(AgentError, match="There is no file"):
        conversation.open_picture(tmp_path / "missing.png")
    assert conversation.versions() == ()


def test_pictures_and_regions_are_shown_and_exported(desk: Desk, tmp_path: Path) -> None:
    desk.llm.answers.extend([DRAW, MAKE_RED])
    conversation = desk.conversation()
    say(conversation, "a squirrel")
    say(conversation, "make it red")
    assert conversation.show("n2").node.kind is NodeKind.MASK
    assert conversation.show("head~1").node.id == "n1"
    written = conversation.export("head", tmp_path / "red.png")
    head = conversation.head()
    assert head is not None
    assert written.read_bytes() == head.path.read_bytes()
    with pytest.raises(AgentError, match="exists already"):
        conversation.export("head", tmp_path / "red.png")
    with pytest.raises(AgentError, match="There is no n9"):
        conversation.show("n9")


class MortalLLM:
    """In its own process: dies at the first message of its life that says so."""

    def complete(self, messages: list[dict[str, str]], grammar: str, max_tokens: int) -> Completion:
        if messages[-1]["content"].splitlines()[-1] == "said: die":
            os.kill(os.getpid(), signal.SIGKILL)
        return Completion(DRAW, 1, 1, finished=True)


def test_a_language_model_that_dies_costs_its_turn_alone(desk: Desk, tmp_path: Path) -> None:
    child = Child("language", f"{__name__}:MortalLLM", (), tmp_path / "language.log")
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
