from collections.abc import Iterable

import pytest

from pentimento.bench import memory
from pentimento.bench.__main__ import PARTS, chosen


def test_all_parts_are_measured_where_none_is_named() -> None:
    assert list(chosen([])) == list(chosen(["--large"])) == list(PARTS)
    assert chosen(["turn"]) == {"turn": PARTS["turn"]}


def test_a_long_history_is_measured_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[tuple[int, ...]] = []

    def measure(asked: Iterable[int]) -> dict[str, object]:
        sizes.append(tuple(asked))
        return {}

    monkeypatch.setattr(memory, "measure", measure)
    chosen(["memory", "--large"])["memory"]()
    assert sizes == [memory.LARGE]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["memroy"],
            "There is no part memroy; there are image, .*, memory, and --large for a long history and more edits",
        ),
        (["--lrage"], "There is no part --lrage"),
        (["turn", "--large"], "--large is for the parts image, edits, memory"),
    ],
)
def test_a_part_that_there_is_not_is_one_sentence(arguments: list[str], sentence: str) -> None:
    with pytest.raises(SystemExit, match=sentence):
        chosen(arguments)
