import json
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from pentimento.agent.types import Request, TurnStatus
from pentimento.tui.rehearsal import Rehearsal, prepare
from pentimento.tui.script import load_script
from pentimento.tui.shell import interruptible
from tests.fakes import Answer, FakeConversation, made_node

if TYPE_CHECKING:
    from pentimento.agent.loop import Conversation

STORY = """
turns:
- say: a fox
  expect: {status: done, head: n1}
- say: undo
  expect:
    head: n1
    measures: {changed_outside: 0}
"""


def rehearse(path: Path, conversation: FakeConversation, text: str = STORY, *, json: bool = True) -> int:
    file = path / "story.yaml"
    file.write_text(text, encoding="utf-8")
    script, places = load_script(file)

    def open_session(session: str | None, *, fresh: bool = False) -> "Conversation":
        conversation.name = f"{session}-1" if fresh else str(session)
        return cast("Conversation", conversation)

    prepare(path / "out")
    with Rehearsal(script, places, file, open_session) as rehearsal:
        return rehearsal.play(threading.Event(), path / "out", json=json)


def test_turns_are_printed_and_what_they_made_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = made_node(tmp_path, 1, "a fox")
    conversation = FakeConversation([Answer(nodes=(made,)), Answer(head=made)])
    story = STORY.replace("    measures: {changed_outside: 0}\n", "")
    assert rehearse(tmp_path, conversation, story) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["said"] for line in printed] == ["a fox", "undo"]
    assert (tmp_path / "out" / "turns.jsonl").read_text().splitlines() == printed
    assert (tmp_path / "out" / "01-n1.png").read_bytes() == made.path.read_bytes()
    assert (tmp_path / "out" / "02-n1.png").read_bytes() == made.path.read_bytes()
    assert conversation.closed


def test_an_expectation_that_is_not_met_is_named_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = made_node(tmp_path, 1, "a fox")
    assert rehearse(tmp_path, FakeConversation([Answer(nodes=(made,)), Answer(head=made)])) == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out.splitlines()[-1]) == {
        "event": "unmet",
        "turn": 2,
        "line": 8,
        "what": "measures.changed_outside",
        "expected": 0,
        "got": None,
    }
    assert "story.yaml:8: turn 2: expected measures.changed_outside to be 0, got None." in captured.err


@pytest.mark.parametrize(
    ("status", "expect", "code"),
    [
        (TurnStatus.FAILED, "", 1),
        (TurnStatus.FAILED, "expect: {status: failed}", 0),
        (TurnStatus.ASKED, "", 0),
        (TurnStatus.CANCELLED, "", 130),
    ],
)
def test_the_exit_code_tells_how_it_ended(tmp_path: Path, status: TurnStatus, expect: str, code: int) -> None:
    conversation = FakeConversation([Answer(status=status)])
    assert rehearse(tmp_path, conversation, f"turns:\n- say: x\n  {expect}\n", json=False) == code


def test_ctrl_c_cancels_the_running_turn_and_a_second_one_interrupts() -> None:
    conversation = FakeConversation([Answer(hold=threading.Event()), Answer()])
    # A test runner in the background may have been started with interrupts switched off.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Timer(0.1, signal.raise_signal, [signal.SIGINT]).start()
    with interruptible() as cancel:
        result = conversation.act(Request("a fox"), lambda _event: None, cancel)
        assert result.status is TurnStatus.CANCELLED
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.signal(signal.SIGINT, before) is signal.default_int_handler


def test_a_cancelled_script_does_not_go_on(tmp_path: Path) -> None:
    conversation = FakeConversation([Answer(status=TurnStatus.CANCELLED)])
    rehearse(tmp_path, conversation)
    assert len(conversation.requests) == 1


def test_a_script_without_a_session_asks_for_a_new_one_named_after_its_file(tmp_path: Path) -> None:
    asked: list[tuple[str | None, bool]] = []

    def open_session(session: str | None, *, fresh: bool = False) -> "Conversation":
        asked.append((session, fresh))
        return cast("Conversation", FakeConversation())

    for text in (STORY, f"session: mine\n{STORY}"):
        file = tmp_path / "story.yaml"
        file.write_text(text, encoding="utf-8")
        script, places = load_script(file)
        with Rehearsal(script, places, file, open_session) as rehearsal:
            rehearsal.play(threading.Event(), None, json=True)
    assert asked == [("story", True), ("mine", False)]
