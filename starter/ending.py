"""How the command of a recipe ends before its time."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

from pentimento.starter.checkpoints import CheckpointError


@contextmanager
def stopping_between_steps() -> Iterator[Callable[[], bool]]:
    """Says whether Ctrl-C was pressed, so that only whole steps are saved; pressed again it ends at once."""
    pressed = Event()

    def note(_signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        pressed.set()

    before = signal.signal(signal.SIGINT, note)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def ending_plainly() -> Iterator[None]:
    """Around a command: what a person can mend, and Ctrl-C, end it with one sentence and the status 1 or 130."""
    try:
        yield
    except CheckpointError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"A file could not be read or written: {error}.")
    except KeyboardInterrupt as stop:
        print(str(stop) or "Stopped; the last checkpoint stays as it was.", file=sys.stderr)
        sys.exit(130)
