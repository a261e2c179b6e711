"""Puts a scene into words, terse to chatty."""

import random

from pentimento.starter.words import ANIMALS, COUNTS, FOOD, KINDS, PLACES, SIZES, STYLES, TIMES, WEATHERS, plural
from pentimento.starter.world.scene import SPOTS, Group, Scene, Thing

_AT = {
    "left": ("{a} on the left", "{a} at the left", "{a} on the left side"),
    "right": ("{a} on the right", "{a} at the right", "{a} on the right side"),
    "center": ("{a}", "{a}", "{a}", "{a} in the middle"),
}
_TWO = (
    *["{a} and {b}"] * 3,
    *("{a} next to {b}", "{a} beside {b}", "{a} to the left of {b}", "{a} left of {b}", "{b} to the right of {a}"),
    *("{a} on the left and {b} on the right", "{a} with {b} on its right", "{a}, {b}"),
)
_THREE = ("{a}, {b} and {c}", "{a}, {b} and {c}", "{a} and {b} and {c}", "{a}, {b}, {c}", "{b} between {a} and {c}")
_RELATIONS = {
    "wearing": ("{a} wearing {b}", "{a} wearing {b}", "{a} with {b} on its head", "{a} in {b}", "{a} that wears {b}"),
    "on": ("{a} on {b}", "{a} on {b}", "{a} on top of {b}", "{a} standing on {b}", "{a} sitting on {b}"),
    "behind": ("{a} in front of {b}", "{a} in front of {b}", "{b} behind {a}", "{a} before {b}"),
}
_WHOLE = (
    *["{things} {setting}"] * 6,
    *("{setting}, {things}", "{setting}: {things}", "{things}, {setting}", "{things}. {setting}"),
    *("a picture of {things} {setting}", "there is {things} {setting}", "a drawing of {things} {setting}"),
    *("show me {things} {setting}", "i would like to see {things} {setting}", "an image with {things} {setting}"),
)
_STYLED = (
    *["{whole}, {style}"] * 3,
    *(
        "{style} of {whole}",
        "{whole} as {style}",
        "{whole} in the style of {style}",
        "{whole}, {style} style",
        "{style}: {whole}",
    ),
)


def noun(kind: str, rng: random.Random) -> str:
    """A noun for a kind: mostly the usual one."""
    return KINDS[kind][0] if rng.random() < 0.8 else rng.choice(KINDS[kind])


def article(words: str) -> str:
    return f"an {words}" if words[0] in "aeiou" else f"a {words}"


def usual(phrases: tuple[str, ...], rng: random.Random) -> str:
    return phrases[0] if rng.random() < 0.5 else rng.choice(phrases)


def describe(thing: Thing, rng: random.Random, size: str = "") -> str:
    """A noun phrase without article: "small red squirrel"."""
    name = noun(thing.kind, rng)
    words = [usual(SIZES[size], rng)] if size else []
    return " ".join([*words, *([thing.color] if thing.color else []), name])


def group_in_words(group: Group, rng: random.Random) -> str:
    """A noun phrase with article or number: "two red cats", "a dog wearing a hat"."""
    first = describe(group.things[0], rng, group.size)
    if group.relation == "same":
        return f"{COUNTS[len(group.things)]} {plural(first)}"
    if not group.relation:
        return article(first)
    second = describe(group.things[1], rng)
    return rng.choice(_RELATIONS[group.relation]).format(a=article(first), b=article(second))


def spot_of(group: Group, width: int) -> str:
    """The spot that the group's middle is nearest to."""
    return min(SPOTS, key=lambda spot: abs(SPOTS[spot] * width - group.x))


def _eats(first: Group, second: Group) -> bool:
    alone = not first.relation and not second.relation
    return alone and first.things[0].kind in ANIMALS and second.things[0].kind in FOOD


def things_in_words(scene: Scene, rng: random.Random) -> str:
    groups = sorted(scene.groups, key=lambda group: group.x)
    named = [group_in_words(group, rng) for group in groups]
    match named:
        case []:
            return "nothing"
        case [one]:
            return rng.choice(_AT[spot_of(groups[0], scene.size[0])]).format(a=one)
        case [a, b]:
            if _eats(*groups) and rng.random() < 0.4:
                return f"{a} eating {b}"
            return rng.choice(_TWO).format(a=a, b=b)
        case _:
            return rng.choice(_THREE).format(a=named[0], b=named[1], c=named[2])


def setting_in_words(scene: Scene, rng: random.Random) -> str:
    """Place, time and weather; what is ordinary is mostly left out."""
    said = [usual(PLACES[scene.place], rng)] if rng.random() < 0.88 else []
    if scene.time != "day" or rng.random() < 0.1:
        said.append(usual(TIMES[scene.time], rng))
    if scene.weather != "clear" or rng.random() < 0.05:
        said.append(usual(WEATHERS[scene.weather], rng))
    if rng.random() < 0.2:
        rng.shuffle(said)
    return rng.choice((" ", " ", ", ")).join(said)


def caption(scene: Scene, rng: random.Random) -> str:
    setting = setting_in_words(scene, rng)
    pattern = rng.choice(_WHOLE) if setting else "{things}"
    whole = pattern.format(things=things_in_words(scene, rng), setting=setting)
    if scene.style == "flat" and rng.random() < 0.97:
        return whole
    return rng.choice(_STYLED).format(whole=whole, style=usual(STYLES[scene.style], rng))
