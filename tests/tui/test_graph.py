from collections.abc import Mapping, Sequence
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as some

from pentimento.tui import graph


def drawn(
    entries: Sequence[str | None], parents: Mapping[str, Sequence[str]], head: str | None, *, oldest_first: bool = False
) -> str:
    """The graph with the ids at its right."""
    rows = graph.rows(entries, parents, head)
    lines = []
    for row in graph.upside_down(rows) if oldest_first else rows:
        name = "" if row.entry is None else entries[row.entry] or "words"
        lines.append(f"{row.text()} {name}".rstrip())
    return "\n" + "\n".join(lines) + "\n"


FORK = {"n2": ["n1"], "n3": ["n2"], "n4": ["n1"], "n5": ["n3"]}


def test_a_line_is_a_line() -> None:
    assert drawn(["n3", "n2", "n1"], {"n3": ["n2"], "n2": ["n1"]}, "n3") == "\n○ n3\n○ n2\n○ n1\n"


def test_a_fork_joins_where_it_began() -> None:
    assert (
        drawn(["n5", "n4", "n3", "n2", "n1"], FORK, "n5")
        == """
○ n5
│ ○ n4
○ │ n3
○ │ n2
├─╯
○ n1
"""
    )


def test_oldest_first_is_the_same_upside_down() -> None:
    assert (
        drawn(["n5", "n4", "n3", "n2", "n1"], FORK, "n5", oldest_first=True)
        == """
○ n1
├─╮
○ │ n2
○ │ n3
│ ○ n4
○ n5
"""
    )


def test_the_head_keeps_the_first_column_though_others_are_newer() -> None:
    parents = {"n2": ["n1"], "n3": ["n2"], "n4": ["n2"]}
    assert (
        drawn(["n4", "n3", "n2", "n1"], parents, "n2")
        == """
  ○ n4
  │ ○ n3
╭─┴─╯
○ n2
○ n1
"""
    )


def test_words_without_a_picture_stand_beside_the_lines() -> None:
    parents = {"n2": ["n1"], "n3": ["n1"]}
    assert (
        drawn([None, "n3", None, "n2", None, "n1"], parents, "n3")
        == """
 words
○ n3
│ words
│ ○ n2
│ │ words
├─╯
○ n1
"""
    )


def test_a_merge_goes_to_all_that_it_was_made_from() -> None:
    parents = {"n4": ["n2", "n3", "n1"], "n3": ["n1"], "n2": ["n1"]}
    assert (
        drawn(["n4", "n3", "n2", "n1"], parents, "n4")
        == """
○ n4
├─┬─╮
│ ○ │ n3
○ │ │ n2
├─┴─╯
○ n1
"""
    )


def test_a_line_passes_in_front_of_a_fork_that_is_none_of_its_own() -> None:
    parents = {"n5": ["n2"], "n4": ["n1"], "n3": ["n2"]}
    assert (
        drawn(["n5", "n4", "n3", "n2", "n1"], parents, "n5")
        == """
○ n5
│ ○ n4
│ │ ○ n3
├─│─╯
○ │ n2
  ○ n1
"""
    )


def test_pictures_that_have_nothing_in_common_do_not_stand_below_each_other() -> None:
    assert drawn(["n3", "n2", "n1"], {}, "n3") == "\n○ n3\n  ○ n2\n○ n1\n"
    assert drawn(["n2", None, "n1"], {}, None) == "\n○ n2\n words\n○ n1\n"


def test_what_lies_beyond_the_page_is_hinted_at() -> None:
    assert (
        drawn(["n9", "n8"], {"n9": [""], "n8": [""]}, "n9")
        == """
○ n9
│ ○ n8
┊ ┊
"""
    )
    assert drawn([], {}, None) == "\n\n"


def test_a_column_that_is_free_again_is_used_again() -> None:
    entries = [f"n{number}" for number in range(9, 0, -1)]
    rows = graph.rows(entries, {"n9": ["n1"]}, "n9")
    assert max(len(row.cells) for row in rows) == 3
    assert [row.entry for row in rows if row.entry is not None] == list(range(9))


@some.composite
def histories(draw: some.DrawFn) -> tuple[list[str | None], dict[str, list[str]], str | None]:
    """Entries newest first, their parents, and a head; every parent is older, or beyond the page."""
    count = draw(some.integers(0, 14))
    ids = [f"n{number}" for number in range(1, count + 1)]
    parents = {
        one: [
            f"n{older}"
            for older in draw(some.lists(some.integers(1, max(at, 1)), max_size=3, unique=True))
            if older <= at
        ]
        or draw(some.sampled_from([[], [""]]))
        for at, one in enumerate(ids)
    }
    entries: list[str | None] = []
    for one in reversed(ids):
        entries += [None] * draw(some.integers(0, 1)) + [one]
    return entries, parents, draw(some.sampled_from([None, "n99", *ids]))


@settings(max_examples=100)
@given(histories())
def test_every_line_begins_and_ends_at_something(
    history: tuple[list[str | None], dict[str, list[str]], str | None],
) -> None:
    entries, parents, head = history
    rows = [*graph.rows(entries, parents, head)]
    assert [row.entry for row in rows if row.entry is not None] == list(range(len(entries)))
    texts = [row.text("@") for row in rows]
    assert [text.count("@") for row, text in zip(rows, texts, strict=True) if row.entry is not None] == [
        int(entry is not None) for entry in entries
    ]
    for upper, lower in pairwise([*texts, ""]):
        for column in range(0, max(map(len, texts), default=0), 2):
            above, below = upper[column : column + 1] or " ", lower[column : column + 1] or " "
            assert above not in "│├┬╮╭" or below in "│├┴╯╰@┊", "\n".join(texts)
            assert below not in "│├┴╯╰┊" or above in "│├┬╮╭@", "\n".join(texts)


@settings(max_examples=100)
@given(histories())
def test_the_lines_lead_from_each_picture_to_what_it_was_made_from(
    history: tuple[list[str | None], dict[str, list[str]], str | None],
) -> None:
    entries, parents, head = history
    texts = [row.text("@") for row in graph.rows(entries, parents, head)]
    names = [row.entry is not None and entries[row.entry] for row in graph.rows(entries, parents, head)]
    for at, name in enumerate(names):
        if name:
            assert _reached(texts, names, at) == set(parents[name]), "\n".join(texts)


def _reached(texts: list[str], names: Sequence[str | bool | None], start: int) -> set[str]:
    """The pictures that are come to by going down, and at a fork or merge sideways, from the picture in a row."""
    found, ways = set(), [(start + 1, texts[start].index("@"))]
    while ways:
        row, column = ways.pop()
        character = texts[row][column : column + 1] if row < len(texts) else ""
        if character == "@":
            found.add(str(names[row]))
        elif character == "┊":
            found.add("")
        elif character in ("│", "├", "┬", "╮", "╭") and character:
            ways.append((row + 1, column))
            if character == "├" and "╮" in texts[row]:
                ways += [(row + 1, at) for at, one in enumerate(texts[row]) if one in "┬╮"]
        elif character in ("┴", "╯"):
            ways.append((row + 1, next(at for at in range(column, -1, -1) if texts[row][at] in "├╭")))
    return found
