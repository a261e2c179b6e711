"""One object in a process of its own, called over a pipe.

A crash in native code costs one call, not the program; memory is really given back; a call that doesn't heed a
cancellation is ended with its process. The next call starts a fresh one.
"""

import ctypes
import importlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Protocol, cast

from pentimento.agent.types import AgentError, Stop
from pentimento.tools.types import Cancelled, Progress, Report, ToolError

GRACE = 5.0
"""Seconds that a cancelled call has to end by itself."""
_POLL = 0.05
_CONTEXT = get_context("spawn")
_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK")
"""What the libraries of models read when they are imported: fetch nothing, tell nobody anything."""
_FAILURES = (ArithmeticError, LookupError, MemoryError, OSError, RuntimeError, TypeError, ValueError)
"""What models raise when they can't go on; anything else ends the process."""

logger = logging.getLogger(__name__)


class Flag(Protocol):
    """A bool in shared memory."""

    value: bool


@dataclass(frozen=True)
class Flagged:
    """A cancellation as the process sees it."""

    flag: Flag

    def is_set(self) -> bool:
        return bool(self.flag.value)


class ChildDied(AgentError):
    """The process ended in the middle of a call."""


class Child:
    """The object that `factory` ("package.module:name") makes from plain arguments, in its own process."""

    def __init__(
        self, name: str, factory: str, arguments: tuple[object, ...], log: Path, *, grace: float = GRACE
    ) -> None:
        """`name` is what a person is told of it, "picture"; `log` is the file that its output goes to."""
        self._name = name
        self._factory = factory
        self._arguments = arguments
        self._log = log
        self._grace = grace
        self._lock = threading.Lock()
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._ready = False
        """Whether the process has made its object and waits for calls."""
        # A flag without a lock: a process that is killed while it holds one would take the parent with it.
        self._cancel = _CONTEXT.RawValue(ctypes.c_bool, False)  # noqa: FBT003

    def start(self) -> None:
        """Start the process, which begins to load; returns at once. Does nothing while it runs."""
        with self._lock:
            self._start()

    def _start(self) -> None:
        if self._process is not None and self._process.is_alive():
            return
        self._end()
        self._ready = False
        self._pipe, theirs = _CONTEXT.Pipe()
        arguments = (theirs, self._cancel, self._factory, self._arguments, str(self._log))
        self._process = _CONTEXT.Process(target=serve, args=arguments, name=f"pentimento-{self._name}", daemon=True)
        # Ctrl-C is the parent's business, from the process's first moment on.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        theirs.close()

    def call(
        self,
        method: str,
        *arguments: object,
        report: Report | None = None,
        cancel: Stop | None = None,
        heeds: bool = False,
    ) -> object:
        """Call a method and wait; progress goes to `report`. One that `heeds` takes the cancellation as its last argument.

        Raises `Cancelled` once `cancel` is set, `ChildDied` when the process ended, and the method's own
        `ToolError` or `AgentError`.
        """
        with self._lock:
            self._start()
            self._await_ready(cancel)
            with ExitStack() as unless_answered:
                # What the process still had to say would be taken for the answer to the next call.
                unless_answered.callback(self._end)
                kind, content = self._ask((method, arguments, report is not None, heeds), report, cancel)
                unless_answered.pop_all()
        if isinstance(content, BaseException) and kind == "error":
            raise content
        return content

    def remake(self, factory: str) -> None:
        """End the process; the next one makes its object with another factory, from the same arguments."""
        self.close()
        self._factory = factory

    def close(self) -> None:
        """End the process, in the middle of a call too; a later call starts a fresh one."""
        if (process := self._process) is not None:
            process.kill()
        with self._lock:
            self._end()

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process is not None and self._process.is_alive() else None

    def _await_ready(self, cancel: Stop | None) -> None:
        """Wait until the process has its object; a cancellation leaves it loading for the next call."""
        while not self._ready:
            if cancel is not None and cancel.is_set():
                raise Cancelled
            message = self._next()
            if message is not None and isinstance(message[1], BaseException):
                self._end()
                raise message[1]
            self._ready = message is not None

    def _ask(self, call: tuple[object, ...], report: Report | None, cancel: Stop | None) -> tuple[str, object]:
        """Send a call and take messages until its answer; a cancellation is passed on once."""
        self._cancel.value = False
        with self._watched() as pipe:
            pipe.send(call)
        deadline: float | None = None
        while True:
            if cancel is not None and cancel.is_set() and deadline is None:
                self._cancel.value = True
                deadline = time.monotonic() + self._grace
            if deadline is not None and time.monotonic() > deadline:
                raise Cancelled
            message = self._next()
            if message is None:
                continue
            if message[0] != "progress":
                return message if deadline is None else ("error", Cancelled())
            if report is not None and deadline is None:
                report(cast("Progress", message[1]))

    def _next(self) -> tuple[str, object] | None:
        """The next message, if one comes within a moment. Raises `ChildDied`."""
        with self._watched() as pipe:
            return cast("tuple[str, object]", pipe.recv()) if pipe.poll(_POLL) else None

    @contextmanager
    def _watched(self) -> Iterator[Connection]:
        assert self._pipe is not None
        try:
            yield self._pipe
        except (EOFError, OSError) as error:
            self._end()
            raise ChildDied(
                f"The {self._name} model's process ended unexpectedly; try again. What it wrote is in {self._log}."
            ) from error

    def _end(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None


def serve(pipe: Connection, cancel: "Flag", factory: str, arguments: tuple[object, ...], log: str) -> None:
    """The child's whole life: make the object, answer calls, end with the parent."""
    # Spinning OpenMP threads slow each other down many times over when another process uses a core.
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    os.environ.update(dict.fromkeys(_OFFLINE, "1"))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        try:
            _write_to(log)
        except OSError as error:
            pipe.send(
                ("broken", AgentError(f"{log} can't be written ({error.strerror}); make it writable or delete it."))
            )
            return
        try:
            made = _make(factory, arguments)
        except (ToolError, AgentError) as error:
            pipe.send(("broken", error))
            return
        except (ImportError, *_FAILURES) as error:
            logger.exception("%s can't be made", factory)
            pipe.send(("broken", AgentError(f"The model can't be loaded ({_described(error)}); see {log}.")))
            return
        pipe.send(("ready", None))
        while True:
            method, values, reports, heeds = pipe.recv()
            extra = [*([_reporter(pipe, cancel)] if reports else []), *([Flagged(cancel)] if heeds else [])]
            pipe.send(_answer(made, method, (*values, *extra)))


def _make(factory: str, arguments: tuple[object, ...]) -> object:
    module, name = factory.split(":")
    return getattr(importlib.import_module(module), name)(*arguments)


def _answer(made: object, method: str, values: tuple[object, ...]) -> tuple[str, object]:
    try:
        return "result", getattr(made, method)(*values)
    except (ToolError, AgentError, Cancelled) as error:
        return "error", error
    except _FAILURES as error:
        logger.exception("%s failed", method)
        return "error", AgentError(f"The model failed ({_described(error)}); try again.")


def _described(error: Exception) -> str:
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _reporter(pipe: Connection, cancel: "Flag") -> Callable[[Progress], None]:
    def report(progress: Progress) -> None:
        if cancel.value:
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
