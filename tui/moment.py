"""A moment in the past as a person writes it: 2026-11-20, yesterday, 3h."""

import re
from datetime import UTC, datetime, timedelta

import typer

_AGO = re.compile(r"(\d{1,6}) ?(min|m|hours?|h|days?|d|weeks?|w)(?: ago)?")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_moment(words: str, now: datetime | None = None) -> datetime:
    """The moment, with a time zone; what has none is local time. Raises `typer.BadParameter`."""
    now = now or datetime.now(UTC).astimezone()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    words = words.strip().lower()
    if words in ("today", "yesterday"):
        return midnight - timedelta(days=words == "yesterday")
    try:
        if ago := _AGO.fullmatch(words):
            return now - timedelta(**{_UNITS[ago[2][0]]: int(ago[1])})
        moment = datetime.fromisoformat(words)
        return moment if moment.tzinfo else moment.astimezone()
    except (ValueError, OverflowError, OSError) as error:
        raise typer.BadParameter(f"“{words[:40]}” is no moment; write 2026-11-20, yesterday or 3h") from error
