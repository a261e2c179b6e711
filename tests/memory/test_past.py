import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import Engine, event

from pentimento.memory import past
from pentimento.memory.store import Store
from pentimento.memory.types import Edge, Node, Past, Role, StoreError, TurnStatus, Wanted
from tests.memory.stories import call, image, mask, take_turn

Look = Callable[..., Past]


@pytest.fixture
def look(store: Store) -> Look:
    session = store.session("default")
    return lambda **wanted: past.read(store.database, session.id, Wanted(**wanted))


def say(store: Store, words: str, *made: int, tool: str = "generate") -> tuple[Node, ...]:
    """One turn that makes these pictures, each from the one before it."""
    session = store.session("default")
    turn = store.begin_turn(session.id, words)
    nodes: tuple[Node, ...] = ()
    for seed in made:
        head = store.session("default").head
        new = replace(image(seed, head), call=call(seed, tool), label=f"picture {seed}")
        nodes += store.add_nodes(session.id, turn.number, [new], 0, head)
    store.end_turn(session.id, turn.number, TurnStatus.DONE, reply=f"Did “{words}”.")
    return nodes


def pictures(found: Past) -> list[str]:
    return [node.id for node in found.pictures]


def said(found: Past) -> list[str]:
    return [turn.said for turn in found.turns]


def test_a_page_has_the_newest_turns_with_all_their_pictures(store: Store, look: Look) -> None:
    say(store, "one", 1)
    say(store, "two and three", 2, 3)
    say(store, "what is it?")
    found = look(limit=2)
    assert (said(found), pictures(found), found.more) == (["two and three", "what is it?"], ["n2", "n3"], True)
    assert found.sources == {"n2": ("n1",), "n3": ("n2",)}
    assert look(limit=3).more is False


def test_opened_pictures_stand_between_the_turns_and_count_like_them(store: Store, look: Look) -> None:
    session = store.session("default")
    store.import_image(session.id, image(1))
    say(store, "flip it", 2)
    store.import_image(session.id, image(3))
    assert pictures(look()) == ["n1", "n2", "n3"]
    assert (said(look(limit=2)), pictures(look(limit=2))) == (["flip it"], ["n2", "n3"])
    assert (said(look(limit=1)), pictures(look(limit=1)), look(limit=1).more) == ([], ["n3"], True)


def test_masks_are_no_pictures_of_a_page_and_lead_nowhere(store: Store, look: Look) -> None:
    session = store.session("default")
    first = take_turn(store, session.id, 1, None)
    turn = store.begin_turn(session.id, "make it red")
    store.add_nodes(session.id, turn.number, [mask(2), image(3, first.id, "+0")], 1, first.id)
    found = look()
    assert pictures(found) == ["n1", "n3"]
    assert found.sources == {"n3": ("n1",)}


def test_what_was_taken_back_is_there_and_said_to_be_until_it_is_put_back(store: Store, look: Look) -> None:
    session = store.session("default")
    store.import_image(session.id, image(1))
    say(store, "two and three", 2, 3)
    store.undo(session.id)
    assert (*look().taken_back, *look().closed, *pictures(look())) == (1, "n1", "n2", "n3")
    store.undo(session.id)
    assert (*look().taken_back, *look().closed) == (1, "n1")
    store.redo(session.id, 2)
    assert not look().taken_back | look().closed


def test_what_a_tool_made_is_found_with_its_turns(store: Store, look: Look) -> None:
    for number in range(1, 7):
        say(store, f"turn {number}", number, tool="edit" if number % 2 else "recolor")
    found = look(tool="recolor", limit=2)
    assert (pictures(found), said(found), found.more) == (["n4", "n6"], ["turn 4", "turn 6"], True)
    assert found.sources["n5"] == ("n4",)
    assert pictures(look(tool="blend")) == []


def test_what_led_to_a_picture_leaves_the_other_branches_out(store: Store, look: Look) -> None:
    session = store.session("default")
    say(store, "one", 1)
    say(store, "two", 2)
    store.branch(session.id, "winter", "n1")
    say(store, "three", 3, tool="edit")
    say(store, "four", 4)
    assert pictures(look(until_node="n2")) == ["n1", "n2"]
    assert (pictures(look(until_node="n4")), said(look(until_node="n4"))) == (
        ["n1", "n3", "n4"],
        ["one", "three", "four"],
    )
    assert (pictures(look(until_node="n4", limit=2)), look(until_node="n4", limit=2).more) == (["n3", "n4"], True)
    assert pictures(look(until_node="n4", tool="edit")) == ["n3"]


