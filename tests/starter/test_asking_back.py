from random import Random

import pytest

from pentimento.starter.conversations import twins, unsaid
from pentimento.starter.conversations.moves import Picture, Scope, Thing
from pentimento.starter.conversations.words import Words


@pytest.mark.parametrize("seed", range(60))
def test_what_is_left_unsaid_is_asked_for_and_its_answer_does_it(seed: int) -> None:
    r = Random(seed)
    move = unsaid.unsaid(Scope(r, Words(r, 0.3, unseen=False), Picture((Thing("fox"), Thing("boat")))))
    (asked,) = move.steps
    assert asked.tool == "ask"
    assert {answer.steps[0].tool for _, answer in move.answers} <= {"edit", "arrange", "draw_text"}
    offered = asked.arguments.get("options", [])
    assert isinstance(offered, list)
    assert not move.answers or {told for told, _ in move.answers} >= set(offered)


@pytest.mark.parametrize("seed", range(60))
def test_of_two_of_a_kind_the_color_says_which_one_or_it_is_asked(seed: int) -> None:
    r = Random(seed)
    red, blue = Thing("fox", "red"), Thing("fox", "blue")
    picture = Picture((red, blue))
    assert twins.are_in(picture)
    move = twins.message(Scope(r, Words(r, 0.3, unseen=False), picture))
    (made,) = move.steps
    if made.tool == "ask":
        assert made.arguments["options"] == ["the red fox", "the blue fox"]
        targets = {told: answer.steps[0].arguments["target"] for told, answer in move.answers}
        assert targets == {
            f"the {one}": f"{color} fox" for color in ("red", "blue") for one in (f"{color} fox", f"{color} one")
        }
    elif made.arguments.get("target"):
        assert str(made.arguments["target"]) in move.said
        assert move.pictures[0] is not None
        assert len({red, blue} & set(move.pictures[0].things)) == 1
        assert not twins.are_in(move.pictures[0]) or len({thing.color for thing in move.pictures[0].things}) == 2
