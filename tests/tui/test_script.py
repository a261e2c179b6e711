import os
from pathlib import Path

import pytest

from pentimento.agent.types import Plan, Seconds, Step, TurnResult, TurnStatus
from pentimento.tui.expect import unmet
from pentimento.tui.problems import ScriptError
from pentimento.tui.script import Expect, Script, load_script
from tests.fakes import made_node


def script(path: Path, text: str) -> Script:
    file = path / "story.yaml"
    file.write_text(text, encoding="utf-8")
    return load_script(file)[0]


@pytest.mark.parametrize(
    "words", ["no", "yes", "on", "off", "true", "null", "~", "2026-01-02", "1:30", "0x10", "1e3", "012", "=", "n"]
)
def test_strings_stay_strings(tmp_path: Path, words: str) -> None:
    (turn,) = script(tmp_path, f"turns:\n- say: {words}\n").turns
    assert turn.say == words


def test_numbers_and_booleans_are_read_where_they_are_meant(tmp_path: Path) -> None:
    text = "seed: 7\nfallback: no\nrewrite: no\nturns:\n- say: red\n  seed: 3\n- say: blue\n"
    first, second = script(tmp_path, text).requests()
    assert (first.seed, first.fallback, first.rewrite) == (3, False, False)
    assert second.seed is not None


def test_the_command_line_decides_over_the_script(tmp_path: Path) -> None:
    story = script(tmp_path, "seed: 7\nturns:\n- say: red\n").with_options(11, fallback=False)
    (request,) = story.requests()
    (own,) = script(tmp_path, "seed: 11\nturns:\n- say: red\n").requests()
    assert (request.seed, request.fallback) == (own.seed, False)


def test_a_pinned_plan_is_read_in_the_plan_language(tmp_path: Path) -> None:
    text = """
turns:
- do:
    steps:
    - {tool: edit, instruction: make it red, target: no, scope: object, src: n1}
    - {tool: undo, n: 2}
    reply: Red, then back.
"""
    (request,) = script(tmp_path, text).requests()
    edit = Step("edit", {"instruction": "make it red", "target": "no", "scope": "object"}, {"src": "n1"})
    assert request.plan == Plan((edit, Step("undo", {"n": 2}, {})), "Red, then back.")
    assert request.said == "edit, undo"


def test_a_step_after_a_slash_is_a_plan_here_too(tmp_path: Path) -> None:
    (request,) = script(tmp_path, 'turns: [{say: "/adjust brightness=5"}]').requests()
    assert (request.said, request.by_hand) == ("/adjust brightness=5", False)
    assert request.plan == Plan((Step("adjust", {"brightness": 5}, {"src": "head"}),), "")
    (words,) = script(tmp_path, 'turns: [{say: "/fly", do: {steps: [{tool: undo}]}}]').requests()
    assert words.plan == Plan((Step("undo", {}, {}),), "")


