import pytest

from pentimento.agent.copied import as_heard
from pentimento.agent.state import State, Version
from pentimento.agent.types import Plan, Step
from pentimento.tools.profile import Vocabulary, load_profile

WORLD = load_profile("starter").file.vocabulary
FOX = State("n1", (Version("n1", "a fox in a forest"),))


def heard(said: str, vocabulary: Vocabulary = WORLD, state: State = FOX, **arguments: str) -> dict[str, object]:
    plan = Plan((Step("edit" if "instruction" in arguments else "generate", dict(arguments), {}),), "Drawing it.")
    return dict(as_heard(plan, said, state, vocabulary).steps[0].arguments)


@pytest.mark.parametrize(
    ("said", "written", "right"),
    [
        ("a cat and a book in a room", "a cat and a boat in a room", "a cat and a book in a room"),
        ("for our brochure, a red tram in the rain", "a red tractor in the rain", "a red tram in the rain"),
        ("an emu beside a zabrolit", "an emu beside a zabrotil", "an emu beside a zabrolit"),
    ],
)
def test_a_word_that_nobody_said_gives_way_to_the_one_that_was(said: str, written: str, right: str) -> None:
    assert heard(said, prompt=written) == {"prompt": right}


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("a sqirrel in a forest", "a squirrel in a forest"),
        ("a doggo on the beach", "a dog on the beach"),
        ("two cats", "a cat"),
        ("ein Frosch im Wald", "a frog in a forest"),
        ("zeichne einen Apfel", "an apple"),
        ("draw a fox and an owl and a zebra and a gnu", "a fox, an owl and a boat"),
    ],
)
def test_what_is_mistyped_translated_or_can_not_be_told_stays(said: str, written: str) -> None:
    assert heard(said, prompt=written) == {"prompt": written}


def test_a_place_that_nobody_said_gives_way_too() -> None:
    assert heard("put it on the moon", instruction="put it on a beach") == {"instruction": "put it on a moon"}
    assert heard("put it in the woods", instruction="put it in a forest") == {"instruction": "put it in a forest"}
    assert heard("make it a blizzard", instruction="put it in the snow") == {"instruction": "put it in the snow"}


def test_the_reply_says_what_the_plan_does() -> None:
    plan = Plan((Step("edit", {"instruction": "add a house on the right"}, {}),), "Adding a house.")
    assert as_heard(plan, "add a hound", FOX, WORLD).reply == "Adding a hound."


def test_what_the_state_names_was_not_miscopied() -> None:
    written = heard("make it look blorf", instruction="make the fox teal", target="fox")
    assert written == {"instruction": "make the fox teal", "target": "fox"}


def test_without_a_vocabulary_a_plan_stays_as_it_was() -> None:
    assert heard("a cat and a book", Vocabulary(), prompt="a cat and a boat") == {"prompt": "a cat and a boat"}
