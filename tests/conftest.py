"""What holds for every test: no graphics card is needed, no network, and no quiet machine."""

import gc
import os
import shutil

import pytest
from hypothesis import settings

os.environ.setdefault("GOMP_SPINCOUNT", "1000")
# The workers share the processor; tiny models lose more by a second thread than they gain.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["HF_HUB_OFFLINE"] = "1"
# Screens and models are a million objects, and the collector would walk them at every turn.
gc.set_threshold(20_000)
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if shutil.which("nvidia-smi") is not None:
        return
    for item in items:
        if item.get_closest_marker("gpu") is not None:
            item.add_marker(pytest.mark.skip(reason="needs a graphics card"))


def pytest_collection_finish() -> None:
    """What was imported stays; the collector need not look at it again and again."""
    gc.freeze()
