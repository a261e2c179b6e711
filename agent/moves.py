"""The moves of a conversation that touch no pixels: back and forth in the history, the log, one question."""

from typing import Annotated

from pydantic import BaseModel, Field

REFERENCE = r"^(head|head~[1-9]\d?|n[1-9]\d{0,5}|step:[1-6])$"
"""How a plan names a picture: the one on the screen, an ancestor of it, a version, the outcome of an earlier step."""


class UndoArgs(BaseModel, extra="forbid"):
    """Take back the last changes."""

    n: int = Field(default=1, ge=1, le=50, description="how many")


class RedoArgs(BaseModel, extra="forbid"):
    """Put back what was undone."""

    n: int = Field(default=1, ge=1, le=50, description="how many")


class CheckoutArgs(BaseModel, extra="forbid"):
    """Go to an earlier version; nothing is lost."""

    ref: str = Field(pattern=REFERENCE, max_length=8, description="the version: its id, or head~2 for two before")


class LogArgs(BaseModel, extra="forbid"):
    """Show the history."""


class AskArgs(BaseModel, extra="forbid"):
    """Ask one question, only where a wrong guess would cost a picture and the choices differ visibly."""

    question: str = Field(min_length=1, max_length=200, description="one sentence")
    options: list[Annotated[str, Field(min_length=1, max_length=60)]] = Field(
        default=[], max_length=6, description="answers to choose from"
    )


MOVES: dict[str, type[BaseModel]] = {
    "undo": UndoArgs,
    "redo": RedoArgs,
    "checkout": CheckoutArgs,
    "log": LogArgs,
    "ask": AskArgs,
}
"""Every move by name; `agent/moves.py` holds their arguments, the loop carries them out."""
