"""The attempt that was not kept is a picture of its own: it can be looked at and gone on from, and nothing offers it."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from pentimento.agent.looking import Wanted
from pentimento.agent.loop import Conversation
from pentimento.agent.types import AgentError, Node, Plan, Request, Role, Step, TurnResult, TurnStatus
from pentimento.memory.collect import collect
from pentimento.memory.forget import forget_picture
from pentimento.tools.color import NAMED
from tests.agent.bundles import members, run_again
from tests.fakes_agent import Desk, Watcher
from tests.fakes_tools import FakeModels, paint_everything

DRAW = Step("generate", {"prompt": "a squirrel"}, {})
EDIT = Step("edit", {"instruction": "make the squirrel red", "target": "squirrel"}, {"src": "head"})
FLIP = Step("transform", {"op": "flip"}, {"src": "head"})
BLUE, RED = paint_everything(NAMED["blue"]), paint_everything(NAMED["red"])


def do(conversation: Conversation, *steps: Step, said: str = "red", seed: int = 7) -> TurnResult:
    return conversation.act(Request(said, Plan(steps, "Done."), seed), Watcher(), threading.Event())


def done(conversation: Conversation, *steps: Step, said: str = "red") -> list[Node]:
    result = do(conversation, *steps, said=said)
    assert result.status is TurnStatus.DONE, result.reply
    return [made.node for made in result.nodes]


@pytest.fixture
def conversation(desk: Desk) -> Conversation:
    """n1 drawn; n3 came out blue (its region is n2), and so n5 was drawn, with the region n4."""
    conversation = desk.conversation()
    done(conversation, DRAW, said="draw")
    desk.tools.models = FakeModels(edits=[BLUE, RED])
    assert do(conversation, EDIT).reply == "Done. The attempt that I didn't keep is n3."
    desk.tools.models = FakeModels()
    return conversation


def test_it_has_a_call_of_its_own_that_gives_the_same_pixels(desk: Desk, conversation: Conversation) -> None:
    _, region, attempt, _, kept = desk.store.nodes(1)
    assert attempt.call is not None
    assert kept.call is not None
    assert (attempt.call.seed, attempt.call.arguments["attempts"]) == (7, 1)
    assert (kept.call.seed, kept.measures["seed"], kept.measures["attempts"]) == (7, 8, 2)
    assert [(edge.parent, edge.role) for edge in attempt.parents] == [("n1", Role.SOURCE), (region.id, Role.MASK)]
    assert attempt.measures["note"] == "The squirrel came out blue rather than red."
    desk.tools.models = FakeModels(edits=[BLUE])
    assert do(conversation, Step("replay", {"ref": "n3", "fresh": True}, {})).reply.startswith(
        "Done. 2 steps: 2 identical."
    )
    assert len(desk.store.nodes(1)) == 5


def test_nothing_lists_or_offers_it(desk: Desk, conversation: Conversation) -> None:
    assert conversation.pointers().head == "n5"
    assert [version.id for version in conversation.state().versions] == ["n1", "n5"]
    assert [made.node.id for made in conversation.versions()] == ["n1", "n5"]
    assert [node.id for node in conversation.look(Wanted()).past.pictures] == ["n1", "n5"]
    assert conversation.show("word:red").node.id == "n5"
    with pytest.raises(AgentError, match="there are no such pictures yet"):
        conversation.show("grid:1")


def test_it_can_be_shown_and_gone_on_from_and_then_is_a_version_as_any(desk: Desk, conversation: Conversation) -> None:
    assert conversation.ledger("n3").made.node.measures["kept"] is False
    done(conversation, Step("checkout", {"ref": "n3"}, {}))
    assert [version.id for version in conversation.state().versions] == ["n1", "n3", "n5"]
    done(conversation, FLIP, said="flip")
    assert [version.id for version in conversation.state().versions] == ["n1", "n3", "n5", "n6"]
    done(conversation, Step("undo", {"n": 2}, {}))
    assert conversation.pointers().head == "n5"


def test_it_is_collected_when_nothing_leads_to_it(desk: Desk, conversation: Conversation) -> None:
    assert collect(desk.store, timedelta(0)).nodes == ("default n2", "default n3")
    done(conversation, Step("tag", {"name": "blue", "ref": "n3"}, {}))
    assert collect(desk.store, timedelta(0)).nodes == ()


def test_it_is_forgotten_with_the_picture_that_was_kept(desk: Desk, conversation: Conversation) -> None:
    assert forget_picture(desk.store, 1, "n5").nodes == ("n2", "n3", "n4", "n5")
    assert not any(node.label for node in desk.store.nodes(1)[1:])


def test_of_it_a_region_that_was_marked_for_both_goes_too(desk: Desk) -> None:
    conversation = desk.conversation()
    done(conversation, DRAW, said="draw")
    desk.tools.models = FakeModels(edits=[BLUE, RED])
    mark = Step("segment", {"what": "squirrel"}, {"src": "head"})
    done(conversation, mark, Step("edit", EDIT.arguments, {"src": "head", "mask": "step:1"}))
    assert forget_picture(desk.store, 1, "n4").nodes == ("n2", "n3", "n4")


def test_who_asks_for_just_this_attempt_keeps_it(desk: Desk, conversation: Conversation) -> None:
    once = Step("edit", {**EDIT.arguments, "attempts": 1}, {"src": "n1"})
    _, again, *_ = done(conversation, once)
    assert (again.blob, again.measures["reused"]) == (desk.store.node(1, "n3").blob, True)
    assert "kept" not in again.measures


def test_of_several_pictures_each_may_have_one(desk: Desk) -> None:
    conversation = desk.conversation()
    desk.tools.models = FakeModels(blind=frozenset({"squirrel"}))
    result = do(conversation, Step("generate", {"prompt": "a squirrel", "n": 2}, {}))
    assert [made.node.id for made in result.nodes] == ["n2", "n4"]
    assert result.reply.endswith("The attempts that I didn't keep are n1 and n3.")
    assert grid(conversation) == ["n2", "n4"]
    done(conversation, Step("checkout", {"ref": "n1"}, {}))
    done(conversation, Step("tag", {"name": "other", "ref": "n3"}, {}))
    assert [version.id for version in conversation.state().versions] == ["n1", "n2", "n3", "n4"]
    assert (grid(conversation), conversation.state().grid) == (["n2", "n4"], 2)
    forget_picture(desk.store, 1, "n1")
    assert grid(conversation) == ["n2", "n4"]


def grid(conversation: Conversation) -> list[str]:
    return [conversation.show(f"grid:{number}").node.id for number in (1, 2)]


def test_the_script_makes_the_picture_that_was_kept(desk: Desk, conversation: Conversation, tmp_path: Path) -> None:
    done(conversation, FLIP, said="flip")
    script = tmp_path / "session.yaml"
    script.write_bytes(members(conversation.export_bundle(None, tmp_path / "trip.zip"))["session.yaml"])
    drawn, _, kept, flipped = run_again(desk, script, "again")
    before = {node.id: node for node in desk.store.nodes(1)}
    assert [one.pixels for one in (drawn, kept, flipped)] == [before[one].pixels for one in ("n1", "n5", "n6")]
