"""The commonest messages in German and Chinese; the plan's arguments stay English, the reply is in the person's language.

The phrasings are in `collected/de/` and `collected/zh/`, the words in `foreign_words`, how they bend in `foreign_forms`.
"""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from pydantic import JsonValue

from pentimento.starter.conversations import foreign_exact, foreign_talk
from pentimento.starter.conversations.exact import arrangement
from pentimento.starter.conversations.foreign_drawing import draw, new_thing
from pentimento.starter.conversations.foreign_forms import Slots, color, definite, ground, indefinite
from pentimento.starter.conversations.foreign_saying import (
    REPLIES,
    answer,
    asked,
    meant_in,
    move,
    said_in,
    some_language,
    where,
)
from pentimento.starter.conversations.foreign_words import CAPTIONS, COLORS, GERMAN, GROUNDS
from pentimento.starter.conversations.moves import Move, Picture, Scope, Thing, edit, picture_of, step
from pentimento.starter.conversations.whole import WEATHER_EDITS
from pentimento.starter.conversations.words import one_of, weighted
from pentimento.starter.words import PLACES, TIMES

_STYLES = {
    "flat": "a flat illustration",
    "pencil": "a pencil drawing",
    "pixel": "pixel art",
    "watercolor": "a watercolor",
}
_ADJUSTED: dict[str, dict[str, JsonValue]] = {
    "brighter": {"brightness": 20},
    "darker": {"brightness": -20},
    "grayscale": {"grayscale": True},
}
_QUOTED = {"de": "{t}|{t}|{t}|„{t}“|\"{t}\"|'{t}'|»{t}«", "zh": '{t}|{t}|“{t}”|“{t}”|"{t}"|「{t}」'}


def foreign(scope: Scope) -> Move:
    """One message in German or Chinese about the picture, or for a new one."""
    language = some_language(scope.r)
    if not scope.picture.things:
        return _without_things(scope.r, language)
    if scope.r.random() < 0.1:
        return _both(scope, language)
    return weighted(scope.r, {**_OF_ALL, **_OF_THINGS} if _any_known(scope) else _OF_ALL)(scope, language)


_THEN = {
    "de": " und | und |, dann |, danach |. und |, und dann |. |; | und außerdem ",
    "zh": "，再|，然后|，并且|。|，还有，|，接着|；|，另外",
}


def _both(scope: Scope, language: str) -> Move:
    """Two changes in one message, the second of what the first has made."""
    one = _some_change(scope, language)
    picture = one.pictures[0] or scope.picture
    two = _some_change(replace(scope, picture=picture), language)
    said = one.said.rstrip(".!?。！？") + one_of(scope.r, _THEN[language]) + two.said
    steps, pictures = one.steps + two.steps, one.pictures + two.pictures
    return replace(two, said=said, steps=steps, reply=answer(language, "change"), pictures=pictures)


def _some_change(scope: Scope, language: str) -> Move:
    makes = (_place, _time, _weather, _style, _adjust, _flip, _rotate, _caption, _upscale)
    make: Callable[[Scope, str], Move] = scope.r.choice((*makes, *(_CHANGES * 3 if _any_known(scope) else ())))
    return make(scope, language)


def _without_things(r: Random, language: str) -> Move:
    makes = (draw, foreign_talk.talk, foreign_talk.decline)
    return r.choices(makes, (16, 2, 1))[0](r, language)


def _any_known(scope: Scope) -> bool:
    return any(thing.noun in GERMAN for thing in scope.picture.things)


def _known(scope: Scope) -> Thing:
    return scope.r.choice([thing for thing in scope.picture.things if thing.noun in GERMAN])


def _named(scope: Scope, language: str, thing: Thing, *, it: bool = True) -> Slots:
    meant = it and thing.noun == scope.picture.focus and scope.r.random() < 0.25
    return definite(scope.r, language, "x", thing, it=meant)


def _change(
    scope: Scope, language: str, intent: str, instruction: str, noun: str, picture: Picture, **slots: str
) -> Move:
    said, _ = said_in(scope.r, language, intent, **slots)
    reply = intent if intent in REPLIES else "change"
    return move(language, said, edit(instruction, noun, "object" if noun else "picture"), reply, picture)


def _recolor(scope: Scope, language: str) -> Move:
    thing = _known(scope)
    name = scope.r.choice([name for name in COLORS if name != thing.color])
    slots = _named(scope, language, thing) | color(scope.r, language, name)
    picture = _with(scope.picture, thing, Thing(thing.noun, name))
    return _change(scope, language, "recolor", f"make the {thing.noun} {name}", thing.noun, picture, **slots)


def _remove(scope: Scope, language: str) -> Move:
    thing = _known(scope)
    slots, picture = _named(scope, language, thing), _with(scope.picture, thing, None)
    return _change(scope, language, "remove", f"remove the {thing.noun}", thing.noun, picture, **slots)


