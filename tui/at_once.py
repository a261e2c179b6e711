"""Messages that are answered at once and make no turn: /help, /help adjust, /show ref=n3, /show turn=3."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from typer import BadParameter

from pentimento.agent.looking import Ledger, TurnLedger
from pentimento.tui.ledger_text import ledger_text
from pentimento.tui.problems import MessageError
from pentimento.tui.tool_help import help_text
from pentimento.tui.turn_number import parse_turn
from pentimento.tui.undone import was_undone
from pentimento.tui.written import written_plan

if TYPE_CHECKING:
    from pentimento.agent.loop import Conversation

HELP, SHOW = "help", "show"
_TURN = "turn="


@dataclass(frozen=True)
class Helped:
    """What is to be explained: a tool or a move, all of them where the name is empty."""

    name: str

    def text(self, _conversation: "Conversation", width: int | None) -> str:
        return help_text(self.name, width)


@dataclass(frozen=True)
class Shown:
    """What is to be shown: the turn of that number, else the one that made a picture."""

    ref: str = "head"
    turn: int | None = None

    def ledger(self, conversation: "Conversation") -> Ledger | TurnLedger:
        """Of a picture that was opened, which no turn made, the picture's own."""
        if self.turn is not None:
            return conversation.turn_ledger(self.turn)
        picture = conversation.ledger(self.ref)
        return picture if picture.turn is None else conversation.turn_ledger(picture.turn.number)

    def text(self, conversation: "Conversation", width: int | None) -> str:
        ledger = self.ledger(conversation)
        return ledger_text(ledger, width, undone=was_undone(conversation, ledger))


def at_once(words: Sequence[str]) -> Helped | Shown | None:
    """What the words of a written out step ask for; None where they make a turn. Raises MessageError, `AgentError`."""
    if words[:1] == [HELP] and len(words) > 2:
        raise MessageError("Have one thing explained: /help adjust.")
    if words[:1] == [HELP]:
        return Helped(words[1].removeprefix("/") if len(words) > 1 else "")
    if words[1:] == [HELP]:
        return Helped(words[0])
    return _shown(words) if words[:1] == [SHOW] else None


def _shown(words: Sequence[str]) -> Shown:
    turns = [word.removeprefix(_TURN) for word in words[1:] if word.startswith(_TURN)]
    if not turns:
        (step,) = written_plan(words).steps
        return Shown(str(step.arguments.get("ref", "head")))
    if len(words) > 2:
        raise MessageError("Show one thing: /show ref=n3 or /show turn=3.")
    try:
        return Shown(turn=parse_turn(turns[0]))
    except BadParameter as error:
        raise MessageError(f"{error.message}.") from error
