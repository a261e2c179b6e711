"""Messages that ask for a picture to be drawn."""

import re
from dataclasses import replace
from random import Random

from pentimento.starter.conversations import alike, vocabulary
from pentimento.starter.conversations.moves import Move, Picture, Thing, picture_of, step
from pentimento.starter.conversations.phrasings import filled, meaning, template
from pentimento.starter.conversations.words import Words, a, one_of
from pentimento.starter.words import KINDS, STYLES
from pentimento.starter.world.captions import setting_in_words, things_in_words
from pentimento.starter.world.scene import Scene, random_scene

_ASK = (
    "draw {x}|draw {x}|paint {x}|draw me {x}|paint me {x}|show me {x}|generate {x}|create {x}|make {x}|sketch {x}|"
    "give me {x}|make me {x}|design {x}|make a picture of {x}|draw a picture of {x}|create an image of {x}|"
    "paint a picture of {x}|generate an image of {x}|give me a picture of {x}|make an image with {x}|imagine {x}|"
    "start with {x}|produce {x}|render {x}|make a drawing of {x}|start a new picture: {x}|illustrate {x}"
)
_TELL = (
    "i'd like {x}|i want {x}|i would like to see {x}|i want to see {x}|i need {x}|i'd love {x}|how about {x}|"
    "what about {x}|let's see {x}|let's have {x}|let's start with {x}|a picture of {x}|an image of {x}|picture of {x}|"
    "new picture: {x}|new picture, {x}|now {x}|can i have {x}|could i get {x}|can i see {x}|can you do {x}|"
    "i was thinking of {x}|my daughter wants {x}|we need {x} for our wall|something with {x}|a new one: {x}|"
    "would it be possible to see {x}|id like {x}|i wish for {x}|there should be {x}|let there be {x}|may i see {x}|"
    "i need a picture of {x}|i'd like a drawing of {x}|a drawing of {x}|what would {x} look like|do you have {x}|"
    "next: {x}|another picture, this time {x}|next i want {x}|let us do {x}|a scene with {x}|drawing of {x}|"
    "the picture should show {x}|it should show {x}|forget that, draw {x}|something new: {x}|i'm looking for {x}"
)
_FOR = (
    " for my daughter| for a birthday card| for the kids| as a present| for our kitchen| for my website|, it's for my mum|"
    ", it's for a friend| for a poster| to hang on the wall|, my son loves those| for a book cover"
)
_COLOR_TOLD = (
    ", {c}|, {c} please|, the {n} should be {c}|, make the {n} {c}|, the {n} in {c}|. the {n} is {c}|, a {c} one|, {c} one|"
    ". {c} {n}|, with the {n} in {c}|; {n}: {c}|, colour of the {n}: {c}"
)
_NOT = ", not {y}|, but not {y}|. no {y0}, just that|, without any {y0}|, and no {y0} please|, {y} is not what i mean"
_SIDES = (("left", "right"), ("left", "right"), ("right", "left"))
_REPLY = "Drawing it."
_NOUNS = frozenset(noun for kind in KINDS.values() for noun in kind) | frozenset(vocabulary.NOUNS)
SURPRISE = "a fox and a balloon on a beach"


def drawing(r: Random, words: Words) -> Move:
    """A new picture, in any of many ways to ask for one."""
    roll = r.random()
    if roll < 0.02:
        return _surprise(r)
    if roll < 0.25:
        return _described(r, words)
    if roll < 0.42:
        return _asked(r, words)
    if roll < 0.52:
        return _wished(r)
    picture, caption, loose = scene(r, words)
    roll = r.random()
    if roll < 0.3:
        return _move(loose, caption, picture, order=False)
    pattern, order = (one_of(r, _ASK), True) if roll < 0.68 else (one_of(r, _TELL), False)
    purpose = one_of(r, _FOR) if r.random() < 0.05 else ""
    return _move(pattern.format(x=loose) + purpose, caption, picture, order=order)


