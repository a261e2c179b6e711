import pytest

from pentimento.agent.plan_language import plan_form
from pentimento.agent.planner import Planner, pinned
from pentimento.agent.state import State, Version
from pentimento.agent.types import AgentError, Completion, Form, Plan, PromptTooLong, Step, Tokens
from tests.fakes import FakeLLM

UNDO = '{"steps":[{"tool":"undo"}],"reply":"Undone."}'
BROKEN = '{"steps":[{"tool":"edit","instruction":"make it red"}],"reply":""}'
NOTHING = State(None)


def test_one_completion_under_the_grammar_makes_a_plan() -> None:
    llm = FakeLLM([Completion(UNDO, evaluated=30, generated=12, finished=True)])
    planned = Planner(llm, use_system=False).plan(NOTHING, "undo")
    assert planned.plan == Plan((Step("undo", {}, {}),), "Undone.")
    assert (planned.tokens, planned.raw, planned.repaired) == (Tokens(30, 12), UNDO, False)
    assert llm.asked == [[{"role": "user", "content": "picture: none\nversions:\nsaid: undo"}]]
    assert llm.grammars == [plan_form(told=False).grammar]


def test_a_larger_model_is_told_of_the_tools_first() -> None:
    llm = FakeLLM([Completion(UNDO, 900, 12, finished=True)])
    Planner(llm, use_system=True).plan(NOTHING, "undo")
    assert [message["role"] for message in llm.asked[0]] == ["system", "user"]
    assert "checkout" in llm.asked[0][0]["content"]


@pytest.mark.parametrize(
    "first",
    [Completion(BROKEN, 30, 20, finished=True), Completion(UNDO, 30, 20, finished=False)],
    ids=["invalid", "cut off"],
)
def test_an_unusable_plan_is_repaired_once(first: Completion) -> None:
    llm = FakeLLM([first, Completion(UNDO, 40, 12, finished=True)])
    planned = Planner(llm, use_system=False).plan(NOTHING, "make it red")
    assert planned.repaired
    assert planned.tokens == Tokens(70, 32)
    assert [message["role"] for message in llm.asked[1]] == ["user", "assistant", "user"]
    assert llm.asked[1][1]["content"] == first.text
    assert llm.asked[1][2]["content"].startswith("That plan can't be used.")


def test_two_unusable_plans_are_an_error_that_a_person_can_act_on() -> None:
    llm = FakeLLM([Completion(BROKEN, 30, 20, finished=True)] * 2)
    with pytest.raises(AgentError, match="other words"):
        Planner(llm, use_system=False).plan(NOTHING, "make it red")


class Narrow:
    """A language model into which at most two versions fit."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def complete(
        self, messages: list[dict[str, str]], _form: Form, _max_tokens: int, _cancel: object = None
    ) -> Completion:
        self.asked.append(messages[-1]["content"])
        if messages[-1]["content"].count("a fox") > 2 or "long" in messages[-1]["content"]:
            raise PromptTooLong(64)
        return Completion(UNDO, 30, 12, finished=True)


def test_what_was_said_before_is_the_first_to_be_left_out() -> None:
    llm = Narrow()
    state = State("n2", (Version("n1", "a fox"), Version("n2", "a fox")), recent=("a fox -> Drawing a fox.",))
    Planner(llm, use_system=True).plan(state, "undo")
    assert [told.count("a fox = ") for told in llm.asked] == [2, 2]


def test_what_does_not_fit_is_planned_without_the_oldest_versions() -> None:
    llm = Narrow()
    state = State("n5", tuple(Version(f"n{number}", "a fox") for number in range(1, 6)))
    planned = Planner(llm, use_system=False).plan(state, "undo")
    assert (planned.plan.steps[0].tool, planned.repaired) == ("undo", False)
    assert len(llm.asked) == 4
    assert "a fox = n4\na fox = n5\nsaid: undo" in llm.asked[-1]
    assert "n3" not in llm.asked[-1]


def test_a_message_that_never_fits_is_refused() -> None:
    state = State("n1", (Version("n1", "a fox"),))
    with pytest.raises(AgentError, match=r"too long for the language model \(64 tokens\)"):
        Planner(Narrow(), use_system=False).plan(state, "long " * 50)


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (Step("undo", {"n": "abc"}, {}), "Step 1, undo, can't be used: n"),
        (Step("redo", {"n": 100_000}, {}), "Step 1, redo, can't be used: n"),
        (Step("checkout", {}, {}), "Step 1, checkout, can't be used: ref"),
        (Step("log", {"foo": 1}, {}), "Step 1, log, has no argument foo"),
        (Step("bogus", {}, {}), "Step 1 names no tool"),
        (Step("transform", {"op": "flip"}, {"mask": "n1"}), "Step 1, transform, has no argument mask"),
    ],
)
def test_a_plan_of_ones_own_is_held_to_the_plan_language(step: Step, sentence: str) -> None:
    with pytest.raises(AgentError, match=sentence):
        pinned(Plan((step,), ""))


def test_a_plan_of_ones_own_may_name_what_no_model_plans() -> None:
    step = Step("edit", {"instruction": "make it red", "target": "fox", "steps": 4}, {"src": "n1"})
    assert pinned(Plan((step,), "")).plan.steps[0].arguments["steps"] == 4


def test_the_templates_in_use_decide_the_sha() -> None:
    told, untold = (Planner(FakeLLM([]), use_system=use).prompt_sha() for use in (True, False))
    assert told != untold
    assert len(told) == 64


ASKED = '{"steps":[{"tool":"ask","question":"Which apple?","options":["the fox","the apple"]}],"reply":"Which apple?"}'
YELLOW = (
    '{"steps":[{"tool":"edit","instruction":"make the apple yellow","target":"apple","scope":"object"}],"reply":""}'
)


def test_a_question_that_the_message_answers_is_not_asked() -> None:
    llm = FakeLLM([Completion(ASKED, 30, 20, finished=True), Completion(YELLOW, 40, 12, finished=True)])
    planned = Planner(llm, use_system=False).plan(NOTHING, "i wish the apple was yellow")
    assert [step.tool for step in planned.plan.steps] == ["edit"]
    assert planned.tokens == Tokens(70, 32)
    assert llm.asked[1][0]["content"].endswith(
        "asked: i wish the apple was yellow -> Which apple? (the fox; the apple)\nsaid: the apple"
    )


@pytest.mark.parametrize("said", ["make it yellow", "the fox or the apple in yellow", "yellow, but not the apple"])
def test_one_that_it_does_not_answer_is_asked(said: str) -> None:
    llm = FakeLLM([Completion(ASKED, 30, 20, finished=True)])
    assert Planner(llm, use_system=False).plan(NOTHING, said).plan.steps[0].tool == "ask"


def test_one_that_is_asked_again_although_it_was_answered_is_asked_as_it_was_first() -> None:
    llm = FakeLLM([Completion(ASKED, 30, 20, finished=True)] * 2)
    planned = Planner(llm, use_system=False).plan(NOTHING, "i wish the apple was yellow")
    assert (planned.plan.steps[0].tool, planned.tokens) == ("ask", Tokens(30, 20))
