import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pentimento.memory import journal, transfer
from pentimento.memory.arrival import checked
from pentimento.memory.forget import forget_picture
from pentimento.memory.recover import is_needed, recover
from pentimento.memory.store import Store
from pentimento.memory.types import Gone, StoreError
from tests.memory.faults import die_before_the_commit
from tests.memory.long_story import DATABASE, JOURNAL, lose, tell_long, use
from tests.memory.make_upgrade_asset import ASSETS, tell
from tests.memory.stories import image, mask, take_turn

pytestmark = pytest.mark.slow


def everything(home: Path) -> list[tuple[object, ...]]:
    """All that a store says of each of its sessions."""
    with Store(home) as store:
        assert store.verify() == ()
        return [
            (one.name, store.pointers(one.id), store.turns(one.id), store.operations(one.id), store.nodes(one.id))
            for one in store.sessions()
        ]


def test_a_lost_database_is_rebuilt_as_it_was(home: Path) -> None:
    with Store(home) as store:
        tell(store)
        session = store.session("trip to the sea")
        node = take_turn(store, session.id, 7, None)
        store.tag(session.id, "best", node.id)
        store.branch(session.id, "winter", node.id)
        found = store.search("picture 7")
    before = everything(home)
    lose(home)
    assert is_needed(home)
    recovered = recover(home)
    assert (recovered.sessions, recovered.nodes, recovered.turns, recovered.branches, recovered.tags) == (2, 5, 4, 3, 1)
    assert recovered.damaged_lines == 0
    assert everything(home) == before
    assert not is_needed(home)
    with Store(home) as store:
        assert store.search("picture 7") == found
        assert store.undo(session.id)[0].label == "branch winter"


def test_a_home_is_not_begun_anew_beside_the_journal_of_a_lost_database(home: Path) -> None:
    with Store(home) as store:
        tell(store)
    lose(home)
    content = (home / JOURNAL).read_bytes()
    gone = "gone but its journal is there; rebuild the history with pentimento recover"
    with pytest.raises(StoreError, match=gone):
        Store(home)
    (home / DATABASE).touch()
    with pytest.raises(StoreError, match=gone):
        Store(home)
    assert (home / JOURNAL).read_bytes() == content


def test_what_is_replaced_is_kept_beside(home: Path) -> None:
    with Store(home) as store:
        tell(store)
    for name in (DATABASE, f"{DATABASE}-wal"):
        (home / name).write_bytes(b"damaged" * 1000)
    before = {name: (home / name).read_bytes() for name in (DATABASE, f"{DATABASE}-wal", JOURNAL)}
    aside = recover(home).aside
    assert {path.name.split(".set-aside-")[0]: path.read_bytes() for path in aside} == before
    assert everything(home)


def test_without_a_journal_nothing_can_be_rebuilt_and_nothing_is_touched(home: Path) -> None:
    with Store(home) as store:
        tell(store)
    (home / JOURNAL).unlink()
    (home / DATABASE).write_bytes(b"damaged")
    with pytest.raises(StoreError, match=r"There is no journal .*lineage.jsonl to rebuild the history from"):
        recover(home)
    assert (home / DATABASE).read_bytes() == b"damaged"


def test_while_somebody_has_the_home_open_nothing_is_replaced(home: Path, store: Store) -> None:
    tell(store)
    with pytest.raises(StoreError, match=r"Another program has .* open; close it"):
        recover(home)


def test_a_lost_picture_leaves_a_tombstone_and_a_lost_session_gets_a_name(home: Path) -> None:
    with Store(home) as store:
        tell_long(store, 8)
    lines = (home / JOURNAL).read_bytes().splitlines(keepends=True)
    with_session, with_node = (
        next(at for at, line in enumerate(lines) if word in line) for word in (b'"sessions"', b'"region 4"')
    )
    del lines[with_node], lines[with_session]
    (home / JOURNAL).write_bytes(b"".join(lines))
    lose(home)
    recover(home)
    with Store(home) as store:
        assert store.verify() == ()
        (session,) = store.sessions()
        assert (session.name, session.head) == ("recovered-1", "n16")
        lost = {node.id for node in store.nodes(session.id) if node.gone is Gone.COLLECTED}
        assert lost == {"n10"}
        use(store, 100)
        with pytest.raises(StoreError, match="nothing left to undo"):
            store.undo(session.id)


def test_undo_ends_where_the_log_has_a_gap(home: Path) -> None:
    with Store(home) as store:
        tell_long(store, 3)
    lines = (home / JOURNAL).read_bytes().splitlines(keepends=True)
    second = next(at for at, line in enumerate(lines) if b'"region 1"' in line)
    rows = json.loads(lines[second])
    assert rows.pop()["table"] == "moves"
    lines[second] = json.dumps(rows).encode() + b"\n"
    (home / JOURNAL).write_bytes(b"".join(lines))
    lose(home)
    recover(home)
    with Store(home) as store:
        session = store.session("default")
        assert (session.head, store.verify()) == ("n6", ())
        take_turn(store, session.id, 9, session.head)
        assert [operation.label for operation in store.undo(session.id, 9)] == ["picture 9, please", "recovered"]
        assert store.session("default").head == "n6"
        with pytest.raises(StoreError, match="nothing left to undo"):
            store.undo(session.id)


