import hashlib
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from pentimento.agent.plan_language import PlanError, parse_plan
from pentimento.agent.planner import Planner
from pentimento.agent.types import AgentError, Request, TurnStatus
from tests.agent.hostile_plans import COUNT, hostile_plans
from tests.fakes_agent import DRAW, Desk, Watcher


def state_of(folder: Path) -> Mapping[str, str]:
    """Every file below it and its content; what SQLite keeps beside its database for readers is no content."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith("-shm")]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.slow
def test_a_thousand_broken_plans_are_refused_with_a_message_for_the_repair_and_change_nothing(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    desk.llm.answers.append(DRAW)
    conversation = desk.conversation()
    conversation.act(Request("a squirrel", seed=1), Watcher(), threading.Event())
    plans, before, calls = hostile_plans(), state_of(tmp_path), len(desk.tools.calls)
    desk.llm.asked.clear()
    planner, state = Planner(desk.llm, use_system=False), conversation.state()
    for number, text in enumerate(plans):
        desk.llm.answers.extend([text, text])
        if number % 20:
            with pytest.raises(AgentError, match=r"no plan|not make a plan"):
                planner.plan(state, "do it")
        else:
            shown = conversation.plan("do it")
            assert (shown.status, shown.plan, shown.nodes) == (TurnStatus.FAILED, None, ())
        first, second = desk.llm.asked[-2:]
        assert second[: len(first)] == first
        assert second[-1]["content"].startswith("That plan can't be used. ")
    assert (len(plans), len(desk.llm.asked)) == (COUNT, 2 * COUNT)
    assert len(desk.tools.calls) == calls
    assert state_of(tmp_path) == before


def test_each_refusal_is_one_sentence_that_says_what_to_do_about_it() -> None:
    for text in hostile_plans():
        with pytest.raises(PlanError) as raised:
            parse_plan(text)
        assert 10 < len(str(raised.value)) < 500
        assert "\n" not in str(raised.value)


def test_a_broken_plan_in_a_turn_leaves_nothing_but_the_turn(desk: Desk, tmp_path: Path) -> None:
    desk.llm.answers.append(DRAW)
    conversation = desk.conversation()
    conversation.act(Request("a squirrel", seed=1), Watcher(), threading.Event())
    session = desk.store.session("default").id
    known = (desk.store.nodes(session), desk.store.operations(session), desk.store.pointers(session))
    blobs = sorted(path for path in (tmp_path / "home").rglob("*.png"))
    for text in hostile_plans()[::50]:
        desk.llm.answers.extend([text, text])
        failed = conversation.act(Request("do it"), Watcher(), threading.Event())
        assert (failed.status, failed.nodes) == (TurnStatus.FAILED, ())
    assert (desk.store.nodes(session), desk.store.operations(session), desk.store.pointers(session)) == known
    assert sorted(path for path in (tmp_path / "home").rglob("*.png")) == blobs


@pytest.mark.parametrize("ref", ["n9", "n999999", "before(n9)"])
def test_a_picture_of_another_session_is_no_picture_of_this_one_and_no_step_before_it_is_run(
    desk: Desk, ref: str
) -> None:
    desk.llm.answers.append(DRAW)
    conversation = desk.conversation()
    conversation.act(Request("a squirrel", seed=1), Watcher(), threading.Event())
    text = f'{{"steps":[{{"tool":"generate","prompt":"a fox"}},{{"tool":"checkout","ref":"{ref}"}}],"reply":""}}'
    desk.llm.answers.extend([text, text])
    failed = conversation.act(Request("do it"), Watcher(), threading.Event())
    assert (failed.status, failed.nodes, failed.head) == (TurnStatus.FAILED, (), "n1")
    assert "n9" in desk.llm.asked[-1][-1]["content"]
    assert len(desk.tools.calls) == 1


@pytest.mark.parametrize(
    "text",
    [
        '{"steps":[{"tool":"adjust","brightness":' + "9" * 5000 + '}],"reply":""}',
        r'{"steps":[],"reply":"\ud800 x"}',
        r'{"steps":[{"tool":"undo","\ud800":1}],"reply":""}',
        '{"steps":[],"reply":""}',
    ],
    ids=["digits", "half a character", "half a character in a name", "nothing"],
)
def test_what_could_not_be_read_kept_or_answered_is_repaired_in_its_turn(desk: Desk, text: str) -> None:
    desk.llm.answers.extend([text, DRAW])
    drawn = desk.conversation().act(Request("a squirrel", seed=1), Watcher(), threading.Event())
    assert (drawn.status, len(drawn.nodes)) == (TurnStatus.DONE, 1)
    assert desk.llm.asked[-1][-1]["content"].startswith("That plan can't be used. The plan has")
    desk.llm.answers.extend([text, text])
    failed = desk.conversation().act(Request("do it"), Watcher(), threading.Event())
    assert (failed.status, failed.head) == (TurnStatus.FAILED, "n1")
