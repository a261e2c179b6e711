"""A drawing that stays within its region: the model sees a crop at its best size, and what it draws is put back inside."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from PIL import Image

from pentimento.tools import region
from pentimento.tools.check import Check
from pentimento.tools.register import Registered, registered
from pentimento.tools.taken import blended
from pentimento.tools.types import Run

Draw: TypeAlias = Callable[[Image.Image, Image.Image], Image.Image]
"""Crop (RGB) and region in it (mode L, white inside), both at the model's best size → the crop as it should be."""

Accepted: TypeAlias = Callable[[region.Box, Image.Image, Image.Image, region.Mask], region.Weights]
"""Where the crop is, the crop, the same as it was drawn, and the region in it → how much of the drawing each place takes."""


def _all(_box: region.Box, crop: Image.Image, _made: Image.Image, inside: region.Mask) -> region.Weights:
    return blended(crop, inside)


def drawn_in(src: Image.Image, mask: region.Mask, run: Run, draw: Draw) -> Image.Image:
    """`src` with what is drawn in the region, its tone matched to what lies around; outside every byte is the source's."""
    return registered_in(src, mask, run, draw).picture


def registered_in(src: Image.Image, mask: region.Mask, run: Run, draw: Draw, accepted: Accepted = _all) -> Registered:
    """As `drawn_in`, and how far the drawing had come back shifted; of the region what is `accepted` is put back."""
    side = run.models.best_size
    box = region.working_box(mask, least=side)
    crop, inside = src.crop(box.corners), region.cut(mask, box)
    marked = region.to_image(inside)
    fits = crop.size == (side, side)
    small = crop if fits else crop.resize((side, side), Image.Resampling.LANCZOS)
    made = draw(small, marked if fits else marked.resize((side, side), Image.Resampling.NEAREST))
    laid = registered(sized(made, crop.size), crop, ~inside)
    matched = region.match_tone(laid.picture, crop, inside)
    result = src.copy()
    result.paste(region.mix(crop, matched, accepted(box, crop, matched, inside)), box.corners)
    return replace(laid, picture=result)


def settled(check: Check, drawn: Registered) -> Check:
    """A drawing of which the whole scene lies elsewhere has failed, whatever is to be seen in it."""
    if not drawn.too_far:
        return check
    note = f"The whole scene came out {drawn.words} of where it was, too far to be put back."
    return Check(check.score / 2, " ".join(filter(None, (note, check.note))), check.facts)


def sized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image if image.size == size else image.resize(size, Image.Resampling.LANCZOS)
