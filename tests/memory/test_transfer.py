import json
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pentimento.memory import transfer
from pentimento.memory.arrival import Unfit, checked
from pentimento.memory.collect import collect
from pentimento.memory.forget import forget_picture
from pentimento.memory.journal import Record
from pentimento.memory.store import Store
from pentimento.memory.types import Edge, Gone, NewNode, NodeKind, Role, Session, StoreError, TurnStatus
from tests.memory.stories import call, image, mask, png, take_turn

Change = Callable[[list[Record]], object]


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


def trip(store: Store) -> Session:
    return store.session("trip")


def tell(store: Store) -> None:
    """A session with all that there is: an opened picture, masks, a merge, branches, tags, undo, redo, a failed turn."""
    session = store.session("trip")
    store.import_image(session.id, NewNode(NodeKind.IMAGE, png(50), 8, 8, "cat.png", pixels="c" * 64))
    turn = store.begin_turn(session.id, "make the squirrel red")
    store.add_nodes(session.id, turn.number, [mask(20), image(2, "n1", "+0")], 1, "n1")
    store.end_turn(session.id, turn.number, TurnStatus.DONE, plan="{}", reply="Red.", details={"raw": ["x", 1.5, None]})
    store.branch(session.id, "winter", "n1")
    take_turn(store, session.id, 3, "n1")
    store.tag(session.id, "best", "n4")
    store.undo(session.id)
    store.undo(session.id)
    store.redo(session.id)
    turn = store.begin_turn(session.id, "both")
    edges = (Edge("n3", Role.SOURCE), Edge("n4", Role.SOURCE))
    both = NewNode(NodeKind.IMAGE, png(6), 8, 8, "both", edges, call(6), "e" * 64)
    store.add_nodes(session.id, turn.number, [both], 0, "n1")  # overtaken: it lands on a branch of its own
    store.end_turn(session.id, turn.number, TurnStatus.DONE)
    turn = store.begin_turn(session.id, "no picture")
    store.end_turn(session.id, turn.number, TurnStatus.FAILED, reply="That failed.")


def carry(here: Store, there: Store, session: Session, node: str | None = None, name: str = "") -> Session:
    records = json.loads(json.dumps(transfer.take_out(here, session.id, node)))
    history = checked(records)
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


def of(records: list[Record], table: str, number: int = 1) -> Record:
    """The first row of a table, or that of a number."""
    return next(
        one for one in records if one["table"] == table and one.get("number", one.get("child", number)) == number
    )


