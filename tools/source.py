"""Where the files of a model come from: a folder beside the profile, or a repository of a hub, from which they are pulled."""

from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, Field, PositiveFloat, model_validator


def inside(pattern: str) -> str:
    if pattern.startswith("/") or ".." in PurePosixPath(pattern).parts or "\\" in pattern:
        raise ValueError("a path within the repository is wanted")
    return pattern


class Source(BaseModel, extra="forbid", frozen=True):
    path: str = ""
    """A folder or file, relative to the profile; with `repo`: within the repository, empty for all of it."""
    repo: Annotated[str, Field(pattern=r"^$|^[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}$")] = ""
    """OWNER/NAME at the hub; empty: the files lie beside the profile."""
    revision: Annotated[str, Field(pattern=r"^[A-Za-z0-9][\w./-]{0,99}$")] = "main"
    """A branch, a tag or a commit; the first pull writes down which commit it was."""
    files: tuple[Annotated[str, AfterValidator(inside)], ...] = ()
    """Patterns of the files that are needed, `*` within one folder; empty: all that are weights or text."""
    licence: str = ""
    """As its publisher names it."""
    size_gb: PositiveFloat | None = None
    """Of the download, 10⁹ bytes; None: not known."""
    memory_gb: PositiveFloat | None = None
    """That it needs while it works, of the card or the computer, 10⁹ bytes; None: not known."""

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if not self.path and not self.repo and not self.served:
            raise ValueError("either path or repo says where it is")
        if self.repo:
            inside(self.path)
        return self

    @property
    def served(self) -> bool:
        """Whether it has no files here: a server has them."""
        return False

    def wants(self, name: str) -> bool:
        """Whether a file of the repository is one of those that are needed."""
        return not self.files or any(matches(name, pattern) for pattern in self.files)


def matches(name: str, pattern: str) -> bool:
    """`*` and `?` stand for characters of one part of the path, never for a `/`."""
    parts, patterns = name.split("/"), pattern.split("/")
    return len(parts) == len(patterns) and all(map(fnmatchcase, parts, patterns))
