import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont
from pydantic import JsonValue

from pentimento.tools.draw_text import DRAW_TEXT, FONT, DrawTextArgs, Place
from pentimento.tools.types import ToolError, ToolResult
from tests.fakes_agent import tiny_profile
from tests.fakes_tools import FakeModels, run_with

SKY = Image.new("RGB", (320, 200), (30, 60, 140))


def draw(src: Image.Image = SKY, /, **arguments: int | str) -> ToolResult:
    return DRAW_TEXT.fn(DrawTextArgs.model_validate(arguments), run_with(FakeModels(), src))


def ink(result: ToolResult, src: Image.Image = SKY) -> tuple[int, int, int, int]:
    box = ImageChops.difference(result.images[0], src).getbbox()
    assert box is not None
    return box


def test_the_letters_are_those_of_the_font_to_the_pixel() -> None:
    wanted = SKY.copy()
    font = ImageFont.truetype(str(FONT), 30)
    left, top, _, _ = ImageDraw.Draw(wanted).textbbox((0, 0), "OPEN", font=font)
    ImageDraw.Draw(wanted).text((40 - left, 50 - top), "OPEN", fill=(255, 102, 0), font=font)
    result = draw(text="OPEN", size=30, color="#ff6600", x=40, y=50)
    assert result.images[0] == wanted
    assert np.abs(np.subtract(ink(result)[:2], (40, 50))).max() <= 1
    assert result.measures["changed_outside"] == 0


@pytest.mark.parametrize("place", Place)
def test_it_stands_where_it_was_told_to(place: Place) -> None:
    left, top, right, bottom = ink(draw(text="Summer 2026", place=place))
    across, down = (left + right) / 2 / SKY.width, (top + bottom) / 2 / SKY.height
    assert {"left": across < 0.5, "right": across > 0.5}.get(place.value.split()[-1], abs(across - 0.5) < 0.02)
    assert {"top": down < 0.25, "bottom": down > 0.75}.get(place.value.split()[0], abs(down - 0.5) < 0.02)
    assert min(left, top, SKY.width - right, SKY.height - bottom) >= 9


def test_without_a_size_the_text_fits() -> None:
    long = draw(text="a rather long caption that is a line of its own")
    short = draw(text="short")
    assert ink(long)[2] - ink(long)[0] <= 300
    assert 6 <= int(long.measures["letters"]) < int(short.measures["letters"]) == 20


@pytest.mark.parametrize(("under", "letters"), [((20, 20, 40), (255, 255, 255)), ((230, 240, 200), (0, 0, 0))])
def test_without_a_color_the_letters_can_be_read(under: tuple[int, int, int], letters: tuple[int, int, int]) -> None:
    src = Image.new("RGB", (320, 200), under)
    assert letters in {color for _, color in draw(src, text="Hello").images[0].getcolors() or []}


def test_an_outline_is_of_its_own_color() -> None:
    colors = {color for _, color in draw(text="Hi", color="white", outline="#ff0000").images[0].getcolors() or []}
    assert {(240, 240, 240), (255, 0, 0)} <= colors


@pytest.mark.parametrize("text", ["äöü ß ŁÓDŹ", "Привет", "ελληνικά", "3 € – “so”", "two\\nlines"])
def test_letters_of_many_languages_are_there(text: str) -> None:
    assert int(draw(text=text).measures["changed_inside"]) > 100


def test_two_lines_stand_one_below_the_other() -> None:
    one, two = (ink(draw(text=text, size=20)) for text in ("line", "line\nline"))
    assert two[3] - two[1] > 1.8 * (one[3] - one[1])


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"text": "日本"}, "The font has no letter “日”; name the file of a font that has it"),
        ({"text": "Hi", "font": "none.ttf"}, "“none.ttf” is no font that can be read"),
        ({"text": "Hi", "font": "a\0b"}, "is no font that can be read; name a .ttf or .otf file"),
        ({"text": "far too wide", "size": 300}, r"needs \d+ × \d+ pixels and there is room for 300 × 180"),
        ({"text": "Hi", "x": 320, "y": 10}, "Nothing of the text would be seen there; choose x and y within"),
        ({"text": "Hi", "x": 10, "y": 5000}, "Nothing of the text would be seen there; choose x and y within"),
        ({"text": " \\n "}, "There is nothing to be written"),
        ({"text": "\u200b"}, "Nothing of the text would be seen"),
        ({"text": "Hi", "color": "#1e3c8c"}, "it has the colour of what is there; choose another one"),
        ({"text": "Hi", "color": "sparkly"}, "is no colour I know"),
    ],
)
def test_what_can_not_be_written_is_said(arguments: dict[str, int | str], problem: str) -> None:
    with pytest.raises(ToolError, match=problem):
        draw(**arguments)


def test_a_tiny_picture_has_no_room_and_says_so() -> None:
    with pytest.raises(ToolError, match="say a smaller size, or fewer words"):
        draw(Image.new("RGB", (1, 1)), text="Hello")


def test_a_text_across_the_edge_is_said_to_be_cut() -> None:
    result = draw(text="Hello", size=40, x=290, y=100)
    assert result.note.startswith("A part of the text lies beyond the picture's edge")
    assert result.measures["passed"] is False
    assert result.measures["changed_outside"] == 0
    assert draw(text="Hello").note == ""


@pytest.mark.slow
def test_a_long_text_is_fitted_in_few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []
    truetype = ImageFont.truetype

    def counted(file: str, size: int) -> ImageFont.FreeTypeFont:
        tried.append(size)
        return truetype(file, size)

    monkeypatch.setattr(ImageFont, "truetype", counted)
    wide = Image.new("RGB", (1000, 8000), (30, 60, 140))
    fitted = int(draw(wide, text="a caption as long as this").measures["letters"])
    assert len(tried) < 20
    with pytest.raises(ToolError, match="there is room for"):
        draw(wide, text="a caption as long as this", size=fitted + 2)


def completed(folder: Path, **arguments: str) -> dict[str, JsonValue]:
    """As they are recorded."""
    return tiny_profile(folder).complete(DRAW_TEXT, {"text": "Hi", **arguments})


def test_the_recorded_call_has_the_whole_path_of_its_font_and_what_was_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    font = Path(shutil.copy(FONT, tmp_path / "own.ttf"))
    monkeypatch.chdir(tmp_path)
    recorded = completed(tmp_path, font="own.ttf")
    assert recorded["font"] == str(font)
    assert recorded["font_sha256"] == hashlib.sha256(FONT.read_bytes()).hexdigest()
    assert completed(tmp_path)["font_sha256"] == recorded["font_sha256"]
    with font.open("ab") as file:
        file.write(b"more")
    assert completed(tmp_path, font="own.ttf")["font_sha256"] != recorded["font_sha256"]
    with pytest.raises(ToolError, match="The font's file is another one by now"):
        draw(**recorded)  # type: ignore[arg-type]
