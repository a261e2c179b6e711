"""Models pulled from a hub on this machine: whole, in pieces, and from a hub that lies or refuses."""

import errno
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pentimento.agent import stock
from pentimento.agent.types import AgentError
from pentimento.tools import lock, pulling
from tests.tools.loopback_hub import weights
from tests.tools.pulled_models import TOML, Home, open_home, point_at


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with open_home(tmp_path / "home") as opened:
        yield opened


def refusal(home: Home, *, renew: bool = False) -> str:
    """The one sentence of a pull that does not go through."""
    with pytest.raises(AgentError) as caught:
        home.pull(renew=renew)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


def pulled(home: Home) -> set[str]:
    """Files that are here whole or in part, without repository and commit."""
    found = (path.relative_to(home.models / "hub").parts[2:] for path in home.models.glob("hub/**/*") if path.is_file())
    return {"/".join(parts) for parts in found}


def test_all_that_is_needed_is_fetched_checked_and_locked(home: Home) -> None:
    home.hub.licences["ann/painter"] = "mit"
    told = home.pull()
    assert pulled(home) == {
        "model_index.json",
        "unet/w.safetensors",
        "unet/config.json",
        "finder/model.safetensors",
        "p.gguf",
    }
    assert home.file("unet/w.safetensors").read_bytes() == weights(1000)
    assert told[-1].done == told[-1].total == sum(entry.size for entry in lock.read(home.models).repos)
    assert [one.done for one in told] == sorted(one.done for one in told)
    painter, finder, _ = lock.read(home.models).repos
    assert (painter.commit, painter.licence) == (home.hub.commit("ann/painter"), "mit")
    assert (finder.revision, finder.patterns) == ("v1", ("finder/*",))
    assert home.profile().path("segment") == home.models / "hub" / "ann--finder" / finder.commit / "finder"
    assert not stock.profile(home.folder, "far").missing
    assert stock.verify(home.folder, "far") == []
    assert (home.folder.stat().st_mode & 0o777, home.models.stat().st_mode & 0o777) == (0o700, 0o700)


def test_what_is_here_is_not_asked_for_again(home: Home) -> None:
    home.pull()
    home.hub.asked.clear()
    order = home.order()
    assert (order.orders, order.left) == ((), 0)
    order.run(lambda _fetched: None)
    assert home.hub.asked == []


def test_what_two_models_share_is_fetched_once(home: Home) -> None:
    part = 'inpaint = { repo = "ann/painter", files = ["model_index.json", "unet/*"] }'
    home.write(TOML.replace("size = 16", f"size = 16, {part}"))
    home.pull()
    assert [name for name, _ in home.hub.files_asked()].count("unet/w.safetensors") == 1
    assert home.profile().image_folders().inpaint == home.profile().path("image")
    assert stock.verify(home.folder, "far") == []


def test_before_anything_is_fetched_it_is_told_how_much_and_under_which_licence(home: Home) -> None:
    order = home.order()
    assert [one.roles for one in order.orders] == [("image",), ("segment",), ("planner",)]
    assert order.left == sum(one.entry.size for one in order.orders)
    assert [name for name, _ in home.hub.files_asked()] == ["model_index.json"]
    assert not (home.models / "hub").exists()


def test_a_connection_that_breaks_off_is_gone_on_from(home: Home) -> None:
    home.hub.breaks = [2**20, 2**20, 2**20, 300, 1500]
    home.pull()
    ranges = [range_ for name, range_ in home.hub.files_asked() if name == "unet/w.safetensors"]
    assert ranges == ["", "bytes=300-", "bytes=1800-"]
    assert home.file("unet/w.safetensors").read_bytes() == weights(1000)


def test_a_pull_that_was_stopped_goes_on_where_it_was(home: Home) -> None:
    whole = home.order().left
    home.hub.breaks = [2**20, 2**20, 2**20, 300, 0, 0, 0]
    assert "broke off" in refusal(home)
    here = sum(len(home.hub.repos["ann/painter"][name]) for name in ("model_index.json", "unet/config.json"))
    assert home.order().left == whole - here - 300
    home.hub.asked.clear()
    told = home.pull()
    assert ("unet/w.safetensors", "bytes=300-") in home.hub.files_asked()
    assert told[-1].done == told[-1].total
    assert home.file("unet/w.safetensors").read_bytes() == weights(1000)


def test_a_hub_that_cannot_skip_sends_all_of_it_again(home: Home) -> None:
    home.hub.breaks, home.hub.skips = [2**20, 2**20, 2**20, 300], False
    home.pull()
    assert home.file("unet/w.safetensors").read_bytes() == weights(1000)


