import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pentimento.agent.child import Child, ChildDied
from pentimento.agent.types import AgentError
from pentimento.tools.types import Cancelled, Progress, ToolError
from tests.memory.stories import python_env

PROGRAMS = "tests.agent.child_programs"
Make = Callable[..., Child]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes children, and ends them when the test is over."""
    made: list[Child] = []

    def child(factory: str = "Worker", *arguments: object, grace: float = 5.0) -> Child:
        made.append(Child("picture", f"{PROGRAMS}:{factory}", arguments, tmp_path / "picture.log", grace=grace))
        return made[-1]

    yield child
    for one in made:
        one.close()


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


def test_calls_are_answered_by_one_process_of_its_own(make: Make) -> None:
    child = make("Worker", "good day")
    assert child.pid is None
    assert child.call("greet", "Ada") == "good day Ada"
    assert child.call("pid") == child.pid != os.getpid()
    assert child.call("pid") == child.pid


def test_starting_returns_at_once_and_starts_one_process(make: Make) -> None:
    child = make("slow_to_make", 0.3)
    child.start()
    pid = child.pid
    child.start()
    assert pid is not None
    assert child.call("pid") == pid


def test_large_arguments_pass(make: Make) -> None:
    assert make().call("size", bytes(3_000_000)) == 3_000_000


def test_progress_comes_in_order_before_the_answer(make: Make) -> None:
    seen: list[Progress] = []
    assert make().call("count", 4, 0.0, report=seen.append) == 4
    assert [progress.stage for progress in seen] == ["step 1", "step 2", "step 3", "step 4"]
    assert seen[-1].fraction == 1.0


def test_a_cancellation_takes_effect_at_the_next_report(make: Make, tmp_path: Path) -> None:
    child, cancel, steps = make(), threading.Event(), tmp_path / "steps"
    pid = child.call("pid")
    times: list[float] = []

    def stop() -> None:
        wait_for(steps.exists)
        times.append(time.monotonic())
        cancel.set()

    person = threading.Thread(target=stop)
    person.start()
    with pytest.raises(Cancelled):
        child.call("write_then_report_forever", str(steps), report=lambda _: None, cancel=cancel)
    # A fifth of a second where the machine has time for it.
    assert time.monotonic() - times[0] < 1.0
    person.join()
    done = steps.read_text()
    time.sleep(0.05)
    assert steps.read_text() == done
    assert child.call("pid") == pid


def test_after_a_cancelled_call_the_next_one_gets_its_own_answer(make: Make) -> None:
    child, cancel = make(), threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        child.call("count", 50, 0.02, report=lambda _: None, cancel=cancel)
    assert child.call("greet", "Ada", cancel=threading.Event()) == "hello Ada"


def test_no_progress_is_told_after_a_cancellation(make: Make) -> None:
    child, cancel = make(), threading.Event()
    seen: list[Progress] = []

    def watch(progress: Progress) -> None:
        seen.append(progress)
        cancel.set()

    with pytest.raises(Cancelled):
        child.call("count", 50, 0.02, report=watch, cancel=cancel)
    assert len(seen) == 1


def test_a_call_that_heeds_no_cancellation_is_ended_after_the_grace(make: Make) -> None:
    child, cancel = make(grace=0.2), threading.Event()
    pid = child.call("pid")
    assert isinstance(pid, int)
    cancel.set()
    start = time.monotonic()
    with pytest.raises(Cancelled):
        child.call("never_report", 60, report=lambda _: None, cancel=cancel)
    assert time.monotonic() - start < 10
    assert gone(pid)
    assert child.call("pid") != pid


def test_a_call_that_ends_within_the_grace_keeps_its_process(make: Make) -> None:
    child, cancel = make(grace=30), threading.Event()
    pid = child.call("pid")
    cancel.set()
    with pytest.raises(Cancelled):
        child.call("never_report", 0.1, report=lambda _: None, cancel=cancel)
    assert child.call("pid") == pid


def test_while_the_process_loads_a_cancellation_is_instant_and_the_loading_goes_on(make: Make) -> None:
    child, cancel = make("slow_to_make", 1.0), threading.Event()
    child.start()
    pid = child.pid
    cancel.set()
    start = time.monotonic()
    with pytest.raises(Cancelled):
        child.call("size", bytes(3_000_000), cancel=cancel)
    assert time.monotonic() - start < 0.5
    assert child.call("pid") == pid


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
    make: Make, kind: str, error: type[Exception], sentence: str
) -> None:
    child = make()
    pid = child.call("pid")
    with pytest.raises(error) as caught:
        child.call("fail", kind)
    assert str(caught.value) == sentence
    assert child.call("pid") == pid


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


def test_what_the_process_writes_goes_to_its_log(make: Make, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    child = make()
    child.call("talk")
    child.close()
    log = tmp_path / "picture.log"
    assert capfd.readouterr() == ("", "")
    assert {"printed words", "words of an error", "words of native code"} <= set(log.read_text().splitlines())
    assert log.stat().st_mode & 0o777 == 0o600


def test_closing_ends_the_process_and_may_be_done_twice(make: Make) -> None:
    child = make()
    pid = child.call("pid")
    assert isinstance(pid, int)
    child.close()
    child.close()
    assert gone(pid)
    assert child.pid is None
    assert child.call("greet", "Ada") == "hello Ada"


def test_closing_does_not_wait_for_a_running_call(make: Make, tmp_path: Path) -> None:
    child, steps = make(), tmp_path / "steps"
    ended: list[BaseException] = []

    def call() -> None:
        try:
            child.call("write_then_report_forever", str(steps), report=lambda _: None)
        except ChildDied as error:
            ended.append(error)

    running = threading.Thread(target=call)
    running.start()
    wait_for(steps.exists)
    start = time.monotonic()
    child.close()
    assert time.monotonic() - start < 2
    running.join()
    assert len(ended) == 1


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
