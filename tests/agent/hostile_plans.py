"""A thousand plans that can't be used, each made by breaking one that can: the same ones at every run."""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from pentimento.agent.plan_language import PlanError, parse_plan

COUNT = 1000
_SOUND: tuple[dict[str, Any], ...] = (
    {"tool": "generate", "prompt": "a fox"},
    {"tool": "edit", "instruction": "make the fox red", "target": "fox"},
    {"tool": "recolor", "target": "fox", "to": "#ff6600"},
    {"tool": "transform", "op": "resize", "width": 800},
    {"tool": "transform", "op": "crop", "ratio": "16:9"},
    {"tool": "draw_text", "text": "Hello"},
    {"tool": "segment", "what": "fox"},
    {"tool": "upscale", "factor": 2},
    {"tool": "undo", "n": 2},
    {"tool": "checkout", "ref": "n1"},
    {"tool": "branch", "name": "winter"},
    {"tool": "transplant", "steps": ["n1"], "onto": "head"},
    {"tool": "amend", "step": "n1", "words": "a fox"},
    {"tool": "replay", "ref": "n1"},
    {"tool": "set", "key": "ratio", "value": "wide"},
    {"tool": "export", "format": "png", "name": "fox"},
)
_PATHS = (
    "/etc/passwd",
    "../../n1",
    "~/.ssh/id_rsa",
    "file:///etc/hosts",
    "C:\\x",
    "n1; rm -rf /",
    "$(touch x)",
    "n1\nhead",
)
_NO_REFERENCES = (
    *_PATHS,
    "session:other/n1",
    "other#n3",
    "n-1",
    "n1e9",
    "head~-1",
    "head~99999",
    "step:0",
    "step:7",
    "grid:0",
    "",
)
_NUMBERS = (10**9, -(10**9), 10**6, -1, 1e300, 10**400, "1e9", "many", True, None)
_STRANGE: tuple[Any, ...] = (None, True, -1, 1.5, [], {}, [[]], {"$ref": "#"}, "\x00", "x" * 5000)
_NO_TOOLS = (
    "delete",
    "forget",
    "shell",
    "fetch",
    "exec",
    "gc",
    "open",
    "import",
    "Undo",
    "",
    "undo ",
    "__class__",
    "export_bundle",
)
_TEXTS = (
    "{",
    "null",
    "[]",
    '"undo"',
    "[" * 5000,
    "undo()",
    '{"steps":[{"tool":"undo"}],"reply":""}{"steps":[]}',
    "NaN",
    "",
    "é" * 3000,
)

Steps = list[dict[str, Any]]
Break = Callable[[random.Random, Steps], None]


def _another_tool(r: random.Random, steps: Steps) -> None:
    steps[-1]["tool"] = r.choice((*_NO_TOOLS, *_STRANGE))


def _strange_value(r: random.Random, steps: Steps) -> None:
    steps[-1][r.choice([*steps[-1]])] = r.choice((*_STRANGE, *_NUMBERS))


def _no_reference(r: random.Random, steps: Steps) -> None:
    name = r.choice(("src", "ref", "step", "onto", "mask", "steps", "name"))
    steps[-1][name] = r.choice(_NO_REFERENCES)


def _too_much(r: random.Random, steps: Steps) -> None:
    name = r.choice(("width", "height", "n", "degrees", "factor", "steps", "guidance", "share", "strength"))
    steps[-1][name] = r.choice(_NUMBERS)


def _unknown_argument(r: random.Random, steps: Steps) -> None:
    steps[-1][r.choice(("path", "url", "file", "force", "seed", "cmd", "__init__", "session", "home"))] = r.choice(
        _PATHS
    )


def _circle(r: random.Random, steps: Steps) -> None:
    step = {"tool": "transform", "op": "flip", "src": f"step:{r.randint(len(steps) + 1, 9)}"}
    steps.append(step)


def _too_many(r: random.Random, steps: Steps) -> None:
    steps.extend([{"tool": "undo"}] * r.randint(7, 50))


def _talk_beside(r: random.Random, steps: Steps) -> None:
    talk = r.choice(({"tool": "ask", "question": "Which?"}, {"tool": "decline", "reason": "No."}))
    steps.insert(r.randint(0, len(steps)), talk)


def _left_out(r: random.Random, steps: Steps) -> None:
    steps[-1].pop(r.choice([*steps[-1]]))


_BREAKS: tuple[Break, ...] = (
    _another_tool,
    _strange_value,
    _no_reference,
    _too_much,
    _unknown_argument,
    _circle,
    _too_many,
    _talk_beside,
    _left_out,
)


def _broken(r: random.Random) -> str:
    if r.random() < 0.05:
        return r.choice(_TEXTS)
    steps: Steps = [dict(r.choice(_SOUND)) for _ in range(r.randint(1, 3))]
    r.choice(_BREAKS)(r, steps)
    plan: dict[str, Any] = {"steps": steps, "reply": "Done."}
    if r.random() < 0.05:
        plan[r.choice(("run", "reply", "steps"))] = r.choice(_STRANGE)
    text = json.dumps(plan)
    return text[: r.randint(1, len(text) - 1)] if r.random() < 0.05 else text


def _candidates() -> Iterator[str]:
    r = random.Random("hostile plans")
    while True:
        yield _broken(r)


def hostile_plans() -> list[str]:
    """Those of them that are really no plans: a break may hit what is left out anyway."""
    found: dict[str, None] = {}
    for text in _candidates():
        if len(found) == COUNT:
            return [*found]
        if not _can_be_used(text):
            found[text] = None
    raise AssertionError


def _can_be_used(text: str) -> bool:
    try:
        parse_plan(text)
    except PlanError:
        return False
    return True
