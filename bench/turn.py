"""What a turn costs: seconds per stage, the edit beside the bare diffusers call, and the memory of all processes together."""

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from pentimento.agent.bootstrap import open_conversation
from pentimento.agent.loop import Conversation
from pentimento.agent.types import Request, TurnResult
from pentimento.tools import EDIT, sd
from pentimento.tools.profile import load_profile

ROUNDS = 5
SAID = ("a squirrel eating a nut in a forest", "make the squirrel red")


def resident(pid: int) -> float:
    """Peak resident memory of a process in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    return [pid, *(one for child in children for one in family(int(child)))]


def say(conversation: Conversation, said: str, seed: int) -> TurnResult:
    return conversation.act(Request(said, seed=seed, fallback=False), lambda _: None, threading.Event())


def bare_edit(source: Image.Image) -> Callable[[int], float]:
    """Loads the editor here; seed → seconds of the diffusers call alone, with the arguments that the tool uses."""
    profile = load_profile("starter")
    models = sd.load(profile.path("image"))
    arguments = profile.complete(EDIT, {"instruction": SAID[1], "target": "squirrel"})

    def seconds(seed: int) -> float:
        began = time.perf_counter()
        models.editor(
            SAID[1],
            image=source,
            num_inference_steps=arguments["steps"],
            guidance_scale=arguments["guidance"],
            image_guidance_scale=arguments["image_guidance"],
            generator=sd.noise_source(seed),
        )
        return time.perf_counter() - began

    seconds(0)
    return seconds


@dataclass(frozen=True)
class Round:
    """A drawing, an edit that was accepted at the first attempt, and at once afterwards the bare call: one weather for both."""

    generate: TurnResult
    edit: TurnResult
    bare: float


def rounds(conversation: Conversation, bare: Callable[[int], float]) -> list[Round]:
    found = []
    for seed in range(100, 100 + 3 * ROUNDS):
        drawn, edited = (say(conversation, said, seed) for said in SAID)
        if edited.nodes and edited.nodes[-1].node.measures.get("attempts") == 1:
            found.append(Round(drawn, edited, bare(seed)))
    return found


def measure() -> dict[str, float]:
    """Medians over the rounds; seconds and MiB. The ratio is the median of the rounds' own ratios."""
    with tempfile.TemporaryDirectory() as home:
        began = time.perf_counter()
        conversation = open_conversation(Path(home), "bench")
        first = say(conversation, SAID[0], 1)
        until_first = time.perf_counter() - began
        for seed in range(ROUNDS):
            say(conversation, SAID[1], seed)
        memory = sum(resident(pid) for pid in family(os.getpid()))
        found = rounds(conversation, bare_edit(Image.open(first.nodes[-1].path).convert("RGB")))
        conversation.close()
    return {
        "first_picture_s": until_first,
        "generate_s": statistics.median(r.generate.seconds.total for r in found),
        "plan_s": statistics.median(r.edit.seconds.plan for r in found),
        "tools_s": statistics.median(r.edit.seconds.tools for r in found),
        "store_s": statistics.median(r.edit.seconds.store for r in found),
        "edit_turn_s": statistics.median(r.edit.seconds.total for r in found),
        "bare_edit_s": statistics.median(r.bare for r in found),
        "edit_turn_ratio": statistics.median(r.edit.seconds.total / r.bare for r in found),
        "rounds": len(found),
        "peak_memory_mib": memory,
    }
