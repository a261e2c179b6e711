"""Draw `sprites.png` from Debian's `fonts-noto-color-emoji` (OFL-1.1). Needed only to make the atlas again.

Usage: python -m pentimento.starter.first.atlas.make_atlas [FONT]
"""

import sys
from pathlib import Path

from PIL import Image, ImageFont

from pentimento.starter.atlas.make_atlas import FONT, STRIKE, sprite

CELL = 64
"""Side of a sprite in the atlas, pixels."""

EMOJI = {
    "squirrel": "\U0001f43f",
    "nut": "\U0001f330",
    "fox": "\U0001f98a",
    "cat": "\U0001f408",
    "dog": "\U0001f415",
    "rabbit": "\U0001f407",
    "owl": "\U0001f989",
    "duck": "\U0001f986",
    "apple": "\U0001f34e",
    "mushroom": "\U0001f344",
    "flower": "\U0001f337",
    "tree": "\U0001f333",
    "house": "\U0001f3e0",
    "car": "\U0001f697",
    "boat": "\u26f5",
    "balloon": "\U0001f388",
}
"""Kind → its character, in the order of the atlas's cells."""


def main(font_path: Path) -> None:
    font = ImageFont.truetype(font_path, STRIKE)
    atlas = Image.new("RGBA", (CELL * len(EMOJI), CELL))
    for index, character in enumerate(EMOJI.values()):
        atlas.paste(sprite(character, font, CELL), (index * CELL, 0))
    atlas.save(Path(__file__).with_name("sprites.png"), optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FONT)
