"""Pictures from files, small enough for a screen."""

from pathlib import Path

from PIL import Image

SHOWN_SIDE = 960
"""Pixels: more than a terminal shows, little enough to be drawn in milliseconds."""


def screen_picture(path: Path) -> Image.Image:
    """The picture in `path`, RGB, at most `SHOWN_SIDE` pixels a side. Raises OSError."""
    with Image.open(path) as file:
        picture = file.convert("RGB")
    picture.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    return picture
