"""The commands that bring pictures in and take them out: `open` and `export`, and bundles with both."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from typer import BadParameter

from pentimento.tui import json_lines, plain
from pentimento.tui.command_parts import Json, Session, of_program, opened, show_result
from pentimento.tui.shell import show

Force = Annotated[bool, typer.Option("--force", help="Replace a file that is already there.")]
Keep = Annotated[
    bool,
    typer.Option("--keep/--strip", help="Whether the file holds your words and the recipe too, or its pixels alone."),
]
Bundle = Annotated[bool, typer.Option("--bundle", help="Write a .zip of REF and all before it; without REF, of all.")]
AtOp = Annotated[
    int | None, typer.Option("--at-op", min=1, max=10**9, help="REF means what it meant after this operation.")
]


def register(cli: typer.Typer) -> None:
    cli.command(name="open")(open_file)
    cli.command(name="import", hidden=True)(open_file)
    cli.command()(export)


def open_file(context: typer.Context, file: Path, session: Session = None, json: Json = False) -> None:
    """Start from a picture of your own, or restore a bundle as a session."""
    from pentimento.agent.bundle import is_bundle

    if is_bundle(file):
        _restore(context, file, session, json=json)
        return
    with opened(context, session) as conversation:
        result = conversation.open_picture(file)
        show_result(result, json_lines.turn_line(result, conversation.name), plain.result_text, json=json)


def export(
    context: typer.Context,
    ref: Annotated[str, typer.Argument(help="head, head~2, n3, branch:NAME, tag:NAME; or FILE with --bundle.")],
    path: Annotated[Path | None, typer.Argument(metavar="FILE", help=".png, .jpg, .webp or .zip")] = None,
    session: Session = None,
    force: Force = False,
    keep: Keep = False,
    bundle: Bundle = False,
    at_op: AtOp = None,
) -> None:
    """Write a picture to a .png, .jpg or .webp file, or a history to a .zip."""
    if path is None and not bundle:
        raise BadParameter("say which picture and which file: pentimento export head fox.png", param_hint="FILE")
    with opened(context, session, known=True) as conversation:
        if bundle:
            of, file = (None, Path(ref)) if path is None else (ref, path)
            written = conversation.export_bundle(of, file, force=force, at=at_op)
        elif path is not None:
            written = conversation.export(ref, path, force=force, keep=keep, at=at_op)
    show(f"Wrote {written}")


def _restore(context: typer.Context, file: Path, session: str | None, *, json: bool) -> None:
    from pentimento.agent.bootstrap import restore

    name = session if session is not None else of_program(context)
    restored = restore(context.obj, file, name or "")
    found = restored.session
    if json:
        line: json_lines.Line = {
            "event": "restored",
            "session": found.name,
            "head": found.head,
            "nodes": restored.nodes,
            "turns": restored.turns,
        }
        json_lines.write_line(line, sys.stdout)
    else:
        held = f"{_many(restored.nodes, 'picture')} (with regions), {_many(restored.turns, 'turn')}"
        show(f"Restored the session {found.name}: {held}, head {found.head or 'none'}.")


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
