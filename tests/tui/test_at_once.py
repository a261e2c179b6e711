import pytest

from pentimento.agent.album import LAST
from pentimento.agent.types import AgentError
from pentimento.tui.at_once import Helped, Shown, at_once
from pentimento.tui.problems import MessageError
from pentimento.tui.written import words_of


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("/help", Helped("")),
        ("/help adjust", Helped("adjust")),
        ("/help /adjust", Helped("adjust")),
        ("/adjust help", Helped("adjust")),
        (" /show ", Shown("head")),
        ("/show ref=head~2", Shown("head~2")),
        ("/show turn=3", Shown(turn=3)),
        ("/show turn=#12", Shown(turn=12)),
        ("/show turn=last", Shown(turn=LAST)),
    ],
)
def test_a_help_and_a_look_make_no_turn(message: str, wanted: Helped | Shown) -> None:
    assert at_once(words_of(message)) == wanted


@pytest.mark.parametrize("message", ["help", "/adjust brightness=5", "/log", "/", "show", '/draw_text text="help"'])
def test_all_else_is_a_turn(message: str) -> None:
    assert at_once(words_of(message)) is None


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ("/help adjust foo", "Have one thing explained: /help adjust"),
        ("/show turn=soon", "“soon” is no turn; write its number in the log, such as 3, or last"),
        ("/show turn=0", "“0” is no turn"),
        ("/show turn=3 ref=n1", "Show one thing: /show ref=n3 or /show turn=3"),
        ("/show ref=it", "“it” is no reference"),
        ("/show nose=n1", "has no argument nose"),
    ],
)
def test_what_can_not_be_shown_is_said(message: str, problem: str) -> None:
    with pytest.raises((MessageError, AgentError), match=problem):
        at_once(words_of(message))
