from pathlib import Path

import pytest

from pentimento.memory.forget import forget_picture
from pentimento.memory.store import Store
from pentimento.memory.types import Pointers, StoreError, TurnStatus, Within
from tests.memory.session_machine import tell
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


@pytest.mark.slow
def test_two_stores_and_a_model_of_dictionaries_agree(home: Path) -> None:
    assert tell(home, 60, each=20, always_the_same=True) >= 60


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_stores_and_a_model_of_dictionaries_agree_over_a_thousand_steps(home: Path) -> None:
    assert tell(home, 1000) >= 1000


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


@pytest.mark.parametrize("back", [1, 2, 9])
def test_going_back_within_a_turn_is_taken_back_with_the_rest_of_it(home: Path, back: int) -> None:
    with Store(home) as store:
        session = store.session("default").id
        for seed, head in ((1, None), (2, "n1"), (3, "n2")):
            take_turn(store, session, seed, head)
        turn = store.begin_turn(session, "back, then another")
        assert len(store.undo(session, back, Within(turn.number))) == min(back, 3)
        at = store.session("default").head
        assert at == {1: "n2", 2: "n1", 9: None}[back]
        store.add_nodes(session, turn.number, [image(4, at)], 0, at)
        store.end_turn(session, turn.number, TurnStatus.DONE)
    with Store(home) as store:
        store.undo(session)
        assert store.session("default").head == "n3"
        store.undo(session)
        assert store.session("default").head == "n2"
        store.redo(session, 2)
        assert store.session("default").head == "n4"


def test_going_forth_within_a_turn_is_taken_back_with_the_rest_of_it(store: Store) -> None:
    session = store.session("default").id
    for seed, head in ((1, None), (2, "n1"), (3, "n2")):
        take_turn(store, session, seed, head)
    store.undo(session, 2)
    turn = store.begin_turn(session, "forth, then another").number
    store.redo(session, 2, Within(turn))
    store.add_nodes(session, turn, [image(4, "n3")], 0, "n3")
    store.undo(session)
    assert store.session("default").head == "n1"
    store.redo(session)
    assert store.session("default").head == "n4"


def test_what_the_turn_itself_did_before_is_the_first_to_be_taken_back(store: Store) -> None:
    session = store.session("default").id
    take_turn(store, session, 1, None)
    turn = store.begin_turn(session, "this, no, that").number
    store.add_nodes(session, turn, [image(2, "n1")], 0, "n1")
    store.undo(session, 1, Within(turn))
    assert store.session("default").head == "n1"
    store.add_nodes(session, turn, [image(3, "n1")], 0, "n1")
    store.undo(session)
    assert store.session("default").head == "n1"
    store.redo(session)
    assert store.session("default").head == "n3"


def test_going_back_over_branches_within_a_turn_leaves_the_session_where_it_was(store: Store) -> None:
    session = store.session("default").id
    take_turn(store, session, 1, None)
    store.branch(session, "winter", "n1")
    take_turn(store, session, 2, "n1")
    store.tag(session, "best", "n2")
    before = store.pointers(session)
    turn = store.begin_turn(session, "back three, then that").number
    store.undo(session, 3, Within(turn))
    assert store.pointers(session) == Pointers("main", {"main": "n1"}, {})
    store.add_nodes(session, turn, [image(3, "n1")], 0, "n1")
    assert store.pointers(session, at=store.operations(session)[-1].number) == store.pointers(session)
    store.undo(session)
    assert store.pointers(session) == before


def test_within_a_turn_too_it_is_said_that_nothing_is_left(store: Store) -> None:
    session = store.session("default").id
    turn = store.begin_turn(session, "back, then that").number
    with pytest.raises(StoreError, match="There is nothing left to undo"):
        store.undo(session, 1, Within(turn))


BACK, FORTH, PAINT = "undo", "redo", "paint"


