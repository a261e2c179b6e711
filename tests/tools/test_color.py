import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pentimento.starter.words import COLORS, KINDS
from pentimento.starter.world.drawing import draw, mask
from pentimento.starter.world.scene import Group, Scene, Thing
from pentimento.tools import color
from pentimento.tools.types import ToolError

Levels = st.integers(0, 255)
SOME_KINDS = (*tuple(KINDS)[::4], "ball")
HALF_WHITE = ("cow", "bus", "ball")
"""What stays half white when it is painted gray."""


def scene(kind: str, painted: str | None = None, time: str = "day") -> tuple[Image.Image, np.ndarray]:
    """A picture of the picture-book world, and where its one thing is."""
    drawn = Scene((Group((Thing(kind, painted),), 64),), "meadow", time, variant=3)
    return Image.fromarray(draw(drawn)), mask(drawn, 0)


def test_oklab_has_white_and_black_where_its_author_put_them() -> None:
    assert color.to_oklab(np.array([255.0, 255, 255])) == pytest.approx([1, 0, 0], abs=1e-3)
    assert color.to_oklab(np.array([0.0, 0, 0])) == pytest.approx([0, 0, 0], abs=1e-9)
    assert color.to_oklab(np.array([255.0, 0, 0])) == pytest.approx([0.628, 0.225, 0.126], abs=1e-3)


@given(Levels, Levels, Levels)
def test_oklab_and_back_is_the_same_color(red: int, green: int, blue: int) -> None:
    rgb = np.array([red, green, blue], dtype=np.float64)
    assert color.from_oklab(color.to_oklab(rgb)) == pytest.approx(rgb, abs=0.01)


@pytest.mark.parametrize("name", color.NAMED)
def test_every_name_is_seen_as_itself(name: str) -> None:
    flat = Image.new("RGB", (6, 6), color.NAMED[name])
    assert color.color_shares(flat, np.ones((6, 6), dtype=bool)) == {name: 1.0}


@pytest.mark.parametrize("name", [name for name in color.NAMED if name not in ("white", "black", "gray")])
@pytest.mark.parametrize("light", [0.6, 0.8, 1.0, 1.2])
def test_a_color_in_shadow_or_light_keeps_its_name(name: str, light: float) -> None:
    pure = np.array(color.NAMED[name], dtype=np.float64)
    shade = pure * light if light <= 1 else pure + (255 - pure) * (light - 1)
    flat = Image.new("RGB", (2, 2), tuple(int(level) for level in shade))
    assert next(iter(color.color_shares(flat, np.ones((2, 2), dtype=bool)))) == name


@pytest.mark.parametrize(("level", "name"), [(0, "black"), (45, "black"), (90, "gray"), (140, "gray"), (225, "white")])
def test_what_has_no_hue_is_black_gray_or_white(level: int, name: str) -> None:
    flat = Image.new("RGB", (2, 2), (level, level, level))
    assert color.color_shares(flat, np.ones((2, 2), dtype=bool)) == {name: 1.0}


@pytest.mark.parametrize("name", [name for name in COLORS if name != "white"])
@pytest.mark.parametrize("kind", SOME_KINDS)
def test_things_of_the_picture_book_have_the_color_that_they_were_painted_in(kind: str, name: str) -> None:
    picture, inside = scene(kind, name, "night")
    assert color.color_shares(picture, inside)[name] > 0.5


def test_shares_add_up_and_the_commonest_comes_first() -> None:
    flat = Image.new("RGB", (10, 10), color.NAMED["red"])
    flat.paste(color.NAMED["blue"], (0, 0, 10, 3))
    shares = color.color_shares(flat, np.ones((10, 10), dtype=bool))
    assert list(shares) == ["red", "blue"]
    assert list(shares.values()) == pytest.approx([0.7, 0.3])


def test_an_empty_region_has_no_color() -> None:
    assert color.color_shares(Image.new("RGB", (4, 4)), np.zeros((4, 4), dtype=bool)) == {}


def test_a_large_region_is_named_piece_by_piece() -> None:
    flat = Image.new("RGB", (300, 300), color.NAMED["green"])
    assert color.color_shares(flat, np.ones((300, 300), dtype=bool)) == {"green": 1.0}


@pytest.mark.parametrize(
    ("text", "rgb"),
    [
        ("red", color.NAMED["red"]),
        (" Red ", color.NAMED["red"]),
        ("grey", (128, 128, 128)),
        ("#ff6600", (255, 102, 0)),
        ("#FF6600", (255, 102, 0)),
        ("#f60", (255, 102, 0)),
        ("teal", (0, 128, 128)),
    ],
)
def test_colors_are_read_from_names_and_values(text: str, rgb: tuple[int, int, int]) -> None:
    assert color.parse_color(text) == rgb


@pytest.mark.parametrize("text", ["", "reddish", "#12345", "#ggffff", "squirrel", "x" * 500])
def test_what_is_no_color_is_said_in_one_sentence(text: str) -> None:
    with pytest.raises(ToolError, match=r"is no colour I know; give a name such as red, or a value such as #ff6600\.$"):
        color.parse_color(text)


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("make the squirrel red", "red"),
        ("turn the white cat red", "red"),
        ("paint it Grey.", "gray"),
        ("make it redder", None),
        ("put it on a beach", None),
    ],
)
def test_the_last_color_of_a_sentence_counts(sentence: str, name: str | None) -> None:
    assert color.color_in(sentence) == name


def test_a_noun_phrase_loses_its_colors() -> None:
    assert color.without_color("the red squirrel") == "the squirrel"
    assert color.without_color("orange") == ""


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), Levels, Levels, Levels)
def test_repainting_leaves_what_has_no_weight_bit_for_bit(seed: int, red: int, green: int, blue: int) -> None:
    random = np.random.default_rng(seed)
    picture = Image.fromarray(random.integers(0, 256, (24, 31, 3), dtype=np.uint8))
    weights = np.where(random.random((24, 31)) < 0.6, 0.0, random.random((24, 31)))
    painted = color.repaint(picture, weights, (red, green, blue))
    assert np.array_equal(np.asarray(painted)[weights == 0], np.asarray(picture)[weights == 0])
    assert painted.size == picture.size


@pytest.mark.parametrize("name", color.NAMED)
@pytest.mark.parametrize("kind", SOME_KINDS)
def test_a_repainted_thing_has_the_color_asked_for(kind: str, name: str) -> None:
    picture, inside = scene(kind)
    painted = color.repaint(picture, inside.astype(np.float64), color.NAMED[name])
    assert color.distance_to(painted, inside, color.NAMED[name]) < 0.15
    if name != "gray" or kind not in HALF_WHITE:
        assert next(iter(color.color_shares(painted, inside))) == name


@pytest.mark.parametrize("value", ["#000000", "#ffffff", "#808000", "#00ffff"])
def test_any_value_can_be_painted_without_a_warning(value: str) -> None:
    picture, inside = scene("squirrel")
    goal = color.parse_color(value)
    assert color.distance_to(color.repaint(picture, inside.astype(np.float64), goal), inside, goal) < 0.15


def test_a_repainted_thing_keeps_its_light_and_shade() -> None:
    picture, inside = scene("squirrel")
    painted = color.repaint(picture, inside.astype(np.float64), color.NAMED["red"])
    before = color.to_oklab(np.asarray(picture, dtype=np.float64))[inside, 0]
    after = color.to_oklab(np.asarray(painted, dtype=np.float64))[inside, 0]
    assert np.corrcoef(before, after)[0, 1] > 0.9
