"""The commands. What goes wrong is one sentence on stderr; `docs/json.md` has what goes right.

Exit codes: 0 done, asked, answered or declined; 1 failed, or an expectation of a script not met; 2 bad usage or
input; 130 cancelled.
"""

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from pentimento.agent.types import AgentError, Request, StoreError
from pentimento.tui import (
    history_commands,
    json_lines,
    keeping_commands,
    models_commands,
    move_commands,
    plain,
    transfer_commands,
)
from pentimento.tui.at_once import Helped, Shown, at_once
from pentimento.tui.command_parts import (
    Json,
    NoFallback,
    Out,
    Seed,
    Session,
    of_program,
    open_session,
    opened,
    show_result,
)
from pentimento.tui.command_text import to_be_planned
from pentimento.tui.message import checked_message
from pentimento.tui.problems import Problem
from pentimento.tui.shell import CANCELLED, DONE, ShellProgress, complain, interruptible, show
from pentimento.tui.tool_help import help_text
from pentimento.tui.written import request_of, words_of, written_plan

cli = typer.Typer(
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="An image editor that you talk to. Without a command it opens the screen.",
)


def run(arguments: list[str], home: Path) -> int:
    """Run one command on the data in `home` and return its exit code."""
    _write_anything()
    try:
        code = cli(args=arguments, standalone_mode=False, prog_name="pentimento", obj=home)
    except TyperException as error:
        return complain(f"{error.format_message()} (see pentimento --help)")
    except (AgentError, StoreError, Problem) as error:
        return complain(str(error))
    except OSError as error:
        return complain(f"{error.filename or 'The file system'}: {error.strerror or error}.")
    except KeyboardInterrupt:
        code = CANCELLED
    if code == CANCELLED:
        complain("Cancelled.")
    return code if isinstance(code, int) else DONE


@cli.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    session: Session = None,
    no_llm: Annotated[
        bool, typer.Option("--no-llm", help="Load no language model: steps are written out, /adjust brightness=20.")
    ] = False,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """An image editor that you talk to. Without a command it opens the screen."""
    if show_version:
        from importlib.metadata import version

        show(f"pentimento {version('pentimento')}")
        raise typer.Exit(DONE)
    if context.invoked_subcommand is None:
        raise typer.Exit(_screen(context, session, plans=not no_llm))


@cli.command()
def say(
    context: typer.Context,
    words: str,
    session: Session = None,
    seed: Seed = None,
    json: Json = False,
    no_fallback: NoFallback = False,
) -> None:
    """Do one turn: say what you would like to see, or what to change; or write a step out: "/adjust brightness=20"."""
    planned = to_be_planned(words)
    wanted = None if planned else at_once(words_of(words))
    if planned or wanted is not None:
        _check_unused(seed, no_fallback=no_fallback)
    if planned:
        plan(context, planned, session, json)
    elif wanted is not None:
        _answer(context, wanted, session, json=json)
    else:
        request = replace(request_of(words), seed=seed, fallback=not no_fallback)
        _act(context, request, session, json=json)


@cli.command()
def plan(context: typer.Context, words: str, session: Session = None, json: Json = False) -> None:
    """Show the plan for a sentence without running it."""
    message = checked_message(words)
    with opened(context, session, known=True) as conversation:
        result = conversation.plan(message)
        show_result(result, json_lines.plan_line(result, conversation.name), plain.plan_text, json=json)


@cli.command(name="do")
def do_step(
    context: typer.Context,
    tool: Annotated[str, typer.Argument(help="edit, adjust, segment, outpaint, describe …; a wrong one names all.")],
    arguments: Annotated[list[str] | None, typer.Argument(help="brightness=20 target=squirrel mask=n4 …")] = None,
    session: Session = None,
    seed: Seed = None,
    json: Json = False,
    no_fallback: NoFallback = False,
) -> None:
    """Do one step that you write out yourself; no language model is asked. `do help` lists them, `do adjust help` explains one."""
    words = [tool, *(arguments or [])]
    if (wanted := at_once(words)) is not None:
        _check_unused(seed, no_fallback=no_fallback)
        _answer(context, wanted, session, json=json)
        return
    request = Request(" ".join(words), written_plan(words), seed, not no_fallback, by_hand=True)
    _act(context, request, session, json=json)


@cli.command(name="run")
def run_file(
    context: typer.Context,
    file: Path,
    json: Json = False,
    out: Out = None,
    seed: Seed = None,
    no_fallback: NoFallback = False,
) -> None:
    """Run a scripted session; a failed turn or an expectation that is not met exits with 1."""
    from pentimento.tui.rehearsal import Rehearsal, prepare
    from pentimento.tui.script import load_script

    if of_program(context) is not None:
        raise typer.BadParameter("a script names its own session; write `session:` into it", param_hint="--session")
    script, places = load_script(file)
    if out is not None:
        prepare(out)
    script = script.with_options(seed, fallback=not no_fallback)
    with Rehearsal(script, places, file, partial(open_session, context)) as rehearsal, interruptible() as cancel:
        raise typer.Exit(rehearsal.play(cancel, out, json=json))


def _act(context: typer.Context, request: Request, session: str | None, *, json: bool) -> None:
    """One turn."""
    with opened(context, session) as conversation, interruptible() as cancel:
        with ShellProgress(sys.stderr) as progress:
            result = conversation.act(request, progress.emit, cancel)
        show_result(result, json_lines.turn_line(result, conversation.name), plain.result_text, json=json)


def _answer(context: typer.Context, wanted: Helped | Shown, session: str | None, *, json: bool) -> None:
    """What makes no turn."""
    if isinstance(wanted, Shown):
        with opened(context, session, known=True) as conversation:
            history_commands.put_ledger(conversation, wanted.ledger(conversation), json=json)
    elif json:
        raise typer.BadParameter("a help is for a person; leave it out", param_hint="--json")
    else:
        show(help_text(wanted.name, history_commands.paper().width))


def _check_unused(seed: int | None, *, no_fallback: bool) -> None:
    """Raises `typer.BadParameter` for an option of a turn where there will be none."""
    if seed is not None or no_fallback:
        option = "--no-fallback" if seed is None else "--seed"
        raise typer.BadParameter("it is for what makes a turn, which this does not; leave it out", param_hint=option)


def _screen(context: typer.Context, session: str | None, *, plans: bool) -> int:
    """Open the full screen; it needs a terminal on both ends."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return complain('The screen needs a terminal; without one use pentimento say "…" (see pentimento --help).')
    from multiprocessing import resource_tracker

    from pentimento.tui.terminal import end_with_terminal, find_display

    # The app takes stderr for itself, which this helper of the models' processes would want to inherit.
    resource_tracker.ensure_running()
    # The terminal is asked before the app reads the keyboard, and so swallows the answer.
    display = find_display()
    from pentimento.tui.app import PentimentoApp

    app = PentimentoApp(lambda: open_session(context, session), display, plans=plans)
    end_with_terminal()
    try:
        app.run()
    finally:
        app.close()
    if app.problem:
        return complain(app.problem)
    return app.return_code or DONE


def _write_anything() -> None:
    """A character that the terminal's encoding lacks is written as an escape instead of stopping the program."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


# In the order in which --help lists them.
history_commands.register(cli)
transfer_commands.register(cli)
move_commands.register(cli)
keeping_commands.register(cli)
models_commands.register(cli)
