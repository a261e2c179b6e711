"""Puts a scene into words, terse to chatty; and, for a model that describes, always in the same words, which can be read back."""

import random
import re
from collections.abc import Iterable
from dataclasses import replace

from pentimento.starter.words import (
    ANIMALS,
    COLORS,
    COUNTS,
    FOOD,
    KINDS,
    PLACES,
    SIZES,
    STYLES,
    TIMES,
    WEATHERS,
    plural,
)
from pentimento.starter.world.layout import placed
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

_PLAIN_RELATIONS = {"wearing": "wearing", "on": "on", "behind": "in front of"}
_PLAIN_SPOTS = {"left": "on the left", "center": "in the middle", "right": "on the right"}
_NOUNS = {kind: kind for kind in KINDS} | {plural(kind): kind for kind in KINDS}
_NUMBERS = {"a": "1", "an": "1"} | {word: str(count) for count, word in COUNTS.items()}


def _any(words: Iterable[str]) -> str:
    """A pattern for one of them."""
    return "|".join(sorted(words, key=len, reverse=True))


_PLAIN_GROUP = re.compile(
    rf"(?P<number>{_any(_NUMBERS)}) (?:(?P<size>{_any(SIZES)}) )?(?:(?P<color>{_any(COLORS)}) )?(?P<kind>{_any(_NOUNS)})"
    rf"(?: (?P<relation>{_any(_PLAIN_RELATIONS.values())}) an? (?:(?P<color2>{_any(COLORS)}) )?(?P<kind2>{_any(KINDS)}))?"
    rf"(?: (?P<spot>{_any(_PLAIN_SPOTS.values())}))?"
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


def plain_caption(scene: Scene) -> str:
    """The one caption that names all that can be seen: the groups from left to right, then place, time, weather and style."""
    named = [_plain_group(scene, group) for group in sorted(scene.groups, key=lambda group: group.x)]
    if len(named) == 1 and scene.groups[0].slots == 1:
        named[0] += f" {_PLAIN_SPOTS[spot_of(scene.groups[0], scene.size[0])]}"
    things = " and ".join(filter(None, (", ".join(named[:-1]), *named[-1:]))) or "nothing"
    setting = [PLACES[scene.place][0], TIMES[scene.time][0]]
    if scene.place != "room":
        setting.append(WEATHERS[scene.weather][0])
    return f"{things} {' '.join(setting)}, {STYLES[scene.style][0]}"


def seen_size(scene: Scene, group: Group) -> str:
    """The group's size, where one sees it: in a narrow place all are drawn small."""
    index = scene.groups.index(group)
    ordinary = scene.with_group(index, replace(group, size=""))
    return group.size if placed(ordinary) != placed(scene) else ""


def _plain_group(scene: Scene, group: Group) -> str:
    first, size = group.things[0], seen_size(scene, group)
    words = " ".join(filter(None, (size, first.color, first.kind)))
    if group.relation == "same":
        return f"{COUNTS[len(group.things)]} {plural(words)}"
    if not group.relation:
        return article(words)
    second = " ".join(filter(None, (group.things[1].color, group.things[1].kind)))
    return f"{article(words)} {_PLAIN_RELATIONS[group.relation]} {article(second)}"


def facts(caption: str) -> dict[str, str]:
    """What a plain caption says, fact by fact: "2 color" is that of the second group. What can't be read is left out."""
    setting = {
        "place": {phrases[0]: name for name, phrases in PLACES.items()},
        "time": {phrases[0]: name for name, phrases in TIMES.items()},
        "weather": {phrases[0]: name for name, phrases in WEATHERS.items()},
        "style": {phrases[0]: name for name, phrases in STYLES.items()},
    }
    found = {}
    for fact, names in setting.items():
        said = re.search(rf"\b({_any(names)})\b", caption)
        if said:
            found[fact] = names[said[1]]
    things = re.split(rf" (?:{_any(setting['place'])})\b", caption)[0]
    for number, words in enumerate(re.split(", | and ", things), start=1):
        found |= {f"{number} {fact}": value for fact, value in _group_facts(words).items()}
    return found


def _group_facts(words: str) -> dict[str, str]:
    said = _PLAIN_GROUP.fullmatch(words)
    if said is None:
        return {}
    found = {
        "number": _NUMBERS[said["number"]],
        "size": said["size"] or "ordinary",
        "color": said["color"] or "natural",
        "kind": _NOUNS[said["kind"]],
    }
    if said["relation"]:
        found |= {"relation": said["relation"], "color2": said["color2"] or "natural", "kind2": said["kind2"]}
    return found | ({"spot": said["spot"]} if said["spot"] else {})
