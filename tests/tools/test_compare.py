import numpy as np
import pytest
from PIL import Image, ImageFilter

from pentimento.tools.compare import difference
from tests.fakes_tools import picture


def shifted(image: Image.Image, by: int) -> Image.Image:
    """Every level higher by so many."""
    return Image.fromarray((np.asarray(image).astype(int) + by).clip(0, 255).astype(np.uint8))


def test_the_same_pixels_do_not_differ() -> None:
    found = difference(picture(), picture())
    assert found is not None
    assert (found.share, found.box, found.color, found.structure, found.visible) == (0.0, None, 0.0, 1.0, False)


def test_where_they_differ_is_told_to_the_pixel() -> None:
    other = picture()
    other.putpixel((10, 20), (255, 0, 255))
    other.putpixel((30, 25), (255, 0, 255))
    found = difference(picture(), other)
    assert found is not None
    assert found.box == (10, 20, 31, 26)
    assert found.share == pytest.approx(2 / 4096)


def test_one_level_is_not_seen_and_ten_are() -> None:
    one, ten = difference(picture(), shifted(picture(), 1)), difference(picture(), shifted(picture(), 10))
    assert one is not None
    assert ten is not None
    assert not one.visible
    assert ten.visible
    assert one.color < ten.color


def test_lost_structure_is_seen_though_the_colours_are_near() -> None:
    found = difference(picture(), picture().filter(ImageFilter.GaussianBlur(2)))
    assert found is not None
    assert found.structure < 0.7


def test_pictures_of_other_sizes_can_not_be_laid_on_each_other() -> None:
    assert difference(picture(64, 64), picture(64, 63)) is None


def test_a_picture_smaller_than_a_window_is_compared_whole() -> None:
    small = picture(4, 3)
    found = difference(small, shifted(small, 60))
    assert found is not None
    assert 0 < found.structure < 1