def _asked(r: Random, words: Words) -> Move:
    """One thing, perhaps somewhere, asked for in a collected phrasing."""
    thing, place = _thing(r, words), words.place_phrase()
    name = a(_detail(r, words) + thing.phrase)
    typed, _ = template(r, "draw")
    caption = f"{name} {place}" if "{p}" in typed else name
    said = filled(typed, {"a": name, "p": place})
    return replace(_move(said, caption, Picture((thing,), thing.noun), order=False), whole=True)


def _wished(r: Random) -> Move:
    """A request in a person's own words from first to last, with what it says of number and shape behind "##"."""
    said, meant = meaning(r, "wish")
    prompt, _, options = meant.partition(" ## ")
    ratio = next((one for one in ("wide", "tall", "square") if one in options.split()), None)
    count = next((int(one) for one in options.split() if one.isdigit()), None)
    made = step("generate", prompt=prompt, n=count, ratio=ratio)
    reply = f"Drawing {count} of them." if count else _REPLY
    return Move(said, (made,), reply, (shown(prompt),), order=False, whole=True)


def shown(prompt: str) -> Picture:
    """A picture from free words: those of its things that the vocabulary has."""
    things = tuple(dict.fromkeys(Thing(word) for word in re.findall(r"[a-z]+", prompt) if word in _NOUNS))[:3]
    return picture_of(things)


def _described(r: Random, words: Words) -> Move:
    """A scene in free words, and the caption that keeps all of them."""
    one, two = _thing(r, words), _thing(r, words)
    if two.noun == one.noun:
        return _described(r, words)
    color = words.color()
    fill = {
        "a": a(_detail(r, words) + one.phrase),
        "b": a(two.phrase),
        "n": one.noun,
        "m": two.noun,
        "c": color,
        "d": words.color(color),
        "p": words.place_phrase(),
    }
    said, caption = meaning(r, "scene", **fill)
    things = tuple(thing for thing in (one, two) if thing.noun in caption)
    picture = picture_of(things)
    return replace(_move(said, caption, picture, order=False), whole=True)


def _move(said: str, caption: str, picture: Picture, *, order: bool) -> Move:
    return Move(said, (step("generate", prompt=caption),), _REPLY, (picture,), order)


def _surprise(r: Random) -> Move:
    said = one_of(
        r,
        "surprise me|draw something|draw anything|draw anything you like|show me something|make a picture|draw a picture|"
        "paint something nice|you choose|something nice please|whatever you like|i don't know, draw something|"
        "just draw something random|dealer's choice|make something up|draw me a picture",
    )
    picture = Picture((Thing("fox"), Thing("balloon")))
    return _move(said, SURPRISE, picture, order=False)


def scene(r: Random, words: Words) -> tuple[Picture, str, str]:
    """A picture, its caption, and the caption as a person may say it."""
    return _world(r) if r.random() < 0.6 * (1 - words.wild) else _free(r, words)


_STYLED = ("{x}, {s}", "{x}, {s}", "{x} as {s}", "{s} of {x}", "{x} in {s}", "{x}, {s} style", "{s}: {x}")


def _world(r: Random) -> tuple[Picture, str, str]:
    """A scene of the picture-book world, with its counts, relations, sizes, weather and style."""
    drawn = random_scene(r)
    told = f"{things_in_words(drawn, r)} {setting_in_words(drawn, r)}".strip()
    if drawn.style != "flat":
        name = r.choice(STYLES[drawn.style])
        styled = r.choice(_STYLED)
        told = styled.format(x=told, s=a(name) if styled.startswith(("{s} of", "{x} as")) else name)
    found = _seen_things(drawn, told)
    things = tuple(thing for thing, count in found if count == 1)
    return replace(picture_of(things), alike=tuple((thing, count) for thing, count in found if count > 1)), told, told


def _seen_things(drawn: Scene, told: str) -> list[tuple[Thing, int]]:
    """The first thing of each group, by the noun that was said of it, and how many there are."""
    found = []
    for group in sorted(drawn.groups, key=lambda group: group.x):
        kind, color = group.things[0].kind, group.things[0].color
        noun = next((noun for noun in reversed(KINDS[kind]) if noun in told), kind)
        found.append((Thing(noun, color or ""), [thing.kind for thing in group.things].count(kind)))
    return found


