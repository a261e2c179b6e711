"""A session to put into bundles, and bundles taken apart."""

import threading
import zipfile
from pathlib import Path

from pentimento.agent.loop import Conversation
from pentimento.agent.types import Node, Request, TurnResult, TurnStatus
from pentimento.tui.script import load_script
from tests.fakes_agent import DRAW, MAKE_RED, UNDO, Desk, Watcher, plan

FLIP = plan({"tool": "transform", "op": "flip"})
Members = dict[str, bytes]


def say(conversation: Conversation, words: str, seed: int | None = 7) -> TurnResult:
    return conversation.act(Request(words, seed=seed), Watcher(), threading.Event())


def drawn(desk: Desk) -> Conversation:
    """n1 drawn, n3 made red with the mask n2, a branch with n4 flipped, a tag, an undo."""
    desk.llm.answers.extend([DRAW, MAKE_RED, plan({"tool": "branch", "name": "winter", "ref": "n1"}), FLIP, UNDO])
    conversation = desk.conversation("trip")
    for words in ("a squirrel eating a nut", "make it red", "try something", "flip it", "undo"):
        assert say(conversation, words).status is TurnStatus.DONE
    desk.store.tag(desk.store.session("trip").id, "best", "n3")
    return conversation


def members(path: Path) -> Members:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def run_again(desk: Desk, script: Path, name: str) -> list[Node]:
    """What the script makes, in a new session."""
    conversation = desk.conversation(name)
    loaded, _ = load_script(script)
    for turn, request in zip(loaded.turns, loaded.requests(), strict=True):
        result = conversation.act(request, Watcher(), threading.Event())
        assert (result.status, result.head) == (TurnStatus.DONE, turn.expect.head), result.reply
    return list(desk.store.nodes(desk.store.session(name).id))
