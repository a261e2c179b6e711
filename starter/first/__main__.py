"""Train the shipped models of the first world from nothing and write them to `models/starter/`; resumable at any time.

Usage: python -m pentimento.starter.first [vae] [image] [segment]      (nothing named: all, in this order)
"""

import sys
from collections.abc import Callable
from pathlib import Path

from pentimento.starter.first import train_clipseg, train_sd, train_vae
from pentimento.starter.training import TRAINING

SHIPPED = Path(__file__).parents[2] / "models" / "starter"
MINUTES = {"vae": 14, "image": 240, "segment": 20}
"""Core-minutes of each recipe."""

RECIPES: dict[str, Callable[[], None]] = {
    "vae": lambda: train_vae.train(MINUTES["vae"], 4, TRAINING / "first-vae"),
    "image": lambda: train_sd.train(MINUTES["image"], TRAINING / "first-vae", SHIPPED / "image", None, "first-sd"),
    "segment": lambda: train_clipseg.train(MINUTES["segment"], SHIPPED / "segment", None),
}


def main(names: list[str]) -> None:
    unknown = [name for name in names if name not in RECIPES]
    if unknown:
        sys.exit(f"There is no recipe {unknown[0]}; there are: {', '.join(RECIPES)}.")
    for name in names or RECIPES:
        print(f"{name}: {MINUTES[name]} core-minutes", flush=True)
        RECIPES[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
