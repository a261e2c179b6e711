"""Before, instruction, after: one change of a scene and the words that ask for it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from pentimento.starter.words import ANIMALS, COLORS, COUNTS, PLACES, STYLES, TIMES, WEATHERS, WORN, plural
from pentimento.starter.world.captions import article, describe, group_in_words, noun, spot_of, usual
from pentimento.starter.world.scene import (
    SPOTS,
    VARIANTS,
    Group,
    Scene,
    random_scene,
    random_size,
    random_thing,
    snapped,
)

_RECOLOR = (
    *("make {x} {c}", "make {x} {c}", "turn {x} {c}", "paint {x} {c}", "color {x} {c}", "recolor {x} to {c}"),
    *(
        "change {x} to {c}",
        "change the color of {x} to {c}",
        "{x} should be {c}",
        "give {x} a {c} color",
        "dye {x} {c}",
    ),
)
_REPLACE = (
    *("replace {x} with {y}", "replace {x} with {y}", "replace {x} by {y}", "swap {x} for {y}", "turn {x} into {y}"),
    *("change {x} into {y}", "put {y} where {x} is", "{y} instead of {x}", "exchange {x} for {y}"),
)
_ADD = (
    *("add {y} {s}", "add {y} {s}", "put {y} {s}", "place {y} {s}", "there should be {y} {s}", "draw {y} {s}"),
    *("insert {y} {s}", "i want {y} {s}"),
)
_SIDE = {
    "left": ("on the left", "on the left", "to the left"),
    "right": ("on the right", "on the right", "to the right"),
}
_WEAR = ("put {y} on {x}", "give {x} {y}", "let {x} wear {y}", "add {y} to {x}", "{x} should wear {y}")
_REMOVE = (
    *("remove {x}", "remove {x}", "delete {x}", "take {x} away", "erase {x}", "get rid of {x}", "the same without {x}"),
    "take out {x}",
)
_MOVE = ("move {x} {s}", "move {x} {s}", "put {x} {s}", "shift {x} {s}", "{x} should be {s}")
_TO = {
    "left": ("to the left", "on the left", "left"),
    "center": ("to the middle", "in the middle", "to the center"),
    "right": ("to the right", "on the right", "right"),
}
_RESIZE = {
    "big": ("make {x} bigger", "make {x} larger", "enlarge {x}", "make {x} big", "{x} should be bigger"),
    "small": ("make {x} smaller", "shrink {x}", "make {x} small", "make {x} tiny", "{x} should be smaller"),
}
_COUNT = ("make it {n} {p}", "{n} {p} instead of one", "there should be {n} {p}", "draw {n} {p}", "i want {n} {p}")
_PUT = ("put it {p}", "put it {p}", "the same {p}", "put everything {p}", "now {p}", "{p}", "set the scene {p}")
_PLACE = {
    "forest": ("change the background to a forest", "move it to the woods", "make it a forest"),
    "beach": ("change the background to a beach", "move it to the seaside", "make it a beach"),
    "city": ("change the background to a city", "move it to town", "make it a city"),
    "meadow": ("change the background to a meadow", "move it to a field", "make it a meadow"),
    "desert": ("change the background to a desert", "move it to the desert", "make it a desert"),
    "mountains": ("change the background to mountains", "move it to the mountains", "make it mountains"),
    "room": ("change the background to a room", "move it indoors", "move it into a room"),
}
_TIME = {
    "day": ("make it day", "make it daytime", "turn night into day", "let it be day"),
    "sunset": ("make it sunset", "make it dusk", "make it evening", "let the sun set"),
    "night": ("make it night", "make it night time", "turn it into night", "let it be night"),
}
_WEATHER = {
    "clear": ("make the weather fine", "clear the sky", "make it sunny", "no more bad weather"),
    "rain": ("make it rain", "make it rainy", "let it rain", "add rain"),
    "snow": ("make it snow", "make it winter", "let it snow", "add snow"),
    "fog": ("make it foggy", "add fog", "let there be fog", "make it misty"),
}
_STYLE = (
    "make it {s}",
    "turn it into {s}",
    "in the style of {s}",
    "draw it as {s}",
    "change the style to {s}",
    "as {s}",
)


@dataclass(frozen=True)
class Edit:
    kind: str
    """A key of `EDITS`."""
    before: Scene
    instruction: str
    after: Scene
    target: str = ""
    """Noun phrase of what is changed or added, empty when the whole picture is."""
    group: int | None = None
    """Which group of both scenes is changed, added or taken away; None for the whole picture."""


def named(group: Group, rng: random.Random) -> str:
    """A thing that is there, as it is called without an article."""
    name = describe(group.things[0], rng) if rng.random() < 0.25 else noun(group.things[0].kind, rng)
    return plural(name) if group.relation == "same" else name


def _the(name: str) -> str:
    return f"the {name}"


def _chosen(rng: random.Random, fits: Callable[[Group], object]) -> tuple[Scene, int]:
    """A scene, and one of its groups that fits."""
    while True:
        scene = random_scene(rng)
        fitting = [index for index, group in enumerate(scene.groups) if fits(group)]
        if fitting:
            return scene, rng.choice(fitting)


def _alone(group: Group) -> bool:
    return not group.relation


def _recolor(rng: random.Random) -> Edit:
    before, index = _chosen(rng, bool)
    group = before.groups[index]
    which = rng.randrange(len(group.things)) if group.relation not in ("", "same") else 0
    thing = group.things[which]
    color = rng.choice([c for c in COLORS if c != thing.color])
    name = named(replace(group, things=group.things[which:], relation="same" if group.relation == "same" else ""), rng)
    changed = tuple(
        replace(t, color=color) if group.relation == "same" or i == which else t for i, t in enumerate(group.things)
    )
    words = rng.choice(_RECOLOR).format(x=_the(name), c=color)
    return Edit("recolor", before, words, before.with_group(index, replace(group, things=changed)), name, index)


def _kinds(scene: Scene) -> tuple[str, ...]:
    return tuple(thing.kind for thing in scene.things())


def _replace(rng: random.Random) -> Edit:
    before, index = _chosen(rng, _alone)
    group = before.groups[index]
    other = replace(group, things=(random_thing(rng, _kinds(before)),), size="")
    name = named(group, rng)
    words = rng.choice(_REPLACE).format(x=_the(name), y=group_in_words(other, rng))
    return Edit("replace", before, words, before.with_group(index, other), name, index)


def _add(rng: random.Random) -> Edit:
    """A thing beside the only one, or something to wear for an animal."""
    before = random_scene(rng, groups=1)
    while before.groups[0].slots > 2:
        before = random_scene(rng, groups=1)
    first = before.groups[0]
    if not first.relation and first.things[0].kind in ANIMALS and rng.random() < 0.35:
        return _dress(rng, before)
    width = before.size[0]
    spot = spot_of(first, width)
    side = {"left": "right", "right": "left"}.get(spot) or rng.choice(("left", "right"))
    lone = spot != "center" and first.slots == 1
    middle = (SPOTS[side] if lone else {"left": 1 / 6, "right": 5 / 6}[side]) * width
    new = Group(
        (random_thing(rng, _kinds(before)),), snapped(middle, 4), width // (2 if lone else 3), size=random_size(rng)
    )
    words = rng.choice(_ADD).format(y=group_in_words(new, rng), s=rng.choice(_SIDE[side]))
    name = describe(new.things[0], rng)
    return Edit("add", before, words, replace(before, groups=(first, new)), name, 1)


def _dress(rng: random.Random, before: Scene) -> Edit:
    first = before.groups[0]
    worn = random_thing(rng, (), WORN)
    words = rng.choice(_WEAR).format(x=_the(named(first, rng)), y=article(describe(worn, rng)))
    after = before.with_group(0, replace(first, things=(*first.things, worn), relation="wearing"))
    return Edit("add", before, words, after, describe(worn, rng), 0)


def _remove(rng: random.Random) -> Edit:
    """A whole group, or what an animal wears, or what stands behind."""
    before, index = _chosen(rng, lambda group: group.relation != "on")
    group = before.groups[index]
    if group.relation in ("wearing", "behind"):
        name = noun(group.things[1].kind, rng)
        rest: tuple[Group, ...] = (
            *before.groups[:index],
            replace(group, things=group.things[:1], relation=""),
            *before.groups[index + 1 :],
        )
    else:
        name = named(group, rng)
        rest = tuple(g for i, g in enumerate(before.groups) if i != index)
    words = rng.choice(_REMOVE).format(x=_the(name))
    return Edit("remove", before, words, replace(before, groups=rest), name, index)


def _move(rng: random.Random) -> Edit:
    """The only thing, to another spot."""
    before = random_scene(rng, groups=1)
    while before.groups[0].slots > 1:
        before = random_scene(rng, groups=1)
    group, width = before.groups[0], before.size[0]
    spot = rng.choice([s for s in SPOTS if s != spot_of(group, width)])
    after = before.with_group(0, replace(group, x=snapped(SPOTS[spot] * width)))
    name = named(group, rng)
    return Edit("move", before, rng.choice(_MOVE).format(x=_the(name), s=rng.choice(_TO[spot])), after, name, 0)


def _resize(rng: random.Random) -> Edit:
    before, index = _chosen(rng, lambda group: not group.relation and group.room > 60)
    group = before.groups[index]
    size = rng.choice([s for s in ("small", "big") if s != group.size])
    name = named(replace(group, size=""), rng)
    after = before.with_group(index, replace(group, size=size))
    return Edit("resize", before, rng.choice(_RESIZE[size]).format(x=_the(name)), after, name, index)


def _count(rng: random.Random) -> Edit:
    """One thing alone becomes two or three of its kind."""
    before = random_scene(rng, groups=1)
    while before.groups[0].relation:
        before = random_scene(rng, groups=1)
    group, width = before.groups[0], before.size[0]
    number = rng.choice((2, 2, 3))
    many = replace(group, things=group.things * number, relation="same", x=width // 2, room=width, size="")
    name = noun(group.things[0].kind, rng)
    words = rng.choice(_COUNT).format(n=COUNTS[number], p=plural(name))
    return Edit("count", before, words, before.with_group(0, many), name, 0)


def _other(rng: random.Random, values: dict[str, tuple[str, ...]], now: str) -> str:
    return rng.choice([value for value in values if value != now])


def _place(rng: random.Random) -> Edit:
    before = random_scene(rng)
    place = _other(rng, PLACES, before.place)
    put = rng.choice(_PUT).format(p=usual(PLACES[place], rng))
    words = put if rng.random() < 0.6 else rng.choice(_PLACE[place])
    weather = "clear" if place == "room" else before.weather
    after = replace(before, place=place, weather=weather, variant=rng.randrange(VARIANTS))
    return Edit("place", before, words, after)


def _time(rng: random.Random) -> Edit:
    before = random_scene(rng)
    time = _other(rng, TIMES, before.time)
    put = rng.choice(_PUT).format(p=usual(TIMES[time], rng))
    return Edit("time", before, put if rng.random() < 0.4 else rng.choice(_TIME[time]), replace(before, time=time))


def _weather(rng: random.Random) -> Edit:
    before = random_scene(rng)
    while before.place == "room":
        before = random_scene(rng)
    weather = _other(rng, WEATHERS, before.weather)
    put = rng.choice(_PUT).format(p=usual(WEATHERS[weather], rng))
    words = put if rng.random() < 0.4 else rng.choice(_WEATHER[weather])
    return Edit("weather", before, words, replace(before, weather=weather))


def _style(rng: random.Random) -> Edit:
    before = random_scene(rng)
    style = _other(rng, STYLES, before.style)
    words = rng.choice(_STYLE).format(s=usual(STYLES[style], rng))
    return Edit("style", before, words, replace(before, style=style))


EDITS: dict[str, Callable[[random.Random], Edit]] = {
    "recolor": _recolor,
    "replace": _replace,
    "add": _add,
    "remove": _remove,
    "move": _move,
    "resize": _resize,
    "count": _count,
    "place": _place,
    "time": _time,
    "weather": _weather,
    "style": _style,
}
"""Kind of edit → how one is made."""
_SHARES = {"recolor": 5, "replace": 5, "add": 5, "remove": 4, "place": 3}
"""How many of each kind there are beside one of the others."""


def random_edit(rng: random.Random, kind: str | None = None) -> Edit:
    weights = [_SHARES.get(name, 2) for name in EDITS]
    return EDITS[kind or rng.choices(tuple(EDITS), weights)[0]](rng)
