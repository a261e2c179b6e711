"""Draws nouns, colours and places for a conversation: from the picture-book world, from outside of it, or made up."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from pentimento.agent.wording import article_of
from pentimento.starter.conversations import vocabulary
from pentimento.starter.words import COLORS, KINDS, PLACES, TIMES, WEATHERS

WORLD_NOUNS = tuple(noun for nouns in KINDS.values() for noun in nouns)
SETTINGS: dict[str, tuple[str, ...]] = {**PLACES, **TIMES, **WEATHERS}
"""Place, time or weather of the world → the phrases for it, the usual one first."""
_MOMENTS = ("sunset", "night", "rain", "snow", "fog")
"""What is said of a place besides."""


Choice = TypeVar("Choice")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


def one_of(r: Random, choices: str) -> str:
    """One of the alternatives of "this|that"."""
    return r.choice(choices.split("|"))


def weighted(r: Random, choices: Mapping[Choice, float]) -> Choice:
    """One of the keys, as often as its weight says."""
    return r.choices(tuple(choices), tuple(choices.values()))[0]


def a(phrase: str) -> str:
    """The phrase with its indefinite article."""
    return f"{article_of(phrase)} {phrase}"


@dataclass(frozen=True)
class Words:
    """Where a conversation takes its words from."""

    r: Random
    wild: float
    """Share of words from outside the world, 0.0 to 1.0."""
    unseen: bool
    """Whether words from outside are the held-out ones, which training never shows."""

    def noun(self, but: tuple[str, ...] = ()) -> str:
        """A noun that is none of `but`."""
        while (noun := self._noun()) in but:
            continue
        return noun

    def _noun(self) -> str:
        if self.r.random() >= self.wild:
            kind = self.r.choice(tuple(KINDS))
            return KINDS[kind][0] if self.r.random() < 0.6 else self.r.choice(KINDS[kind])
        if self.r.random() < 0.35:
            return self.made_up()
        noun = self._outside(vocabulary.NOUNS)
        return f"{self._outside(vocabulary.NOUNS)} {noun}" if self.r.random() < 0.04 else noun

    def made_up(self) -> str:
        """A word that does not exist: "flomibra"."""
        r = self.r
        return (
            "".join(r.choice(vocabulary.SYLLABLES) for _ in range(r.choice((1, 2, 2, 3))))
            + r.choice("bdgklmnprst")
            + (r.choice(("a", "o", "e", "i", "")) + r.choice(vocabulary.ENDINGS))
        )

    def color(self, but: str = "") -> str:
        """A colour name that is not `but`."""
        while True:
            wild = self.r.random() < self.wild
            color = self._outside(vocabulary.COLORS) if wild else self.r.choice(tuple(COLORS))
            if color != but:
                return f"{one_of(self.r, 'dark|light|bright|deep|pale')} {color}" if self.r.random() < 0.05 else color

    def adjective(self) -> str:
        return self._outside(vocabulary.ADJECTIVES)

    def place_phrase(self) -> str:
        """Where or when a picture plays: "on a beach", "in a library", "in a forest at night"."""
        if self.r.random() >= self.wild:
            key = self.r.choice((*PLACES, *_MOMENTS))
            again = key in PLACES and self.r.random() < 0.15
            return f"{self._setting(key)} {self._setting(self.r.choice(_MOMENTS))}" if again else self._setting(key)
        return one_of(self.r, "in|at|near|above|behind") + " " + self.wild_place()

    def _setting(self, key: str) -> str:
        phrases = SETTINGS[key]
        return phrases[0] if self.r.random() < 0.6 else self.r.choice(phrases)

    def wild_place(self) -> str:
        """A place outside the world with its article: "a desert"."""
        noun = self.made_up() if self.r.random() < 0.2 else self._outside(vocabulary.PLACES)
        return a(noun) if self.r.random() < 0.6 else f"the {noun}"

    def doing(self) -> str:
        return self._outside(vocabulary.DOING)

    def _outside(self, words: list[str]) -> str:
        while True:
            index = self.r.randrange(len(words))
            if (index % 6 == 5) == self.unseen or len(words) < 12:
                return words[index]
