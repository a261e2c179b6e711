"""Stand-ins written by hand: scripted, recording, and no cleverer than a test needs."""

import hashlib
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image
from pydantic import JsonValue

from pentimento.agent.looking import Pointers
from pentimento.agent.types import (
    AgentError,
    Call,
    Completion,
    Edge,
    Emit,
    Form,
    MadeNode,
    Node,
    NodeKind,
    Plan,
    PlanReady,
    Request,
    Seconds,
    Step,
    StepFinished,
    StepProgress,
    StepStarted,
    Stop,
    StoreError,
    Turn,
    TurnFinished,
    TurnResult,
    TurnStarted,
    TurnStatus,
)

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
A_PLAN = Plan((Step("generate", {"prompt": "a picture"}, {}),), "Done.")


def made_node(
    path: Path,
    number: int,
    label: str,
    *,
    picture: Image.Image | None = None,
    parents: tuple[Edge, ...] = (),
    kind: NodeKind = NodeKind.IMAGE,
    measures: Mapping[str, JsonValue] | None = None,
    turn: int = 1,
    rewritten: str = "",
) -> MadeNode:
    """A node whose PNG really lies in the folder `path`."""
    picture = picture or Image.new("RGB", (64, 64), (40 * number % 256, 90, 120))
    file = path / f"n{number}.png"
    picture.save(file)
    call = Call("generate", "1", "0" * 64, {"prompt": label, **({"rewritten": rewritten} if rewritten else {})}, number)
    node = Node(
        f"n{number}",
        kind,
        hashlib.sha256(file.read_bytes()).hexdigest(),
        picture.width,
        picture.height,
        label,
        parents,
        call,
        "",
        measures or {},
        turn,
        NOON + timedelta(minutes=turn),
    )
    return MadeNode(node, file)


def past_turn(number: int, said: str, reply: str, plan: str = "", status: TurnStatus = TurnStatus.DONE) -> Turn:
    started = NOON + timedelta(minutes=number)
    return Turn(number, said, status, plan, reply, "", {}, started, started + timedelta(seconds=2))


@dataclass
class Answer:
    """What the fake conversation makes of one request."""

    reply: str = "Done."
    plan: Plan = A_PLAN
    nodes: tuple[MadeNode, ...] = ()
    head: MadeNode | None = None
    """Where the session stands afterwards; left out, on the last picture made."""
    status: TurnStatus = TurnStatus.DONE
    stages: tuple[str, ...] = ("drawing",)
    note: str = ""
    hold: threading.Event | None = None
    """The turn lasts until this is set, or until it is cancelled."""
    deaf: bool = False
    """A cancelled turn lasts until `hold` is set all the same, like a model in the middle of a step."""
    error: StoreError | None = None


class FakeConversation:
    """Answers with what it was told to, in order, and records what it was asked."""

    def __init__(
        self,
        answers: Iterable[Answer] = (),
        *,
        name: str = "default",
        versions: tuple[MadeNode, ...] = (),
        turns: tuple[Turn, ...] = (),
        pointers: Pointers | None = None,
        warnings: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.warnings = warnings
        self.requests: list[Request] = []
        self.warmed = False
        self.closed = False
        self._answers = deque(answers)
        self._holds = [answer.hold for answer in self._answers if answer.hold is not None]
        self._versions = versions
        self._turns = turns
        self._head = versions[-1] if versions else None
        self._pointers = pointers or Pointers("main", {"main": self._head.node.id if self._head else None}, {})

    def pointers(self) -> Pointers:
        return self._pointers

    def act(self, request: Request, emit: Emit, cancel: threading.Event) -> TurnResult:
        self.requests.append(request)
        answer = self._answers.popleft() if self._answers else Answer()
        if answer.error is not None:
            raise answer.error
        emit(TurnStarted(request.said))
        plan = request.plan or answer.plan
        emit(PlanReady(plan))
        stopped = self._run(plan, answer, emit, cancel)
        result = self._result(request, plan, answer, stopped=stopped)
        emit(TurnFinished(result))
        return result

    def _run(self, plan: Plan, answer: Answer, emit: Emit, cancel: threading.Event) -> bool:
        """The plan's steps as events; true when cancelled."""
        for index, step in enumerate(plan.steps, start=1):
            emit(StepStarted(index, step))
            for number, stage in enumerate(answer.stages):
                emit(StepProgress(index, stage, number / len(answer.stages), None))
            while answer.hold is not None and not answer.hold.wait(0.005):
                if cancel.is_set() and not answer.deaf:
                    return True
            if cancel.is_set():
                return True
            emit(StepFinished(index, answer.nodes, answer.note))
        return False

    def _result(self, request: Request, plan: Plan, answer: Answer, *, stopped: bool) -> TurnResult:
        head = None if self._head is None else self._head.node.id
        if stopped:
            return TurnResult(request.said, plan, "Stopped.", (), head, TurnStatus.CANCELLED)
        images = tuple(made for made in answer.nodes if made.node.kind is NodeKind.IMAGE)
        self._versions += images
        self._head = answer.head or (images[-1] if images else self._head)
        head = None if self._head is None else self._head.node.id
        return TurnResult(request.said, plan, answer.reply, answer.nodes, head, answer.status, Seconds(total=1.5))

    def plan(self, said: str) -> TurnResult:
        answer = self._answers.popleft() if self._answers else Answer()
        return TurnResult(said, answer.plan, answer.reply, (), None, answer.status)

    def versions(self, limit: int = 200) -> tuple[MadeNode, ...]:
        return self._versions[-limit:]

    def turns(self, limit: int = 50) -> tuple[Turn, ...]:
        return self._turns[-limit:]

    def head(self) -> MadeNode | None:
        return self._head

    def show(self, ref: str) -> MadeNode:
        for made in self._versions:
            if made.node.id == ref:
                return made
        raise AgentError(f"There is no {ref}.")

    def release(self) -> None:
        """Let every turn that is held go on."""
        for hold in self._holds:
            hold.set()

    def warm_up(self) -> None:
        self.warmed = True

    def close(self) -> None:
        self.closed = True


class FakeLLM:
    """Completes with what it was told to, in order, and records what it was asked and under which grammar."""

    def __init__(self, completions: Iterable[Completion]) -> None:
        self.asked: list[list[dict[str, str]]] = []
        self.grammars: list[str] = []
        self._completions = deque(completions)

    def complete(
        self, messages: list[dict[str, str]], form: Form, max_tokens: int, cancel: Stop | None = None
    ) -> Completion:
        self.asked.append([*messages])
        self.grammars.append(form.grammar)
        return self._completions.popleft()
