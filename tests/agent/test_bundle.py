import hashlib
import io
import json
import os
import re
import socket
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random

import pytest
from PIL import Image

from pentimento.agent import bundle, pictures
from pentimento.agent.bootstrap import restore
from pentimento.agent.loop import Conversation
from pentimento.agent.types import AgentError, Node, NodeKind, Request, StoreError, TurnResult, TurnStatus
from pentimento.memory.store import Store
from pentimento.tui.script import load_script
from tests.fakes_agent import DRAW, MAKE_RED, UNDO, Desk, ToolsHere, Watcher, plan

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


@pytest.fixture
def trip(desk: Desk) -> Conversation:
    return drawn(desk)


@pytest.fixture
def zipped(trip: Conversation, tmp_path: Path) -> Path:
    return trip.export_bundle(None, tmp_path / "trip.zip")


@pytest.fixture
def elsewhere(tmp_path: Path, empty_home: Path) -> Iterator[Store]:
    with Store(tmp_path / "elsewhere") as opened:
        yield opened


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
    conversation = drawn(desk)
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


def members(path: Path) -> Members:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def repacked(path: Path, content: Mapping[str, bytes], *, honest: bool = True) -> Path:
    """A bundle of these members; honest: with the sums and counts that fit them."""
    content = dict(content)
    if honest and "manifest.json" in content:
        manifest = json.loads(content["manifest.json"])
        manifest["sha256"] = {
            name: hashlib.sha256(data).hexdigest() for name, data in content.items() if name != "manifest.json"
        }
        rows = re.findall(r'"table": ?"(\w+)"', content.get("rows.jsonl", b"").decode())
        manifest["counts"] = {table: rows.count(table) for table in sorted(set(rows))}
        content["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def refusal(store: Store, path: Path) -> str:
    """The sentence; nothing was stored."""
    before = sorted(path for path in store.blobs.folder.rglob("*"))
    with pytest.raises(AgentError) as caught:
        bundle.restore_bundle(store, path)
    assert store.sessions() == ()
    assert sorted(path for path in store.blobs.folder.rglob("*")) == before
    assert "\n" not in str(caught.value)
    return str(caught.value)


def rows_with(content: Members, change: Callable[[list[dict[str, object]]], object]) -> Members:
    rows = [json.loads(line) for line in content["rows.jsonl"].splitlines()]
    change(rows)
    return {**content, "rows.jsonl": b"".join(json.dumps(row).encode() + b"\n" for row in rows)}


def edge(rows: list[dict[str, object]]) -> dict[str, object]:
    return next(row for row in rows if row["table"] == "edges")


def a_picture(content: Members) -> str:
    return next(name for name in content if name.startswith("blobs/"))


def without(content: Members, name: str) -> Members:
    return {key: value for key, value in content.items() if key != name}


HONEST: dict[str, tuple[Callable[[Members], Members], str]] = {
    "no manifest": (lambda all_: without(all_, "manifest.json"), "it is no bundle of Pentimento"),
    "no rows": (lambda all_: without(all_, "rows.jsonl"), "it is no bundle of Pentimento"),
    "a picture less": (lambda all_: without(all_, a_picture(all_)), "a picture is missing, or there is one too many"),
    "a stranger's file": (lambda all_: {**all_, "readme.txt": b"hello"}, "it holds a file that is no part of a bundle"),
    "a way out": (lambda all_: {**all_, "../../evil.png": b"x"}, "it holds a file that is no part of a bundle"),
    "a way out of the blobs": (lambda all_: {**all_, f"blobs/../{'a' * 64}.png": b"x"}, "no part of a bundle"),
    "an absolute path": (lambda all_: {**all_, "/etc/cron.d/x": b"x"}, "it holds a file that is no part of a bundle"),
    "a folder": (lambda all_: {**all_, "blobs/": b""}, "it holds a file that is no part of a bundle"),
    "a picture under another name": (lambda all_: {**all_, f"blobs/{'a' * 64}.png": b"x"}, "is damaged"),
    "a picture too many": (
        lambda all_: {**all_, f"blobs/{hashlib.sha256(b'x').hexdigest()}.png": b"x"},
        "a picture is missing, or there is one too many",
    ),
    "rows that are no JSON": (lambda all_: {**all_, "rows.jsonl": all_["rows.jsonl"] + b'{"table": '}, "is damaged"),
    "rows without end": (lambda all_: {**all_, "rows.jsonl": b"[" * 20_000}, "rows.jsonl is damaged"),
    "an edge to nowhere": (lambda all_: rows_with(all_, lambda rows: edge(rows).update(parent=99)), "is missing"),
    "a cycle": (lambda all_: rows_with(all_, lambda rows: edge(rows).update(parent=4)), "which is not older"),
    "no rows in it": (lambda all_: {**all_, "rows.jsonl": b""}, "it should hold one session"),
    "pictures of another size": (
        lambda all_: rows_with(all_, lambda rows: [row.update(width=63) for row in rows if "width" in row]),
        "is another picture",
    ),
    "pixels of another hash": (
        lambda all_: rows_with(all_, lambda rows: [row.update(pixels="a" * 64) for row in rows if "pixels" in row]),
        "is another picture",
    ),
}


@pytest.fixture(scope="module")
def content(empty_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Members:
    """The members of a bundle."""
    from tests.fakes_agent import ScriptedLLM, tiny_profile

    folder = tmp_path_factory.mktemp("content")
    with Store(folder / "home") as store:
        trip = drawn(Desk(store, ScriptedLLM(), ToolsHere(), tiny_profile(folder)))
        return members(trip.export_bundle(None, folder / "trip.zip"))


def test_a_bundle_that_is_packed_anew_is_as_good(content: Members, tmp_path: Path, store: Store) -> None:
    assert bundle.restore_bundle(store, repacked(tmp_path / "trip.zip", content)).nodes == 4


@pytest.mark.parametrize("wrong", HONEST)
def test_a_bundle_that_can_not_be_true_is_refused(content: Members, tmp_path: Path, store: Store, wrong: str) -> None:
    change, sentence = HONEST[wrong]
    said = refusal(store, repacked(tmp_path / "trip.zip", change(dict(content))))
    assert said.startswith("trip.zip can't be restored: ")
    assert said.endswith("; nothing was stored.")
    assert sentence in said


def test_a_file_that_is_another_than_its_list_says_is_named(content: Members, tmp_path: Path, store: Store) -> None:
    for name in (a_picture(content), "rows.jsonl", "session.yaml"):
        changed = {**content, name: content[name].replace(b"a", b"b")}
        assert f"{name} is damaged" in refusal(store, repacked(tmp_path / "trip.zip", changed, honest=False))
    left_out = without(content, "session.yaml")
    assert "a file is missing" in refusal(store, repacked(tmp_path / "trip.zip", left_out, honest=False))


def test_a_manifest_is_held_to_its_form(content: Members, tmp_path: Path, store: Store) -> None:
    manifest = json.loads(content["manifest.json"])
    for change, sentence in (
        ({"bundle": 2}, "it was made by a newer Pentimento; update this one"),
        ({"bundle": 0}, "manifest.json is damaged"),
        ({"sha256": ["x"]}, "manifest.json is damaged"),
        ({"counts": {**manifest["counts"], "nodes": 3}}, "rows are missing, or there are some too many"),
    ):
        changed = {**content, "manifest.json": json.dumps({**manifest, **change}).encode()}
        assert sentence in refusal(store, repacked(tmp_path / "trip.zip", changed, honest=False))
    for text in (b"", b"[" * 1_000_000, b"\xff"):
        changed = {**content, "manifest.json": text}
        assert "manifest.json is damaged" in refusal(store, repacked(tmp_path / "trip.zip", changed, honest=False))


def test_a_blob_that_is_no_picture_is_refused(content: Members, tmp_path: Path, store: Store) -> None:
    old = a_picture(content)
    for data in (b"<script>", content[old][:60]):
        blob = hashlib.sha256(data).hexdigest()
        changed = rows_with(
            {**without(content, old), f"blobs/{blob}.png": data},
            lambda rows, blob=blob: [row.update(blob=blob) for row in rows if row.get("blob") == old[6:70]],  # type: ignore[misc]
        )
        assert "is no picture" in refusal(store, repacked(tmp_path / "trip.zip", changed))


def test_a_bomb_is_refused_before_it_is_unpacked(content: Members, tmp_path: Path, store: Store) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            if name != "session.yaml":
                archive.writestr(name, data)
        with archive.open("session.yaml", "w", force_zip64=True) as member:
            for _ in range(51):
                member.write(bytes(1_000_000))
    assert path.stat().st_size < 1_000_000
    assert refusal(store, path) == "bomb.zip can't be restored: session.yaml would unpack to 51 MB; nothing was stored."


def test_a_bomb_that_understates_itself_is_damaged(content: Members, tmp_path: Path, store: Store) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**content, "session.yaml": bytes(30_000_000)}.items():
            archive.writestr(name, data)
    size = (30_000_000).to_bytes(4, "little")
    assert buffer.getvalue().count(size) == 2
    path = tmp_path / "bomb.zip"
    path.write_bytes(buffer.getvalue().replace(size, (1000).to_bytes(4, "little")))
    assert "session.yaml is damaged" in refusal(store, path)


def test_two_files_of_one_name_are_refused(content: Members, tmp_path: Path, store: Store) -> None:
    path = repacked(tmp_path / "trip.zip", content)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("rows.jsonl", content["rows.jsonl"])
    assert "no part of a bundle" in refusal(store, path)


def test_a_locked_bundle_is_said_to_be_so(content: Members, tmp_path: Path, store: Store) -> None:
    path = repacked(tmp_path / "trip.zip", content)
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)
    assert "it is locked with a password" in refusal(store, path)


