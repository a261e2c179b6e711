"""Train the models from nothing, hours on two cores, resumable at any time.

The planner goes to `models/starter/`, the models of the full world to `models/next/` until they ship.

Usage: python -m pentimento.starter [planner] [vae] [image] [segment] [describe] [upscale]      (nothing named: all)
"""

import sys
from collections.abc import Callable
from pathlib import Path

from pentimento.starter import (
    export_planner,
    train_describe,
    train_image,
    train_planner,
    train_segment,
    train_upscale,
    train_vae,
)
from pentimento.starter.training import NEXT, TRAINING, run_recipes

PLANNER = Path(__file__).parents[1] / "models" / "starter" / "planner"
MINUTES = {"planner": 300, "vae": 24, "image": 600, "segment": 60, "describe": 90, "upscale": 120}
"""Core-minutes of each recipe."""


def _warm(folder: Path, weights: str = ".") -> Path | None:
    """The folder to start from, where its weights are committed."""
    return folder if (folder / weights).exists() else None


def _planner(minutes: float) -> None:
    out = TRAINING / "planner"
    resume = (out / "checkpoint.pt").exists()
    train_planner.trainer(out, train_planner.Recipe(), resume=resume, warm=None).run(minutes * 60)
    export_planner.export(out, PLANNER)


RECIPES: dict[str, Callable[[float], None]] = {
    "planner": _planner,
    "vae": lambda minutes: train_vae.train(minutes, NEXT / "image" / "vae"),
    "image": lambda minutes: train_image.train(
        minutes,
        NEXT / "image" / "vae",
        NEXT / "image",
        _warm(NEXT / "image", "unet"),
        "image",
    ),
    "segment": lambda minutes: train_segment.train(minutes, NEXT / "segment", _warm(NEXT / "segment")),
    "describe": lambda minutes: train_describe.train(minutes, NEXT / "describe", _warm(NEXT / "describe")),
    "upscale": lambda minutes: train_upscale.train(minutes, NEXT / "upscale", _warm(NEXT / "upscale")),
}


if __name__ == "__main__":
    run_recipes(sys.argv[1:], RECIPES, MINUTES)
