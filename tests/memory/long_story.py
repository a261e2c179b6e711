"""A long session, and what is done to a home that has lost its database."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from pentimento.memory.store import Store
from pentimento.memory.types import StoreError, TurnStatus
from tests.memory.stories import image, mask, take_turn

DATABASE, JOURNAL = "lineage.sqlite3", "lineage.jsonl"


def tell_long(store: Store, turns: int) -> None:
    """A session of pictures with masks, branches, tags, and moves back and forth."""
    session, head = store.session("default"), None
    for number in range(turns):
        turn = store.begin_turn(session.id, f"picture {number} as I like it")
        # Few different pictures: each costs two waits for the disk.
        batch = [replace(mask(number % 3), label=f"region {number}"), image(10_000 + number % 7, head, "+0")]
        made = store.add_nodes(session.id, turn.number, batch, 1, head)
        store.end_turn(session.id, turn.number, TurnStatus.DONE, reply="Here it is.", plan='{"steps":[]}')
        head = made[1].id
        if number % 10 == 5:
            store.tag(session.id, f"best-{number}", head)
        if number % 15 == 7:
            store.branch(session.id, f"branch-{number}", head)
        if number % 13 == 4:
            store.undo(session.id)
            store.redo(session.id)


def lose(home: Path) -> None:
    for path in home.glob(f"{DATABASE}*"):
        path.unlink()


def use(store: Store, times: int) -> None:
    """A session that is whole lets itself be worked in, and undone."""
    (session,) = store.sessions()
    node = take_turn(store, session.id, 99, session.head)
    assert store.undo(session.id)[0].old_head == node.id
    with suppress(StoreError):
        store.undo(session.id, times)
