"""A disk that fails: the calls by which files are written are counted, and the one that is chosen fails. A process that dies."""

import io
import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import IO, ParamSpec, TypeVar

import pytest
from sqlalchemy.orm import Session as Database

from pentimento.memory import journal
from pentimento.memory.store import Store

CALLS = ("open", "fsync", "replace", "rename", "mkdir")
"""Of the module `os`, and beside them `os.write` and files opened with `io.open`."""

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


@dataclass
class Disk:
    """Fails at the call of that number, counted from 1; at none when there are fewer."""

    fails_at: int
    error: int
    """Number of the error (`errno`); 0 for none: `os.write` then does what it may do and writes only a half."""
    half: bool = False
    """Whether a write that fails has written a half before."""
    calls: list[str] = field(default_factory=list)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """While this is entered, files are written by way of here."""
        with pytest.MonkeyPatch.context() as patch:
            for name in CALLS:
                patch.setattr(os, name, self._counted(name, getattr(os, name)))
            patch.setattr(os, "write", self._written(os.write))
            patch.setattr(io, "open", self._opened(io.open))
            yield

    @property
    def failed(self) -> bool:
        return len(self.calls) >= self.fails_at

    def _counted(self, name: str, real: Callable[P, R]) -> Callable[P, R]:
        def call(*arguments: P.args, **named: P.kwargs) -> R:
            self.calls.append(name)
            if len(self.calls) == self.fails_at and self.error:
                raise OSError(self.error, os.strerror(self.error))
            return real(*arguments, **named)

        return call

    def _written(self, real: Callable[[T, bytes], int]) -> Callable[[T, bytes], int]:
        fail = self._counted("write", lambda: None)

        def write(file: T, content: bytes) -> int:
            chosen, a_half = len(self.calls) + 1 == self.fails_at, content[: (len(content) + 1) // 2]
            if chosen and self.half:
                real(file, a_half)
            fail()
            return real(file, a_half if chosen and isinstance(file, int) else content)

        return write

    def _opened(self, real: Callable[P, IO[bytes]]) -> Callable[P, "_File"]:
        opened = self._counted("open", real)
        write = self._written(_write)
        return lambda *arguments, **named: _File(opened(*arguments, **named), write)


def _write(file: IO[bytes], content: bytes) -> int:
    return file.write(content)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """While this is entered, no file of this process grows beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def die_before_the_commit(home: Path, work: Callable[[Store], object], line: int = 1) -> None:
    """Another process does this, and is killed when it has written so many lines of the journal, before the last one counts."""
    child = os.fork()
    if not child:
        _work_and_die(home, work, line)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])


def _work_and_die(home: Path, work: Callable[[Store], object], line: int) -> None:
    append, lines = journal.append, count(1)

    def append_and_die(db: Database, path: Path) -> None:
        append(db, path)
        if next(lines) == line:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        store = Store(home)
        journal.append = append_and_die
        work(store)
    finally:
        os._exit(1)


class _File:
    """An open file of which every write is counted."""

    def __init__(self, file: IO[bytes], write: Callable[[IO[bytes], bytes], int]) -> None:
        self._file, self._write = file, write

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)

    def __enter__(self) -> "_File":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, content: bytes) -> int:
        return self._write(self._file, content)
