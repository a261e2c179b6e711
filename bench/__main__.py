"""All benchmarks: prints the tables and writes them to `bench/results/`.

Usage: python -m pentimento.bench [PART ...] [--large]
Parts: image, edits, segment, describe, upscale, planner, squirrel, turn, memory.
With --large the history is measured with up to a million nodes, which takes ten minutes and 3 GB, the guard on a thousand edits, and
the picture model on 200 of each kind.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from pentimento.bench import (
    edit_chain,
    edit_large,
    edits,
    held_out,
    memory,
    planner,
    planner_turns,
    squirrel,
    starter_models,
    turn,
)

RESULTS = Path(__file__).parent / "results"
LARGE = "--large"

Rows = dict[str, object]


def squirrel_rows() -> Rows:
    seen = squirrel.measure()
    return {
        "the squirrel is there": f"{sum(s.there for s in seen)} of {len(seen)}",
        "it turns red": f"{sum(s.red for s in seen)} of {len(seen)}",
        "undo brings the same bytes": f"{sum(s.undone for s in seen)} of {len(seen)}",
        "pixels changed outside": sum(s.changed_outside for s in seen),
        "seeds": [asdict(s) for s in seen],
    }


def edit_rows(count: int) -> Rows:
    return {**edits.measure(count), **edit_chain.chain().rows(), **edit_large.rows()}


PARTS: dict[str, Callable[[], Rows]] = {
    "image": lambda: starter_models.image_rows(starter_models.PAIRS),
    "edits": lambda: edit_rows(edits.COUNT),
    "segment": starter_models.segment_rows,
    "describe": starter_models.describe_rows,
    "upscale": starter_models.upscale_rows,
    "planner": lambda: {**planner.measure(), "held_out": held_out.measure(), "session": planner_turns.measure()},
    "squirrel": squirrel_rows,
    "turn": lambda: {name: round(value, 4) for name, value in turn.measure().items()},
    "memory": memory.measure,
}
LARGER: dict[str, Callable[[], Rows]] = {
    "image": lambda: starter_models.image_rows(starter_models.MANY),
    "edits": lambda: edit_rows(edits.MANY),
    "memory": lambda: memory.measure(memory.LARGE),
}
"""What is measured instead with --large."""


def main(arguments: list[str]) -> None:
    for name, measure in chosen(arguments).items():
        began = time.perf_counter()
        rows = measure()
        print(f"\n{name} ({time.perf_counter() - began:.0f} s)")
        for key, value in rows.items():
            print(f"  {key:34s} {value}")
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{name}.json").write_text(json.dumps(rows, indent=2, default=str) + "\n", encoding="utf-8")


def chosen(arguments: list[str]) -> dict[str, Callable[[], Rows]]:
    """The parts that are named, all where none is; exits with a sentence when there is none of that name."""
    names = [argument for argument in arguments if argument != LARGE] or list(PARTS)
    if unknown := [name for name in names if name not in PARTS]:
        sys.exit(
            f"There is no part {unknown[0]}; there are {', '.join(PARTS)}, and {LARGE} for a long history and more edits."
        )
    if LARGE in arguments and LARGER.keys().isdisjoint(names):
        sys.exit(f"{LARGE} is for the parts {', '.join(LARGER)}: python -m pentimento.bench memory {LARGE}")
    parts = {**PARTS, **LARGER} if LARGE in arguments else PARTS
    return {name: parts[name] for name in names}


if __name__ == "__main__":
    main(sys.argv[1:])
