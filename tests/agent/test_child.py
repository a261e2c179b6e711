import os
import threading
import time
from pathlib import Path

import pytest

from pentimento.agent.child import Child, ChildDied
from pentimento.tools.types import Cancelled, Progress
from tests.agent.children import Make, gone, wait_for

pytestmark = pytest.mark.slow


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


def test_large_arguments_pass(worker: Child) -> None:
    assert worker.call("size", bytes(3_000_000)) == 3_000_000


def test_progress_comes_in_order_before_the_answer(worker: Child) -> None:
    seen: list[Progress] = []
    assert worker.call("count", 4, 0.0, report=seen.append) == 4
    assert [progress.stage for progress in seen] == ["step 1", "step 2", "step 3", "step 4"]
    assert seen[-1].fraction == 1.0


def test_a_cancellation_takes_effect_at_the_next_report(worker: Child, tmp_path: Path) -> None:
    cancel, steps = threading.Event(), tmp_path / "steps"
    pid = worker.call("pid")
    times: list[float] = []

    def stop() -> None:
        wait_for(steps.exists)
        times.append(time.monotonic())
        cancel.set()

    person = threading.Thread(target=stop)
    person.start()
    with pytest.raises(Cancelled):
        worker.call("write_then_report_forever", str(steps), report=lambda _: None, cancel=cancel)
    # A fifth of a second where the machine has time for it.
    assert time.monotonic() - times[0] < 1.0
    person.join()
    done = steps.read_text()
    time.sleep(0.05)
    assert steps.read_text() == done
    assert worker.call("pid") == pid


def test_after_a_cancelled_call_the_next_one_gets_its_own_answer(worker: Child) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        worker.call("count", 50, 0.02, report=lambda _: None, cancel=cancel)
    assert worker.call("greet", "Ada", cancel=threading.Event()) == "hello Ada"


def test_no_progress_is_told_after_a_cancellation(worker: Child) -> None:
    cancel = threading.Event()
    seen: list[Progress] = []

    def watch(progress: Progress) -> None:
        seen.append(progress)
        cancel.set()

    with pytest.raises(Cancelled):
        worker.call("count", 50, 0.02, report=watch, cancel=cancel)
    assert len(seen) == 1


def test_a_call_that_heeds_a_cancellation_ends_at_once_and_its_process_lives(worker: Child) -> None:
    cancel, pid = threading.Event(), worker.call("pid")
    threading.Timer(0.2, cancel.set).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        worker.call("wait_until_told", cancel=cancel, heeds=True)
    assert time.monotonic() - began < 1.2
    assert worker.call("pid") == pid


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


def test_a_call_that_ends_within_the_grace_keeps_its_process(worker: Child) -> None:
    cancel = threading.Event()
    pid = worker.call("pid")
    cancel.set()
    with pytest.raises(Cancelled):
        worker.call("never_report", 0.1, report=lambda _: None, cancel=cancel)
    assert worker.call("pid") == pid


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
