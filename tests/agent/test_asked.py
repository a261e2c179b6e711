import threading

from pentimento.agent.loop import Conversation
from pentimento.agent.types import Request, TurnResult
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
