import subprocess
from dataclasses import replace

import pytest

from tests.memory.soak import LARGEST_LOG, Part, Soak
from tests.memory.stories import ROOT, python, python_env

PART = Part(
    turns=100,
    median_ms=5.0,
    p99_ms=10.0,
    wall_p99_ms=20.0,
    unit_ms=0.5,
    resident_mib=100.0,
    descriptors=9,
    largest_log=2**20,
)


def test_a_soak_in_which_nothing_grows_has_no_problems() -> None:
    assert Soak([PART, PART]).problems() == []


@pytest.mark.parametrize(
    ("worse", "problem"),
    [
        (replace(PART, resident_mib=106.0), "memory grew from 100 to 106 MiB"),
        (replace(PART, descriptors=10), "9 open files became 10"),
        (replace(PART, largest_log=LARGEST_LOG + 1), "the log of the database passed 64 MiB"),
        (replace(PART, p99_ms=12.1), "p99 went from 20.0 to 24.2 units"),
    ],
)
def test_what_grows_in_a_soak_is_said(worse: Part, problem: str) -> None:
    assert Soak([*[PART] * 3, *[worse] * 3]).problems() == [problem]


def test_a_busy_moment_is_no_problem() -> None:
    slow = replace(PART, p99_ms=30.0)
    assert Soak([PART, slow, PART, PART, slow, PART]).problems() == []
    assert Soak([*[PART] * 3, *[replace(slow, unit_ms=1.5)] * 3]).problems() == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_nothing_grows_in_a_minute_of_turns() -> None:
    done = subprocess.run(
        python("-m", "tests.memory.soak", "1"), cwd=ROOT, env=python_env(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
