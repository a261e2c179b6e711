from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pentimento.memory.store import Store
from pentimento.memory.types import StoreError, TurnStatus
from tests.memory.stories import image, mask, png, take_turn


def test_undo_goes_back_turn_by_turn_and_redo_forth(store: Store) -> None:
    session = store.session("default")
    first = take_turn(store, session.id, 1, None)
    second = take_turn(store, session.id, 2, first.id)
    (undone,) = store.undo(session.id)
    assert (undone.kind, undone.label, undone.turn, undone.reverses) == ("undo", "picture 2, please", 2, 2)
    assert (undone.old_head, undone.new_head) == (second.id, first.id)
    assert store.session("default").head == first.id
    store.undo(session.id)
    assert store.session("default").head is None
    assert [operation.label for operation in store.redo(session.id, 2)] == ["picture 1, please", "picture 2, please"]
    assert store.session("default").head == second.id


def test_all_that_a_turn_did_is_undone_and_redone_together(store: Store) -> None:
    session = store.session("default")
    first = take_turn(store, session.id, 1, None)
    second = take_turn(store, session.id, 2, first.id)
    turn = store.begin_turn(session.id, "go back to the first, make it red, then flip it")
    store.checkout(session.id, first.id, turn.number)
    (red,) = store.add_nodes(session.id, turn.number, [image(3, first.id)], 0, first.id)
    (flipped,) = store.add_nodes(session.id, turn.number, [image(4, red.id)], 0, red.id)
    assert len(store.undo(session.id)) == 3
    assert store.session("default").head == second.id
    assert len(store.redo(session.id)) == 3
    assert store.session("default").head == flipped.id


def test_undo_of_more_than_there_is_undoes_what_there_is(store: Store) -> None:
    session = store.session("default")
    take_turn(store, session.id, 2, take_turn(store, session.id, 1, None).id)
    assert len(store.undo(session.id, 50)) == 2
    assert len(store.redo(session.id, 50)) == 2


def test_when_nothing_is_left_undo_and_redo_say_so_and_log_nothing(store: Store) -> None:
    session = store.session("default")
    with pytest.raises(StoreError, match=r"^There is nothing left to undo\.$"):
        store.undo(session.id)
    take_turn(store, session.id, 1, None)
    with pytest.raises(StoreError, match=r"^There is nothing left to redo\.$"):
        store.redo(session.id)
    assert [operation.kind for operation in store.operations(session.id)] == ["turn"]


def test_a_turn_after_an_undo_ends_redo_and_destroys_nothing(store: Store) -> None:
    session = store.session("default")
    first = take_turn(store, session.id, 1, None)
    dropped = take_turn(store, session.id, 2, first.id)
    store.undo(session.id)
    take_turn(store, session.id, 3, first.id)
    with pytest.raises(StoreError, match="nothing left to redo"):
        store.redo(session.id)
    assert store.png(store.node(session.id, dropped.id)) == png(2)
    store.checkout(session.id, dropped.id)
    assert store.session("default").head == dropped.id


def test_a_checkout_is_undone_like_a_turn(store: Store) -> None:
    session = store.session("default")
    first = take_turn(store, session.id, 1, None)
    second = take_turn(store, session.id, 2, first.id)
    operation = store.checkout(session.id, first.id)
    assert (operation.kind, operation.label, operation.old_head, operation.new_head) == ("checkout", "n1", "n2", "n1")
    store.undo(session.id)
    assert store.session("default").head == second.id


def test_a_mask_cannot_be_checked_out(store: Store) -> None:
    session = store.session("default")
    turn = store.begin_turn(session.id, "make it red")
    store.add_nodes(session.id, turn.number, [mask(1), image(2, mask="+0")], 1, None)
    with pytest.raises(StoreError, match="n1 is a mask"):
        store.checkout(session.id, "n1")


def test_the_log_only_grows(store: Store) -> None:
    session = store.session("default")
    take_turn(store, session.id, 1, None)
    store.undo(session.id)
    before = store.operations(session.id)
    store.redo(session.id)
    store.checkout(session.id, "n1")
    after = store.operations(session.id)
    assert after[: len(before)] == before
    assert [operation.number for operation in after] == [1, 2, 3, 4]


@dataclass
class Model:
    """What undo and redo mean, said with two lists."""

    head: str | None = None
    pictures: dict[str, int] = field(default_factory=dict)
    """Seed by id."""
    done: list[tuple[int, str | None, str]] = field(default_factory=list)
    """(turn or a number of its own, head before, head after) of every operation in effect."""
    undone: list[tuple[int, str | None, str]] = field(default_factory=list)

    def move(self, unit: int, head: str) -> None:
        self.done.append((unit, self.head, head))
        self.undone.clear()
        self.head = head

    def undo(self, n: int) -> int:
        units = 0
        while self.done and units < n:
            unit = self.done[-1][0]
            while self.done and self.done[-1][0] == unit:
                self.undone.append(self.done.pop())
                self.head = self.undone[-1][1]
            units += 1
        return units

    def redo(self, n: int) -> int:
        units = 0
        while self.undone and units < n:
            unit = self.undone[-1][0]
            while self.undone and self.undone[-1][0] == unit:
                self.done.append(self.undone.pop())
                self.head = self.done[-1][2]
            units += 1
        return units


