"""All benchmarks: prints the tables and writes them to `bench/results/`.

Usage: python -m pentimento.bench [PART ...] [--large]      parts: image, edits, segment, planner, squirrel, turn, memory; next
With --large the history is measured with up to a million nodes, which takes ten minutes and 3 GB.
The part next, the models that don't ship yet, runs only where it is named.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from pentimento.bench import (
    edit_chain,
    edit_large,
    edits,
    held_out,
    image,
    memory,
    next_models,
    planner,
    planner_turns,
    segment,
    squirrel,
    turn,
)
from pentimento.bench.pixels import quiet
from pentimento.bench.untrained import untrained_engine
from pentimento.tools.engine import Engine, load_engine

RESULTS = Path(__file__).parent / "results"
GENERATED = 100
EDITED = 40
MASKED = 200
LARGE = "--large"

Rows = dict[str, object]


def image_rows() -> Rows:
    """The picture models, trained and untrained, and what the judges say of the drawn truth."""
    trained = load_engine("starter")
    rows: Rows = {
        "generate, drawn truth": _shown(image.measure_generate(image.drawn_truth(GENERATED), trained.models, GENERATED))
    }
    for name, engine in (("trained", trained), ("untrained", untrained_engine())):
        rows[f"generate, {name}"] = _shown(image.measure_generate(_generated(engine), trained.models, GENERATED))
        for kind, row in image.measure_edits(_edited(engine), EDITED).items():
            rows[f"edit {kind}, {name}"] = _shown(row)
    return rows


def _generated(engine: Engine) -> image.Generated:
    return lambda words, seed: engine.models.generate(words, seed, image.STEPS, image.GENERATE_GUIDANCE, quiet)


def _edited(engine: Engine) -> image.Edited:
    return lambda src, words, seed: engine.models.edit(src, words, seed, image.STEPS, image.EDIT_GUIDANCE, 1.0, quiet)


def segment_rows() -> Rows:
    return {
        "IoU, trained": round(segment.mean_iou(load_engine("starter").models.segment, MASKED), 3),
        "IoU, untrained": round(segment.mean_iou(untrained_engine().models.segment, MASKED), 3),
        "IoU, box in the middle": round(segment.mean_iou(segment.middle_box, MASKED), 3),
    }


def squirrel_rows() -> Rows:
    seen = squirrel.measure()
    return {
        "the squirrel is there": f"{sum(s.there for s in seen)} of {len(seen)}",
        "it turns red": f"{sum(s.red for s in seen)} of {len(seen)}",
        "undo brings the same bytes": f"{sum(s.undone for s in seen)} of {len(seen)}",
        "pixels changed outside": sum(s.changed_outside for s in seen),
        "seeds": [asdict(s) for s in seen],
    }


def _shown(row: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in row.items()}


PARTS: dict[str, Callable[[], Rows]] = {
    "image": image_rows,
    "edits": lambda: edits.measure() | edit_chain.chain().rows() | edit_large.rows(),
    "segment": segment_rows,
    "planner": lambda: {**planner.measure(), "held_out": held_out.measure(), "session": planner_turns.measure()},
    "squirrel": squirrel_rows,
    "turn": lambda: {name: round(value, 4) for name, value in turn.measure().items()},
    "memory": memory.measure,
    "next": next_models.measure,
}
UNSHIPPED = "next"


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
    names = [argument for argument in arguments if argument != LARGE] or [name for name in PARTS if name != UNSHIPPED]
    if unknown := [name for name in names if name not in PARTS]:
        sys.exit(f"There is no part {unknown[0]}; there are {', '.join(PARTS)}, and {LARGE} for a long history.")
    if LARGE in arguments and "memory" not in names:
        sys.exit(f"{LARGE} is for the part memory alone: python -m pentimento.bench memory {LARGE}")
    parts = {**PARTS, "memory": lambda: memory.measure(memory.LARGE)} if LARGE in arguments else PARTS
    return {name: parts[name] for name in names}


if __name__ == "__main__":
    main(sys.argv[1:])
