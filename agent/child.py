"""One object in a process of its own, called over a pipe.

A crash in native code costs one call, not the program; memory is really given back; a call that doesn't heed a
cancellation is ended with its process. The next call starts a fresh one.
"""

import importlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from multiprocessing.synchronize import Event
from pathlib import Path

from pentimento.agent.types import AgentError
from pentimento.tools.types import Cancelled, Progress, Report, ToolError

GRACE = 5.0
"""Seconds that a cancelled call has to end by itself."""
_POLL = 0.05
_CONTEXT = get_context("spawn")

logger = logging.getLogger(__name__)


class ChildDied(AgentError):
    """The process ended in the middle of a call."""


class Child:
    """The object that `factory` ("package.module:name") makes from plain arguments, in its own process."""

    def __init__(self, name: str, factory: str, arguments: tuple[object, ...], log: Path) -> None:
        """`name` is what a person is told of it, "picture"; `log` is the file that its output goes to."""
        self._name = name
        self._factory = factory
        self._arguments = arguments
        self._log = log
        self._lock = threading.Lock()
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._cancel: Event = _CONTEXT.Event()

    def start(self) -> None:
        """Start the process, which begins to load; returns at once. Does nothing while it runs."""
        with self._lock:
            self._start()

    def _start(self) -> None:
        if self._process is not None and self._process.is_alive():
            return
        self._cancel = _CONTEXT.Event()
        self._pipe, theirs = _CONTEXT.Pipe()
        arguments = (theirs, self._cancel, self._factory, self._arguments, str(self._log))
        self._process = _CONTEXT.Process(target=serve, args=arguments, name=f"pentimento-{self._name}", daemon=True)
        self._process.start()
        theirs.close()

    def call(
        self,
        method: str,
        *arguments: object,
        report: Report | None = None,
        cancel: threading.Event | None = None,
    ) -> object:
        """Call a method and wait; progress goes to `report`.

        Raises `Cancelled` once `cancel` is set, `ChildDied` when the process ended, and the method's own
        `ToolError` or `AgentError`.
        """
        with self._lock:
            self._start()
            self._cancel.clear()
            try:
                self._send((method, arguments, report is not None))
                return self._receive(report, cancel)
            except (EOFError, BrokenPipeError, ConnectionResetError) as error:
                self._end()
                raise ChildDied(f"The {self._name} model's process ended unexpectedly; try again.") from error

    def close(self) -> None:
        """End the process; a later call starts a fresh one."""
        with self._lock:
            self._end()

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process is not None and self._process.is_alive() else None

    def _send(self, message: tuple[object, ...]) -> None:
        assert self._pipe is not None
        self._pipe.send(message)

    def _receive(self, report: Report | None, cancel: threading.Event | None) -> object:
        """Messages until the call's result; a cancellation is passed on once."""
        assert self._pipe is not None
        deadline: float | None = None
        while True:
            if cancel is not None and cancel.is_set() and deadline is None:
                self._cancel.set()
                deadline = time.monotonic() + GRACE
            if deadline is not None and time.monotonic() > deadline:
                self._end()
                raise Cancelled
            if not self._pipe.poll(_POLL):
                continue
            kind, content = self._pipe.recv()
            match kind:
                case "progress":
                    if report is not None and deadline is None:
                        report(content)
                case "result":
                    if deadline is not None:
                        raise Cancelled
                    return content
                case _:
                    raise content

    def _end(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None


def serve(pipe: Connection, cancel: Event, factory: str, arguments: tuple[object, ...], log: str) -> None:
    """The child's whole life: make the object, answer calls, end with the parent."""
    # Spinning OpenMP threads slow each other down many times over when another process uses a core.
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _write_to(log)
    made: object = None
    while True:
        try:
            if made is None:
                made = _make(factory, arguments)
        except (ToolError, AgentError) as error:
            made = error
        try:
            method, values, reports = pipe.recv()
        except (EOFError, OSError):
            return
        pipe.send(_answer(made, method, values, _reporter(pipe, cancel) if reports else None))


def _make(factory: str, arguments: tuple[object, ...]) -> object:
    module, name = factory.split(":")
    return getattr(importlib.import_module(module), name)(*arguments)


def _answer(made: object, method: str, values: tuple[object, ...], report: Report | None) -> tuple[str, object]:
    if isinstance(made, Exception):
        return "error", made
    try:
        return "result", getattr(made, method)(*values, *([report] if report else []))
    except (ToolError, AgentError, Cancelled) as error:
        return "error", error
    except (RuntimeError, ValueError, MemoryError, OSError) as error:
        logging.getLogger(__name__).exception("%s failed", method)
        return "error", AgentError(f"The model failed ({type(error).__name__}: {str(error).splitlines()[:1]}).")


def _reporter(pipe: Connection, cancel: Event) -> Callable[[Progress], None]:
    def report(progress: Progress) -> None:
        if cancel.is_set():
            raise Cancelled
        pipe.send(("progress", progress))

    return report


def _write_to(log: str) -> None:
    """Send all output, native code's too, to a file: the terminal belongs to the parent."""
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(file, 1)
    os.dup2(file, 2)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
