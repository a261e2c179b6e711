import pytest
from pydantic import JsonValue

from pentimento.agent.state import State, Version
from pentimento.bench.router import always_edit, route

EMPTY = State(None)
RED_FOX = State("n3", (Version("n1", "a fox and a nut in a forest"), Version("n3", "make the fox red")))


@pytest.mark.parametrize(
    ("said", "tool", "arguments"),
    [
        ("make the nut blue", "edit", {"target": "nut", "scope": "object"}),
        ("make it blue", "edit", {"target": "fox", "scope": "object"}),
        ("replace the nut with an apple", "edit", {"target": "nut", "scope": "object"}),
        ("add a tree on the left", "edit", {"target": "tree", "scope": "left"}),
        ("remove the nut", "edit", {"target": "nut", "scope": "object"}),
        ("put it on a beach", "edit", {"target": "", "scope": "picture"}),
        ("make the fox #FF6600", "recolor", {"target": "fox", "to": "#ff6600"}),
        ("rotate by 90 degrees to the left", "transform", {"op": "rotate", "degrees": 270}),
        ("800 pixels wide", "transform", {"op": "resize", "width": 800}),
        ("undo the last three", "undo", {"n": 3}),
        ("back to the original", "checkout", {"ref": "n1"}),
        ("the one before the red fox", "checkout", {"ref": "n1"}),
        ("draw a cat", "generate", {"prompt": "a cat"}),
    ],
)
def test_a_keyword_chooses_the_tool_and_the_words_its_arguments(
    said: str, tool: str, arguments: dict[str, JsonValue]
) -> None:
    (step,) = route(RED_FOX, said).steps
    assert step.tool == tool
    assert arguments.items() <= step.arguments.items()


def test_without_a_picture_words_are_a_prompt_and_talk_is_answered() -> None:
    (step,) = route(EMPTY, "please draw me a picture of a fox").steps
    assert (step.tool, step.arguments) == ("generate", {"prompt": "a fox"})
    assert route(EMPTY, "hello").steps == ()


def test_a_colour_of_nothing_in_particular_is_asked_about() -> None:
    (step,) = route(RED_FOX, "change the colour").steps
    assert step.tool == "ask"
    assert step.arguments["options"] == ["fox", "nut"]


def test_clauses_become_steps_in_order() -> None:
    steps = route(EMPTY, "draw a fox in a forest, then make it red and flip it").steps
    assert [step.tool for step in steps] == ["generate", "edit", "transform"]


def test_always_edit_edits_whatever_is_said() -> None:
    (step,) = always_edit(RED_FOX, "undo the fox").steps
    assert step.arguments == {"instruction": "undo the fox", "target": "fox", "scope": "object"}
