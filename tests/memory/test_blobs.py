import errno
import hashlib
import os
from pathlib import Path

import pytest

from pentimento.memory.blobs import Blobs
from pentimento.memory.types import StoreError
from tests.memory.stories import png


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path)


def test_a_blob_is_named_by_its_sha256(blobs: Blobs) -> None:
    blob = blobs.write(png(1))
    assert blob == hashlib.sha256(png(1)).hexdigest()
    assert blobs.path(blob).relative_to(blobs.folder) == Path(blob[:2], f"{blob[2:]}.png")
    assert blobs.read(blob) == png(1)


def test_a_stored_blob_is_reused(blobs: Blobs) -> None:
    path = blobs.path(blobs.write(png(1)))
    before = path.stat()
    blobs.write(png(1))
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_damaged_blob_is_refused_and_repaired_by_the_next_write(blobs: Blobs) -> None:
    blob = blobs.write(png(1))
    blobs.path(blob).write_bytes(png(1)[:-1])
    with pytest.raises(StoreError, match="damaged"):
        blobs.read(blob)
    blobs.write(png(1))
    assert blobs.read(blob) == png(1)


def test_a_missing_blob_is_refused(blobs: Blobs) -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        blobs.read("0" * 64)


def test_a_blob_gets_its_name_only_after_it_is_on_the_disk(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[list[str]] = []
    real = os.fsync

    def recorded(descriptor: int) -> None:
        names.append([path.suffix for path in blobs.folder.glob("*/*")])
        real(descriptor)

    monkeypatch.setattr(os, "fsync", recorded)
    blobs.write(png(1))
    assert names == [[], [".part"], [".png"]]


def test_a_write_that_fails_leaves_no_file_behind(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (blobs.folder / hashlib.sha256(png(1)).hexdigest()[:2]).mkdir()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        blobs.write(png(1))
    assert [path for path in blobs.folder.rglob("*") if path.is_file()] == []
