import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pentimento.agent.moves import MOVES
from pentimento.agent.plan_language import (
    NoPlan,
    PlanError,
    arguments_models,
    checked_plan,
    parse_plan,
    plan_form,
    plan_schema,
    plan_text,
    step_schema,
)
from pentimento.agent.types import Plan, Step
from pentimento.tools import TOOLS

RED = Step("edit", {"instruction": "make the squirrel red", "target": "squirrel"}, {"src": "head"})


def plan_of(*steps: dict[str, object], reply: str = "Well.") -> str:
    return json.dumps({"steps": steps, "reply": reply})


def test_a_plan_is_read_with_its_defaults_left_out_and_its_source_filled_in() -> None:
    text = plan_of({"tool": "edit", "instruction": "make the squirrel red", "target": "squirrel", "scope": "object"})
    assert parse_plan(text) == Plan((RED,), "Well.")


def test_a_plan_is_written_compactly_and_without_what_is_understood() -> None:
    written = plan_text(Plan((RED, Step("undo", {"n": 2}, {})), "Gut — 好的"))
    assert written == (
        '{"steps":[{"tool":"edit","instruction":"make the squirrel red","target":"squirrel"},{"tool":"undo","n":2}],'
        '"reply":"Gut — 好的"}'
    )


@pytest.mark.parametrize(
    "step",
    [
        {"tool": "generate", "prompt": "a fox"},
        {"tool": "edit", "instruction": "put it at night", "scope": "picture", "src": "n3"},
        {"tool": "edit", "instruction": "add a nut on the left", "target": "nut", "scope": "left", "src": "head~1"},
        {"tool": "recolor", "target": "car", "to": "#ff6600"},
        {"tool": "transform", "op": "flip", "axis": "vertical"},
        {"tool": "transform", "op": "rotate"},
        {"tool": "transform", "op": "crop", "ratio": "16:9"},
        {"tool": "transform", "op": "resize", "width": 800},
        {"tool": "undo", "n": 50},
        {"tool": "redo"},
        {"tool": "checkout", "ref": "head~12"},
        {"tool": "log"},
        {"tool": "ask", "question": "Which one?", "options": ["the fox", "the nut"]},
    ],
)
def test_what_was_read_is_written_and_read_again_as_the_same(step: dict[str, object]) -> None:
    plan = parse_plan(plan_of(step))
    assert parse_plan(plan_text(plan)) == plan
    assert plan.steps[0].tool == step["tool"]


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ({"tool": "explode"}, "names no tool"),
        ({"tool": ["edit"]}, 'key "tool"'),
        ({"instruction": "make it red"}, 'key "tool"'),
        ({"tool": "generate"}, "prompt"),
        ({"tool": "generate", "prompt": ""}, "prompt"),
        ({"tool": "generate", "prompt": "x" * 301}, "prompt"),
        ({"tool": "generate", "prompt": "a fox", "steps": 9}, "no argument steps"),
        ({"tool": "generate", "prompt": "a fox", "src": "head"}, "leave src out"),
        ({"tool": "edit", "instruction": "make it red"}, "which thing changes"),
        ({"tool": "edit", "instruction": "make it red", "target": "fox", "scope": "everywhere"}, "scope"),
        ({"tool": "edit", "instruction": "make it red", "target": "fox", "src": "../n1"}, "no reference"),
        ({"tool": "edit", "instruction": "make it red", "target": "fox", "src": "step:1"}, "earlier step"),
        ({"tool": "edit", "instruction": "make it red", "target": "fox", "src": ["n1"]}, "no reference"),
        ({"tool": "transform", "op": "flip", "degrees": 180}, "flip takes no degrees"),
        ({"tool": "transform", "op": "crop"}, "crop needs ratio"),
        ({"tool": "transform", "op": "crop", "ratio": "wide"}, "ratio"),
        ({"tool": "transform", "op": "rotate", "degrees": 45}, "degrees"),
        ({"tool": "transform", "op": "resize"}, "resize needs height or width"),
        ({"tool": "transform", "op": "resize", "width": 10**9}, "width"),
        ({"tool": "undo", "n": 0}, "n"),
        ({"tool": "undo", "n": 51}, "n"),
        ({"tool": "undo", "src": "n1"}, "leave src out"),
        ({"tool": "checkout", "ref": "the red one"}, "ref"),
        ({"tool": "ask", "question": "Which?", "options": ["a"] * 7}, "options"),
        ({"tool": "decline"}, "reason"),
        ({"tool": "decline", "reason": "x" * 201}, "reason"),
        ({"tool": "export", "format": "gif"}, "format"),
        ({"tool": "export", "name": "a/b"}, "can't be a name; use letters, digits and . _ ~ \\+ - without spaces"),
        ({"tool": "export", "src": "n1"}, "leave src out"),
    ],
)
def test_a_step_that_cannot_be_run_is_refused_in_one_sentence(step: dict[str, object], problem: str) -> None:
    with pytest.raises(PlanError, match=problem) as raised:
        parse_plan(plan_of(step))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("talk", [{"tool": "ask", "question": "Which?"}, {"tool": "decline", "reason": "No."}])
