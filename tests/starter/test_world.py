import random

import numpy as np
import pytest
from PIL import Image

from pentimento.starter.words import COLORS, KINDS, PLACES, STYLES, TIMES, WEATHERS
from pentimento.starter.world.captions import caption
from pentimento.starter.world.drawing import draw, mask
from pentimento.starter.world.edits import EDITS, Edit, random_edit
from pentimento.starter.world.scene import SHAPES, Group, Scene, Thing, random_scene
from pentimento.starter.world.styles import BLOCK
from pentimento.tools.color import color_shares

SEEDS = range(24)


def edit(kind: str, seed: int) -> Edit:
    return random_edit(random.Random(seed), kind)


def test_the_world_is_as_large_as_promised() -> None:
    assert len(KINDS) >= 40
    assert {"squirrel", "nut"} <= set(KINDS)
    assert len(COLORS) == 11
    assert len(PLACES) + len(TIMES) == 10
    assert (len(WEATHERS), len(STYLES), len(SHAPES)) == (4, 4, 3)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_seed_draws_the_same_picture_and_caption(seed: int) -> None:
    first, second = random.Random(seed), random.Random(seed)
    one, other = random_scene(first), random_scene(second)
    assert one == other
    assert caption(one, first) == caption(other, second)
    assert np.array_equal(draw(one), draw(other))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_picture_has_the_size_of_its_shape(shape: str) -> None:
    width, height = SHAPES[shape]
    assert draw(random_scene(random.Random(1), shape=shape)).shape == (height, width, 3)
    assert width % 32 == height % 32 == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_mask_covers_exactly_what_its_group_changes_visibly(seed: int) -> None:
    flat = {"style": "flat"}
    whole = Scene(**{**random_scene(random.Random(seed)).__dict__, **flat})
    for index in range(len(whole.groups)):
        rest = tuple(group for i, group in enumerate(whole.groups) if i != index)
        differs = (draw(whole) != draw(Scene(**{**whole.__dict__, "groups": rest}))).any(axis=2)
        found = mask(whole, index)
        assert found.any()
        assert (found & ~differs).sum() <= 0.1 * found.sum()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_caption_names_every_thing_and_its_colour(seed: int) -> None:
    rng = random.Random(seed)
    drawn = random_scene(rng)
    words = caption(drawn, rng)
    for thing in drawn.things():
        assert any(noun[:4] in words for noun in KINDS[thing.kind])
        assert thing.color is None or thing.color in words


@pytest.mark.parametrize(
    ("time", "weather"), [("night", "clear"), ("sunset", "clear"), ("day", "rain"), ("day", "snow")]
)
def test_time_and_weather_change_the_place_and_leave_the_things(time: str, weather: str) -> None:
    before = Scene((Group((Thing("cat", "red"),), 64),), "meadow")
    after = Scene(before.groups, "meadow", time, weather)
    covered = mask(before, 0)
    changed = np.abs(draw(before).astype(float) - draw(after)).mean(axis=2)
    assert changed[~covered].mean() > 20
    assert changed[covered].mean() < 0.25 * changed[~covered].mean()


@pytest.mark.parametrize("color", COLORS)
def test_a_recoloured_thing_is_measured_in_its_colour(color: str) -> None:
    for kind in KINDS:
        drawn = Scene((Group((Thing(kind, color),), 64),), "forest")
        shares = color_shares(Image.fromarray(draw(drawn)), mask(drawn, 0))
        assert shares.get(color, 0.0) > 0.5, (kind, shares)


def test_each_style_looks_like_itself() -> None:
    scene = random_scene(random.Random(3))
    drawn = {style: draw(Scene(**{**scene.__dict__, "style": style})).astype(float) for style in STYLES}
    blocks = drawn["pixel"].reshape(-1, BLOCK, drawn["pixel"].shape[1] // BLOCK, BLOCK, 3)
    assert np.ptp(blocks, axis=(1, 3)).max() == 0
    steps = {style: np.abs(np.diff(picture, axis=0)).mean() for style, picture in drawn.items()}
    assert steps["watercolor"] < steps["flat"] < steps["pencil"]


@pytest.mark.parametrize("kind", EDITS)
@pytest.mark.parametrize("seed", range(8))
def test_an_edit_changes_only_what_it_says(kind: str, seed: int) -> None:
    change = edit(kind, seed)
    before, after = change.before, change.after
    assert draw(before).tobytes() != draw(after).tobytes()
    setting = ("place", "time", "weather", "style")
    differing = {name for name in setting if getattr(before, name) != getattr(after, name)}
    if change.group is None:
        assert before.groups == after.groups
        assert kind in differing
        return
    assert not differing
    assert before.variant == after.variant
    kept = [group for i, group in enumerate(before.groups) if i != change.group]
    assert all(group in after.groups for group in kept)
    assert change.target


def test_the_world_speaks_in_many_phrasings() -> None:
    rng = random.Random(0)
    edits = [random_edit(rng) for _ in range(3000)]
    assert len({" ".join(change.instruction.split()[:2]) for change in edits}) >= 60
    assert len({" ".join(caption(change.before, rng).split()[:2]) for change in edits}) >= 200
