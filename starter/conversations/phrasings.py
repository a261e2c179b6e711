"""Phrasings by intent, from the text files in `collected/`: one a line, words that the program fills in braces.

`typed => meant` where a line also says what it means. Every twelfth line is held out, of longer files
the first ones are not: training never says it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from random import Random

from pentimento.starter.conversations.words import a
from pentimento.starter.words import plural

FOLDER = Path(__file__).parent / "collected"
ORDERS = frozenset(
    """
add apply bring change clear color colour convert create crop cut delete discard draw drop dye erase exchange fill flip
generate get give go insert leave let lose make mirror move paint place put recolor recolour redo remove render replace
resize restore reverse revert rotate scale set shift show sketch spin swap switch take tint transform trim turn undo use
""".split()
)
"""Verbs that begin a bare order."""


HELD_OUT_EVERY = 12
ALWAYS = 47
"""So many lines of a longer file, which begins with the plainest ones, are learned in any case."""
_heard: ContextVar[list[str] | None] = ContextVar("heard", default=None)
"""The intents that were said in held-out phrasings; None in training."""


@cache
def phrasings(intent: str) -> tuple[tuple[str, str], ...]:
    """All phrasings of an intent as (typed, meant); `meant` is empty where the intent says it all."""
    lines = (FOLDER / f"{intent}.txt").read_text(encoding="utf-8").splitlines()
    return tuple((typed, meant) for typed, _, meant in (line.partition(" => ") for line in lines))


@contextmanager
def held_out() -> Iterator[list[str]]:
    """Within it the held-out phrasings are said and no others; gives the intents of those that were."""
    heard: list[str] = []
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)


def template(r: Random, intent: str) -> tuple[str, str]:
    """One way of saying it and what it means, both with their braces."""
    heard = _heard.get()
    if heard is None:
        return r.choice(_learned(intent))
    heard.append(intent)
    every = phrasings(intent)
    return r.choice([every[index] for index in _held_out(intent)] or every)


@cache
def _learned(intent: str) -> tuple[tuple[str, str], ...]:
    """What training says."""
    return tuple(one for index, one in enumerate(phrasings(intent)) if index not in _held_out(intent))


@cache
def _held_out(intent: str) -> range:
    """Which lines training never says; of a short file there are some, too."""
    count = len(phrasings(intent))
    return range(ALWAYS if count > ALWAYS else HELD_OUT_EVERY - 1, count, HELD_OUT_EVERY)


def phrasing(r: Random, intent: str, /, **words: str) -> str:
    """One way of saying it, filled."""
    return filled(template(r, intent)[0], words)


def meaning(r: Random, intent: str, /, **words: str) -> tuple[str, str]:
    """One way of saying it and what it means, both filled with the same words."""
    typed, meant = template(r, intent)
    return filled(typed, words), filled(meant, words)


def filled(text: str, words: dict[str, str]) -> str:
    """The words in their braces; an article before a brace fits its word, an "s" after it makes the plural."""
    text = re.sub(r"\b(an?) \{(\w)\}(?!s\b)", lambda found: a(words[found[2]]), text)
    text = re.sub(r"\{([nm])\}s\b(?!')", lambda found: plural(words[found[1]]), text)
    return text.format(**words)


def is_order(said: str) -> bool:
    """Whether the words are a bare order, so that "please" or "can you" may stand before them."""
    return said.split(maxsplit=1)[0].strip(",.:") in ORDERS
