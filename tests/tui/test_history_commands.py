import json
import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from pentimento.agent.bootstrap import open_conversation
from pentimento.agent.types import Plan, Request, Step
from pentimento.memory.store import Store
from pentimento.tui import commands
from tests.tui.terminal_session import PROGRAM, ROOT, TerminalSession

Call = Callable[..., tuple[int, str, str]]
FLIP = Step("transform", {"op": "flip", "axis": "horizontal"}, {"src": "head"})
TURN = Step("transform", {"op": "rotate", "degrees": 90}, {"src": "head"})
SHRINK = Step("transform", {"op": "resize", "width": 40}, {"src": "head"})
STORY: tuple[tuple[str, Step], ...] = (
    ("flip it please", FLIP),
    ("smaller", SHRINK),
    ("undo", Step("undo", {"n": 1}, {})),
    ("turn it round", TURN),
    ("a branch", Step("branch", {"name": "winter", "ref": "n2"}, {})),
    ("smaller here too", SHRINK),
    ("keep that", Step("tag", {"name": "best", "ref": "n2"}, {})),
    ("back", Step("checkout", {"ref": "branch:main"}, {})),
)
GRAPH = """\
○ n1 opened own.png
○ n2 (tag:best) flip it please
├─┬─╮
│ │ ○ n3 undone · smaller → resize 40
│ │ #3 undo
● │ n4 (head → main) turn it round → rotate
  │ #5 a branch
  ○ n5 (winter) smaller here too → resize 40
  #7 keep that
  #8 back
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A session with an undone picture, a branch and a tag; only looked at by the tests."""
    folder = tmp_path_factory.mktemp("story")
    Image.effect_mandelbrot((80, 60), (-2, -1, 1, 1), 40).convert("RGB").save(folder / "own.png")
    conversation = open_conversation(folder / "home", "default")
    conversation.open_picture(folder / "own.png")
    for said, step in STORY:
        conversation.act(Request(said, Plan((step,), "")), lambda _: None, threading.Event())
    conversation.close()
    return folder / "home"


@pytest.fixture
def call(home: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command; gives (exit code, stdout, stderr)."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = commands.run(list(arguments), home)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def out(result: tuple[int, str, str]) -> str:
    assert (result[0], result[2]) == (0, "")
    return result[1]


def lines(result: tuple[int, str, str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in out(result).splitlines()]


def test_the_log_is_a_graph(call: Call) -> None:
    assert out(call("log")) == GRAPH


def test_a_page_of_the_log_says_that_there_is_more(call: Call) -> None:
    assert (
        out(call("log", "--limit", "3"))
        == """\
┊ earlier ones are left out; --limit shows more
┊
○ n5 (winter) smaller here too → resize 40
  #7 keep that
  #8 back
The current picture is n4, on main.
"""
    )


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["--branch", "winter"], ["n1", "n2", "n5"]),
        (["--tool", "transform", "--limit", "2"], ["n4", "n5"]),
        (["--branch", "main", "--tool", "transform"], ["n2", "n4"]),
        (["--search", "round"], ["n4"]),
        (["--search", "resize 40", "--branch", "winter"], ["n5"]),
        (["--since", "2h"], ["n1", "n2", "n3", "n4", "n5"]),
        (["--since", "2h", "--search", "own"], ["n1"]),
        (["--at-op", "3"], ["n1", "n2", "n3"]),
        (["--at-op", "3", "--branch", "main"], ["n1", "n2", "n3"]),
        (["--at-op", "4", "--branch", "main"], ["n1", "n2"]),
    ],
)
def test_the_log_is_narrowed(call: Call, arguments: list[str], shown: list[str]) -> None:
    found = lines(call("log", *arguments, "--json"))
    nodes = [one for line in found for one in (line.get("nodes") or [line.get("id")]) if one]  # type: ignore[attr-defined]
    assert nodes == shown


def test_a_log_in_which_nothing_matches_says_so(call: Call) -> None:
    assert out(call("log", "--search", "elephant")) == "Nothing in this session matches that.\n"
    assert out(call("log", "--search", "elephant", "--all")) == "These words stand in no session.\n"
    assert out(call("log", "--search", "elephant", "--all", "--json")) == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["log", "--tool", "blend"], "No picture was made by blend; those there are were made by: transform."),
        (["log", "--branch", "wintr"], "There is no branch wintr; try winter or main."),
        (["log", "--branch", "winter", "--at-op", "2"], "There is no branch winter; try main."),
        (["log", "--at-op", "99"], "There is no operation 99"),
        (["show", "head", "--at-op", "99"], "There is no operation 99"),
        (["log", "--since", "soon"], "“soon” is no moment"),
        (["log", "--limit", "0"], "'--limit'"),
        (["log", "--search", "?!"], "Say which words to look for."),
        (["log", "--all"], "log --all --search WORDS"),
        (["log", "--all", "--search", "x", "--at-op", "2"], "log --all --search WORDS"),
        (["log", "--operations", "--tool", "edit"], "--operations: it goes with --limit and --at-op only"),
        (["show", "n99"], "There is no n99"),
        (["show"], "name one picture, such as head, or a turn with --turn N"),
        (["show", "head", "--turn", "3"], "name one picture, such as head, or a turn with --turn N"),
        (["show", "--turn", "3", "--at-op", "2"], "name one picture, such as head, or a turn with --turn N"),
        (["show", "--turn", "99"], "There is no turn 99; the last one is 8."),
        (["show", "--turn", "0"], "“0” is no turn; write its number in the log, such as 3, or last"),
    ],
)
def test_what_can_not_be_looked_at_is_one_sentence(call: Call, arguments: list[str], sentence: str) -> None:
    code, written, error = call(*arguments)
    assert (code, written, error.count("\n")) == (2, "", 1)
    assert sentence in error


