import json
import subprocess
from pathlib import Path

import pytest

from pentimento.memory.store import Store
from tests.memory.stories import ROOT, python, python_env


def run_writers(home: Path, turns: int) -> list[list[str]]:
    """Four processes at once in one session; the ids that each of them made."""
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
    return [json.loads(answer)["ids"] for answer, _ in answers]


def check(home: Path, turns: int) -> None:
    made = run_writers(home, turns)
    with Store(home) as store:
        session = store.session("default")
        assert len(store.nodes(session.id)) == len(store.turns(session.id)) == 4 * turns
        assert len({node for ids in made for node in ids}) == 4 * turns
        for ids in made:
            line = store.ancestors(session.id, ids[-1], limit=turns)
            assert [node.id for node in reversed(line)] == ids[:-1]
        branches = {operation.branch for operation in store.operations(session.id)}
        assert branches == {"main", "main~2", "main~3", "main~4"}
        assert store.verify() == ()


def test_four_processes_make_one_home_and_take_twenty_turns_each_and_none_is_locked_out_or_lost(tmp_path: Path) -> None:
    check(tmp_path / "home", 20)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_four_processes_take_a_thousand_turns_each_and_none_is_locked_out_or_lost(home: Path) -> None:
    check(home, 1000)
