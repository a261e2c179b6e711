import threading
from pathlib import Path

import pytest
from PIL import Image

from pentimento.agent import pictures
from pentimento.agent.loop import Conversation
from pentimento.agent.types import AgentError, NodeKind, Request, TurnResult, TurnStatus
from tests.fakes_agent import DRAW, LIMITS, MAKE_RED, Desk, Watcher, plan


def say(conversation: Conversation, words: str) -> TurnResult:
    return conversation.act(Request(words, seed=7), Watcher(), threading.Event())


def test_an_own_picture_is_opened_whole_and_the_limits_are_said_once(desk: Desk, tmp_path: Path) -> None:
    Image.effect_noise((300, 200), 60).convert("RGB").save(tmp_path / "cat.png")
    Image.effect_noise((30, 20), 60).convert("RGB").save(tmp_path / "dog.png")
    conversation = desk.conversation()
    first, second = conversation.open_picture(tmp_path / "cat.png"), conversation.open_picture(tmp_path / "dog.png")
    assert first.reply == f"Opened cat.png, 300 × 200 pixels. {LIMITS}"
    assert second.reply == "Opened dog.png, 30 × 20 pixels."
    assert (first.status, first.head, first.said) == (TurnStatus.DONE, "n1", "open cat.png")
    with Image.open(tmp_path / "cat.png") as own, Image.open(first.nodes[0].path) as kept:
        assert own.tobytes() == kept.tobytes()
    desk.llm.answers.append(plan({"tool": "transform", "op": "flip"}))
    assert say(conversation, "flip it").nodes[0].node.width == 30


def test_a_picture_that_can_not_be_opened_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    conversation = desk.conversation()
    with pytest.raises(AgentError, match="There is no file"):
        conversation.open_picture(tmp_path / "missing.png")
    assert conversation.versions() == ()


def test_pictures_and_regions_are_shown_and_exported(desk: Desk, tmp_path: Path) -> None:
    desk.llm.answers.extend([DRAW, MAKE_RED])
    conversation = desk.conversation()
    say(conversation, "a squirrel")
    say(conversation, "make it red")
    assert conversation.show("n2").node.kind is NodeKind.MASK
    assert conversation.show("head~1").node.id == "n1"
    written = conversation.export("head", tmp_path / "red.png")
    head = conversation.head()
    assert head is not None
    assert written.read_bytes() == head.path.read_bytes()
    with pytest.raises(AgentError, match="exists already"):
        conversation.export("head", tmp_path / "red.png")
    with pytest.raises(AgentError, match="There is no n9"):
        conversation.show("n9")
    with pytest.raises(AgentError, match=r"red\.gif should end in"):
        conversation.export("head", tmp_path / "red.gif", keep=True)


def test_an_export_may_be_named_as_it_was_after_an_operation(desk: Desk, tmp_path: Path) -> None:
    desk.llm.answers.extend([DRAW, MAKE_RED])
    conversation = desk.conversation()
    first = say(conversation, "a squirrel").nodes[0]
    say(conversation, "make it red")
    assert conversation.export("head", tmp_path / "then.png", at=1).read_bytes() == first.path.read_bytes()
    assert conversation.export("head", tmp_path / "now.png").read_bytes() != first.path.read_bytes()


def test_every_picture_has_the_hash_of_its_pixels(desk: Desk, tmp_path: Path) -> None:
    Image.effect_noise((30, 20), 60).convert("RGB").save(tmp_path / "cat.png")
    desk.llm.answers.extend([DRAW, MAKE_RED, DRAW])
    conversation = desk.conversation()
    conversation.open_picture(tmp_path / "cat.png")
    for words in ("a squirrel", "make it red", "a squirrel"):
        say(conversation, words)
    nodes = desk.store.nodes(desk.store.session("default").id)
    assert [node.kind for node in nodes] == [
        NodeKind.IMAGE,
        NodeKind.IMAGE,
        NodeKind.MASK,
        NodeKind.IMAGE,
        NodeKind.IMAGE,
    ]
    assert nodes[-1].measures["reused"] is True
    for node in nodes:
        assert node.pixels == pictures.pixel_hash(pictures.from_png(desk.store.png(node)))
