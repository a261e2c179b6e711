"""Messages about the whole picture: its place, time and weather, its style."""

import re
from dataclasses import replace
from random import Random

from pentimento.starter.conversations import vocabulary
from pentimento.starter.conversations.changing import COLLECTED
from pentimento.starter.conversations.exact import ADJUSTED
from pentimento.starter.conversations.moves import Move, Picture, Scope, edit, step
from pentimento.starter.conversations.phrasings import FOLDER, filled, is_order, meaning, phrasing, template
from pentimento.starter.conversations.words import SETTINGS, one_of
from pentimento.starter.words import PLACES, TIMES, WEATHERS

_NAMES = {
    "forest": "a forest|the forest|the woods|a wood",
    "beach": "a beach|the beach|the seaside|the sea",
    "city": "a city|the city|a town|town",
    "meadow": "a meadow|the meadow|a field|the fields|a green meadow|the grass",
    "desert": "a desert|the desert|the dunes|the sahara|a sandy desert",
    "mountains": "the mountains|the alps|a mountain landscape|mountains|some mountains",
    "room": "a room|the living room|the house|a cosy room",
    "snow": "the snow|a snowy landscape|snow|a winter landscape",
    "rain": "the rain|pouring rain|rainy weather",
    "fog": "the fog|thick fog|the mist",
}
_TIMES = {
    "day": "make it day|make it daytime|turn night into day|day|let it be day|in daylight please|by day|daylight|"
    "it should be day|switch to day|the same by day|make it noon|bright day please|day version|i want it to be day",
    "clear": "make it sunny|clear sky please|no more rain|stop the rain|the sun should shine|fine weather|make the weather nice|"
    "clear the sky|good weather please|let the sun come out|no more fog|sunshine|make it a clear day|sunny weather",
    "rain": "make it rain|make it rainy|let it rain|add rain|rain|it should be raining|make it a rainy day|rain please|"
    "i want rain|rainy weather|turn on the rain|it should pour|make it pour down|bad weather please, rain",
    "fog": "make it foggy|add fog|fog|let there be fog|make it misty|foggy please|thick fog|put it in fog|a foggy day|"
    "i want mist|make it hazy|fog version|misty weather|it should be foggy",
    "snow": "make it snow|make it winter|let it snow|i want snow|winter please|make it snowy|winter version|snow|winter|"
    "it should be winter|turn it into winter|it should be snowing|make it a snowy day|i'd like snow",
    "night": "make it night|make it nighttime|make it night time|turn it into night|night|i want it to be night|at night|"
    "turn day into night|it should be night|night version|let it be night|switch to night|the same at night|"
    "change it to night|make it dark outside|set it at night|make the time night|in the moonlight|as a night scene",
    "sunset": "make it sunset|make it dusk|make it evening|sunset|put it at sunset|i want a sunset|at sunset please|"
    "it should be sunset|let the sun set|change it to sunset|sunset light|turn it into a sunset|give it a sunset|"
    "the same at sunset|make it a sunset|evening light|golden hour|i'd like to see it at sunset|sunset version",
}
_MOVE_TO = (
    "change the place to {n}|put it in {n}|put them in {n}|move it to {n}|move them to {n}|set it in {n}|take it to {n}|"
    "change the background to {n}|make the background {n}|set the scene in {n}|put {x} in {n}|move {x} to {n}|"
    "use {n} as the background|replace the background with {n}|change the scene to {n}|place it in {n}|take {x} to {n}|"
    "change the setting to {n}|make it {n}|switch the place to {n}|bring {x} to {n}|relocate it to {n}|move the scene to {n}"
)
_MOVE_TOLD = (
    "{n} in the background|{n} as background|i want it in {n}|i'd like it in {n}|it should be in {n}|now in {n}|"
    "the same in {n}|in {n} instead|how would it look in {n}|what about {n}|i'd prefer {n}|same picture but in {n}|"
    "what if it was in {n}|{x} should be in {n}|with {n} in the background|not here but in {n}|the place should be {n}"
)
_PUT = (
    "put it {p}|put {x} {p}|now {p}|the same {p}|i want it {p}|it should be {p}|same but {p}|make it be {p}|have it {p}"
)
_MOOD = (
    "make it {m}|make it {m}|make it more {m}|make it look {m}|make the picture {m}|it should be {m}|i want it {m}|"
    "can it be {m}|turn it {m}|make the weather {m}|let it be {m}|a bit {m}|{m} please|make the whole thing {m}|{m}"
)
_STYLE = (
    "make it {m}|make it look like {m}|turn it into {m}|as {m}|render it as {m}|make the picture {m}|i want it as {m}|"
    "in the style of {m}|redo it as {m}|paint it like {m}|change the style to {m}"
)


