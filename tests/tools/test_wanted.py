import pytest

from pentimento.tools.wanted import asks_for, listed


@pytest.mark.parametrize(
    ("words", "thing"),
    [
        ("a squirrel eating a nut", "nuts"),
        ("two foxes, in snow", "a fox"),
        ("Strawberries on a plate", "strawberry"),
        ("a woman on a beach", "women"),
        ("a street with traffic lights", "traffic light"),
        ("a fox without a hat, eating a nut", "nuts"),
        ("no fox but nuts", "nut"),
        ("no nut in the rain", "rain"),
    ],
)
def test_words_ask_for_a_thing_in_the_singular_or_the_plural(words: str, thing: str) -> None:
    assert asks_for(words, thing)


@pytest.mark.parametrize(
    ("words", "thing"),
    [
        ("a squirrel", "nuts"),
        ("a squirrel without nuts", "nuts"),
        ("a forest, no foxes or nuts", "nut"),
        ("a squirrel that is not eating a nut", "nuts"),
        ("neither a fox nor a nut", "nuts"),
        ("a chestnut", "nut"),
        ("a red hat on a fox", "red fox"),
        ("traffic, lights", "traffic lights"),
        ("a nut", ""),
    ],
)
def test_other_words_do_not(words: str, thing: str) -> None:
    assert not asks_for(words, thing)


def test_things_are_listed_one_by_one() -> None:
    assert listed("nuts, a fox and rain; text or letters,") == ["nuts", "a fox", "rain", "text", "letters"]
    assert listed("black and white, blurred") == ["black and white", "blurred"]
    assert listed("black and white cats") == ["black", "white cats"]
