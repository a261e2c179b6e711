import numpy as np
from PIL import Image

from pentimento.bench import masks


def nowhere(picture: Image.Image, _what: str) -> Image.Image:
    return Image.new("L", picture.size)


def test_intersection_over_union_is_the_share_of_both_that_both_have() -> None:
    left, top = np.zeros((4, 4), dtype=bool), np.zeros((4, 4), dtype=bool)
    left[:, :2], top[:2] = True, True
    assert masks.iou(left, top) == 1 / 3
    assert masks.iou(left, left) == 1


def test_who_finds_nothing_is_right_about_nothing_alone() -> None:
    table = masks.measure(nowhere, 6)
    assert table["mean IoU"] == "0.000 (0.000 to 0.000, n=6)"
    assert table["the left one, the right one"].startswith("0 %")
    assert table["nothing for what is not there"].startswith("100 %")


def test_a_mean_iou_has_its_interval() -> None:
    assert " to " in masks.measure(masks.middle_box, 6)["mean IoU"]
