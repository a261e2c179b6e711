"""Messages that change a part of the picture: recolour, replace, add, remove."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from pentimento.starter.conversations import plainly, vocabulary
from pentimento.starter.conversations.moves import Move, Picture, Scope, Thing, edit, picture_of, step, with_count
from pentimento.starter.conversations.phrasings import is_order, meaning, phrasing
from pentimento.starter.conversations.words import a, one_of
from pentimento.starter.words import ANIMALS, COUNTS, FOOD, KINDS, plural

_GROUPS = {
    "animal": ANIMALS,
    "creature": ANIMALS,
    "bird": ("owl", "duck", "penguin"),
    "plant": ("flower", "tree", "cactus", "sunflower", "palm", "mushroom"),
    "building": ("house", "castle", "church"),
    "vehicle": ("car", "bus", "train", "tractor", "bicycle", "boat"),
    "fruit": ("apple", "pumpkin"),
    "food": FOOD,
}
_NOUNS = {group: frozenset(noun for kind in kinds for noun in KINDS[kind]) for group, kinds in _GROUPS.items()}


def _group(scope: Scope, thing: Thing) -> str | None:
    """What a thing is, where it is the only one of that in the picture: "animal"."""
    alone = [
        group
        for group in groups((thing.noun,))
        if sum(noun in _NOUNS[group] for noun in scope.picture.every_noun()) == 1
    ]
    return scope.r.choice(alone) if alone else None


def groups(nouns: Collection[str]) -> list[str]:
    """What all of these are, each of them: "animal", "creature"."""
    return [group for group, members in _NOUNS.items() if members.issuperset(nouns)]


def named(scope: Scope, thing: Thing) -> str:
    """How a person names a thing of the picture, or just "it" where that is clear."""
    r = scope.r
    if thing.noun == scope.picture.focus and r.random() < 0.35:
        return one_of(r, "it|it|it|it|it|it|it|that|that|this|this one|that one|him|her")
    if r.random() < 0.03 and (group := _group(scope, thing)):
        return f"the {group}"
    if r.random() < 0.07:
        return thing.noun
    adjective = f"{thing.color} " if thing.color and r.random() < 0.2 else ""
    return one_of(r, "the |the |the |the |the |the |the |the |my |this |that |our |") + adjective + thing.noun


def some_thing(scope: Scope) -> Thing:
    """A thing of the picture, or now and then one that its words don't tell; where it isn't there, the tool will say so."""
    if not scope.picture.things or scope.r.random() < UNTOLD:
        return Thing(scope.words.noun(scope.picture.every_noun()))
    return scope.r.choice(scope.picture.things)


def some_part(scope: Scope) -> Thing:
    """A thing of the picture, or now and then what is never listed as one: its sky, the tail of something."""
    return Thing(scope.r.choice(vocabulary.PARTS)) if scope.r.random() < 0.1 else some_thing(scope)


def with_thing(picture: Picture, old: str, new: Thing | None) -> Picture:
    """The picture with a thing in the old one's place, or with nothing there."""
    return picture_of(tuple(thing for thing in picture.things if thing.noun != old), new)


UNTOLD = 0.12
"""How often a message is about a thing that no label names."""
COLLECTED = 0.6
"""Share of messages that are said in a collected phrasing."""


def _collected(scope: Scope, intent: str, **words: str) -> tuple[str, bool] | None:
    """A collected phrasing and whether it is a bare order; None where this message is to be said otherwise."""
    if scope.r.random() > COLLECTED:
        return None
    said = phrasing(scope.r, intent, **words)
    return said, is_order(said)


def _say(scope: Scope, orders: str, told: str, **words: str) -> tuple[str, bool]:
    order = scope.r.random() < 0.68
    return one_of(scope.r, orders if order else told).format(**words), order


def recolor(scope: Scope) -> Move:
    r, thing = scope.r, some_part(scope)
    color = scope.words.color(thing.color)
    after = replace(thing, color=color)
    if r.random() < 0.06:
        after, color = (
            thing,
            one_of(r, "darker|lighter|brighter|a bit darker|more {c}|less {c}").format(c=color.split()[-1]),
        )
    name = named(scope, thing)
    said, order = _collected(scope, "recolor", x=name, c=color) or _say(
        scope, plainly.RECOLOR, plainly.RECOLOR_TOLD, x=name, c=color
    )
    if thing.color and r.random() < 0.1:
        said = one_of(r, plainly.TIRED_OF).format(
            x=f"the {thing.noun}", o=thing.color, c=color, d=one_of(r, plainly.DULL)
        )
        order = is_order(said)
    elif name.startswith("the ") and r.random() < 0.07:
        said, order = f"{name[4:]} {color}", False
    made = recolored(with_thing(scope.picture, thing.noun, after), thing.noun, color)
    return replace(made, said=said, order=order)