def _replace(scope: Scope, language: str) -> Move:
    thing, new = _known(scope), new_thing(scope.r, scope.picture.nouns())
    slots = _named(scope, language, thing) | indefinite(scope.r, language, "a", new)
    instruction, picture = f"replace the {thing.noun} with {slots['a_en']}", _with(scope.picture, thing, new)
    return _change(scope, language, "replace", instruction, thing.noun, picture, **slots)


def _add(scope: Scope, language: str) -> Move:
    r, new = scope.r, new_thing(scope.r, scope.picture.nouns())
    intent, side = r.choice((("add", "right"), ("add", "right"), ("add_left", "left"), ("add_right", "right")))
    slots = _named(scope, language, _known(scope), it=False) | indefinite(r, language, "a", new)
    said, _ = said_in(r, language, intent, **slots)
    made = edit(f"add {slots['a_en']} on the {side}", new.noun, side)
    return move(language, said, made, "add", Picture((*scope.picture.things, new), new.noun))


def _with(picture: Picture, old: Thing, new: Thing | None) -> Picture:
    return picture_of(tuple(thing for thing in picture.things if thing != old), new)


def _place(scope: Scope, language: str) -> Move:
    r, key = scope.r, scope.r.choice(tuple(GROUNDS))
    to, german, chinese = GROUNDS[key]
    slots = {"p": where(r, language, key), "to": one_of(r, to), "b": one_of(r, chinese), **ground(r, german)}
    return _change(scope, language, "place", f"put it {PLACES[key][0]}", "", scope.picture, **slots)


def _time(scope: Scope, language: str) -> Move:
    return meant_in(scope, language, "time", lambda key: edit(f"put it {TIMES[key][0]}", "", "picture"))


def _weather(scope: Scope, language: str) -> Move:
    return meant_in(scope, language, "weather", lambda key: edit(WEATHER_EDITS[key], "", "picture"))


def _style(scope: Scope, language: str) -> Move:
    return meant_in(scope, language, "style", lambda key: edit(f"make it {_STYLES[key]}", "", "picture"))


def _adjust(scope: Scope, language: str) -> Move:
    return meant_in(scope, language, "adjust", lambda key: step("adjust", **_ADJUSTED[key]))


def _flip(scope: Scope, language: str) -> Move:
    return meant_in(scope, language, "flip", lambda axis: step("transform", op="flip", axis=axis or None), "frame")


def _rotate(scope: Scope, language: str) -> Move:
    return meant_in(scope, language, "rotate", lambda by: step("transform", op="rotate", degrees=int(by)), "frame")


def _upscale(scope: Scope, language: str) -> Move:
    return meant_in(scope, language, "upscale", lambda by: step("upscale", factor=int(by)))


def _scale(scope: Scope, language: str) -> Move:
    return _arranged(scope, language, _known(scope), "scale")


def _moved(scope: Scope, language: str) -> Move:
    return _arranged(scope, language, _known(scope), scope.r.choice(("move", "move", "duplicate")))


def _arranged(scope: Scope, language: str, thing: Thing, op: str) -> Move:
    slots = _named(scope, language, thing, it=False)
    return meant_in(scope, language, op, lambda meant: arrangement(op, thing.noun, meant), **slots)


def _caption(scope: Scope, language: str) -> Move:
    r = scope.r
    text = one_of(r, CAPTIONS[language]).format(w=scope.words.made_up())
    quoted = one_of(r, _QUOTED[language]).format(t=text)
    return meant_in(
        scope, language, "caption", lambda place: step("draw_text", text=text, place=place or None), "caption", t=quoted
    )


_CHANGES = (_recolor, _add, _remove, _replace, _scale, _moved)
"""Of a thing in the picture."""
_OF_ALL: dict[Callable[[Scope, str], Move], float] = {
    lambda scope, language: draw(scope.r, language): 10,
    _place: 8,
    _time: 5,
    _weather: 5,
    _style: 5,
    _adjust: 5,
    _flip: 2,
    _rotate: 2,
    _caption: 7,
    _upscale: 3,
    lambda scope, language: asked(scope.r, language, "describe"): 3,
    lambda scope, language: asked(scope.r, language, "log"): 3,
    lambda scope, language: foreign_talk.talk(scope.r, language): 6,
    lambda scope, language: foreign_talk.decline(scope.r, language): 5,
    lambda scope, language: asked(scope.r, language, "diff"): 2,
    foreign_exact.crop: 3,
    foreign_exact.outpaint: 3,
    foreign_exact.variations: 3,
    foreign_exact.export: 3,
    foreign_exact.named: 2,
}
_OF_THINGS: dict[Callable[[Scope, str], Move], float] = {
    _recolor: 14,
    _add: 12,
    _remove: 8,
    _replace: 10,
    _scale: 5,
    _moved: 5,
    foreign_talk.question: 6,
}
"""What is said of a picture, what of a thing in it → its weight."""
