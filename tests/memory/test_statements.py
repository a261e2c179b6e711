import re
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, event

from pentimento.memory.store import Store
from pentimento.memory.types import TurnStatus
from tests.memory.stories import image, take_turn

UPDATED = {
    "branches": {"head"},
    "sessions": {"branch", "used"},
    "tags": {"node"},
    "turns": {"status", "ended", "plan", "reply", "prompt_sha", "details"},
}


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """Every statement that any engine emits."""
    seen: list[str] = []

    def record(*arguments: object) -> None:
        seen.append(" ".join(str(arguments[2]).split()))

    event.listen(Engine, "before_cursor_execute", record)
    yield seen
    event.remove(Engine, "before_cursor_execute", record)


def use_everything(store: Store) -> None:
    session = store.session("default")
    first = take_turn(store, session.id, 1, None)
    take_turn(store, session.id, 2, first.id)
    take_turn(store, session.id, 3, first.id)
    store.undo(session.id)
    store.redo(session.id)
    store.checkout(session.id, first.id)
    store.import_image(session.id, image(4))
    move_every_pointer(store, session.id, first.id)
    turn = store.begin_turn(session.id, "left running")
    store.end_turn(session.id, turn.number, TurnStatus.FAILED, reply="It failed.")
    store.begin_turn(session.id, "left running")
    store.close()
    with Store(store.home) as opened:
        assert opened.turns(session.id)[-1].status is TurnStatus.INTERRUPTED
        assert opened.verify() == ()


def move_every_pointer(store: Store, session_id: int, node: str) -> None:
    store.branch(session_id, "winter", node)
    store.tag(session_id, "best", node)
    store.tag(session_id, "best", "n2")
    store.accept(session_id)
    store.tag(session_id, "best", None)
    store.switch(session_id, "winter")
    store.undo(session_id, 6)
    store.redo(session_id, 6)
    store.session("another")
    store.begin_turn(session_id, "back in the first")


def test_only_heads_tags_last_use_and_the_end_of_a_turn_are_ever_updated(store: Store, statements: list[str]) -> None:
    use_everything(store)
    updates = [re.match(r"UPDATE (\w+) SET (.*?) WHERE ", text) for text in statements if "UPDATE" in text]
    columns: dict[str, set[str]] = {}
    for update in updates:
        assert update is not None
        columns.setdefault(update[1], set()).update(re.findall(r"(\w+)\W?=", update[2]))
    assert columns == UPDATED


def test_nothing_is_ever_deleted_or_replaced_but_names(store: Store, statements: list[str]) -> None:
    use_everything(store)
    assert any(text.startswith("INSERT INTO nodes") for text in statements)
    assert not [text for text in statements if re.search(r"\b(REPLACE|ON CONFLICT|DROP)\b", text)]
    deleted = [text for text in statements if re.search(r"\bDELETE\b", text)]
    assert {text.split(" WHERE ")[0] for text in deleted} == {"DELETE FROM branches", "DELETE FROM tags"}


def test_every_writing_transaction_begins_immediate(store: Store, statements: list[str]) -> None:
    use_everything(store)
    begun = ""
    for text in statements:
        if text.startswith("BEGIN"):
            begun = text
        elif text.startswith(("INSERT", "UPDATE")):
            assert begun == "BEGIN IMMEDIATE"
    assert begun
