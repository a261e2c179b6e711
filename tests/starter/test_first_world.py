import random

import numpy as np
import pytest
from PIL import Image

from pentimento.starter.first.words import COLORS, KINDS, PLACES
from pentimento.starter.first.world.captions import caption
from pentimento.starter.first.world.drawing import draw, mask
from pentimento.starter.first.world.edits import EDITS, Edit, random_edit
from pentimento.starter.first.world.scene import Scene, Thing, random_scene
from pentimento.tools.color import color_shares

SEEDS = range(12)


def scene(seed: int) -> Scene:
    return random_scene(random.Random(seed))


def edit(kind: str, seed: int) -> Edit:
    return random_edit(random.Random(seed), kind)


def test_world_is_as_large_as_promised() -> None:
    assert len(KINDS) >= 16
    assert {"squirrel", "nut"} <= set(KINDS)
    assert len(COLORS) == 8
    assert len(PLACES) == 6


@pytest.mark.parametrize("seed", SEEDS)
def test_same_seed_draws_the_same_picture_and_caption(seed: int) -> None:
    first, second = random.Random(seed), random.Random(seed)
    one, other = random_scene(first), random_scene(second)
    assert one == other
    assert caption(one, first) == caption(other, second)
    assert np.array_equal(draw(one), draw(other))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_mask_covers_exactly_what_its_thing_changes_visibly(seed: int) -> None:
    whole = scene(seed)
    for index in range(len(whole.things)):
        without = Scene(tuple(t for i, t in enumerate(whole.things) if i != index), whole.place, whole.variant)
        differs = (draw(whole) != draw(without)).any(axis=2)
        found = mask(whole, index)
        assert found.any()
        assert (found & ~differs).sum() <= 0.1 * found.sum()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_caption_names_every_thing_its_colour_and_the_place(seed: int) -> None:
    rng = random.Random(seed)
    drawn = random_scene(rng)
    words = caption(drawn, rng)
    for thing in drawn.things:
        assert any(noun in words for noun in KINDS[thing.kind])
        assert thing.color is None or thing.color in words
    assert any(phrase in words for phrase in PLACES[drawn.place])


@pytest.mark.parametrize("color", COLORS)
def test_a_recoloured_thing_is_measured_in_its_colour(color: str) -> None:
    for kind in KINDS:
        drawn = Scene((Thing(kind, color, "center"),), "forest", 0)
        shares = color_shares(Image.fromarray(draw(drawn)), mask(drawn, 0))
        assert shares.get(color, 0.0) > 0.5, (kind, shares)


@pytest.mark.parametrize("kind", EDITS)
@pytest.mark.parametrize("seed", range(6))
def test_an_edit_changes_only_what_it_says(kind: str, seed: int) -> None:
    change = edit(kind, seed)
    before, after = change.before, change.after
    assert draw(before).tobytes() != draw(after).tobytes()
    if kind == "place":
        assert before.things == after.things
        assert before.place != after.place
        return
    assert (before.place, before.variant) == (after.place, after.variant)
    assert change.thing is not None
    kept = [t for i, t in enumerate(before.things) if i != change.thing or kind == "add"]
    assert all(t in after.things for t in kept)
    assert change.target


def test_instructions_come_in_many_phrasings() -> None:
    rng = random.Random(0)
    first_words = {" ".join(random_edit(rng).instruction.split()[:2]) for _ in range(2000)}
    assert len(first_words) >= 15
