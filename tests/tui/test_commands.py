import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from pentimento.tui import commands

Call = Callable[..., tuple[int, str, str]]
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "holiday.png"
    Image.effect_mandelbrot((80, 60), (-2, -1, 1, 1), 40).convert("RGB").save(path)
    return path


@pytest.fixture
def another(tmp_path: Path) -> Path:
    path = tmp_path / "another.png"
    Image.new("RGB", (80, 60), "red").save(path)
    return path


def refused(result: tuple[int, str, str]) -> str:
    """The sentence of a command that was refused: exit code 2, nothing on stdout, one line on stderr."""
    code, out, err = result
    assert (code, out) == (2, "")
    assert err.startswith("pentimento: ")
    assert err.count("\n") == 1
    return err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["paint"], "No such command 'paint'"),
        (["say"], "Missing argument"),
        (["say", ""], "The message is empty"),
        (["say", " \n\t "], "The message is empty"),
        (["plan", ""], "The message is empty"),
        (["say", "a" * 100_000], "The message has 100,000 characters; at most 4,000 are read."),
        (["say", "x", "--seed", "-1"], "Invalid value for '--seed'"),
        (["say", "x", "--seed", "a"], "Invalid value for '--seed'"),
        (["--nope"], "No such option: --nope"),
        (["say", "/fly"], "names no tool; there are generate, "),
        (["say", "/adjust brightnes=5"], "adjust, has no argument brightnes"),
        (["say", "/help fly"], "There is no /fly; /help lists what there is."),
        (["do", "help", "--json"], "a help is for a person"),
        (["run", "nowhere.yaml"], "nowhere.yaml: No such file or directory."),
        (["open", "nowhere.png"], "There is no file nowhere.png."),
        (["open", "."], "is a folder"),
        (["show", "n7"], "There is no n7"),
        (["show", "../../etc/passwd"], "names no picture"),
        (["export", "head", "x.png"], "here is no picture yet"),
    ],
)
def test_bad_usage_is_one_sentence(call: Call, arguments: list[str], sentence: str) -> None:
    assert sentence in refused(call(*arguments))


def test_what_is_no_picture_is_refused_and_the_session_goes_on(call: Call, tmp_path: Path, picture: Path) -> None:
    data = picture.read_bytes()
    for name, content in {
        "cut.png": data[: len(data) // 2],
        "text.png": b"hello",
        "empty.png": b"",
        "head.png": data[:20],
        "script.png": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    }.items():
        (tmp_path / name).write_bytes(content)
        assert name in refused(call("open", tmp_path / name))
    assert call("open", picture)[0] == 0


@pytest.mark.parametrize("side", [9_000, 14_000])
def test_a_huge_picture_is_refused_before_it_is_decoded(call: Call, tmp_path: Path, side: int) -> None:
    huge = tmp_path / "huge.png"
    Image.new("1", (side, side)).save(huge)
    assert "pixels; at most" in refused(call("open", huge))


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    for arguments in (["log"], ["say", "a fox"], ["show", "head"]):
        assert commands.run(arguments, tmp_path / "file" / "home") == 2
        captured = capsys.readouterr()
        assert "cannot be used" in captured.err
        assert (captured.out, captured.err.count("\n")) == ("", 1)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_read_only_folder_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "home").mkdir(mode=0o500)
    assert commands.run(["say", "a fox"], tmp_path / "home") == 2
    assert "cannot be used" in capsys.readouterr().err


def test_a_picture_is_opened_shown_and_exported(call: Call, tmp_path: Path, picture: Path) -> None:
    code, out, _ = call("open", picture, "--json")
    turn = json.loads(out)
    assert (code, turn["event"], turn["status"], turn["head"], turn["plan"]) == (0, "turn", "done", "n1", None)
    node = json.loads(call("show", "head", "--json")[1])
    assert (node["event"], node["id"], node["width"], node["height"], node["call"]) == ("node", "n1", 80, 60, None)
    assert node["path"] == turn["nodes"][0]["path"]
    target = tmp_path / "copy.png"
    assert call("export", "n1", target)[0] == 0
    with Image.open(target) as copy, Image.open(picture) as original:
        assert copy.tobytes() == original.tobytes()
    assert "exists already" in refused(call("export", "n1", target))
    assert call("export", "n1", target, "--force")[0] == 0


SCRIPT = """
session: trip
turns:
- say: no
  do: {steps: [{tool: undo}]}
  expect: {status: done, tools: [undo], head: n1, nodes: 0}
- do: {steps: [{tool: redo}]}
  expect: {head: n2}
- do: {steps: [{tool: checkout, ref: n1}]}
  expect: {head: n1}
"""


