"""A store in a folder of its own, and a conversation on it with scripted models."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pentimento.memory.store import Store
from tests.fakes_agent import Desk, ScriptedLLM, ToolsHere, tiny_profile


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once and copied, since Alembic needs longer than most tests."""
    folder = tmp_path_factory.mktemp("empty") / "home"
    Store(folder).close()
    return folder


@pytest.fixture
def store(tmp_path: Path, empty_home: Path) -> Iterator[Store]:
    with Store(Path(shutil.copytree(empty_home, tmp_path / "home"))) as opened:
        yield opened


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return Desk(store, ScriptedLLM(), ToolsHere(), tiny_profile(tmp_path))