def recolored(picture: Picture, noun: str, color: str) -> Move:
    """What is done, without words; the picture is the one afterwards."""
    made = edit(f"make the {noun} {color}", noun, "object")
    return Move("", (made,), f"Making the {noun} {color}.", (picture,))


def swap(scope: Scope) -> Move:
    r, thing = scope.r, some_thing(scope)
    new = Thing(scope.words.noun(scope.picture.every_noun()), scope.words.color() if r.random() < 0.2 else "")
    y = a(new.phrase) if r.random() < 0.92 else new.phrase
    if thing.noun == scope.picture.focus and r.random() < 0.15:
        said, order = (
            one_of(
                r,
                "{y} instead|make it {y} instead|the same but with {y}|the same with {y} instead|"
                "same thing but with {y}|no, {y}|rather {y}|{y} would be better",
            ).format(y=y),
            False,
        )
    else:
        x = named(scope, thing) if r.random() < 0.9 else a(thing.noun)
        said, order = _collected(scope, "replace", x=x, a=y) or _say(
            scope, plainly.REPLACE, plainly.REPLACE_TOLD, x=x, y=y
        )
    return replace(replaced(scope.picture, thing.noun, new), said=said, order=order)


def replaced(picture: Picture, noun: str, new: Thing) -> Move:
    """What is done, without words."""
    made = edit(f"replace the {noun} with {a(new.phrase)}", noun, "object")
    return Move("", (made,), f"Replacing the {noun} with {a(new.phrase)}.", (with_thing(picture, noun, new),))


def add(scope: Scope) -> Move:
    r = scope.r
    new = Thing(scope.words.noun(scope.picture.every_noun()), scope.words.color() if r.random() < 0.3 else "")
    detail = f"{scope.words.adjective()} " if r.random() < 0.08 else ""
    phrase = a(detail + new.phrase)
    near = named(scope, scope.picture.things[0]) if scope.picture.things else "it"
    roll = r.random()
    where = plainly.LEFT if roll < 0.25 else plainly.RIGHT if roll < 0.45 else plainly.BESIDE if roll < 0.6 else ""
    side = "left" if where == plainly.LEFT else "right"
    y = (
        phrase
        if r.random() < 0.93
        else one_of(r, "one more {n}|some {n}|{n}|another {n}").format(n=detail + new.phrase)
    )
    s = one_of(r, where).format(z=near) if where else ""
    said, order = _say(scope, plainly.ADD, plainly.ADD_TOLD, y=y, y0=detail + new.phrase, s=s)
    if s and roll < 0.6 and r.random() < 0.12:
        said, order = f"{s.strip()}, {one_of(r, 'add |put |i want ||')}{y}", False
    if (collected := _collected_add(scope, phrase, near)) is not None:
        said, order, side = collected
    return replace(added(scope.picture, new, phrase, side), said=said, order=order)


def added(picture: Picture, new: Thing, phrase: str, side: str) -> Move:
    """What is done, without words; `phrase` is the new thing with its article, `side` left or right."""
    made = edit(f"add {phrase} on the {side}", new.noun, side)
    return Move("", (made,), f"Adding {phrase}.", (Picture((*picture.things, new), new.noun),))


def _collected_add(scope: Scope, phrase: str, near: str) -> tuple[str, bool, str] | None:
    """Words, whether they are a bare order, and the side; without a side the thing goes to the right."""
    intent, side = scope.r.choice(
        (("add", "right"), ("add", "right"), ("add_left", "left"), ("add_right", "right"), ("add_near", "right"))
    )
    words = {"a": phrase, "x": near} if intent == "add_near" else {"a": phrase}
    said = _collected(scope, intent, **words)
    return None if said is None else (*said, side)


