import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pentimento.memory import transfer
from pentimento.memory.arrival import checked
from pentimento.memory.collect import collect
from pentimento.memory.forget import forget_picture
from pentimento.memory.store import Store
from pentimento.memory.types import Gone, NewNode, NodeKind, Session, StoreError, TurnStatus
from tests.memory.stories import call, image, png, take_turn
from tests.memory.trip import tell, trip

pytestmark = pytest.mark.slow


@pytest.fixture
def elsewhere(tmp_path: Path, empty_home: Path) -> Iterator[Store]:
    """A store that has a session already, so that no number is the same there."""
    with Store(Path(shutil.copytree(empty_home, tmp_path / "elsewhere"))) as opened:
        other = opened.session("trip")
        take_turn(opened, other.id, 900, None)
        yield opened


@pytest.fixture(scope="module")
def told_home(empty_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the trip."""
    folder = Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("told") / "home"))
    with Store(folder) as store:
        tell(store)
    return folder


@pytest.fixture
def home(tmp_path: Path, told_home: Path) -> Path:
    return Path(shutil.copytree(told_home, tmp_path / "home"))


def taken_out(here: Store, session: Session, node: str | None = None) -> list[dict[str, Any]]:
    """As it stands in a bundle."""
    records: list[dict[str, Any]] = json.loads(json.dumps(transfer.take_out(here, session.id, node)))
    return records


def carry(here: Store, there: Store, session: Session, node: str | None = None, name: str = "") -> Session:
    history = checked(taken_out(here, session, node))
    return transfer.take_in(there, history, map(here.blobs.read, history.blobs), name)


def told(store: Store, session: Session) -> tuple[Any, ...]:
    """All that can be read of a session."""
    nodes, turns = store.nodes(session.id), store.turns(session.id)
    files = [store.png(node) for node in nodes if node.gone is None]
    return nodes, turns, store.operations(session.id), store.pointers(session.id), files


def test_a_session_comes_back_whole_in_another_store(store: Store, elsewhere: Store) -> None:
    session = trip(store)
    restored = carry(store, elsewhere, session)
    assert told(elsewhere, restored) == told(store, session)
    assert (restored.branch, restored.head, restored.created) == (session.branch, session.head, session.created)
    assert {move.pointer for operation in elsewhere.operations(restored.id) for move in operation.moves} == {
        "branch",
        "tag",
        "current",
    }
    assert set(elsewhere.pointers(restored.id).branches) == {"main", "winter", "winter~2"}
    assert elsewhere.verify() == ()


def test_undo_redo_and_the_past_are_the_same_there(store: Store, elsewhere: Store) -> None:
    session = trip(store)
    restored = carry(store, elsewhere, session)
    steps: list[Callable[[Store, int], object]] = [
        lambda one, number: one.undo(number),
        lambda one, number: one.redo(number),
        lambda one, number: one.undo(number, 3),
        lambda one, number: one.checkout(number, "n1"),
        lambda one, number: one.undo(number, 50),
        lambda one, number: one.redo(number, 50),
    ]
    for step in steps:
        step(store, session.id)
        step(elsewhere, restored.id)
        assert elsewhere.pointers(restored.id) == store.pointers(session.id)
    for number in range(1, len(store.operations(session.id)) + 1):
        assert elsewhere.pointers(restored.id, number) == store.pointers(session.id, number)


def test_the_next_picture_gets_the_next_id(store: Store, elsewhere: Store) -> None:
    restored = carry(store, elsewhere, trip(store))
    assert take_turn(elsewhere, restored.id, 77, restored.head).id == "n6"


@pytest.mark.parametrize("owner", ["", "12-34-somebody"])
def test_what_a_bundle_says_of_a_recipe_answers_no_call(store: Store, elsewhere: Store, owner: str) -> None:
    session = store.session("forged")
    turn = store.begin_turn(session.id, "a squirrel")
    forged = replace(image(1), png=png(666))
    store.add_nodes(session.id, turn.number, [forged], 0, None)
    store.end_turn(session.id, turn.number, TurnStatus.DONE)
    records = [{**one, "owner": owner} if one["table"] == "turns" else one for one in taken_out(store, session)]
    history = checked(records)
    restored = transfer.take_in(elsewhere, history, map(store.blobs.read, history.blobs))
    assert elsewhere.node(restored.id, "n1").recipe == forged.recipe
    assert elsewhere.find_recipe(forged.recipe) == ()
    here = take_turn(elsewhere, restored.id, 1, None)
    assert elsewhere.find_recipe(here.recipe) == (here,)
    assert elsewhere.png(here) == png(1)


def test_the_words_are_found_there(store: Store, elsewhere: Store) -> None:
    restored = carry(store, elsewhere, trip(store))
    for words in ("squirrel red", "That failed", "cat.png", "both"):
        assert {found.text for found in elsewhere.search(words, restored.id)} == {
            found.text for found in store.search(words)
        }


def test_what_came_in_is_in_the_journal_too(store: Store, elsewhere: Store) -> None:
    restored = carry(store, elsewhere, trip(store))
    lines = [json.loads(line) for line in elsewhere.database.journal.read_text().splitlines()]
    written = {
        (one["table"], one.get("number")) for line in lines for one in line if one.get("session_id") == restored.id
    }
    assert written >= {("nodes", number) for number in range(1, 6)} | {("turns", number) for number in range(1, 5)}
    last = [one for line in lines for one in line if one["table"] == "sessions" and one["id"] == restored.id][-1]
    assert last["branch"] == restored.branch


def test_a_name_that_is_taken_gets_a_number(store: Store, elsewhere: Store) -> None:
    session = trip(store)
    assert [carry(store, elsewhere, session).name for _ in range(3)] == ["trip-2", "trip-3", "trip-4"]
    assert carry(store, elsewhere, session, name="mine").name == "mine"
    assert [one.name for one in elsewhere.sessions()][:2] == ["mine", "trip-4"]


def test_a_part_is_a_picture_with_all_that_it_was_made_from(store: Store, elsewhere: Store) -> None:
    session = trip(store)
    restored = carry(store, elsewhere, session, "n3")
    assert elsewhere.nodes(restored.id) == store.nodes(session.id, ["n1", "n2", "n3"])
    assert elsewhere.turns(restored.id) == store.turns(session.id)[:1]
    assert (restored.branch, restored.head) == ("main", "n3")
    assert [(one.kind, one.label) for one in elsewhere.operations(restored.id)] == [
        ("import", "cat.png"),
        ("turn", "make the squirrel red"),
    ]
    assert elsewhere.undo(restored.id)[0].new_head == "n1"
    assert take_turn(elsewhere, restored.id, 77, "n1").id == "n4"
    assert elsewhere.verify() == ()


def test_a_part_has_both_sources_of_a_merge(store: Store, elsewhere: Store) -> None:
    restored = carry(store, elsewhere, trip(store), "n5")
    assert [node.id for node in elsewhere.nodes(restored.id)] == ["n1", "n2", "n3", "n4", "n5"]
    assert [one.new_head for one in elsewhere.operations(restored.id)] == ["n1", "n3", "n5"]


def test_where_a_call_ran_comes_along_and_is_kept_once(store: Store, elsewhere: Store) -> None:
    session = store.session("ran")
    turn = store.begin_turn(session.id, "draw")
    made = call(1)
    ran = type(made)(made.tool, made.version, made.model, made.arguments, made.seed, {"device": "cpu", "torch": "2.12"})
    store.add_nodes(session.id, turn.number, [NewNode(NodeKind.IMAGE, png(1), 8, 8, "x", (), ran)], 0, None)
    for _ in range(2):
        restored = carry(store, elsewhere, session)
        (node,) = elsewhere.nodes(restored.id)
        assert node.call == ran
        assert node.call is not None
        assert node.call.environment == ran.environment


def test_a_turn_that_runs_comes_out_as_interrupted_and_names_no_process(store: Store, elsewhere: Store) -> None:
    session = store.session("busy")
    store.begin_turn(session.id, "a squirrel")
    (turn,) = [one for one in transfer.take_out(store, session.id) if one["table"] == "turns"]
    assert (turn["owner"], turn["status"], turn["ended"]) == ("", "interrupted", turn["started"])
    restored = carry(store, elsewhere, session)
    assert elsewhere.turns(restored.id)[0].status is TurnStatus.INTERRUPTED


def test_what_was_forgotten_and_collected_stays_gone(store: Store, elsewhere: Store) -> None:
    session = trip(store)
    forget_picture(store, session.id, "n4")
    store.undo(session.id)
    store.redo(session.id)
    store.undo(session.id, 50)
    collect(store, timedelta(0), run=True)
    gone = {node.id: node.gone for node in store.nodes(session.id)}
    assert gone["n4"] is Gone.FORGOTTEN
    restored = carry(store, elsewhere, session)
    assert told(elsewhere, restored) == told(store, session)
    for there, number in ((store, session.id), (elsewhere, restored.id)):
        there.redo(number, 50)
    assert elsewhere.pointers(restored.id) == store.pointers(session.id)
    assert elsewhere.verify() == ()
    with pytest.raises(StoreError, match="forgotten"):
        elsewhere.checkout(restored.id, "n4")


def test_an_empty_session_can_be_carried(store: Store, elsewhere: Store) -> None:
    restored = carry(store, elsewhere, store.session("empty"))
    assert (restored.name, restored.head, elsewhere.nodes(restored.id)) == ("empty", None, ())


def test_files_that_are_others_than_was_checked_are_refused_and_no_row_is_stored(
    store: Store, elsewhere: Store
) -> None:
    history = checked(transfer.take_out(store, trip(store).id))
    with pytest.raises(StoreError, match="changed while it was read"):
        transfer.take_in(elsewhere, history, [png(1000 + number) for number in range(len(history.blobs))])
    assert [one.name for one in elsewhere.sessions()] == ["trip"]


def test_places_are_found_by_pixels_and_by_file_in_every_session(store: Store) -> None:
    session = trip(store)
    other = store.session("other")
    store.import_image(other.id, NewNode(NodeKind.IMAGE, png(2), 8, 8, "again.png"))
    blobs = {node.id: node.blob for node in store.nodes(session.id)}
    by_file = transfer.places(store, [blobs["n3"], ""], "")
    assert [(found.name, node.id) for found, node in by_file] == [("other", "n1"), ("trip", "n3")]
    assert [node.id for _, node in transfer.places(store, [], "c" * 64)] == ["n1"]
    assert transfer.places(store, [blobs["n2"]], "") == ()  # a mask is no place to go to
    assert transfer.places(store, ["", "a" * 64], "") == ()


def test_a_long_session_is_carried_too(store: Store, elsewhere: Store) -> None:
    session = store.session("long")
    head = None
    for number in range(100):
        head = take_turn(store, session.id, number, head).id
    restored = carry(store, elsewhere, session)
    assert told(elsewhere, restored) == told(store, session)
    part = carry(store, elsewhere, session, head)
    assert len(elsewhere.undo(part.id, 99)) == 99
