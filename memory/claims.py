"""Who is alive: a file that a process holds locked while it has the home open.

The lock ends with the process, however it ends; unlike a process number it is never given to somebody else.
"""

import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_SELDOM, _OFTEN, _LONG = 0.002, 0.0002, 0.02
"""Seconds between two looks at whether it is one's turn, before and after one has waited long."""


@dataclass(frozen=True)
class Claim:
    """A locked file; its name is the token that a running turn carries."""

    path: Path
    descriptor: int

    @property
    def token(self) -> str:
        return self.path.name

    def release(self) -> None:
        self.path.unlink(missing_ok=True)
        os.close(self.descriptor)


def claim(folder: Path) -> Claim:
    """Locks a file of its own in the folder. Raises OSError."""
    while True:
        path = folder / secrets.token_hex(16)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        # Between open and lock another process may have taken the file for an abandoned one and removed it.
        if os.fstat(descriptor).st_nlink:
            return Claim(path, descriptor)
        os.close(descriptor)


def abandoned(folder: Path, token: str) -> bool:
    """Whether the process that made the claim is gone; its file is then removed. Raises OSError."""
    try:
        descriptor = os.open(folder / token, os.O_RDWR)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        (folder / token).unlink(missing_ok=True)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def others(folder: Path) -> bool:
    """Whether any process has a claim here; the files of those that are gone are removed. Raises OSError."""
    gone = [abandoned(folder, path.name) for path in folder.iterdir()]
    return not all(gone)


def is_held(folder: Path) -> bool:
    """Whether any process has a claim here; may be asked where nothing can be written. Raises OSError."""
    return any(_is_locked(path) for path in folder.iterdir())


def _is_locked(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Waits until no other process is in here with the same file. Raises OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def in_turn(path: Path, patience: float) -> Iterator[None]:
    """The same for those who come again and again: who waits longer is let in sooner.

    Raises TimeoutError after that many seconds, and OSError.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _wait_for(descriptor, patience)
        yield
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, patience: float) -> None:
    started = time.monotonic()
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            waited = time.monotonic() - started
            if waited > patience:
                raise TimeoutError(*error.args) from error
            # To look more often is to come first; the system's own queue has no end to its patience.
            time.sleep(_SELDOM if waited < _LONG else _OFTEN)
        else:
            return
