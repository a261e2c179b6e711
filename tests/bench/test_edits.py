from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from pentimento.bench.edit_chain import EDITS, Chain, instructions
from pentimento.bench.edit_large import TIMES, Instant
from pentimento.bench.edits import Edited, cost_rows, local_rows, success_row
from pentimento.bench.pairs import Pair, unseen_pairs
from pentimento.tools.profile import load_profile
from pentimento.tools.scope import Scope
from pentimento.tools.types import ToolResult

GRAY, RED = (100, 100, 100), (200, 0, 0)


def painted(*boxes: tuple[int, int, int, int], size: int = 40) -> Image.Image:
    board = Image.new("RGB", (size, size), GRAY)
    for box in boxes:
        board.paste(RED, box)
    return board


BEFORE, AFTER = painted(), painted((10, 10, 20, 20))


def pair(kind: str = "recolor", target: str = "nut", instruction: str = "make the nut red") -> Pair:
    return Pair(kind, BEFORE, AFTER, instruction, target, lambda made: made == AFTER)


def edited(made: Image.Image, bare: Image.Image, box: tuple[int, int, int, int], attempts: int = 1) -> Edited:
    region = Image.new("L", BEFORE.size)
    region.paste(255, box)
    return Edited(pair(), bare, ToolResult((made,), region, measures={"attempts": attempts}), 0.05)


SEEN = [
    edited(AFTER, painted((0, 0, 40, 40)), (8, 8, 22, 22)),
    edited(painted((10, 10, 30, 20)), AFTER, (8, 8, 32, 22), attempts=2),
]


def test_guarded_bare_and_doing_nothing_stand_beside_each_other() -> None:
    row = success_row(SEEN)
    assert [part.split(" %")[0] for part in row.split("; ")] == ["guarded 50", "bare 50", "doing nothing 0"]


def test_what_changed_is_held_against_the_region_and_against_the_truth() -> None:
    rows = local_rows(SEEN)
    assert rows["changed outside of the region"].startswith("0 of 2,668 pixels in 2 edits, bare 1,404")
    assert rows["nothing changed 4 px from the truth"].startswith("50 %")


def test_an_edit_that_was_refused_left_the_picture_and_announced_nothing() -> None:
    refused = Edited(pair(), AFTER, None, 0.05)
    assert refused.picture is BEFORE
    assert refused.region is None
    assert cost_rows([*SEEN, refused], call=0.5)["the guard, of a bare call"] == "10% (recolor 10%)"
    assert cost_rows([*SEEN, refused], call=0.5)["refused"].startswith("33 %")


@pytest.mark.parametrize(
    ("kind", "target", "instruction", "scope"),
    [
        ("recolor", "nut", "make the nut red", Scope.OBJECT),
        ("add", "nut", "add a nut on the left", Scope.LEFT),
        ("add", "hat", "put a hat on the fox", Scope.OBJECT),
        ("move", "fox", "move the fox left", Scope.PICTURE),
        ("place", "", "put it on a beach", Scope.PICTURE),
    ],
)
def test_scopes_are_those_that_a_planner_would_choose(kind: str, target: str, instruction: str, scope: Scope) -> None:
    assert pair(kind, target, instruction).scope is scope


def test_the_truth_succeeds_and_doing_nothing_does_not() -> None:
    for one in unseen_pairs(1):
        assert one.succeeded(one.after)
        assert not one.succeeded(one.before)
        assert one.changes.any()


def test_a_chain_tells_what_changed_outside_of_all_its_regions() -> None:
    regions = np.zeros((40, 40), dtype=bool)
    regions[:20] = True
    made = Chain([BEFORE, AFTER], [BEFORE, painted((0, 0, 40, 40))], regions, refused=0)
    assert list(made.rows().values()) == [
        "0 of 800 pixels outside changed, 0.0 levels, 0 refused",
        "800 of 800 pixels outside changed, 100.0 levels",
    ]


def test_no_edit_of_the_chain_asks_for_the_colour_that_is_there() -> None:
    said = instructions()
    assert len(said) == EDITS
    for thing in {thing for _, thing in said}:
        words = [one for one, of in said if of == thing]
        assert all(one != other for one, other in pairwise(words))


def test_models_that_are_left_out_answer_at_once() -> None:
    models = Instant(load_profile("starter"), 64)
    assert models.best_size == 64
    assert models.edit() != models.picture
    assert np.asarray(models.segment()).any()
    assert TIMES > 1
