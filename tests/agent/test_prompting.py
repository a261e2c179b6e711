from hashlib import sha256
from importlib.resources import files

import pytest
from jinja2 import UndefinedError

from pentimento.agent.plan_language import arguments_models
from pentimento.agent.prompting import load, repair_message, state_message, system_message
from pentimento.agent.state import State, Version

GOLDEN_STATE = """\
picture: n3
versions:
a squirrel eating a nut in a forest = n1
make the squirrel red = n3
said: go back to the one before"""
GOLDEN_EDIT = """\
- edit: Change the picture by an instruction: recolour, replace, remove or add one thing, or change place, time, weather.
  - "instruction" (string): what to change, one sentence
  - "target" (string, default ''): the thing that changes or is added; empty for picture
"""


def test_the_state_is_told_line_by_line() -> None:
    state = State("n3", (Version("n1", "a squirrel eating a nut in a forest"), Version("n3", "make the squirrel red")))
    assert state_message(state, "go back to\n the one  before ") == GOLDEN_STATE


def test_branches_and_tags_are_told_where_there_are_any() -> None:
    state = State("n1", (Version("n1", "a squirrel"),), "winter", ("tag:best", "branch:main", "branch:winter"))
    assert state_message(state, "go back to main") == (
        "picture: n1\nbranch: winter\nnames: tag:best branch:main branch:winter\n"
        "versions:\na squirrel = n1\nsaid: go back to main"
    )


def test_several_pictures_at_once_are_told_while_one_can_be_chosen() -> None:
    state = State("n1", (Version("n1", "a fox"), Version("n2", "a fox")), grid=2)
    assert (
        state_message(state, "the second")
        == "picture: n1\nversions:\na fox = n1\na fox = n2\ngrid: 2\nsaid: the second"
    )


def test_a_session_without_a_picture_says_so() -> None:
    assert state_message(State(None), "hello") == "picture: none\nversions:\nsaid: hello"


def test_braces_in_a_message_are_words_and_not_a_template() -> None:
    assert state_message(State(None), "{{ 7 * 7 }} <b>&").endswith("said: {{ 7 * 7 }} <b>&")


def test_the_system_message_lists_every_tool_and_move_with_its_arguments() -> None:
    text = system_message()
    assert GOLDEN_EDIT in text
    assert [line[2:].partition(":")[0] for line in text.splitlines()[5:] if line.startswith("- ")][
        : len(arguments_models())
    ] == [*arguments_models()]
    assert "guidance" not in text


def test_the_repair_message_says_what_is_wrong() -> None:
    told = "That plan can't be used. Step 1 names no tool. Answer with the corrected JSON object alone."
    assert repair_message("Step 1 names no tool.") == told


def test_a_prompt_is_known_by_the_sha_of_its_file() -> None:
    content = files("pentimento.prompts").joinpath("state.md").read_bytes()
    assert load("state").sha == sha256(content).hexdigest()


def test_a_forgotten_variable_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        load("repair").template.render()
