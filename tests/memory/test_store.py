from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import JsonValue

from pentimento.memory.store import Store
from pentimento.memory.types import Edge, NodeKind, Role, StoreError, TurnStatus
from tests.memory.stories import call, image, mask, png, take_turn


def test_a_session_is_made_once_and_found_again(store: Store) -> None:
    made = store.session("default")
    assert (made.name, made.branch, made.head) == ("default", "main", None)
    assert store.session("default") == made
    assert store.sessions() == (made,)


def test_the_latest_session_is_the_one_used_last(store: Store) -> None:
    assert store.latest_session() is None
    first, second = store.session("first"), store.session("second")
    assert store.latest_session() == second
    store.begin_turn(first.id, "hello")
    assert [session.name for session in store.sessions()] == ["first", "second"]


def test_a_session_without_a_name_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="needs a name"):
        store.session("  ")


def test_a_turn_is_recorded_before_and_after(store: Store) -> None:
    session = store.session("default")
    begun = store.begin_turn(session.id, "a squirrel")
    assert (begun.number, begun.status, begun.ended) == (1, TurnStatus.RUNNING, None)
    details: dict[str, JsonValue] = {"seconds": {"plan": 0.5}, "raw": "{…}", "notes": [1, None]}
    ended = store.end_turn(session.id, 1, TurnStatus.ASKED, plan="{}", reply="Which?", prompt_sha="ab", details=details)
    assert (ended.status, ended.plan, ended.reply, ended.prompt_sha) == (TurnStatus.ASKED, "{}", "Which?", "ab")
    assert ended.details == details
    assert ended.ended is not None
    assert ended.ended >= ended.started == begun.started
    assert store.turns(session.id) == (ended,)


def test_a_turn_is_ended_once(store: Store) -> None:
    session = store.session("default")
    store.begin_turn(session.id, "a squirrel")
    store.end_turn(session.id, 1, TurnStatus.DONE)
    with pytest.raises(StoreError, match="not running"):
        store.end_turn(session.id, 1, TurnStatus.FAILED)
    assert store.turns(session.id)[0].status is TurnStatus.DONE


def test_the_newest_turns_come_oldest_first(store: Store) -> None:
    session = store.session("default")
    for said in ("one", "two", "three"):
        store.begin_turn(session.id, said)
    assert [turn.said for turn in store.turns(session.id, limit=2)] == ["two", "three"]


def test_nodes_come_back_as_they_were_stored(store: Store) -> None:
    session = store.session("default")
    first = take_turn(store, session.id, 1, None)
    turn = store.begin_turn(session.id, "make the squirrel red")
    batch = [mask(2), image(2, first.id, "+0")]
    region, picture = store.add_nodes(session.id, turn.number, batch, 1, first.id)
    assert (region.id, picture.id) == ("n2", "n3")
    assert (region.kind, picture.kind) == (NodeKind.MASK, NodeKind.IMAGE)
    assert picture.parents == (Edge("n1", Role.SOURCE), Edge("n2", Role.MASK))
    assert (picture.call, picture.recipe, picture.measures) == (call(2), batch[1].recipe, batch[1].measures)
    assert (picture.label, picture.width, picture.height, picture.turn) == ("picture 2", 8, 8, 2)
    assert store.png(picture) == store.path(picture).read_bytes() == png(2)
    assert store.nodes(session.id) == (first, region, picture)
    assert store.nodes(session.id, ["n3", "n1"]) == (picture, first)
    assert store.node(session.id, "n2") == region
    assert store.session("default").head == "n3"


def test_nodes_without_a_head_leave_the_head_alone(store: Store) -> None:
    session = store.session("default")
    first = take_turn(store, session.id, 1, None)
    turn = store.begin_turn(session.id, "where is the squirrel?")
    store.add_nodes(session.id, turn.number, [mask(2)], None, first.id)
    assert store.session("default").head == first.id
    assert len(store.operations(session.id)) == 1


