import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from pentimento.bench import by_eye
from pentimento.bench.judge import (
    WEIGHTS,
    Eye,
    Facts,
    Judge,
    JudgeError,
    claim,
    decode,
    fitted,
    load_judge,
    said,
    shows,
)
from pentimento.bench.measure_judge import CHANGES, NOTHING, measure, unseen, wrong_claims
from pentimento.bench.train_judge import Judging, labels, lesson, lesson_scene, perfect
from pentimento.starter.words import KINDS
from pentimento.starter.world.captions import caption
from pentimento.starter.world.drawing import draw
from pentimento.starter.world.scene import SHAPES, Group, Scene, Thing

pytestmark = pytest.mark.slow

CAT = Group((Thing("cat", "red"),), 36)
DRESSED = Group((Thing("cat"), Thing("hat", "blue")), 64, relation="wearing")
SHELTERED = Group((Thing("cat"), Thing("house")), 64, relation="behind")
TWO = (replace(CAT, room=64), Group((Thing("fox"),), 96, 64))
THREE = tuple(Group((Thing(kind),), x, 43) for kind, x in (("cat", 20), ("dog", 64), ("pig", 108)))


def seen_without_fault(scene: Scene, right: int = 0, down: int = 0) -> Facts:
    return decode(perfect(labels(scene, right, down)))


def test_perfect_labels_decode_to_exactly_the_facts_of_the_scene() -> None:
    right = [seen_without_fault(scene).named() == claim(scene).named() for scene, _ in unseen(400)]
    assert np.mean(right) >= 0.99


def test_a_picture_off_the_grid_shows_the_same_facts() -> None:
    shifts = [(scene, rng.randint(-4, 4), rng.randint(-4, 4)) for scene, rng in unseen(200)]
    right = [seen_without_fault(*shifted).named() == claim(shifted[0]).named() for shifted in shifts]
    assert np.mean(right) >= 0.98


def test_a_claim_with_one_wrong_fact_is_refused() -> None:
    tried = set()
    for scene, rng in unseen(150):
        for name, wrong in wrong_claims(claim(scene), rng):
            tried.add(name)
            assert not shows(seen_without_fault(scene), wrong), (name, scene, wrong)
    assert tried == set(CHANGES)


def test_things_of_one_kind_keep_their_own_colours() -> None:
    scene = Scene(tuple(Group((Thing("cat", color),), x, 64) for color, x in (("red", 32), ("blue", 96))), "room")
    assert seen_without_fault(scene).named()["color cat"] == "red blue"


def test_natural_colours_are_the_word_that_fits_them() -> None:
    natural, red, blue = (claim(Scene((Group((Thing("apple", c),), 64),), "room")) for c in (None, "red", "blue"))
    assert shows(natural, red)
    assert not shows(natural, blue)


def test_a_thing_that_nobody_claimed_is_one_too_many() -> None:
    both, one = claim(Scene(TWO, "room")), claim(Scene(TWO[:1], "room"))
    assert not shows(both, one)
    assert not shows(both, one, said("a red cat", one))


def test_what_a_caption_leaves_out_may_be_otherwise() -> None:
    asked, drawn = claim(Scene((CAT,), "forest", "night")), claim(Scene((replace(CAT, x=92),), "forest", "day", "rain"))
    assert shows(drawn, asked, said("a red cat in the woods", asked))
    assert not shows(drawn, asked, said("a red cat in the woods at night", asked))
    assert not shows(drawn, asked, said("a red cat on the left", asked))
    assert not shows(drawn, asked)


@pytest.mark.parametrize(
    ("groups", "words", "names"),
    [
        ((CAT,), "a kitty in the mountains", {"count cat", "place"}),
        ((CAT,), "8-bit: a tiny red cat on the left, at dusk", {"count cat", "color cat", "spot", "style", "time"}),
        (TWO, "a red cat and a fox while it rains", {"count cat", "count fox", "color cat", "weather"}),
        (TWO, "a fox to the right of a cat", {"count cat", "count fox", "order cat fox"}),
        (THREE, "a dog between a cat and a piglet", {"count cat", "count dog", "count pig", "between"}),
        ((DRESSED,), "a cat in a blue top hat in town", {"count cat", "count hat", "color hat", "relation cat"}),
        ((DRESSED,), "a cat and a hat in the mountains", {"count cat", "count hat", "place"}),
        ((SHELTERED,), "a cottage behind a cat", {"count cat", "count house", "relation cat"}),
        ((SHELTERED,), "a cat and a house in front of mountains", {"count cat", "count house", "place"}),
        ((), "nothing in front of mountains", {"place"}),
    ],
)
def test_a_caption_names_what_its_words_say(groups: tuple[Group, ...], words: str, names: set[str]) -> None:
    scene = Scene(groups, "mountains", "sunset", "rain", "pixel")
    assert said(words, claim(scene)) == names | {"kinds"}


