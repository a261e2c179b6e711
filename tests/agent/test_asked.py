import threading

import pytest

from pentimento.agent.asked import WHAT_GOES, spared, which
from pentimento.agent.loop import Conversation
from pentimento.agent.state import State, Version
from pentimento.agent.types import Plan, Request, Step, TurnResult, TurnStarted
from tests.fakes_agent import Desk, Watcher, plan


def say(conversation: Conversation, said: str) -> TurnResult:
    return conversation.act(Request(said, seed=7), Watcher(), threading.Event())


def last_lines(desk: Desk) -> list[str]:
    """Of what the language model was told last, from "asked" on."""
    return str(desk.llm.asked[-1][-1]["content"]).splitlines()[-2:]


def test_the_answer_to_a_question_is_planned_with_the_question_and_what_led_to_it(desk: Desk) -> None:
    ask = plan({"tool": "ask", "question": "Which one should be red?", "options": ["the fox", "the boat"]})
    desk.llm.answers.extend([plan({"tool": "generate", "prompt": "a fox and a boat"}), ask, plan(), plan()])
    conversation = desk.conversation()
    say(conversation, "a fox and a boat")
    say(conversation, "make it\nred")
    say(conversation, "the fox")
    assert last_lines(desk) == ["asked: make it red -> Which one should be red? (the fox; the boat)", "said: the fox"]
    say(conversation, "thanks")
    assert last_lines(desk)[0].endswith("= n1")


def test_it_is_known_after_a_restart(desk: Desk) -> None:
    desk.llm.answers.extend([plan({"tool": "ask", "question": "Which one?"}), plan()])
    say(desk.conversation(), "bigger")
    say(desk.conversation(), "the fox")
    assert last_lines(desk) == ["asked: bigger -> Which one?", "said: the fox"]


def asked(*options: str) -> str:
    return plan({"tool": "ask", "question": "Which one?", "options": [*options]}, reply="Which one?")


@pytest.mark.parametrize("said", ["2", " 2. "])
def test_a_number_is_the_answer_that_stands_behind_it(desk: Desk, said: str) -> None:
    desk.llm.answers.extend([asked("the fox", "the boat"), plan()])
    conversation = desk.conversation()
    assert say(conversation, "bigger").reply == "Which one?\n  1. the fox\n  2. the boat"
    watcher = Watcher()
    assert conversation.act(Request(said), watcher, threading.Event()).said == "the boat"
    assert last_lines(desk) == ["asked: bigger -> Which one? (the fox; the boat)", "said: the boat"]
    assert watcher.seen[0] == TurnStarted("the boat")
    assert conversation.turns(1)[0].said == "the boat"


def test_its_plan_can_be_looked_at_too(desk: Desk) -> None:
    desk.llm.answers.extend([asked("the fox", "the boat"), plan()])
    conversation = desk.conversation()
    say(conversation, "bigger")
    assert conversation.plan("1").said == "the fox"


@pytest.mark.parametrize("said", ["0", "3", "-1", "2 foxes", "²", "9" * 4000])
def test_any_other_number_is_what_it_says(desk: Desk, said: str) -> None:
    desk.llm.answers.extend([asked("the fox", "the boat"), plan()])
    conversation = desk.conversation()
    say(conversation, "bigger")
    assert say(conversation, said).said == said


def test_answers_that_are_numbers_are_said_as_they_are(desk: Desk) -> None:
    desk.llm.answers.extend([asked("3", "2"), plan()])
    conversation = desk.conversation()
    assert say(conversation, "foxes").reply == "Which one?\n  - 3\n  - 2"
    assert say(conversation, "2").said == "2"


def test_a_number_answers_the_last_question_alone(desk: Desk) -> None:
    desk.llm.answers.extend([asked("the fox", "the boat"), plan(), plan()])
    conversation = desk.conversation()
    say(conversation, "bigger")
    say(conversation, "never mind")
    assert say(conversation, "2").said == "2"


def going(words: str) -> Plan:
    return Plan((Step("checkout", {"ref": f"word:{words}"}, {}),), "Going there.")


def seen(*labels: str, head: int) -> State:
    versions = tuple(Version(f"n{number}", label) for number, label in enumerate(labels, start=1))
    return State(f"n{head}", versions)


def test_to_go_to_what_several_versions_are_called_is_a_question() -> None:
    state = seen("a red fox", "put it at night", "a red boat", "an owl", head=4)
    asks = which(going("red"), "the red one", state)
    assert [step.arguments["options"] for step in asks.steps] == [["n1, a red fox", "n3, a red boat"]]


def test_the_version_on_the_screen_is_none_of_them() -> None:
    state = seen("a red fox", "an owl", "make the owl red", head=3)
    assert which(going("red"), "the red one", state).steps == (Step("checkout", {"ref": "n1"}, {}),)


def test_of_several_made_alike_in_one_step_the_last_is_meant() -> None:
    state = seen("a red fox", "a red fox", "an owl", head=3)
    assert which(going("red"), "the red one", state) == going("red")


def test_a_version_is_not_called_by_what_it_lost() -> None:
    state = seen("a fox", "replace the fox with a boat", "an owl", "remove the owl", "a bus", head=5)
    assert which(going("fox"), "the fox", state).steps == (Step("checkout", {"ref": "n1"}, {}),)
    assert which(going("owl"), "back to the owl", state).steps == (Step("checkout", {"ref": "n3"}, {}),)
    assert which(going("owl"), "the one without the owl", state) == going("owl")


@pytest.mark.parametrize(
    "said", ["remove everything except the fox", "delete all but the red fox!", "leave nothing but my fox"]
)
def test_what_is_to_be_kept_does_not_go(said: str) -> None:
    removing = Plan((Step("edit", {"instruction": "remove the fox", "target": "fox"}, {}),), "Removing the fox.")
    assert spared(removing, said) == Plan((Step("ask", {"question": WHAT_GOES}, {}),), WHAT_GOES)
    assert spared(removing, "remove the fox, everything else is fine") == removing
    assert spared(removing, "remove everything but the tree") == removing
