import pytest

from pentimento.agent.plan_language import plan_grammar
from pentimento.agent.planner import Planner
from pentimento.agent.state import State
from pentimento.agent.types import AgentError, Completion, Plan, Step, Tokens
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
    assert llm.grammars == [plan_grammar()]


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


def test_the_templates_in_use_decide_the_sha() -> None:
    told, untold = (Planner(FakeLLM([]), use_system=use).prompt_sha() for use in (True, False))
    assert told != untold
    assert len(told) == 64
