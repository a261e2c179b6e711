"""What the commands share: safe output, progress on one line, and Ctrl-C as a request to stop."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Self, TextIO

from pentimento.agent.types import Event, TurnStatus
from pentimento.tui.events import TurnView, advance
from pentimento.tui.sanitize import one_line, sanitize_for_terminal

DONE, FAILED, BAD_INPUT, CANCELLED = 0, 1, 2, 130
_CLEAR_LINE = "\r\x1b[K"


def show(text: str) -> None:
    """Write text on stdout."""
    sys.stdout.write(sanitize_for_terminal(text) + "\n")
    sys.stdout.flush()


def complain(text: str) -> int:
    """Write one sentence on stderr; returns the exit code of bad input."""
    sys.stderr.write(f"pentimento: {one_line(text, 500)}\n")
    sys.stderr.flush()
    return BAD_INPUT


def remark(text: str) -> None:
    """Write a sentence on stderr that no program should read; only where a person does."""
    if sys.stderr.isatty():
        complain(text)


def confirmed(question: str) -> bool:
    """Ask on the terminal; anything but a yes is a no."""
    sys.stderr.write(f"{sanitize_for_terminal(question)} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def exit_code(status: TurnStatus) -> int:
    """The exit code for how a turn ended."""
    if status is TurnStatus.CANCELLED:
        return CANCELLED
    return FAILED if status in (TurnStatus.FAILED, TurnStatus.INTERRUPTED) else DONE


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """An event that Ctrl-C sets; a second Ctrl-C interrupts at once."""
    cancel = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield cancel
    finally:
        signal.signal(signal.SIGINT, before)


class ShellProgress:
    """Shows the stage of a turn on one line that is rewritten and wiped at the end; silent unless on a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._view = TurnView("")
        self._shown = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._write("")

    def emit(self, event: Event) -> None:
        self._view = advance(self._view, event)
        self._write(_progress_line(self._view))

    def _write(self, line: str) -> None:
        if line != self._shown and self._stream.isatty():
            self._stream.write(_CLEAR_LINE + line)
            self._stream.flush()
            self._shown = line


def _progress_line(view: TurnView) -> str:
    if not view.stage:
        return ""
    share = "" if view.fraction is None else f" {view.fraction:.0%}"
    return one_line(f"{view.stage}{share}", 60)
