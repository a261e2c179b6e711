"""Drawings over the whole picture that are done at once."""

import threading

import pytest

from pentimento.agent.folding import LONGEST
from pentimento.agent.types import Edge, Node, NodeKind, Plan, Request, Role, Step, TurnResult, TurnStatus
from pentimento.tools.profile import Drift, Profile
from tests.fakes_agent import Desk, Watcher
from tests.fakes_tools import paint_everything

DRAW = Step("generate", {"prompt": "a squirrel"}, {})
FLIP = Step("transform", {"op": "flip"}, {})
RED = Step("edit", {"instruction": "make the squirrel red", "target": "squirrel"}, {})
AT_ONCE = "I did all "


def over(instruction: str, **inputs: str) -> Step:
    return Step("edit", {"instruction": instruction, "scope": "picture"}, inputs)


NIGHT, SNOW, RAIN = over("Make it night."), over("Let it snow"), over("let it rain")


def fold(desk: Desk, after: int | None) -> Desk:
    file = desk.profile.file.model_copy(update={"drift": Drift(fold_after=after)})
    desk.profile = Profile(file, desk.profile.folder)
    return desk


@pytest.fixture
def folding(desk: Desk) -> Desk:
    return fold(desk, 2)


def do(desk: Desk, *steps: Step) -> TurnResult:
    desk.tools.models.edits = (paint_everything((200, 40, 40)), paint_everything((40, 40, 200)))
    result = desk.conversation().act(Request("do it", Plan(steps, ""), 1), Watcher(), threading.Event())
    assert result.status is TurnStatus.DONE, result.reply
    return result


def last(result: TurnResult) -> Node:
    return [made.node for made in result.nodes if made.node.kind is NodeKind.IMAGE][-1]


def test_all_is_done_at_once_from_before_the_first_of_them(folding: Desk) -> None:
    do(folding, DRAW, NIGHT, SNOW)
    result = do(folding, RAIN)
    made = last(result)
    assert "I did all 3 changes at once, from n1: drawn one over the other, each takes a little away." in result.reply
    assert (made.label, made.parents) == ("Make it night and let it snow and let it rain", (Edge("n1", Role.SOURCE),))
    assert do(folding, Step("undo", {}, {})).head == "n3"
    assert do(folding, Step("redo", {}, {})).head == made.id
    assert last(do(folding, SNOW)).parents == (Edge(made.id, Role.SOURCE),)


def test_what_the_last_of_them_was_told_as_is_not_told_for_all_of_them(folding: Desk) -> None:
    told = Step("edit", {**RAIN.arguments, "rewritten": "Rain, please."}, {})
    made = last(do(folding, DRAW, NIGHT, SNOW, told))
    assert folding.tools.models.told[-1] == "Make it night and let it snow and let it rain"
    assert made.call is not None
    assert "rewritten" not in made.call.arguments


@pytest.mark.parametrize(
    "between",
    [FLIP, RED, over("make it like that", ref1="n1"), Step("variations", {"n": 1}, {}), over("put it on a beach")],
    ids=["an exact step", "an edit of a thing", "a picture that was looked at", "a variation", "another place"],
)
def test_nothing_is_lost_that_was_done_between_them(folding: Desk, between: Step) -> None:
    result = do(folding, DRAW, NIGHT, between, SNOW, RAIN)
    assert AT_ONCE not in result.reply
    assert [edge.role for edge in last(result).parents] == [Role.SOURCE]


@pytest.mark.parametrize("after", [None, 3])
def test_without_the_setting_or_before_its_time_each_is_drawn_upon_the_last(desk: Desk, after: int | None) -> None:
    result = do(fold(desk, after), DRAW, NIGHT, SNOW, RAIN)
    assert AT_ONCE not in result.reply
    assert last(result).parents == (Edge("n3", Role.SOURCE),)


def test_what_would_be_too_long_an_instruction_is_drawn_upon_the_last(folding: Desk) -> None:
    assert AT_ONCE not in do(folding, DRAW, NIGHT, over("x" * LONGEST), RAIN).reply


def test_a_replay_makes_what_was_made(desk: Desk) -> None:
    made = do(desk, DRAW, NIGHT, SNOW, RAIN)
    replayed = do(fold(desk, 1), Step("replay", {"fresh": True}, {}))
    assert AT_ONCE not in replayed.reply
    assert "different" not in replayed.reply
    assert replayed.head == last(made).id
