import json
from collections import Counter
from pathlib import Path

import pytest
from pydantic import JsonValue, ValidationError

from pentimento.agent.plan_language import arguments_models, parse_plan, step_schema
from pentimento.agent.state import State, Version
from pentimento.agent.types import Plan, Step
from pentimento.bench.planner import EVERYTHING, PRACTICE, UTTERANCES
from pentimento.bench.scoring import (
    FREE,
    AnyOf,
    Between,
    Case,
    Constraint,
    Expect,
    Listed,
    Words,
    load_cases,
    matches,
    named,
    passes,
    wilson,
)

CASES = {path: load_cases(path) for path in (UTTERANCES, EVERYTHING, PRACTICE)}


def step(tool: str, src: str | None = None, **arguments: JsonValue) -> Step:
    return Step(tool, arguments, {} if src is None else {"src": src})


def plan(*steps: Step) -> Plan:
    return Plan(steps, "Done.")


def expect(*steps: dict[str, JsonValue]) -> Expect:
    return Expect.model_validate({"steps": steps})


def holds(arguments: dict[str, JsonValue], constraints: dict[str, JsonValue], tool: str = "edit") -> bool:
    return matches(plan(Step(tool, arguments, {})), expect({"tool": tool, **constraints}))


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


CASE = """
- id: undo-01
  picture: n3
  versions: [[n1, "a fox"], [n3, "make the fox red"]]
  said: "undo"
  expect: {steps: [{tool: undo}]}
"""


@pytest.mark.parametrize(
    ("constraint", "right", "wrong"),
    [
        ("left", "Left ", "right"),
        (["left", "right"], "right", "picture"),
        ({"contains": ["red", "fox"]}, "make the Fox red", "make the fox blue"),
        ({"contains": ["cat"]}, "two cats", "in this location"),
        ({"contains": ["red"]}, "red, please", "a coloured fox"),
        ({"contains": [["beach", "seaside"]]}, "put it at the seaside", "put it in a city"),
        ({"contains": ["tree"], "without": ["fox"]}, "the old tree", "the tree and the foxes"),
        ({"any_of": [{"contains": ["red"]}, "crimson"]}, "crimson", "crimson fox"),
    ],
)
def test_each_kind_of_constraint_tells_right_from_wrong(constraint: JsonValue, right: str, wrong: str) -> None:
    assert holds({"scope": right}, {"scope": constraint})
    assert not holds({"scope": wrong}, {"scope": constraint})


@pytest.mark.parametrize(("n", "met"), [(3, True), (2, False), ("3", False), (None, False)])
def test_a_number_is_met_by_that_number_only(n: JsonValue, met: bool) -> None:
    assert holds({"n": n}, {"n": 3}, tool="undo") == met


@pytest.mark.parametrize(("value", "met"), [(-40, True), (-1, True), (0, False), ("-3", False)])
def test_a_number_may_be_one_of_a_range(value: JsonValue, met: bool) -> None:
    assert holds({"temperature": value}, {"temperature": {"between": [-40, -1]}}, tool="adjust") == met


@pytest.mark.parametrize(("steps", "met"), [(["n4", "n2"], True), (["n2"], False), (["n2", "n4", "n4"], False)])
def test_a_list_is_met_by_its_entries_in_any_order(steps: JsonValue, met: bool) -> None:
    assert holds({"steps": steps}, {"steps": {"items": ["n2", ["n4", "head"]]}}, tool="transplant") == met


def test_a_picture_that_an_instruction_speaks_of_must_be_the_named_one() -> None:
    wanted = expect({"tool": "edit", "ref1": "n4"})
    assert matches(plan(Step("edit", {}, {"ref1": "n4"})), wanted)
    assert not matches(plan(Step("edit", {}, {"ref1": "n3"})), wanted)
    assert not matches(plan(Step("edit", {}, {"ref1": "n4"})), expect({"tool": "edit"}))


def test_an_absent_argument_counts_as_its_default() -> None:
    assert holds({}, {"scope": "object"})
    assert not holds({}, {"scope": "right"})
    assert holds({"op": "rotate"}, {"op": "rotate", "degrees": 90}, tool="transform")
    assert holds({}, {"n": 1}, tool="undo")


