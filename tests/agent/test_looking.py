import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import pytest

from pentimento.agent.looking import EARLIER, Look, Past, Pointers, Wanted
from pentimento.agent.types import AgentError, Node, NodeKind, Request, StoreError, TurnResult, TurnStatus
from tests.fakes_agent import DRAW, MAKE_RED, UNDO, Desk, Watcher

HASH = "a" * 64
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def a_look(
    shown: Iterable[int],
    sources: Mapping[int, tuple[int, ...]],
    *,
    branches: Mapping[str, int] | None = None,
    taken_back: Iterable[int] = (),
    closed: Iterable[int] = (),
) -> Look:
    """Pictures by number; each was made in the turn of its own number, those of `closed` were opened."""
    opened = set(closed)
    nodes = tuple(
        Node(f"n{n}", NodeKind.IMAGE, HASH, 8, 8, "", (), None, "", {}, 0 if n in opened else n, NOON) for n in shown
    )
    links = {f"n{child}": tuple(f"n{parent}" for parent in parents) for child, parents in sources.items()}
    heads = {name: f"n{head}" for name, head in (branches or {}).items()}
    past = Past((), nodes, links, frozenset(taken_back), frozenset(f"n{n}" for n in opened), more=False)
    return Look("default", past, Pointers("main", heads, {}), {})


def test_what_is_not_shown_is_stepped_over() -> None:
    look = a_look([2, 5, 6], {2: (1,), 3: (2,), 4: (3,), 5: (4, 3), 6: (5, 4)})
    assert look.parents() == {"n2": (EARLIER,), "n5": ("n2",), "n6": ("n5", "n2")}


def test_a_picture_from_nothing_has_no_parents_though_others_are_hidden() -> None:
    look = a_look([2, 5, 6], {5: (4,), 6: (1,)})
    assert look.parents() == {"n2": (), "n5": (), "n6": (EARLIER,)}


def test_undone_is_what_was_taken_back_and_no_branch_leads_to() -> None:
    sources = {2: (1,), 3: (2,), 4: (2,), 5: (3,)}
    taken_back = (3, 4, 5)
    assert a_look(range(1, 6), sources, branches={"main": 2}, taken_back=taken_back).undone() == {"n3", "n4", "n5"}
    branches = {"main": 2, "kept": 5}
    assert a_look(range(1, 6), sources, branches=branches, taken_back=taken_back).undone() == {"n4"}
    assert a_look(range(1, 6), sources, branches={"main": 1}).undone() == frozenset()
    assert a_look([1, 2], {}, branches={"main": 2}, closed=(1, 2)).undone() == {"n1"}


def say(desk: Desk, words: str) -> TurnResult:
    return desk.conversation().act(Request(words, seed=7), Watcher(), threading.Event())


@pytest.fixture
def told(desk: Desk) -> Desk:
    """n1 drawn, n2 and n3 a region and an edit that was undone."""
    desk.llm.answers.extend([DRAW, MAKE_RED, UNDO])
    for words in ("a squirrel", "make it red", "undo"):
        say(desk, words)
    return desk


def test_a_look_tells_what_was_said_and_undone(told: Desk) -> None:
    look = told.conversation().look(Wanted())
    assert [turn.said for turn in look.past.turns] == ["a squirrel", "make it red", "undo"]
    assert look.parents() == {"n1": (), "n3": ("n1",)}
    assert look.undone() == {"n3"}
    assert look.pointers.head == "n1"


def test_a_look_at_a_branch_or_at_the_past_goes_by_where_it_stood(told: Desk) -> None:
    conversation = told.conversation()
    assert [node.id for node in conversation.look(Wanted(), "main").past.pictures] == ["n1"]
    then = conversation.look(Wanted(at=2), "main")
    assert ([node.id for node in then.past.pictures], then.undone()) == (["n1", "n3"], frozenset())
    with pytest.raises(AgentError, match="There is no branch winter; try main"):
        conversation.look(Wanted(), "winter")
    with pytest.raises(StoreError, match="There is no operation 9"):
        conversation.look(Wanted(at=9))


def test_a_tool_that_made_nothing_is_named_with_those_that_did(told: Desk) -> None:
    with pytest.raises(AgentError, match="No picture was made by blend; those there are were made by: edit, generate"):
        told.conversation().look(Wanted(tool="blend"))
    later = Wanted(tool="edit", since=datetime.now(UTC))
    assert told.conversation().look(later).past.pictures == ()


def test_a_ledger_has_turn_children_and_names_as_they_were(told: Desk) -> None:
    conversation = told.conversation()
    session = told.store.session("default")
    told.store.tag(session.id, "best", "n1")
    first = conversation.ledger("tag:best")
    assert first.turn is not None
    assert (first.made.node.id, first.turn.said, first.children) == ("n1", "a squirrel", ("n2", "n3"))
    assert first.names == ("head", "branch:main", "tag:best")
    assert conversation.ledger("head", at=2).made.node.id == "n3"
    assert conversation.ledger("n1", at=2).names == ()
    region = conversation.ledger("n2")
    assert (region.made.node.kind, region.children, region.names) == (NodeKind.MASK, ("n3",), ())


def test_a_turn_has_all_that_it_made_whatever_came_of_it(told: Desk) -> None:
    told.llm.answers.append(AgentError("It is ill."))
    say(told, "make it blue")
    conversation = told.conversation()
    red = conversation.turn_ledger(2)
    assert (red.turn.said, [made.node.id for made in red.made]) == ("make it red", ["n2", "n3"])
    undone, failed = conversation.turn_ledger(3), conversation.turn_ledger()
    assert (undone.turn.reply, undone.made) == ("Took back “make it red”. You are at n1 now.", ())
    assert (failed.turn.number, failed.turn.status, failed.turn.reply) == (4, TurnStatus.FAILED, "It is ill.")
    with pytest.raises(AgentError, match="There is no turn 5; the last one is 4"):
        conversation.turn_ledger(5)
    with pytest.raises(AgentError, match="There is no turn yet; say something first"):
        told.conversation("new").turn_ledger()


def test_words_are_looked_for_in_every_session(told: Desk) -> None:
    told.llm.answers.extend([DRAW, DRAW])
    told.conversation("trip").act(Request("a fox", seed=1), Watcher(), threading.Event())
    told.conversation("other").act(Request("a Squirrel once more", seed=1), Watcher(), threading.Event())
    looks = list(told.conversation("trip").look_everywhere(Wanted(words="squirrel once")))
    assert [(look.session, [turn.said for turn in look.past.turns]) for look in looks] == [
        ("other", ["a Squirrel once more"])
    ]
    assert [look.session for look in told.conversation().look_everywhere(Wanted(words="forest"))] == [
        "other",
        "trip",
        "default",
    ]


def test_the_operations_are_told_newest_last(told: Desk) -> None:
    assert [one.kind for one in told.conversation().operations(2)] == ["turn", "undo"]
    assert [one.kind for one in told.conversation().operations(1, at=1)] == ["turn"]
