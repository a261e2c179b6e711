import numpy as np
import pytest
from PIL import Image

from pentimento.tools.check import (
    asks_to_recolor,
    asks_to_remove,
    asks_to_replace,
    check_edit,
    check_fill,
    check_generate,
)
from pentimento.tools.color import NAMED
from tests.fakes_tools import BROWN, GRAY, FakeModels, picture, run_with

EVERYWHERE = np.ones((64, 64), dtype=bool)
RED = NAMED["red"]


def edited(after: Image.Image, instruction: str, target: str, models: FakeModels | None = None) -> tuple[bool, str]:
    check = check_edit(picture(), after, EVERYWHERE, instruction, target, run_with(models or FakeModels()))
    assert check.measures()["passed"] is check.passed
    assert 0 <= check.score <= 1
    return check.passed, check.note


@pytest.mark.parametrize(
    ("instruction", "recolor", "replace", "remove"),
    [
        ("make the squirrel red", True, False, False),
        ("turn the cat blue", True, False, False),
        ("replace the squirrel with a red fox", False, True, False),
        ("turn the squirrel into a fox", False, True, False),
        ("swap the nut for an apple", False, True, False),
        ("remove the red squirrel", False, False, True),
        ("take the nut away", False, False, True),
        ("get rid of the tree", False, False, True),
        ("put it on a beach", False, False, False),
        ("put a red hat on the squirrel", False, False, False),
        ("give the squirrel a red hat", False, False, False),
        ("give the house a red color", True, False, False),
    ],
)
def test_the_instruction_tells_what_is_asked_for(instruction: str, recolor: bool, replace: bool, remove: bool) -> None:
    assert asks_to_recolor(instruction) is recolor
    assert asks_to_replace(instruction) is replace
    assert asks_to_remove(instruction) is remove


def test_a_thing_of_the_color_asked_for_passes() -> None:
    assert edited(picture(thing=RED), "make the squirrel red", "squirrel") == (True, "")


def test_a_thing_of_another_color_is_named_as_it_came_out() -> None:
    after = picture(thing=NAMED["blue"])
    assert edited(after, "make the squirrel red", "squirrel") == (False, "The squirrel came out blue rather than red.")


def test_a_thing_that_is_mostly_but_not_enough_of_the_color_is_told_so() -> None:
    motley = picture(thing=NAMED["blue"])
    for left, color in ((21, "red"), (30, "yellow"), (35, "green")):
        motley.paste(NAMED[color], (left, 21, 42, 42))
    passed, note = edited(motley, "make the squirrel red", "squirrel")
    assert (passed, note) == (False, "Only a part of the squirrel came out red.")


def test_a_recolored_thing_that_is_gone_fails() -> None:
    passed, note = edited(picture(thing=None), "make the squirrel red", "squirrel")
    assert (passed, note) == (False, "I can't make out the squirrel any more.")


def test_a_thing_told_by_its_old_color_is_looked_for_without_it() -> None:
    models = FakeModels(blind=frozenset({"brown squirrel"}))
    assert edited(picture(thing=RED), "make the brown squirrel red", "brown squirrel", models) == (True, "")
    assert models.asked == ["squirrel"]


def test_a_thing_that_was_replaced_must_be_there() -> None:
    after = picture(thing=RED)
    assert edited(after, "replace the squirrel with a fox", "squirrel") == (True, "")
    unseen = FakeModels(blind=frozenset({"fox"}))
    assert edited(after, "replace the squirrel with a fox", "squirrel", unseen) == (
        False,
        "I can't make out the fox in it.",
    )
    assert unseen.asked == ["fox"]


@pytest.mark.parametrize(
    ("instruction", "asked"),
    [
        ("replace the squirrel with apple", "apple"),
        ("replace the squirrel with an apple", "apple"),
        ("swap the squirrel for the tree.", "tree"),
        ("replace the squirrel with a fox, please", "fox"),
        ("turn the squirrel into thick red fur", "fur"),
    ],
)
def test_what_takes_the_place_is_read_from_the_instruction(instruction: str, asked: str) -> None:
    models = FakeModels()
    edited(picture(thing=RED), instruction, "squirrel", models)
    assert models.asked == [asked]


def test_a_thing_that_was_removed_must_be_gone() -> None:
    assert edited(picture(thing=None), "remove the squirrel", "squirrel") == (True, "")
    half = picture(thing=None)
    half.paste(BROWN, (20, 20, 42, 30))
    assert edited(half, "remove the squirrel", "squirrel") == (False, "I still see the squirrel.")


def test_a_thing_that_was_added_must_be_there() -> None:
    after = picture(thing=RED)
    assert edited(after, "add a red balloon on the right", "red balloon") == (True, "")
    unseen = FakeModels(blind=frozenset({"balloon"}))
    assert edited(after, "add a red balloon on the right", "red balloon", unseen) == (
        False,
        "I can't make out the red balloon in it.",
    )


@pytest.mark.parametrize(
    ("instruction", "target", "asked"),
    [
        ("put a red nut on the squirrel", "squirrel", "nut"),
        ("give the squirrel a red nut", "squirrel", "nut"),
        ("add a red hat", "hat", "hat"),
    ],
)
def test_what_is_added_is_looked_for_and_its_color_is_not_that_of_the_target(
    instruction: str, target: str, asked: str
) -> None:
    models = FakeModels()
    assert edited(picture(thing=NAMED["blue"]), instruction, target, models) == (True, "")
    assert models.asked == [asked]
    blind = FakeModels(blind=frozenset({asked}))
    assert edited(picture(thing=RED), instruction, target, blind) == (False, f"I can't make out the {asked} in it.")


