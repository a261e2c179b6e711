import pytest

from pentimento.bench import unguarded
from pentimento.bench.judge import Judge, load_judge
from pentimento.starter.world.edits import EDITS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def judge() -> Judge:
    return load_judge()


@pytest.mark.parametrize("kind", ["recolor", "remove", "place", "resize"])
def test_an_edit_that_was_made_succeeds_and_doing_nothing_does_not(judge: Judge, kind: str) -> None:
    edits = unguarded.unseen_edits(kind, 8)
    assert unguarded.edit_rate(unguarded.truth(edits), edits, judge).successes >= 7
    assert unguarded.edit_rate(unguarded.nothing(edits), edits, judge).successes <= 1


def test_a_hole_that_stays_gray_is_no_success(judge: Judge) -> None:
    edits = unguarded.unseen_edits("add", 8)
    assert unguarded.edit_rate(unguarded.truth(edits), edits, judge, unguarded.filled_facts).successes >= 7
    assert unguarded.edit_rate(unguarded.holes(edits), edits, judge, unguarded.filled_facts).successes <= 1


def test_pairs_are_the_same_every_time_and_square() -> None:
    assert all(edit.before.size == (128, 128) for edit in unguarded.unseen_edits("move", 5))
    assert unguarded.unseen_edits("move", 5) == unguarded.unseen_edits("move", 5)


def test_each_kind_has_a_row_and_how_near_a_picture_is_has_an_interval(judge: Judge) -> None:
    table = unguarded.rows(unguarded.nothing, unguarded.holes, judge, 2)
    assert list(table) == [*(f"edit {kind}" for kind in EDITS), "inpaint"]
    assert all(" dB (" in row and " to " in row for row in table.values())
    told = unguarded.rows(unguarded.truth, unguarded.truth, judge, 2, unguarded.edit_rate)
    assert not any("dB" in row for row in told.values())