@pytest.mark.parametrize(
    ("steps", "heads"),
    [
        ([BACK, BACK, PAINT], ["n3", "n2", "n5"]),
        ([BACK, BACK, BACK, FORTH, PAINT], ["n3", "n2", "n1", "n2", "n5"]),
        ([BACK, FORTH, PAINT], ["n3", "n4", "n5"]),
        ([PAINT, BACK], ["n5", "n4"]),
        ([PAINT, BACK, FORTH], ["n5", "n4", "n5"]),
        ([PAINT, PAINT, BACK, PAINT], ["n5", "n6", "n5", "n7"]),
        ([PAINT, BACK, BACK, PAINT, BACK], ["n5", "n4", "n3", "n6", "n3"]),
        ([PAINT, BACK, BACK, FORTH, FORTH, PAINT], ["n5", "n4", "n3", "n4", "n5", "n6"]),
    ],
)
def test_each_step_back_or_forth_of_a_turn_counts_on_from_the_last_one(
    home: Path, steps: list[str], heads: list[str]
) -> None:
    with Store(home) as store:
        session = store.session("default").id
        for seed, head in ((1, None), (2, "n1"), (3, "n2"), (4, "n3")):
            take_turn(store, session, seed, head)
        turn = store.begin_turn(session, "back and forth").number
        found = [_step_of(store, turn, steps[:place], step) for place, step in enumerate(steps)]
        store.end_turn(session, turn, TurnStatus.DONE)
        past = [store.pointers(session, operation.number).head for operation in store.operations(session)[4:]]
    assert found == heads == past
    with Store(home) as store:
        store.undo(session)
        assert store.session("default").head == "n4"
        store.redo(session)
        assert store.session("default").head == heads[-1]


def _step_of(store: Store, turn: int, before: list[str], step: str) -> str | None:
    """Does one more step of a turn; where it leads to."""
    session = store.session("default")
    within = Within(turn, tuple((one, 1) for one in before if one != PAINT))
    if step == PAINT:
        store.add_nodes(session.id, turn, [image(9 + len(before), session.head)], 0, session.head)
    elif step == BACK:
        store.undo(session.id, 1, within)
    else:
        store.redo(session.id, 1, within)
    return store.session("default").head


def test_what_another_process_does_meanwhile_is_what_a_turn_takes_back_first(home: Path) -> None:
    with Store(home) as store, Store(home) as other:
        session = store.session("default").id
        for seed, head in ((1, None), (2, "n1"), (3, "n2")):
            take_turn(store, session, seed, head)
        turn = store.begin_turn(session, "back twice, then another").number
        store.undo(session, 1, Within(turn))
        other.checkout(session, "n1")
        assert [one.kind for one in store.undo(session, 1, Within(turn, (("undo", 1),)))] == ["checkout"]
        assert store.session("default").head == "n2"
        found = []
        for _ in range(3):
            other.undo(session)
            found.append(store.session("default").head)
        assert found == ["n1", "n2", "n3"]


def test_within_a_turn_what_was_forgotten_is_passed_over(home: Path) -> None:
    with Store(home) as store:
        session = store.session("default").id
        for seed, head in ((1, None), (2, "n1"), (3, "n2")):
            take_turn(store, session, seed, head)
        forget_picture(store, session, "n3")
        turn = store.begin_turn(session, "back twice, then another").number
        store.undo(session, 1, Within(turn))
        assert store.session("default").head == "n1"


def test_what_lands_beside_takes_no_name_that_an_undo_brings_back(store: Store) -> None:
    session = store.session("default").id
    take_turn(store, session, 1, None)
    take_turn(store, session, 2, "n1")
    store.branch(session, "main", "n1", numbered=True)
    before = store.pointers(session)
    turn = store.begin_turn(session, "back, then another").number
    store.undo(session, 1, Within(turn))
    take_turn(store, session, 3, "n1")
    assert store.pointers(session) == Pointers("main~3", {"main": "n2", "main~3": "n3"}, {})
    store.undo(session, 2)
    assert store.pointers(session) == Pointers("main~2", {**before.branches, "main~3": "n1"}, {})
