"""The tools that answer in words: describe, verify; and what is named where nothing was found."""

import pytest
from PIL import Image

from pentimento.tools import find
from pentimento.tools.color import NAMED
from pentimento.tools.describe import DESCRIBE, DescribeArgs
from pentimento.tools.types import Progress, ToolError, ToolResult
from pentimento.tools.verify import VERIFY, VerifyArgs
from pentimento.tools.wanted import Wanted, wanted_in
from tests.fakes_tools import FakeModels, picture, run_with

ONE = picture(thing=NAMED["red"])
NONE = picture(thing=None)


def two() -> Image.Image:
    made = picture(thing=None)
    for left in (5, 40):
        made.paste(NAMED["red"], (left, 20, left + 15, 40))
    return made


def describe(models: FakeModels, known: str = "", src: Image.Image = ONE) -> ToolResult:
    return DESCRIBE.fn(DescribeArgs(known=known), run_with(models, src))


def verify(words: str, src: Image.Image = ONE, models: FakeModels | None = None) -> ToolResult:
    blind = frozenset({"fox"})
    return VERIFY.fn(VerifyArgs(words=words), run_with(models or FakeModels(blind=blind), src))


def test_a_picture_is_described_by_the_model_and_by_how_it_was_made() -> None:
    result = describe(FakeModels(caption="A red squirrel in a forest."), "“a squirrel”, then “make it red”")
    assert result.note == "I see a red squirrel in a forest. It was made so: “a squirrel”, then “make it red”."
    assert result.images == ()
    assert result.mask is None


@pytest.mark.parametrize(
    ("known", "src", "note"),
    [
        ("", ONE, "This profile has no model that describes pictures. I can make out: red squirrel."),
        ("“a nut”", NONE, "This profile has no model that describes pictures. It was made so: “a nut”."),
        ("", NONE, "This profile has no model that describes pictures."),
    ],
)
def test_without_a_model_it_is_said_what_can_be_made_out(known: str, src: Image.Image, note: str) -> None:
    assert describe(FakeModels(), known, src).note == note


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("two red squirrels and a nut", [Wanted("squirrel", 2, "red"), Wanted("nut")]),
        ("a squirrel eating a nut in a forest", [Wanted("squirrel"), Wanted("nut")]),
        ("3 foxes, one blue nut", [Wanted("fox", 3), Wanted("nut", 1, "blue")]),
        ("a red fox white nut", [Wanted("fox", 0, "red"), Wanted("nut", 0, "white")]),
        ("nothing that is known", []),
        ("", []),
        ("²³ ٣ squirrels", [Wanted("squirrel")]),
        ("no squirrel", [Wanted("squirrel", absent=True)]),
        ("a fox without a blue nut", [Wanted("fox"), Wanted("nut", 0, "blue", absent=True)]),
        (
            "a fox without a nut or a squirrel",
            [Wanted("fox"), Wanted("nut", absent=True), Wanted("squirrel", absent=True)],
        ),
        ("neither a fox nor a nut", [Wanted("fox", absent=True), Wanted("nut", absent=True)]),
        ("not two foxes, not a nut", [Wanted("fox", 2, absent=True), Wanted("nut", absent=True)]),
        ("a fox and not a single nut", [Wanted("fox"), Wanted("nut", absent=True)]),
        ("a squirrel but not red", [Wanted("squirrel")]),
        ("a not red squirrel", [Wanted("squirrel")]),
    ],
)
def test_words_are_things_numbers_and_colors(words: str, found: list[Wanted]) -> None:
    assert wanted_in(words, FakeModels()) == found


def test_one_of_several_that_has_the_color_is_there_where_it_should_not_be() -> None:
    motley = picture(thing=None)
    for left, color in ((2, "red"), (24, "blue"), (46, "blue")):
        motley.paste(NAMED[color], (left, 20, left + 15, 40))
    assert verify("no red squirrel", motley).note == "No: I see the red squirrel, which should not be there."
    assert verify("no green squirrel", motley).note == "Yes: I don't see the green squirrel."


def test_a_thing_of_which_only_a_part_has_the_color_is_told_so() -> None:
    motley = picture(thing=NAMED["blue"])
    for left, color in ((21, "red"), (30, "yellow"), (35, "green")):
        motley.paste(NAMED[color], (left, 21, 42, 42))
    assert verify("a red squirrel", motley).note == "No: only a part of the squirrel is red."


def test_without_a_list_of_known_things_what_should_be_absent_is_told_too() -> None:
    found = wanted_in("a lamp without a table", FakeModels(things=()))
    assert found == [Wanted("lamp"), Wanted("table", absent=True)]


def test_without_a_list_of_known_things_each_phrase_is_one() -> None:
    found = wanted_in("two tall red lamps on the old table and a cat", FakeModels(things=()))
    assert found == [Wanted("lamps", 2, "red"), Wanted("table"), Wanted("cat")]


