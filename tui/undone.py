"""Whether a turn was taken back after it had ended, which its own row does not tell."""

from typing import TYPE_CHECKING

from pentimento.agent.looking import Ledger, TurnLedger, Wanted

if TYPE_CHECKING:
    from pentimento.agent.loop import Conversation

_ALL = 1_000_000
"""More turns than a session has."""


def was_undone(conversation: "Conversation", ledger: Ledger | TurnLedger, at: int | None = None) -> bool:
    """`at`: as it was after that operation. An opened picture has no turn."""
    if ledger.turn is None:
        return False
    look = conversation.look(Wanted(_ALL, since=ledger.turn.started, at=at))
    return ledger.turn.number in look.past.taken_back
