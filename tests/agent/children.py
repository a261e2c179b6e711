"""What the tests of the child process share."""

import time
from collections.abc import Callable
from pathlib import Path

from pentimento.agent.child import Child

PROGRAMS = "tests.agent.child_programs"
Make = Callable[..., Child]


def wait_for(happened: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True
