import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from pentimento.memory.store import Store
from pentimento.memory.types import StoreError, TurnStatus
from tests.memory.stories import ROOT, python, python_env, take_turn

pytestmark = pytest.mark.slow

LEFT_RUNNING = """
import sys, time
from pathlib import Path
from pentimento.memory.store import Store
store = Store(Path(sys.argv[1]))
turn = store.begin_turn(store.session("default").id, "a squirrel")
print("running", flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True)
class Outcome:
    kills: int
    acknowledged: int
    violations: list[str]


def kill(home: Path, kills: int, order: str) -> Outcome:
    command = python("-m", "tests.memory.crash", str(home), str(kills), order)
    done = subprocess.run(command, cwd=ROOT, env=python_env(), capture_output=True, text=True, check=True)
    return Outcome(**json.loads(done.stdout))


@pytest.mark.timeout(300)
def test_no_acknowledged_turn_is_lost_in_twenty_kills(home: Path) -> None:
    outcome = kill(home, 20, "right")
    assert outcome.violations == []
    assert outcome.kills == 20
    assert outcome.acknowledged >= 10


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_no_acknowledged_turn_is_lost_in_three_hundred_kills(home: Path) -> None:
    outcome = kill(home, 300, "right")
    assert outcome.violations == []
    assert outcome.kills == 300
    assert outcome.acknowledged >= 200


@pytest.mark.timeout(300)
def test_the_naive_order_loses_pictures_and_is_caught(home: Path) -> None:
    outcome = kill(home, 200, "naive")
    assert any("its picture file" in violation for violation in outcome.violations)


def test_a_turn_whose_process_is_killed_becomes_interrupted_once_and_a_living_one_is_left_alone(home: Path) -> None:
    command = python("-c", LEFT_RUNNING, str(home))
    with subprocess.Popen(
        command, env=python_env(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        with Store(home) as store:
            session = store.session("default")
            assert store.turns(session.id)[0].status is TurnStatus.RUNNING
        process.kill()
    started = time.perf_counter()
    with Store(home) as store:
        (turn,) = store.turns(session.id)
        assert time.perf_counter() - started <= 2
        assert turn.status is TurnStatus.INTERRUPTED
        assert turn.ended is not None
        with pytest.raises(StoreError, match="not running"):
            store.end_turn(session.id, turn.number, TurnStatus.DONE)
        take_turn(store, session.id, 1, None)
    with Store(home) as store:
        assert store.turns(session.id)[0] == turn
        assert [one.status for one in store.turns(session.id)] == [TurnStatus.INTERRUPTED, TurnStatus.DONE]
    assert list((home / "running").iterdir()) == []


def test_a_running_turn_of_another_store_in_this_process_is_left_alone(home: Path) -> None:
    with Store(home) as first:
        session = first.session("default")
        first.begin_turn(session.id, "a squirrel")
        Store(home).close()
        assert first.turns(session.id)[0].status is TurnStatus.RUNNING
        first.end_turn(session.id, 1, TurnStatus.DONE)


def test_turns_that_ended_keep_their_status_when_the_process_is_gone(home: Path) -> None:
    with Store(home) as store:
        session = store.session("default")
        take_turn(store, session.id, 1, None)
        before = store.turns(session.id)
    with Store(home) as store:
        assert store.turns(session.id) == before