WRONG: dict[str, tuple[Change, str]] = {
    "a row of another table": (lambda all_: all_.append({"table": "words", "text": "x"}), "no known kind"),
    "a row that is none": (lambda all_: all_.append([]), "no known kind"),  # type: ignore[arg-type]
    "a part too much": (lambda all_: of(all_, "nodes").update(extra=1), "has too much"),
    "a part too few": (lambda all_: of(all_, "nodes").pop("pixels"), "lacks something"),
    "text for a number": (lambda all_: of(all_, "nodes").update(width="8"), "value that can't be"),
    "a truth for a number": (lambda all_: of(all_, "nodes").update(width=True), "value that can't be"),
    "nothing for a number": (lambda all_: of(all_, "nodes").update(width=None), "value that can't be"),
    "a number beyond all": (lambda all_: of(all_, "nodes").update(width=2**63), "value that can't be"),
    "a number for a text": (lambda all_: of(all_, "nodes").update(label=5), "value that can't be"),
    "half a character": (lambda all_: of(all_, "turns").update(said="\ud800"), "value that can't be"),
    "no number at all": (lambda all_: of(all_, "nodes").update(measures={"x": float("nan")}), "value that can't be"),
    "a list for an object": (lambda all_: of(all_, "nodes").update(measures=[]), "value that can't be"),
    "no moment": (lambda all_: of(all_, "nodes").update(created="yesterday"), "value that can't be"),
    "a moment of no zone": (
        lambda all_: of(all_, "nodes").update(created="2026-01-01T00:00:00"),
        "value that can't be",
    ),
    "a depth": (lambda all_: of(all_, "nodes").update(measures={"x": json.loads("[" * 90 + "]" * 90)}), "value that"),
    "an abyss": (
        lambda all_: of(all_, "nodes").update(measures={"x": json.loads("[" * 900 + "]" * 900)}),
        "value that",
    ),
    "no session": (lambda all_: all_.remove(of(all_, "sessions")), "one session"),
    "two sessions": (lambda all_: all_.append(of(all_, "sessions")), "one session"),
    "rows of another session": (lambda all_: of(all_, "turns").update(session_id=99), "another session"),
    "a node far ahead": (lambda all_: of(all_, "nodes", 5).update(number=10**9), "too high"),
    "a turn that runs": (lambda all_: of(all_, "turns").update(status="running", ended=None), "has not ended"),
    "a node of number 0": (lambda all_: of(all_, "nodes", 4).update(number=0), "n4 is made from n1"),
    "the same node twice": (lambda all_: all_.append(of(all_, "nodes")), "contradict"),
    "an edge to nowhere": (lambda all_: of(all_, "edges", 5).update(parent=77), "n5 is made from n77"),
    "an edge from nowhere": (lambda all_: of(all_, "edges", 5).update(child=77), "n77 is made from n3"),
    "a younger parent": (lambda all_: of(all_, "edges", 3).update(parent=4), "n3 is made from n4, which is not older"),
    "a picture of itself": (lambda all_: of(all_, "edges", 3).update(parent=3), "n3 is made from n3"),
    "an unknown role": (lambda all_: of(all_, "edges", 5).update(role="uncle"), "contradict"),
    "an unknown kind": (lambda all_: of(all_, "nodes").update(kind="video"), "contradict"),
    "an unknown turn": (lambda all_: of(all_, "nodes", 3).update(turn=9), "contradict"),
    "half a call": (lambda all_: of(all_, "nodes", 3).update(tool=None), "contradict"),
    "a blob that is no hash": (lambda all_: of(all_, "nodes").update(blob="../../etc/passwd"), "contradict"),
    "an unknown environment": (lambda all_: of(all_, "nodes").update(environment=5), "contradict"),
    "an unknown operation": (lambda all_: of(all_, "operations").update(kind="sing"), "contradict"),
    "a gap in the log": (lambda all_: of(all_, "operations", 9).update(number=12), "contradict|missing"),
    "an operation before its parent": (
        lambda all_: of(all_, "operations", 2).update(parent=9),
        "contradict|comes before",
    ),
    "an operation that follows itself": (lambda all_: of(all_, "operations", 2).update(parent=2), "comes before"),
    "a move from elsewhere": (lambda all_: of(all_, "moves").update(old="n3"), "can't be"),
    "a move to nowhere": (lambda all_: of(all_, "moves").update(new="n77"), "can't be"),
    "a move to no id": (lambda all_: of(all_, "moves").update(new="../n1"), "can't be"),
    "a move of an unknown pointer": (lambda all_: of(all_, "moves").update(pointer="mouse"), "contradict"),
    "a branch that is missing": (lambda all_: of(all_, "sessions").update(branch="gone"), "is missing"),
    "a mask as a head": (
        lambda all_: [one.update(kind="mask") for one in all_ if one["table"] == "nodes"],
        "is no picture",
    ),
    "a name with a line break": (
        lambda all_: [one.update(name="a\nb") for one in all_ if one.get("name") == "best"],
        "name that can't be one",
    ),
}


@pytest.fixture(scope="module")
def written(told_home: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The rows of a session as JSON."""
    with Store(Path(shutil.copytree(told_home, tmp_path_factory.mktemp("written") / "home"))) as store:
        return json.dumps(transfer.take_out(store, trip(store).id))


@pytest.mark.parametrize("wrong", WRONG)
def test_rows_that_contradict_themselves_are_refused(written: str, wrong: str) -> None:
    records = json.loads(written)
    assert checked(records).name == "trip"
    change, sentence = WRONG[wrong]
    change(records)
    with pytest.raises(Unfit, match=sentence):
        checked(records)


def test_a_name_from_outside_can_be_shown_and_typed(written: str) -> None:
    records = json.loads(written)
    for name, shown in {"\x1b[2J trip\n\u202e ": "[2J trip", "\n": "bundle", "x" * 500: "x" * 100}.items():
        of(records, "sessions")["name"] = name
        assert checked(records).name == shown


@pytest.mark.slow
def test_a_long_session_is_carried_too(store: Store, elsewhere: Store) -> None:
    session = store.session("long")
    head = None
    for number in range(100):
        head = take_turn(store, session.id, number, head).id
    restored = carry(store, elsewhere, session)
    assert told(elsewhere, restored) == told(store, session)
    part = carry(store, elsewhere, session, head)
    assert len(elsewhere.undo(part.id, 99)) == 99
