"""Train the shipped models, hours on two cores, resumable at any time. Each begins with the weights that are there, if any.

Usage: python -m pentimento.starter [planner] [vae] [image] [segment] [describe] [upscale] [--minutes MINUTES]

With nothing named all are trained but the picture code (vae): what the picture model knows is written in it. A new code waits in
`training/vae` until `image`, which brings the picture model on to it, puts both where they ship.
"""

import argparse
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
from pentimento.starter.checkpoints import CheckpointError
from pentimento.starter.ending import ending_plainly
from pentimento.starter.training import SHIPPED, TRAINING

MINUTES = {"planner": 300, "vae": 24, "image": 600, "segment": 60, "describe": 90, "upscale": 120}
"""Of each recipe, resumed runs counted in: of processor time, the planner's of wall-clock time."""
_PIPELINE = ("unet", "text_encoder", "vae")
"""Parts of the picture model and of the one that enlarges, each in a folder of its own."""


def warm(folder: Path, *parts: str) -> Path | None:
    """The folder to begin with, where the weights of all these parts of it are there; of a model in one piece without any."""
    return folder if all(any((folder / part).glob("*.safetensors")) for part in parts or ("",)) else None


def _planner(minutes: float) -> None:
    out, shipped = TRAINING / "planner", SHIPPED / "planner"
    file, resume = shipped / "planner.gguf", (out / "checkpoint.pt").exists()
    made = train_planner.trainer(out, train_planner.Recipe(), resume=resume, warm=file if file.exists() else None)
    if file.exists() and not resume:
        made.progress.examples = export_planner.seen(shipped)
    train_planner.train(made, minutes)
    export_planner.export(out, shipped)


def _vae(minutes: float) -> None:
    learned = TRAINING / "image.pt"
    if learned.exists() and not (TRAINING / "vae.pt").exists():
        raise CheckpointError(
            f"{learned} is of the picture code as it is now. Delete it or move it away to train another."
        )
    train_vae.train(minutes, TRAINING / "vae", warm(SHIPPED / "image" / "vae"))


def _image(minutes: float) -> None:
    shipped = SHIPPED / "image"
    code = warm(TRAINING / "vae") or shipped / "vae"
    train_image.train(minutes, code, shipped, warm(shipped, *_PIPELINE), "image")


RECIPES: dict[str, Callable[[float], None]] = {
    "planner": _planner,
    "vae": _vae,
    "image": _image,
    "segment": lambda minutes: train_segment.train(minutes, SHIPPED / "segment", warm(SHIPPED / "segment")),
    "describe": lambda minutes: train_describe.train(minutes, SHIPPED / "describe", warm(SHIPPED / "describe")),
    "upscale": lambda minutes: train_upscale.train(minutes, SHIPPED / "upscale", warm(SHIPPED / "upscale", *_PIPELINE)),
}


def chosen(names: list[str]) -> list[str]:
    """The recipes that are named, a new picture code before the model that needs it; exits with a sentence where one is not there."""
    if unknown := [name for name in names if name not in RECIPES]:
        sys.exit(f"There is no recipe {unknown[0]}; there are: {', '.join(RECIPES)}.")
    if names:
        return [name for name in RECIPES if name in names]
    return [name for name in RECIPES if name != "vae" or not warm(SHIPPED / "image" / "vae")]


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m pentimento.starter", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="recipe", help=f"of {', '.join(RECIPES)}")
    parser.add_argument("--minutes", type=float, help="of each recipe, instead of its own; resumed runs counted in")
    options = parser.parse_args(arguments)
    with ending_plainly():
        for name in chosen(options.names):
            minutes = MINUTES[name] if options.minutes is None else options.minutes
            print(f"{name}: {minutes:g} minutes", flush=True)
            RECIPES[name](minutes)


if __name__ == "__main__":
    main(sys.argv[1:])