def test_a_script_of_moves_runs_and_is_kept(call: Call, tmp_path: Path, picture: Path, another: Path) -> None:
    call("open", picture, "--session", "trip")
    call("open", another)
    script = tmp_path / "back.yaml"
    script.write_text(SCRIPT)
    code, out, err = call("run", script, "--json", "--out", tmp_path / "out")
    assert (code, err) == (0, "")
    assert [json.loads(line)["said"] for line in out.splitlines()] == ["no", "redo", "checkout"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "01-n1.png",
        "02-n2.png",
        "03-n1.png",
        "turns.jsonl",
    ]
    log = [json.loads(line) for line in call("log", "--json")[1].splitlines()]
    assert [(line["event"], line["id"]) for line in log[:2]] == [("node", "n1"), ("node", "n2")]
    assert [(line["said"], line["status"], line["nodes"]) for line in log[2:-1]] == [
        ("no", "done", []),
        ("redo", "done", []),
        ("checkout", "done", []),
    ]
    assert "● n1 (head → main) opened holiday.png" in call("log")[1]


def test_exact_steps_are_written_out_in_the_shell(call: Call, tmp_path: Path, picture: Path, another: Path) -> None:
    call("open", picture)
    call("open", another)
    for arguments in (
        ["blend", "other=n1", "share=25"],
        ["adjust", "invert", "src=n1"],
        ["draw_text", "text=Hi", "size=12"],
    ):
        code, _out, err = call("do", *arguments)
        assert (code, err) == (0, "")
    assert "write “Hi”" in call("log")[1]
    assert "n3 (source)" not in call("show", "n4")[1]
    sources = json.loads(call("show", "n3", "--json")[1])["parents"]
    assert sources == [{"id": "n2", "role": "source"}, {"id": "n1", "role": "source"}]
    call("undo")
    call("export", "head", tmp_path / "negative.png")
    with Image.open(tmp_path / "negative.png") as made, Image.open(picture) as before:
        assert made.tobytes() == ImageOps.invert(before).tobytes()
    assert "needs “layer”" in refused(call("do", "composite"))


def test_each_run_of_a_script_begins_anew(call: Call, tmp_path: Path) -> None:
    script = tmp_path / "story.yaml"
    script.write_text("turns: [{do: {steps: [{tool: undo}]}, expect: {status: failed}}]")
    sessions = [json.loads(call("run", script, "--json")[1])["session"] for _ in range(2)]
    assert sessions == ["story-1", "story-2"]


def test_commands_that_only_look_make_no_session(call: Call, picture: Path) -> None:
    call("open", picture, "--session", "trip")
    for arguments in (["log"], ["show", "head"], ["export", "head", "x.png"], ["plan", "flip it"]):
        assert refused(call(*arguments, "--session", "tripp")).endswith(
            "There is no session “tripp”; there are: trip.\n"
        )
    assert json.loads(call("show", "head", "--json")[1])["id"] == "n1"


def test_a_session_may_be_named_before_the_command(call: Call, picture: Path, another: Path, tmp_path: Path) -> None:
    call("open", picture, "--session", "trip")
    call("open", picture, "--session", "other")
    turn = json.loads(call("--session", "trip", "open", another, "--json")[1])
    assert (turn["session"], turn["head"]) == ("trip", "n2")
    script = tmp_path / "story.yaml"
    script.write_text("turns: [{do: {steps: [{tool: undo}]}}]")
    assert "write `session:` into it" in refused(call("--session", "trip", "run", script))


def test_a_folder_for_the_pictures_is_made_before_the_first_turn(call: Call, tmp_path: Path, picture: Path) -> None:
    script = tmp_path / "story.yaml"
    script.write_text("turns: [{do: {steps: [{tool: undo}]}}]")
    refused(call("run", script, "--json", "--out", picture))
    assert "there is none yet" in refused(call("log", "--session", "story-1"))


def test_pictures_that_were_opened_are_in_the_log(call: Call, picture: Path) -> None:
    turn = json.loads(call("open", picture, "--json")[1])
    assert 0 < turn["seconds"]["store"] <= turn["seconds"]["total"]
    assert call("log")[1] == "● n1 (head → main) opened holiday.png\n"
    node, _ = [json.loads(line) for line in call("log", "--json")[1].splitlines()]
    assert (node["event"], node["id"]) == ("node", "n1")


def test_a_file_whose_name_is_no_text_is_opened(call: Call, tmp_path: Path, picture: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.png"))
    odd.write_bytes(picture.read_bytes())
    code, out, _ = call("open", odd)
    assert code == 0
    assert "Opened bad�.png" in out


def test_hostile_names_are_shown_not_obeyed(call: Call, tmp_path: Path, picture: Path) -> None:
    name = tmp_path / "\x1b]52;c;AAAA\x07\u202e.png"
    name.write_bytes(picture.read_bytes())
    code, out, _ = call("open", name)
    assert (code, "\x1b" in out, "\u202e" in out) == (0, False, False)
    assert "␛]52;c;AAAA␇\\u202e.png" in out
    assert "\x1b" not in refused(call("open", tmp_path / "\x1b[2J.png"))
    assert "\x1b" not in refused(call("show", "\x1b[2J"))
    assert "\x1b" not in refused(call("\x1b[2J"))


def test_help_names_every_command(call: Call) -> None:
    code, out, _ = call("--help")
    assert code == 0
    assert all(name in out for name in ("say", "plan", "run", "open", "log", "show", "export", "--version"))
