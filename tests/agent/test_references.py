from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import update

from pentimento.agent.references import newest_grid, resolve
from pentimento.agent.types import AgentError, NodeKind
from pentimento.memory.forget import forget_picture
from pentimento.memory.store import Store
from pentimento.memory.tables import NodeRow
from pentimento.memory.types import Edge, Gone, NewNode, Role, Session, StoreError, TurnStatus
from tests.memory.stories import image, mask, take_turn


def tell(store: Store) -> Session:
    """n1 → n2 → n3 (a mask) and n4, made from n2; the head is n4."""
    identity = store.session("default").id
    take_turn(store, identity, 1, None)
    take_turn(store, identity, 2, "n1")
    turn = store.begin_turn(identity, "make it red")
    store.add_nodes(identity, turn.number, [mask(3), image(4, "n2", "+0")], 1, "n2")
    return store.session("default")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The story, for tests that only read it."""
    with Store(tmp_path_factory.mktemp("told") / "home") as store:
        tell(store)
        yield store


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("head", "n4"),
        (" HEAD ", "n4"),
        ("head~0", "n4"),
        ("head~1", "n2"),
        ("head~2", "n1"),
        ("n1", "n1"),
        ("N3", "n3"),
        ("step:1", "n2"),
        ("step:2", "n4"),
    ],
)
def test_every_form_names_its_picture(told: Store, reference: str, found: str) -> None:
    assert resolve(told, told.session("default"), reference, {1: "n2", 2: "n4"}).id == found


def named(store: Store) -> Session:
    """The story, then the branch winter at n2 with the tag best at n4."""
    session = tell(store)
    store.branch(session.id, "winter", "n2")
    store.tag(session.id, "best", "n4")
    return store.session("default")


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("branch:winter", "n2"),
        ("Branch:main", "n4"),
        ("tag:best", "n4"),
        ("before(n4)", "n2"),
        ("before(tag:best)", "n2"),
        ("before(before(n4))", "n1"),
        ("head", "n2"),
    ],
)
def test_branches_tags_and_what_was_before_are_named(store: Store, reference: str, found: str) -> None:
    assert resolve(store, named(store), reference).id == found


def test_a_past_has_its_own_head_branches_and_tags(store: Store) -> None:
    session = named(store)
    past = store.pointers(session.id, at=1)
    assert resolve(store, session, "head", past=past).id == "n1"
    with pytest.raises(AgentError, match=r"^There is no tag best; there is none yet\.$"):
        resolve(store, session, "tag:best", past=past)


@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        ("branch:wint", "There is no branch wint; try winter or main."),
        ("tag:bst", "There is no tag bst; try best."),
        ("best", '"best" names no picture; say tag:best.'),
        ("winter", '"winter" names no picture; say branch:winter.'),
        ("before(n1)", "There is nothing before n1: it was the first of its pictures."),
        ("before(n9)", "There is no n9 in this session; try n1, n2, n4 or head."),
    ],
)
def test_a_name_that_there_is_not_gets_the_nearest_ones(store: Store, reference: str, sentence: str) -> None:
    with pytest.raises(AgentError) as caught:
        resolve(store, named(store), reference)
    assert str(caught.value) == sentence


def test_the_head_follows_the_session(store: Store) -> None:
    session = tell(store)
    store.checkout(session.id, "n2")
    assert resolve(store, store.session("default"), "head").id == "n2"
    assert resolve(store, store.session("default"), "head~1").id == "n1"


@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        ("n9", "There is no n9 in this session; try n1, n2, n4 or head."),
        ("n007", "There is no n007 in this session; try n1, n2, n4 or head."),
        ("head~3", "head~3 goes back too far: n4 has 2 earlier pictures."),
        ("step:3", "Step 3 has made no picture that could be used."),
        ("the red one", '"the red one" names no picture; try n1, n2, n4 or head.'),
        ("", '"" names no picture; try n1, n2, n4 or head.'),
        ("head~-1", '"head~-1" names no picture; try n1, n2, n4 or head.'),
        ("n4; drop table", '"n4; drop table" names no picture; try n1, n2, n4 or head.'),
    ],
)
def test_what_names_nothing_is_told_the_candidates(told: Store, reference: str, sentence: str) -> None:
    with pytest.raises(AgentError) as caught:
        resolve(told, told.session("default"), reference, {1: "n2"})
    assert str(caught.value) == sentence


def test_a_long_reference_makes_no_long_sentence(told: Store) -> None:
    with pytest.raises(AgentError) as caught:
        resolve(told, told.session("default"), "x" * 100_000)
    assert len(str(caught.value)) < 150


@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        ("head", "There is no picture yet; describe one first."),
        ("head~2", "There is no picture yet; describe one first."),
        ("n1", "There is no n1 in this session; there is no picture yet."),
        ("it", '"it" names no picture; there is no picture yet.'),
    ],
)
def test_before_the_first_picture_nothing_is_named(store: Store, reference: str, sentence: str) -> None:
    with pytest.raises(AgentError) as caught:
        resolve(store, store.session("default"), reference)
    assert str(caught.value) == sentence


def test_at_a_merge_the_first_source_is_followed(store: Store) -> None:
    session = tell(store)
    turn = store.begin_turn(session.id, "both")
    merged = NewNode(NodeKind.IMAGE, image(9).png, 8, 8, "both", (Edge("n1", Role.SOURCE), Edge("n4", Role.SOURCE)))
    store.add_nodes(session.id, turn.number, [merged], 0, "n4")
    assert resolve(store, store.session("default"), "head~1").id == "n1"


def test_one_of_several_pictures_of_a_step_is_named_by_its_place(store: Store) -> None:
    session = store.session("default")
    take_turn(store, session.id, 1, None)
    turn = store.begin_turn(session.id, "four foxes").number
    for seed in range(4):
        store.add_nodes(session.id, turn, [replace(image(5 + seed), label="a fox")], 0 if seed == 0 else None, "n1")
    assert [node.id for node in newest_grid(store, session)] == ["n2", "n3", "n4", "n5"]
    take_turn(store, session.id, 9, "n2")
    assert newest_grid(store, session) == []
    session = store.session("default")
    assert [resolve(store, session, f"grid:{number}").id for number in (1, 2, 4)] == ["n2", "n3", "n5"]
    with pytest.raises(AgentError, match="there are 4 pictures, n2 to n5"):
        resolve(store, session, "grid:5")


def test_where_no_step_made_several_there_is_no_grid(told: Store) -> None:
    with pytest.raises(AgentError, match="there are no such pictures yet"):
        resolve(told, told.session("default"), "grid:1")


def test_a_branch_without_a_picture_is_there_all_the_same(store: Store) -> None:
    session = store.session("default")
    with pytest.raises(AgentError, match="The branch main has no picture yet; go there and describe one"):
        resolve(store, session, "branch:main")


@pytest.mark.parametrize(
    ("reference", "found"),
    [("word:4", "n4"), ("word:picture 2", "n2"), ("before(word:4)", "n2"), ("WORD:1", "n1"), ("word:please", "n2")],
)
def test_a_picture_is_named_by_a_word_of_its_label_or_of_its_message(told: Store, reference: str, found: str) -> None:
    assert resolve(told, told.session("default"), reference).id == found


def test_of_several_that_say_it_the_newest_is_meant(told: Store) -> None:
    assert resolve(told, told.session("default"), "word:picture").id == "n4"


def test_a_word_that_nothing_says_is_told_the_newest_pictures(told: Store) -> None:
    with pytest.raises(
        AgentError, match="No picture of this session says “dragon”; the newest are n4, picture 4; n2, "
    ):
        resolve(told, told.session("default"), "word:dragon")


def test_before_a_picture_that_began_anew_there_was_the_one_made_before_it(store: Store) -> None:
    session = store.session("default")
    take_turn(store, session.id, 1, None)
    turn = store.begin_turn(session.id, "a fox").number
    store.add_nodes(session.id, turn, [image(2)], 0, "n1")
    assert resolve(store, store.session("default"), "before(n2)").id == "n1"


def says(store: Store, said: str, label: str, seed: int) -> str:
    """A turn that makes one picture from nothing."""
    session = store.session("default")
    turn = store.begin_turn(session.id, said)
    (node,) = store.add_nodes(session.id, turn.number, [replace(image(seed), label=label)], 0, session.head)
    store.end_turn(session.id, turn.number, TurnStatus.DONE, reply=f"Drew {label}.")
    return node.id


def found(store: Store, ref: str) -> str:
    return resolve(store, store.session("default"), ref).id


def test_a_label_wins_over_a_message_and_a_message_over_what_is_only_alike(store: Store) -> None:
    says(store, "something bright", "a sunset", 1)
    says(store, "a sun, please", "a yellow disc", 2)
    says(store, "what you like", "a sunny hill", 3)
    assert found(store, "word:sun") == "n2"
    says(store, "one more", "the sun", 4)
    says(store, "not the sun", "a moon", 5)
    assert found(store, "word:sun") == "n4"
    assert found(store, "word:yelow") == "n2"


def test_all_pictures_are_looked_at_and_not_the_newest_alone(store: Store) -> None:
    session = store.session("default")
    says(store, "a red squirrel", "a red squirrel", 1)
    says(store, "put a hat on", "with something on its head", 2)
    turn = store.begin_turn(session.id, "many").number
    store.add_nodes(session.id, turn, [replace(image(3), label="a nut")] * 220, None, None)
    assert (found(store, "word:red"), found(store, "word:squirel"), found(store, "word:hat")) == ("n1", "n1", "n2")
    assert found(store, "before(n2)") == "n1"


@pytest.mark.parametrize("word", ["the", "a", "one", "THE a"])
def test_a_small_word_names_nothing(told: Store, word: str) -> None:
    with pytest.raises(AgentError, match="tells no picture from another; say a word of what it shows"):
        resolve(told, told.session("default"), f"word:{word}")


def test_a_picture_that_is_there_wins_over_one_that_is_no_more(store: Store) -> None:
    says(store, "a fox", "a fox", 1)
    says(store, "a fox again", "a fox", 2)
    with store.database.write() as db:
        db.execute(update(NodeRow).where(NodeRow.number == 2).values(gone=Gone.COLLECTED))
    assert found(store, "word:fox") == "n1"
    with store.database.write() as db:
        db.execute(update(NodeRow).values(gone=Gone.COLLECTED))
    with pytest.raises(StoreError, match="n2 was collected: its picture is no more; choose another one"):
        store.png(resolve(store, store.session("default"), "word:fox"))


def test_of_several_pictures_each_keeps_its_place_when_one_is_forgotten(store: Store) -> None:
    session = store.session("default")
    turn = store.begin_turn(session.id, "three foxes").number
    for seed in range(3):
        store.add_nodes(session.id, turn, [replace(image(seed), label="a fox")], 0 if seed == 0 else None, None)
    store.end_turn(session.id, turn, TurnStatus.DONE)
    forget_picture(store, session.id, "n2")
    assert [found(store, f"grid:{number}") for number in (1, 3)] == ["n1", "n3"]
    with pytest.raises(StoreError, match="n2 was forgotten: its picture is no more; choose another one"):
        store.png(resolve(store, store.session("default"), "grid:2"))
