"""What a turn costs: seconds per stage, the edit beside the bare diffusers call, and the memory of all processes together."""

import os
import statistics
import tempfile
import threading
import time
from pathlib import Path

from PIL import Image

from pentimento.agent.bootstrap import open_conversation
from pentimento.agent.loop import Conversation
from pentimento.agent.types import Request, TurnResult
from pentimento.tools import EDIT, sd
from pentimento.tools.profile import load_profile

ROUNDS = 7


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


def bare_edit_seconds(source: Image.Image) -> float:
    """The median time of the diffusers call alone, with the arguments that the tool uses."""
    profile = load_profile("starter")
    models = sd.load(profile.path("image"))
    arguments = profile.complete(EDIT, {"instruction": "make the squirrel red", "target": "squirrel"})
    times = []
    for seed in range(ROUNDS + 1):
        began = time.perf_counter()
        models.editor(
            "make the squirrel red",
            image=source,
            num_inference_steps=arguments["steps"],
            guidance_scale=arguments["guidance"],
            image_guidance_scale=arguments["image_guidance"],
            generator=sd.noise_source(seed),
        )
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:])


def measure() -> dict[str, float]:
    """Medians over turns whose edit was accepted at the first attempt; seconds and MiB."""
    with tempfile.TemporaryDirectory() as home:
        began = time.perf_counter()
        conversation = open_conversation(Path(home), "bench")
        first = say(conversation, "a squirrel eating a nut in a forest", 1)
        until_first = time.perf_counter() - began
        edits, generates = [], []
        for seed in range(100, 100 + 3 * ROUNDS):
            generates.append(say(conversation, "a squirrel eating a nut in a forest", seed))
            edit = say(conversation, "make the squirrel red", seed)
            if edit.nodes and edit.nodes[-1].node.measures.get("attempts") == 1:
                edits.append(edit)
        memory = sum(resident(pid) for pid in family(os.getpid()))
        conversation.close()
        source = Image.open(first.nodes[-1].path).convert("RGB")
        bare = bare_edit_seconds(source)
    return {
        "first_picture_s": until_first,
        "generate_s": statistics.median(r.seconds.total for r in generates),
        "plan_s": statistics.median(r.seconds.plan for r in edits),
        "tools_s": statistics.median(r.seconds.tools for r in edits),
        "store_s": statistics.median(r.seconds.store for r in edits),
        "edit_turn_s": statistics.median(r.seconds.total for r in edits),
        "bare_edit_s": bare,
        "edit_turn_ratio": statistics.median(r.seconds.total for r in edits) / bare,
        "edits_measured": len(edits),
        "peak_memory_mib": memory,
    }
