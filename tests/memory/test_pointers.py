from collections.abc import Callable
from pathlib import Path

import pytest

from pentimento.memory.store import Store
from pentimento.memory.types import Pointers, Session, StoreError
from tests.memory.stories import image, mask, take_turn


@pytest.fixture
def session(store: Store) -> Session:
    """Two pictures on "main": n1 and n2."""
    made = store.session("default")
    take_turn(store, made.id, 2, take_turn(store, made.id, 1, None).id)
    return made


def test_a_new_session_is_on_main_without_a_picture(store: Store) -> None:
    assert store.pointers(store.session("default").id) == Pointers("main", {"main": None}, {})


def test_a_branch_begins_at_a_picture_and_goes_on_from_there(store: Store, session: Session) -> None:
    operation = store.branch(session.id, "winter", "n1")
    assert (operation.kind, operation.label, operation.branch) == ("branch", "branch winter", "winter")
    take_turn(store, session.id, 3, "n1")
    assert store.pointers(session.id) == Pointers("winter", {"main": "n2", "winter": "n3"}, {})
    assert store.pointers(session.id).head == store.session("default").head == "n3"


def test_switching_goes_to_a_branch_as_it_stands(store: Store, session: Session) -> None:
    store.branch(session.id, "winter", "n1")
    operation = store.switch(session.id, "main")
    assert (operation.kind, operation.label, operation.branch) == ("checkout", "main", None)
    assert store.pointers(session.id) == Pointers("main", {"main": "n2", "winter": "n1"}, {})


def test_a_branch_that_is_not_there_is_refused_with_those_that_are(store: Store, session: Session) -> None:
    store.branch(session.id, "winter", "n1")
    with pytest.raises(StoreError, match=r"^There is no branch summer; there are main, winter\.$"):
        store.switch(session.id, "summer")


def test_a_taken_name_is_refused_unless_it_may_be_numbered(store: Store, session: Session) -> None:
    store.branch(session.id, "winter", "n1")
    with pytest.raises(StoreError, match="There is a branch winter already"):
        store.branch(session.id, "winter", "n2")
    store.branch(session.id, "winter", "n2", numbered=True)
    store.branch(session.id, "winter~2", "n2", numbered=True)
    heads = {"main": "n2", "winter": "n1", "winter~2": "n2", "winter~3": "n2"}
    assert store.pointers(session.id) == Pointers("winter~3", heads, {})


@pytest.mark.parametrize("name", ["", " ", "a b", "-x", "/x", ".x", "~2", "a\nb", "a\n", "a:b", "x" * 61, "\x1b[31m"])
def test_names_that_could_not_be_typed_are_refused_and_nothing_is_done(
    store: Store, session: Session, name: str
) -> None:
    before = store.operations(session.id)
    with pytest.raises(StoreError, match="can't be a name; use letters"):
        store.branch(session.id, name, "n1")
    with pytest.raises(StoreError, match="can't be a name; use letters"):
        store.tag(session.id, name, "n1")
    assert store.operations(session.id) == before


@pytest.mark.parametrize("name", ["x", "7", "größer", "a/b-c.d+e~2", "x" * 60])
def test_names_of_letters_digits_and_a_few_marks_are_taken(store: Store, session: Session, name: str) -> None:
    store.branch(session.id, name, "n1")
    store.tag(session.id, name, "n2")
    assert store.pointers(session.id) == Pointers(name, {"main": "n2", name: "n1"}, {name: "n2"})


def test_neither_a_mask_nor_a_node_that_is_not_there_can_be_named(store: Store, session: Session) -> None:
    turn = store.begin_turn(session.id, "where is the squirrel?")
    store.add_nodes(session.id, turn.number, [mask(3)], None, "n2")
    for node, why in (("n3", "n3 is a mask"), ("n9", "no n9"), ("n0", "not the id"), ("head", "not the id")):
        with pytest.raises(StoreError, match=why):
            store.branch(session.id, "winter", node)
        with pytest.raises(StoreError, match=why):
            store.tag(session.id, "best", node)
    assert store.pointers(session.id) == Pointers("main", {"main": "n2"}, {})


