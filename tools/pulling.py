"""Fetches what was ordered from a hub, file by file, checks each, and locks what it got.

A file is written beside its name until it is whole and its hash is right; what broke off is gone on from the next time.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pentimento.tools import lock
from pentimento.tools.hub import Hub, Interrupted
from pentimento.tools.lock import Lock, Locked, LockedFile
from pentimento.tools.model_files import check_file, check_folder
from pentimento.tools.order import Order, arrived, part_of
from pentimento.tools.types import ToolError

TRIES = 3
"""Connections that may break off one after the other without having brought a byte."""
SPARE = 200_000_000
"""Bytes that are left free on the disk."""


@dataclass(frozen=True)
class Fetched:
    """How far a pull is, or the reading of what was pulled."""

    name: str
    done: int
    """Bytes of this pull, what was here before left out; or bytes that were read."""
    total: int


@dataclass
class _Meter:
    """Counts over all files."""

    progress: Callable[[Fetched], None]
    total: int
    before: int = 0
    """Bytes that were fetched before the file at hand, less those of it that were here already."""

    def tell(self, name: str, reached: int) -> None:
        self.progress(Fetched(name, self.before + reached, self.total))


def fetch(orders: Sequence[Order], models: Path, hub: Hub, progress: Callable[[Fetched], None]) -> None:
    """Fetch all that is not here yet. Raises `ToolError`; what has arrived until then is kept."""
    with _writing(models):
        lock.make_folder(models)
    with lock.alone(models):
        total = sum(order.left(models) for order in orders)
        _check_room(models, total)
        meter = _Meter(progress, total)
        for order in orders:
            _fetch_order(order, models, hub, meter)


def _fetch_order(order: Order, models: Path, hub: Hub, meter: _Meter) -> None:
    locked = lock.read(models)
    order = _with_what_came(order, locked)
    entry = order.entry
    _write_down(models, locked.with_coming(entry), locked.arriving(order.source))
    for name, size in order.to_fetch(models):
        meter.before -= arrived(models, entry, name)
        entry = entry.model_copy(update={"files": {**entry.files, name: _fetch_file(order, name, models, hub, meter)}})
        meter.before += size
        _write_down(models, lock.read(models).with_coming(entry))
    check_folder(lock.folder(models, entry))
    _write_down(models, lock.read(models).with_whole(entry), locked.of(order.source))


def _with_what_came(order: Order, locked: Lock) -> Order:
    """Another order, or another pull, may have brought some of its files since it was made."""
    came = locked.files(order.entry.repo, order.entry.commit)
    files = {name: came.get(name, file) for name, file in order.entry.files.items()}
    return replace(order, entry=order.entry.model_copy(update={"files": files}))


def _write_down(models: Path, locked: Lock, before: Locked | None = None) -> None:
    """And remove the commit that was there before, where nothing is of it any more."""
    with _writing(models / lock.NAME):
        lock.write(models, locked)
    places = [lock.folder(models, entry) for entry in (*locked.repos, *locked.coming)]
    if before is not None and (place := lock.folder(models, before)) not in places:
        shutil.rmtree(place, ignore_errors=True)


def _fetch_file(order: Order, name: str, models: Path, hub: Hub, meter: _Meter) -> LockedFile:
    """The file under its name, whole and of the right hash."""
    path = lock.folder(models, order.entry) / name
    part = part_of(path)
    with _writing(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.touch()
        _receive(order, name, part, hub, meter)
        sha256 = _checked(order, name, part)
        part.replace(path)
        _check_content(path)
        return LockedFile(size=order.entry.files[name].size, sha256=sha256, mtime_ns=path.stat().st_mtime_ns)


def _receive(order: Order, name: str, part: Path, hub: Hub, meter: _Meter) -> None:
    """All bytes of a file, over as many connections as it takes."""
    size, failures = order.entry.files[name].size, 0
    if part.stat().st_size > size:
        part.write_bytes(b"")
    while (reached := part.stat().st_size) < size:
        broken_off = None
        try:
            _append(order, name, part, hub, meter)
        except Interrupted as error:
            broken_off = error
        failures = 0 if part.stat().st_size > reached else failures + 1
        if failures == TRIES:
            raise broken_off or ToolError(
                f"The hub sends less of {name} of {order.entry.repo} than it says; try again later."
            )


def _append(order: Order, name: str, part: Path, hub: Hub, meter: _Meter) -> None:
    """What one connection brings."""
    size = order.entry.files[name].size
    with part.open("r+b") as file, hub.bytes_of(order.remote, name, part.stat().st_size) as (start, chunks):
        file.seek(start)
        file.truncate()
        for chunk in chunks:
            if file.tell() + len(chunk) > size:
                file.truncate(0)
                raise ToolError(
                    f"The hub sends more of {name} of {order.entry.repo} than it says; nothing of it was kept."
                )
            file.write(chunk)
            meter.tell(name, file.tell())
        file.flush()
        os.fsync(file.fileno())


def _checked(order: Order, name: str, part: Path) -> str:
    """The hash of a file that is what the hub says, and whole. `ToolError`, and the file is gone, where it is not."""
    wanted, found = order.entry.files[name].sha256, lock.sha256_of(part)
    blob = next((file.blob for file in order.remote.files if file.name == name), "")
    right = found == wanted if wanted else not blob or _git_hash(part) == blob
    if not right:
        part.unlink()
        raise ToolError(f"{name} of {order.entry.repo} arrived damaged, or is not what the hub says; say it again.")
    return found


def _check_content(path: Path) -> None:
    """The small files come first, so what names a program is refused before anything large is fetched."""
    try:
        check_file(path)
    except ToolError:
        path.unlink()
        raise


def _git_hash(path: Path) -> str:
    """Of a small file, as git names it; sha1 is git's choice."""
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _check_room(models: Path, total: int) -> None:
    free = shutil.disk_usage(models).free
    if total and free < total + SPARE:
        raise ToolError(
            f"{total / 1e9:,.1f} GB are to be fetched and {free / 1e9:,.1f} GB are free at {models}; free some space, or"
            " choose another disk with PENTIMENTO_HOME."
        )


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """OSError as one sentence."""
    try:
        yield
    except OSError as error:
        raise ToolError(
            f"{error.filename or path} can't be written ({error.strerror or error}); free some space or make it writable,"
            " then say it again, what has arrived is kept."
        ) from error
