"""What the processes of the child's tests run; nothing heavy is imported."""

import inspect
import os
import signal
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

from pentimento.agent.types import AgentError, Completion, Form, Stop
from pentimento.tools.types import Cancelled, NeedsRoom, Progress, Report, ToolCall, ToolError, ToolResult


class Worker:
    """Does as it is told, in its own process."""

    def __init__(self, greeting: str = "hello") -> None:
        self._greeting = greeting

    def greet(self, name: str) -> str:
        return f"{self._greeting} {name}"

    def pid(self) -> int:
        return os.getpid()

    def size(self, data: bytes) -> int:
        return len(data)

    def count(self, steps: int, pause: float, report: Report) -> int:
        for step in range(steps):
            report(Progress(f"step {step + 1}", (step + 1) / steps))
            time.sleep(pause)
        return steps

    def never_report(self, seconds: float, report: Report) -> str:
        time.sleep(seconds)
        return "slept"

    def write_then_report_forever(self, path: str, report: Report) -> None:
        step = 0
        while True:
            step += 1
            report(Progress("working", 0.5))
            Path(path).write_text(str(step))
            time.sleep(0.01)

    def wait_until_told(self, stop: Stop) -> None:
        while not stop.is_set():
            time.sleep(0.01)
        raise Cancelled

    def talk(self) -> None:
        print("printed words")  # noqa: T201
        sys.stderr.write("words of an error\n")
        sys.stderr.flush()
        os.write(1, b"words of native code\n")
        sys.stdout.flush()

    def die(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def die_while_sending(self, report: Report) -> None:
        """Half a message is in the pipe when the process ends."""
        os.write(_pipe_of(report), b"\0\0\xff\xffhalf a message")
        os.kill(os.getpid(), signal.SIGKILL)

    def fail(self, kind: str) -> None:
        errors = {
            "tool": ToolError("There is no such thing."),
            "agent": AgentError("Say it in other words."),
            "torch": RuntimeError("shapes do not match\nand more of it"),
            "key": KeyError("unet"),
            "empty": ValueError(),
            "odd": SystemError("cosmic rays"),
        }
        raise errors[kind]


def _pipe_of(report: Report) -> int:
    held = inspect.getclosurevars(report).nonlocals.values()
    return next(one.fileno() for one in held if isinstance(one, Connection))


def slow_to_make(seconds: float) -> Worker:
    time.sleep(seconds)
    return Worker()


def never_made(kind: str) -> Worker:
    Worker().fail(kind)
    return Worker()


def made_at_the_second_try(marker: str) -> Worker:
    if not Path(marker).exists():
        Path(marker).touch()
        raise ToolError("The weights are missing; reinstall Pentimento.")
    return Worker()


class MortalLLM:
    """Dies at the first message of its life that says so."""

    def __init__(self, answer: str) -> None:
        self._answer = answer

    def complete(
        self, messages: list[dict[str, str]], form: Form, max_tokens: int, cancel: Stop | None = None
    ) -> Completion:
        if messages[-1]["content"].splitlines()[-1] == "said: die":
            os.kill(os.getpid(), signal.SIGKILL)
        return Completion(self._answer, 1, 1, finished=True)


class SlowLLM:
    """Takes longer over a plan than a person waits."""

    def complete(
        self, messages: list[dict[str, str]], form: Form, max_tokens: int, cancel: Stop | None = None
    ) -> Completion:
        time.sleep(30)
        return Completion("", 1, 1, finished=True)


class Crowded:
    """A picture model that has room on the card only when it is alone there."""

    def run_beside(self, _call: ToolCall, _inputs: object, _report: Report) -> ToolResult:
        raise NeedsRoom("The card is full; close other programs.")

    def run(self, call: ToolCall, _inputs: object, _report: Report) -> ToolResult:
        return ToolResult((), note=f"{call.tool} alone")


class Full(Crowded):
    def run(self, _call: ToolCall, _inputs: object, _report: Report) -> ToolResult:
        raise NeedsRoom("The card is full; close other programs.")
