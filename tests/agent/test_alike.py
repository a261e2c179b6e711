from dataclasses import replace

import pytest

from pentimento.agent.alike import which_of_alike
from pentimento.agent.state import State, Version
from pentimento.agent.types import Plan, Step


def seen(*labels: str) -> State:
    versions = tuple(Version(f"n{number}", label) for number, label in enumerate(labels, start=1))
    return State(versions[-1].id, versions)


def edit(instruction: str, target: str) -> Plan:
    return Plan((Step("edit", {"instruction": instruction, "target": target}, {}),), "Doing it.")


BLACK = edit("make the cat black", "cat")


@pytest.mark.parametrize(
    ("label", "sides"),
    [
        ("two cats on a beach", ["left", "right"]),
        ("3 big red cats", ["left", "middle", "right"]),
        ("a house and two cats", ["left", "right"]),
    ],
)
def test_which_one_of_several_alike_is_changed_is_asked(label: str, sides: list[str]) -> None:
    (step,) = which_of_alike(BLACK, "make the cat black", seen(label, "put it at night")).steps
    assert step.arguments == {"question": "Which cat?", "options": [f"the {side} cat" for side in sides]}


@pytest.mark.parametrize(
    ("said", "labels"),
    [
        ("make both cats black", ["two cats on a beach"]),
        ("make the left cat black", ["two cats on a beach"]),
        ("make it black", ["two cats on a beach"]),
        ("make the bigger cat black", ["two cats on a beach"]),
        ("make the cat with the hat black", ["two cats on a beach"]),
        ("remove the cat in the corner", ["two cats on a beach"]),
        ("make the cat black", ["a cat and two dogs"]),
        ("make the cat black", ["two cats on a beach", "replace the left cat with an owl", "remove the owl"]),
        ("make the cat black", ["two cats on a beach", "a cat in a forest"]),
    ],
)
def test_it_is_not_where_it_is_clear_or_there_is_one(said: str, labels: list[str]) -> None:
    assert which_of_alike(BLACK, said, seen(*labels)) == BLACK


def test_what_is_added_is_none_of_them() -> None:
    added = edit("add a cat on the left", "cat")
    assert which_of_alike(added, "add a cat", seen("two cats on a beach")) == added


def test_a_plan_of_several_steps_is_carried_out() -> None:
    plan = Plan((*BLACK.steps, Step("undo", {}, {})), "")
    assert which_of_alike(plan, "make the cat black and undo it", seen("two cats")) == plan


def test_what_the_picture_on_the_screen_does_not_come_of_tells_nothing_of_it() -> None:
    state = replace(seen("a cat in a forest", "two cats on a beach"), picture="n1", line=frozenset({"n1"}))
    assert which_of_alike(BLACK, "make the cat black", state) == BLACK
