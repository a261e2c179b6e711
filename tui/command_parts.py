"""What the commands share: their options, how a session is opened for one, how a result is printed."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pentimento.agent.types import TurnResult, TurnStatus
from pentimento.tui import json_lines
from pentimento.tui.shell import complain, exit_code, remark, show

if TYPE_CHECKING:
    from pentimento.agent.loop import Conversation

Session = Annotated[str | None, typer.Option("--session", help="The session; left out: the one used last.")]
Seed = Annotated[int | None, typer.Option("--seed", min=0, max=2**32 - 1, help="Decides every draw of a turn.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object per line (docs/json.md).")]
NoFallback = Annotated[
    bool, typer.Option("--no-fallback", help="Never recolour with the exact tool where the model failed.")
]
Out = Annotated[Path | None, typer.Option("--out", help="Write each turn's pictures and turns.jsonl here.")]


@contextmanager
def opened(context: typer.Context, session: str | None, *, known: bool = False) -> Iterator["Conversation"]:
    """The session that a command names, or else the program: `pentimento --session S log`."""
    conversation = open_session(context, session if session is not None else of_program(context), known=known)
    for warning in conversation.warnings:
        remark(warning)
    try:
        yield conversation
    finally:
        conversation.close()


def of_program(context: typer.Context) -> str | None:
    """The session that was named before the command."""
    session: str | None = context.parent.params.get("session") if context.parent else None
    return session


def open_session(
    context: typer.Context, session: str | None, *, fresh: bool = False, known: bool = False
) -> "Conversation":
    from pentimento.agent.bootstrap import open_conversation

    return open_conversation(context.obj, session, fresh=fresh, known=known, plans=_plans(context))


def _plans(context: typer.Context) -> bool:
    """Whether a language model plans: not after `pentimento --no-llm`, with or without a command."""
    return not context.find_root().params.get("no_llm")


def show_result(result: TurnResult, line: json_lines.Line, as_text: Callable[[TurnResult], str], *, json: bool) -> None:
    """Print what came of it, and exit with its code."""
    if json:
        json_lines.write_line(line, sys.stdout)
    elif result.status is TurnStatus.FAILED:
        complain(result.reply)
    else:
        show(as_text(result))
    raise typer.Exit(exit_code(result.status))
