import json
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from pentimento.memory.store import Store
from tests.memory.stories import ROOT, python, python_env

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Written:
    """What one process did."""

    ids: list[str]
    milliseconds: list[float]


def run_writers(home: Path, turns: int) -> list[Written]:
    """Four processes at once in one session."""
    commands = [
        python("-m", "tests.memory.writer", str(home), str(turns), str(seed)) for seed in range(0, 40000, 10000)
    ]
    pipe = subprocess.PIPE
    processes = [
        subprocess.Popen(command, cwd=ROOT, env=python_env(), stdout=pipe, stderr=pipe, text=True)
        for command in commands
    ]
    answers = [process.communicate() for process in processes]
    assert [error for _, error in answers if error] == []
    return [Written(**json.loads(answer)) for answer, _ in answers]


def check(home: Path, turns: int) -> str:
    """Says how long the commits took."""
    written = run_writers(home, turns)
    with Store(home) as store:
        session = store.session("default")
        assert len(store.nodes(session.id)) == len(store.turns(session.id)) == 4 * turns
        assert len({node for one in written for node in one.ids}) == 4 * turns
        for one in written:
            line = store.ancestors(session.id, one.ids[-1], limit=turns)
            assert [node.id for node in reversed(line)] == one.ids[:-1]
        branches = {operation.branch for operation in store.operations(session.id)}
        assert branches == {"main", "main~2", "main~3", "main~4"}
        assert store.verify() == ()
    commits = [took for one in written for took in one.milliseconds]
    median, p99 = statistics.median(commits), statistics.quantiles(commits, n=100)[98]
    return f"{len(commits)} commits: median {median:.1f} ms, p99 {p99:.1f} ms, longest {max(commits):.0f} ms"


def test_four_processes_make_one_home_and_take_twenty_turns_each_and_none_is_locked_out_or_lost(tmp_path: Path) -> None:
    check(tmp_path / "home", 20)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_four_processes_take_a_thousand_turns_each_and_none_is_locked_out_or_lost(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    times = check(home, 1000)
    with capsys.disabled():
        sys.stdout.write(f"\n{times}\n")
