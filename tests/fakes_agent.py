"""A language model that answers what it was told to, and the picture tools run in this process on fake models."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image
from pydantic import JsonValue

from pentimento.agent.loop import Conversation
from pentimento.agent.planner import Planner
from pentimento.agent.rewriting import AS_PLANNED, Rewriter
from pentimento.agent.steps import PixelSteps
from pentimento.agent.types import AgentError, Completion, Event, Form, Stop
from pentimento.memory.store import Store
from pentimento.tools import TOOLS
from pentimento.tools.planner_model import PlannerModel
from pentimento.tools.profile import ImageModel, Profile, ProfileFile, SegmentModel
from pentimento.tools.types import Cancelled, Progress, Report, Run, ToolCall, ToolResult
from tests.fakes_tools import FakeModels

LIMITS = "It knows squirrels only."
Script = str | BaseException


def plan(*steps: dict[str, JsonValue], reply: str = "Here it is.") -> str:
    """What a language model writes."""
    return json.dumps({"steps": list(steps), "reply": reply})


DRAW = plan({"tool": "generate", "prompt": "a squirrel eating a nut in a forest"})
MAKE_RED = plan({"tool": "edit", "instruction": "make the squirrel red", "target": "squirrel"}, reply="It is red now.")
UNDO = plan({"tool": "undo"}, reply="")


class ScriptedLLM:
    """Answers in order; an exception is raised."""

    def __init__(self, answers: Iterable[Script] = ()) -> None:
        self.answers = deque(answers)
        self.asked: list[list[dict[str, str]]] = []

    def complete(
        self, messages: list[dict[str, str]], form: Form, max_tokens: int, cancel: Stop | None = None
    ) -> Completion:
        self.asked.append(list(messages))
        answer = self.answers.popleft() if self.answers else plan(reply="I have nothing left to say.")
        if isinstance(answer, BaseException):
            raise answer
        return Completion(answer, evaluated=20, generated=10, finished=True)


@dataclass
class ToolsHere:
    """Runs the real tools; `before` is called before each, and may raise."""

    models: FakeModels = field(default_factory=FakeModels)
    before: Callable[[ToolCall], None] = lambda call: None
    calls: list[ToolCall] = field(default_factory=list)

    def __call__(
        self, call: ToolCall, inputs: Mapping[str, Image.Image], report: Report, cancel: threading.Event
    ) -> ToolResult:
        def forward(progress: Progress) -> None:
            report(progress)
            if cancel.is_set():
                raise Cancelled

        self.calls.append(call)
        self.before(call)
        tool = TOOLS[call.tool]
        return tool.fn(
            tool.args_model.model_validate(dict(call.arguments)), Run(inputs, call.seed, self.models, forward)
        )


def fail_with(sentence: str) -> Callable[[ToolCall], None]:
    def raise_it(call: ToolCall) -> None:
        raise AgentError(sentence)

    return raise_it


def tiny_profile(folder: Path) -> Profile:
    """A profile whose models are a few bytes each."""
    for name in ("image", "segment", "planner.gguf"):
        (folder / name).write_text(name)
    return Profile(
        ProfileFile(
            name="tiny",
            limits=LIMITS,
            image=ImageModel(family="sd", path="image", size=64),
            segment=SegmentModel(path="segment"),
            planner=PlannerModel(path="planner.gguf", context=512, max_tokens=160, system=False),
            defaults={"generate": {"steps": 3}, "edit": {"steps": 4}},
        ),
        folder,
    )


@dataclass
class Desk:
    """A conversation and all that it is made of."""

    store: Store
    llm: ScriptedLLM
    tools: ToolsHere
    profile: Profile
    rewriter: Rewriter = AS_PLANNED
    use_system: bool = False

    def conversation(self, name: str = "default") -> Conversation:
        self.store.session(name)
        steps = PixelSteps(self.store, self.profile, self.tools, self.rewriter)
        planner = Planner(self.llm, use_system=self.use_system)
        return Conversation(self.store, name, planner, steps, LIMITS, lambda: None, lambda: None)


@dataclass
class Watcher:
    """Keeps the events of a turn; `then` is called with each."""

    then: Callable[[Event], None] = lambda event: None
    seen: list[Event] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        self.seen.append(event)
        self.then(event)

    def names(self) -> list[str]:
        return [type(event).__name__ for event in self.seen]
