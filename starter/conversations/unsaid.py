"""Wishes that leave out what has to be known: where to, which style, what instead. One question back, and what is answered."""

from collections.abc import Callable, Sequence

from pentimento.agent.moves import OPTIONS
from pentimento.starter.conversations.changing import named, removed, replaced
from pentimento.starter.conversations.exact import arranged, some_text, written
from pentimento.starter.conversations.moves import Move, Scope, Thing
from pentimento.starter.conversations.phrasings import phrasing
from pentimento.starter.conversations.talk import Answers, ask_back
from pentimento.starter.conversations.whole import WEATHER_EDITS, changed, put
from pentimento.starter.conversations.words import a, weighted

_PLACES = ("on a beach", "in a forest", "in a city")
_TIMES = ("by day", "at sunset", "at night")
_STYLES = ("a watercolor", "a pencil drawing", "pixel art")
_WEATHERS = ("rain", "snow", "fog")
_SIDES = {"to the left": "left", "to the middle": "center", "to the right": "right"}
_NEW = ("nut", "flower", "balloon")


def unsaid(scope: Scope) -> Move:
    return weighted(scope.r, {**_OF_ALL, **_OF_THINGS} if scope.picture.things else _OF_ALL)(scope)


def _asked(
    scope: Scope,
    intent: str,
    text: str,
    options: Sequence[str],
    change: Callable[[str], Move],
    others: tuple[str, ...] = (),
) -> Move:
    """A question about the whole picture; what is answered, one of the options or another, is what changes."""
    answers = tuple((told, change(told)) for told in (*options, *others))
    return ask_back(phrasing(scope.r, intent), text, list(options), answers)


def _place(scope: Scope) -> Move:
    others = (scope.words.place_phrase(), scope.words.place_phrase())
    return _asked(scope, "ask_place", "Where should it be?", _PLACES, lambda told: put(scope.picture, told), others)


def _time(scope: Scope) -> Move:
    return _asked(scope, "ask_time", "Which time of day?", _TIMES, lambda told: put(scope.picture, told))


def _style(scope: Scope) -> Move:
    text, other = "Which style should it have?", ("an oil painting",)
    return _asked(scope, "ask_style", text, _STYLES, lambda told: changed(scope.picture, f"make it {told}"), other)


def _weather(scope: Scope) -> Move:
    return _asked(
        scope, "ask_weather", "Which weather?", _WEATHERS, lambda told: changed(scope.picture, WEATHER_EDITS[told])
    )


def _text(scope: Scope) -> Move:
    texts = (some_text(scope), some_text(scope))
    answers = tuple((f'"{text}"', written(scope.picture, text)) for text in texts)
    return ask_back(phrasing(scope.r, "ask_text"), "What should it say?", [], answers)


def _where(scope: Scope) -> Move:
    thing = scope.r.choice(scope.picture.things)
    answers = tuple((told, arranged(scope.picture, "move", thing.noun, to)) for told, to in _SIDES.items())
    said = phrasing(scope.r, "ask_where", x=named(scope, thing))
    return ask_back(said, f"Where should the {thing.noun} go?", list(_SIDES), answers)


def _with(scope: Scope) -> Move:
    thing = scope.r.choice(scope.picture.things)
    nouns = [*_NEW, scope.words.noun(scope.picture.nouns()), scope.words.noun(scope.picture.nouns())]
    answers = tuple((a(noun), replaced(scope.picture, thing.noun, Thing(noun))) for noun in nouns)
    said = phrasing(scope.r, "ask_with", x=named(scope, thing))
    return ask_back(said, f"What should be there instead of the {thing.noun}?", [a(noun) for noun in _NEW], answers)


def _of(scope: Scope) -> Move:
    thing = scope.r.choice(scope.picture.things)
    said = phrasing(scope.r, "ask_of", x=f"the {thing.noun}")
    return ask_back(said, f"What should change about the {thing.noun}?", ["its color", "its size", "what it is"])


def _one(scope: Scope) -> Move:
    nouns = scope.picture.nouns()
    if not 1 < len(nouns) <= OPTIONS:
        return _of(scope)
    answers: Answers = tuple((f"the {noun}", removed(scope.picture, noun)) for noun in nouns)
    return ask_back(phrasing(scope.r, "ask_one"), "What should I remove?", [f"the {noun}" for noun in nouns], answers)


_OF_ALL: dict[Callable[[Scope], Move], float] = {_place: 5, _time: 2, _style: 4, _weather: 2, _text: 4}
_OF_THINGS: dict[Callable[[Scope], Move], float] = {_where: 4, _with: 5, _of: 4, _one: 3}
"""What is asked about the whole picture, what about a thing in it → its weight."""