class Shelf:
    """A store that can be closed and opened again, with a fresh session for every example."""

    def __init__(self, home: Path) -> None:
        self.store, self._names = Store(home), count(1)

    def reopen(self) -> None:
        self.store.close()
        self.store = Store(self.store.home)

    def fresh_session(self) -> str:
        return f"example {next(self._names)}"


Action: TypeAlias = tuple[str, int]

ACTIONS = st.one_of(
    st.tuples(st.just("turn"), st.integers(0, 3)),
    st.tuples(st.just("checkout"), st.integers(0, 99)),
    st.tuples(st.just("import"), st.just(0)),
    st.tuples(st.sampled_from(["undo", "redo"]), st.integers(1, 4)),
    st.tuples(st.just("reopen"), st.just(0)),
)


@pytest.fixture
def shelf(home: Path) -> Iterator[Shelf]:
    opened = Shelf(home)
    yield opened
    assert opened.store.verify() == ()
    opened.store.close()


def play(shelf: Shelf, actions: list[Action]) -> None:
    """Does the same to the store and to the model and compares them after every action."""
    name, model = shelf.fresh_session(), Model()
    shelf.store.session(name)
    for place, (action, n) in enumerate(actions):
        act(shelf, name, model, action, n, -place - 1)
        assert shelf.store.session(name).head == model.head
    session = shelf.store.session(name)
    for node in shelf.store.nodes(session.id, list(model.pictures)):
        assert shelf.store.png(node) == png(model.pictures[node.id])


def act(shelf: Shelf, name: str, model: Model, action: str, n: int, unit: int) -> None:
    session = shelf.store.session(name)
    match action:
        case "turn":
            take_steps(shelf.store, session.id, model, n)
        case "checkout" if model.pictures:
            chosen = list(model.pictures)[n % len(model.pictures)]
            shelf.store.checkout(session.id, chosen)
            model.move(unit, chosen)
        case "import":
            node = shelf.store.import_image(session.id, image(1000))
            model.pictures[node.id] = 1000
            model.move(unit, node.id)
        case "undo" | "redo":
            reverse(shelf.store, session.id, model, action, n)
        case "reopen":
            shelf.reopen()
        case _:
            assert not model.pictures


def take_steps(store: Store, session_id: int, model: Model, steps: int) -> None:
    """A turn of that many steps, every second one with a mask; a turn without a step only talks."""
    turn = store.begin_turn(session_id, "a turn")
    for step in range(steps):
        seed = len(model.pictures)
        batch = [mask(seed), image(seed, model.head, "+0")] if step % 2 else [image(seed, model.head)]
        made = store.add_nodes(session_id, turn.number, batch, len(batch) - 1, model.head)[-1]
        model.pictures[made.id] = seed
        model.move(turn.number, made.id)
    store.end_turn(session_id, turn.number, TurnStatus.DONE)


def reverse(store: Store, session_id: int, model: Model, action: str, n: int) -> None:
    units = model.undo(n) if action == "undo" else model.redo(n)
    do = store.undo if action == "undo" else store.redo
    if units:
        do(session_id, n)
        return
    with pytest.raises(StoreError, match=f"nothing left to {action}"):
        do(session_id, n)


def test_the_store_agrees_with_a_model_of_two_lists(shelf: Shelf) -> None:
    @settings(max_examples=12, deadline=None, database=None, derandomize=True)
    @given(st.lists(ACTIONS, min_size=5, max_size=12))
    def agree(actions: list[Action]) -> None:
        play(shelf, actions)

    agree()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_store_agrees_with_the_model_over_a_thousand_actions(shelf: Shelf) -> None:
    @settings(max_examples=50, deadline=None, database=None)
    @given(st.lists(ACTIONS, min_size=20, max_size=60))
    def agree(actions: list[Action]) -> None:
        play(shelf, actions)

    agree()


def test_undo_and_redo_work_after_the_store_was_closed(home: Path) -> None:
    with Store(home) as store:
        session = store.session("default")
        first = take_turn(store, session.id, 1, None)
        second = take_turn(store, session.id, 2, first.id)
    with Store(home) as store:
        store.undo(session.id)
    with Store(home) as store:
        assert store.session("default").head == first.id
        store.redo(session.id)
    with Store(home) as store:
        assert store.session("default").head == second.id