def test_a_question_or_a_refusal_beside_another_step_is_refused(talk: dict[str, object]) -> None:
    assert parse_plan(plan_of(talk)).steps[0].tool == talk["tool"]
    with pytest.raises(PlanError, match="only step"):
        parse_plan(plan_of(talk, {"tool": "undo"}))


def test_every_move_is_in_the_grammar_of_the_built_in_planner() -> None:
    assert all(f'\\"{move}\\"' in plan_form(told=told).grammar for move in MOVES for told in (True, False))


def test_a_step_may_use_the_outcome_of_an_earlier_one() -> None:
    plan = parse_plan(
        plan_of({"tool": "generate", "prompt": "a fox"}, {"tool": "transform", "op": "flip", "src": "step:1"})
    )
    assert plan.steps[1].inputs == {"src": "step:1"}


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "null", '{"steps":{}}', '{"steps":[],"note":1}', "[" * 100_000])
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(PlanError):
        parse_plan(text)


@pytest.mark.parametrize("text", ["", "{", "[]", '"undo"', "I think you want a fox.", "[" * 100_000])
def test_what_is_no_json_object_is_told_from_a_plan_with_a_fault(text: str) -> None:
    with pytest.raises(NoPlan, match="one whole JSON object"):
        parse_plan(text)
    with pytest.raises(PlanError) as raised:
        parse_plan(plan_of({"tool": "explode"}))
    assert not isinstance(raised.value, NoPlan)


@pytest.mark.parametrize(
    "text",
    [
        '{"steps":[{"tool":"adjust","brightness":' + "9" * 5000 + '}],"reply":""}',
        r'{"steps":[],"reply":"\ud800 x"}',
        r'{"steps":[{"tool":"generate","prompt":"a \udfff fox"}],"reply":""}',
        r'{"steps":[{"tool":"undo","\ud800":1}],"reply":""}',
    ],
    ids=["thousands of digits", "reply", "argument", "name of an argument"],
)
def test_what_can_be_neither_read_nor_kept_is_refused(text: str) -> None:
    with pytest.raises(PlanError, match="half a character or far too long a number") as raised:
        parse_plan(text)
    str(raised.value).encode()


def test_a_character_that_is_written_as_two_halves_is_one() -> None:
    assert parse_plan(r'{"steps":[],"reply":"\ud83e\udd8a"}').reply == "🦊"


@pytest.mark.parametrize("reply", ["", " \n", "\u200b", "\0"])
def test_a_plan_that_does_nothing_and_says_nothing_is_refused(reply: str) -> None:
    with pytest.raises(PlanError, match="no step and says nothing"):
        parse_plan(plan_of(reply=reply))
    assert parse_plan(plan_of({"tool": "undo"}, reply=reply)).steps


def test_each_answer_to_a_question_is_there_once() -> None:
    options = ["The squirrel", "the nut", "the squirrel", " the  squirrel", "THE NUT"]
    (ask,) = parse_plan(plan_of({"tool": "ask", "question": "Which one?", "options": options})).steps
    assert ask.arguments["options"] == ["The squirrel", "the nut"]


def test_more_than_six_steps_are_refused() -> None:
    undo: dict[str, object] = {"tool": "undo"}
    with pytest.raises(PlanError, match="at most 6"):
        parse_plan(plan_of(*[undo] * 7))


def test_the_schema_names_every_tool_and_move_and_hides_what_a_profile_fills_in() -> None:
    assert list(arguments_models()) == [*TOOLS, *MOVES]
    text = json.dumps(plan_schema())
    assert all(f'"const": "{name}"' in text for name in arguments_models())
    assert "guidance" not in text
    assert "$ref" not in text


def test_the_first_key_of_every_step_is_its_tool() -> None:
    for name in arguments_models():
        properties = step_schema(name)["properties"]
        assert isinstance(properties, dict)
        assert next(iter(properties)) == "tool"


@pytest.mark.parametrize(
    "reference",
    ["head~1500", "n1234567", "branch:Wäldchen", "tag:冬", f"branch:{'b' * 60}", "before(n100000)", "grid:3"],
)
def test_a_person_may_name_whatever_the_store_holds(reference: str) -> None:
    plan = checked_plan(Plan((Step("checkout", {"ref": reference}, {}), Step("tag", {"name": "冬の森"}, {})), ""))
    assert plan.steps[0].arguments == {"ref": reference}


