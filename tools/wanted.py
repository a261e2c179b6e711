"""What words ask a picture to show, or not to show: things, how many of each, and in which colour."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from pentimento.tools.color import color_in
from pentimento.tools.types import Models

NUMBERS = {
    word: number
    for number, word in enumerate(("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), start=2)
} | {"one": 1, "single": 1, "both": 2}
_ENDINGS = (("ies", "y"), ("es", ""), ("s", ""))
"""Of plurals, and what stands there in the singular."""
_PLURALS = {
    "people": "person",
    "cacti": "cactus",
    "men": "man",
    "women": "woman",
    "children": "child",
    "feet": "foot",
    "teeth": "tooth",
    "mice": "mouse",
    "geese": "goose",
    "leaves": "leaf",
    "wolves": "wolf",
    "knives": "knife",
}
"""Those that have no such ending."""
_BETWEEN = re.compile(r"[,;]|\b(?:and|or)\b(?! white\b(?! \w))", re.IGNORECASE)
"""What stands between things that are listed; "black and white" is one."""
_PHRASE = re.compile(
    r"[,;.]|\b(?:and|but|with|on|in|at|near|beside|behind|under|by|next to|eating|wearing|holding)\b|\b(?=without\b)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")
_ARTICLES = frozenset({"a", "an", "the", "any"})
_SMALL = _ARTICLES | {"some", "or", "there", "is", "are", "that", "which", "of", "picture", "s"}
"""Words that mean nothing by themselves."""
_NEGATIONS = frozenset({"no", "not", "without", "neither", "nor"})
_EXCLUDED = re.compile(
    rf"\b(?:{'|'.join(sorted(_NEGATIONS))})\b.*?"
    r"(?=[,;.]|\b(?:and|but|with|on|in|at|near|beside|behind|under|by|next to)\b|$)",
    re.IGNORECASE,
)
"""What should not be there, "without a nut"."""
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
    absent: bool = False
    """Whether just this should not be there."""

    @property
    def words(self) -> str:
        return f"{self.color} {self.noun}".strip()


def wanted_in(words: str, models: Models) -> list[Wanted]:
    """Phrase by phrase; where the models have a list of what they know, nothing else is looked for."""
    found = [one for phrase in _PHRASE.split(words) for one in _of(_WORD.findall(phrase), models)]
    return list(dict.fromkeys(found))[:MOST]


def listed(things: str) -> list[str]:
    """ "nuts, a fox and rain": each of them."""
    return [one.strip() for one in _BETWEEN.split(things) if one.strip()]


def asks_for(words: str, thing: str) -> bool:
    """Whether words name a thing that should be there, in the singular or the plural: "a nut", and not "no nuts"."""
    said, wanted = _meant(_EXCLUDED.sub(",", words)), _meant(thing)
    starts = range(len(said) - len(wanted) + 1) if wanted else ()
    return any(not any(map(frozenset.isdisjoint, said[at:], wanted)) for at in starts)


def _meant(words: str) -> list[frozenset[str]]:
    """Of each word that is no article the forms in which it may be known; none of a mark, which ends a phrase."""
    tokens = (token.lower() for token in re.findall(r"[^\W_]+|[,;.]", words))
    return [frozenset(_forms(token)) for token in tokens if token not in _ARTICLES]


def _forms(word: str) -> list[str]:
    """As it is, and in the singular."""
    regular = (word.removesuffix(end) + instead for end, instead in _ENDINGS if word.endswith(end))
    return list(dict.fromkeys([word, *regular, _PLURALS.get(word, word)]))


def not_looked_for(words: str, models: Models) -> list[str]:
    """The phrases that name nothing that the models know, and of the others the words that tell more, as they were said."""
    unknown = [one for phrase in _PHRASE.split(words) for one in _unknown(phrase, models)]
    return list(dict.fromkeys(unknown))[:MOST]


def _unknown(phrase: str, models: Models) -> list[str]:
    parts = [*_parts(_WORD.findall(phrase), models)]
    if len(parts) == 1:
        return [" ".join(phrase.split())] if re.search(r"\w", phrase) else []
    return [words for before, noun in parts for words in _unheeded(before, noun)]


def _of(phrase: list[str], models: Models) -> Iterator[Wanted]:
    """A phrase has one thing, its last word; where things are known, each known word is one."""
    absent = False
    for before, noun in _parts(phrase, models):
        if noun:
            said = [before[index].lower() for index in range(len(before)) if _heeded(before, index)]
            absent = not _NEGATIONS.isdisjoint(said) or (absent and "or" in said)
            count = next(map(_number, filter(_number, said)), 0)
            # "Not a single one" is none at all.
            yield Wanted(noun, 0 if absent and count == 1 else count, color_in(" ".join(said)) or "", absent)


def _parts(phrase: list[str], models: Models) -> Iterator[tuple[list[str], str]]:
    """The words before each thing, and the thing; last those after all of them, and nothing."""
    begun = 0
    lower = [word.lower() for word in phrase]
    for index, word in enumerate(lower):
        noun = known_at(lower, index, models.things) if models.things else word if index == len(phrase) - 1 else ""
        if noun and noun not in NUMBERS and color_in(noun) is None:
            yield phrase[begun:index], noun
            begun = index + 1
    yield phrase[begun:], ""


def _unheeded(words: list[str], noun: str) -> Iterator[str]:
    """What stands before a thing and is not looked for; of what stands after all of them that is every word with a meaning."""
    for heeded, run in groupby(
        range(len(words)), lambda at: _heeded(words, at) if noun else words[at].lower() in _SMALL
    ):
        if not heeded:
            yield " ".join(words[at] for at in run)


def _heeded(before: list[str], at: int) -> bool:
    """Whether a word before a thing tells of it what can be looked for."""
    word = before[at].lower()
    if _of_next(before, at) or (at and _of_next(before, at - 1)):
        return False
    return word in _SMALL | _NEGATIONS or bool(_number(word)) or color_in(word) is not None


def _of_next(before: list[str], at: int) -> bool:
    """Whether this is the "not" of the word after it ("not red"), and no "not" of the thing ("not a red one")."""
    after = before[at + 1].lower() if at + 1 < len(before) else ""
    return before[at].lower() == "not" and bool(after) and after not in _ARTICLES and not _number(after)


def _number(word: str) -> int:
    return int(word) if word.isascii() and word.isdigit() and len(word) < 4 else NUMBERS.get(word, 0)


def known(word: str, things: Collection[str]) -> str:
    """The thing that a word names in the singular or the plural; empty where it is none of them."""
    return next((form for form in _forms(word) if form in things), "")


def known_at(words: Sequence[str], index: int, things: Sequence[str]) -> str:
    """The thing that a word names, in lower case; empty where it only ends the name of the one before it: a palm tree is a palm."""
    noun = known(words[index], things)
    before = known(words[index - 1], things) if index else ""
    return "" if before and f"{before} {noun}" in things else noun
