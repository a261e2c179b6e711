import tracemalloc

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from pentimento.tools.color import to_oklab
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


def noise(width: int, height: int, seed: int = 7) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def as_defined(one: Image.Image, other: Image.Image) -> tuple[float, float]:
    """Colour and structure of two pictures, each by its definition and over the whole picture at once."""
    first, second = (to_oklab(np.asarray(image, dtype=np.float64)) for image in (one, other))
    window = (min(7, one.height), min(7, one.width))

    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
        means: NDArray[np.float64] = sliding_window_view(values, window).mean(axis=(2, 3))
        return means

    x, y = first[..., 0], second[..., 0]
    together = mean(x * y) - mean(x) * mean(y)
    spread = mean(x * x) - mean(x) ** 2 + mean(y * y) - mean(y) ** 2
    levels = (2 * mean(x) * mean(y) + 1e-4) / (mean(x) ** 2 + mean(y) ** 2 + 1e-4)
    similarity = levels * (2 * together + 9e-4) / (spread + 9e-4)
    return float(100 * np.percentile(np.linalg.norm(first - second, axis=2), 99)), float(similarity.mean())


@pytest.mark.parametrize(
    "size", [(1, 1), (4, 300), (600, 5), (256, 256), (257, 262), (263, 255), (520, 270)], ids="{0[0]}x{0[1]}".format
)
def test_a_picture_of_any_size_is_measured_as_a_whole(size: tuple[int, int]) -> None:
    one = noise(*size)
    other = one.filter(ImageFilter.GaussianBlur(1))
    if size == (1, 1):
        other = shifted(one, 40)
    found = difference(one, other)
    assert found is not None
    color, structure = as_defined(one, other)
    assert found.color == pytest.approx(color, abs=0.0051)
    assert found.structure == pytest.approx(structure, abs=0.000051)
    unlike = (np.asarray(one) != np.asarray(other)).any(axis=2)
    assert found.share == pytest.approx(unlike.mean())


def test_what_differs_is_found_in_every_corner_of_a_large_picture() -> None:
    one = noise(700, 600)
    other = one.copy()
    for place in ((3, 599), (699, 2)):
        other.putpixel(place, tuple(255 - level for level in np.asarray(one)[place[1], place[0]].tolist()))
    found = difference(one, other)
    assert found is not None
    assert found.box == (3, 2, 700, 600)
    assert found.share == pytest.approx(2 / 420_000)


@pytest.mark.slow
def test_a_large_picture_takes_few_bytes_for_each_pixel() -> None:
    one = noise(2000, 1500)
    other = shifted(one, 9)
    tracemalloc.start()
    difference(one, other)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak <= 25 * 2000 * 1500
