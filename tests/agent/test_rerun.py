from pathlib import Path

import pytest
from PIL import Image
from pydantic import JsonValue

from pentimento.agent import bundle, rerun
from pentimento.agent.types import Node, NodeKind, TurnStatus
from pentimento.memory.store import Store
from pentimento.tools.profile import Profile
from pentimento.tui.script import load_script
from tests.agent.bundles import FLIP, drawn, members, run_again, say
from tests.fakes_agent import DRAW, MAKE_RED, Desk, ToolsHere, plan


def with_other_defaults(profile: Profile) -> Profile:
    other = {"generate": {"steps": 9}, "edit": {"steps": 9}}
    return Profile(profile.file.model_copy(update={"defaults": other}), profile.folder)


def pixels(nodes: list[Node]) -> set[tuple[NodeKind, str]]:
    return {(node.kind, node.pixels) for node in nodes}


def test_the_script_makes_every_picture_again(desk: Desk, elsewhere: Store, tmp_path: Path) -> None:
    zipped = drawn(desk).export_bundle(None, tmp_path / "trip.zip")
    script = tmp_path / "session.yaml"
    script.write_bytes(members(zipped)["session.yaml"])
    before = list(desk.store.nodes(1))
    calls = len(desk.tools.calls)
    again = run_again(desk, script, "again")
    assert pixels(again) == pixels(before)
    assert [node.label for node in again] == [node.label for node in before]
    there = Desk(elsewhere, desk.llm, ToolsHere(), with_other_defaults(desk.profile))
    assert pixels(run_again(there, script, "again")) == pixels(before)
    once = [
        {**call.arguments, **{name: 1 for name in call.arguments if name == "attempts"}} for call in desk.tools.calls
    ]
    assert [call.arguments for call in there.tools.calls] == once[:calls]
    assert [call.seed for call in there.tools.calls] == [call.seed for call in desk.tools.calls[:calls]]


def test_the_script_of_an_opened_picture_says_what_to_open_first(desk: Desk, elsewhere: Store, tmp_path: Path) -> None:
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
    there = Desk(elsewhere, desk.llm, ToolsHere(), desk.profile)
    (tmp_path / "cat2.png").write_bytes(packed[files[0]])
    there.conversation("again").open_picture(tmp_path / "cat2.png")
    assert pixels(run_again(there, script, "again")) == pixels(list(desk.store.nodes(1)))


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


def test_a_script_that_could_not_be_read_again_is_left_out(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = drawn(desk)
    monkeypatch.setattr(rerun, "LONGEST", 100)
    assert "session.yaml" not in members(conversation.export_bundle(None, tmp_path / "trip.zip"))
    assert bundle.restore_bundle(desk.store, tmp_path / "trip.zip").nodes == 4


def test_a_region_is_a_step_of_the_script_and_what_was_made_with_it_follows(desk: Desk, tmp_path: Path) -> None:
    conversation = desk.conversation("marked")
    adjust: dict[str, JsonValue] = {"tool": "adjust", "brightness": 40}
    desk.llm.answers.extend(
        [
            DRAW,
            plan({"tool": "segment", "what": "squirrel"}, {**adjust, "mask": "step:1"}),
            MAKE_RED,
            plan({**adjust, "mask": "n4"}),
            plan({"tool": "edit", "instruction": "make it blue", "target": "squirrel", "mask": "n2"}),
            FLIP,
        ]
    )
    for words in ("draw", "the squirrel lighter", "make it red", "lighter", "make it blue", "flip"):
        assert say(conversation, words).status is TurnStatus.DONE
    script = tmp_path / "session.yaml"
    script.write_bytes(members(conversation.export_bundle(None, tmp_path / "marked.zip"))["session.yaml"])
    again = run_again(desk, script, "again")
    assert [node.label for node in again] == [node.label for node in desk.store.nodes(1)]
    assert pixels(again) == pixels(list(desk.store.nodes(1)))
