"""What was replaced is not deleted: it lies beside, under a name with the date."""

from datetime import datetime
from itertools import count
from pathlib import Path

_MARK = ".set-aside-"


def set_aside(path: Path) -> Path:
    """Gives a file or folder the name under which it is kept from here on. Raises OSError."""
    name = f"{path.name}{_MARK}{datetime.now().astimezone():%Y-%m-%dT%H-%M-%S}"
    names = (path.with_name(name if number == 1 else f"{name}-{number}") for number in count(1))
    kept = next(free for free in names if not free.exists())
    path.rename(kept)
    return kept


def kept_aside(home: Path) -> tuple[Path, ...]:
    """All that was set aside: in a home, and of the home itself."""
    return tuple(sorted([*home.glob(f"*{_MARK}*"), *home.parent.glob(f"{home.name}{_MARK}*")]))
