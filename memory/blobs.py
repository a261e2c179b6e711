"""Pictures as files named by their sha256. A file under its final name is whole and on the disk."""

import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pentimento.memory.types import StoreError

_NAME = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class File:
    """One file below the folder."""

    path: Path
    blob: str | None
    """The picture that it belongs to; None for a leftover."""
    size: int
    modified: float
    """Seconds since 1970."""


@dataclass(frozen=True)
class Blobs:
    folder: Path

    def path(self, blob: str) -> Path:
        return self.folder / blob[:2] / f"{blob[2:]}.png"

    def write(self, png: bytes) -> str:
        """Stores a picture and returns its sha256; a whole blob of the same content is reused, a damaged one repaired."""
        blob = hashlib.sha256(png).hexdigest()
        if self.fault(blob) is None:
            return blob
        try:
            self._place(png, self.path(blob))
        except OSError as error:
            raise StoreError(
                f"The picture could not be stored in {self.folder} ({error.strerror}); free some space there or choose"
                " another data directory with PENTIMENTO_HOME."
            ) from error
        return blob

    def put_back(self, blob: str, png: bytes) -> None:
        """Stores a picture again that was collected since it was written; to be said where its row is written.

        Files are removed only within a writing transaction, so that it can't be collected once more before the row is there.
        """
        if not self.path(blob).exists():
            self.write(png)

    def read(self, blob: str) -> bytes:
        """The PNG file's bytes; raises StoreError when the file is missing or its content has changed."""
        if not _NAME.fullmatch(blob):
            raise StoreError(
                "The name of the picture's file is damaged in the history; rebuild it with pentimento recover."
            )
        try:
            png = self.path(blob).read_bytes()
        except OSError as error:
            raise StoreError(f"The picture file {self.path(blob)} cannot be read ({error.strerror}).") from error
        if hashlib.sha256(png).hexdigest() != blob:
            raise StoreError(f"The picture file {self.path(blob)} is damaged; put it back from a backup.")
        return png

    def fault(self, blob: str) -> str | None:
        """What is wrong with a blob's file in a few words, None when nothing is."""
        if not _NAME.fullmatch(blob):
            return "the name of its picture file is damaged"
        try:
            png = self.path(blob).read_bytes()
        except FileNotFoundError:
            return "its picture file is missing"
        except OSError as error:
            return f"its picture file cannot be read ({error.strerror})"
        return None if hashlib.sha256(png).hexdigest() == blob else "its picture file is damaged"

    def files(self) -> Iterator[File]:
        """Every file that there is: pictures, what belongs to them, and what was left by writes that were cut short."""
        return _files(self.folder.glob("*/*"))

    def files_of(self, *blobs: str) -> Iterator[File]:
        """Pictures, and what belongs to them; each folder is looked through once."""
        wanted = set(blobs)
        for folder in sorted({self.path(blob).parent for blob in wanted}):
            names = (path for path in folder.glob("*.*") if folder.name + path.name.partition(".")[0] in wanted)
            yield from _files(names)

    def leftovers(self, folder: Path) -> Iterator[File]:
        """Those of writes that were cut short, in one of the folders in which pictures lie."""
        return _files(folder.glob(".*.part"))

    def _place(self, png: bytes, path: Path) -> None:
        if not path.parent.is_dir():
            path.parent.mkdir(exist_ok=True)
            sync_folder(self.folder)
        temporary = path.with_name(f".{secrets.token_hex(8)}.part")
        try:
            with temporary.open("xb") as file:
                file.write(png)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        sync_folder(path.parent)


def _files(paths: Iterable[Path]) -> Iterator[File]:
    for path in paths:
        with suppress(FileNotFoundError):
            found = path.stat()
            named = re.fullmatch(r"([0-9a-f]{2})/([0-9a-f]{62})\..*", f"{path.parent.name}/{path.name}")
            yield File(path, named[1] + named[2] if named else None, found.st_size, found.st_mtime)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable; fsync of a file does not do that."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
