"""A store in a folder of its own, and a conversation on it with scripted models."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pentimento.agent.child import Child
from pentimento.memory.store import Store
from tests.agent.children import PROGRAMS, Make
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
def elsewhere(tmp_path: Path, empty_home: Path) -> Iterator[Store]:
    """Another home."""
    with Store(Path(shutil.copytree(empty_home, tmp_path / "elsewhere"))) as opened:
        yield opened


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return Desk(store, ScriptedLLM(), ToolsHere(), tiny_profile(tmp_path))


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    """One child for all tests that leave its process alive, since a start takes longer than most of them."""
    child = Child("picture", f"{PROGRAMS}:Worker", (), tmp_path_factory.mktemp("worker") / "picture.log", grace=30)
    yield child
    child.close()


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes children, and ends them when the test is over."""
    made: list[Child] = []

    def child(factory: str = "Worker", *arguments: object, grace: float = 5.0) -> Child:
        made.append(Child("picture", f"{PROGRAMS}:{factory}", arguments, tmp_path / "picture.log", grace=grace))
        return made[-1]

    yield child
    for one in made:
        one.close()
