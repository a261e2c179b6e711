"""The commands that look at the history: `log` and `show`. Nothing is changed by them."""

import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from pentimento.agent.looking import Ledger, Look, TurnLedger, Wanted
from pentimento.tui import json_lines
from pentimento.tui.command_parts import Json, Session, opened
from pentimento.tui.ledger_text import ledger_text
from pentimento.tui.log_text import Paper, log_text, operations_text
from pentimento.tui.moment import parse_moment
from pentimento.tui.options import spread
from pentimento.tui.shell import show
from pentimento.tui.turn_number import parse_turn
from pentimento.tui.undone import was_undone

if TYPE_CHECKING:
    from pentimento.agent.loop import Conversation

NOTHING_SAID = 'Nothing has been said yet: try pentimento say "a squirrel eating a nut in a forest".'
AtOp = Annotated[
    int | None,
    typer.Option("--at-op", min=1, max=10**9, metavar="N", help="As it was after operation N (log --operations)."),
]


def register(cli: typer.Typer) -> None:
    cli.command()(spread(log))
    cli.command(name="show")(show_node)


@dataclass(frozen=True)
class LogOptions:
    session: Session = None
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="So many entries, the newest.")] = 50
    branch: Annotated[str, typer.Option("--branch", metavar="NAME", help="Only what led to this branch.")] = ""
    tool: Annotated[str, typer.Option("--tool", metavar="NAME", help="Only what this tool made.")] = ""
    since: Annotated[
        datetime | None,
        typer.Option("--since", parser=parse_moment, metavar="MOMENT", help="2026-11-20, yesterday, 3h …"),
    ] = None
    search: Annotated[str, typer.Option("--search", metavar="WORDS", help="Only where these words stand.")] = ""
    everywhere: Annotated[bool, typer.Option("--all", help="With --search: in all sessions.")] = False
    operations: Annotated[
        bool, typer.Option("--operations", help="What was done, and which branches and tags it moved.")
    ] = False
    at: AtOp = None
    newest_first: Annotated[bool, typer.Option("--newest-first", help="The newest at the top.")] = False
    json: Json = False

    @property
    def narrowed(self) -> bool:
        return bool(self.branch or self.tool or self.search or self.since)

    def wanted(self) -> Wanted:
        return Wanted(self.limit, tool=self.tool, since=self.since, words=self.search, at=self.at)

    def check(self) -> None:
        """Raises `typer.BadParameter` for options that do not go together."""
        if self.everywhere and (not self.search or self.branch or self.at is not None or self.operations):
            raise typer.BadParameter("it looks for words in all sessions: log --all --search WORDS", param_hint="--all")
        if self.operations and self.narrowed:
            raise typer.BadParameter("it goes with --limit and --at-op only", param_hint="--operations")


def log(context: typer.Context, options: LogOptions) -> None:
    """Show what was said and what came of it, as a graph."""
    options.check()
    with opened(context, options.session, known=True) as conversation:
        if options.operations:
            _show_operations(conversation, options)
        elif options.everywhere:
            _show_everywhere(conversation.look_everywhere(options.wanted()), options)
        else:
            _show_look(conversation.look(options.wanted(), options.branch), options)


def show_node(
    context: typer.Context,
    ref: Annotated[str, typer.Argument(help="head, head~2, n3, branch:NAME, tag:NAME, before(n3).")] = "",
    turn: Annotated[
        int | None,
        typer.Option("--turn", parser=parse_turn, metavar="N", help="A turn instead, as log numbers it, or last."),
    ] = None,
    session: Session = None,
    at: AtOp = None,
    json: Json = False,
) -> None:
    """Show all that is known of a picture, or of a turn: words, plan, what the picture model was told, what was measured."""
    if bool(ref) == (turn is not None) or (turn is not None and at is not None):
        raise typer.BadParameter("name one picture, such as head, or a turn with --turn N", param_hint="REF")
    with opened(context, session, known=True) as conversation:
        ledger = conversation.ledger(ref, at) if turn is None else conversation.turn_ledger(turn)
        put_ledger(conversation, ledger, at, json=json)


def put_ledger(conversation: "Conversation", ledger: Ledger | TurnLedger, at: int | None = None, *, json: bool) -> None:
    """Print it, for a person or for a program."""
    undone = was_undone(conversation, ledger, at)
    if not json:
        show(ledger_text(ledger, paper().width, undone=undone))
    elif isinstance(ledger, TurnLedger):
        line = json_lines.turn_ledger_line(ledger, conversation.name, undone=undone)
        json_lines.write_line(line, sys.stdout)
    else:
        json_lines.write_line(json_lines.ledger_line(ledger), sys.stdout)


def _show_look(look: Look, options: LogOptions) -> None:
    if options.json:
        _write(json_lines.log_lines(look, options.at))
    elif look.past.turns or look.past.pictures:
        _put(log_text(look, paper(newest_first=options.newest_first)))
    else:
        show("Nothing in this session matches that." if options.narrowed else NOTHING_SAID)


def _show_everywhere(looks: Iterable[Look], options: LogOptions) -> None:
    found = list(looks)
    if not found and not options.json:
        show("These words stand in no session.")
    for number, look in enumerate(found):
        if not options.json:
            show(f"\n{look.session}" if number else look.session)
        _show_look(look, options)


def _show_operations(conversation: "Conversation", options: LogOptions) -> None:
    operations = conversation.operations(options.limit, options.at)
    if options.json:
        _write(map(json_lines.operation_line, operations))
    else:
        _put(operations_text(operations, paper(newest_first=options.newest_first)) or NOTHING_SAID)


def paper(*, newest_first: bool = False) -> Paper:
    """What is written on: the terminal; in a pipe lines stay whole."""
    if not sys.stdout.isatty():
        return Paper(newest_first=newest_first)
    dims = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Paper(shutil.get_terminal_size().columns, dims, newest_first)


def _put(safe: str) -> None:
    """Write a text that is made safe already."""
    sys.stdout.write(safe + "\n")
    sys.stdout.flush()


def _write(lines: Iterable[json_lines.Line]) -> None:
    for line in lines:
        json_lines.write_line(line, sys.stdout)