@pytest.mark.parametrize(
    ("words", "src", "note", "passed"),
    [
        ("a red squirrel", ONE, "Yes: I see the red squirrel.", True),
        ("two red squirrels", two(), "Yes: I see 2 times the red squirrel.", True),
        ("two squirrels", ONE, "No: I count 1 for “squirrel” where there should be 2.", False),
        ("a blue squirrel", ONE, "No: the squirrel is red rather than blue.", False),
        ("a squirrel and a fox", ONE, "Not quite: I see the squirrel; I can't find the fox.", False),
        (
            "a squirrel with a HAT in a forest.",
            ONE,
            "Yes: I see the squirrel. I didn't look for “a HAT”, “a forest”.",
            True,
        ),
        ("a nut", NONE, "No: I can't find the nut.", False),
        ("no squirrel", ONE, "No: I see the squirrel, which should not be there.", False),
        ("no squirrel", NONE, "Yes: I don't see the squirrel.", True),
        (
            "a squirrel without a nut",
            ONE,
            "Not quite: I see the squirrel; I see the nut, which should not be there.",
            False,
        ),
        ("a squirrel without a fox", ONE, "Yes: I see the squirrel; I don't see the fox.", True),
        ("not a blue squirrel", ONE, "Yes: I don't see the blue squirrel.", True),
        ("no red squirrels", two(), "No: I see the red squirrel, which should not be there.", False),
        ("not two squirrels", ONE, "Yes: I don't see 2 times the squirrel.", True),
        ("a squirrel but not red", ONE, "Yes: I see the squirrel. I didn't look for “not red”.", True),
        ("a squirrel that is not red", ONE, "Yes: I see the squirrel. I didn't look for “not red”.", True),
        (
            "a Turquoise sleeping squirrel",
            ONE,
            "Yes: I see the squirrel. I didn't look for “Turquoise sleeping”.",
            True,
        ),
    ],
)
def test_what_was_asked_for_is_looked_for_counted_and_its_color_measured(
    words: str, src: Image.Image, note: str, passed: bool
) -> None:
    result = verify(words, src)
    assert (result.note, result.measures["passed"]) == (note, passed)
    assert result.images == ()


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (" ", "Say what the picture should show, for example"),
        ("a dragon", "names nothing that I can look for; name one, for example squirrel, nut, fox"),
    ],
)
def test_what_can_not_be_looked_for_is_said(words: str, problem: str) -> None:
    with pytest.raises(ToolError, match=problem):
        verify(words)


def test_where_a_thing_is_not_found_what_was_found_is_named() -> None:
    told: list[Progress] = []
    run = run_with(FakeModels(blind=frozenset({"dog", "nut"})), ONE, report=told.append)
    with pytest.raises(ToolError, match=r"^I can't find the dog in this picture; what I can make out is: squirrel\.$"):
        find.thing(run, "dog")
    assert told[-1].stage == "looking what there is"


@pytest.mark.parametrize("things", [(), ("nut",)])
def test_where_nothing_else_is_found_no_thing_is_named(things: tuple[str, ...]) -> None:
    run = run_with(FakeModels(blind=frozenset({"dog", "nut"}), things=things), ONE)
    with pytest.raises(ToolError, match=r"^I can't find the dog in this picture; name something that is in it\.$"):
        find.thing(run, "dog")


def test_two_names_for_one_thing_are_one_thing_and_few_things_are_looked_for() -> None:
    models = FakeModels(things=tuple(f"thing{number}" for number in range(500)))
    assert find.seen(run_with(models, ONE), models.things) == ["thing0"]
    assert len(models.asked) == find.LOOKED_FOR


def test_a_thing_counts_as_seen_where_it_is_the_likeliest() -> None:
    """A model asked for what is not there marks what looks like it, and less surely."""

    class Unsure(FakeModels):
        def segment(self, src: Image.Image, what: str) -> Image.Image:
            mask = Image.new("L", src.size)
            boxes = {"fox": (230, (0, 0, 20, 20)), "dog": (150, (0, 0, 22, 22)), "nut": (140, (30, 30, 36, 36))}
            level, box = boxes[what]
            mask.paste(level, box)
            return mask

    masks = find.masks_of(run_with(Unsure(), picture(40, 40)), picture(40, 40), ("dog", "nut", "fox"))
    assert {what: mask.sum() for what, mask in masks.items()} == {"fox": 400, "nut": 36}
    assert list(masks) == ["fox", "nut"]


def test_a_large_picture_is_looked_at_small_and_stays_as_it_is() -> None:
    class Looking(FakeModels):
        def segment(self, src: Image.Image, what: str) -> Image.Image:
            self.drawn_from.append(src.size)
            return super().segment(src, what)

    models, large = Looking(), picture(2000, 1000)
    assert find.seen(run_with(models, large), models.things) == ["squirrel"]
    assert set(models.drawn_from) == {(find.SIDE, find.SIDE // 2)}
    assert large.size == (2000, 1000)
