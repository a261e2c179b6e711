"""What was pulled: every file of every repository with its size and hash, and the commit it is from. A file in the home.

Whoever loads a model compares sizes and times with it, and hashes what differs in time; `faults` hashes everything.
"""

import fcntl
import hashlib
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import BaseModel, Field, NonNegativeInt, ValidationError

from pentimento.tools.source import Source
from pentimento.tools.types import ToolError

NAME, FILES, PART = "lock.json", "hub", ".part"
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][\w.+-]*(/[A-Za-z0-9_][\w.+-]*)*$", max_length=250)]
"""A path that stays in its folder, hides nowhere, and needs no quoting."""
Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
Read: TypeAlias = Callable[[str, int], None]
"""Is told of a file, and how many bytes more of it were read."""
_AT_ONCE = 1 << 23
"""Bytes."""


class LockedFile(BaseModel, extra="forbid", frozen=True):
    size: NonNegativeInt
    sha256: str = Field(pattern=r"^([0-9a-f]{64})?$")
    """Empty until it is here, for a small file of which the hub tells another hash."""
    mtime_ns: int = 0
    """When it was written; 0: it is not here yet."""


class Locked(BaseModel, extra="forbid", frozen=True):
    """The files of one repository that one source wants."""

    repo: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    revision: str
    patterns: tuple[str, ...] = ()
    commit: Commit
    licence: str = ""
    """As the hub had it when it was pulled."""
    files: dict[FileName, LockedFile]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files.values())

    def belongs_to(self, source: Source) -> bool:
        return (self.repo, self.revision, self.patterns) == (source.repo, source.revision, source.files)


class Lock(BaseModel, extra="forbid", frozen=True):
    lock: Annotated[int, Field(ge=1, le=1)] = 1
    """Of this form."""
    repos: tuple[Locked, ...] = ()
    """What was pulled whole."""
    coming: tuple[Locked, ...] = ()
    """What is being pulled, or broke off; until it is whole, what was there before is used."""

    def of(self, source: Source) -> Locked | None:
        return next((entry for entry in self.repos if entry.belongs_to(source)), None)

    def arriving(self, source: Source) -> Locked | None:
        return next((entry for entry in self.coming if entry.belongs_to(source)), None)

    def commit(self, source: Source) -> str | None:
        """The commit that its revision stood for when anything was pulled from it."""
        known = (*self.coming, *self.repos)
        same = (entry for entry in known if (entry.repo, entry.revision) == (source.repo, source.revision))
        return next((entry.commit for entry in same), None)

    def files(self, repo: str, commit: str) -> dict[str, LockedFile]:
        """All that is known of a commit."""
        same = (entry for entry in (*self.repos, *self.coming) if (entry.repo, entry.commit) == (repo, commit))
        return {name: file for entry in same for name, file in entry.files.items()}

    def with_entry(self, new: Locked) -> "Lock":
        """It takes the place of the one for the same files."""
        return Lock(repos=(*_others(self.repos, new), new), coming=self.coming)

    def with_coming(self, new: Locked) -> "Lock":
        return Lock(repos=self.repos, coming=(*_others(self.coming, new), new))

    def with_whole(self, new: Locked) -> "Lock":
        """What was coming has come."""
        return Lock(repos=self.repos, coming=_others(self.coming, new)).with_entry(new)


def _others(entries: tuple[Locked, ...], new: Locked) -> tuple[Locked, ...]:
    """Those for other files."""
    key = (new.repo, new.revision, new.patterns)
    return tuple(entry for entry in entries if (entry.repo, entry.revision, entry.patterns) != key)


def read(models: Path) -> Lock:
    """Raises `ToolError` for one that is damaged; where there is none, nothing was pulled."""
    path = models / NAME
    try:
        return Lock.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Lock()
    except (OSError, ValidationError) as error:
        raise ToolError(f"{path} can't be read; delete it and pull the models again, what is here is kept.") from error


def write(models: Path, lock: Lock) -> None:
    """At once or not at all. Raises OSError."""
    path = models / NAME
    part = path.with_suffix(PART)
    with part.open("w", encoding="utf-8") as file:
        file.write(lock.model_dump_json(indent=1))
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def make_folder(models: Path) -> None:
    """The home's folder of models, and the home, for nobody else to read. Raises OSError."""
    for place in (models.parent, models):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)