def test_a_tag_is_given_moved_and_taken_away(store: Store, session: Session) -> None:
    operation = store.tag(session.id, "best", "n1")
    assert (operation.kind, operation.label, operation.branch) == ("tag", "tag best", None)
    assert store.pointers(session.id).tags == {"best": "n1"}
    store.tag(session.id, "best", "n2")
    assert store.pointers(session.id).tags == {"best": "n2"}
    store.tag(session.id, "best", None)
    assert store.pointers(session.id).tags == {}


def test_a_tag_that_is_not_there_cannot_be_taken_away(store: Store, session: Session) -> None:
    with pytest.raises(StoreError, match=r"^There is no tag best; there is none yet\.$"):
        store.tag(session.id, "best", None)
    store.tag(session.id, "first", "n1")
    with pytest.raises(StoreError, match=r"^There is no tag best; there are: first\.$"):
        store.tag(session.id, "best", None)


def test_accepting_moves_the_branch_that_this_one_was_made_from_and_goes_back_to_it(
    store: Store, session: Session
) -> None:
    store.branch(session.id, "winter", "n1")
    take_turn(store, session.id, 3, "n1")
    operation = store.accept(session.id)
    assert (operation.kind, operation.label, operation.branch) == ("accept", "accept winter", "main")
    assert (operation.old_head, operation.new_head) == ("n2", "n3")
    assert store.pointers(session.id) == Pointers("main", {"main": "n3", "winter": "n3"}, {})
    store.undo(session.id)
    assert store.pointers(session.id) == Pointers("winter", {"main": "n2", "winter": "n3"}, {})


def test_there_is_nothing_to_accept_on_a_branch_that_nobody_made(home: Path, store: Store, session: Session) -> None:
    with pytest.raises(StoreError, match="main was not made from another branch"):
        store.accept(session.id)


def test_what_landed_beside_a_branch_is_accepted_into_it_and_nothing_is_lost(store: Store, session: Session) -> None:
    take_turn(store, session.id, 3, "n1")
    assert store.pointers(session.id) == Pointers("main~2", {"main": "n2", "main~2": "n3"}, {})
    store.accept(session.id)
    assert store.pointers(session.id) == Pointers("main", {"main": "n3", "main~2": "n3", "main~3": "n2"}, {})


def test_what_was_done_meanwhile_on_the_branch_is_kept_beside_it(store: Store, session: Session) -> None:
    store.branch(session.id, "winter", "n1")
    take_turn(store, session.id, 3, "n1")
    store.switch(session.id, "main")
    take_turn(store, session.id, 4, "n2")
    store.switch(session.id, "winter")
    before = store.pointers(session.id)
    store.accept(session.id)
    assert store.pointers(session.id) == Pointers("main", {"main": "n3", "main~2": "n4", "winter": "n3"}, {})
    store.undo(session.id)
    assert store.pointers(session.id) == before


def test_a_branch_that_is_accepted_twice_leaves_nothing_beside(store: Store, session: Session) -> None:
    store.branch(session.id, "winter", "n2")
    take_turn(store, session.id, 3, "n2")
    store.accept(session.id)
    store.switch(session.id, "winter")
    take_turn(store, session.id, 4, "n3")
    store.accept(session.id)
    assert store.pointers(session.id) == Pointers("main", {"main": "n4", "winter": "n4"}, {})


def test_a_branch_made_anew_under_an_old_name_is_accepted_into_the_one_that_it_was_made_from(
    store: Store, session: Session
) -> None:
    store.branch(session.id, "winter", "n1")
    store.undo(session.id)
    store.branch(session.id, "summer", "n1")
    store.branch(session.id, "winter", "n2")
    store.accept(session.id)
    assert store.pointers(session.id) == Pointers("summer", {"main": "n2", "summer": "n2", "winter": "n2"}, {})