@pytest.mark.parametrize("name", ["unet/w.safetensors", "unet/config.json"])
def test_other_bytes_than_were_announced_are_thrown_away(home: Home, name: str) -> None:
    right = home.hub.repos["ann/painter"][name]
    home.hub.instead[name] = right[:-1] + b"?"
    assert re.search(r"arrived damaged, or is not what the hub says; say it again\.$", refusal(home))
    assert not [path for path in pulled(home) if path.startswith(name)]
    assert stock.profile(home.folder, "far").missing[0] == "image"
    home.hub.instead.clear()
    home.pull()
    assert home.file(name).read_bytes() == right


def test_more_bytes_than_were_announced_are_thrown_away(home: Home) -> None:
    home.hub.instead["unet/w.safetensors"] = weights(1001)
    assert "sends more of unet/w.safetensors of ann/painter than it says" in refusal(home)
    home.hub.instead.clear()
    home.pull()


def test_fewer_bytes_than_were_announced_end_the_pull(home: Home) -> None:
    home.hub.instead["unet/w.safetensors"] = weights(1000)[:-5]
    assert "sends less of unet/w.safetensors of ann/painter than it says" in refusal(home)


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"pipeline.py": b"import os"}, "comes with a program (pipeline.py), which is never run"),
        ({"unet/run.SH": b"rm"}, "comes with a program (unet/run.SH), which is never run"),
        ({"vae/w.bin": b"weights"}, "has vae/w.bin and no safetensors beside it"),
        ({"vae/w.PT": b"weights"}, "has vae/w.PT and no safetensors beside it"),
        ({"../../escaped.json": b"{}"}, "has a file or a commit of an impossible name"),
        ({"/etc/escaped.json": b"{}"}, "has a file or a commit of an impossible name"),
        ({"unet/.hidden.json": b"{}"}, "has a file or a commit of an impossible name"),
        ({"model_index.json": b'{"_class_name": "A", "custom_pipeline": "x"}'}, "names a program of its own"),
        ({"model_index.json": b'{"_class_name": ["mine", "A"]}'}, "names a program of its own"),
        ({"model_index.json": b'{"_class_name": "A", "unet": ["mine", "A"]}'}, "names a program of its own"),
        ({"model_index.json": b"[" * 1_000_001}, "is no whole JSON file"),
        ({"model_index.json": b" " * 1_000_001}, "is no whole JSON file"),
    ],
)
def test_programs_and_tricks_are_refused_before_anything_is_fetched(
    home: Home, files: dict[str, bytes], why: str
) -> None:
    home.hub.repos["ann/painter"].update(files)
    assert why in refusal(home)
    assert pulled(home) == set()
    assert not list(home.folder.parent.rglob("escaped.json"))


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("unet/config.json", b'{"auto_map": {"AutoModel": "mine.Mine"}}', "names a program, which is never run"),
        ("unet/model_index.json", b'{"_class_name": "A", "custom_pipeline": "x"}', "names a program of its own"),
        ("unet/w.safetensors", b"\x80\x04no weights at all", "is no whole safetensors file"),
    ],
)
def test_a_file_that_is_no_good_is_not_kept_and_the_profile_not_used(
    home: Home, name: str, content: bytes, why: str
) -> None:
    home.hub.repos["ann/painter"][name] = content
    for _ in range(2):
        assert why in refusal(home)
        assert name not in pulled(home)
    with pytest.raises(AgentError, match=r"^Of far is missing: image.*; get it with: pentimento models pull far\.$"):
        stock.use(home.folder, "far")


def test_parts_that_a_list_names_have_to_be_there(home: Home) -> None:
    home.pull()
    home.hub.repos["ann/painter"]["unet/w.safetensors.index.json"] = b'{"weight_map": {"a": "v.safetensors"}}'
    for _ in range(2):
        assert "names 'v.safetensors', which is not there" in refusal(home, renew=True)
    stock.use(home.folder, "far")


def test_a_path_that_the_repository_does_not_hold_is_named(home: Home) -> None:
    home.write(TOML.replace("p.gguf", "q.gguf"))
    assert refusal(home) == "ann/planner holds no q.gguf that could be fetched; correct path of the planner model."
    home.write(TOML.replace("finder/*", "finders/*"))
    assert "ann/finder holds no safetensors or GGUF that the profile asks for" in refusal(home)


def test_a_revision_stays_the_commit_that_it_was_until_it_is_renewed(home: Home) -> None:
    home.pull()
    before = home.file("unet/w.safetensors")
    home.hub.repos["ann/painter"]["unet/w.safetensors"] = weights(1000, 1.0)
    assert home.order().left == 0
    home.pull(renew=True)
    assert not before.exists()
    assert home.file("unet/w.safetensors").read_bytes() == weights(1000, 1.0)
    assert stock.verify(home.folder, "far") == []