@pytest.mark.parametrize("data", [b"", b"PK\3\4", b"hello", b"PK\5\6" + bytes(18)])
def test_what_is_no_zip_file_is_said_to_be_none(tmp_path: Path, store: Store, data: bytes) -> None:
    (tmp_path / "trip.zip").write_bytes(data)
    assert refusal(store, tmp_path / "trip.zip").startswith("trip.zip can't be restored: it is no ")


def test_a_file_that_is_missing_or_a_folder_is_said_to_be_so(tmp_path: Path, store: Store) -> None:
    (tmp_path / "folder.zip").mkdir()
    assert refusal(store, tmp_path / "folder.zip") == f"{tmp_path / 'folder.zip'} is a folder; name a file."
    assert refusal(store, tmp_path / "no.zip") == f"There is no file {tmp_path / 'no.zip'}."


def complaint(store: Store, path: Path) -> str:
    """Why a bundle is not restored; empty when it is."""
    try:
        bundle.restore_bundle(store, path)
    except AgentError as error:
        return str(error)
    return ""


def test_damage_anywhere_is_one_sentence_or_does_no_harm(content: Members, tmp_path: Path, store: Store) -> None:
    whole = repacked(tmp_path / "whole.zip", content).read_bytes()
    random, path, refused = Random(1), tmp_path / "trip.zip", 0
    for _ in range(60):
        damaged = bytearray(whole)
        for _ in range(random.choice((1, 1, 8))):
            damaged[random.randrange(len(damaged))] = random.randrange(256)
        path.write_bytes(damaged[: random.choice((len(damaged), random.randrange(len(damaged))))])
        refused += bool(complaint(store, path))
    assert refused > 40
    assert store.verify() == ()


