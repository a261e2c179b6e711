"""Runs a session script turn by turn, writes what it made, and says which expectations were not met."""

import shutil
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from pentimento.agent.types import MadeNode, NodeKind, TurnResult, TurnStatus
from pentimento.tui import json_lines, plain
from pentimento.tui.expect import Unmet, unmet
from pentimento.tui.script import Script, ScriptTurn
from pentimento.tui.shell import CANCELLED, DONE, FAILED, ShellProgress, complain, exit_code, show
from pentimento.tui.yaml_text import Document

if TYPE_CHECKING:
    from pentimento.agent.loop import Conversation


TURNS = "turns.jsonl"


class OpenSession(Protocol):
    """Opens the session of a name, or a new one named after it."""

    def __call__(self, session: str | None, *, fresh: bool = False) -> "Conversation": ...


class Rehearsal:
    """One run of a script in its session: the one it names, else one that nothing was said in."""

    def __init__(self, script: Script, places: Document, file: Path, open_session: OpenSession) -> None:
        self._script, self._places, self._file = script, places, file
        self._conversation = open_session(script.session or file.stem, fresh=not script.session)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._conversation.close()

    def play(self, cancel: threading.Event, out: Path | None, *, json: bool) -> int:
        """Run every turn, until the end or until one is cancelled; returns the exit code. `out` is a prepared folder."""
        code = DONE
        for index, (turn, request) in enumerate(zip(self._script.turns, self._script.requests(), strict=True)):
            with ShellProgress(sys.stderr) as progress:
                result = self._conversation.act(request, progress.emit, cancel)
            self._tell(index, result, json=json)
            if out is not None:
                self._write(out, index, result)
            if result.status is TurnStatus.CANCELLED:
                return CANCELLED
            code = max(code, self._judge(index, turn, result, json=json))
        if not json:
            show(f"This was the session {self._conversation.name}.")
        return code

    def _tell(self, index: int, result: TurnResult, *, json: bool) -> None:
        if json:
            json_lines.write_line(json_lines.turn_line(result, self._conversation.name), sys.stdout)
        else:
            show(f"{index + 1}. {result.said}\n{plain.result_text(result)}\n")

    def _judge(self, index: int, turn: ScriptTurn, result: TurnResult, *, json: bool) -> int:
        """Name the expectations that were not met; a failure that was expected is none."""
        problems = unmet(turn.expect, result)
        for problem in problems:
            line = self._places.line(("turns", index, "expect", *problem.what.split(".", 1)))
            complain(f"{self._file}:{line}: turn {index + 1}: {problem.sentence()}.")
            if json:
                json_lines.write_line(_unmet_line(index, line, problem), sys.stdout)
        if problems:
            return FAILED
        return DONE if turn.expect.status is not None else exit_code(result.status)

    def _write(self, folder: Path, index: int, result: TurnResult) -> None:
        """Copy the turn's pictures, or the one it went back to, and add the turn's line to turns.jsonl."""
        head = self._conversation.head()
        for made in result.nodes or ((head,) if head else ()):
            shutil.copyfile(made.path, folder / _file_name(index, made))
        with (folder / TURNS).open("a", encoding="utf-8") as stream:
            json_lines.write_line(json_lines.turn_line(result, self._conversation.name), stream)


def prepare(folder: Path) -> None:
    """Make the folder and an empty turns.jsonl, before work is spent. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / TURNS).write_text("", encoding="utf-8")


def _unmet_line(index: int, line: int, problem: Unmet) -> json_lines.Line:
    """The object that `--json` prints for an expectation that was not met."""
    return {
        "event": "unmet",
        "turn": index + 1,
        "line": line,
        "what": problem.what,
        "expected": problem.expected,
        "got": problem.got,
    }


def _file_name(index: int, made: MadeNode) -> str:
    kind = "-mask" if made.node.kind is NodeKind.MASK else ""
    return f"{index + 1:02d}-{made.node.id}{kind}.png"