def test_until_a_renewal_is_whole_what_was_here_is_used(home: Home) -> None:
    home.pull()
    before = home.file("unet/w.safetensors")
    for number in (1.0, 2.0):
        home.hub.repos["ann/painter"]["unet/w.safetensors"] = weights(1000, number)
        home.hub.breaks = [2**20, 2**20, 2**20, 300, 0, 0, 0]
        assert "broke off" in refusal(home, renew=True)
        assert home.profile().path("image") == before.parent.parent
        assert stock.verify(home.folder, "far") == []
        assert (home.order().left, stock.profile(home.folder, "far").missing) == (0, ())
    told = home.pull(renew=True)
    assert told[-1].total == len(weights(1000)) - 300
    assert home.file("unet/w.safetensors").read_bytes() == weights(1000, 2.0)
    assert not before.exists()
    assert len(list((home.models / "hub" / "ann--painter").iterdir())) == 1


@pytest.mark.parametrize("endpoint", ["hub", "ftp://127.0.0.1"])
def test_what_is_no_address_of_a_hub_is_named(home: Home, monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    point_at(endpoint, monkeypatch)
    assert refusal(home) == f"{endpoint} is no address of a hub; correct or unset HF_ENDPOINT."


@pytest.mark.parametrize("announced", [True, False])
def test_a_commit_whose_files_changed_is_not_trusted(home: Home, announced: bool) -> None:
    home.pull()
    home.hub.commits["ann/painter"] = home.hub.commit("ann/painter")
    home.file("unet/w.safetensors").unlink()
    other = weights(1000, 1.0)
    if announced:
        home.hub.repos["ann/painter"]["unet/w.safetensors"] = other
    else:
        home.hub.instead["unet/w.safetensors"] = other
    why = "has changed at the hub since it was locked" if announced else "arrived damaged, or is not what the hub says"
    assert why in refusal(home)


def test_another_commit_than_the_locked_one_is_not_taken(home: Home) -> None:
    home.pull()
    home.file("unet/w.safetensors").unlink()
    home.hub.commits["ann/painter"] = "f" * 40
    assert "gives another commit of ann/painter than the one that is locked" in refusal(home)


@pytest.mark.parametrize("place", ["/api/models/ann/painter", "/ann/painter/resolve/"])
@pytest.mark.parametrize(
    ("status", "code", "why"),
    [
        (401, "", "log in with hf auth login"),
        (401, "GatedRepo", "to those alone who accept its licence; accept it at "),
        (403, "GatedRepo", "to those alone who accept its licence; accept it at "),
        (403, "", "to those alone who accept its licence; accept it at "),
        (404, "RepoNotFound", "The hub has no ann/painter; correct the name in the profile."),
        (404, "RevisionNotFound", "correct revision or files in the profile."),
        (404, "EntryNotFound", "correct revision or files in the profile."),
        (404, "", "The hub has no ann/painter"),
        (429, "", "The hub answers with error 429; try again later"),
        (500, "", "The hub answers with error 500; try again later"),
    ],
)
def test_what_the_hub_refuses_is_one_sentence(home: Home, place: str, status: int, code: str, why: str) -> None:
    home.hub.refused[place] = (status, code)
    assert why in refusal(home)


def test_a_hub_that_is_not_there_is_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    point_at("http://127.0.0.1:9", monkeypatch)
    assert refusal(home).startswith("http://127.0.0.1:9 can't be reached, or broke off (ConnectError)")


def test_a_full_disk_ends_a_pull_and_keeps_what_has_arrived(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    order = home.order()
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(AgentError, match=r"can't be written \(No space left on device\); free some space"):
            order.run(lambda _fetched: None)
    home.pull()
    assert stock.verify(home.folder, "far") == []


def test_too_little_room_is_said_before_anything_is_fetched(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulling, "SPARE", 10**18)
    assert "GB are free at" in refusal(home)
    assert pulled(home) == set()


def test_two_pulls_at_once_do_not_write_into_each_other(home: Home) -> None:
    home.pull()
    home.hub.repos["ann/painter"]["unet/w.safetensors"] = weights(1000, 1.0)
    order, waiting, go_on = home.order(renew=True), threading.Event(), threading.Event()

    def hold() -> None:
        waiting.set()
        go_on.wait(30)

    home.hub.before_file = hold
    first = threading.Thread(target=order.run, args=(lambda _fetched: None,))
    first.start()
    assert waiting.wait(30)
    with pytest.raises(
        AgentError, match=r"^Another program fetches or checks models of this home; wait until it is done\.$"
    ):
        order.run(lambda _fetched: None)
    with pytest.raises(AgentError, match="Another program fetches or checks models"):
        stock.verify(home.folder)
    go_on.set()
    first.join()
    assert stock.verify(home.folder, "far") == []


def test_a_reader_that_stops_leaves_a_home_that_can_go_on(home: Home) -> None:
    def stop(_fetched: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        home.order().run(stop)
    home.pull()
    assert stock.verify(home.folder, "far") == []