def test_a_bundle_is_known_by_its_content_or_its_name(zipped: Path, tmp_path: Path) -> None:
    Image.new("RGB", (2, 2)).save(tmp_path / "a.png")
    (tmp_path / "renamed.png").write_bytes(zipped.read_bytes())
    assert [bundle.is_bundle(path) for path in (zipped, tmp_path / "renamed.png", tmp_path / "no.zip")] == [True] * 3
    assert not any(bundle.is_bundle(path) for path in (tmp_path / "a.png", tmp_path / "no.png", tmp_path))


def rerun(desk: Desk, script: Path, name: str) -> list[Node]:
    """What the script makes, in a new session."""
    conversation = desk.conversation(name)
    loaded, _ = load_script(script)
    for turn, request in zip(loaded.turns, loaded.requests(), strict=True):
        result = conversation.act(request, Watcher(), threading.Event())
        assert (result.status, result.head) == (TurnStatus.DONE, turn.expect.head), result.reply
    return list(desk.store.nodes(desk.store.session(name).id))


def pixels(nodes: list[Node]) -> set[tuple[NodeKind, str]]:
    return {(node.kind, node.pixels) for node in nodes}


def test_the_script_makes_every_picture_again(desk: Desk, trip: Conversation, zipped: Path, tmp_path: Path) -> None:
    script = tmp_path / "session.yaml"
    script.write_bytes(members(zipped)["session.yaml"])
    before = list(desk.store.nodes(1))
    calls = len(desk.tools.calls)
    again = rerun(desk, script, "again")
    assert pixels(again) == pixels(before)
    assert [node.label for node in again] == [node.label for node in before]
    with Store(tmp_path / "elsewhere") as fresh:
        there = Desk(fresh, desk.llm, ToolsHere(), desk.profile)
        assert pixels(rerun(there, script, "again")) == pixels(before)
        assert [call.seed for call in there.tools.calls] == [call.seed for call in desk.tools.calls[:calls]]


