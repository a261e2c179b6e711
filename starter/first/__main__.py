"""Train the shipped models of the first world from nothing and write them to `models/starter/`; resumable at any time.

Usage: python -m pentimento.starter.first [vae] [image] [segment]      (nothing named: all, in this order)
"""

import sys
from collections.abc import Callable
from pathlib import Path

from pentimento.starter.first import train_clipseg, train_sd, train_vae
from pentimento.starter.training import TRAINING, run_recipes

SHIPPED = Path(__file__).parents[2] / "models" / "starter"
MINUTES = {"vae": 14, "image": 240, "segment": 20}
"""Core-minutes of each recipe."""

RECIPES: dict[str, Callable[[float], None]] = {
    "vae": lambda minutes: train_vae.train(minutes, 4, TRAINING / "first-vae"),
    "image": lambda minutes: train_sd.train(minutes, TRAINING / "first-vae", SHIPPED / "image", None, "first-sd"),
    "segment": lambda minutes: train_clipseg.train(minutes, SHIPPED / "segment", None),
}


if __name__ == "__main__":
    run_recipes(sys.argv[1:], RECIPES, MINUTES)
