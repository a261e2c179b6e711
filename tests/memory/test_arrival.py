import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pentimento.memory import transfer
from pentimento.memory.arrival import Unfit, checked
from pentimento.memory.journal import Record
from pentimento.memory.store import Store
from tests.memory.trip import tell, trip

Change = Callable[[list[Record]], object]


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
    "a moment before all": (
        lambda all_: of(all_, "turns").update(started="0001-01-01T00:00:00+14:00"),
        "value that can't be",
    ),
    "a moment before all in UTC": (
        lambda all_: of(all_, "turns").update(started="0002-01-01T00:00:00+14:00"),
        "value that can't be",
    ),
    "a moment after all": (
        lambda all_: of(all_, "nodes").update(created="9999-12-31T23:59:59-14:00"),
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
def written(empty_home: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The rows of a session as JSON."""
    with Store(Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("written") / "home"))) as store:
        tell(store)
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
