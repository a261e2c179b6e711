import threading
from pathlib import Path

from PIL import Image

from pentimento.agent.loop import LABEL_LENGTH, VERSIONS_PLANNED, Conversation
from pentimento.agent.types import (
    AgentError,
    NodeKind,
    Plan,
    PlanReady,
    Request,
    Role,
    Step,
    StepProgress,
    StepStarted,
    TurnFinished,
    TurnResult,
    TurnStarted,
    TurnStatus,
)
from pentimento.tools import TOOLS
from tests.fakes_agent import DRAW, MAKE_RED, UNDO, Desk, Watcher, plan


def say(conversation: Conversation, words: str, seed: int | None = 7, watcher: Watcher | None = None) -> TurnResult:
    return conversation.act(Request(words, seed=seed), watcher or Watcher(), threading.Event())


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


def test_a_turn_of_two_pictures_is_taken_back_as_one(desk: Desk) -> None:
    desk.llm.answers.extend(
        [DRAW, plan({"tool": "transform", "op": "flip"}, {"tool": "transform", "op": "rotate"}), UNDO]
    )
    conversation = desk.conversation()
    say(conversation, "a squirrel")
    say(conversation, "flip it and turn it")
    assert say(conversation, "undo").reply == "Took back “flip it and turn it”. You are at n1 now."


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
    assert "a squirrel eating a nut in a forest = n1" in second["content"]
    assert third["content"].splitlines()[0] == "picture: n3"
    assert third["content"].splitlines()[-1] == "said: no, go back"


def test_the_planner_is_told_of_branches_and_tags(desk: Desk) -> None:
    desk.llm.answers.append(DRAW)
    conversation = desk.conversation()
    say(conversation, "a squirrel")
    session = desk.store.session("default")
    assert conversation.state().names == ()
    desk.store.tag(session.id, "best", "n1")
    desk.store.branch(session.id, "winter", "n1")
    assert conversation.state().branch == "winter"
    assert conversation.state().names == ("tag:best", "branch:main", "branch:winter")


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
    assert (result.status, result.reply) == (TurnStatus.ASKED, "Which one?\n  1. the cat\n  2. the dog")


def test_a_given_seed_decides_the_seeds_of_all_steps(desk: Desk) -> None:
    desk.llm.answers.extend([DRAW, MAKE_RED])
    conversation = desk.conversation()
    drawn, edited = say(conversation, "a squirrel", seed=3), say(conversation, "make it red", seed=3)
    calls = [made.node.call for made in (*drawn.nodes, *edited.nodes)]
    assert [call.seed for call in calls if call] == [3, 3, 3]
    desk.llm.answers.append(DRAW)
    again = say(conversation, "a squirrel", seed=3)
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
    assert [version.id for version in state.versions] == ["n1", "n5", "n6", "n7", "n8", "n9"]
    assert all(len(version.label) <= LABEL_LENGTH for version in state.versions)
    assert not any("\n" in version.label for version in state.versions)
    assert state.versions[-1].label == "a said: undo.png"


def test_however_many_came_later_the_picture_on_the_screen_is_listed_and_where_it_began(desk: Desk) -> None:
    conversation = desk.conversation()
    for words in ("a fox", "an owl"):
        desk.llm.answers.append(plan({"tool": "generate", "prompt": words}))
        say(conversation, "draw")
    for degrees in (90, 180, 270) * 3:
        desk.llm.answers.append(plan({"tool": "transform", "op": "rotate", "degrees": degrees}))
        say(conversation, "turn it")
    desk.llm.answers.append(plan({"tool": "checkout", "ref": "n4"}))
    say(conversation, "back to n4")
    state = conversation.state()
    assert state.picture == "n4"
    assert [version.id for version in state.versions] == ["n1", "n2", "n4", "n9", "n10", "n11"]


def test_the_state_lists_no_regions(desk: Desk) -> None:
    desk.llm.answers.extend([DRAW, MAKE_RED])
    conversation = desk.conversation()
    assert conversation.state().picture is None
    say(conversation, "a squirrel")
    say(conversation, "make it red")
    assert [version.id for version in conversation.state().versions] == ["n1", "n3"]


def test_what_a_person_writes_out_wins_over_the_profile_where_it_is_the_tools_default(desk: Desk) -> None:
    default = TOOLS["generate"].args_model.model_fields["steps"].default
    assert desk.profile.file.defaults["generate"]["steps"] != default
    step = Step("generate", {"prompt": "a fox", "steps": default}, {})
    desk.conversation().act(Request("/generate", Plan((step,), "")), Watcher(), threading.Event())
    assert desk.tools.calls[0].arguments["steps"] == default
    assert desk.store.images(desk.store.session("default").id, 1)[0].label == "a fox"


def test_a_model_that_reads_it_is_told_of_the_last_turns_and_of_the_region_that_was_marked(desk: Desk) -> None:
    desk.use_system = True
    mark = plan({"tool": "segment", "what": "squirrel"}, reply="Marking it.")
    desk.llm.answers.extend([plan(reply="Hello."), DRAW, MAKE_RED, mark, UNDO])
    conversation = desk.conversation()
    for said in ("hi", "a squirrel", "make it red", "mark the squirrel", "undo that"):
        say(conversation, said)
    told = str(desk.llm.asked[-1][-1]["content"]).splitlines()
    region = next(line for line in told if line.startswith("region: "))
    assert region.startswith("region: n")
    assert "squirrel" in region
    at = told.index("recent:")
    assert [line.partition(" -> ")[0] for line in told[at + 1 : at + 4]] == [
        "a squirrel",
        "make it red",
        "mark the squirrel",
    ]


def test_a_model_that_was_trained_on_the_state_is_told_what_it_knows(desk: Desk) -> None:
    desk.llm.answers.extend([DRAW, UNDO])
    conversation = desk.conversation()
    for said in ("a squirrel", "undo that"):
        say(conversation, said)
    assert "recent:" not in str(desk.llm.asked[-1][-1]["content"])
