"""What a plan copies from a message: a small language model now and then writes a word that it knows for one that was said."""

import difflib
import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from pydantic import JsonValue

from pentimento.agent.state import State
from pentimento.agent.types import Plan, Step
from pentimento.agent.wording import tokens, with_word
from pentimento.tools.profile import Vocabulary
from pentimento.tools.wanted import known

_COPIED = frozenset({"prompt", "instruction", "target"})
_VARIANT = 0.7
"""Similarity (difflib) from which on a known word is what a mistyped or fond one means: "doggo", a dog."""
_MISCOPIED = 0.6
_BEGUN = 2
"""Letters that a word may have been copied right before it became another one."""
_PUT = re.compile(r"put it (?:in|on) (?:an? |the )?(?P<place>\w+)")
_WEATHER = frozenset({"snow", "rain", "fog"})
"""What a message may ask for in many other words."""
_SHORTEST = 3
"""Letters of a word that is looked for."""


def as_heard(plan: Plan, said: str, state: State, vocabulary: Vocabulary) -> Plan:
    """The plan, in which a word that nobody said gives way to the one of the message that it stands for.

    A thing of the vocabulary, and the place that a picture is put in, does where the message has one unknown word that is
    nowhere in the plan, or one that begins alike: "a boat" for a book; any other word where the message has one like it.
    Without a vocabulary it is as it was.
    """
    written = [word for step in plan.steps for text in _texts(step) for word in tokens(text)]
    there = frozenset(tokens(f"{said} {state.asked} {' '.join(version.label for version in state.versions)}"))
    missing = [word for word in dict.fromkeys(tokens(said)) if _is_unknown(word, vocabulary) and word not in written]
    if not (missing and vocabulary.things):
        return plan
    places = _places(plan)
    for word in dict.fromkeys(written):
        if not _was_said(word, there) and (meant := _meant(word, missing, said, vocabulary, places)):
            steps = tuple(_with(step, word, meant) for step in plan.steps)
            plan = Plan(steps, with_word(plan.reply, word, meant))
    return plan


def _places(plan: Plan) -> frozenset[str]:
    """Where a plan puts the whole picture: "put it on a beach"."""
    found = (_PUT.fullmatch(text) for step in plan.steps for text in _texts(step))
    return frozenset(one["place"] for one in found if one) - _WEATHER


def _meant(word: str, missing: list[str], said: str, vocabulary: Vocabulary, places: Collection[str]) -> str:
    """What stands in the message for a word that nobody said; empty where that can't be told."""
    heard = tokens(said)
    if word in vocabulary.words and word not in places:
        return ""
    if word not in places and not known(word, vocabulary.things):
        return next(iter(difflib.get_close_matches(word, missing, 1, _MISCOPIED)), "")
    if difflib.get_close_matches(word, heard, 1, _VARIANT):
        return ""
    if 2 * sum(_is_unknown(one, vocabulary) for one in heard) > len(heard):
        return ""  # Another language, which the plan translates.
    begun = [one for one in missing if one[:_BEGUN] == word[:_BEGUN]] or missing
    return begun[0] if len(begun) == 1 else ""


def _is_unknown(word: str, vocabulary: Vocabulary) -> bool:
    return len(word) >= _SHORTEST and word.isalpha() and not known(word, vocabulary.learned)


def _was_said(word: str, there: Collection[str]) -> bool:
    """In the singular or the plural."""
    return bool(known(word, there)) or any(known(other, (word,)) for other in there)


def _texts(step: Step) -> Iterable[str]:
    return (str(value) for name, value in step.arguments.items() if name in _COPIED)


def _with(step: Step, word: str, meant: str) -> Step:
    put: dict[str, JsonValue] = {
        name: with_word(str(value), word, meant) for name, value in step.arguments.items() if name in _COPIED
    }
    return replace(step, arguments={**step.arguments, **put})
