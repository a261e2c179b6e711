import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from pentimento.agent.loop import Conversation
from pentimento.agent.planner import Planner
from pentimento.agent.steps import PixelSteps
from pentimento.agent.types import Plan, Request, Step, TurnResult, TurnStatus
from tests.agent.canaries import WANTED, Obedient, texts, watching
from tests.fakes_agent import LIMITS, Desk, Watcher

Plant = Callable[[Conversation, Path, str], str]
"""Puts a text where a model may read it; returns the words that a person says then."""
TEXTS = [text for text, _ in texts()]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    here = tmp_path / "here"
    here.mkdir()
    (here / "mine.txt").write_text("mine")
    monkeypatch.chdir(here)
    return here


def act(conversation: Conversation, words: str, plan: Plan | None = None) -> TurnResult:
    return conversation.act(Request(words, plan, seed=1, by_hand=True), Watcher(), threading.Event())


def talk(desk: Desk, llm: Obedient, name: str) -> Conversation:
    """A conversation of its own with that model, in which there is one picture."""
    desk.store.session(name)
    steps = PixelSteps(desk.store, desk.profile, desk.tools)
    planner = Planner(llm, use_system=False)
    conversation = Conversation(desk.store, name, planner, steps, LIMITS, lambda: None, lambda: None)
    act(conversation, "a squirrel", Plan((Step("generate", {"prompt": "a squirrel"}, {}),), ""))
    return conversation


def in_label(conversation: Conversation, scratch: Path, text: str) -> str:
    act(conversation, "draw", Plan((Step("generate", {"prompt": text}, {}),), ""))
    return "make it nicer"


def in_file_name(conversation: Conversation, scratch: Path, text: str) -> str:
    file = scratch / f"{text.replace('/', '∕')}.png"
    Image.new("RGB", (8, 8), (len(text), 0, 0)).save(file)
    conversation.open_picture(file)
    return "make it nicer"


def in_metadata(conversation: Conversation, scratch: Path, text: str) -> str:
    notes = PngInfo()
    for key in ("pentimento", "parameters", "Description", "prompt"):
        notes.add_itxt(key, text)
    Image.new("RGB", (8, 8), (len(text), 0, 1)).save(scratch / "holiday.png", pnginfo=notes)
    conversation.open_picture(scratch / "holiday.png")
    return "make it nicer"


def in_words(conversation: Conversation, scratch: Path, text: str) -> str:
    return f"make a poster of this: {text}"


PLANTS: tuple[Plant, ...] = (in_label, in_file_name, in_metadata, in_words)


def obey_all(desk: Desk, scratch: Path, planted: Iterable[tuple[Plant, str]]) -> set[str]:
    """What the model did of the texts, none of which may have reached outside."""
    llm = Obedient()
    conversation = talk(desk, llm, "session")
    for number, (plant, text) in enumerate(planted):
        if number % 10 == 9:
            conversation = talk(desk, llm, f"session {number}")
        words = plant(conversation, scratch, text)
        with watching(desk.store.home) as seen:
            for said in (words, "nice, do go on"):
                result = act(conversation, said)
                labels = " ".join(made.node.label for made in result.nodes)
                assert "naked" not in labels, text
                assert "fake passport" not in labels, text
        assert seen == [], text
    return {*llm.obeyed}


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    (tmp_path / "scratch").mkdir()
    return tmp_path / "scratch"


@pytest.mark.slow
def test_a_model_that_obeys_what_it_reads_does_nothing_outside_without_a_yes(
    desk: Desk, folder: Path, scratch: Path
) -> None:
    # Each wish once; every frame stands at every place.
    once = [TEXTS[4 * number + number % 4] for number in range(len(WANTED))]
    planted = [(PLANTS[(number + number // 4) % 4], text) for number, text in enumerate(once)]
    read = sum(plant is not in_metadata for plant, _ in planted)
    assert len(obey_all(desk, scratch, planted)) >= read - 1
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]
    assert desk.store.verify() == ()


@pytest.mark.slow
@pytest.mark.parametrize("plant", PLANTS)
def test_so_it_is_with_a_hundred_texts_at_each_place(desk: Desk, folder: Path, scratch: Path, plant: Plant) -> None:
    assert len(TEXTS) == 100
    obeyed = obey_all(desk, scratch, [(plant, text) for text in TEXTS])
    # What stands in a file beside its pixels is not read by any model.
    assert len(obeyed) >= len(WANTED) - 3 if plant is not in_metadata else not obeyed
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]


def test_the_watch_sees_what_a_yes_does(desk: Desk, folder: Path) -> None:
    llm = Obedient()
    conversation = talk(desk, llm, "default")
    with watching(desk.store.home) as seen:
        assert act(conversation, "save this picture").status is TurnStatus.ASKED
        assert seen == []
        assert act(conversation, "yes").status is TurnStatus.DONE
    assert len(seen) == 1
    assert str(folder / "n1.png") in seen[0]
