import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForImageTextToText, AutoProcessor, PreTrainedTokenizerFast

from pentimento.starter.train_describe import (
    END,
    LENGTH,
    START,
    Captions,
    described_scene,
    make_model,
    make_processor,
    make_tokenizer,
    patch_labels,
    right,
)
from pentimento.starter.training import optimizers, set_learning_rate
from pentimento.starter.world.captions import facts, plain_caption, seen_size
from pentimento.starter.world.drawing import draw
from pentimento.starter.world.scene import SHAPES, Group, Scene, Thing, random_scene

pytestmark = pytest.mark.slow


def scenes(count: int) -> list[Scene]:
    rng = random.Random("scenes")
    return [described_scene(rng) for _ in range(count)]


def truth(scene: Scene) -> dict[str, str]:
    """What `facts` should find, from the scene itself."""
    found = {"place": scene.place, "time": scene.time, "style": scene.style}
    if scene.place != "room":
        found["weather"] = scene.weather
    for number, group in enumerate(sorted(scene.groups, key=lambda group: group.x), start=1):
        first, *others = group.things
        found[f"{number} number"] = str(len(group.things) if group.relation == "same" else 1)
        found[f"{number} size"] = seen_size(scene, group) or "ordinary"
        found[f"{number} kind"], found[f"{number} color"] = first.kind, first.color or "natural"
        if group.relation not in ("", "same"):
            found[f"{number} relation"] = {"behind": "in front of"}.get(group.relation, group.relation)
            found[f"{number} kind2"], found[f"{number} color2"] = others[0].kind, others[0].color or "natural"
    return found


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return make_tokenizer()


@pytest.fixture
def task(tokenizer: PreTrainedTokenizerFast, monkeypatch: pytest.MonkeyPatch) -> Captions:
    monkeypatch.setattr("pentimento.starter.train_describe.BATCH", 2)
    torch.manual_seed(0)
    return Captions("describe", make_model(tokenizer), tokenizer)


def test_every_fact_of_a_scene_can_be_read_from_its_plain_caption() -> None:
    for scene in scenes(1500):
        found = facts(plain_caption(scene))
        found.pop("1 spot", None)
        assert found == truth(scene), plain_caption(scene)


def test_a_plain_caption_reads_like_a_sentence() -> None:
    things = (
        Group((Thing("mouse"), Thing("mouse")), 100, room=85, relation="same", size="small"),
        Group((Thing("owl", "orange"), Thing("crown")), 21, room=43, relation="wearing"),
    )
    scene = Scene(things, "forest", time="night", weather="snow", style="pencil")
    said = "an orange owl wearing a crown and two small mice in a forest at night in the snow, pencil drawing"
    assert plain_caption(scene) == said


def test_a_lone_thing_has_a_spot_and_an_empty_place_has_nothing() -> None:
    lone = Scene((Group((Thing("cat"),), 92),), "room")
    assert plain_caption(lone) == "a cat on the right in a room by day, flat colors"
    assert facts(plain_caption(lone))["1 spot"] == "on the right"
    assert plain_caption(replace(lone, groups=())) == "nothing in a room by day, flat colors"


def test_a_size_is_named_only_where_it_is_seen() -> None:
    for scene in scenes(60):
        for index, group in enumerate(scene.groups):
            big = scene.with_group(index, replace(group, size="big"))
            ordinary = scene.with_group(index, replace(group, size=""))
            differ = draw(big).tobytes() != draw(ordinary).tobytes()
            assert seen_size(big, big.groups[index]) == ("big" if differ else "")


def test_what_is_invented_or_missing_counts_as_wrong() -> None:
    caption = "a red cat and a dog in a forest by day in fine weather, flat colors"
    assert right(caption, caption) == 1
    assert right(caption.replace("red", "blue"), caption) == 11 / 12
    assert right(caption.replace(" and a dog", ""), caption) == 8 / 12
    assert right(caption.replace("dog", "dog and a cow"), caption) == 12 / 16
    assert right("dog dog dog", caption) == 0


def test_each_word_of_the_captions_is_a_token(tokenizer: PreTrainedTokenizerFast) -> None:
    for scene in scenes(500):
        caption = plain_caption(scene)
        ids = tokenizer(START + caption + END).input_ids
        assert len(ids) <= LENGTH
        assert len(ids) <= len(caption.replace(",", " ,").split()) + 4
        assert tokenizer.decode(ids, skip_special_tokens=True) == caption


@pytest.mark.parametrize("shape", SHAPES)
def test_patches_tell_what_is_on_them_in_every_shape(shape: str) -> None:
    scene = random_scene(random.Random(4), groups=2, shape=shape)
    labels = patch_labels(scene)
    assert labels.shape == (5, 256)
    assert set(np.unique(labels[2])) == {0, 1, 2}
    assert ((labels == 0).all(0) == (labels[0] == 0)).all()


def test_a_few_steps_on_a_batch_lower_its_loss(task: Captions) -> None:
    batch, found = task.batch(0), []
    steppers = optimizers(task.learned.train())
    for _ in range(6):
        loss = task.loss(batch, 0)
        loss.backward()
        for stepper in steppers:
            set_learning_rate(stepper, 2e-3)
            stepper.step()
            stepper.zero_grad()
        found.append(loss.item())
    assert found[-1] < 0.9 * found[0]


def test_a_batch_is_always_the_same(task: Captions) -> None:
    for one, other in zip(task.batch(3), task.batch(3), strict=True):
        assert torch.equal(one, other)


def test_what_is_measured_is_a_share(task: Captions) -> None:
    task.unseen = task.unseen[:3]
    assert all(0 <= value <= 1 for value in task.measure().values())


def test_a_saved_model_describes_a_picture_of_any_shape(task: Captions, tmp_path: Path) -> None:
    model = task.learned.model
    assert sum(parameter.numel() for parameter in model.parameters()) <= 2_500_000
    model.half().save_pretrained(tmp_path)
    make_processor(task.tokenizer).save_pretrained(tmp_path)
    loaded = AutoModelForImageTextToText.from_pretrained(tmp_path, dtype=torch.float32).eval()
    processor = AutoProcessor.from_pretrained(tmp_path)
    picture = draw(random_scene(random.Random(0), shape="wide"))
    pixels = processor(images=picture, return_tensors="pt").pixel_values
    said = loaded.generate(pixel_values=pixels, max_new_tokens=8)
    assert said.shape[0] == 1
    assert isinstance(processor.decode(said[0], skip_special_tokens=True), str)
    with torch.no_grad():
        assert task.captions(pixels)[0] is not None
