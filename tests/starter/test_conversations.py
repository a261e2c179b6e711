import re
from itertools import islice
from random import Random

import pytest

from pentimento.agent.plan_language import parse_plan, plan_text
from pentimento.agent.types import Plan
from pentimento.agent.wording import saying
from pentimento.starter.conversations import again, compound, phrasings, several, vocabulary
from pentimento.starter.conversations.chat import Chat
from pentimento.starter.conversations.drawing import drawing
from pentimento.starter.conversations.moves import Move
from pentimento.starter.conversations.session import Example, _joined, conversations, held_out_messages
from pentimento.starter.conversations.words import Words
from pentimento.starter.planner_tokenizer import chat_text, message_text, trained_tokenizer

TOOLS = {
    *("generate", "edit", "recolor", "transform", "adjust", "draw_text", "arrange", "segment", "blend", "variations"),
    *(
        "outpaint",
        "upscale",
        "describe",
        "verify",
        "undo",
        "redo",
        "checkout",
        "log",
        "ask",
        "set",
        "export",
        "decline",
    ),
    *again.MOVES_PLANNED,
}


def some(count: int, seed: int = 3, *, unseen: bool = False) -> list[Example]:
    return list(islice(conversations(seed, unseen=unseen), count))


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    return some(1200)


def test_the_same_seed_gives_the_same_conversations() -> None:
    assert some(300) == some(300)


def test_another_seed_gives_others() -> None:
    assert some(300) != some(300, seed=4)


def test_every_plan_is_in_the_plan_language(examples: list[Example]) -> None:
    for example in examples:
        plan = parse_plan(plan_text(example.plan))
        assert [step.tool for step in plan.steps] == [step.tool for step in example.plan.steps]


def test_every_tool_every_move_and_plain_answers_occur(examples: list[Example]) -> None:
    many = [*examples, *some(3000, seed=4)]
    assert {step.tool for example in many for step in example.plan.steps} == TOOLS
    assert any(not example.plan.steps for example in examples)


def test_a_version_that_is_gone_to_is_listed(examples: list[Example]) -> None:
    for example in examples:
        listed = {version.id for version in example.state.versions}
        refs = [str(step.arguments["ref"]) for step in example.plan.steps if step.tool == "checkout"]
        grid = {f"grid:{number}" for number in range(1, example.state.grid + 1)}
        assert {ref for ref in refs if "word:" not in ref} <= listed | set(example.state.names) | grid
        words = [ref.partition("word:")[2].rstrip(")") for ref in refs if "word:" in ref]
        labels = [(version.id, version.label) for version in example.state.versions]
        assert all(saying(labels, word) for word in words)


def test_nothing_is_changed_where_there_is_no_picture(examples: list[Example]) -> None:
    for example in examples:
        if example.state.picture is None and example.plan.steps:
            assert example.plan.steps[0].tool not in {"edit", "recolor", "transform", "undo"}


def test_states_are_bounded(examples: list[Example]) -> None:
    for example in examples:
        assert len(example.state.versions) <= 6
        assert all(len(version.label) <= 60 for version in example.state.versions)


@pytest.mark.slow
def test_nearly_every_example_fits(examples: list[Example]) -> None:
    from pentimento.starter.planner_rows import MAX_TOKENS

    tokenizer = trained_tokenizer(1, 3000)
    texts = [chat_text(message_text(example)) + plan_text(example.plan) + "<|im_end|>" for example in examples]
    lengths = [len(encoding.ids) for encoding in tokenizer.backend_tokenizer.encode_batch(texts)]
    assert sum(length > MAX_TOKENS for length in lengths) <= 0.01 * len(lengths)


