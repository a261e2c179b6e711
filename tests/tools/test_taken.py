import numpy as np
import pytest
from PIL import Image, ImageFilter

from pentimento.tools import region
from pentimento.tools.edit import EditArgs, edit_region
from pentimento.tools.region import Mask, Weights
from pentimento.tools.scope import Place, Scope
from pentimento.tools.taken import taken
from tests.fakes_tools import FakeModels, run_with

SIDE = 128


def box(left: int, top: int, right: int, bottom: int) -> Mask:
    mask = np.zeros((SIDE, SIDE), dtype=bool)
    mask[top:bottom, left:right] = True
    return mask


def drawing(*levels: tuple[Mask, int], grain: int = 0) -> Image.Image:
    """Grey of 100, changed by so many levels in the regions, with grain of so many at most."""
    pixels = np.full((SIDE, SIDE, 3), 100)
    for mask, by in levels:
        pixels[mask] += by
    noise = np.random.default_rng(5).integers(-grain, grain + 1, (SIDE, SIDE, 1))
    return Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8))


def take(made: Image.Image, inside: Mask, thing: Mask | None = None, *, marked: bool = False) -> Weights:
    weights = taken(drawing(), made, inside, thing, marked=marked)
    assert not weights[~inside].any()
    return weights


THERE, STRONG, SLIGHT = box(20, 20, 120, 120), box(30, 30, 60, 60), box(70, 30, 110, 110)


def test_beside_a_strong_change_one_as_slight_as_the_grain_is_left_out() -> None:
    weights = take(drawing((STRONG, 120), (SLIGHT, 30), grain=30), THERE)
    assert (weights[STRONG] > 0).all()
    assert not weights[~region.dilate(STRONG, 2)].any()


def test_of_a_drawing_without_grain_a_soft_shadow_comes_too() -> None:
    weights = take(drawing((STRONG, 120), (SLIGHT, 30)), THERE)
    assert (weights[STRONG | SLIGHT] > 0).all()


def test_a_change_that_is_slight_everywhere_is_taken() -> None:
    assert (take(drawing((SLIGHT, 30)), THERE)[SLIGHT] > 0).all()


def test_all_of_the_thing_that_should_change_is_taken_to_its_edge() -> None:
    thing = box(30, 30, 80, 60)
    weights = take(drawing((STRONG, 120), grain=30), THERE, region.dilate(thing, 1))
    assert (weights[thing] == 1).all()


def test_where_nothing_differs_the_thing_is_taken_and_else_all_of_the_region() -> None:
    assert np.array_equal(take(drawing(), THERE, STRONG) > 0, region.dilate(STRONG, 1))
    assert np.array_equal(take(drawing(), THERE) > 0, THERE)


def test_in_a_region_of_ones_own_slight_changes_are_taken_beside_strong_ones() -> None:
    weights = take(drawing((STRONG, 120), (SLIGHT, 30), grain=17), THERE, marked=True)
    assert (weights[STRONG | SLIGHT] > 0).all()


def test_what_is_like_the_old_picture_within_a_new_thing_is_taken_with_it() -> None:
    belly = box(40, 40, 50, 50)
    assert (take(drawing((STRONG & ~belly, 120), grain=20), THERE)[belly] > 0).all()


@pytest.mark.parametrize("side", [128, 512])
def test_nothing_is_left_of_a_thing_that_is_removed(side: int) -> None:
    scale = side // SIDE
    grey = Image.new("RGB", (side, side), (128, 128, 128))
    src = grey.copy()
    src.paste((20, 20, 20), (40 * scale, 40 * scale, 80 * scale, 80 * scale))
    src = src.filter(ImageFilter.BoxBlur(scale / 2))
    found = np.asarray(src.convert("L")) < 100
    place = Place(Scope.OBJECT, region.box_mask(found, 0.15), region.dilate(found, scale))
    models = FakeModels(edits=[lambda crop, _: Image.new("RGB", crop.size, (128, 128, 128))], best_size=side)
    made = edit_region(
        EditArgs(instruction="remove the box", target="box"), src, place, 7, run_with(models, src)
    ).picture
    assert np.abs(np.asarray(made).astype(int) - 128).max() <= 12
