import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from PIL import Image

from pentimento.bench import drawings
from pentimento.bench.diversity import anew, apart
from pentimento.bench.judge import claim, said, shows
from pentimento.starter.words import PLACES
from pentimento.starter.world.captions import caption
from pentimento.starter.world.drawing import draw
from pentimento.starter.world.scene import Scene, random_scene


def seen(count: int) -> list[drawings.Asked]:
    chances = [random.Random(f"same words {index}") for index in range(count)]
    return [drawings.Asked(scene, caption(scene, rng)) for rng in chances for scene in [random_scene(rng)]]


def placeless(scene: Scene) -> Scene:
    return replace(scene, place="", variant=0)


def test_the_same_picture_again_and_again_is_not_diverse() -> None:
    picture = Image.fromarray(draw(drawings.asked(1)[0].scene))
    other = Image.effect_noise((128, 128), random.Random(0).uniform(50, 90)).convert("RGB")
    assert apart([picture] * 3) == 0
    assert apart([picture, other]) > 20


@pytest.mark.slow
def test_scenes_of_the_same_words_differ_by_nothing_but_their_place() -> None:
    by_words: dict[tuple[str, str], set[Scene]] = {}
    for one in seen(60_000):
        by_words.setdefault((one.words, one.scene.shape), set()).add(one.scene)
    shared = [scenes for scenes in by_words.values() if len(scenes) > 1]
    assert len(shared) > 40
    assert all(len({placeless(scene) for scene in scenes}) == 1 for scenes in shared)


def test_a_scene_made_anew_shows_all_that_was_said_and_stands_elsewhere_only_where_no_place_was() -> None:
    for one in seen(100):
        again = [anew(one.scene, one.words, random.Random(seed)) for seed in range(8)]
        open_place = "place" not in said(one.words, claim(one.scene))
        assert all(shows(claim(scene), claim(one.scene), said(one.words, claim(one.scene))) for scene in again)
        assert (len({scene.place for scene in again}) > 1) == open_place
        assert {placeless(scene) for scene in again} == {placeless(one.scene)}
        assert len({scene.variant for scene in again}) > 1


def test_where_it_rains_is_never_indoors() -> None:
    wet = next(one.scene for one in seen(100) if one.scene.weather == "rain")
    places = {anew(wet, "a cat in the rain", random.Random(seed)).place for seed in range(100)}
    assert places == set(PLACES) - {"room"}


def test_each_seed_makes_the_words_anew_the_same_every_time() -> None:
    one = drawings.asked(1)[0]
    first, again = (drawings.truth_anew([one] * 8, range(8)) for _ in range(2))
    assert [picture.tobytes() for picture in first] == [picture.tobytes() for picture in again]
    assert len({picture.tobytes() for picture in first}) > 4


def test_the_row_compares_pictures_of_one_prompt_with_each_other() -> None:
    asked_for: list[set[str]] = []

    def one_for_each_prompt(wanted: Sequence[drawings.Asked], seeds: Sequence[int]) -> list[Image.Image]:
        asked_for.append({one.words for one in wanted})
        return drawings.truth(wanted, seeds)

    assert drawings.diversity_row(one_for_each_prompt, 3) == "0.0 levels (0.0 to 0.0, n=3)"
    assert [len(words) for words in asked_for] == [1, 1, 1]
