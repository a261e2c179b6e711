from dataclasses import replace

from pentimento.agent.state import State, Version
from pentimento.agent.types import Plan, Step
from pentimento.bench import first_tools
from pentimento.bench.first_tools import Begun
from pentimento.bench.held_out import messages, rows, same
from pentimento.bench.router import always_edit

STATE = State("n2", (Version("n1", "a fox in a forest"), Version("n2", "make the fox red")))
RED = Step("edit", {"instruction": "make the fox red", "target": "fox"}, {"src": "head"})


def plan(*steps: Step) -> Plan:
    return Plan(steps, "")


def test_what_differs_in_articles_and_defaults_alone_does_the_same() -> None:
    other = replace(RED, arguments={"instruction": "make fox red", "target": "the fox", "scope": "object"})
    assert same(plan(other), plan(RED), STATE)
    assert not same(
        plan(replace(RED, arguments={**RED.arguments, "instruction": "make the fox blue"})), plan(RED), STATE
    )
    assert not same(plan(RED, RED), plan(RED), STATE)


def test_a_step_that_names_no_picture_works_on_the_one_on_the_screen() -> None:
    assert same(plan(RED), plan(replace(RED, inputs={})), STATE)
    assert not same(plan(RED), plan(replace(RED, inputs={"src": "n1"})), STATE)


def test_a_version_is_the_same_by_its_id_and_by_its_words() -> None:
    by_word, by_id = (plan(Step("checkout", {"ref": ref}, {})) for ref in ("word:forest", "n1"))
    assert same(by_word, by_id, STATE)
    assert not same(by_word, plan(Step("checkout", {"ref": "n2"}, {})), STATE)


def test_the_meant_plans_themselves_are_all_right() -> None:
    found = rows(lambda example: example.plan, 60)
    assert found["same"].startswith("100 %")
    assert found["first tool"].startswith("100 %")
    assert found["a model where none is needed"].startswith("0 %")
    assert found["invalid"] == "0"


def test_always_editing_is_wrong_and_wasteful_and_nothing_is_invalid_for_it() -> None:
    found = rows(lambda example: always_edit(example.state, example.said), 60)
    assert int(found["same"].split()[0]) < 20
    assert int(found["a model where none is needed"].split()[0]) > 5
    assert rows(lambda _: None, 20)["invalid"] == "20"


def test_the_messages_are_the_same_every_time() -> None:
    assert messages(20) == messages(20)


def test_what_a_plan_begins_with_is_counted_against_what_it_may() -> None:
    found = first_tools.rows(
        [
            Begun((("ask",),), ("ask",)),
            Begun((("ask",), ("edit",)), ("edit",)),
            Begun((("ask",),), ("edit",)),
            Begun((("edit",),), ("ask",)),
            Begun((("undo",),), ("generate",)),
            Begun(((),), None),
        ]
    )
    assert {name: share.partition(" (")[0] for name, share in found.items()} == {
        "first tool": "33 %",
        "questions, recall": "67 %",
        "questions, precision": "50 %",
        "a model where none is needed": "33 %",
    }
