"""The first conversation over twenty seeds: is the squirrel there, does it turn red, does undo bring the same bytes back?

Recolouring by the exact tool is switched off: what counts is the picture model.
"""

import hashlib
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from pentimento.agent.llm import LlamaCpp
from pentimento.agent.loop import Conversation
from pentimento.agent.planner import Planner
from pentimento.agent.steps import PixelSteps
from pentimento.agent.types import Request, TurnResult
from pentimento.memory.store import Store
from pentimento.tools.check import COLORED, PRESENT, share_of
from pentimento.tools.color import color_shares
from pentimento.tools.engine import Engine, load_engine
from pentimento.tools.profile import Profile, load_profile
from pentimento.tools.region import to_mask
from pentimento.tools.types import Report, ToolCall, ToolResult

SAYINGS = ("a squirrel eating a nut in a forest", "make the squirrel red", "undo")


@dataclass(frozen=True)
class Seen:
    """What one seed came to."""

    seed: int
    there: bool
    red: bool
    changed_outside: int
    undone: bool
    """Whether undo brought the first picture's bytes back."""


class InProcess:
    """The engine in this process, as a `RunTool`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __call__(
        self, call: ToolCall, inputs: Mapping[str, Image.Image], report: Report, _cancel: threading.Event
    ) -> ToolResult:
        return self._engine.run(call, inputs, report)


def talk(store: Store, name: str, profile: Profile, llm: LlamaCpp, engine: Engine) -> Conversation:
    """A conversation whose models run in this process."""
    planner = Planner(llm, use_system=profile.file.planner.system, vocabulary=profile.file.vocabulary)
    steps = PixelSteps(store, profile, InProcess(engine))
    return Conversation(store, name, planner, steps, "", lambda: None, lambda: None)


def pixels(result: TurnResult, position: int = -1) -> Image.Image:
    return Image.open(result.nodes[position].path).convert("RGB")


def watch(conversation: Conversation, engine: Engine, seed: int) -> Seen:
    """Have the conversation with one seed, and measure the files that it left, not what the tools say of them."""
    results = []
    for said in SAYINGS:
        request = Request(said, seed=seed, fallback=False)
        results.append(conversation.act(request, lambda _: None, threading.Event()))
    first, second, _ = results
    if not first.nodes or len(second.nodes) < 2:
        return Seen(seed, there=False, red=False, changed_outside=0, undone=False)
    before, after = pixels(first), pixels(second)
    region = to_mask(Image.open(second.nodes[0].path))
    squirrel = to_mask(engine.models.segment(before, "squirrel"))
    outside = (np.asarray(before) != np.asarray(after)).any(axis=2) & ~region
    there = share_of(squirrel) >= PRESENT
    red = there and color_shares(after, squirrel & region).get("red", 0.0) >= COLORED
    return Seen(seed, there, red, int(outside.sum()), _same_bytes(conversation, first))


def _same_bytes(conversation: Conversation, first: TurnResult) -> bool:
    head = conversation.head()
    if head is None or head.node.id != first.nodes[-1].node.id:
        return False
    return hashlib.sha256(head.path.read_bytes()).hexdigest() == first.nodes[-1].node.blob


def measure(seeds: range = range(20)) -> tuple[Seen, ...]:
    profile = load_profile("starter")
    engine = load_engine("starter")
    llm = LlamaCpp(str(profile.path("planner")), profile.file.planner.context)
    with tempfile.TemporaryDirectory() as home, Store(Path(home)) as store:
        return tuple(watch(talk(store, f"seed {seed}", profile, llm, engine), engine, seed) for seed in seeds)