def test_every_caption_names_what_is_out_of_the_ordinary() -> None:
    for scene, rng in unseen(300):
        claimed, words = claim(scene), caption(scene, rng)
        colored = {f"color {thing.kind}" for thing in scene.things() if thing.color}
        always = {name for name in claimed.named() if name.split()[0] in {"kinds", "count", "relation"}}
        setting = {"time": "day", "weather": "clear", "style": "flat"}
        unusual = {name for name, usual in setting.items() if getattr(scene, name) != usual}
        assert colored | always | unusual <= said(words, claimed), words


def test_palm_tree_is_no_tree_and_a_sunflower_no_flower() -> None:
    scene = Scene(tuple(Group((Thing(kind, "red"),), x, 43) for kind, x in (("tree", 20), ("flower", 108))), "room")
    assert said("a red palm tree and a red sunflower", claim(scene)) == {"kinds"}


def test_a_smeared_group_is_not_labelled() -> None:
    whole, rest = labels(Scene(TWO, "room")), labels(Scene(TWO, "room"), without=1)
    assert (whole.middle == 1).sum() == 2
    assert set(np.unique(rest.cells[0])) == {0, 1 + list(KINDS).index("cat")}
    assert (rest.middle == 1).sum() == 1


def test_the_smallest_thing_has_a_cell_of_its_own() -> None:
    for kind in ("squirrel", "horse", "mouse"):
        scene = Scene((Group((Thing(kind), Thing("bow")), 64, 43, "wearing", "small"),), "room")
        assert (labels(scene).cells[0] == 1 + list(KINDS).index("bow")).any()


def test_lessons_are_the_same_for_the_same_seed() -> None:
    (one, a), (other, b) = (lesson(lesson_scene(rng, "wide"), rng) for rng in (random.Random(3), random.Random(3)))
    assert np.array_equal(one, other)
    assert np.array_equal(a.middle, b.middle)


def test_the_net_is_small_and_learns_from_a_batch() -> None:
    torch.manual_seed(0)
    task = Judging("test judge")
    assert sum(parameter.numel() for parameter in task.learned.parameters()) <= 1_500_000
    batch = tuple(part[:4] for part in task.batch(0))
    optimizer = torch.optim.AdamW(task.learned.parameters(), 1e-3)
    losses = []
    for step in range(6):
        loss = task.loss(batch, step)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]


@pytest.mark.parametrize("shape", SHAPES)
def test_an_untrained_judge_sees_nothing_in_any_shape(shape: str) -> None:
    scene = Scene((CAT,), "forest", shape=shape)
    judge = Judge(Eye().eval())
    assert not judge.accepts(claim(scene), Image.fromarray(draw(scene)), {"kinds"})
    assert judge.facts(Image.fromarray(draw(scene))).things == ()


@pytest.mark.parametrize(
    ("size", "expected"), [((512, 512), (128, 128)), ((640, 384), (160, 96)), ((96, 160), (96, 160))]
)
def test_larger_pictures_are_brought_to_the_shape_of_the_world(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert fitted(Image.new("RGB", size)).size == expected


def test_stored_weights_give_the_same_judge_and_missing_ones_say_what_to_do(tmp_path: Path) -> None:
    eye = Eye().eval()
    picture = Image.fromarray(draw(Scene((CAT,), "forest")))
    save_file({name: value.half() for name, value in eye.state_dict().items()}, tmp_path / "judge.safetensors")
    loaded = load_judge(tmp_path / "judge.safetensors")
    assert np.allclose(loaded.maps(picture).kind, Judge(eye).maps(picture).kind, atol=0.01)
    with pytest.raises(JudgeError, match="train_judge"):
        load_judge(tmp_path / "none.safetensors")


@pytest.mark.slow
@pytest.mark.skipif(not WEIGHTS.exists(), reason="the judge is not trained yet")
def test_the_trained_judge_sees_what_is_there_and_refuses_what_is_not() -> None:
    found = {name: share.successes / share.count for name, share in measure(load_judge(), 100).items()}
    for how in ("drawn", "worn"):
        assert found[f"{how}: facts right"] >= 0.98
        assert found[f"{how}: one wrong fact accepted"] <= 0.05
    assert not any(found[f"{name} accepted"] for name in NOTHING)


def test_the_judge_mostly_agrees_with_a_person_and_leans_to_neither_side() -> None:
    found = by_eye.agreement(load_judge())
    assert found["by eye: the same verdict"].successes >= 75
    wrong_accepted, right_accepted = found["by eye: wrong accepted"], found["by eye: right accepted"]
    mistakes = wrong_accepted.successes, right_accepted.count - right_accepted.successes
    assert max(mistakes) <= 15
    assert abs(mistakes[0] - mistakes[1]) <= 10
