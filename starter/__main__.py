"""Train the starter models from nothing and write them to `models/starter/`: hours on two cores, resumable at any time.

Usage: python -m pentimento.starter [vae] [image] [segment] [planner]      (nothing named: all, in this order)
"""

import sys
from collections.abc import Callable
from pathlib import Path

from pentimento.starter import export_planner, train_clipseg, train_planner, train_sd, train_vae
from pentimento.starter.training import TRAINING

SHIPPED = Path(__file__).parent.parent / "models" / "starter"
MINUTES = {"vae": 14, "image": 240, "segment": 20, "planner": 60}
"""Core-minutes of each recipe."""

RECIPES: dict[str, Callable[[], None]] = {
    "vae": lambda: train_vae.train(MINUTES["vae"], 4, TRAINING / "vae"),
    "image": lambda: train_sd.train(MINUTES["image"], TRAINING / "vae", SHIPPED / "image", None, "sd"),
    "segment": lambda: train_clipseg.train(MINUTES["segment"], SHIPPED / "segment", None),
    "planner": lambda: _planner(MINUTES["planner"]),
}


def _planner(minutes: float) -> None:
    out = TRAINING / "planner"
    resume = (out / "checkpoint.pt").exists()
    train_planner.trainer(out, train_planner.Recipe(), resume=resume, warm=None).run(minutes * 60)
    export_planner.export(out, SHIPPED / "planner")


def main(names: list[str]) -> None:
    unknown = [name for name in names if name not in RECIPES]
    if unknown:
        sys.exit(f"There is no recipe {unknown[0]}; there are: {', '.join(RECIPES)}.")
    for name in names or RECIPES:
        print(f"{name}: {MINUTES[name]} core-minutes", flush=True)
        RECIPES[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
