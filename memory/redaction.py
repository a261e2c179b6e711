"""Takes words that are to be forgotten out of texts that quote them."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import JsonValue

_CUT = 59
"""Letters that are left of a long label where it is quoted."""


@dataclass(frozen=True)
class Redaction:
    """Texts without some phrases; each gives way to "…"."""

    forms: tuple[str, ...] = ()
    """The longest first."""
    phrases: re.Pattern[str] | None = None

    def text(self, text: str) -> str:
        return text if self.phrases is None else self.phrases.sub("…", text)

    def value(self, value: JsonValue) -> JsonValue:
        """The same for every text within a JSON value."""
        match value:
            case str():
                return self.text(value)
            case list():
                return [self.value(one) for one in value]
            case dict():
                return {key: self.value(one) for key, one in value.items()}
            case _:
                return value


def redaction(texts: Iterable[str]) -> Redaction:
    """Of these texts, as they are, in one line, cut short as a label, and as they stand in JSON."""
    forms = {form for text in texts for form in _forms(text) if form.strip()}
    if not forms:
        return Redaction()
    longest_first = tuple(sorted(forms, key=len, reverse=True))
    pattern = "|".join(rf"(?<!\w){re.escape(form)}(?!\w)" for form in longest_first)
    return Redaction(longest_first, re.compile(pattern))


def _forms(text: str) -> Iterable[str]:
    line = " ".join(text.split())
    cut = [f"{line[:_CUT]}…", line[:_CUT]] if len(line) > _CUT + 1 else []
    for form in (text, line, *cut):
        yield form
        yield json.dumps(form)[1:-1]
        yield json.dumps(form, ensure_ascii=False)[1:-1]
