import pytest

from pentimento.tui.completing import StepSuggester, completed


@pytest.mark.parametrize(
    ("typed", "whole"),
    [
        ("/ad", "/adjust"),
        ("/und", "/undo"),
        ("/he", "/help"),
        ("/pl", "/plan"),
        ("/adjust br", "/adjust brightness="),
        ("/adjust ", "/adjust brightness="),
        ("/adjust brightness=5 ", "/adjust brightness=5 contrast="),
        ("/adjust gr", "/adjust grayscale"),
        ('/edit instruction="make it red" ta', '/edit instruction="make it red" target='),
        ("/edit mask=n4 re", "/edit mask=n4 rewritten="),
        ("/checkout ", "/checkout ref="),
        ("/set st", "/set style="),
        ("/show t", "/show turn="),
        ("/help adj", "/help adjust"),
        ("/help pl", "/help plan"),
    ],
)
def test_a_step_goes_on_with_what_it_could_be(typed: str, whole: str) -> None:
    assert completed(typed) == whole


@pytest.mark.parametrize(
    "typed",
    ["", "make it red", "a /adj", "/adjust", "/fly ", "/accept ", "/adjust brightness=5", '/edit instruction="make t', "/help adjust "],
)  # fmt: skip
def test_nothing_is_made_up(typed: str) -> None:
    assert completed(typed) is None


async def test_capital_letters_stay_as_they_were_typed() -> None:
    suggester = StepSuggester()
    assert suggester.case_sensitive
    assert await suggester.get_suggestion("/draw_text text=Hi pl") == "/draw_text text=Hi place="
