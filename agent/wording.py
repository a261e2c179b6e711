"""Words about versions: which ones a few words mean ("red": the one labelled "make the squirrel red"), a word for another."""

import difflib
import re
from collections.abc import Iterable, Sequence

SMALL = frozenset(
    "a an the with without on in at it of to and one version picture image when was is make put add remove replace".split()
)
"""Words that tell no version from another."""
_VOWELS = frozenset("aeiou")
_SHORTEST = 3
"""Letters that two words must share at their beginning to mean the same: flip, flipped."""
_ALIKE = 0.8
"""Similarity (difflib) from which on a word counts as a mistyped other one."""


def tokens(text: str) -> list[str]:
    return re.findall(r"[^\W_]+|#[0-9a-f]{6}", text.casefold())


def saying(labels: Iterable[tuple[str, str]], words: str) -> list[str]:
    """Of (id, label), the ids whose labels have all of the words; failing that, those that have words like them."""
    listed = [(identity, tokens(label)) for identity, label in labels]
    said = tokens(words)
    wanted = [word for word in said if word not in SMALL] or said
    if not wanted:
        return []
    for same in (_equal, _begins_alike, _mistyped):
        found = [identity for identity, there in listed if all(same(word, there) for word in wanted)]
        if found:
            return found
    return []


def with_word(text: str, old: str, new: str) -> str:
    """A text with one word, or a few, for another, and the article that fits: "an owl" → "a fox"."""

    def put(found: re.Match[str]) -> str:
        article = found["article"]
        fitting = (
            ("an " if new[:1].lower() in _VOWELS else "a ") if article and article.lower() in {"a ", "an "} else article
        )
        return f"{fitting or ''}{new}"

    return re.sub(rf"(?P<article>\b(?:an?|the) )?(?<!\w){re.escape(old)}(?!\w)", put, text, flags=re.IGNORECASE)


def _equal(word: str, there: Sequence[str]) -> bool:
    return word in there


def _begins_alike(word: str, there: Sequence[str]) -> bool:
    return any(
        min(len(word), len(other)) >= _SHORTEST and (other.startswith(word) or word.startswith(other))
        for other in there
    )


def _mistyped(word: str, there: Sequence[str]) -> bool:
    return bool(difflib.get_close_matches(word, there, n=1, cutoff=_ALIKE))
