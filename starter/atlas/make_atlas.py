"""Draw `sprites.png` from Debian's `fonts-noto-color-emoji` (OFL-1.1). Needed only to make the atlas again.

Usage: python -m pentimento.starter.atlas.make_atlas [FONT]
"""

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONT = Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
STRIKE = 109
"""The one size, in pixels, at which the font holds bitmaps."""
CELL = 96
"""Side of a sprite in the atlas, pixels."""
COLUMNS = 11

EMOJI = {
    "squirrel": "\U0001f43f",
    "fox": "\U0001f98a",
    "cat": "\U0001f408",
    "dog": "\U0001f415",
    "rabbit": "\U0001f407",
    "owl": "\U0001f989",
    "duck": "\U0001f986",
    "horse": "\U0001f40e",
    "cow": "\U0001f404",
    "pig": "\U0001f416",
    "elephant": "\U0001f418",
    "penguin": "\U0001f427",
    "turtle": "\U0001f422",
    "frog": "\U0001f438",
    "mouse": "\U0001f401",
    "hedgehog": "\U0001f994",
    "flower": "\U0001f337",
    "tree": "\U0001f333",
    "cactus": "\U0001f335",
    "sunflower": "\U0001f33b",
    "palm": "\U0001f334",
    "house": "\U0001f3e0",
    "castle": "\U0001f3f0",
    "church": "\u26ea",
    "tent": "\u26fa",
    "car": "\U0001f697",
    "boat": "\u26f5",
    "bus": "\U0001f68c",
    "train": "\U0001f682",
    "bicycle": "\U0001f6b2",
    "rocket": "\U0001f680",
    "tractor": "\U0001f69c",
    "nut": "\U0001f330",
    "apple": "\U0001f34e",
    "mushroom": "\U0001f344",
    "carrot": "\U0001f955",
    "cake": "\U0001f382",
    "pumpkin": "\U0001f383",
    "hat": "\U0001f3a9",
    "crown": "\U0001f451",
    "bow": "\U0001f380",
    "balloon": "\U0001f388",
    "umbrella": "\u2602",
    "ball": "\u26bd",
}
"""Kind → its character, in the order of the atlas's cells."""


def sprite(character: str, font: ImageFont.FreeTypeFont, side: int) -> Image.Image:
    """One character, cropped to its ink and fitted into a side × side RGBA square, standing on its bottom edge."""
    canvas = Image.new("RGBA", (2 * STRIKE, 2 * STRIKE))
    ImageDraw.Draw(canvas).text((STRIKE // 2, STRIKE // 2), character, font=font, embedded_color=True)
    ink = canvas.crop(canvas.getbbox())
    scale = side / max(ink.size)
    ink = ink.resize((round(ink.width * scale), round(ink.height * scale)), Image.Resampling.LANCZOS)
    cell = Image.new("RGBA", (side, side))
    cell.paste(ink, ((side - ink.width) // 2, side - ink.height))
    return cell


def main(font_path: Path) -> None:
    font = ImageFont.truetype(font_path, STRIKE)
    atlas = Image.new("RGBA", (CELL * COLUMNS, CELL * -(-len(EMOJI) // COLUMNS)))
    for index, character in enumerate(EMOJI.values()):
        atlas.paste(sprite(character, font, CELL), (index % COLUMNS * CELL, index // COLUMNS * CELL))
    atlas.save(Path(__file__).with_name("sprites.png"), optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FONT)