def test_the_last_record_of_a_row_counts_and_what_was_given_up_leaves_no_edge(home: Path) -> None:
    with Store(home) as store:
        session = store.session("default")
        first = take_turn(store, session.id, 1, None)
        turn = store.begin_turn(session.id, "a red one")
        given_up = (home / JOURNAL).read_bytes()
        store.add_nodes(session.id, turn.number, [mask(3), image(2, first.id, "+0")], 1, first.id)
        line = (home / JOURNAL).read_bytes()[len(given_up) :]
    shutil.rmtree(home)
    with Store(home) as store:
        session = store.session("default")
        take_turn(store, session.id, 1, None)
        with (home / JOURNAL).open("ab") as file:
            file.write(line)
        store.import_image(session.id, replace(image(4), call=None, recipe=""))
        store.import_image(session.id, replace(image(5), call=None, recipe=""))
    before = everything(home)
    lose(home)
    recover(home)
    assert everything(home) == before


def test_of_several_pictures_that_were_given_up_together_none_comes_back(home: Path) -> None:
    def make_two(store: Store) -> None:
        turn = store.begin_turn(1, "a red one")
        store.add_nodes(1, turn.number, [mask(3), image(2, "n1", "+0")], 1, "n1")

    with Store(home) as store:
        take_turn(store, store.session("default").id, 1, None)
    die_before_the_commit(home, make_two, line=2)
    with Store(home) as store:
        take_turn(store, 1, 4, "n1")
    before = everything(home)
    lose(home)
    recover(home)
    assert everything(home) == before


def test_words_that_belong_to_nothing_are_not_found(home: Path) -> None:
    with Store(home) as store:
        take_turn(store, store.session("default").id, 1, None)
    path = home / JOURNAL
    path.write_bytes(path.read_bytes().replace(b'"done"', b'"dome"'))
    lose(home)
    recover(home)
    with Store(home) as store:
        assert store.turns(1) == ()
        assert {found.node for found in store.search("picture")} == {"n1"}


def test_a_session_that_lost_a_line_is_carried_to_another_home(home: Path, tmp_path: Path) -> None:
    with Store(home) as store:
        tell_long(store, 3)
        session = store.session("default")
        store.branch(session.id, "winter", "n2")
        store.tag(session.id, "best", "n4")
    lines = (home / JOURNAL).read_bytes().splitlines(keepends=True)
    lost = next(at for at, line in enumerate(lines) if b'"region 1"' in line)
    (home / JOURNAL).write_bytes(b"".join(lines[:lost] + lines[lost + 1 :]))
    lose(home)
    recover(home)
    with Store(home) as store, Store(tmp_path / "other") as other:
        session = store.session("default")
        history = checked(json.loads(json.dumps(transfer.take_out(store, session.id))))
        there = transfer.take_in(other, history, map(store.blobs.read, history.blobs))
        assert other.pointers(there.id) == store.pointers(session.id)
        assert [node.label for node in other.nodes(there.id)] == [node.label for node in store.nodes(session.id)]
        assert other.verify() == ()


def test_a_session_that_was_given_up_after_its_lines_were_written_does_not_come_back(
    home: Path, tmp_path: Path
) -> None:
    with Store(home) as store:
        take_turn(store, store.session("default").id, 1, None)
    aborted = Path(shutil.copytree(home, tmp_path / "aborted"))
    known = len((home / JOURNAL).read_bytes())
    with Store(aborted) as store:
        trip = store.session("trip")
        for seed, head in ((2, None), (3, "n1"), (4, "n2")):
            take_turn(store, trip.id, seed, head)
    with (home / JOURNAL).open("ab") as file:
        file.write((aborted / JOURNAL).read_bytes()[known:])
    with Store(home) as store:
        take_turn(store, store.session("walk").id, 5, None)
    before = everything(home)
    lose(home)
    recover(home)
    assert everything(home) == before


@pytest.mark.parametrize("revision", sorted(path.name for path in ASSETS.iterdir()))
def test_a_journal_that_is_missing_is_written_when_the_store_is_opened(tmp_path: Path, revision: str) -> None:
    home = Path(shutil.copytree(ASSETS / revision, tmp_path / "home"))
    (home / JOURNAL).unlink(missing_ok=True)
    before = everything(home)
    lose(home)
    recover(home)
    assert everything(home) == before


def test_a_journal_that_was_cut_short_is_written_anew_and_a_whole_one_is_left_alone(home: Path) -> None:
    with Store(home) as store:
        tell(store)
    whole = (home / JOURNAL).read_bytes()
    Store(home).close()
    assert (home / JOURNAL).read_bytes() == whole
    (home / JOURNAL).write_bytes(whole[: len(whole) // 2])
    before = everything(home)
    assert len(list(journal.read(home / JOURNAL))) == len(journal.KEPT) - 1
    lose(home)
    recover(home)
    assert everything(home) == before


def test_a_picture_whose_forgetting_was_given_up_comes_back_with_its_words(home: Path) -> None:
    with Store(home) as store:
        take_turn(store, store.session("default").id, 1, None)
        take_turn(store, 1, 2, "n1")
    die_before_the_commit(home, lambda store: forget_picture(store, 1, "n2"))
    with Store(home) as store:
        assert store.node(1, "n2").label == "picture 2"
        take_turn(store, 1, 3, "n2")
    before = everything(home)
    lose(home)
    recover(home)
    assert everything(home) == before
