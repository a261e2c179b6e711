"""Steps that answer in words, and those that take words from the lineage of their picture."""

import threading
from pathlib import Path

import pytest
from PIL import Image

from pentimento.agent.loop import Conversation
from pentimento.agent.steps import step_of
from pentimento.agent.types import Edge, Node, NodeKind, Plan, Request, Role, Step, TurnResult, TurnStatus
from pentimento.memory.forget import forget_picture
from tests.fakes_agent import Desk, Watcher
from tests.fakes_tools import FakeModels

DRAW = Step("generate", {"prompt": "a squirrel and a nut"}, {})
EDIT = Step("edit", {"instruction": "make the squirrel red", "target": "squirrel"}, {})


def do(conversation: Conversation, *steps: Step, seed: int = 1) -> TurnResult:
    return conversation.act(Request("do it", Plan(steps, ""), seed), Watcher(), threading.Event())


def pictures(result: TurnResult) -> list[Node]:
    assert result.status is TurnStatus.DONE, result.reply
    return [made.node for made in result.nodes if made.node.kind is NodeKind.IMAGE]


def arguments(node: Node) -> dict[str, object]:
    assert node.call is not None
    return dict(node.call.arguments)


@pytest.fixture
def conversation(desk: Desk) -> Conversation:
    desk.tools.models = FakeModels(caption="a squirrel.")
    made = desk.conversation()
    pictures(do(made, DRAW, EDIT))
    return made


def test_a_picture_is_described_by_what_is_seen_and_by_how_it_was_made(desk: Desk, conversation: Conversation) -> None:
    result = do(conversation, Step("describe", {}, {}))
    story = "“a squirrel and a nut”, then “make the squirrel red”"
    assert result.reply == f"I see a squirrel. It was made so: {story}."
    assert (result.status, result.nodes, result.head) == (TurnStatus.DONE, (), "n3")
    assert result.facts == {"describe": {"described": True}}
    turn = conversation.turns()[-1]
    assert turn.reply == result.reply
    assert turn.details["describe"] == {"described": True}
    first = do(conversation, Step("describe", {}, {"src": "n1"}))
    assert first.reply == "I see a squirrel. It was made so: “a squirrel and a nut”."


def test_an_answer_is_no_change_that_undo_takes_back(conversation: Conversation) -> None:
    do(conversation, Step("describe", {}, {}))
    do(conversation, Step("verify", {}, {}))
    assert do(conversation, Step("undo", {}, {})).head is None


def test_without_words_a_picture_is_held_to_those_that_it_was_drawn_from(conversation: Conversation) -> None:
    result = do(conversation, Step("verify", {}, {}))
    assert result.reply == "Yes: I see the squirrel; I see the nut."
    assert result.facts == {"verify": {"passed": True, "things_asked": 2, "things_found": 2}}
    other = do(conversation, Step("verify", {"words": "a blue squirrel"}, {}))
    assert other.reply == "No: the squirrel is red rather than blue."
    assert other.status is TurnStatus.DONE


def test_an_opened_picture_has_no_words_and_that_is_said(conversation: Conversation, tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), "gray").save(tmp_path / "holiday.png")
    conversation.open_picture(tmp_path / "holiday.png")
    assert do(conversation, Step("verify", {}, {})).reply.startswith("Say what the picture should show, for example")
    assert do(conversation, Step("describe", {}, {})).reply == "I see a squirrel. It was made so: “holiday.png”."


def test_what_was_forgotten_is_not_told(desk: Desk, conversation: Conversation) -> None:
    forget_picture(desk.store, 1, "n1")
    assert do(conversation, Step("describe", {}, {})).reply == (
        "I see a squirrel. It was made so: “make the squirrel red”."
    )


def test_variations_are_several_pictures_of_one_and_each_can_be_made_again(
    desk: Desk, conversation: Conversation
) -> None:
    result = do(conversation, Step("variations", {}, {}))
    made = pictures(result)
    assert [node.label for node in made] == ["a subtle variation"] * 4
    assert {node.parents for node in made} == {(Edge("n3", Role.SOURCE),)}
    assert [node.call.seed for node in made if node.call] == [1, 3, 5, 7]
    assert {arguments(node)["prompt"] for node in made} == {"a squirrel and a nut"}
    assert result.head == made[0].id
    (again,) = pictures(do(conversation, step_of(made[2]), seed=5))
    assert (again.blob, again.measures["reused"]) == (made[2].blob, True)


def test_a_larger_picture_takes_no_words_from_the_one_in_its_middle(desk: Desk, conversation: Conversation) -> None:
    result = do(conversation, Step("outpaint", {"sides": "left"}, {}))
    (made,) = pictures(result)
    assert (made.label, arguments(made)["prompt"]) == ("continued on the left", "")
    assert (made.width, made.height) == (80, 64)
    assert [edge.role for edge in made.parents] == [Role.SOURCE, Role.MASK]
    assert made.measures["changed_outside"] == 0


def test_a_picture_that_is_only_looked_at_is_a_parent_of_its_own_kind(desk: Desk, conversation: Conversation) -> None:
    (other,) = pictures(do(conversation, Step("generate", {"prompt": "a blue nut"}, {})))
    like = Step("edit", {**EDIT.arguments, "instruction": "make it red as there"}, {"src": "n3", "ref1": other.id})
    (made,) = pictures(do(conversation, like))
    assert desk.tools.models.refs[-1] == 1
    edges = {edge.parent: edge.role for edge in made.parents}
    assert (edges["n3"], edges[other.id]) == (Role.SOURCE, Role.REFERENCE)
    assert step_of(made).inputs == {"src": "n3", "ref1": other.id}
    (again,) = pictures(do(conversation, step_of(made)))
    assert again.measures["reused"] is True


def test_what_was_drawn_anew_from_other_words_is_known_by_those(desk: Desk, conversation: Conversation) -> None:
    strong = Step("variations", {"strength": "strong", "n": 1, "prompt": "a blue boat on a lake"}, {})
    again = Step("variations", {"n": 1}, {})
    made = pictures(do(conversation, strong, again))
    assert [arguments(node)["prompt"] for node in made] == ["a blue boat on a lake"] * 2
    assert "boat" in do(conversation, Step("verify", {}, {"src": made[0].id})).reply


def test_only_an_untouched_picture_is_varied_by_its_words(desk: Desk, conversation: Conversation) -> None:
    subtle = Step("variations", {"n": 1}, {"src": "n1"})
    varied = pictures(do(conversation, subtle))[0]
    again = pictures(do(conversation, Step("variations", {"n": 1}, {})))[0]
    edited = pictures(do(conversation, Step("variations", {"n": 1}, {"src": "n3"})))[0]
    words = [arguments(node)["words"] for node in (varied, again, edited)]
    assert words == ["a squirrel and a nut", "a squirrel and a nut", ""]
