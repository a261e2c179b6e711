"""Which profile a home uses, and how things stand with each: what it needs, what of it is here."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pentimento.tools import lock
from pentimento.tools.model_files import check
from pentimento.tools.profile import Profile, load_profile, profile_files, shipped_folder
from pentimento.tools.pulling import Fetched
from pentimento.tools.source import Source
from pentimento.tools.types import ToolError

DEFAULT, IN_USE = "starter", "in-use.txt"


@dataclass(frozen=True)
class Part:
    """One model of a profile."""

    role: str
    """ "image", "image inpaint", "segment", "planner"."""
    source: Source
    commit: str
    """Empty for what was never pulled, and for a folder."""
    licence: str
    size: int | None
    """Bytes; None: not known before it is pulled."""
    here: bool


@dataclass(frozen=True)
class Standing:
    """A profile as a person chooses by it."""

    name: str
    used: bool
    """Whether it is the one that the home uses."""
    shipped: bool
    family: str
    limits: str
    parts: tuple[Part, ...]
    problem: str = ""
    """One sentence, where it can't be read; it has no parts then."""
    planner_url: str = ""
    """Where a server plans; empty: a model among the parts does."""

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(part.role for part in self.parts if not part.here)


def models_of(home: Path) -> Path:
    """Where a home keeps its models, and profiles of its own."""
    return home / "models"


def in_use(models: Path) -> str:
    """The profile that was chosen for this home, or the one that ships. `ToolError` where it is gone."""
    name = _chosen(models)
    if name not in profile_files(models):
        raise ToolError(f"The profile in use, {name:.64}, is gone; choose another with: pentimento models use NAME.")
    return name


def _chosen(models: Path) -> str:
    path = models / IN_USE
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip() or DEFAULT
    except (FileNotFoundError, NotADirectoryError):
        # Where no home can be, nothing was chosen; whoever opens it says why it can't be used.
        return DEFAULT
    except OSError as error:
        raise ToolError(f"{path} can't be read ({error.strerror or error}); make it readable.") from error


def use(models: Path, name: str) -> None:
    """Make it the one that the home uses. Raises `ToolError` where something of it is missing or damaged, and OSError."""
    found = standing(models, name)
    if found.problem:
        raise ToolError(found.problem)
    if found.missing:
        pulled = any(part.source.repo and not part.here for part in found.parts)
        beside = "reinstall Pentimento" if found.shipped else "correct its paths in the profile"
        advice = f"get it with: pentimento models pull {name}" if pulled else beside
        raise ToolError(f"Of {name} is missing: {', '.join(found.missing)}; {advice}.")
    check_parts(load_profile(name, models))
    lock.make_folder(models)
    part = models / f"{IN_USE}{lock.PART}"
    with part.open("w", encoding="utf-8") as file:
        file.write(f"{name}\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(models / IN_USE)


def known(models: Path, name: str) -> Profile:
    """One of those that `standings` gives: no file elsewhere, which nobody could use. `ToolError` where it can't be read."""
    found = standing(models, name)
    if found.problem:
        raise ToolError(found.problem)
    return load_profile(name, models)


def check_parts(profile: Profile) -> None:
    """Raises `ToolError` where a model is not what was pulled, is cut short, or names a program."""
    for role, _ in profile.file.sources():
        check(profile.path(role))


def standings(models: Path) -> list[Standing]:
    """Of all profiles, by name."""
    return [standing(models, name) for name in sorted(profile_files(models))]


def standing(models: Path, name: str) -> Standing:
    """Raises `ToolError` where there is no such profile, or the lock is damaged."""
    files = profile_files(models)
    if name not in files:
        raise ToolError(f"There is no profile {name}; there are: {', '.join(sorted(files))}.")
    used, shipped = name == _chosen(models), files[name].parent == shipped_folder()
    try:
        profile = load_profile(name, models)
    except ToolError as error:
        return Standing(name, used, shipped, "", "", (), str(error))
    file, parts = profile.file, tuple(_parts(profile, models))
    return Standing(name, used, shipped, file.image.family, file.limits, parts, planner_url=file.planner.url)


def _parts(profile: Profile, models: Path) -> Iterator[Part]:
    locked = lock.read(models)
    for role, source in profile.file.sources():
        if not source.repo:
            path = profile.folder / source.path
            yield Part(role, source, "", source.licence, _size(path) if path.exists() else None, path.exists())
        elif entry := locked.of(source) or locked.arriving(source):
            here = entry in locked.repos and not lock.missing(models, entry)
            yield Part(role, source, entry.commit, entry.licence or source.licence, entry.size, here)
        else:
            guessed = None if source.size_gb is None else round(source.size_gb * 10**9)
            yield Part(role, source, "", source.licence, guessed, here=False)


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def verify(models: Path, name: str | None = None, progress: Callable[[Fetched], None] = lambda _: None) -> list[str]:
    """What is wrong with the files of one profile, or of the one in use and all that was pulled; every byte of that is read,
    and how far that is, is told.

    What is right is known by the time it has now, what is wrong is fetched again by the next pull. Raises `ToolError` and OSError.
    """
    profile, everything = known(models, name or in_use(models)), name is None
    beside = [*_faults_beside(profile)]
    if not _entries(lock.read(models), profile, everything=everything):
        return beside
    with lock.alone(models):
        locked, found = lock.read(models), beside
        entries = _entries(locked, profile, everything=everything)
        read = _counting(sum(entry.size for entry in entries), progress)
        for entry in entries:
            faults = lock.faults(models, entry, read)
            found += [f"{entry.repo}: {file} {fault}" for file, fault in faults.items()]
            found += [f"{entry.repo}: {stranger}" for stranger in lock.strangers(models, locked, entry)]
            locked = locked.with_entry(lock.checked(models, entry, faults))
        lock.write(models, locked)
    return list(dict.fromkeys(found))


def _counting(total: int, progress: Callable[[Fetched], None]) -> lock.Read:
    done = 0

    def read(name: str, count: int) -> None:
        nonlocal done
        done += count
        progress(Fetched(name, done, total))

    return read


def _faults_beside(profile: Profile) -> Iterator[str]:
    """Of what lies beside the profile nothing was written down; that it is whole can be seen."""
    for role, source in profile.file.sources():
        if not source.repo:
            try:
                check(profile.path(role))
            except ToolError as error:
                yield f"{profile.file.name}: {error}"


def _entries(locked: lock.Lock, profile: Profile, *, everything: bool) -> list[lock.Locked]:
    """Of the profile, or all that was pulled."""
    if everything:
        return list(locked.repos)
    return [_entry(locked, source, profile.file.name) for _, source in profile.file.sources() if source.repo]


def _entry(locked: lock.Lock, source: Source, name: str) -> lock.Locked:
    entry = locked.of(source)
    if entry is None:
        raise ToolError(f"{source.repo} was not pulled yet; get it with: pentimento models pull {name}.")
    return entry