def test_every_move_is_undone_and_redone_in_a_store_that_was_opened_anew(home: Path) -> None:
    with Store(home) as store:
        session = store.session("default")
        states = [store.pointers(session.id)]
        for move in moves(store, session.id):
            move()
            states.append(store.pointers(session.id))
    for state in reversed(states[:-1]):
        with Store(home) as store:
            store.undo(session.id)
            assert store.pointers(session.id) == state
    for state in states[1:]:
        with Store(home) as store:
            store.redo(session.id)
            assert store.pointers(session.id) == state
    with Store(home) as store:
        assert store.verify() == ()


def moves(store: Store, session_id: int) -> list[Callable[[], object]]:
    """One of each kind, to be called in this order."""
    return [
        lambda: take_turn(store, session_id, 1, None),
        lambda: store.tag(session_id, "best", "n1"),
        lambda: store.branch(session_id, "winter", "n1"),
        lambda: store.import_image(session_id, image(2)),
        lambda: store.tag(session_id, "best", "n2"),
        lambda: store.switch(session_id, "main"),
        lambda: store.checkout(session_id, "n2"),
        lambda: store.switch(session_id, "winter"),
        lambda: take_turn(store, session_id, 3, "n2"),
        lambda: store.accept(session_id),
        lambda: store.tag(session_id, "best", None),
    ]


def test_the_past_is_as_it_was_after_every_operation(store: Store) -> None:
    session = store.session("default")
    states = []
    for move in moves(store, session.id):
        move()
        states.append(store.pointers(session.id))
    store.undo(session.id, 4)
    assert [store.pointers(session.id, at=number + 1) for number in range(len(states))] == states
    assert store.pointers(session.id, at=len(states) + 4) == store.pointers(session.id)


@pytest.mark.parametrize("number", [0, -1, 3, 10**30])
def test_there_is_no_past_after_an_operation_that_was_not(store: Store, session: Session, number: int) -> None:
    with pytest.raises(StoreError, match=rf"^There is no operation {number}; the log goes from 1 to 2\.$"):
        store.pointers(session.id, at=number)


def test_the_past_knows_no_automatic_branch_before_the_turn_that_made_it(store: Store, session: Session) -> None:
    take_turn(store, session.id, 3, "n1")
    assert store.pointers(session.id, at=3) == Pointers("main~2", {"main": "n2", "main~2": "n3"}, {})
    assert store.pointers(session.id, at=2) == Pointers("main", {"main": "n2"}, {})


def test_the_past_is_on_main_before_anything_else_was_chosen(store: Store) -> None:
    session = store.session("default")
    turn = store.begin_turn(session.id, "two drafts")
    store.add_nodes(session.id, turn.number, [image(1), image(2)], None, None)
    store.tag(session.id, "draft", "n1")
    store.branch(session.id, "winter", "n2")
    assert store.pointers(session.id, at=1) == Pointers("main", {"main": None}, {"draft": "n1"})


def test_automatic_branches_are_numbered_from_the_name_without_a_number(store: Store, session: Session) -> None:
    store.branch(session.id, "winter", "n1")
    take_turn(store, session.id, 3, "n1")
    take_turn(store, session.id, 4, "n1")
    take_turn(store, session.id, 5, "n1")
    assert store.pointers(session.id) == Pointers(
        "winter~3", {"main": "n2", "winter": "n3", "winter~2": "n4", "winter~3": "n5"}, {}
    )


def test_a_turn_goes_to_a_branch_beside_that_stands_where_it_began_before_a_new_one_is_made(
    store: Store, session: Session
) -> None:
    store.branch(session.id, "main~7", "n1")
    store.branch(session.id, "winter", "n1")
    store.switch(session.id, "main")
    take_turn(store, session.id, 3, "n1")
    assert store.pointers(session.id) == Pointers("main~7", {"main": "n2", "main~7": "n3", "winter": "n1"}, {})


def test_a_session_that_is_not_there_has_no_pointers(store: Store) -> None:
    with pytest.raises(StoreError, match="no such session"):
        store.pointers(7)
    with pytest.raises(StoreError, match=r"^There is no operation 1; nothing has been done yet\.$"):
        store.pointers(7, at=1)