WEATHER_EDITS = {"clear": "make it sunny", "rain": "make it rain", "snow": "make it snow", "fog": "make it foggy"}


def place(scope: Scope) -> Move:
    """Another place, time or weather of the world, or a place outside of it."""
    r = scope.r
    if r.random() < scope.words.wild:
        return _wild_place(scope)
    key = r.choice((*PLACES, *PLACES, *TIMES, *WEATHERS))
    if r.random() < 0.08 and key in PLACES:
        both = f"{SETTINGS[key][0]} {SETTINGS[r.choice(('night', 'sunset', 'snow', 'rain', 'fog'))][0]}"
        return _put(scope, one_of(r, _PUT).format(p=both, x=_whom(scope)), both)
    said = _said_of(scope, key)
    if key in WEATHER_EDITS:
        return _changed(scope, said, WEATHER_EDITS[key])
    return _put(scope, said, SETTINGS[key][0])


def _said_of(scope: Scope, key: str) -> str:
    """One of the ways to ask for a place, time or weather."""
    r, x = scope.r, _whom(scope)
    if r.random() < COLLECTED:
        own = (FOLDER / f"to_{key}.txt").exists()
        return phrasing(r, f"to_{key}") if own and r.random() < 0.5 else _asked_for(r, key)
    if key in _TIMES and r.random() < 0.65:
        return one_of(r, _TIMES[key])
    if key in _NAMES and r.random() < 0.75:
        pattern = one_of(r, _MOVE_TO if r.random() < 0.65 else _MOVE_TOLD)
        return pattern.format(n=one_of(r, _NAMES[key]), x=x)
    return one_of(r, _PUT).format(p=r.choice(SETTINGS[key]), x=x)


_ELSEWHERE = re.compile("where|surround|place|relocat|scene|holiday|travel|trip|move|backdrop|background")


def _asked_for(r: Random, key: str) -> str:
    """A collected phrasing; of a time or a weather none that speaks of a place."""
    while True:
        typed, _ = template(r, "place")
        if key in PLACES or not _ELSEWHERE.search(typed):
            return filled(typed, {"p": r.choice(SETTINGS[key])})


def _wild_place(scope: Scope) -> Move:
    r, name, x = scope.r, scope.words.wild_place(), _whom(scope)
    if r.random() < COLLECTED:
        return _put(scope, phrasing(r, "place", p=f"in {name}"), f"in {name}")
    pattern = one_of(r, _MOVE_TO if r.random() < 0.65 else _MOVE_TOLD)
    return _put(scope, pattern.format(n=name, x=x), f"in {name}")


def _whom(scope: Scope) -> str:
    nouns = scope.picture.nouns()
    return "the " + " and the ".join(nouns) if nouns and scope.r.random() < 0.6 else "everything"


def _put(scope: Scope, said: str, phrase: str) -> Move:
    return replace(put(scope.picture, phrase), said=said, order=is_order(said))


def put(picture: Picture, phrase: str) -> Move:
    """What is done, without words."""
    made = edit(f"put it {phrase}", "", "picture")
    return Move("", (made,), f"Putting it {phrase}.", (picture,))


def mood(scope: Scope) -> Move:
    """How the picture as a whole should look; what its levels alone decide is adjusted, the rest drawn."""
    r = scope.r
    if r.random() < COLLECTED:
        said, instruction = meaning(r, "mood")
        return _changed(scope, said, instruction)
    if r.random() < 0.6:
        want = r.choice(vocabulary.MOODS)
        said = one_of(r, _MOOD).format(m=want)
    else:
        want = r.choice(vocabulary.STYLES)
        said = one_of(r, _STYLE).format(m=want)
    return _changed(scope, said, f"make it {want}")


def style(scope: Scope) -> Move:
    """Another style, in a collected phrasing."""
    return _changed(scope, *meaning(scope.r, "style"))


def weather(scope: Scope) -> Move:
    return _changed(scope, *meaning(scope.r, "weather"))


def _changed(scope: Scope, said: str, instruction: str) -> Move:
    return replace(changed(scope.picture, instruction), said=said, order=is_order(said))


def changed(picture: Picture, instruction: str) -> Move:
    """What is done to the whole picture, without words."""
    levels = ADJUSTED.get(instruction.removeprefix("make it "))
    made = step("adjust", **levels) if levels else edit(instruction, "", "picture")
    return Move("", (made,), "Changing the picture.", (picture,))
