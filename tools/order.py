"""What a pull would fetch: looked at before anybody is asked. Names and sizes at the hub, and which of its files are taken."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from pentimento.tools import lock
from pentimento.tools.hub import Hub, Remote, RemoteFile
from pentimento.tools.lock import Locked, LockedFile
from pentimento.tools.model_files import INDEX, PROGRAMS, TEXTS, UNSAFE, WEIGHTS, check_index
from pentimento.tools.profile import Profile
from pentimento.tools.source import Source
from pentimento.tools.types import ToolError

INDEX_SIZE = 1_000_000
"""Bytes of a pipeline's index at most; it is read before anything is agreed to."""


@dataclass(frozen=True)
class Order:
    """What would be fetched for one source."""

    roles: tuple[str, ...]
    source: Source
    remote: Remote
    entry: Locked

    def left(self, models: Path) -> int:
        """Bytes that are not here yet."""
        return sum(size - arrived(models, self.entry, name) for name, size in self.to_fetch(models))

    def to_fetch(self, models: Path) -> list[tuple[str, int]]:
        """Names and sizes of the files that are not here yet, the small ones first."""
        absent = {name: self.entry.files[name].size for name in lock.missing(models, self.entry)}
        return sorted(absent.items(), key=lambda named: (named[1], named[0]))


def arrived(models: Path, entry: Locked, name: str) -> int:
    part = part_of(lock.folder(models, entry) / name)
    return min(part.stat().st_size, entry.files[name].size) if part.is_file() else 0


def part_of(path: Path) -> Path:
    return path.with_name(f"{path.name}{lock.PART}")


def complete(profile: Profile, models: Path) -> bool:
    """Whether all that it needs was pulled; nobody needs to be asked then."""
    locked = lock.read(models)
    entries = [locked.of(source) for _, source in profile.file.sources() if source.repo]
    return all(entry is not None and not lock.missing(models, entry) for entry in entries)


def look(profile: Profile, models: Path, hub: Hub, *, renew: bool = False) -> list[Order]:
    """What would have to be fetched; only names, sizes and the index of a pipeline are.

    `renew`: the commits that the revisions stand for today, else those that are locked. Raises `ToolError`.
    """
    roles: dict[Source, dict[str, str]] = {}
    for role, source in profile.file.sources():
        if source.repo:
            key = Source(repo=source.repo, revision=source.revision, files=source.files, licence=source.licence)
            roles.setdefault(key, {})[role] = source.path
    locked = lock.read(models)
    orders = [_order(tuple(paths), source, locked, hub, renew=renew) for source, paths in roles.items()]
    for one, paths in zip(orders, roles.values(), strict=True):
        _expect(one.entry, paths)
    return orders


def _expect(entry: Locked, paths: dict[str, str]) -> None:
    """`ToolError` where a profile names a path that is not among what would be fetched."""
    for role, path in paths.items():
        if path and not any(name == path or name.startswith(f"{path.rstrip('/')}/") for name in entry.files):
            raise ToolError(f"{entry.repo} holds no {path} that could be fetched; correct path of the {role} model.")


def _order(roles: tuple[str, ...], source: Source, locked: lock.Lock, hub: Hub, *, renew: bool) -> Order:
    known = None if renew else locked.commit(source)
    remote = hub.look(source.repo, known or source.revision)
    if known is not None and remote.commit != known:
        raise ToolError(
            f"The hub gives another commit of {source.repo} than the one that is locked; nothing was fetched."
        )
    chosen = choose(remote, source)
    before = locked.files(source.repo, remote.commit)
    files = {file.name: _unchanged(source.repo, before.get(file.name), file) for file in chosen}
    entry = _entry(source, remote, files)
    _look_at_index(remote, entry, hub)
    return Order(roles, source, remote, entry)


def _entry(source: Source, remote: Remote, files: dict[str, LockedFile]) -> Locked:
    try:
        return Locked(
            repo=source.repo,
            revision=source.revision,
            patterns=source.files,
            commit=remote.commit,
            licence=remote.licence,
            files=files,
        )
    except ValidationError as error:
        raise ToolError(f"{source.repo} has a file or a commit of an impossible name; nothing was fetched.") from error


def _unchanged(repo: str, before: LockedFile | None, now: RemoteFile) -> LockedFile:
    """What is locked, which a commit can never change."""
    if before is None:
        return LockedFile(size=now.size, sha256=now.sha256)
    if before.size != now.size or (before.sha256 and now.sha256 and before.sha256 != now.sha256):
        raise ToolError(
            f"{now.name} of {repo} has changed at the hub since it was locked; don't trust it, nothing was fetched."
        )
    return before


def choose(remote: Remote, source: Source) -> list[RemoteFile]:
    """The files of a repository that are fetched: weights that can't hold a program, and text. `ToolError` where that won't do."""
    wanted = [file for file in remote.files if source.wants(file.name)]
    for file in wanted:
        if _suffix(file) in PROGRAMS:
            raise ToolError(f"{source.repo} comes with a program ({file.name}), which is never run; take one without.")
    safe = [file for file in wanted if _suffix(file) in WEIGHTS]
    folders = {PurePosixPath(file.name).parent for file in safe}
    for file in wanted:
        if _suffix(file) in UNSAFE and PurePosixPath(file.name).parent not in folders:
            raise ToolError(
                f"{source.repo} has {file.name} and no safetensors beside it; files of this kind may hold a program and are"
                " never read, take another repository."
            )
    if not safe:
        raise ToolError(f"{source.repo} holds no safetensors or GGUF that the profile asks for; correct its files.")
    return [*safe, *(file for file in wanted if _suffix(file) in TEXTS)]


def _suffix(file: RemoteFile) -> str:
    return PurePosixPath(file.name).suffix.lower()


def _look_at_index(remote: Remote, entry: Locked, hub: Hub) -> None:
    """Before anything large is fetched."""
    if INDEX not in entry.files:
        return
    content = b""
    if entry.files[INDEX].size <= INDEX_SIZE:
        with hub.bytes_of(remote, INDEX) as (_, chunks):
            for chunk in chunks:
                content += chunk
                if len(content) > INDEX_SIZE:
                    break
    check_index(content, f"{INDEX} of {entry.repo}")
