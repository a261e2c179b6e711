from pydantic import JsonValue

from pentimento.tui.measures_text import meanings


def test_measures_are_told_with_what_they_mean() -> None:
    measures: dict[str, JsonValue] = {
        "note": "I still see it.",
        "changed_outside": 0,
        "attempts": 2,
        "passed": False,
        "outside": 3102,
        "left": 0.1234,
        "reused": True,
        "unread": "at sunset",
        "sharpness": 0.51234,
    }
    assert list(meanings(measures)) == [
        "the check failed",
        "0 of 3,102 pixels outside of the region changed",
        "drawings until it was kept: 2",
        "12.3% of the picture was still recognised as what should go",
        "taken from an earlier picture of the same recipe, not computed again",
        "the picture model had no room to read the end of the words: “at sunset”",
        "sharpness 0.512",
    ]


def test_a_region_without_an_outside_is_the_whole_picture() -> None:
    assert list(meanings({"changed_outside": 0, "outside": 0})) == ["the region was the whole picture"]
    assert list(meanings({"changed_outside": 4})) == ["4 pixels outside of the region changed"]
    assert list(meanings({})) == []


def test_a_measure_of_another_kind_than_known_is_told_as_it_is() -> None:
    assert list(meanings({"left": "much", "seen": None, "reused": False})) == ["left much", "seen None", "reused no"]
