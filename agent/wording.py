"""Words about versions: which ones a few words mean ("red": the one labelled "make the squirrel red"), a word for another."""

import difflib
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeAlias

from pentimento.memory.unspaced import is_unspaced

Likeness: TypeAlias = Callable[[str, Collection[str]], Collection[str]]
"""A word and those that there are → the ones of them that it may mean."""

TINY = frozenset("a an the with without on in at it its of to and or is was when that this one my".split())
"""Words that say nothing of a version, not even alone."""
SMALL = TINY | frozenset("version versions picture pictures image images make put add remove replace".split())
"""Words that tell no version from another where there is a better one."""
_SOUNDS_OPEN = re.compile(
    r"(?!uni(?![nm])|use|usu|ut[ei]|eu|ewe|once?\b)[aeiou]|hour|honest|honou?r|heir", re.IGNORECASE
)
"""How words begin that want "an": by their sound, not by their letter alone."""
_SHORTEST = 3
"""Letters that two words must share at their beginning to mean the same: flip, flipped."""
_ALIKE = 0.8
"""Similarity (difflib) from which on a word counts as a mistyped other one."""


def tokens(text: str) -> list[str]:
    return re.findall(r"[^\W_]+|#[0-9a-f]{6}", unicodedata.normalize("NFC", text).casefold())


def telling(words: str) -> list[str]:
    """Those words that tell a version from others; none where there is none."""
    said = tokens(words)
    return [word for word in said if word not in SMALL] or [word for word in said if word not in TINY]


def saying(labels: Iterable[tuple[str, str]], words: str) -> list[str]:
    """Of (id, label), the ids whose labels have all of the words; failing that, those that have words like them."""
    listed, wanted = in_words(labels), telling(words)
    return next((found for like in LIKENESSES if (found := having(listed, wanted, like))), [])


def in_words(labels: Iterable[tuple[str, str]]) -> list[tuple[str, frozenset[str]]]:
    """Of (id, label), the ids and the words of the labels; a label that is there often is read once."""
    listed = list(labels)
    words = {label: frozenset(tokens(label)) for label in {label for _, label in listed}}
    return [(identity, words[label]) for identity, label in listed]


def having(listed: Iterable[tuple[str, frozenset[str]]], wanted: Sequence[str], like: Likeness) -> list[str]:
    """Of ids and words, the ids that have for each of the wanted words one that is so like it."""
    listed = list(listed)
    # Each word is compared once, in however many labels it stands.
    known = frozenset[str]().union(*{words for _, words in listed})
    alike = [frozenset(like(word, known)) for word in wanted]
    return [identity for identity, there in listed if alike and not any(there.isdisjoint(words) for words in alike)]


def article_of(word: str) -> str:
    """ "a" or "an", as the word sounds."""
    return "an" if _SOUNDS_OPEN.match(word) else "a"


def with_word(text: str, old: str, new: str) -> str:
    """A text with one word, or a few, for another, the article that fits, and capitals where they were: "An owl" → "A fox"."""
    own_article = re.match(r"(?:an?|the)\s", new, re.IGNORECASE)

    def put(found: re.Match[str]) -> str:
        said, article = _cased(new, like=found["old"]), found["article"] or ""
        if own_article:
            return _cased(new, like=article or found["old"])
        if article.strip().lower() in {"a", "an"}:
            fitting = f"{article_of(new)} "
            article = fitting.upper() if said.isupper() and article.isupper() else _cased(fitting, like=article)
        return f"{article}{said}"

    pattern = rf"(?P<article>\b(?:an?|the) )?(?<!\w)(?P<old>{re.escape(old)})(?!\w)"
    return re.sub(pattern, put, text, flags=re.IGNORECASE)


def _cased(word: str, *, like: str) -> str:
    """With a capital, or all of them, where the other one has; one that brings its own keeps them."""
    if word != word.lower():
        return word
    if like.isupper() and len(like.strip()) > 1:
        return word.upper()
    return word[:1].upper() + word[1:] if like[:1].isupper() else word


def equal(word: str, known: Collection[str]) -> list[str]:
    """The word itself; one of a script without spaces stands within others."""
    if is_unspaced(word):
        return [other for other in known if word in other]
    return [word] if word in known else []


def _begins_alike(word: str, known: Collection[str]) -> list[str]:
    long = [other for other in known if min(len(word), len(other)) >= _SHORTEST]
    return [other for other in long if other.startswith(word) or word.startswith(other)]


def _mistyped(word: str, known: Collection[str]) -> list[str]:
    return difflib.get_close_matches(word, known, n=max(1, len(known)), cutoff=_ALIKE)


LIKENESSES: Sequence[Likeness] = (equal, _begins_alike, _mistyped)
"""From the very word to one that may be meant."""