@pytest.mark.parametrize("parent", ["n9", "+0", "+1", "n0", "head", ""])
def test_an_unknown_or_younger_parent_is_refused_and_nothing_is_stored(store: Store, parent: str) -> None:
    session = store.session("default")
    turn = store.begin_turn(session.id, "a squirrel")
    with pytest.raises(StoreError):
        store.add_nodes(session.id, turn.number, [image(1, parent)], 0, None)
    assert store.nodes(session.id) == ()
    assert store.session("default").head is None


@pytest.mark.parametrize("identifier", ["n2", "n0", "n01", "x", "", "n1 ", "n99999999999999999999999999"])
def test_an_id_that_names_nothing_is_refused(store: Store, identifier: str) -> None:
    session = store.session("default")
    take_turn(store, session.id, 1, None)
    with pytest.raises(StoreError, match=r"no n2|not the id"):
        store.node(session.id, identifier)
    with pytest.raises(StoreError, match=r"no n2|not the id"):
        store.checkout(session.id, identifier)


def test_an_unknown_session_or_turn_is_refused(store: Store) -> None:
    session = store.session("default")
    with pytest.raises(StoreError, match="no such session"):
        store.begin_turn(7, "a squirrel")
    with pytest.raises(StoreError, match="no turn 3"):
        store.add_nodes(session.id, 3, [image(1)], 0, None)


def test_text_that_is_no_unicode_is_refused(store: Store) -> None:
    session = store.session("default")
    with pytest.raises(StoreError, match="valid Unicode"):
        store.begin_turn(session.id, "a squirrel \udcff")
    assert store.turns(session.id) == ()


def test_every_session_counts_its_own_nodes(store: Store) -> None:
    sessions = [store.session(name) for name in ("first", "second")]
    assert [take_turn(store, session.id, 1, None).id for session in sessions] == ["n1", "n1"]


def test_images_are_the_newest_pictures_without_masks(store: Store) -> None:
    session = store.session("default")
    turn = store.begin_turn(session.id, "pictures")
    store.add_nodes(session.id, turn.number, [image(1), mask(2), image(3), image(4), mask(5)], 3, None)
    assert [node.id for node in store.images(session.id, 2)] == ["n4", "n3"]


def test_ancestors_follow_the_first_source(store: Store) -> None:
    session = store.session("default")
    turn = store.begin_turn(session.id, "a merge")
    merge = replace(image(5, "+2", "+1"), parents=(*image(5, "+2", "+1").parents, Edge("+0", Role.SOURCE)))
    batch = [image(1), mask(2), image(3, "+0", "+1"), image(4, "+2"), merge]
    store.add_nodes(session.id, turn.number, batch, 4, None)
    assert [node.id for node in store.ancestors(session.id, "n5")] == ["n3", "n1"]
    assert [node.id for node in store.ancestors(session.id, "n4", limit=1)] == ["n3"]
    assert [node.id for node in store.ancestors(session.id, "n5", role=Role.MASK)] == ["n2"]
    assert store.ancestors(session.id, "n1") == ()


@pytest.mark.parametrize(
    ("since", "found"),
    [(None, ["n5", "n4", "n2", "n1"]), ("n4", ["n5", "n4"]), ("n3", ["n5", "n4", "n2"]), ("n6", []), ("n99", [])],
)
def test_ancestors_are_followed_no_further_back_than_asked_for(
    store: Store, since: str | None, found: list[str]
) -> None:
    session = store.session("default")
    for seed, head in ((1, None), (2, "n1"), (3, "n2"), (4, "n2"), (5, "n4"), (6, "n5")):
        take_turn(store, session.id, seed, head)
    assert [node.id for node in store.ancestors(session.id, "n6", since=since)] == found


def test_a_recipe_finds_its_picture_and_mask_in_any_session(store: Store) -> None:
    session = store.session("default")
    turn = store.begin_turn(session.id, "make it red")
    region, picture = store.add_nodes(session.id, turn.number, [mask(2), image(2, mask="+0")], 1, None)
    take_turn(store, session.id, 3, picture.id)
    assert store.find_recipe(picture.recipe) == (picture, region)
    assert store.find_recipe("0" * 64) == ()
    assert store.find_recipe("") == ()