def test_what_a_person_said_stays_where_it_is_the_default_too() -> None:
    default = TOOLS["generate"].args_model.model_fields["steps"].default
    given = {"prompt": "a fox", "n": 1, "steps": default}
    plan = checked_plan(Plan((Step("generate", given, {}), Step("undo", {"n": 1}, {})), ""))
    assert [step.arguments for step in plan.steps] == [given, {"n": 1}]


def test_of_another_operation_a_person_may_only_repeat_the_default() -> None:
    flip = {"op": "flip", "axis": "horizontal"}
    defaults = TOOLS["transform"].args_model.model_validate(flip).model_dump(mode="json")
    assert checked_plan(Plan((Step("transform", defaults, {}),), "")).steps[0].arguments == defaults
    with pytest.raises(PlanError, match="flip takes no degrees"):
        checked_plan(Plan((Step("transform", {**defaults, "degrees": 180}, {}),), ""))


def test_a_language_model_is_held_to_short_plain_names() -> None:
    schema = step_schema("checkout")["properties"]
    assert isinstance(schema, dict)
    ref = schema["ref"]
    assert isinstance(ref, dict)
    written = {name for name in ("n17", "tag:best", "tag:冬", "n1234567") if re.search(str(ref["pattern"]), name)}
    assert written == {"n17", "tag:best"}


def test_a_step_on_several_pictures_names_each_by_its_role() -> None:
    plan = parse_plan('{"steps":[{"tool":"composite","x":4,"layer":"n2","mask":"n4","src":"n3"}],"reply":""}')
    assert plan.steps[0].inputs == {"src": "n3", "layer": "n2", "mask": "n4"}
    assert parse_plan(plan_text(plan)) == plan


def test_a_model_that_was_only_taught_the_tools_is_held_to_those_that_there_were() -> None:
    taught, told = plan_form(told=False).grammar, plan_form().grammar
    for name, tool in TOOLS.items():
        assert f'"\\"{name}\\""' in told
        assert (f'"\\"{name}\\""' in taught) is tool.taught
    assert not TOOLS["composite"].taught
    assert "refs" in told
    assert 'ratio\\":' in told
    assert "refs" not in taught


def test_reference_pictures_are_written_as_a_list_and_have_a_role_each() -> None:
    edit = {"tool": "edit", "instruction": "make the nut like the first picture", "target": "nut"}
    plan = parse_plan(plan_of({**edit, "refs": ["n2", "head~1"]}))
    assert plan.steps[0].inputs == {"src": "head", "ref1": "n2", "ref2": "head~1"}
    assert parse_plan(plan_text(plan)) == plan
    for refs in ("n2", ["n1", "n2", "n3"], ["the red one"], [7]):
        with pytest.raises(PlanError, match=r"refs|reference"):
            parse_plan(plan_of({**edit, "refs": refs}))
    with pytest.raises(PlanError, match="no argument refs"):
        parse_plan(plan_of({"tool": "generate", "prompt": "a fox", "refs": ["n2"]}))


def test_the_mask_of_an_edit_is_its_region_in_place_of_any_that_was_named() -> None:
    edit: dict[str, object] = {"tool": "edit", "instruction": "make it red", "mask": "n5"}
    for more in ({}, {"scope": "left"}, {"target": "squirrel", "scope": "picture"}):
        (step,) = parse_plan(plan_of({**edit, **more})).steps
        assert (step.inputs["mask"], step.arguments["scope"]) == ("n5", "marked")
    plan = parse_plan(plan_of(edit))
    assert parse_plan(plan_text(plan)) == plan
    with pytest.raises(PlanError, match="have a mask"):
        parse_plan(plan_of({"tool": "edit", "instruction": "make it red"}))


def test_a_mask_for_an_edit_is_offered_to_a_language_model_that_is_told_of_it_alone() -> None:
    for told in (True, False):
        assert ("mask" in str(step_schema("edit", told=told)["properties"])) is told
        assert "mask" in str(step_schema("composite", told=told)["properties"])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3),
    max_leaves=6,
)
keys = st.sampled_from(
    ["instruction", "target", "scope", "src", "layer", "mask", "n", "ref", "op", "ratio", "width", "prompt", "options"]
)
steps = st.dictionaries(keys, json_values, max_size=4).flatmap(
    lambda fields: st.sampled_from([*arguments_models(), "delete"]).map(lambda tool: {"tool": tool, **fields})
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(steps | json_values, max_size=3))
def test_any_json_is_a_plan_or_a_plan_error(content: list[object]) -> None:
    try:
        plan = parse_plan(json.dumps({"steps": content, "reply": ""}))
    except PlanError:
        return
    assert parse_plan(plan_text(plan)) == plan
