"""The commands on models: models list, show, pull, verify, use. Only pull goes to the network."""

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from pentimento.tui import json_lines
from pentimento.tui.command_parts import Json
from pentimento.tui.keeping_text import size
from pentimento.tui.models_text import list_text, pull_text, show_text
from pentimento.tui.problems import Problem
from pentimento.tui.sanitize import one_line
from pentimento.tui.shell import FAILED, confirmed, show

if TYPE_CHECKING:
    from pentimento.agent.stock import Fetched

ASK_ABOVE = 100_000_000
"""Bytes from which a download is asked about."""
OFTEN = 0.2
"""Seconds between two looks at how far it is."""

Name = Annotated[str, typer.Argument(metavar="NAME", help="A profile, as models list names it.")]
OptionalName = Annotated[str | None, typer.Argument(metavar="NAME", help="A profile; left out: the one in use.")]
OneOrAll = Annotated[
    str | None, typer.Argument(metavar="NAME", help="A profile; left out: the one in use and all that was pulled.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask, however large it is.")]
Renew = Annotated[bool, typer.Option("--renew", help="What the hub has today instead of the commit that is locked.")]


def register(cli: typer.Typer) -> None:
    models = typer.Typer(add_completion=False)
    models.callback(invoke_without_command=True)(start)
    models.command(name="list")(list_models)
    models.command(name="show")(show_model)
    models.command()(pull)
    models.command()(verify)
    models.command()(use)
    cli.add_typer(models, name="models")


def start(context: typer.Context) -> None:
    """Which models draw, find and plan; without a command it lists the profiles."""
    if context.invoked_subcommand is None:
        list_models(context)


def list_models(context: typer.Context, json: Json = False) -> None:
    """List the profiles: which is in use, what is missing."""
    from pentimento.agent import stock

    standings = stock.profiles(context.obj)
    if json:
        for standing in standings:
            json_lines.write_line(json_lines.profile_line(standing), sys.stdout)
        return
    show(list_text(standings))


def show_model(context: typer.Context, name: OptionalName = None, json: Json = False) -> None:
    """Show the models of a profile, where they are from."""
    from pentimento.agent import stock

    standing = stock.profile(context.obj, name)
    if json:
        json_lines.write_line(json_lines.profile_line(standing), sys.stdout)
        return
    show(show_text(standing))


def pull(context: typer.Context, name: Name, yes: Yes = False, renew: Renew = False) -> None:
    """Fetch what is missing; asks first if that is much."""
    from pentimento.agent import stock

    order = stock.order_of(context.obj, name, renew=renew)
    if order.left:
        show(pull_text(order))
    if order.left > ASK_ABOVE and not yes:
        if not sys.stdin.isatty():
            raise Problem(f"{size(order.left)} are to be fetched; say --yes to fetch them without being asked.")
        if not confirmed("Fetch them?"):
            show("Nothing was fetched.")
            return
    with Meter() as meter:
        order.run(meter.show)
    used = stock.profile(context.obj, name).used
    show(f"All of {name} is here{'.' if used else f'; use it with: pentimento models use {name}.'}")


def verify(context: typer.Context, name: OneOrAll = None) -> None:
    """Read all that was pulled; exit 1 if anything differs."""
    from pentimento.agent import stock

    with Meter() as meter:
        problems = stock.verify(context.obj, name, meter.show)
    if not problems:
        show("All is well.")
        return
    show("\n".join(one_line(problem, 500) for problem in problems))
    show("What was pulled comes back with pentimento models pull NAME; delete what was never pulled.")
    raise typer.Exit(FAILED)


def use(context: typer.Context, name: Name) -> None:
    """Use a profile from now on."""
    from pentimento.agent import stock

    stock.use(context.obj, name)
    show(f"{name} is in use.")


class Meter:
    """How far a download or a check is, on one line that is rewritten and wiped at the end; silent unless on a terminal."""

    def __init__(self) -> None:
        self._shown_at = 0.0

    def __enter__(self) -> "Meter":
        return self

    def __exit__(self, *_: object) -> None:
        self._write("")

    def show(self, fetched: "Fetched") -> None:
        if time.monotonic() - self._shown_at >= OFTEN:
            self._shown_at = time.monotonic()
            share = fetched.done / fetched.total if fetched.total else 1.0
            self._write(one_line(f"{share:.0%} of {size(fetched.total)}, {fetched.name}", 76))

    def _write(self, line: str) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{line}")
            sys.stderr.flush()
