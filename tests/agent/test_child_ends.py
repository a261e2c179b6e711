import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from pentimento.agent.child import Child, ChildDied
from pentimento.agent.types import AgentError
from pentimento.tools.types import Progress, ToolError
from tests.agent.children import PROGRAMS, Make, gone, wait_for
from tests.memory.stories import python_env

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("method", ["die", "die_while_sending"])
def test_a_process_that_dies_in_a_call_costs_that_call_alone(make: Make, tmp_path: Path, method: str) -> None:
    child = make()
    with pytest.raises(ChildDied) as caught:
        child.call(method, report=(lambda _: None) if method == "die_while_sending" else None)
    assert str(caught.value) == (
        f"The picture model's process ended unexpectedly; try again. What it wrote is in {tmp_path / 'picture.log'}."
    )
    assert child.call("greet", "Ada") == "hello Ada"


def test_a_process_killed_from_outside_costs_the_running_call_alone(make: Make, tmp_path: Path) -> None:
    child, steps = make(), tmp_path / "steps"

    def kill() -> None:
        wait_for(steps.exists)
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(ChildDied):
        child.call("write_then_report_forever", str(steps), report=lambda _: None)
    killer.join()
    assert child.call("greet", "Ada") == "hello Ada"


def test_a_process_that_died_between_calls_is_not_noticed(make: Make) -> None:
    child = make()
    pid = child.call("pid")
    assert isinstance(pid, int)
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: child.pid is None)
    assert child.call("greet", "Ada") == "hello Ada"


def test_an_error_in_watching_ends_the_call_and_leaves_nothing_behind(make: Make) -> None:
    child = make()

    def break_off(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        child.call("count", 3, 0.0, report=break_off)
    assert child.call("greet", "Ada") == "hello Ada"


@pytest.mark.parametrize(
    ("kind", "error", "sentence"),
    [
        ("tool", ToolError, "There is no such thing."),
        ("agent", AgentError, "Say it in other words."),
        ("torch", AgentError, "The model failed (RuntimeError: shapes do not match); try again."),
        ("key", AgentError, "The model failed (KeyError: 'unet'); try again."),
        ("empty", AgentError, "The model failed (ValueError); try again."),
    ],
)
def test_errors_come_back_as_a_sentence_and_the_process_stays(
    worker: Child, kind: str, error: type[Exception], sentence: str
) -> None:
    pid = worker.call("pid")
    with pytest.raises(error) as caught:
        worker.call("fail", kind)
    assert str(caught.value) == sentence
    assert worker.call("pid") == pid


def test_an_error_that_nobody_expects_is_written_down_and_costs_the_call(make: Make, tmp_path: Path) -> None:
    child = make()
    with pytest.raises(ChildDied):
        child.call("fail", "odd")
    assert "cosmic rays" in (tmp_path / "picture.log").read_text()
    assert child.call("greet", "Ada") == "hello Ada"


@pytest.mark.parametrize(
    ("kind", "error", "sentence"),
    [
        ("tool", ToolError, "There is no such thing."),
        ("torch", AgentError, r"The model can't be loaded \(RuntimeError: shapes do not match\); see .*picture\.log\."),
        ("odd", ChildDied, "The picture model's process ended unexpectedly; try again."),
    ],
)
def test_an_object_that_can_not_be_made_is_said_at_every_call(
    make: Make, kind: str, error: type[Exception], sentence: str
) -> None:
    child = make("never_made", kind)
    for _ in range(2):
        with pytest.raises(error, match=sentence):
            child.call("greet", "Ada")


def test_an_unknown_factory_is_said_in_one_sentence(make: Make) -> None:
    with pytest.raises(ChildDied, match="ended unexpectedly"):
        make("nothing_of_that_name").call("greet", "Ada")


def test_what_was_missing_at_the_first_call_may_be_there_at_the_second(make: Make, tmp_path: Path) -> None:
    child = make("made_at_the_second_try", str(tmp_path / "marker"))
    with pytest.raises(ToolError, match="reinstall"):
        child.call("greet", "Ada")
    assert child.call("greet", "Ada") == "hello Ada"


PARENT = f"""
import os, sys, threading, time
from pathlib import Path
from pentimento.agent.child import Child
if __name__ == "__main__":
    child = Child("picture", "{PROGRAMS}:Worker", (), Path(sys.argv[1]) / "log")
    if sys.argv[2] == "starting":
        child.start()
        print(child.pid, flush=True)
    else:
        print(child.call("pid"), flush=True)
    if sys.argv[2] == "busy":
        child.call("write_then_report_forever", sys.argv[1] + "/steps", report=lambda _: None)
    sys.stdin.read()
    if sys.argv[2] == "starting":
        print(child.call("greet", "Ada"), flush=True)
"""


def parent(tmp_path: Path, state: str) -> subprocess.Popen[str]:
    program = tmp_path / "parent.py"
    program.write_text(PARENT)
    return subprocess.Popen(
        [sys.executable, str(program), str(tmp_path), state],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=python_env(),
    )


@pytest.mark.parametrize("state", ["idle", "busy"])
def test_a_child_does_not_outlive_its_parent(tmp_path: Path, state: str) -> None:
    with parent(tmp_path, state) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        if state == "busy":
            wait_for((tmp_path / "steps").exists)
        process.kill()
        wait_for(lambda: gone(pid))


def test_an_interrupt_from_the_keyboard_is_the_parents_business(tmp_path: Path) -> None:
    with parent(tmp_path, "starting") as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        for _ in range(5):
            os.kill(pid, signal.SIGINT)
            time.sleep(0.02)
        output, errors = process.communicate("", timeout=60)
    assert output == "hello Ada\n"
    assert errors == ""


def test_a_log_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    child = Child("picture", f"{PROGRAMS}:Worker", ("good day",), tmp_path)
    with pytest.raises(AgentError, match=r"can't be written \(Is a directory\); make it writable or delete it\."):
        child.call("pid")
    child.close()