def test_a_pinned_plan_may_have_words_and_the_shape_that_json_prints(tmp_path: Path) -> None:
    text = 'turns: [{say: flip it, do: {steps: [{tool: transform, arguments: {op: flip}, inputs: {src: "n1"}}]}}]'
    (request,) = script(tmp_path, text).requests()
    assert request.said == "flip it"
    assert request.plan == Plan((Step("transform", {"op": "flip"}, {"src": "n1"}),), "")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "a script is a mapping with `turns:`"),
        ("- say: hello", "a script is a mapping with `turns:`"),
        ("turns: []", "line 1: turns: "),
        ("seed: 1\nturns:\n- say: a\n- sai: b\n", "line 4: turns.2.sai: extra inputs are not permitted"),
        ("turns:\n- say: a\n  expect:\n    status: splendid\n", "line 4: turns.1.expect.status: "),
        ("turns:\n- expect: {status: done}\n", "line 2: turns.1: a turn needs `say:` or `do:`"),
        ("turns:\n- say: ''\n", "line 2: turns.1.say: the message is empty"),
        ("turns:\n- say: '   '\n", "line 2: turns.1.say: the message is empty"),
        (f"turns:\n- say: {'a' * 5000}\n", "line 2: turns.1.say: the message has 5,000 characters"),
        ("turns:\n- do: {steps: [{tool: undo, n: abc}]}\n", "line 2: turns.1.do: step 1, undo, can't be used: n"),
        ("turns:\n- say: a\n- do: {steps: [{tool: bogus}]}\n", "line 3: turns.2.do: step 1 names no tool"),
        ("turns:\n- say: a\n  seed: -1\n", "line 3: turns.1.seed: "),
        ("turns:\n- say: a\n  say: b\n", "line 3: 'say' is there twice"),
        (
            "turns:\n- say: /help\n",
            "line 2: turns.1: a script has turns, and /help, /plan and /show make none: leave it out",
        ),
        (
            "turns:\n- say: /plan make the fox's hat red\n",
            "turns.1: a script has turns, and /help, /plan and /show make",
        ),
        ("turns:\n- say: /show turn=1\n", "turns.1: a script has turns, and /help, /plan and /show make none"),
        ("turns:\n- say: /show\n", "turns.1: a script has turns, and /help, /plan and /show make none"),
        ("turns: &a\n- say: x\n- *a\n", "line 1: aliases"),
        ("turns: [", "line 1: "),
        ("turns:\n- do: {steps: [{instruction: x}]}\n", "line 2: turns.1.do.steps.1.tool: field required"),
        ("[" * 1000, "nested too deeply"),
        ("say: \x00", "characters that YAML does not allow"),
    ],
)
def test_a_bad_script_is_one_sentence_with_file_and_line(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ScriptError) as error:
        script(tmp_path, text)
    assert complaint in str(error.value)
    assert "story.yaml: " in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_script_and_one_that_is_no_text_are_named(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match=r"nowhere\.yaml: No such file"):
        load_script(tmp_path / "nowhere.yaml")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n")
    with pytest.raises(ScriptError, match="not UTF-8"):
        load_script(tmp_path / "picture.png")


def test_what_never_ends_is_no_script(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (Path("/dev/zero"), tmp_path / "pipe", tmp_path):
        with pytest.raises(ScriptError, match="is no file"):
            load_script(path)


def test_a_scripts_seed_gives_every_turn_its_own_whatever_was_said_before(tmp_path: Path) -> None:
    story = script(tmp_path, "seed: 7\nturns:\n- say: red\n- say: red\n- {say: red, seed: 7}\n")
    first, second = ([request.seed for request in story.requests()] for _ in range(2))
    assert first == second
    assert len(set(first)) == 3
    assert first[2] == 7


def test_expectations_compare_what_came_of_the_turn(tmp_path: Path) -> None:
    made = made_node(tmp_path, 3, "red", measures={"changed_outside": 0, "passed": True, "color": "red"})
    plan = Plan((Step("edit", {}, {}),), "")
    result = TurnResult("x", plan, "The squirrel is Red.", (made,), "n3", TurnStatus.DONE, Seconds())
    met = Expect.model_validate(
        {
            "status": "done",
            "head": "n3",
            "tools": ["edit"],
            "nodes": 1,
            "measures": {"changed_outside": 0, "passed": True, "color": "red"},
            "reply_contains": "red",
        }
    )
    assert unmet(met, result) == []
    other = Expect.model_validate(
        {
            "status": "failed",
            "head": "n1",
            "tools": [],
            "nodes": 2,
            "measures": {"changed_outside": 1, "missing": 2},
            "reply_contains": "blue",
        }
    )
    assert [item.what for item in unmet(other, result)] == [
        "status",
        "head",
        "tools",
        "nodes",
        "measures.changed_outside",
        "measures.missing",
        "reply_contains",
    ]


def test_measures_in_a_script_are_read_as_json(tmp_path: Path) -> None:
    text = "turns:\n- say: x\n  expect: {measures: {changed_outside: 0, passed: true, color: red, quoted: '0'}}\n"
    (turn,) = script(tmp_path, text).turns
    assert turn.expect.measures == {"changed_outside": 0, "passed": True, "color": "red", "quoted": "0"}
