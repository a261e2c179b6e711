import os
from pathlib import Path

import pytest

from pentimento.agent.llm import LlamaCpp, threads_for
from pentimento.agent.plan_language import parse_plan, plan_form
from pentimento.agent.planner import Planner
from pentimento.agent.state import State, Version
from pentimento.agent.types import AgentError, Completion, Form, Stop
from pentimento.tools.types import Cancelled

SHIPPED = Path(__file__).parents[2] / "models" / "starter" / "planner" / "planner.gguf"
STATE = State("n1", (Version("n1", "a squirrel eating a nut in a forest"),))


@pytest.fixture(scope="module")
def shipped() -> LlamaCpp:
    return LlamaCpp(str(SHIPPED), n_ctx=1024, threads=1)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AgentError, match=r"nothing\.gguf is not there"):
        LlamaCpp(str(tmp_path / "nothing.gguf"))


@pytest.mark.parametrize("content", [b"", b"GGUF", b"not a model at all" * 100])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(content)
    with pytest.raises(AgentError, match="can't be loaded"):
        LlamaCpp(str(path))


@pytest.mark.llm
@pytest.mark.slow
def test_the_shipped_model_plans_the_first_conversation(shipped: LlamaCpp) -> None:
    planner = Planner(shipped, use_system=False)
    drawn = planner.plan(State(None), "a squirrel eating a nut in a forest")
    assert drawn.plan.steps[0].arguments == {"prompt": "a squirrel eating a nut in a forest"}
    red = planner.plan(STATE, "make the squirrel red")
    assert red.plan.steps[0].arguments == {"instruction": "make the squirrel red", "target": "squirrel"}
    assert planner.plan(STATE, "undo").plan.steps[0].tool == "undo"


@pytest.mark.llm
@pytest.mark.slow
def test_the_same_question_has_the_same_answer_and_costs_one_token(shipped: LlamaCpp) -> None:
    messages = [{"role": "user", "content": "picture: none\nversions:\nsaid: draw a fox"}]
    first, second = (shipped.complete(messages, plan_form(told=False), 200) for _ in range(2))
    assert first.text == second.text
    assert (first.generated, second.evaluated) == (second.generated, 1)


@pytest.mark.llm
@pytest.mark.slow
def test_a_completion_that_is_cut_off_says_so(shipped: LlamaCpp) -> None:
    messages = [{"role": "user", "content": "picture: none\nversions:\nsaid: draw a fox"}]
    assert not shipped.complete(messages, plan_form(told=False), 5).finished


@pytest.mark.llm
@pytest.mark.slow
def test_a_message_beyond_the_context_is_refused_and_the_next_one_is_planned(shipped: LlamaCpp) -> None:
    planner = Planner(shipped, use_system=False)
    with pytest.raises(AgentError, match="fewer words"):
        planner.plan(STATE, "make the squirrel red " * 400)
    assert planner.plan(STATE, "undo").plan.steps


@pytest.mark.llm
@pytest.mark.slow
def test_a_malformed_grammar_is_refused_and_the_process_lives(shipped: LlamaCpp) -> None:
    with pytest.raises(AgentError, match="grammar"):
        shipped.complete([{"role": "user", "content": "x"}], Form("root ::= missing"), 5)


@pytest.mark.llm
@pytest.mark.slow
@pytest.mark.parametrize(
    "said", ["", "{}", '"', "\\", "<|im_end|>", "\x00\x1b[2J", "🚀" * 30, "ß 松鼠", "'; drop table"]
)
def test_any_message_gets_a_plan(shipped: LlamaCpp, said: str) -> None:
    answer = shipped.complete(
        [{"role": "user", "content": f"picture: none\nversions:\nsaid: {said}"}], plan_form(told=False), 320
    )
    if answer.finished:
        parse_plan(answer.text)


class StopsAfter:
    """A person who presses the key after so many looks at it."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def is_set(self) -> bool:
        self.looks -= 1
        return self.looks < 0


ENDLESS = Form("root ::= [a-z ]{200,}")


@pytest.mark.llm
@pytest.mark.slow
@pytest.mark.parametrize("looks", [0, 1, 40, 20_000], ids=["before", "at the prompt", "within it", "while it writes"])
def test_a_plan_that_is_being_written_can_be_stopped_and_the_next_one_is_the_same_as_ever(
    shipped: LlamaCpp, looks: int
) -> None:
    asked = [{"role": "user", "content": f"picture: none\nversions:\nsaid: {'draw a fox ' * 40}{looks}"}]
    stop = StopsAfter(looks)
    with pytest.raises(Cancelled):
        shipped.complete(asked, ENDLESS, 500, stop)
    assert stop.looks < 0
    next_one = [{"role": "user", "content": "picture: none\nversions:\nsaid: draw a fox"}]
    untouched = LlamaCpp(str(SHIPPED), n_ctx=1024, threads=1)
    form = plan_form(told=False)
    assert shipped.complete(next_one, form, 200).text == untouched.complete(next_one, form, 200).text
    untouched.close()


@pytest.mark.llm
@pytest.mark.slow
def test_a_model_that_writes_for_ever_is_cut_off_and_so_is_its_second_attempt(shipped: LlamaCpp) -> None:
    class Forever:
        def complete(
            self, messages: list[dict[str, str]], _form: Form, tokens: int, cancel: Stop | None = None
        ) -> Completion:
            return shipped.complete(messages, Form("root ::= [a-z ]+"), tokens, cancel)

    planner = Planner(Forever(), use_system=False, max_tokens=40)
    with pytest.raises(AgentError, match=r"^I could not make a plan for that; please say it in other words\.$"):
        planner.plan(STATE, "make the squirrel red")


def test_a_file_of_a_kind_that_llama_cpp_does_not_know_is_named_with_its_kind(tmp_path: Path) -> None:
    path = tmp_path / "other.gguf"
    path.write_bytes(SHIPPED.read_bytes().replace(b"llama", b"zebra"))
    with pytest.raises(AgentError, match=r"other\.gguf can't be loaded: llama\.cpp knows no model of its kind, zebra"):
        LlamaCpp(str(path))


def test_a_small_model_runs_on_one_thread_and_a_large_one_on_those_that_there_are() -> None:
    assert threads_for(SHIPPED.stat().st_size) == 1
    assert 1 <= threads_for(4_000_000_000) <= (os.cpu_count() or 1)
