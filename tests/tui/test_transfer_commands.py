import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from pentimento.memory.store import Store

Call = Callable[..., tuple[int, str, str]]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"holiday{number}.png" for number in (1, 2)]
    for path, center in zip(paths, (-0.5, 0.2), strict=True):
        Image.effect_mandelbrot((80, 60), (-2, -1, 1 + center, 1), 40).convert("RGB").save(path)
    return paths


def refused(result: tuple[int, str, str]) -> str:
    code, out, err = result
    assert (code, out, err.count("\n")) == (2, "", 1)
    return err


def test_an_exported_picture_finds_its_place_when_it_is_opened(
    call: Call, tmp_path: Path, pictures: list[Path]
) -> None:
    for path in pictures:
        call("open", path, "--session", "trip")
    for name in ("back.jpg", "back.webp", "back.png"):
        assert call("export", "n1", tmp_path / name, "--keep")[1] == f"Wrote {tmp_path / name}\n"
        call("checkout", "n2")
        code, out, _ = call("open", tmp_path / name)
        assert (code, out.splitlines()[0]) == (0, "This is n1, holiday1.png, of the session trip.")
    turn = json.loads(call("open", pictures[1], "--json")[1])
    assert (turn["head"], turn["nodes"], turn["status"]) == ("n2", [], "done")


def test_an_export_tells_nothing_unless_asked(call: Call, tmp_path: Path, pictures: list[Path]) -> None:
    call("open", pictures[0], "--session", "trip")
    for option, told in (((), False), (("--strip",), False), (("--keep",), True)):
        call("export", "head", tmp_path / "a.webp", "--force", *option)
        assert (b"holiday1" in (tmp_path / "a.webp").read_bytes()) is told


@pytest.mark.parametrize("verb", ["open", "import"])
def test_a_session_goes_to_another_home_and_is_undone_there(
    call: Call, tmp_path: Path, pictures: list[Path], verb: str
) -> None:
    for path in pictures:
        call("open", path, "--session", "trip")
    call("tag", "best", "n1")
    assert call("export", "--session", "trip", "--bundle", tmp_path)[1] == f"Wrote {tmp_path / 'trip.zip'}\n"
    code, out, _ = call(verb, tmp_path / "trip.zip", home="there")
    assert (code, out) == (0, "Restored the session trip: 2 pictures (with regions), 1 turn, head n2.\n")
    line = json.loads(call(verb, tmp_path / "trip.zip", "--json", "--session", "mine", home="there")[1])
    assert line == {"event": "restored", "session": "mine", "head": "n2", "nodes": 2, "turns": 1}
    assert call("undo", home="there")[0] == 0
    assert call("undo", home="there")[0] == 0
    assert call("export", "head", tmp_path / "head.png", home="there")[0] == 0
    with Image.open(tmp_path / "head.png") as back, Image.open(pictures[0]) as first:
        assert back.tobytes() == first.tobytes()
    with Store(tmp_path / "there") as store:
        assert [session.name for session in store.sessions()] == ["mine", "trip"]
        assert store.verify() == ()


def test_a_picture_goes_alone(call: Call, tmp_path: Path, pictures: list[Path]) -> None:
    for path in pictures:
        call("open", path, "--session", "trip")
    assert call("export", "n2", tmp_path / "two.zip", "--bundle")[0] == 0
    assert "1 picture (with regions), 0 turns, head n2" in call("open", tmp_path / "two.zip", home="there")[1]


def test_what_can_not_be_done_is_one_sentence(call: Call, tmp_path: Path, pictures: list[Path]) -> None:
    call("open", pictures[0], "--session", "trip")
    assert "say which picture and which file" in refused(call("export", "head"))
    assert "should end in .zip" in refused(call("export", "head", tmp_path / "a.png", "--bundle"))
    assert "should end in .png" in refused(call("export", "head", tmp_path / "a.zip"))
    assert "There is no session" in refused(call("export", tmp_path / "a.zip", "--bundle", "--session", "trap"))
    assert "There is no operation 9" in refused(call("export", "head", tmp_path / "a.png", "--at-op", "9"))
    with zipfile.ZipFile(tmp_path / "foreign.zip", "w") as archive:
        archive.writestr("../../etc/passwd", "x")
    (tmp_path / "text.zip").write_text("hello")
    for name, sentence in (("foreign.zip", "it is no bundle"), ("text.zip", "it is no zip"), ("no.zip", "no file")):
        assert sentence in refused(call("open", tmp_path / name, home="there"))
    with Store(tmp_path / "there") as store:
        assert store.sessions() == ()


def test_an_export_may_be_named_as_it_was(call: Call, tmp_path: Path, pictures: list[Path]) -> None:
    for path in pictures:
        call("open", path, "--session", "trip")
    assert call("export", "head", tmp_path / "then.png", "--at-op", "1")[0] == 0
    with Image.open(tmp_path / "then.png") as then, Image.open(pictures[0]) as first:
        assert then.tobytes() == first.tobytes()
