from collections.abc import Iterator
from random import Random

import pytest

from pentimento.agent.plan_language import parse_plan, plan_text, without_defaults
from pentimento.agent.types import Plan
from pentimento.agent.wording import saying
from pentimento.starter import words as world
from pentimento.starter.conversations import foreign_words
from pentimento.starter.conversations.chat import Chat
from pentimento.starter.conversations.foreign import foreign
from pentimento.starter.conversations.foreign_forms import color, definite, indefinite
from pentimento.starter.conversations.foreign_history import foreign_history
from pentimento.starter.conversations.foreign_saying import LANGUAGES, REPLIES
from pentimento.starter.conversations.manner import typed
from pentimento.starter.conversations.moves import Move, Picture, Scope, Thing
from pentimento.starter.conversations.phrasings import FOLDER, filled, phrasings
from pentimento.starter.conversations.words import Words

COMMON = (
    "draw recolor add add_left add_right remove replace place time weather style undo undo_n redo first by_thing by_color "
    "by_setting by_order by_id flip rotate adjust caption upscale scale describe log thanks hello"
).split()
TOOLS = set(
    "generate edit adjust transform draw_text arrange upscale outpaint variations describe diff log undo redo checkout branch "
    "tag export ask decline".split()
)
FILES = sorted(f"{language}/{file.stem}" for language in LANGUAGES for file in (FOLDER / language).glob("*.txt"))
FOX, NUT = Thing("fox", "red"), Thing("nut", "orange")


def conversation(seed: int, count: int) -> Iterator[tuple[Chat, Move]]:
    """Messages, each with the session before it."""
    r = Random(seed)
    chat, words = Chat(r), Words(r, wild=0.0, unseen=False)
    for number in range(count):
        if number % 12 == 0:
            chat = Chat(r)
        move = foreign_history(r, chat) if chat.head and r.random() < 0.3 else None
        move = move or foreign(Scope(r, words, chat.picture))
        yield chat, move
        chat.apply(move)


@pytest.fixture(scope="module")
def moves() -> list[Move]:
    return [move for _, move in conversation(5, 2400)]


def everything(language: str) -> dict[str, str]:
    """A word for every brace there is."""
    r = Random(1)
    slots = indefinite(r, language, "a", FOX) | indefinite(r, language, "b", NUT) | definite(r, language, "x", FOX)
    slots |= color(r, language, "red")
    names = "s s_0 s_nom s_acc s_dat m p to b b_nom b_acc b_dat n o o_e o_en i t g".split()
    return dict.fromkeys(names, "y") | slots


@pytest.mark.parametrize("intent", FILES)
def test_every_foreign_phrasing_can_be_filled(intent: str) -> None:
    slots = everything(intent.partition("/")[0])
    # What is drawn is filled once for each case.
    slots |= {"a": "einen roten Fuchs", "b": "eine Nuss"} if intent.startswith("de/") else {}
    for said, meant in phrasings(intent):
        whole = filled(said, slots) + filled(meant, slots)
        assert not set("{}") & set(whole)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("intent", COMMON)
def test_there_are_many_ways_to_say_what_is_common(language: str, intent: str) -> None:
    assert len(set(phrasings(f"{language}/{intent}"))) >= 30


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_words_never_ask_for_two_different_things(language: str) -> None:
    said = [
        (typed_, intent, meant)
        for intent in COMMON
        for typed_, meant in set(phrasings(f"{language}/{intent}"))
        if not set("{}") & set(typed_)
    ]
    alone = [typed_ for typed_, _, _ in said]
    assert [typed_ for typed_ in set(alone) if alone.count(typed_) > 1] == []


def test_every_plan_is_in_the_plan_language_and_leaves_defaults_out(moves: list[Move]) -> None:
    for move in moves:
        plan = parse_plan(plan_text(Plan(move.steps, move.reply)))
        assert [step.tool for step in plan.steps] == [step.tool for step in move.steps]
        for step in move.steps:
            # An edit always says its scope, in every language.
            assert step.tool == "edit" or without_defaults(step).arguments == step.arguments


def test_every_tool_is_asked_for_in_both_languages(moves: list[Move]) -> None:
    for number, _ in enumerate(LANGUAGES):
        replies = {both[number] for both in REPLIES.values()}
        assert {step.tool for move in moves if move.reply in replies for step in move.steps} == TOOLS


def test_a_caption_is_copied_letter_for_letter(moves: list[Move]) -> None:
    captions = [move for move in moves if [step.tool for step in move.steps] == ["draw_text"]]
    assert captions
    for move in captions:
        assert str(move.steps[0].arguments["text"]) in typed(Random(1), move)


def test_a_version_that_is_gone_to_is_there() -> None:
    for chat, move in conversation(6, 1500):
        for ref in (str(step.arguments["ref"]) for step in move.steps if step.tool == "checkout"):
            kind, _, word = ref.partition(":")
            listed = [(seen.version.id, seen.version.label) for seen in chat.listed]
            assert saying(listed, word) if kind == "word" else ref in dict(listed) or kind == "grid"


def test_what_is_typed_already_is_not_made_english(moves: list[Move]) -> None:
    r = Random(2)
    assert all(typed(r, move) == move.said for move in moves)


def test_all_that_the_world_has_can_be_named() -> None:
    nouns = {noun for nouns in world.KINDS.values() for noun in nouns}
    assert set(foreign_words.GERMAN) == set(foreign_words.CHINESE) == nouns
    assert set(foreign_words.COLORS) == set(world.COLORS)
    assert set(foreign_words.WHERE) == {*world.PLACES, *world.TIMES, *world.WEATHERS}
    assert set(foreign_words.GROUNDS) == set(world.PLACES)


def test_german_articles_and_endings_follow_gender_and_case() -> None:
    fox = indefinite(Random(1), "de", "a", FOX)
    assert [fox["a_nom"], fox["a_acc"], fox["a_dat"]] == ["ein roter Fuchs", "einen roten Fuchs", "einem roten Fuchs"]
    elephant = definite(Random(1), "de", "x", Thing("elephant"))
    assert [elephant["x_nom"], elephant["x_dat"]] == ["der Elefant", "dem Elefanten"]


def test_a_chinese_thing_has_its_measure_word() -> None:
    said = {indefinite(Random(seed), "zh", "a", Thing("tree"))["a"] for seed in range(40)}
    assert said == {"一棵树", "一个树"}


def test_a_small_elephant_is_small_in_both_languages_or_in_none() -> None:
    for seed in range(40):
        cat = indefinite(Random(seed), "zh", "a", Thing("cat"), "big")
        assert ("big" in cat["a_en"]) == ("大" in cat["a"])
        assert "small" not in indefinite(Random(seed), "zh", "a", Thing("elephant"), "small")["a_en"]


def test_things_that_have_no_german_or_chinese_word_are_passed_over() -> None:
    strange = Picture((Thing("zeppelin", "fuchsia"), Thing("cat", "fuchsia")))
    for seed in range(400):
        r = Random(seed)
        move = foreign(Scope(r, Words(r, wild=0.9, unseen=False), strange))
        assert all(step.arguments.get("target") != "zeppelin" for step in move.steps)


def test_it_is_said_only_of_what_it_can_mean() -> None:
    two = Picture((FOX, NUT))
    for seed in range(400):
        r = Random(seed)
        move = foreign(Scope(r, Words(r, wild=0.0, unseen=False), two))
        if move.steps and move.steps[0].arguments.get("scope") == "object":
            assert "它" not in move.said
