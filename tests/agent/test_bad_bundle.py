import hashlib
import io
import json
import os
import re
import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

import pytest

from pentimento.agent import bundle
from pentimento.agent.types import AgentError
from pentimento.memory.store import Store
from tests.agent.bundles import Members, drawn, members
from tests.fakes_agent import Desk, ScriptedLLM, ToolsHere, tiny_profile


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
    folder = tmp_path_factory.mktemp("content")
    with Store(Path(shutil.copytree(empty_home, folder / "home"))) as store:
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
    os.mkfifo(tmp_path / "pipe.zip")
    for name in ("no.zip", "pipe.zip"):
        assert refusal(store, tmp_path / name) == f"There is no file {tmp_path / name}."
    os.mkfifo(tmp_path / "pipe.png")
    assert not bundle.is_bundle(tmp_path / "pipe.png")


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
