"""Train the shipped models, hours on two cores, resumable at any time; those of pixels begin with the weights that are there.

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
from pentimento.starter.training import SHIPPED, TRAINING, run_recipes

MINUTES = {"planner": 300, "vae": 24, "image": 600, "segment": 60, "describe": 90, "upscale": 120}
"""Core-minutes of each recipe."""


def _warm(folder: Path, weights: str = ".") -> Path | None:
    """The folder to start from, where its weights are committed."""
    return folder if (folder / weights).exists() else None


def _planner(minutes: float) -> None:
    out = TRAINING / "planner"
    resume = (out / "checkpoint.pt").exists()
    train_planner.trainer(out, train_planner.Recipe(), resume=resume, warm=None).run(minutes * 60)
    export_planner.export(out, SHIPPED / "planner")


RECIPES: dict[str, Callable[[float], None]] = {
    "planner": _planner,
    "vae": lambda minutes: train_vae.train(minutes, SHIPPED / "image" / "vae"),
    "image": lambda minutes: train_image.train(
        minutes,
        SHIPPED / "image" / "vae",
        SHIPPED / "image",
        _warm(SHIPPED / "image", "unet"),
        "image",
    ),
    "segment": lambda minutes: train_segment.train(minutes, SHIPPED / "segment", _warm(SHIPPED / "segment")),
    "describe": lambda minutes: train_describe.train(minutes, SHIPPED / "describe", _warm(SHIPPED / "describe")),
    "upscale": lambda minutes: train_upscale.train(minutes, SHIPPED / "upscale", _warm(SHIPPED / "upscale")),
}


if __name__ == "__main__":
    run_recipes(sys.argv[1:], RECIPES, MINUTES)
