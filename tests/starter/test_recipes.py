from pathlib import Path

import pytest

from pentimento.starter import __main__ as recipes
from pentimento.starter import train_image, train_planner, train_vae
from pentimento.starter.checkpoints import CheckpointError, save_checkpoint
from pentimento.starter.export_planner import seen
from pentimento.starter.planner_tokenizer import trained_tokenizer


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where models ship, with weights of a picture model; the working directory has no training."""
    for part in ("unet", "text_encoder", "vae"):
        (tmp_path / "image" / part).mkdir(parents=True)
        (tmp_path / "image" / part / "model.safetensors").touch()
    monkeypatch.setattr(recipes, "SHIPPED", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_with_nothing_named_the_picture_code_stays_where_its_weights_are(shipped: Path) -> None:
    assert recipes.chosen([]) == ["planner", "image", "segment", "describe", "upscale"]
    for file in shipped.rglob("*.safetensors"):
        file.unlink()
    assert recipes.chosen([]) == list(recipes.RECIPES)


def test_a_new_picture_code_comes_before_the_model_that_needs_it() -> None:
    assert recipes.chosen(["image", "vae"]) == ["vae", "image"]


def test_a_recipe_that_is_not_there_is_said_in_a_sentence() -> None:
    with pytest.raises(SystemExit, match=r"There is no recipe vea; there are: planner, vae"):
        recipes.main(["vea"])


def test_minutes_are_those_of_each_recipe_or_those_that_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []
    monkeypatch.setitem(recipes.RECIPES, "segment", given.append)
    recipes.main(["segment"])
    recipes.main(["segment", "--minutes", "2"])
    recipes.main(["segment", "--minutes", "0"])
    assert given == [recipes.MINUTES["segment"], 2, 0]


def test_the_picture_model_begins_with_what_is_there_and_goes_on_to_a_new_code(
    shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[tuple[object, ...]] = []
    monkeypatch.setattr(train_vae, "train", lambda *given: begun.append(given))
    monkeypatch.setattr(train_image, "train", lambda *given: begun.append(given))
    image = shipped / "image"
    recipes.main(["vae", "image", "--minutes", "1"])
    new = Path("training/vae")
    new.mkdir(parents=True)
    (new / "model.safetensors").touch()
    recipes.main(["image", "--minutes", "1"])
    assert begun == [
        (1, new, image / "vae"),
        (1, image / "vae", image, image, "image"),
        (1, new, image, image, "image"),
    ]


def test_a_new_code_is_not_begun_beside_what_a_training_knows_of_the_old_one(shipped: Path) -> None:
    (shipped / "training").mkdir()
    (shipped / "training" / "image.pt").touch()
    with pytest.raises(SystemExit, match=r"image.pt is of the picture code as it is now. Delete it or move it away"):
        recipes.main(["vae"])


@pytest.mark.parametrize("missing", ["unet", "text_encoder", "vae"])
def test_a_picture_model_of_which_a_part_is_missing_is_begun_from_nothing(
    shipped: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    begun: list[tuple[object, ...]] = []
    monkeypatch.setattr(train_image, "train", lambda *given: begun.append(given))
    (shipped / "image" / missing / "model.safetensors").unlink()
    recipes.main(["image", "--minutes", "1"])
    assert begun == [(1, shipped / "image" / "vae", shipped / "image", None, "image")]
    assert ("vae" in recipes.chosen([])) == (missing == "vae")


def test_a_picture_model_that_has_learned_another_code_is_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    train_vae.make_vae((8,) * 4).save_pretrained("training/vae")
    save_checkpoint(Path("training/image.pt"), {"code": 2.5})
    with pytest.raises(CheckpointError, match=r"^training/image.pt has learned another picture code .*; delete it"):
        train_image.train(1, Path("training/vae"), tmp_path / "image", None, "image")
    assert sorted(path.name for path in Path("training").iterdir()) == ["image.pt", "vae"]


def test_a_planner_without_a_checkpoint_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="Begin there without --resume"):
        train_planner.trainer(tmp_path, train_planner.Recipe(), resume=True, warm=None)


def test_a_planner_of_another_shape_says_what_to_do(tmp_path: Path) -> None:
    tokenizer = trained_tokenizer(5, 100)
    tokenizer.save_pretrained(tmp_path / "tokenizer")
    shallow = train_planner.Shape(hidden=24, inner=24, layers=1)
    save_checkpoint(
        tmp_path / "checkpoint.pt",
        {"model": train_planner.new_model(shallow, tokenizer).state_dict(), "optimizers": []},
    )
    deep = train_planner.Recipe(train_planner.Shape(hidden=24, inner=24, layers=2))
    with pytest.raises(CheckpointError, match=r"checkpoint.pt is of another model. Delete it or move it away."):
        train_planner.trainer(tmp_path, deep, resume=True, warm=None)


def test_a_planner_whose_minutes_are_used_up_is_left_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tokenizer = trained_tokenizer(5, 50)
    shape = train_planner.Shape(hidden=24, inner=24, layers=1)
    done = train_planner.Trainer(
        train_planner.new_model(shape, tokenizer), tokenizer, train_planner.Recipe(shape), tmp_path
    )
    done.progress.spent = 120.0
    train_planner.train(done, 2)
    assert not list(tmp_path.iterdir())
    assert "checkpoint.pt has used up its 2 minutes" in capsys.readouterr().err


def test_a_planner_that_is_given_no_minutes_is_saved_as_it_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_planner, "validation", lambda *_: {})
    monkeypatch.setattr(train_planner, "CHUNK", 4)
    tokenizer = trained_tokenizer(5, 50)
    shape = train_planner.Shape(hidden=24, inner=24, layers=1)
    begun = train_planner.Trainer(
        train_planner.new_model(shape, tokenizer), tokenizer, train_planner.Recipe(shape), tmp_path
    )
    train_planner.train(begun, 0)
    assert begun.progress.step == 0
    assert (tmp_path / "checkpoint.pt").exists()


def test_what_a_planner_has_seen_is_read_from_its_card(tmp_path: Path) -> None:
    assert seen(tmp_path) == 0
    (tmp_path / "README.md").write_text("- **Seen**: 1,270,339 messages in all; the last", encoding="utf-8")
    assert seen(tmp_path) == 1_270_339