def _free(r: Random, words: Words) -> tuple[Picture, str, str]:
    if r.random() < 0.1:
        told, picture = alike.drawn(words, Thing(_person(r, words), words.color() if r.random() < 0.2 else ""))
        return picture, told, told
    main = _thing(r, words)
    things: tuple[Thing, ...] = (main,)
    link = ""
    if r.random() < 0.55:
        second = _thing(r, words, but=(main.noun,))
        things, link = (main, second), "and" if r.random() < 0.4 else _link(r, words)
    place = words.place_phrase() if r.random() < 0.75 else ""
    focus = "" if link == "and" else main.noun
    first = f"{_detail(r, words)}{main.phrase}"
    parts = [a(first)] + ([f"{link} {a(things[1].phrase)}"] if link else [])
    if not link and r.random() < 0.15:
        parts.append(r.choice(vocabulary.ALONE))
    if r.random() < 0.05 and words.wild > 0:
        parts.append(_tail(r, words))
    if link == "and" and r.random() < 0.2:
        parts = [f"{part} on the {side}" for part, side in zip(parts[:2], r.choice(_SIDES), strict=True)]
    caption = " ".join([*parts, place]).strip()
    return Picture(things, focus), caption, _said(r, words, things, parts, place)


def _person(r: Random, words: Words) -> str:
    """Now and then a person, of whom "him" and "her" are said."""
    return one_of(r, "woman|man|girl|boy|child|person") if r.random() < 0.25 else words.noun()


def _said(r: Random, words: Words, things: tuple[Thing, ...], parts: list[str], place: str) -> str:
    """The scene as a person may say it: sometimes a colour comes behind, or what is not meant."""
    colored = [thing for thing in things if thing.color]
    if colored and r.random() < 0.15:
        thing = r.choice(colored)
        bare = [_bare(part, thing) for part in parts]
        return _loosely(r, bare, place) + one_of(r, _COLOR_TOLD).format(n=thing.noun, c=thing.color)
    if r.random() < 0.03:
        other = words.noun(tuple(thing.noun for thing in things))
        return _loosely(r, parts, place) + one_of(r, _NOT).format(y=a(other), y0=other)
    return _loosely(r, parts, place)


def _bare(part: str, thing: Thing) -> str:
    """The part with the thing's colour left out, and with the article that then fits."""
    before, found, after = part.partition(thing.phrase)
    if not found:
        return part
    words = before.split()
    if words and words[-1] in {"a", "an"}:
        return " ".join([*words[:-1], a(thing.noun)]) + after
    return f"{before}{thing.noun}{after}"


def _thing(r: Random, words: Words, but: tuple[str, ...] = ()) -> Thing:
    return Thing(words.noun(but), words.color() if r.random() < 0.35 else "")


def _link(r: Random, words: Words) -> str:
    return words.doing() if r.random() < 0.5 else one_of(r, "next to|with|beside|under|behind|near|in front of|on|and")


def _detail(r: Random, words: Words) -> str:
    return f"{words.adjective()} " if r.random() < 0.12 else ""


def _tail(r: Random, words: Words) -> str:
    """More about the scene in words of any kind, to be copied as they are."""
    return " ".join(
        [
            r.choice(vocabulary.BETWEEN),
            one_of(r, "two|three|many|some|four|lots of") + f" {words.adjective()} {words.noun()}s",
        ]
    )


def _loosely(r: Random, parts: list[str], place: str) -> str:
    """The caption as said: often as it is, else without articles, with commas, or with the place first."""
    plain = " ".join([*parts, place]).strip()
    roll = r.random()
    if roll < 0.62 or len(parts) > 2 or len(plain.split()) < 3:
        return plain
    if roll < 0.74:
        return " ".join(word for word in plain.split() if word not in {"a", "an"})
    if roll < 0.82 and place:
        return f"{place}{one_of(r, ', |, |: |. ')}{' '.join(parts)}"
    if roll < 0.9 and place:
        return f"{' '.join(parts)}, {one_of(r, 'and it should be |it is ||somewhere |all ||please ')}{place}"
    if roll < 0.95 and parts[-1].startswith("and "):
        return ", ".join([parts[0], parts[1].removeprefix("and ")]) + (f" {place}" if place else "")
    return f"{' '.join(parts)} {place}".strip()
