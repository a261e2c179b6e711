"""A store in a folder of its own, closed when the test is over."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pentimento.memory.store import Store


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once and copied, since Alembic needs longer than most tests."""
    folder = tmp_path_factory.mktemp("empty") / "home"
    Store(folder).close()
    return folder


@pytest.fixture
def home(tmp_path: Path, empty_home: Path) -> Path:
    return Path(shutil.copytree(empty_home, tmp_path / "home"))


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    with Store(home) as opened:
        yield opened
