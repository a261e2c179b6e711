"""The commands that move in the history: each is one turn whose plan is one step."""

import sys
from typing import Annotated

import typer
from pydantic import JsonValue

from pentimento.agent.types import Plan, Request, Step
from pentimento.tui import json_lines, plain
from pentimento.tui.command_parts import Json, Session, opened, show_result
from pentimento.tui.shell import ShellProgress, interruptible

Count = Annotated[int, typer.Argument(min=1, max=50, help="How many.")]
Ref = Annotated[str, typer.Argument(help="head, head~2, n3, word:red, branch:NAME, tag:NAME, before(n3).")]
StepRef = Annotated[str, typer.Argument(help="The picture that the step made: n3, head~1, word:hat …")]
_OPTIONS = {"onto", "target", "fresh"}


def register(cli: typer.Typer) -> None:
    for command in (undo, redo, checkout, branch, tag, accept, revert, transplant, amend, replay, diff):
        cli.command()(command)


def undo(context: typer.Context, n: Count = 1, session: Session = None, json: Json = False) -> None:
    """Take back the last turns or commands, each whole."""
    _do(context, session, Step("undo", {"n": n}, {}), json=json)


def redo(context: typer.Context, n: Count = 1, session: Session = None, json: Json = False) -> None:
    """Put back what was undone."""
    _do(context, session, Step("redo", {"n": n}, {}), json=json)


def checkout(context: typer.Context, ref: Ref, session: Session = None, json: Json = False) -> None:
    """Go to a picture or, with branch:NAME, to another branch; nothing is lost."""
    _do(context, session, Step("checkout", {"ref": ref}, {}), json=json)


def branch(context: typer.Context, name: str, ref: Ref = "head", session: Session = None, json: Json = False) -> None:
    """Begin a branch at a picture, and go there."""
    _do(context, session, Step("branch", {"name": name, "ref": ref}, {}), json=json)


def tag(context: typer.Context, name: str, ref: Ref = "head", session: Session = None, json: Json = False) -> None:
    """Give a picture a name."""
    _do(context, session, Step("tag", {"name": name, "ref": ref}, {}), json=json)


def accept(context: typer.Context, session: Session = None, json: Json = False) -> None:
    """Have the present picture on the branch that this one was made from."""
    _do(context, session, Step("accept", {}, {}), json=json)


def revert(context: typer.Context, step: StepRef, session: Session = None, json: Json = False) -> None:
    """Take out one earlier step; the later ones are made again without it, on a new branch."""
    _do(context, session, Step("revert", {"step": step}, {}), json=json)


def transplant(
    context: typer.Context,
    steps: Annotated[list[str], typer.Argument(help="The pictures that the steps made.")],
    onto: Annotated[str, typer.Option("--onto", help="The picture that gets them.")] = "head",
    session: Session = None,
    json: Json = False,
) -> None:
    """Apply steps that were made elsewhere to another picture, on a new branch."""
    refs: list[JsonValue] = [*steps]
    _do(context, session, Step("transplant", {"steps": refs, "onto": onto}, {}), json=json)


def amend(
    context: typer.Context,
    step: StepRef,
    words: str,
    target: Annotated[str, typer.Option("--target", help="The thing that an edit changes, if another one.")] = "",
    session: Session = None,
    json: Json = False,
) -> None:
    """Say an earlier step in other words; what came after it is made again, on a new branch."""
    _do(context, session, Step("amend", {"step": step, "words": words, "target": target}, {}), json=json)


def replay(
    context: typer.Context,
    ref: Ref = "head",
    onto: Annotated[str, typer.Option("--onto", help="Apply its steps to this picture instead.")] = "",
    fresh: Annotated[bool, typer.Option("--fresh", help="Compute everything; reuse nothing.")] = False,
    session: Session = None,
    json: Json = False,
) -> None:
    """Run all steps of a picture again and say of each whether the same came out."""
    arguments: dict[str, JsonValue] = {"ref": ref, "fresh": fresh, **({"onto": onto} if onto else {})}
    _do(context, session, Step("replay", arguments, {}), json=json)


def diff(
    context: typer.Context, a: Ref = "head~1", b: Ref = "head", session: Session = None, json: Json = False
) -> None:
    """Say how two pictures differ, in pixels and in the steps that made them."""
    _do(context, session, Step("diff", {"a": a, "b": b}, {}), json=json)


def _do(context: typer.Context, session: str | None, step: Step, *, json: bool) -> None:
    """One turn that is this step."""
    # Here, not above: the tools' libraries would be loaded for every command.
    from pentimento.agent.plan_language import checked_plan

    plan = checked_plan(Plan((step,), ""))
    request = Request(_said(plan.steps[0]), plan=plan)
    with opened(context, session, known=True) as conversation, interruptible() as cancel:
        with ShellProgress(sys.stderr) as progress:
            result = conversation.act(request, progress.emit, cancel)
        show_result(result, json_lines.turn_line(result, conversation.name), plain.result_text, json=json)


def _said(step: Step) -> str:
    """The command as it stands in the log: "revert n2", "replay n7 --onto n3"."""
    words: list[str] = [step.tool]
    for name, value in step.arguments.items():
        if value in ("", False):
            continue
        option = [f"--{name}"] if name in _OPTIONS else []
        given = [] if value is True else [str(one) for one in value] if isinstance(value, list) else [str(value)]
        words += [*option, *given]
    return " ".join(words)