def test_an_absent_text_meets_no_words() -> None:
    assert not holds({}, {"instruction": {"contains": ["red"]}})


def test_unnamed_arguments_are_free_only_where_they_are_words() -> None:
    assert holds({"instruction": "anything", "target": "fox"}, {})
    assert not holds({"scope": "picture"}, {})
    assert not holds({"op": "resize", "width": 512, "height": 512}, {"op": "resize", "width": 512}, tool="transform")
    assert not holds({"n": 2}, {}, tool="undo")
    assert not holds({"prompt": "a fox", "seed": 3}, {"prompt": "a fox"}, tool="generate")


def test_steps_must_be_the_same_in_number_and_order() -> None:
    wanted = expect({"tool": "undo"}, {"tool": "log"})
    assert matches(plan(step("undo"), step("log")), wanted)
    assert not matches(plan(step("log"), step("undo")), wanted)
    assert not matches(plan(step("undo")), wanted)
    assert not matches(plan(step("undo"), step("log"), step("log")), wanted)


def test_an_answer_has_no_step() -> None:
    assert matches(plan(), expect())
    assert not matches(plan(step("log")), expect())


@pytest.mark.parametrize(("src", "met"), [(None, True), ("head", True), ("n3", True), ("n1", False), ("step:1", False)])
def test_an_unnamed_source_is_the_picture_on_the_screen(src: str | None, met: bool) -> None:
    assert matches(plan(step("edit", src)), expect({"tool": "edit"}), picture="n3") == met


def test_a_named_source_must_be_it() -> None:
    wanted = expect({"tool": "edit", "src": ["n1", "head~1"]})
    assert matches(plan(step("edit", "head~1")), wanted, picture="n3")
    assert not matches(plan(step("edit")), wanted, picture="n3")


def test_a_step_moves_the_head_for_the_next_one() -> None:
    wanted = expect({"tool": "edit"}, {"tool": "transform", "op": "flip"})
    for src in (None, "head", "step:1"):
        assert matches(plan(step("edit"), step("transform", src, op="flip")), wanted, picture="n3")
    assert not matches(plan(step("edit"), step("transform", "n3", op="flip")), wanted, picture="n3")


def test_after_a_checkout_its_version_is_the_picture() -> None:
    wanted = expect({"tool": "checkout", "ref": "n1"}, {"tool": "edit"})
    assert matches(plan(step("checkout", ref="n1"), step("edit", "n1")), wanted, picture="n3")
    assert not matches(plan(step("checkout", ref="n1"), step("edit", "n3")), wanted, picture="n3")


def test_one_of_several_expectations_is_enough(tmp_path: Path) -> None:
    text = CASE.replace(
        "expect: {steps: [{tool: undo}]}", "expect_any: [{steps: [{tool: undo}]}, {steps: [{tool: log}]}]"
    )
    (case,) = load_cases(write(tmp_path / "cases.yaml", text))
    assert passes(plan(step("undo")), case)
    assert passes(plan(step("log")), case)
    assert not passes(plan(step("redo")), case)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("tool: undo", "tool: undoo", "there is no tool"),
        ("tool: undo", "tool: undo, count: 2", "no argument count"),
        ("tool: undo", "tool: undo, src: n1", "takes no src"),
        ("tool: undo", "tool: undo, n: {contain: [two]}", "contain"),
        ("tool: undo", "tool: ask, question: {contains: [which one]}", "pattern"),
        ("picture: n3", "picture: n4", "one of the versions"),
        ("picture: n3", "picture: null", "null where there are none"),
        ('[n1, "a fox"]', '[n5, "a fox"]', "oldest first"),
        ("expect: {steps: [{tool: undo}]}", "", "either expect or expect_any"),
        ("said:", "says:", "says"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, old: str, new: str, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        load_cases(write(tmp_path / "cases.yaml", CASE.replace(old, new)))


def test_two_cases_with_one_id_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="undo-01"):
        load_cases(write(tmp_path / "cases.yaml", CASE + CASE))


