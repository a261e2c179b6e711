import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from pentimento.agent.bootstrap import open_conversation
from pentimento.agent.types import Plan, Request, Step
from pentimento.tui import commands

pytestmark = pytest.mark.slow

Call = Callable[..., tuple[int, str, str]]
FLIP = Step("transform", {"op": "flip", "axis": "horizontal"}, {"src": "head"})
SHRINK = Step("transform", {"op": "resize", "width": 40}, {"src": "head"})


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command on a session of three pictures: n1 opened, n2 flipped, n3 shrunk; (exit code, stdout, stderr)."""
    home, own = tmp_path / "home", tmp_path / "own.png"
    Image.effect_mandelbrot((80, 60), (-2, -1, 1, 1), 40).convert("RGB").save(own)
    conversation = open_conversation(home, "default")
    conversation.open_picture(own)
    for step in (FLIP, SHRINK):
        conversation.act(Request(step.tool, Plan((step,), "")), lambda _: None, threading.Event())
    conversation.close()

    def run(*arguments: str) -> tuple[int, str, str]:
        code = commands.run(list(arguments), home)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def done(result: tuple[int, str, str]) -> str:
    assert result[0] == 0, result
    return result[1]


def head(call: Call) -> str:
    line = json.loads(done(call("show", "head", "--json")))
    return str(line["id"])


def test_undo_redo_and_undo_of_several(call: Call) -> None:
    assert "Took back “transform”. You are at n2 now." in done(call("undo"))
    assert "You are at n3 now." in done(call("redo"))
    assert "You are at n1 now." in done(call("undo", "2"))


def test_a_middle_step_is_taken_out_and_accepted(call: Call) -> None:
    assert "Took out n2, “flip”. Made 1 step again. It is n4 on the branch without-n2" in done(call("revert", "n2"))
    assert "main is at n4 now." in done(call("accept"))
    assert "You are on main, at n4" in done(call("checkout", "branch:main"))


def test_steps_are_applied_to_another_picture(call: Call) -> None:
    assert "Applied “resize 40” to n1." in done(call("transplant", "n3", "--onto", "n1"))
    assert "Applied 2 steps to n1." in done(call("replay", "n3", "--onto", "n1"))


def test_branches_and_tags_are_named_and_gone_to(call: Call) -> None:
    done(call("tag", "small"))
    done(call("branch", "wide", "n2"))
    assert head(call) == "n2"
    done(call("checkout", "tag:small"))
    assert head(call) == "n3"


def test_two_pictures_differ(call: Call) -> None:
    assert "of the pixels differ" in done(call("diff", "n1", "n2"))
    assert "n2 is 80 × 60 pixels, n3 is 40 × 30." in done(call("diff"))


def test_a_replay_is_one_turn_whose_words_are_the_command(call: Call) -> None:
    assert "2 steps: 2 identical." in done(call("replay", "n3", "--fresh"))
    assert "replay n3 --fresh" in done(call("log"))
    assert json.loads(done(call("undo", "--json")))["plan"]["steps"][0]["tool"] == "undo"


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["revert", "foo"], 2, "“foo” is no reference; write head, head~2, n3, branch:NAME, tag:NAME or before(n3)."),
        (["branch", "a b"], 2, "“a b” can't be a name"),
        (["revert", "n1"], 1, "n1 is where everything begins"),
        (["revert", "n9"], 1, "There is no n9 in this session"),
        (["checkout", "tag:best"], 1, "There is no tag best; there is none yet."),
        (["undo", "--session", "elsewhere"], 2, "There is no session “elsewhere”"),
        (["undo", "0"], 2, "Invalid value"),
        (["redo"], 1, "There is nothing left to redo."),
        (["accept"], 1, "main was not made from another branch"),
        (["amend", "n2", "make it red"], 1, "n2 was made by transform, not by words"),
    ],
)
def test_what_can_not_be_done_is_one_sentence(call: Call, arguments: list[str], code: int, sentence: str) -> None:
    result = call(*arguments)
    assert result[0] == code
    assert sentence in result[2]
    assert result[2].count("\n") == 1
    assert head(call) == "n3"


def test_the_words_of_a_command_have_what_was_said_alone(call: Call) -> None:
    call("replay")
    call("replay", "n3", "--fresh", "--onto", "n1")
    call("amend", "n2", "other words")
    lines = done(call("log")).splitlines()
    for words in ("replay head", "replay n3 --onto n1 --fresh", "amend n2 other words"):
        assert any(line.rstrip().endswith(words) for line in lines), lines
