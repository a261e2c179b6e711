"""Promise 3 on the shipped models: what one process made, another one makes again, bit for bit."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tui.terminal_session import ROOT

PROGRAM = [sys.executable, "-m", "pentimento.tui.main"]
EXAMPLE = ROOT / "examples" / "red-squirrel.yaml"
SCRIPT = "turns:\n  - say: {draw}\n    seed: {seed}\n  - say: {change}\n    seed: {seed}\n"
SESSIONS = (
    ("a fox in a forest", "put it on a beach"),
    ("a blue car in a city", "make the car yellow"),
    ("a tree on a beach", "make it snow"),
    ("a cat and a ball in a forest", "flip it"),
)


def program(home: Path, *arguments: str, threads: int = 2) -> str:
    """Run the program in a process of its own; its stdout."""
    environment = {**os.environ, "PENTIMENTO_HOME": str(home), "OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(
        [*PROGRAM, *arguments], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_example_is_replayed_bit_for_bit_in_a_new_process(tmp_path: Path) -> None:
    program(tmp_path, "run", str(EXAMPLE))
    told = program(tmp_path, "replay", "n3", "--fresh")
    assert "2 steps: 2 identical." in told


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_four_more_sessions_are_replayed_bit_for_bit(tmp_path: Path) -> None:
    for number, (draw, change) in enumerate(SESSIONS):
        script = tmp_path / f"{number}.yaml"
        script.write_text(SCRIPT.format(draw=draw, change=change, seed=number))
        program(tmp_path, "run", str(script))
        assert "2 steps: 2 identical." in program(tmp_path, "replay", "--fresh")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_another_number_of_threads_is_told_wherever_it_makes_a_difference(tmp_path: Path) -> None:
    program(tmp_path, "run", str(EXAMPLE))
    told = program(tmp_path, "replay", "n3", "--fresh", threads=1)
    assert "2 identical" in told or "threads was 2, now 1" in told


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_second_thoughts_are_understood_and_make_the_right_graph(tmp_path: Path) -> None:
    program(tmp_path, "run", str(EXAMPLE.with_name("second-thoughts.yaml")))
    made = {node: json.loads(program(tmp_path, "show", node, "--json")) for node in ("n6", "n7", "n8")}
    assert {node: shown["parents"] for node, shown in made.items()} == {
        "n6": [{"id": "n5", "role": "source"}],
        "n7": [{"id": "n3", "role": "source"}],
        "n8": [{"id": "n1", "role": "source"}],
    }
    assert len({json.dumps([shown["call"]["arguments"], shown["call"]["seed"]]) for shown in made.values()}) == 1
    assert "without-n3" in program(tmp_path, "log")
