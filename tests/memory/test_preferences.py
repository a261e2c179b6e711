from pathlib import Path

import pytest

from pentimento.memory import transfer
from pentimento.memory.arrival import Unfit, checked
from pentimento.memory.forget import forget_picture
from pentimento.memory.recover import recover
from pentimento.memory.store import Store
from pentimento.memory.types import Move, Pointer, StoreError, TurnStatus
from tests.memory.stories import image, take_turn
from tests.memory.test_forget import leave_traces, traces


def prefer(store: Store, key: str, words: str | None) -> None:
    session = store.session("default").id
    turn = store.begin_turn(session, f"{key} {words}")
    store.prefer(session, key, words, turn.number)
    store.end_turn(session, turn.number, TurnStatus.DONE)


def preferred(store: Store, at: int | None = None) -> dict[str, str]:
    return dict(store.pointers(store.session("default").id, at).preferences)


def test_what_is_preferred_stays_until_it_is_taken_back(store: Store) -> None:
    prefer(store, "ratio", "wide")
    prefer(store, "avoid", "people")
    prefer(store, "ratio", "tall")
    assert preferred(store) == {"avoid": "people", "ratio": "tall"}
    prefer(store, "avoid", None)
    assert preferred(store) == {"ratio": "tall"}
    assert preferred(store, at=2) == {"avoid": "people", "ratio": "wide"}


def test_a_preference_is_undone_and_put_back_like_a_picture(store: Store) -> None:
    session = store.session("default").id
    take_turn(store, session, 1, None)
    prefer(store, "ratio", "wide")
    take_turn(store, session, 2, "n1")
    store.undo(session, 2)
    assert (preferred(store), store.session("default").head) == ({}, "n1")
    store.redo(session)
    assert (preferred(store), store.session("default").head) == ({"ratio": "wide"}, "n1")
    assert store.verify() == ()


def test_one_turn_may_set_several_and_is_undone_whole(store: Store) -> None:
    session = store.session("default").id
    turn = store.begin_turn(session, "always 16:9 and no people")
    store.prefer(session, "ratio", "wide", turn.number)
    operation = store.prefer(session, "avoid", "people", turn.number)
    assert (operation.kind, operation.label) == ("turn", "always 16:9 and no people")
    assert operation.moves == (Move(Pointer.PREFERENCE, "avoid", None, "people"),)
    store.undo(session)
    assert preferred(store) == {}


def test_each_session_has_its_own(store: Store) -> None:
    prefer(store, "ratio", "wide")
    assert store.pointers(store.session("other").id).preferences == {}


def test_words_that_look_like_a_picture_lead_to_none(store: Store) -> None:
    session = store.session("default").id
    take_turn(store, session, 1, None)
    prefer(store, "style", "n99")
    assert store.verify() == ()
    store.undo(session)
    assert preferred(store) == {}


def test_a_story_instead_of_a_few_words_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="fewer words, 200 characters"):
        prefer(store, "style", "x" * 201)


def test_a_home_that_is_rebuilt_from_its_journal_knows_them(store: Store) -> None:
    take_turn(store, store.session("default").id, 1, None)
    prefer(store, "style", "n99")
    home = store.home
    store.close()
    (home / "lineage.sqlite3").unlink()
    recover(home)
    with Store(home) as again:
        assert preferred(again) == {"style": "n99"}
        assert again.verify() == ()


def prefer_and_draw(store: Store, key: str, words: str) -> str:
    session = store.session("default").id
    turn = store.begin_turn(session, f"from now on {key} {words}; draw a fox")
    store.prefer(session, key, words, turn.number)
    [made] = store.add_nodes(session, turn.number, [image(7, None)], 0, store.session("default").head)
    store.end_turn(session, turn.number, TurnStatus.DONE)
    return made.id


def test_nothing_is_left_of_a_preference_whose_turn_is_forgotten(home: Path) -> None:
    with Store(home) as store:
        leave_traces(store)
        prefer(store, "style", "oil")
        session, made = store.session("default").id, prefer_and_draw(store, "style", "like Wilhelmina")
        prefer(store, "style", "ink")
        store.undo(session)
        assert preferred(store) == {"style": "like Wilhelmina"}
        assert traces(home, b"Wilhelmina")
        forget_picture(store, session, made)
        assert traces(home, b"Wilhelmina") == []
        assert preferred(store) == {}
        assert preferred(store, at=1) == {"style": "oil"}
        assert store.verify() == ()
        store.undo(session)
        assert preferred(store) == {"style": "oil"}
    (home / "lineage.sqlite3").unlink()
    recover(home)
    with Store(home) as again:
        assert traces(home, b"Wilhelmina") == []
        assert preferred(again) == {"style": "oil"}
        assert again.verify() == ()


def test_a_preference_of_another_turn_stays_when_one_is_forgotten(store: Store) -> None:
    made = prefer_and_draw(store, "style", "like Wilhelmina")
    prefer(store, "avoid", "people")
    forget_picture(store, store.session("default").id, made)
    assert preferred(store) == {"avoid": "people"}


def test_looking_them_up_reads_no_other_moves(store: Store) -> None:
    session = store.session("default").id
    with store.database.read() as db:
        plan = db.connection().exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT name, MAX(operation) FROM moves"
            f" WHERE session_id = {session} AND pointer = 'preference' GROUP BY name"
        )
        assert any("preference_moves" in str(row) for row in plan)


def test_a_session_that_is_carried_keeps_them_and_one_whose_words_are_too_long_stays_out(store: Store) -> None:
    session = store.session("default").id
    take_turn(store, session, 1, None)
    prefer(store, "style", "n99")
    prefer(store, "ratio", "wide")
    store.undo(session)
    records = transfer.take_out(store, session)
    history = checked(records)
    there = transfer.take_in(store, history, map(store.blobs.read, history.blobs))
    assert store.pointers(there.id).preferences == {"style": "n99"}
    store.redo(there.id)
    assert store.pointers(there.id).preferences == {"ratio": "wide", "style": "n99"}
    assert store.verify() == ()
    long = [{**one, "new": "x" * 201} if one.get("pointer") == "preference" else one for one in records]
    with pytest.raises(Unfit, match="a preference is too long"):
        checked(long)