def test_both_sources_of_a_merge_led_to_it(store: Store, look: Look) -> None:
    session = store.session("default")
    say(store, "one", 1)
    say(store, "two", 2)
    store.checkout(session.id, "n1")
    say(store, "three", 3)
    turn = store.begin_turn(session.id, "blend them")
    merged = image(4, "n2")
    merged = replace(merged, parents=(*merged.parents, replace(merged.parents[0], parent="n3"), ref("n1")))
    store.add_nodes(session.id, turn.number, [merged], 0, "n3")
    found = look(until_node="n4")
    assert pictures(found) == ["n1", "n2", "n3", "n4"]
    assert found.sources["n4"] == ("n2", "n3", "n1")


def ref(node: str) -> Edge:
    return Edge(node, Role.REFERENCE)


def test_since_a_moment(store: Store, look: Look) -> None:
    session = store.session("default")
    store.import_image(session.id, image(1))
    say(store, "old", 2)
    moment = datetime.now(UTC)
    say(store, "new", 3)
    store.import_image(session.id, image(4))
    found = look(since=moment)
    assert (said(found), pictures(found), found.more) == (["new"], ["n3", "n4"], False)
    assert pictures(look(since=moment, until_node="n3")) == ["n3"]
    assert look(since=datetime.now(UTC)).turns == ()


def test_words_are_found_in_messages_replies_and_pictures(store: Store, look: Look) -> None:
    session = store.session("default")
    store.import_image(session.id, replace(image(1), label="holiday.png"))
    say(store, "a squirrel in the snow", 2)
    say(store, "flip it", 3)
    assert said(look(words="snow")) == ["a squirrel in the snow"]
    assert pictures(look(words="SNOW squi")) == ["n2"]
    assert said(look(words="did flip")) == ["flip it"]
    assert said(look(words="picture 3")) == ["flip it"]
    assert pictures(look(words="holi")) == ["n1"]
    assert pictures(look(words="snow", until_node="n3")) == ["n2"]
    assert (look(words="snow flip").turns, look(words="snow flip").more) == ((), False)
    with pytest.raises(StoreError, match="Say which words"):
        look(words="?!")


def test_after_an_operation_nothing_is_there_that_came_later(store: Store, look: Look) -> None:
    session = store.session("default")
    say(store, "one", 1)
    say(store, "two", 2)
    store.undo(session.id)
    say(store, "three", 3)
    assert pictures(look(at=2)) == ["n1", "n2"]
    assert (*look(at=2).taken_back, "then", *look(at=3).taken_back) == ("then", 2)
    assert pictures(look(at=1, words="one")) == ["n1"]
    with pytest.raises(StoreError, match="There is no operation 9"):
        look(at=9)


def test_the_end_of_the_operations_and_what_was_made_from_a_picture(store: Store) -> None:
    session = store.session("default")
    for number in (1, 2, 3):
        say(store, f"turn {number}", number)
    store.checkout(session.id, "n1")
    say(store, "another way", 4)
    read = partial(past.operations, store.database, session.id)
    assert [(one.number, one.kind) for one in read(2)] == [(4, "checkout"), (5, "turn")]
    assert [one.number for one in read(2, 3)] == [2, 3]
    assert read(50) == store.operations(session.id)
    with pytest.raises(StoreError, match="There is no operation 6"):
        read(2, 6)
    assert past.children(store.database, session.id, "n1") == ("n2", "n4")
    assert past.turn(store.database, session.id, 3).said == "turn 3"
    assert past.tools(store.database, session.id) == ("generate",)


def test_another_session_is_never_looked_at(store: Store, look: Look) -> None:
    say(store, "one", 1)
    other = store.session("other")
    take_turn(store, other.id, 2, None)
    found = past.read(store.database, other.id, Wanted(words="picture"))
    assert (said(found), pictures(found)) == (["picture 2, please"], ["n1"])
    assert said(look(words="please")) == []


def test_a_page_is_no_more_work_in_a_long_session_than_in_a_short_one(store: Store, look: Look) -> None:
    steps: list[int] = []

    def watch(connection: sqlite3.Connection, *_: object) -> None:
        connection.set_progress_handler(lambda: steps.append(1), 20)

    def work() -> int:
        """Instructions of SQLite's machine, by twenties, for a page of two."""
        steps.clear()
        look(limit=2)
        return len(steps)

    event.listen(Engine, "checkout", watch)
    try:
        say(store, "short", 1, 2, 3, 4)
        short = work()
        for number in range(5, 20):
            say(store, "long", number)
        assert 0 < work() <= 1.2 * short
    finally:
        event.remove(Engine, "checkout", watch)
