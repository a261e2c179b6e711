import io
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pentimento.agent import metadata, pictures
from pentimento.agent.loop import Conversation
from pentimento.agent.types import NodeKind, Request, TurnResult
from pentimento.memory.store import Store
from pentimento.memory.types import NewNode
from tests.fakes_agent import DRAW, MAKE_RED, UNDO, Desk, ScriptedLLM, ToolsHere, Watcher, plan, tiny_profile

SECRET = "a squirrel named Zacharias"
FORMS = ["png", "jpg", "webp"]


@pytest.fixture(scope="module")
def told(empty_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a session: n1 drawn, n3 made red with the mask n2, n4 flipped, then undone."""
    folder = tmp_path_factory.mktemp("told")
    with Store(Path(shutil.copytree(empty_home, folder / "home"))) as store:
        answers = [DRAW, MAKE_RED, plan({"tool": "transform", "op": "flip"}), UNDO]
        conversation = Desk(store, ScriptedLLM(answers), ToolsHere(), tiny_profile(folder)).conversation("tale")
        for words in (SECRET, "make it red", "flip it", "undo"):
            say(conversation, words)
    return folder / "home"


@pytest.fixture
def store(tmp_path: Path, told: Path) -> Iterator[Store]:
    with Store(Path(shutil.copytree(told, tmp_path / "home"))) as opened:
        yield opened


@pytest.fixture
def story(desk: Desk) -> Conversation:
    return desk.conversation("tale")


def say(conversation: Conversation, words: str) -> TurnResult:
    return conversation.act(Request(words, seed=7), Watcher(), threading.Event())


def heads(desk: Desk, session: str = "tale") -> tuple[str | None, int]:
    """The head of a session, and how many nodes it has."""
    found = desk.store.session(session)
    return found.head, len(desk.store.nodes(found.id))


@pytest.mark.parametrize("suffix", FORMS)
def test_a_kept_export_tells_the_calls_and_the_words(story: Conversation, tmp_path: Path, suffix: str) -> None:
    written = story.export("n4", tmp_path / f"flipped.{suffix}", keep=True)
    told = json.loads(pictures.read_picture(written).embedded)
    node = story.show("n4").node
    assert (told["pentimento"], told["session"], told["node"]) == (1, "tale", "n4")
    assert (told["blob"], told["pixels"], told["left_out"]) == (node.blob, node.pixels, 0)
    steps = told["steps"]
    assert [step["node"] for step in steps] == ["n1", "n2", "n3", "n4"]
    assert [step["said"] for step in steps] == [SECRET, "make it red", "make it red", "flip it"]
    assert [step["tool"] for step in steps] == ["generate", "edit", "edit", "transform"]
    assert [step["seed"] for step in steps] == [7, 7, 7, 0]
    assert steps[2]["arguments"] == {**story.show("n3").node.call.arguments}  # type: ignore[union-attr]
    assert steps[2]["from"] == [{"node": "n1", "role": "source"}, {"node": "n2", "role": "mask"}]
    assert steps[0]["model"] == story.show("n1").node.call.model  # type: ignore[union-attr]


@pytest.mark.parametrize("suffix", FORMS)
def test_an_export_holds_none_of_the_words_unless_asked(story: Conversation, tmp_path: Path, suffix: str) -> None:
    plain = story.export("n3", tmp_path / f"plain.{suffix}").read_bytes()
    kept = story.export("n3", tmp_path / f"kept.{suffix}", keep=True).read_bytes()
    for word in (b"Zacharias", b"squirrel", b"make it red", b"pentimento", b"tale", b"seed", b"generate"):
        assert word not in plain
        assert word in kept


def test_the_pixels_of_a_png_are_the_stored_ones(story: Conversation, tmp_path: Path) -> None:
    stored = story.show("n3").path.read_bytes()
    kept = story.export("n3", tmp_path / "kept.png", keep=True).read_bytes()
    assert story.export("n3", tmp_path / "plain.png").read_bytes() == stored
    assert kept != stored
    assert pictures.from_png(kept).tobytes() == pictures.from_png(stored).tobytes()


@pytest.mark.parametrize("suffix", FORMS)
def test_a_kept_export_finds_its_place_again(story: Conversation, desk: Desk, tmp_path: Path, suffix: str) -> None:
    written = story.export("n1", tmp_path / f"renamed.{suffix}", keep=True)
    assert heads(desk) == ("n3", 4)
    result = story.open_picture(written)
    assert result.reply == "This is n1, a squirrel eating a nut in a forest, of the session tale."
    assert (result.head, result.nodes, heads(desk)) == ("n1", (), ("n1", 4))
    desk.store.undo(desk.store.session("tale").id)
    assert heads(desk) == ("n3", 4)


@pytest.mark.parametrize("level", [1, 9])
def test_pixels_find_their_place_without_a_word(story: Conversation, desk: Desk, tmp_path: Path, level: int) -> None:
    with Image.open(story.show("n4").path) as stored:
        stored.save(tmp_path / "elsewhere.png", compress_level=level, pnginfo=None)
        stored.save(tmp_path / "elsewhere.webp", lossless=True)
    for suffix in ("png", "webp"):
        desk.store.checkout(desk.store.session("tale").id, "n1")
        assert story.open_picture(tmp_path / f"elsewhere.{suffix}").head == "n4"
    assert heads(desk) == ("n4", 4)


def test_a_picture_that_is_open_already_changes_nothing(story: Conversation, desk: Desk, tmp_path: Path) -> None:
    session = desk.store.session("tale")
    before = desk.store.operations(session.id)
    result = story.open_picture(story.export("head", tmp_path / "same.png"))
    assert result.head == "n3"
    assert desk.store.operations(session.id) == before


def test_of_two_alike_the_one_that_the_file_names_is_meant(desk: Desk, tmp_path: Path) -> None:
    desk.llm.answers.extend([DRAW, DRAW, DRAW])
    conversation = desk.conversation("thrice")
    for _ in range(3):
        say(conversation, "a squirrel")
    assert len({node.blob for node in desk.store.nodes(desk.store.session("thrice").id)}) == 1
    kept = conversation.export("n2", tmp_path / "kept.png", keep=True)
    plain = conversation.export("n2", tmp_path / "plain.png")
    assert conversation.open_picture(plain).head == "n3"
    assert conversation.open_picture(kept).head == "n2"
    assert conversation.open_picture(plain).head == "n2"


def test_in_another_session_it_begins_anew_and_says_where_its_history_is(
    story: Conversation, desk: Desk, tmp_path: Path
) -> None:
    written = story.export("n3", tmp_path / "red.png", keep=True)
    other = desk.conversation("other")
    result = other.open_picture(written)
    assert result.reply.startswith(
        "Opened red.png, 64 × 64 pixels. Its history is n3 of the session tale; go on there with --session tale."
    )
    assert (result.head, heads(desk, "other"), heads(desk)) == ("n1", ("n1", 1), ("n3", 4))
    assert other.open_picture(written).reply == "This is n1, red.png, of the session other."


def repainted(path: Path) -> Path:
    """The same file, metadata and all, with another patch in it."""
    with Image.open(path) as image:
        image.load()
        xmp = {"xmp": image.info["xmp"]} if "xmp" in image.info else {}
        changed = image.convert("RGB")
    changed.paste((255, 0, 255), (30, 30, 34, 34))
    if path.suffix == ".png":
        path.write_bytes(metadata.in_png(pictures.to_png(changed), pictures.read_picture(path).embedded))
    else:
        changed.save(path, quality=95, **xmp)
    return path


@pytest.mark.parametrize("suffix", FORMS)
def test_a_file_that_was_changed_since_is_a_new_picture(
    story: Conversation, desk: Desk, tmp_path: Path, suffix: str
) -> None:
    written = repainted(story.export("n1", tmp_path / f"a.{suffix}", keep=True))
    assert pictures.read_picture(written).embedded
    result = story.open_picture(written)
    assert (result.head, heads(desk)) == ("n5", ("n5", 5))
    assert result.reply.startswith(f"Opened a.{suffix}, 64 × 64 pixels.")


def test_a_smaller_copy_is_a_new_picture(story: Conversation, tmp_path: Path) -> None:
    written = story.export("n1", tmp_path / "a.jpg", keep=True)
    with Image.open(written) as image:
        image.resize((32, 32)).save(written, xmp=image.info["xmp"])
    assert story.open_picture(written).head == "n5"


def lying(story: Conversation, path: Path) -> Path:
    """A stranger's picture whose text says that it is n1."""
    text = pictures.read_picture(story.export("n1", path.with_name("kept.png"), keep=True)).embedded
    random = np.random.default_rng(5)
    stranger = Image.fromarray(random.integers(0, 256, (64, 64, 3), dtype=np.uint8))
    if path.suffix == ".png":
        path.write_bytes(metadata.in_png(pictures.to_png(stranger), text))
    else:
        stranger.save(path, quality=95, xmp=metadata.as_xmp(text))
    return path


@pytest.mark.parametrize("suffix", FORMS)
def test_a_stranger_that_claims_a_place_gets_none(story: Conversation, tmp_path: Path, suffix: str) -> None:
    assert story.open_picture(lying(story, tmp_path / f"stranger.{suffix}")).head == "n5"


CLAIMS: list[dict[str, object]] = [
    {"pentimento": 2},
    {"pentimento": "1"},
    {"node": "../n1"},
    {"node": "n1; rm -rf ~"},
    {"blob": "A" * 64},
    {"blob": "../../../etc/passwd"},
    {"blob": None},
    {"pixels": 5},
    {"steps": "x" * 1_000_000},
]
TEXTS = ["[" * 900_000, "{}", "null", "[]", "{", '{"pentimento": 1}', "\x00", "1" * 900_000, '{"pentimento":1,' * 9]


def test_a_claim_of_another_form_is_no_claim(story: Conversation, tmp_path: Path) -> None:
    path = story.export("n1", tmp_path / "a.webp", keep=True)
    text, png = pictures.read_picture(path).embedded, story.show("n1").path.read_bytes()
    for claims in CLAIMS:
        changed = json.dumps({**json.loads(text), **claims})
        assert story.open_picture(pictures.write_picture(png, path, force=True, text=changed)).head == "n5"
    assert story.open_picture(pictures.write_picture(png, path, force=True, text=text)).head == "n1"


def test_a_text_that_is_no_claim_does_no_harm(story: Conversation, tmp_path: Path) -> None:
    path = tmp_path / "odd.png"
    for number, text in enumerate(TEXTS):
        Image.new("RGB", (9, 9), (number, 0, 0)).save(path)
        path.write_bytes(metadata.in_png(path.read_bytes(), text))
        assert story.open_picture(path).reply.startswith("Opened odd.png, 9 × 9 pixels.")


def test_a_picture_of_which_the_file_is_lost_is_no_place_to_compare_with(
    story: Conversation, desk: Desk, tmp_path: Path
) -> None:
    written = story.export("n1", tmp_path / "a.jpg", keep=True)
    story.show("n1").path.unlink()
    assert story.open_picture(written).head == "n5"


def test_a_region_is_exported_with_its_recipe_and_comes_back_as_a_picture(story: Conversation, tmp_path: Path) -> None:
    written = story.export("n2", tmp_path / "mask.png", keep=True)
    assert [step["node"] for step in json.loads(pictures.read_picture(written).embedded)["steps"]] == ["n1", "n2"]
    result = story.open_picture(written)
    assert (result.head, result.nodes[0].node.kind) == ("n5", NodeKind.IMAGE)


@pytest.mark.slow
def test_a_long_story_fits_into_a_jpeg_and_says_what_it_leaves_out(desk: Desk, tmp_path: Path) -> None:
    conversation = desk.conversation("long")
    desk.llm.answers.append(DRAW)
    say(conversation, "a squirrel")
    for number in range(24):
        desk.llm.answers.append(plan({"tool": "transform", "op": "flip"}))
        say(conversation, f"{number} " + "flip it, please, 🐿 " * 90)
    opened = pictures.read_picture(conversation.export("head", tmp_path / "a.jpg", keep=True))
    told = json.loads(opened.embedded)
    assert len(opened.embedded) <= metadata.LIMITS["JPEG"]
    assert told["left_out"] + len(told["steps"]) == 25
    assert told["steps"][-1]["said"].startswith("23 flip it")
    assert 5 < len(told["steps"]) < 25
    whole = json.loads(pictures.read_picture(conversation.export("head", tmp_path / "a.png", keep=True)).embedded)
    assert (whole["left_out"], len(whole["steps"])) == (0, 25)


def test_a_hidden_word_is_not_executed_by_anything_that_reads_xml(
    story: Conversation, desk: Desk, tmp_path: Path
) -> None:
    desk.llm.answers.append(plan({"tool": "transform", "op": "flip"}))
    say(story, 'flip </pentimento:recipe><!ENTITY x SYSTEM "file:///etc/passwd"> &x; ]]>')
    written = story.export("head", tmp_path / "a.webp", keep=True)
    content = written.read_bytes()
    assert b"ENTITY" in content
    assert b"<!ENTITY" not in content
    assert b"&x;" not in content
    assert json.loads(pictures.read_picture(written).embedded)["steps"][-1]["said"].startswith("flip </pentimento")


def test_the_smallest_pictures_are_told_apart_after_jpeg() -> None:
    """A single square of 4 × 4 pixels on a picture is a change; the rounding of a decoder is none."""
    random = np.random.default_rng(3)
    image = Image.fromarray(random.integers(0, 256, (64, 64, 3), dtype=np.uint8))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=95)
    opened = pictures.Opened(Image.open(buffer).convert("RGB"), "JPEG", "", "")
    assert pictures.written_from(opened, pictures.to_png(image))
    image.paste((0, 0, 0), (8, 8, 12, 12))
    assert not pictures.written_from(opened, pictures.to_png(image))


def test_a_picture_from_before_pixels_were_hashed_finds_its_place_too(desk: Desk, tmp_path: Path) -> None:
    conversation = desk.conversation("old")
    png = pictures.to_png(Image.effect_mandelbrot((40, 30), (-2, -1, 1, 1), 40).convert("RGB"))
    desk.store.import_image(desk.store.session("old").id, NewNode(NodeKind.IMAGE, png, 40, 30, "old.png"))
    for name, keep in (("plain.png", False), ("kept.png", True), ("kept.jpg", True)):
        assert conversation.open_picture(conversation.export("n1", tmp_path / name, keep=keep)).nodes == ()
