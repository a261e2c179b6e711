"""What the file system refuses, said to a person."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pentimento.memory.types import StoreError


@contextmanager
def changing(path: Path) -> Iterator[None]:
    """OSError as StoreError with one sentence; `path` is named where the error names no file."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{error.filename or path} can't be written ({error.strerror or error}); free some space or make it writable,"
            " then try again."
        ) from error