def test_the_script_of_an_opened_picture_says_what_to_open_first(desk: Desk, tmp_path: Path) -> None:
    Image.effect_noise((64, 64), 60).convert("RGB").save(tmp_path / "cat.png")
    conversation = desk.conversation("mine")
    desk.llm.answers.extend([DRAW, FLIP, FLIP])
    say(conversation, 'say: "no" # \x1b[2J 🐿\u2028 1e3', seed=None)
    conversation.open_picture(tmp_path / "cat.png")
    say(conversation, "flip it")
    say(conversation, "flip it back")
    (tmp_path / "mine").mkdir()
    script = tmp_path / "session.yaml"
    packed = members(conversation.export_bundle(None, tmp_path / "mine.zip"))
    script.write_bytes(packed["session.yaml"])
    files = [line.split()[1] for line in script.read_text().splitlines() if line.startswith("#   ")]
    assert files == [a for a in packed if packed[a] == conversation.show("n2").path.read_bytes()]
    assert load_script(script)[0].session == "again"
    assert load_script(script)[0].turns[0].say == 'say: "no" # \x1b[2J 🐿\u2028 1e3'
    with Store(tmp_path / "elsewhere") as fresh:
        there = Desk(fresh, desk.llm, ToolsHere(), desk.profile)
        (tmp_path / "cat2.png").write_bytes(packed[files[0]])
        there.conversation("again").open_picture(tmp_path / "cat2.png")
        assert pixels(rerun(there, script, "again")) == pixels(list(desk.store.nodes(1)))


def test_texts_that_look_like_numbers_stay_texts_in_the_script(desk: Desk, tmp_path: Path) -> None:
    conversation = desk.conversation("odd")
    words = [
        "1e3",
        "no",
        "null",
        "NaN",
        "true",
        "7",
        "{a: b}",
        "Infinity",
        "- x",
        "ünï: 'x'",
        "~",
        "squirrel",
        "a\tb\x85c",
    ]
    desk.llm.answers.extend(plan({"tool": "generate", "prompt": word}) for word in words)
    for word in words:
        assert say(conversation, word).status is TurnStatus.DONE
    script = tmp_path / "session.yaml"
    script.write_bytes(members(conversation.export_bundle(None, tmp_path / "odd.zip"))["session.yaml"])
    plans = [turn.do.plan() for turn in load_script(script)[0].turns if turn.do]
    assert [one.steps[0].arguments["prompt"] for one in plans] == words


def test_a_session_in_which_nothing_was_made_has_no_script(desk: Desk, tmp_path: Path) -> None:
    conversation = desk.conversation("empty")
    packed = members(conversation.export_bundle(None, tmp_path / "empty.zip"))
    assert set(packed) == {"manifest.json", "rows.jsonl"}
    assert bundle.restore_bundle(desk.store, tmp_path / "empty.zip").session.name == "empty-2"
