from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from pentimento.agent import history
from pentimento.agent.references import resolve
from pentimento.agent.types import Plan, Step
from pentimento.memory.store import Store
from pentimento.memory.tables import NodeRow
from tests.memory.stories import image


def draw(store: Store, name: str, number: int, label: str, said: str = "", *, days_ago: int = 0) -> str:
    session = store.session(name)
    turn = store.begin_turn(session.id, said or label)
    (node,) = store.add_nodes(session.id, turn.number, [replace(image(number), label=label)], 0, session.head)
    noon = datetime.now(UTC).astimezone().replace(hour=12) - timedelta(days=days_ago)
    with store.database.write() as db:
        db.execute(
            update(NodeRow)
            .where(NodeRow.session_id == session.id, NodeRow.number == int(node.id[1:]))
            .values(created=noon.astimezone(UTC))
        )
    return node.id


def log(store: Store, **arguments: str | int) -> str:
    session = store.session("default")
    turn, step = store.begin_turn(session.id, "find it"), Step("log", {**arguments}, {})
    return history.move(store, session, turn.number, Plan((step,), ""), 1, {}).note


@pytest.fixture
def zoo(store: Store) -> Store:
    """A fox of the day before yesterday, a dog of yesterday, two foxes of today; the last one is on the screen."""
    draw(store, "default", 1, "a red fox in the snow", days_ago=2)
    draw(store, "default", 2, "a dog", days_ago=1)
    draw(store, "default", 3, "a fox at night")
    draw(store, "default", 4, "a fox on a beach", "put it on a beach")
    return store


def ids(text: str) -> list[str]:
    return [line[2:].split()[0] for line in text.splitlines() if line]


def test_a_word_finds_the_pictures_that_say_it_the_newest_last(zoo: Store) -> None:
    found = log(zoo, words="the fox picture")
    assert ids(found) == ["n1", "n3", "n4"]
    assert found.splitlines()[1].startswith("  n1  a red fox in the snow  (20")
    assert found.splitlines()[-1].startswith("→ n4  a fox on a beach  (")


@pytest.mark.parametrize(("days", "expected"), [(0, ["n3", "n4"]), (1, ["n3", "n4"]), (2, ["n1", "n3", "n4"])])
def test_a_word_and_a_time_find_what_was_made_since(zoo: Store, days: int, expected: list[str]) -> None:
    assert ids(log(zoo, words="fox", days=days)) == expected


def test_a_time_alone_lists_all_since_then(zoo: Store) -> None:
    assert ids(log(zoo, days=1)) == ["n2", "n3", "n4"]


def test_a_word_that_is_only_alike_finds_too(zoo: Store) -> None:
    assert ids(log(zoo, words="dogs")) == ["n2"]


def test_a_chinese_word_is_found_within_a_sentence_and_the_one_that_is_called_so_first(store: Store) -> None:
    draw(store, "default", 1, "一只狐狸")
    draw(store, "default", 2, "一只狗", "不要狐狸,画一只狗")
    draw(store, "default", 3, "a dog")
    assert ids(log(store, words="狐狸")) == ["n1"]
    assert ids(log(store, words="狗", days=0)) == ["n2"]
    assert resolve(store, store.session("default"), "word:狐狸").id == "n1"
    assert "another session" in log(store, words="猫")
    assert log(store, words="狐狸", days=0).splitlines()[1].startswith("  n1  一只狐狸  (")


def test_what_every_picture_is_tells_none_from_another(zoo: Store) -> None:
    assert ids(log(zoo, words="the dog pictures")) == ["n2"]


def test_other_sessions_are_looked_through_where_this_one_has_nothing_and_that_is_said(zoo: Store) -> None:
    draw(zoo, "trip", 5, "a boat on the sea")
    zoo.session("default")
    found = log(zoo, words="boat")
    assert found.startswith(
        "Here is no picture that says “boat”; go there with --session NAME:\ntrip:\n  n1  a boat on the"
    )


def test_nothing_anywhere_is_said_with_what_was_looked_for(zoo: Store) -> None:
    draw(zoo, "trip", 5, "a boat", days_ago=3)
    zoo.session("default")
    nowhere = "neither here nor in another session."
    assert log(zoo, words="zeppelin") == f"There is no picture that says “zeppelin”, {nowhere}"
    assert log(zoo, words="boat", days=1) == f"There is no picture that says “boat” since yesterday, {nowhere}"


@pytest.mark.parametrize("words", ['"', "* OR", "fox) AND", "NEAR(a b)", "\x00", "🚀", "ß 狐狸"])
def test_words_are_words_whatever_they_look_like(zoo: Store, words: str) -> None:
    assert log(zoo, words=words)


def test_a_label_of_several_lines_stays_one_line(zoo: Store) -> None:
    draw(zoo, "default", 6, "a cat\nn9  forged\x1b[2J")
    assert len(ids(log(zoo, words="cat"))) == 1


def test_without_words_the_log_is_as_ever(zoo: Store) -> None:
    assert ids(log(zoo)) == ["n1", "n2", "n3", "n4"]