def test_something_new_that_no_model_knows_is_not_checked() -> None:
    models = FakeModels()
    instruction = "put a red hat on the squirrel"
    check = check_edit(picture(), picture(thing=RED), EVERYWHERE, instruction, "squirrel", run_with(models))
    assert "passed" not in check.measures()
    assert models.asked == []


def test_without_a_list_of_known_things_what_is_added_is_looked_for_by_its_name() -> None:
    models = FakeModels(things=())
    assert edited(picture(thing=RED), "put a red hat on the squirrel", "squirrel", models) == (True, "")
    assert models.asked == ["hat"]


def test_a_change_of_the_whole_picture_needs_to_be_visible_alone() -> None:
    assert edited(Image.new("RGB", (64, 64), GRAY), "put it on a beach", "") == (True, "")


@pytest.mark.parametrize("instruction", ["make the squirrel red", "remove the squirrel", "put it on a beach"])
def test_nothing_changed_is_always_a_failure(instruction: str) -> None:
    hardly = picture()
    hardly.putpixel((30, 30), (255, 255, 255))
    assert edited(hardly, instruction, "squirrel") == (False, "Nothing visible changed.")


def test_of_two_failures_the_nearer_one_scores_higher() -> None:
    partly = picture(thing=NAMED["blue"])
    partly.paste(RED, (21, 21, 42, 28))
    run = run_with(FakeModels())
    scores = [
        check_edit(picture(), after, EVERYWHERE, "make the squirrel red", "squirrel", run).score
        for after in (picture(), picture(thing=None), picture(thing=NAMED["blue"]), partly, picture(thing=RED))
    ]
    assert scores == sorted(scores)
    assert len(set(scores)) == len(scores)


def test_a_new_picture_must_show_what_was_asked_for() -> None:
    blind = FakeModels(blind=frozenset({"nut"}))
    check = check_generate(picture(), "a squirrel eating a nut", run_with(blind))
    assert check.note == "I can't make out the nut in it."
    assert check.measures() == {"passed": False, "things_found": 1, "things_asked": 2}
    assert check.score == 0.5
    assert check_generate(picture(), "a squirrel eating a nut", run_with(FakeModels())).passed


def test_words_that_no_model_knows_are_not_checked() -> None:
    check = check_generate(picture(), "a storm in a teacup", run_with(FakeModels()))
    assert check.passed
    assert check.measures() == {"things_found": 0, "things_asked": 0}
    filled = check_fill(picture(), picture(thing=RED), EVERYWHERE, "a storm in a teacup", run_with(FakeModels()))
    assert filled.passed
    assert "passed" not in filled.measures()


class Naming(FakeModels):
    """Knows things by their colour, too."""

    def known_things(self, words: str) -> list[str]:
        return [one for one in ("red squirrel", "blue squirrel", "nut") if one in words]


@pytest.mark.parametrize(
    ("prompt", "note"),
    [
        ("a forest without a squirrel", "I see the squirrel, which should not be there."),
        ("a nut and no fox", "I see the fox, which should not be there."),
        ("no squirrel or fox", "I see the squirrel and the fox, which should not be there."),
        ("not two squirrels", ""),
    ],
)
def test_what_a_prompt_excludes_must_not_be_there(prompt: str, note: str) -> None:
    drawn = check_generate(picture(thing=NAMED["blue"]), prompt, run_with(FakeModels()))
    assert drawn.note == note
    assert check_generate(picture(thing=None), prompt, run_with(FakeModels())).note in (
        "",
        "I can't make out the nut in it.",
    )
    filled = check_fill(picture(), picture(thing=RED), EVERYWHERE, prompt, run_with(FakeModels()))
    assert filled.note == note


def test_a_color_can_be_excluded_by_itself() -> None:
    run = run_with(Naming())
    prompt = "a blue squirrel, not a red squirrel"
    assert check_generate(picture(thing=NAMED["blue"]), prompt, run).measures() == {
        "passed": True,
        "things_found": 2,
        "things_asked": 2,
    }
    drawn = check_generate(picture(thing=RED), prompt, run)
    assert drawn.note == "I can't make out the blue squirrel in it. I see the red squirrel, which should not be there."
    assert drawn.score == 0.25


def test_what_is_excluded_beside_a_region_is_no_matter_of_what_fills_it() -> None:
    left = EVERYWHERE.copy()
    left[:, 16:] = False
    run = run_with(FakeModels())
    assert check_fill(picture(), picture(thing=RED), left, "grass without a squirrel", run).note != ""
    made = picture()
    made.paste(GRAY, (0, 0, 16, 64))
    assert check_fill(picture(), made, left, "grass without a squirrel", run).passed


def test_without_a_list_of_known_things_nothing_is_looked_for() -> None:
    models = FakeModels(things=())
    assert "passed" not in check_generate(picture(), "a street without cars", run_with(models)).measures()
    assert models.asked == []


@pytest.mark.parametrize("target", ["left squirrel", "squirrel on the left", "biggest brown squirrel"])
def test_which_one_is_meant_is_no_part_of_what_is_looked_for(target: str) -> None:
    assert edited(picture(thing=RED), f"make the {target} red", target)[0]
    assert edited(picture(thing=None), f"remove the {target}", target)[0]
    assert edited(picture(thing=RED), f"remove the {target}", target) == (False, f"I still see the {target}.")