@contextmanager
def alone(models: Path) -> Iterator[None]:
    """Two that fetch the same file, or write down what they found, would spoil each other's. Raises `ToolError` and OSError."""
    descriptor = os.open(models / "pull.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise ToolError("Another program fetches or checks models of this home; wait until it is done.") from error
    finally:
        os.close(descriptor)


def folder(models: Path, entry: Locked) -> Path:
    return models / FILES / entry.repo.replace("/", "--") / entry.commit


def missing(models: Path, entry: Locked) -> list[str]:
    """Files that were never fetched whole, or are gone."""
    return [
        name for name, file in entry.files.items() if not file.mtime_ns or not (folder(models, entry) / name).is_file()
    ]


def quick_faults(models: Path, lock: Lock, entry: Locked) -> Iterator[str]:
    """What is wrong with the files, as far as sizes and times tell; only what has another time is read."""
    for name, file in entry.files.items():
        fault = _quick_fault(folder(models, entry) / name, file)
        if fault:
            yield f"{name} {fault}"
    yield from strangers(models, lock, entry)


def faults(models: Path, entry: Locked, read: Read = lambda _name, _bytes: None) -> dict[str, str]:
    """What is wrong with which file; every byte is read, and told."""
    checked = {
        name: _fault(folder(models, entry) / name, file, partial(read, name)) for name, file in entry.files.items()
    }
    return {name: fault for name, fault in checked.items() if fault}


def _fault(path: Path, file: LockedFile, read: Callable[[int], None]) -> str:
    return _plain_fault(path, file) or _wrong_hash(path, file, read)


def _quick_fault(path: Path, file: LockedFile) -> str:
    if fault := _plain_fault(path, file):
        return fault
    return "" if path.stat().st_mtime_ns == file.mtime_ns else _wrong_hash(path, file)


def _plain_fault(path: Path, file: LockedFile) -> str:
    """What can be seen without reading it."""
    try:
        size = path.stat().st_size
    except OSError:
        return "is missing"
    if not file.mtime_ns:
        return "was not fetched whole"
    return "" if size == file.size else f"has {size:,} bytes instead of {file.size:,}"


def _wrong_hash(path: Path, file: LockedFile, read: Callable[[int], None] = lambda _: None) -> str:
    return "" if sha256_of(path, read) == file.sha256 else "is not what was pulled"


def strangers(models: Path, lock: Lock, entry: Locked) -> Iterator[str]:
    """Files that a library might read though they were never pulled."""
    place = folder(models, entry)
    known = lock.files(entry.repo, entry.commit)
    # A link to a folder is one, too: what is in there is read, and not looked at here.
    paths = (path for path in sorted(place.rglob("*")) if path.is_symlink() or not path.is_dir())
    found = (path.relative_to(place).as_posix() for path in paths)
    yield from (f"{name} was never pulled" for name in found if name not in known and not name.endswith(PART))


def checked(models: Path, entry: Locked, faulty: Collection[str]) -> Locked:
    """As it is after it was checked: what is right is known by the time it has now, what is faulty has to be fetched again."""

    def renewed(name: str, file: LockedFile) -> LockedFile:
        time = 0 if name in faulty else (folder(models, entry) / name).stat().st_mtime_ns
        return file.model_copy(update={"mtime_ns": time})

    return entry.model_copy(update={"files": {name: renewed(name, file) for name, file in entry.files.items()}})


def fingerprint(entry: Locked, within: str) -> str:
    """sha256 over names and hashes of the files below a path of the repository; no file is read."""
    digest = hashlib.sha256()
    for name, file in sorted(entry.files.items()):
        if not within or name == within or name.startswith(f"{within.rstrip('/')}/"):
            digest.update(f"{name}\0{file.sha256}".encode())
    return digest.hexdigest()


def sha256_of(path: Path, read: Callable[[int], None] = lambda _: None) -> str:
    """Tells of each part how many bytes it had."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(_AT_ONCE):
            digest.update(part)
            read(len(part))
    return digest.hexdigest()