def test_a_recipe_whose_picture_is_damaged_is_not_found(store: Store) -> None:
    node = take_turn(store, store.session("default").id, 1, None)
    store.path(node).write_bytes(b"")
    assert store.find_recipe(node.recipe) == ()


def test_a_mask_that_was_given_does_not_belong_to_the_recipe(store: Store) -> None:
    session = store.session("default")
    turn = store.begin_turn(session.id, "find the squirrel, then make it red")
    given = replace(mask(1), call=call(1, "segment"), recipe="1" * 64)
    _, picture = store.add_nodes(session.id, turn.number, [given, image(2, mask="+0")], 1, None)
    assert store.find_recipe(picture.recipe) == (picture,)


def test_an_imported_picture_becomes_the_head_and_can_be_undone(store: Store) -> None:
    session = store.session("default")
    node = store.import_image(session.id, replace(image(1), call=None, recipe=""))
    assert (node.id, node.turn, node.call) == ("n1", 0, None)
    assert store.session("default").head == "n1"
    assert store.operations(session.id)[0].kind == "import"
    store.undo(session.id)
    assert store.session("default").head is None


def test_a_turn_that_began_at_a_head_moved_since_lands_on_a_branch_of_its_own(home: Path, store: Store) -> None:
    session = store.session("default")
    first = take_turn(store, session.id, 1, None)
    with Store(home) as other:
        theirs = take_turn(other, session.id, 2, first.id)
    ours = take_turn(store, session.id, 3, first.id)
    after = store.session("default")
    assert (after.branch, after.head) == ("main~2", ours.id)
    assert store.operations(session.id)[-1].branch == "main~2"
    assert store.nodes(session.id) == (first, theirs, ours)
    third = take_turn(store, session.id, 4, first.id)
    assert (store.session("default").branch, store.session("default").head) == ("main~3", third.id)


def test_each_of_two_processes_goes_on_along_its_own_branch(home: Path, store: Store) -> None:
    session = store.session("default")
    with Store(home) as other:
        ours, theirs = take_turn(store, session.id, 1, None), take_turn(other, session.id, 2, None)
        for seed in (3, 5):
            ours = take_turn(store, session.id, seed, ours.id)
            theirs = take_turn(other, session.id, seed + 1, theirs.id)
    branches = {operation.branch for operation in store.operations(session.id)}
    assert branches == {"main", "main~2"}
    assert [node.label for node in store.ancestors(session.id, ours.id)] == ["picture 3", "picture 1"]
    assert [node.label for node in store.ancestors(session.id, theirs.id)] == ["picture 4", "picture 2"]


def test_undo_on_an_automatic_branch_goes_back_to_where_the_turn_began(home: Path, store: Store) -> None:
    session = store.session("default")
    first = take_turn(store, session.id, 1, None)
    with Store(home) as other:
        theirs = take_turn(other, session.id, 2, first.id)
    take_turn(store, session.id, 3, first.id)
    store.undo(session.id)
    assert (store.session("default").branch, store.session("default").head) == ("main~2", first.id)
    store.undo(session.id)
    assert (store.session("default").branch, store.session("default").head) == ("main", first.id)
    store.redo(session.id)
    assert (store.session("default").branch, store.session("default").head) == ("main", theirs.id)


def test_a_branch_that_a_person_named_is_not_moved_for_one_that_was(home: Path, store: Store) -> None:
    session = store.session("default")
    first = take_turn(store, session.id, 1, None)
    second = take_turn(store, session.id, 2, first.id)
    store.branch(session.id, "keep", second.id)
    store.switch(session.id, "main")
    with Store(home) as other:
        other.checkout(session.id, first.id)
    ours = take_turn(store, session.id, 3, second.id)
    heads = store.pointers(session.id).branches
    assert (heads["keep"], heads["main"], heads["main~2"]) == (second.id, first.id, ours.id)
