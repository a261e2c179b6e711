"""Pictures from files, small enough for a screen."""

from collections.abc import Sequence
from math import ceil, sqrt
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


def contact_sheet(paths: Sequence[Path]) -> Image.Image:
    """The pictures in `paths` in rows on one sheet that fits a screen as one picture does. Raises OSError.

    They are of one size, as one step makes them.
    """
    pictures = [screen_picture(path) for path in paths]
    if len(pictures) == 1:
        return pictures[0]
    columns = ceil(sqrt(len(pictures)))
    width, height = pictures[0].size
    gap = max(1, width // 32)
    sheet = Image.new("RGB", (columns * (width + gap) - gap, ceil(len(pictures) / columns) * (height + gap) - gap))
    for index, picture in enumerate(pictures):
        sheet.paste(picture, (index % columns * (width + gap), index // columns * (height + gap)))
    sheet.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    return sheet
