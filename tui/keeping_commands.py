"""The commands that look after the whole home: fsck, gc, forget, backup, restore, recover."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pentimento.tui.command_parts import of_program
from pentimento.tui.keeping_text import (
    backed_up_text,
    collected_text,
    forgotten_text,
    question,
    recovered_text,
    restored_text,
)
from pentimento.tui.problems import Problem
from pentimento.tui.shell import FAILED, confirmed, remark, show

if TYPE_CHECKING:
    from pentimento.agent.keeping import Keeper

Run = Annotated[bool, typer.Option("--run", help="Remove them; without it they are only counted.")]
Grace = Annotated[float, typer.Option("--grace", min=0, max=36500, help="Days that everything is kept at least.")]
Ref = Annotated[str | None, typer.Argument(help="head, head~2, n3, branch:NAME, tag:NAME; none with --session: all.")]
Session = Annotated[str | None, typer.Option("--session", help="The session of the picture, or the one to forget.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the backup.")]
SetAside = Annotated[bool, typer.Option("--force", help="Set aside what is there, and take what a damaged backup has.")]
Rebuild = Annotated[bool, typer.Option("--force", help="Rebuild the database though it seems whole.")]


def register(cli: typer.Typer) -> None:
    for command in (fsck, gc, forget, backup, restore, recover):
        cli.command()(command)


def fsck(context: typer.Context) -> None:
    """Look for damage in the history and in every picture; exit with 1 when there is any."""
    with _keeper(context) as keeper:
        problems = keeper.problems()
    if not problems:
        show("All is well.")
        return
    show("\n".join(problems))
    show("Pictures come back from a backup (pentimento restore), the rest from the journal (pentimento recover).")
    raise typer.Exit(FAILED)


def gc(context: typer.Context, run: Run = False, grace: Grace = 30) -> None:
    """Count, or remove, the pictures that nothing leads to any more and the files that belong to nothing."""
    with _keeper(context) as keeper:
        show(collected_text(keeper.collect(grace, run=run), run=run))


def forget(context: typer.Context, ref: Ref = None, session: Session = None, yes: Yes = False) -> None:
    """Destroy a picture, or a whole session, and the words that made it; this can't be undone."""
    named = session if session is not None else of_program(context)
    if ref is None and named is None:
        raise typer.BadParameter("say which picture, or which session with --session NAME", param_hint="REF")
    with _keeper(context) as keeper:
        target = keeper.target(named, ref)
        if not yes and not sys.stdin.isatty():
            raise Problem("What is forgotten can't be brought back; say --yes to forget without being asked.")
        if not yes and not confirmed(question(target)):
            show("Nothing was forgotten.")
            return
        found = keeper.forget(target)
        show(forgotten_text(target, found, keeper.head(target)))


def backup(context: typer.Context, folder: Folder) -> None:
    """Copy everything into a folder; once more into the same folder adds what is new."""
    with _keeper(context) as keeper:
        found = keeper.back_up(folder)
    show(backed_up_text(found, folder))
    if found.problems:
        raise typer.Exit(FAILED)


def restore(context: typer.Context, folder: Folder, force: SetAside = False) -> None:
    """Put a backup in place of all that is here."""
    from pentimento.agent import keeping

    found = keeping.restore(folder, context.obj, force=force)
    show(restored_text(found, folder))
    if found.problems:
        raise typer.Exit(FAILED)


def recover(context: typer.Context, force: Rebuild = False) -> None:
    """Rebuild a database that is damaged or gone from the journal beside it."""
    from pentimento.agent import keeping

    found = keeping.recover(context.obj, force=force)
    show("The history is whole; there is nothing to recover." if found is None else recovered_text(found))


def _keeper(context: typer.Context) -> "Keeper":
    from pentimento.agent.bootstrap import open_keeper

    keeper = open_keeper(context.obj)
    for warning in keeper.warnings:
        remark(warning)
    return keeper
