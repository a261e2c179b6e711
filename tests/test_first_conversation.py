"""The first conversation on the shipped models: what must hold whatever they draw."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pentimento.agent.bootstrap import open_conversation
from pentimento.agent.loop import Conversation
from pentimento.agent.types import Event, NodeKind, Request, Role, StepProgress, TurnResult, TurnStatus
from pentimento.bench import squirrel
from pentimento.memory.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.llm, pytest.mark.timeout(300)]


@pytest.fixture
def conversation(tmp_path: Path) -> Iterator[Conversation]:
    opened = open_conversation(tmp_path, "first")
    yield opened
    opened.close()


def say(conversation: Conversation, said: str, seed: int = 1) -> TurnResult:
    return conversation.act(Request(said, seed=seed), lambda _event: None, threading.Event())


def test_nothing_outside_changes_and_undo_brings_the_same_bytes_back() -> None:
    for seen in squirrel.measure(range(4)):
        assert seen.changed_outside == 0, seen
        assert seen.undone, seen


def test_three_sentences_in_real_processes_leave_a_whole_lineage(conversation: Conversation, tmp_path: Path) -> None:
    drawn, red, back = (say(conversation, said) for said in squirrel.SAYINGS)
    assert [result.status for result in (drawn, red, back)] == [TurnStatus.DONE] * 3
    assert drawn.head == "n1"
    mask, picture = red.nodes[0].node, red.nodes[1].node
    assert (mask.id, mask.kind) == ("n2", NodeKind.MASK)
    assert [(edge.parent, edge.role) for edge in picture.parents] == [("n1", Role.SOURCE), ("n2", Role.MASK)]
    assert picture.measures["changed_outside"] == 0
    assert back.head == "n1"
    with Store(tmp_path) as store:
        assert store.verify() == ()
        assert [turn.said for turn in store.turns(store.session("first").id)] == list(squirrel.SAYINGS)


def test_the_same_seed_draws_the_same_picture_in_fresh_processes(tmp_path: Path) -> None:
    blobs = []
    for name in ("one", "other"):
        opened = open_conversation(tmp_path / name, "first")
        blobs.append([made.node.blob for said in squirrel.SAYINGS[:2] for made in say(opened, said, seed=5).nodes])
        opened.close()
    assert blobs[0] == blobs[1]


def test_a_command_leaves_nothing_on_stderr(tmp_path: Path) -> None:
    home = {**os.environ, "PENTIMENTO_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "pentimento.tui.main", "say", squirrel.SAYINGS[0], "--seed", "1"]
    done = subprocess.run(command, env=home, capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_a_picture_process_that_is_killed_costs_one_turn(conversation: Conversation) -> None:
    victims: list[int] = []

    def kill(event: Event) -> None:
        if isinstance(event, StepProgress) and not victims:
            children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text(encoding="utf-8").split()
            victims.extend(int(pid) for pid in children if "spawn_main" in _command(int(pid)))
            for pid in victims:
                os.kill(pid, signal.SIGKILL)

    failed = conversation.act(Request(squirrel.SAYINGS[0], seed=1), kill, threading.Event())
    assert failed.status is TurnStatus.FAILED
    assert failed.nodes == ()
    assert "try again" in failed.reply
    assert say(conversation, squirrel.SAYINGS[0]).status is TurnStatus.DONE


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")