@pytest.mark.parametrize(
    ("path", "count", "kinds"), [(UTTERANCES, 100, 15), (PRACTICE, 100, 15), (EVERYTHING, 200, 39)]
)
def test_the_utterances_are_so_many_different_ones(path: Path, count: int, kinds: int) -> None:
    cases = CASES[path]
    assert len(cases) == len({case.said.casefold() for case in cases}) == count
    groups = Counter(case.group for case in cases)
    assert min(groups.values()) >= 2
    assert len(groups) == kinds


def test_what_must_be_asked_declined_and_drawn_is_there_a_dozen_times_each() -> None:
    groups = Counter(case.group for case in CASES[EVERYTHING])
    assert [groups[name] for name in ("ask", "clear", "decline", "drawn")] == [12] * 4


def test_every_tool_is_expected_somewhere_but_those_that_serve_others() -> None:
    expected = {step.tool for case in CASES[EVERYTHING] for wanted in case.accepted for step in wanted.steps}
    assert arguments_models().keys() - expected == {"composite", "inpaint"}


def example(constraint: Constraint) -> JsonValue:
    match constraint:
        case AnyOf():
            return example(constraint.any_of[0])
        case Words():
            return " ".join(entry if isinstance(entry, str) else entry[0] for entry in constraint.contains)
        case Between():
            return constraint.between[0]
        case Listed():
            return [example(item) for item in constraint.items]
        case tuple():
            return constraint[0]
        case _:
            return constraint


def example_plan(wanted: Expect) -> Plan:
    steps = []
    for each in wanted.steps:
        arguments = {name: example(constraint) for name, constraint in each.arguments.items()}
        inputs = {} if each.src is None else {"src": str(example(each.src))}
        steps.append(Step(each.tool, arguments, inputs))
    return Plan(tuple(steps), "Done.")


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{path.stem}-{case.id}") for path, cases in CASES.items() for case in cases]
)
def test_every_expectation_can_be_met_and_can_be_missed(case: Case) -> None:
    for wanted in case.accepted:
        assert passes(example_plan(wanted), case)
    assert not passes(plan(step("generate", prompt="nothing of the kind")), case)
    assert not passes(plan(step("edit", instruction="nothing of the kind")), case)


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{path.stem}-{case.id}") for path, cases in CASES.items() for case in cases]
)
def test_every_expected_plan_can_be_written(case: Case) -> None:
    for wanted in case.accepted:
        steps = [
            {**_free(one.tool), "tool": one.tool, **one.arguments, **one.inputs} for one in example_plan(wanted).steps
        ]
        assert [one.tool for one in parse_plan(json.dumps({"steps": steps, "reply": "Well."})).steps] == [
            one["tool"] for one in steps
        ]


def _free(tool: str) -> dict[str, JsonValue]:
    """What a plan must say and an expectation need not."""
    required = step_schema(tool)["required"]
    named = {str(name) for name in required} & FREE if isinstance(required, list) else set()
    return dict.fromkeys(named | ({"target"} if tool == "edit" else set()), "a fox")


def test_wilson_agrees_with_the_printed_tables() -> None:
    assert wilson(50, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert wilson(10, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)


@pytest.mark.parametrize(("successes", "n"), [(1, 0), (3, 2), (-1, 5)])
def test_wilson_refuses_counts_that_are_no_share(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match="successes"):
        wilson(successes, n)


@pytest.mark.parametrize(
    ("ref", "meant"),
    [
        ("word:red", "n3"),
        ("before(word:red)", "n1"),
        ("n3", "n3"),
        ("word:dragon", "word:dragon"),
        ("before(n1)", "before(n1)"),
    ],
)
def test_what_a_plan_names_by_a_word_counts_as_the_version_that_has_it(ref: str, meant: str) -> None:
    state = State("n3", (Version("n1", "a squirrel"), Version("n3", "make the squirrel red")))
    plan = Plan((Step("checkout", {"ref": ref}, {}), Step("transplant", {"steps": [ref], "onto": ref}, {})), "")
    checkout, transplant = named(plan, state).steps
    assert checkout.arguments == {"ref": meant}
    assert transplant.arguments == {"steps": [meant], "onto": meant}
