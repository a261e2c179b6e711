from datetime import UTC, datetime, timedelta, timezone

import pytest
import typer

from pentimento.tui.moment import parse_moment

NOW = datetime(2026, 11, 25, 18, 30, 5, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("today", "2026-11-25T00:00:00+02:00"),
        ("Yesterday", "2026-11-24T00:00:00+02:00"),
        ("3h", "2026-11-25T15:30:05+02:00"),
        ("90 min", "2026-11-25T17:00:05+02:00"),
        ("2 days ago", "2026-11-23T18:30:05+02:00"),
        ("1w", "2026-11-18T18:30:05+02:00"),
        ("2026-11-20T14:00+01:00", "2026-11-20T14:00:00+01:00"),
    ],
)
def test_a_moment_is_understood(words: str, moment: str) -> None:
    assert parse_moment(words, NOW).isoformat() == moment


def test_a_day_begins_at_midnight_where_the_person_is() -> None:
    assert parse_moment("2026-11-20") == datetime(2026, 11, 20).astimezone()


def test_left_out_it_counts_from_now() -> None:
    before = datetime.now(UTC)
    assert timedelta(0) <= parse_moment("3h") + timedelta(hours=3) - before < timedelta(minutes=1)


@pytest.mark.parametrize("words", ["", "soon", "2026-13-01", "3", "h", "-3h", "999999w", "0001-01-01", "\x1b[2J"])
def test_what_is_no_moment_is_refused(words: str) -> None:
    with pytest.raises(typer.BadParameter, match="is no moment; write"):
        parse_moment(words)
