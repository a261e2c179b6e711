import unicodedata
from dataclasses import replace

import pytest

from pentimento.memory import past
from pentimento.memory.store import Store
from pentimento.memory.types import Found, StoreError, TurnStatus
from tests.memory.stories import call, image, mask, take_turn


def say(store: Store, session_id: int, said: str, reply: str = "") -> int:
    number = store.begin_turn(session_id, said).number
    store.end_turn(session_id, number, TurnStatus.DONE, reply=reply)
    return number


def turns(found: tuple[Found, ...]) -> list[int | None]:
    return [one.turn for one in found]


def test_messages_and_replies_are_found_with_their_turn(store: Store) -> None:
    session = store.session("default")
    say(store, session.id, "a squirrel eating a nut", "Here is a rodent.")
    (said,) = store.search("squirrel")
    assert said == Found("default", 1, None, "a squirrel eating a nut")
    (replied,) = store.search("rodent")
    assert replied == Found("default", 1, None, "Here is a rodent.")


def test_labels_prompts_and_captions_are_found_with_their_node(store: Store) -> None:
    session = store.session("default")
    turn = store.begin_turn(session.id, "draw something")
    prompt = replace(call(1), arguments={"prompt": "an owl in the snow", "steps": 20})
    drawn = replace(image(1), label="a bird", call=prompt, measures={"caption": "a white feathered thing", "ok": True})
    store.add_nodes(session.id, turn.number, [drawn], 0, None)
    text = "a bird\nan owl in the snow\na white feathered thing"
    for words in ("bird", "owl snow", "feathered", "thing snow bird"):
        assert store.search(words) == (Found("default", None, "n1", text),)
    assert store.search("20") == ()


def test_an_imported_picture_is_found_by_its_name_and_a_mask_is_not_found(store: Store) -> None:
    session = store.session("default")
    store.import_image(session.id, replace(image(1), call=None, label="holiday.jpg"))
    turn = store.begin_turn(session.id, "hm")
    store.add_nodes(session.id, turn.number, [replace(mask(2), label="unheard")], None, "n1")
    assert [one.node for one in store.search("holiday jpg")] == ["n1"]
    assert store.search("unheard") == ()


def test_all_words_must_stand_there_in_any_order_and_case(store: Store) -> None:
    session = store.session("default")
    say(store, session.id, "make the squirrel red")
    say(store, session.id, "make the sky red")
    assert turns(store.search("RED Squirrel")) == [1]
    assert turns(store.search("squirrel sky")) == []


def test_the_last_word_may_be_the_beginning_of_one_and_the_others_may_not(store: Store) -> None:
    session = store.session("default")
    say(store, session.id, "make the squirrel red")
    assert turns(store.search("make squ")) == [1]
    assert turns(store.search("squ make")) == []
    assert turns(store.search("quirrel")) == []


def test_umlauts_are_found_however_they_are_written(store: Store) -> None:
    session = store.session("default")
    say(store, session.id, unicodedata.normalize("NFC", "drei grüne Bäume"))
    say(store, session.id, unicodedata.normalize("NFD", "drei grüne Bäume"))
    for words in ("Bäume", "baume", "BÄUME", "bäum", unicodedata.normalize("NFD", "Bäume")):
        assert turns(store.search(words)) == [2, 1]


def test_words_without_spaces_between_them_are_found_within_others(store: Store) -> None:
    session, other = store.session("default"), store.session("other")
    say(store, session.id, "一只狐狸在雪地里")
    say(store, session.id, "狐狸 in the snow")
    say(store, session.id, "一只狗")
    say(store, other.id, "雪地里的狐狸")
    assert turns(store.search("狐狸", session.id)) == [2, 1]
    assert turns(store.search("狐狸 snow", session.id)) == [2]
    assert turns(store.search("snow 狐", session.id)) == [2]
    assert turns(store.search("狐狸 雪地")) == [1, 1]
    assert turns(store.search("狐狸", session.id, limit=1)) == [2]
    assert past.sessions_with(store.database, "雪地") == {session.id, other.id}
    assert store.search("猫") == ()


QUERIES = {
    '"red" nose': [1],
    'red"': [1],
    "red AND nose": [],
    "nose OR": [],
    "NOT nose": [],
    "NEAR(red nose)": [],
    "near": [],
    "red nose*": [1],
    "-red": [1],
    "+red ^a": [1],
    "text:red": [],
    "text": [],
    "{text}: red": [],
    "re_d": [],
    "(red": [1],
    "red; DROP TABLE words": [],
    "red' nose": [1],
    "red\x00nose": [1],
}


def test_quotes_and_operators_are_plain_text(store: Store) -> None:
    say(store, store.session("default").id, "a red nose")
    assert {words: turns(store.search(words)) for words in QUERIES} == QUERIES


@pytest.mark.parametrize("words", ["", " \n ", '"', "*", "🐿"])
def test_without_a_word_there_is_nothing_to_look_for(store: Store, words: str) -> None:
    with pytest.raises(StoreError, match=r"^Say which words to look for\.$"):
        store.search(words)


def test_the_words_operators_are_made_of_can_be_looked_for(store: Store) -> None:
    say(store, store.session("default").id, "black and white, or near it, not text")
    assert turns(store.search("AND OR NOT NEAR text")) == [1]


def test_one_session_or_all_are_looked_through_newest_first(store: Store) -> None:
    first, second = store.session("first"), store.session("second")
    say(store, first.id, "a squirrel")
    say(store, second.id, "a squirrel too")
    say(store, first.id, "the squirrel again")
    assert [(one.session, one.turn) for one in store.search("squirrel")] == [("first", 2), ("second", 1), ("first", 1)]
    assert turns(store.search("squirrel", first.id)) == [2, 1]
    assert turns(store.search("squirrel", first.id, limit=1)) == [2]
    assert store.search("squirrel", 99) == ()


def test_what_was_undone_is_still_found(store: Store) -> None:
    session = store.session("default")
    take_turn(store, session.id, 1, None)
    store.undo(session.id)
    assert {(one.turn, one.node) for one in store.search("picture")} == {(1, None), (None, "n1")}


def test_what_was_refused_is_not_found(store: Store) -> None:
    session = store.session("default")
    turn = store.begin_turn(session.id, "draw")
    with pytest.raises(StoreError):
        store.add_nodes(session.id, turn.number, [replace(image(1, "n9"), label="phantom")], 0, None)
    assert store.search("phantom") == ()
