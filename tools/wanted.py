"""What words ask a picture to show: things, how many of each, and in which colour."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pentimento.tools.color import color_in
from pentimento.tools.types import Models

NUMBERS = {
    word: number
    for number, word in enumerate(("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), start=2)
} | {"one": 1, "single": 1, "both": 2}
_ENDINGS = (("ies", "y"), ("es", ""), ("s", ""))
"""Of plurals, and what stands there in the singular."""
_PHRASE = re.compile(r"[,;.]|\b(?:and|with|on|in|at|near|beside|behind|under|by|next to|eating|wearing|holding)\b")
MOST = 12
"""Things that are looked for at most."""


@dataclass(frozen=True)
class Wanted:
    noun: str
    """In the singular where the models know it so."""
    count: int = 0
    """0: any number of them, at least one."""
    color: str = ""
    """A basic colour term, or empty."""

    @property
    def words(self) -> str:
        return f"{self.color} {self.noun}".strip()


def wanted_in(words: str, models: Models) -> list[Wanted]:
    """Phrase by phrase; where the models have a list of what they know, nothing else is looked for."""
    phrases = [re.findall(r"[^\W_]+", phrase.lower()) for phrase in _PHRASE.split(words)]
    found = [one for phrase in phrases for one in _of(phrase, models)]
    return list(dict.fromkeys(found))[:MOST]


def not_looked_for(words: str, models: Models) -> list[str]:
    """The phrases that name nothing that the models know, as they were said."""
    phrases = [" ".join(phrase.split()) for phrase in _PHRASE.split(words)]
    unknown = [one for one in phrases if re.search(r"\w", one) and not wanted_in(one, models)]
    return list(dict.fromkeys(unknown))[:MOST]


def _of(phrase: list[str], models: Models) -> Iterator[Wanted]:
    """A phrase has one thing, its last word; where things are known, each known word is one."""
    begun = 0
    for index, word in enumerate(phrase):
        noun = _known(word, models) if models.things else word if index == len(phrase) - 1 else ""
        if noun and noun not in NUMBERS and color_in(noun) is None:
            before = phrase[begun:index]
            yield Wanted(noun, next(map(_number, filter(_number, before)), 0), color_in(" ".join(before)) or "")
            begun = index + 1


def _number(word: str) -> int:
    return int(word) if word.isascii() and word.isdigit() and len(word) < 4 else NUMBERS.get(word, 0)


def _known(word: str, models: Models) -> str:
    forms = [word, *(word.removesuffix(end) + instead for end, instead in _ENDINGS if word.endswith(end))]
    return next((form for form in forms if form in models.things), "")
