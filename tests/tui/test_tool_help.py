import pytest

from pentimento.agent.moves import ALONE
from pentimento.agent.plan_language import arguments_models
from pentimento.tools import TOOLS
from pentimento.tui.problems import MessageError
from pentimento.tui.tool_help import Argument, arguments_of, help_text, step_names


def test_the_help_has_a_line_for_every_tool_and_every_move() -> None:
    lines = help_text().split("\n")
    for name in step_names():
        (line,) = [one for one in lines if one.split()[0] == f"/{name}"]
        assert len(line.split()) > 2, name
    assert set(step_names()) == set(arguments_models()) - set(ALONE)


@pytest.mark.parametrize("name", arguments_models())
def test_every_argument_is_named_and_explained(name: str) -> None:
    arguments = {one.name: one for one in arguments_of(name)}
    assert [*arguments_models()[name].model_fields] == [*arguments][: len(arguments_models()[name].model_fields)]
    assert all(one.about and one.values for one in arguments.values()), arguments
    assert ("src" in arguments) == (name in TOOLS and "src" in TOOLS[name].roles)


def test_an_argument_has_its_values_and_its_default() -> None:
    found = {one.name: one for name in ("adjust", "edit", "blend") for one in arguments_of(name)}
    assert found["brightness"].row() == (
        "brightness",
        "per cent more or less of every level (whole number, -100 to 300; else 0)",
    )
    assert found["grayscale"].row()[1] == "black and white (true or false; else false)"
    assert found["instruction"].row()[1] == "what to change, one sentence (text; needed)"
    assert found["src"].row()[1] == "the picture it works on (picture; else head)"
    assert found["other"] == Argument("other", "the second picture", "picture", needed=True)


def test_a_person_is_told_of_more_than_a_plan_may_hold() -> None:
    (scope,) = [one for one in arguments_of("edit") if one.name == "scope"]
    assert scope.values == "object, left, right, picture, background, found, marked"
    assert {"rewritten", "steps", "guidance", "attempts", "refs"} <= {one.name for one in arguments_of("edit")}


def test_a_help_fits_the_width_it_is_given() -> None:
    for text in (help_text("", 60), help_text("edit", 60)):
        assert max(map(len, text.split("\n"))) <= 60
    assert "image_guidance  how" in help_text("edit", 80)


def test_what_is_beside_the_steps_is_explained_as_it_is_listed() -> None:
    for name in ("plan", "help"):
        assert help_text(name).startswith(f"/{name} ")
        assert help_text(name) in help_text()


def test_a_name_that_there_is_not_is_refused_in_a_sentence() -> None:
    with pytest.raises(MessageError, match="There is no /fly; /help lists what there is"):
        help_text("fly")