def remove(scope: Scope) -> Move:
    thing = some_part(scope)
    x = named(scope, thing)
    said, order = _collected(scope, "remove", x=x) or _say(
        scope, plainly.REMOVE, plainly.REMOVE_TOLD, x=x, x0=thing.noun
    )
    return replace(removed(scope.picture, thing.noun), said=said, order=order)


def removed(picture: Picture, noun: str) -> Move:
    """What is done, without words."""
    made = edit(f"remove the {noun}", noun, "object")
    return Move("", (made,), f"Removing the {noun}.", (with_thing(picture, noun, None),))


@dataclass(frozen=True)
class Change:
    """A change of whichever of several things is named."""

    kind: str
    said: Callable[[str], str]
    """How it is said, by the name that a person gives it, …"""
    of: Callable[[str], Move]
    """… and what it does to what is so called."""


def change(scope: Scope, kind: str, color: str, new: Thing) -> Change:
    """To `color`, away, or `new` in its place, by the kind: recolor, remove, replace."""
    kinds: dict[str, tuple[dict[str, str], str, Callable[[str], Move]]] = {
        "recolor": ({"c": color}, plainly.RECOLOR, lambda name: recolored(scope.picture, name, color)),
        "remove": ({}, plainly.REMOVE, lambda name: removed(scope.picture, name)),
        "replace": ({"a": a(new.noun)}, plainly.REPLACE, lambda name: replaced(scope.picture, name, new)),
    }
    words, plain, of = kinds[kind]

    def said(name: str) -> str:
        collected = _collected(scope, kind, x=name, **words)
        return collected[0] if collected else one_of(scope.r, plain).format(x=name, y=a(new.noun), **words)

    return Change(kind, said, of)


def exact_color(scope: Scope) -> Move:
    """An exact colour: the only recolouring that needs no model."""
    r, thing = scope.r, some_thing(scope)
    to = "#" + "".join(r.choice("0123456789abcdef") for _ in range(6))
    if r.random() < 0.3:
        to = r.choice(("#ff0000", "#00ff00", "#0000ff", "#ff6600", "#ffffff", "#000000", "#ffcc00", "#336699"))
    x, typed = named(scope, thing), to if r.random() < 0.9 else to[1:]
    said, order = _collected(scope, "exact", x=x, c=typed) or _say(
        scope, plainly.RECOLOR, plainly.RECOLOR_TOLD, x=x, c=one_of(r, "||exactly |the exact color ") + typed
    )
    picture = with_thing(scope.picture, thing.noun, thing)
    reply = f"Giving the {thing.noun} the exact colour."
    return Move(said, (step("recolor", target=thing.noun, to=to),), reply, (picture,), order)


def all_of(scope: Scope) -> Move:
    """Every one of a kind in another colour."""
    thing, color = some_thing(scope), scope.words.color()
    several = plural(thing.noun)
    said = phrasing(scope.r, "all_of", m=several, c=color)
    picture = with_thing(scope.picture, thing.noun, replace(thing, color=color))
    return replace(recolored(picture, several, color), said=said, order=is_order(said))


def the_one(scope: Scope) -> Move:
    """One of several alike, told by where it is or how large."""
    return the_one_of(scope, some_thing(scope))


def the_one_of(scope: Scope, thing: Thing) -> Move:
    color = scope.words.color()
    said, meant = meaning(scope.r, "the_one", n=thing.noun, c=color)
    which, what = meant.split()
    name = f"{which} {thing.noun}"
    made = removed(scope.picture, name) if what == "remove" else recolored(scope.picture, name, color)
    picture = replace(scope.picture, focus="")
    return replace(made, said=said, pictures=(picture,), order=is_order(said))


def change_count(scope: Scope) -> Move:
    """More or fewer of a kind."""
    r, thing = scope.r, some_thing(scope)
    said, meant = meaning(
        r, "count_change", n=thing.noun, m=plural(thing.noun), k=r.choice((COUNTS[2], COUNTS[3], "2", "3"))
    )
    number = {"2": "two", "3": "three"}.get(meant, meant)
    several = thing.noun if number == "one" else plural(thing.noun)
    made = edit(f"make it {number} {several}", thing.noun, "object")
    picture = with_count(scope.picture, thing, {"one": 1, "two": 2}.get(number, 3))
    return Move(said, (made,), f"Making it {number} {several}.", (picture,), is_order(said))
