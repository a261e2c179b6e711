"""A drawing that stays within its region: the model sees a crop at its best size, and what it draws is put back inside."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from PIL import Image

from pentimento.tools import region
from pentimento.tools.check import Check
from pentimento.tools.register import Registered, registered
from pentimento.tools.types import Run

Draw: TypeAlias = Callable[[Image.Image, Image.Image], Image.Image]
"""Crop (RGB) and region in it (mode L, white inside), both at the model's best size → the crop as it should be."""

Accepted: TypeAlias = Callable[[Image.Image, Image.Image, region.Mask], region.Mask]
"""Crop, the same as it was drawn, and the region in it → the part of the region that is taken from the drawing."""


def drawn_in(src: Image.Image, mask: region.Mask, run: Run, draw: Draw) -> Image.Image:
    """`src` with what is drawn in the region, its tone matched to what lies around; outside every byte is the source's."""
    return registered_in(src, mask, run, draw).picture


def registered_in(
    src: Image.Image, mask: region.Mask, run: Run, draw: Draw, accepted: Accepted = lambda _crop, _made, inside: inside
) -> Registered:
    """As `drawn_in`, and how far the drawing had come back shifted; of the region only what is `accepted` is put back."""
    side = run.models.best_size
    box = region.working_box(mask, least=side)
    corners = (box.left, box.top, box.right, box.bottom)
    crop, inside = src.crop(corners), mask[box.top : box.bottom, box.left : box.right]
    marked = region.to_image(inside)
    fits = crop.size == (side, side)
    small = crop if fits else crop.resize((side, side), Image.Resampling.LANCZOS)
    made = draw(small, marked if fits else marked.resize((side, side), Image.Resampling.NEAREST))
    laid = registered(sized(made, crop.size), crop, ~inside)
    matched = region.match_tone(laid.picture, crop, inside)
    result = src.copy()
    result.paste(region.paste(crop, matched, accepted(crop, matched, inside), min(crop.size) / 48), corners)
    return replace(laid, picture=result)


def settled(check: Check, drawn: Registered) -> Check:
    """A drawing of which the whole scene lies elsewhere has failed, whatever is to be seen in it."""
    if not drawn.too_far:
        return check
    note = f"The whole scene came out {drawn.words} of where it was, too far to be put back."
    return Check(check.score / 2, " ".join(filter(None, (note, check.note))), check.facts)


def sized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image if image.size == size else image.resize(size, Image.Resampling.LANCZOS)