def test_the_operations_are_listed_with_what_they_moved(call: Call) -> None:
    text = out(call("log", "--operations"))
    assert [" ".join(line.split()[3:]) for line in text.splitlines()[:4]] == [
        "import main nothing → n1 own.png",
        "turn main n1 → n2 flip it please",
        "turn main n2 → n3 smaller",
        "undo main n3 → n2 smaller",
    ]
    last = lines(call("log", "--operations", "--limit", "1", "--json"))
    assert [(line["event"], line["number"], line["kind"]) for line in last] == [("operation", 9, "checkout")]
    assert len(out(call("log", "--operations", "--at-op", "2")).splitlines()) == 2


def test_the_newest_may_come_first(call: Call) -> None:
    assert [line.split()[1] for line in out(call("log", "--newest-first", "--branch", "main")).splitlines()] == [
        "n4",
        "n2",
        "n1",
    ]


def test_a_picture_is_shown_as_it_is_and_as_a_name_meant_then(call: Call) -> None:
    text = out(call("show", "tag:best"))
    assert "names         tag:best" in text
    assert "led to        n3, n4, n5" in text
    assert "you said      flip it please" in text
    assert "made by       transform" in text
    assert lines(call("show", "head", "--json"))[0]["id"] == "n4"
    then = lines(call("show", "head", "--at-op", "3", "--json"))[0]
    assert (then["id"], then["head"], then["branches"], then["tags"]) == ("n3", True, ["main"], [])


def test_a_turn_is_shown_by_the_number_that_the_log_has_for_it(call: Call) -> None:
    undo = out(call("show", "--turn", "3"))
    assert undo.startswith(
        "in turn       3, done\nyou said      undo\nplan          1. /undo n=1\nreply         Took back"
    )
    assert "you said      smaller here too" in out(call("show", "--turn", "6"))
    assert "in turn       6, done\n" in out(call("show", "--turn", "6"))
    assert out(call("show", "--turn", "last")) == out(call("show", "--turn", "8"))
    (line,) = lines(call("show", "--turn", "6", "--json"))
    assert (line["event"], line["number"], line["session"]) == ("ledger", 6, "default")
    assert [node["id"] for node in line["nodes"]] == ["n5"]  # type: ignore[attr-defined]


def test_a_turn_that_was_undone_since_says_so(call: Call) -> None:
    assert out(call("show", "--turn", "2")).startswith("in turn       2, done, undone since\n")
    assert "in turn       2, done, undone since\n" in out(call("show", "n3"))
    assert "in turn       2, done\n" in out(call("show", "n3", "--at-op", "3"))
    undone = [lines(call("show", "--turn", turn, "--json"))[0]["undone"] for turn in ("1", "2", "3")]
    assert undone == [False, True, False]


def test_after_a_slash_the_turn_of_a_picture_is_shown(call: Call) -> None:
    assert out(call("say", "/show")) == out(call("do", "show")) == out(call("show", "--turn", "4"))
    assert out(call("say", "/show ref=n2")) == out(call("say", "/show turn=1")) == out(call("show", "--turn", "1"))
    assert out(call("say", "/show ref=n1")) == out(call("show", "n1"))
    assert lines(call("say", "/show", "--json"))[0]["number"] == 4
    assert len(lines(call("log", "--json"))) == 10


def test_words_are_found_in_every_session(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Store(tmp_path / "home") as store:
        for name in ("first", "second", "third"):
            turn = store.begin_turn(store.session(name).id, f"a fox in the {name}" if name != "second" else "a dog")
            store.end_turn(store.session(name).id, turn.number, turn.status.DONE)
    assert commands.run(["log", "--search", "fox", "--all"], tmp_path / "home") == 0
    there = "There is no picture on main yet."
    assert (
        capsys.readouterr().out
        == f"first\n  #1 a fox in the first\n{there}\n\nthird\n  #1 a fox in the third\n{there}\n"
    )
    commands.run(["log", "--search", "fox", "--all", "--json"], tmp_path / "home")
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["event"], line["session"]) for line in found] == [
        ("log", "first"),
        ("pointers", "first"),
        ("log", "third"),
        ("pointers", "third"),
    ]


def test_an_empty_log_says_how_to_begin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["log"], ["log", "--operations"]):
        assert commands.run(arguments, tmp_path / "home") == 0
        assert "Nothing has been said yet" in capsys.readouterr().out


@pytest.mark.slow
def test_on_a_terminal_lines_are_cut_and_undone_is_dim(home: Path) -> None:
    with TerminalSession([*PROGRAM, "log"], columns=24, env={"PENTIMENTO_HOME": str(home)}) as session:
        assert session.end() == 0
    assert "\x1b[2mundone\x1b[0m · small…" in session.output.decode()
    assert "● │ n4 (head → main) tu…" in session.text()


@pytest.mark.slow
def test_in_a_pipe_lines_are_whole_and_plain(home: Path) -> None:
    env = {**os.environ, "PENTIMENTO_HOME": str(home), "PYTHONPATH": str(ROOT / ".typing"), "COLUMNS": "20"}
    done = subprocess.run([*PROGRAM, "log"], env=env, capture_output=True, check=True, timeout=60)
    assert done.stdout.decode() == GRAPH