@pytest.mark.slow
def test_nouns_that_are_held_out_never_occur_in_training() -> None:
    others = (vocabulary.COLORS, vocabulary.PLACES, vocabulary.PARTS, vocabulary.ADJECTIVES)
    used_otherwise = {"mirror", "hat"}.union(re.findall(r"[a-z]+", every_phrasing()), *others)
    held_out = set(vocabulary.NOUNS[5::6]) - used_otherwise
    said = {word for example in some(2000) for word in example.said.split()}
    unseen = {word for example in some(12000, unseen=True) for word in example.said.split()}
    assert not said & held_out
    assert len(unseen & held_out) > 40


def every_phrasing() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(phrasings.FOLDER.rglob("*.txt")))


INTENTS = sorted(file.stem for file in phrasings.FOLDER.glob("*.txt"))
SLOTS = dict.fromkeys("abnmcdptxwhoijkrfvyg", "owl") | {"first": "red", "second": "big", "third": "old"}


@pytest.mark.parametrize("intent", INTENTS)
def test_every_collected_phrasing_can_be_filled(intent: str) -> None:
    for typed, meant in phrasings.phrasings(intent):
        said = phrasings.filled(typed, SLOTS) + phrasings.filled(meant, SLOTS)
        assert not set("{}") & set(said)


def test_articles_and_plurals_fit_the_words_they_are_filled_with() -> None:
    assert phrasings.filled("a {n}, two {m}s and a {c} {n}", {"n": "owl", "m": "fox", "c": "orange"}) == (
        "an owl, two foxes and an orange owl"
    )


def test_no_phrasing_of_one_intent_means_another_one() -> None:
    """The same words may mean several things only where the session decides what they mean."""
    alone = ("undo", "redo", "log", "flip", "flip_vertical", "rotate_90", "rotate_180", "rotate_270", "newest", "first")
    said = [typed for intent in alone for typed in {typed for typed, _ in phrasings.phrasings(intent)}]
    assert [typed for typed in set(said) if said.count(typed) > 1] == []


def test_requests_in_one_message_are_all_said() -> None:
    drawn = Move("a fox, that is all i want to see", (), "Drawing it.", whole=True)
    flipped = Move("flip it", (), "Flipping it.")
    for seed in range(40):
        made = _joined(Random(seed), [drawn, flipped])
        assert drawn.said in made.said
        assert flipped.said in made.said


def some_chat(seed: int) -> tuple[Random, Words, Chat]:
    """A session of two drawings; for odd seeds a third one made several pictures at once."""
    r = Random(seed)
    words, chat = Words(r, 0.3, unseen=False), Chat(r)
    for move in (drawing(r, words), drawing(r, words), several.several(r, words))[: 2 + seed % 2]:
        chat.apply(move, move.said)
    return r, words, chat


@pytest.mark.slow
def test_several_wishes_in_one_breath_are_all_carried_out() -> None:
    for typed, meant in phrasings.phrasings("compound"):
        tries = (compound.spoken(*some_chat(seed), typed, meant) for seed in range(40))
        move = next((move for move in tries if move), None)
        assert move is not None, typed
        parsed = parse_plan(plan_text(Plan(move.steps, move.reply)))
        assert len(parsed.steps) == len(meant.split("; ")) == len(move.pictures)


def test_a_held_out_phrasing_is_never_said_in_training() -> None:
    held = {typed for typed, _ in phrasings.phrasings("undo")[phrasings.ALWAYS :: phrasings.HELD_OUT_EVERY]}
    said = {phrasings.phrasing(Random(seed), "undo") for seed in range(9000)}
    with phrasings.held_out() as heard:
        unheard = {phrasings.phrasing(Random(seed), "undo") for seed in range(900)}
    assert said == {typed for typed, _ in phrasings.phrasings("undo")} - held
    assert unheard == held
    assert set(heard) == {"undo"}


def test_held_out_messages_are_plans_too_and_leave_training_as_it_is() -> None:
    before = some(50)
    messages = islice(held_out_messages(1), 200)
    first = next(messages)
    assert some(50) == before
    for example in (first, *messages):
        assert parse_plan(plan_text(example.plan)).steps or example.plan.reply
