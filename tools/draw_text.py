"""Write a literal text on the picture. No model: the letters are those of a font file."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from pydantic import BaseModel, Field

from pentimento.tools import region
from pentimento.tools.color import LUMINANCE, parse_color, to_linear
from pentimento.tools.transform import MAX_SIDE
from pentimento.tools.types import Run, Tool, ToolError, ToolResult

FONT = Path(__file__).parent / "fonts" / "DejaVuSans-Bold.ttf"
_SMALLEST = 6
"""Pixels; smaller letters can't be read."""
_LARGEST = 0.1
"""Share of the picture's height that letters take where no size is said, if the width has room for them."""
_MARGIN = 0.05
"""Share of the picture's shorter side that stays free around the text."""
_MISSING = "\uffff"
"""A character that no font has: it is drawn as every missing letter is."""


class Place(StrEnum):
    TOP = "top"
    BOTTOM = "bottom"
    CENTER = "center"
    TOP_LEFT = "top left"
    TOP_RIGHT = "top right"
    BOTTOM_LEFT = "bottom left"
    BOTTOM_RIGHT = "bottom right"


class DrawTextArgs(BaseModel, extra="forbid"):
    """Write a text on the picture, letter for letter."""

    text: str = Field(min_length=1, max_length=200, description="what is written")
    place: Place = Field(default=Place.BOTTOM, description="where")
    size: int = Field(default=0, ge=0, le=2000, description="height of the letters in pixels; 0 finds one that fits")
    color: str = Field(
        default="", max_length=40, description="a name or #rrggbb; empty: black or white, what can be read"
    )
    outline: str = Field(default="", max_length=40, description="colour of a line around the letters; empty: none")
    x: int = Field(default=-1, ge=-1, le=MAX_SIDE, json_schema_extra={"planned": False})
    y: int = Field(default=-1, ge=-1, le=MAX_SIDE, json_schema_extra={"planned": False})
    font: str = Field(default="", max_length=500, json_schema_extra={"planned": False})


@dataclass(frozen=True)
class Setting:
    """The text as it will stand on the picture."""

    text: str
    font: ImageFont.FreeTypeFont
    stroke: int
    """Pixels of the outline."""

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Of the ink, for a text that is drawn at (0, 0)."""
        drawing = ImageDraw.Draw(Image.new("L", (1, 1)))
        left, top, right, bottom = drawing.multiline_textbbox(
            (0, 0), self.text, font=self.font, stroke_width=self.stroke
        )
        return int(np.floor(left)), int(np.floor(top)), int(np.ceil(right)), int(np.ceil(bottom))

    @property
    def size(self) -> tuple[int, int]:
        left, top, right, bottom = self.box
        return right - left, bottom - top


def draw_text(args: DrawTextArgs, run: Run) -> ToolResult:
    src = run.inputs["src"]
    setting = _fitting(args, src)
    width, height = setting.size
    x, y = _corner(args, src, (width, height))
    under = src.crop((x, y, x + width, y + height))
    color = parse_color(args.color) if args.color else _readable_on(under)
    outline = parse_color(args.outline) if args.outline else color
    result, left, top = src.copy(), *setting.box[:2]
    ImageDraw.Draw(result).multiline_text(
        (x - left, y - top),
        setting.text,
        fill=color,
        font=setting.font,
        align="center",
        stroke_width=setting.stroke,
        stroke_fill=outline,
    )
    inside = np.zeros((src.height, src.width), dtype=bool)
    inside[y : y + height, x : x + width] = True
    measures = {**region.measured(src, result, inside), "letters": int(setting.font.size)}
    return ToolResult((result,), measures=measures)


def _fitting(args: DrawTextArgs, src: Image.Image) -> Setting:
    """The text in the size that was asked for, or in the largest one that fits. `ToolError` where none does."""
    text = args.text.replace("\\n", "\n")
    room = [src.width - 2 * _margin(src), src.height - 2 * _margin(src)]
    largest = args.size or max(_SMALLEST, round(_LARGEST * src.height))
    _check_letters(text, _font(args.font, largest))
    for size in range(largest, (args.size or _SMALLEST) - 1, -1):
        setting = Setting(text, _font(args.font, size), max(1, size // 12) if args.outline else 0)
        wanted = setting.size
        if wanted[0] <= room[0] and wanted[1] <= room[1]:
            return setting
    raise ToolError(
        f"“{text}” needs {wanted[0]} × {wanted[1]} pixels and there is room for {room[0]} × {room[1]}; "
        f"say a smaller size, or fewer words."
    )


def _font(file: str, size: int) -> ImageFont.FreeTypeFont:
    try:
        return ImageFont.truetype(file or str(FONT), size)
    except (OSError, ValueError) as error:
        raise ToolError(f"“{file}” is no font that can be read; name a .ttf or .otf file.") from error


def _check_letters(text: str, font: ImageFont.FreeTypeFont) -> None:
    box = bytes(font.getmask(_MISSING))
    missing = [letter for letter in text if not letter.isspace() and bytes(font.getmask(letter)) == box]
    if missing:
        raise ToolError(f"The font has no letter “{missing[0]}”; name the file of a font that has it, font=FILE.")


def _margin(src: Image.Image) -> int:
    return round(_MARGIN * min(src.size))


def _corner(args: DrawTextArgs, src: Image.Image, size: tuple[int, int]) -> tuple[int, int]:
    """Of the text's upper left, in pixels."""
    margin, words = _margin(src), args.place.value.split()
    across = {"left": margin, "right": src.width - margin - size[0]}
    down = {"top": margin, "bottom": src.height - margin - size[1]}
    x = next((across[word] for word in words if word in across), (src.width - size[0]) // 2)
    y = next((down[word] for word in words if word in down), (src.height - size[1]) // 2)
    return args.x if args.x >= 0 else x, args.y if args.y >= 0 else y


def _readable_on(under: Image.Image) -> tuple[int, int, int]:
    """Black or white, whichever has more contrast with what lies under it (WCAG 2.2, relative luminance)."""
    light = float((to_linear(np.asarray(under, dtype=np.float64)) @ LUMINANCE).mean())
    return (0, 0, 0) if light > 0.179 else (255, 255, 255)


DRAW_TEXT = Tool("draw_text", DrawTextArgs, draw_text, version="1")
