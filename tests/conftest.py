"""What holds for every test: no graphics card is needed, no network, and no quiet machine."""

import gc
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.compiled_once import compiled_once
from tests.new_homes import remembered

os.environ.setdefault("GOMP_SPINCOUNT", "1000")
# The workers share the processor; tiny models lose more by a second thread than they gain.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["HF_HUB_OFFLINE"] = "1"
# Screens and models are a million objects, and the collector would walk them at every turn.
gc.set_threshold(20_000)
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


_SLOW_ALONE = re.compile(r"^pytestmark = \[?pytest\.mark\.slow\b", re.MULTILINE)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A file of slow tests alone is left out before it is imported, with PyTorch and all that it brings along."""
    if config.option.markexpr != "not slow" or collection_path.suffix != ".py":
        return None
    return _SLOW_ALONE.search(collection_path.read_text(encoding="utf-8")) is not None or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if shutil.which("nvidia-smi") is not None:
        return
    for item in items:
        if item.get_closest_marker("gpu") is not None:
            item.add_marker(pytest.mark.skip(reason="needs a graphics card"))


@pytest.fixture(autouse=True, scope="session")
def quick_homes() -> Iterator[None]:
    """Made and read without doing everything again, and no test waits for the disk: none of them cuts the power."""
    from pentimento.memory import sqlite
    from pentimento.memory.migrations import run

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "upgrade", remembered(run.upgrade))
        patch.setattr(sqlite, "open_engine", compiled_once(sqlite.open_engine))
        patch.setattr(sqlite, "LOCAL", (*sqlite.LOCAL, "PRAGMA synchronous = OFF"))
        patch.setattr(os, "fsync", lambda _: None)
        yield


def pytest_collection_finish() -> None:
    """What was imported stays; the collector need not look at it again and again."""
    gc.freeze()
