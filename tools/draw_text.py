"""Write a literal text on the picture. No model: the letters are those of a font file."""

import hashlib
from bisect import bisect_left
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

    text: str = Field(min_length=1, max_length=200, description="what is written", json_schema_extra={"literal": True})
    place: Place = Field(default=Place.BOTTOM, description="where")
    size: int = Field(default=0, ge=0, le=2000, description="height of the letters in pixels; 0 finds one that fits")
    color: str = Field(
        default="", max_length=40, description="a name or #rrggbb; empty: black or white, what can be read"
    )
    outline: str = Field(default="", max_length=40, description="colour of a line around the letters; empty: none")
    x: int = Field(
        default=-1,
        ge=-1,
        le=MAX_SIDE,
        description="pixels from the left edge; -1: by the place",
        json_schema_extra={"planned": False},
    )
    y: int = Field(
        default=-1,
        ge=-1,
        le=MAX_SIDE,
        description="pixels from the upper edge; -1: by the place",
        json_schema_extra={"planned": False},
    )
    font: str = Field(default="", max_length=500, description="a font's file", json_schema_extra={"planned": False})
    font_sha256: str = Field(
        default="",
        pattern="^([0-9a-f]{64})?$",
        description="its hash, which the program writes",
        json_schema_extra={"planned": False},
    )


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


def pinned(args: DrawTextArgs) -> DrawTextArgs:
    """With the font's whole path and what its file holds now. Raises `ToolError` for one that can't be read."""
    file = str(Path(args.font).expanduser().absolute()) if args.font else ""
    return args.model_copy(update={"font": file, "font_sha256": _hash(file)})


def draw_text(args: DrawTextArgs, run: Run) -> ToolResult:
    """Write; `ToolError` where nothing of it would be seen, a note where only a part is."""
    src = run.inputs["src"]
    if args.font_sha256 and _hash(args.font) != args.font_sha256:
        raise ToolError("The font's file is another one by now; write the text anew.")
    setting = _fitting(args, src)
    width, height = setting.size
    x, y = _corner(args, src, (width, height))
    seen = (min(x + width, src.width), min(y + height, src.height))
    if x >= seen[0] or y >= seen[1]:
        raise ToolError("Nothing of the text would be seen there; choose x and y within the picture.")
    result = _written(args, setting, src, (x, y), src.crop((x, y, *seen)))
    inside = np.zeros((src.height, src.width), dtype=bool)
    inside[y : y + height, x : x + width] = True
    measures = {**region.measured(src, result, inside), "letters": int(setting.font.size)}
    if not measures["changed_inside"]:
        raise ToolError("Nothing of the text would be seen, it has the colour of what is there; choose another one.")
    if seen == (x + width, y + height):
        return ToolResult((result,), measures=measures)
    note = "A part of the text lies beyond the picture's edge; choose another place, or a smaller size."
    return ToolResult((result,), note=note, measures={"passed": False, **measures})


def _written(
    args: DrawTextArgs, setting: Setting, src: Image.Image, at: tuple[int, int], under: Image.Image
) -> Image.Image:
    """The picture with the text, whose ink begins `at`; what is `under` it decides a colour that was left open."""
    color = parse_color(args.color) if args.color else _readable_on(under)
    outline = parse_color(args.outline) if args.outline else color
    result, left, top = src.copy(), *setting.box[:2]
    ImageDraw.Draw(result).multiline_text(
        (at[0] - left, at[1] - top),
        setting.text,
        fill=color,
        font=setting.font,
        align="center",
        stroke_width=setting.stroke,
        stroke_fill=outline,
    )
    return result


def _fitting(args: DrawTextArgs, src: Image.Image) -> Setting:
    """The text in the size that was asked for, or in the largest one that fits. `ToolError` where none does."""
    text = args.text.replace("\\n", "\n")
    largest = args.size or max(_SMALLEST, round(_LARGEST * src.height))
    _check_letters(text, _font(args.font, largest))
    room = src.width - 2 * _margin(src), src.height - 2 * _margin(src)
    sizes = range(args.size or _SMALLEST, largest + 1)
    fitting = bisect_left(sizes, True, key=lambda size: not _fits(_setting(args, text, size), room))  # noqa: FBT003
    if fitting:
        return _setting(args, text, sizes[fitting - 1])
    wanted = _setting(args, text, sizes[0]).size
    raise ToolError(
        f"“{text}” needs {wanted[0]} × {wanted[1]} pixels and there is room for {room[0]} × {room[1]}; "
        f"say a smaller size, or fewer words."
    )


def _setting(args: DrawTextArgs, text: str, size: int) -> Setting:
    return Setting(text, _font(args.font, size), max(1, size // 12) if args.outline else 0)


def _fits(setting: Setting, room: tuple[int, int]) -> bool:
    return setting.size[0] <= room[0] and setting.size[1] <= room[1]


def _font(file: str, size: int) -> ImageFont.FreeTypeFont:
    try:
        return ImageFont.truetype(file or str(FONT), size)
    except (OSError, ValueError) as error:
        raise _no_font(file) from error


def _hash(file: str) -> str:
    try:
        with Path(file or FONT).open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except (OSError, ValueError) as error:
        raise _no_font(file) from error


def _no_font(file: str) -> ToolError:
    return ToolError(f"“{file}” is no font that can be read; name a .ttf or .otf file.")


def _check_letters(text: str, font: ImageFont.FreeTypeFont) -> None:
    box = bytes(font.getmask(_MISSING))
    if not text.strip():
        raise ToolError("There is nothing to be written; say text=WORDS.")
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


DRAW_TEXT = Tool("draw_text", DrawTextArgs, draw_text, version="2", pinned=pinned)
