"""Messages in German and Chinese that ask for a picture to be drawn."""

from random import Random

from pentimento.starter.conversations.foreign_forms import CASES, Slots, indefinite
from pentimento.starter.conversations.foreign_saying import LANGUAGES, move, said_in, where
from pentimento.starter.conversations.foreign_words import COLORS, GERMAN, SETTINGS, SIZES, STYLED
from pentimento.starter.conversations.moves import Move, Picture, Thing, step
from pentimento.starter.conversations.phrasings import filled, template
from pentimento.starter.conversations.words import one_of
from pentimento.starter.words import ANIMALS, FOOD, KINDS, PLACES, STYLES, TIMES, WEATHERS, WORN

_NOUNS = tuple(
    noun for nouns in KINDS.values() for noun in nouns if GERMAN[noun] != GERMAN[nouns[0]] or noun == nouns[0]
)
"""Those that a German word tells from each other."""


def new_thing(r: Random, but: tuple[str, ...] = (), kinds: tuple[str, ...] = _NOUNS, colored: float = 0.25) -> Thing:
    noun = r.choice([noun for noun in kinds if noun not in but])
    return Thing(noun, r.choice(tuple(COLORS)) if r.random() < colored else "")


def draw(r: Random, language: str) -> Move:
    picture, subject, prompt = _one(r, language) if r.random() < 0.55 else _two(r, language)
    if r.random() < 0.7:
        at, phrase = _setting(r, language)
        if language == "zh" and len(picture.things) > 1:
            # What is long already has the place before its "a".
            subject |= {"m": "", "s_0": subject["s"]}
        subject, prompt = _put(r, language, subject, at, "placed"), f"{prompt} {phrase}"
    if r.random() < 0.07:
        style = r.choice(tuple(STYLED))
        name = one_of(r, STYLED[style][LANGUAGES.index(language)])
        subject, prompt = _put(r, language, subject, name, "styled"), f"{prompt}, {STYLES[style][0]}"
    said, _ = said_in(r, language, "draw", **subject)
    return move(language, said, step("generate", prompt=prompt), "draw", picture)


def _put(r: Random, language: str, subject: Slots, at: str, how: str) -> Slots:
    """The subject with a place or a style."""
    typed, _ = template(r, f"{language}/{how}")
    made = _each(language, typed, subject | {"p": at})
    return made if language == "de" or "|" in typed else made | {"s_0": f"{at}的{subject['s_0']}"}


Drawn = tuple[Picture, Slots, str]
"""What is to be drawn, its words by case ({s_nom}, {s}), and the English prompt."""


def _one(r: Random, language: str) -> Drawn:
    thing, size = new_thing(r, colored=0.4), r.choice(tuple(SIZES)) if r.random() < 0.1 else ""
    slots = indefinite(r, language, "a", thing, size)
    template = "{a}" if language == "de" else "{a_m}|{a_0}"
    return Picture((thing,), thing.noun), _each(language, template, slots), slots["a_en"]


def _two(r: Random, language: str) -> Drawn:
    intent, kinds, others = r.choice(
        (*[("relation", _NOUNS, _NOUNS)] * 3, ("eats", ANIMALS, FOOD), ("wears", ANIMALS, WORN))
    )
    one = new_thing(r, kinds=kinds)
    other = new_thing(r, (one.noun,), others)
    slots = indefinite(r, language, "a", one) | indefinite(r, language, "b", other)
    typed, meant = template(r, f"{language}/{intent}")
    focus = "" if " and " in meant else one.noun
    return Picture((one, other), focus), _each(language, typed, slots), filled(meant, slots)


def _each(language: str, typed: str, slots: Slots) -> Slots:
    """The words of what is drawn in each case; in Chinese, what comes before "|" is its "a"."""
    if language == "zh":
        measure, bar, bare = filled(typed, slots).rpartition("|")
        return {"s": measure + bare, "s_0": bare, "m": measure if bar else ""}
    return {
        f"s_{case}": filled(typed, {letter: slots.get(f"{letter}_{case}", "") for letter in "abs"} | slots)
        for case in CASES
    }


def _setting(r: Random, language: str) -> tuple[str, str]:
    """Where or when, perhaps both, and the same in English."""
    places, moments = tuple(PLACES), (*TIMES, *WEATHERS)
    key = r.choice(places) if r.random() < 0.75 else r.choice(moments)
    at, phrase = where(r, language, key), SETTINGS[key][0]
    if key in moments or r.random() < 0.75:
        return at, phrase
    moment = r.choice(moments)
    when, phrase = where(r, language, moment), f"{phrase} {SETTINGS[moment][0]}"
    return (f"{when}的{at}" if language == "zh" else one_of(r, f"{when} {at}|{at} {when}")), phrase
