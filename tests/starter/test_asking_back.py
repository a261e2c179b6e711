from random import Random

import pytest

from pentimento.starter.conversations import alike, twins, unsaid
from pentimento.starter.conversations.moves import Picture, Scope, Thing, with_count
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


def test_of_two_alike_it_is_asked_which_and_the_answer_means_that_one() -> None:
    r = Random(1)
    scope = Scope(r, Words(r, 0.0, unseen=False), Picture((), alike=((Thing("cat"), 2),)))
    asked = next(move for _ in range(99) if (move := alike.message(scope)) and move.steps[0].tool == "ask")
    assert asked.steps[0].arguments["options"] == ["the left cat", "the right cat"]
    for said, meant in asked.answers:
        side = "left" if "left" in said else "right"
        assert meant.steps[0].arguments["target"] == f"{side} cat"


def test_one_of_two_that_was_removed_leaves_one() -> None:
    cat = Thing("cat", "red")
    two = Picture((Thing("dog"),), "dog", ((cat, 2),))
    assert with_count(two, cat, 1) == Picture((Thing("dog"), cat), "", ())
    assert with_count(two, cat, 0) == Picture((Thing("dog"),), "dog", ())
    assert with_count(with_count(two, cat, 1), cat, 3).every_noun() == ("dog", "cat", "cat", "cat")
