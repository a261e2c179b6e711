import json
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from pentimento.agent import bundle, pictures
from pentimento.agent.bootstrap import restore
from pentimento.agent.loop import Conversation
from pentimento.agent.types import AgentError, StoreError
from pentimento.memory.store import Store
from tests.agent.bundles import FLIP, drawn, members, say
from tests.fakes_agent import DRAW, MAKE_RED, Desk, ScriptedLLM, ToolsHere, plan, tiny_profile


@pytest.fixture(scope="module")
def drawn_home(empty_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    with Store(Path(shutil.copytree(empty_home, folder / "home"))) as store:
        drawn(Desk(store, ScriptedLLM(), ToolsHere(), tiny_profile(folder)))
    return folder / "home"


@pytest.fixture
def store(tmp_path: Path, drawn_home: Path) -> Iterator[Store]:
    with Store(Path(shutil.copytree(drawn_home, tmp_path / "home"))) as opened:
        yield opened


@pytest.fixture
def trip(desk: Desk) -> Conversation:
    return desk.conversation("trip")


@pytest.fixture
def zipped(trip: Conversation, tmp_path: Path) -> Path:
    return trip.export_bundle(None, tmp_path / "trip.zip")


def story(store: Store, name: str) -> tuple[object, ...]:
    """All that can be read of a session, with the bytes of its pictures."""
    session = store.session(name)
    nodes = store.nodes(session.id)
    files = [store.png(node) for node in nodes]
    return nodes, store.turns(session.id), store.operations(session.id), store.pointers(session.id), files


def test_a_session_is_restored_in_another_home(desk: Desk, zipped: Path, elsewhere: Store) -> None:
    restored = bundle.restore_bundle(elsewhere, zipped)
    assert (restored.session.name, restored.session.head, restored.nodes, restored.turns) == ("trip", "n1", 4, 5)
    assert story(elsewhere, "trip") == story(desk.store, "trip")
    assert elsewhere.verify() == ()
    number = restored.session.id
    for step in ("undo", "undo", "redo", "undo"):
        for store in (elsewhere, desk.store):
            getattr(store, step)(number)
        assert elsewhere.pointers(number) == desk.store.pointers(number)


def test_a_conversation_goes_on_where_it_was(desk: Desk, zipped: Path, elsewhere: Store) -> None:
    bundle.restore_bundle(elsewhere, zipped)
    there = Desk(elsewhere, desk.llm, ToolsHere(), desk.profile)
    desk.llm.answers.extend([plan({"tool": "checkout", "ref": "tag:best"}), FLIP, MAKE_RED])
    conversation = there.conversation("trip")
    assert say(conversation, "back to the best").head == "n3"
    assert say(conversation, "flip it").head == "n5"
    assert there.tools.calls[-1].tool == "transform"


def test_the_same_session_gives_the_same_bytes(trip: Conversation, zipped: Path, tmp_path: Path) -> None:
    assert trip.export_bundle(None, tmp_path / "again.zip").read_bytes() == zipped.read_bytes()


def test_a_part_is_a_picture_and_what_it_was_made_from(trip: Conversation, desk: Desk, tmp_path: Path) -> None:
    part = trip.export_bundle("n3", tmp_path / "red.zip")
    manifest = json.loads(members(part)["manifest.json"])
    assert (manifest["node"], manifest["counts"]["nodes"], manifest["counts"]["turns"]) == ("n3", 3, 2)
    restored = bundle.restore_bundle(desk.store, part)
    assert (restored.session.name, restored.session.head) == ("trip-2", "n3")
    assert desk.store.nodes(restored.session.id) == desk.store.nodes(1, ["n1", "n2", "n3"])
    assert desk.store.undo(restored.session.id)[0].new_head == "n1"


def test_a_restored_session_may_get_another_name(desk: Desk, zipped: Path, tmp_path: Path) -> None:
    assert restore(desk.store.home, zipped, "holiday").session.name == "holiday"
    again = restore(desk.store.home, zipped, "holiday").session
    assert again.name == "holiday-2"
    assert desk.store.latest_session() == again


def test_a_bundle_lands_in_a_folder_under_the_name_of_its_session(desk: Desk, tmp_path: Path) -> None:
    desk.llm.answers.append(DRAW)
    conversation = desk.conversation("../a b/c")
    say(conversation, "a squirrel")
    assert conversation.export_bundle(None, tmp_path) == tmp_path / "a-b-c.zip"
    with pytest.raises(AgentError, match=r"a-b-c\.zip exists already"):
        conversation.export_bundle("head", tmp_path)
    assert conversation.export_bundle("head", tmp_path, force=True).exists()
    assert [path.name for path in tmp_path.glob("*.part")] == []


def test_what_can_not_be_bundled_is_said_and_leaves_nothing(trip: Conversation, tmp_path: Path) -> None:
    for ref, name, sentence in (
        ("n2", "a.zip", "n2 is a region, not a picture"),
        ("n9", "a.zip", "There is no n9"),
        (None, "a.tar", "a.tar should end in .zip"),
        (None, "nowhere/a.zip", "can't be written: No such file or directory"),
    ):
        with pytest.raises(AgentError, match=sentence):
            trip.export_bundle(ref, tmp_path / name)
    trip.show("n3").path.write_bytes(b"damaged")
    with pytest.raises(StoreError, match="is damaged"):
        trip.export_bundle(None, tmp_path / "a.zip")
    assert [path.name for path in tmp_path.iterdir() if path.suffix in (".zip", ".part")] == []


def test_a_bundle_names_no_folder_and_no_machine(desk: Desk, tmp_path: Path) -> None:
    conversation = desk.conversation("trip")
    secret = tmp_path / "private" / "fox.png"
    secret.parent.mkdir()
    Image.new("RGB", (9, 9), "red").save(secret)
    conversation.open_picture(secret)
    desk.llm.answers.append(FLIP)
    conversation.head().path.unlink()  # type: ignore[union-attr]
    failed = say(conversation, f"flip {secret} and {Path.home()}")
    assert str(tmp_path) in failed.reply
    desk.store.blobs.write(pictures.to_png(Image.new("RGB", (9, 9), "red")))
    told = b"".join(members(conversation.export_bundle(None, tmp_path / "trip.zip")).values()).decode(errors="replace")
    assert "flip fox.png and ~" in told
    for word in (str(tmp_path), str(Path.home()) + "/", socket.gethostname(), str(os.getpid()), "private"):
        assert word not in told


def test_a_bundle_is_known_by_its_content_or_its_name(zipped: Path, tmp_path: Path) -> None:
    Image.new("RGB", (2, 2)).save(tmp_path / "a.png")
    (tmp_path / "renamed.png").write_bytes(zipped.read_bytes())
    assert [bundle.is_bundle(path) for path in (zipped, tmp_path / "renamed.png", tmp_path / "no.zip")] == [True] * 3
    assert not any(bundle.is_bundle(path) for path in (tmp_path / "a.png", tmp_path / "no.png", tmp_path))
