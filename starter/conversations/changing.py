"""Messages that change a part of the picture: recolour, replace, add, remove."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from pentimento.starter.conversations import vocabulary
from pentimento.starter.conversations.moves import Move, Picture, Scope, Thing, edit, picture_of, step, with_count
from pentimento.starter.conversations.phrasings import is_order, meaning, phrasing
from pentimento.starter.conversations.words import a, one_of
from pentimento.starter.words import ANIMALS, COUNTS, FOOD, KINDS, plural

_RECOLOR = (
    "make {x} {c}|make {x} {c}|make {x} {c}|turn {x} {c}|paint {x} {c}|color {x} {c}|colour {x} {c}|recolor {x} to {c}|"
    "recolour {x} in {c}|change {x} to {c}|change the color of {x} to {c}|change {x}'s colour to {c}|dye {x} {c}|"
    "give {x} a {c} color|tint {x} {c}|let {x} be {c}|switch {x} to {c}|set the colour of {x} to {c}|render {x} {c}|"
    "use {c} for {x}|have {x} in {c}|paint {x} in {c}|turn the color of {x} into {c}|do {x} in {c}|make {x} look {c}"
)
_RECOLOR_TOLD = (
    "make it {c}, {x}|make it {c}: {x}|change the color: {x} {c}|{x} should be {c}|i want {x} to be {c}|i'd like {x} to be {c}|{x} in {c} please|{x} in {c}|i want {x} {c}|"
    "i'd prefer {x} in {c}|what if {x} was {c}|could {x} be {c}|can {x} be {c}|how about {x} in {c}|{x} needs to be {c}|"
    "{x} would look better in {c}|i think {x} should be {c}|{c} for {x}|now {x} {c}|{x} must be {c}|{c} please, {x}|"
    "i was hoping {x} would be {c}|maybe {x} could be {c}|{x} -> {c}|{x} to {c}|it would be nice if {x} were {c}|"
    "why isn't {x} {c}|{x} has to be {c}|{x} is supposed to be {c}|{x}: {c}|couldn't {x} be {c}|wouldn't {x} be nicer in {c}"
)
_REPLACE = (
    "replace {x} with {y}|replace {x} with {y}|replace {x} by {y}|swap {x} for {y}|swap {x} with {y}|turn {x} into {y}|"
    "change {x} to {y}|change {x} into {y}|make {x} {y}|exchange {x} for {y}|put {y} where {x} is|transform {x} into {y}|"
    "instead of {x} draw {y}|use {y} instead of {x}|substitute {y} for {x}|trade {x} for {y}|draw {y} instead of {x}|"
    "put {y} in place of {x}|switch {x} for {y}|swap out {x} for {y}|convert {x} to {y}|remove {x} and put {y} there"
)
_REPLACE_TOLD = (
    "i want {y} instead of {x}|i'd like {y} instead of {x}|{y} instead of {x}|{x} should be {y}|{y} rather than {x}|"
    "i'd rather have {y} than {x}|instead of {x}, {y}|can {x} be {y}|what if {x} was {y}|not {x} but {y}|{x} -> {y}|"
    "could {x} become {y}|{x} should become {y}|{y} would be better than {x}|{y} in place of {x}|i meant {y}, not {x}"
)
_ADD = (
    "add {y}{s}|add {y}{s}|add {y}{s}|put {y}{s}|place {y}{s}|insert {y}{s}|include {y}{s}|also add {y}{s}|add also {y}{s}|"
    "put in {y}{s}|throw in {y}{s}|add another thing: {y}{s}|give it {y} too{s}|bring in {y}{s}|add {y} to the picture{s}|"
    "add {y} as well{s}|drop {y}{s}|stick {y}{s}|set {y}{s}|put {y} in{s}|add {y} to it{s}|add in {y}{s}|place {y} there{s}"
)
_ADD_TOLD = (
    "i want {y} too{s}|there should be {y}{s}|i'd like {y} as well{s}|also {y}{s}|and {y}{s}|plus {y}{s}|with {y}{s}|"
    "it needs {y}{s}|can there be {y}{s}|i'd like to have {y} in it{s}|how about {y}{s} too|could we have {y}{s} as well|"
    "{y} too{s}|now {y} too{s}|it's missing {y}{s}|{y} would be nice{s} too|what about adding {y}{s}|{y} as well{s}|"
    "we need {y}{s} too|i also want {y}{s}|there's no {y0} yet, add one{s}|maybe {y} as well{s}|let there be {y} too{s}"
)
_REMOVE = (
    "remove {x}|remove {x}|delete {x}|erase {x}|get rid of {x}|take away {x}|take out {x}|drop {x}|take {x} away|"
    "take {x} out|lose {x}|make {x} disappear|make {x} vanish|cut out {x}|wipe out {x}|kick out {x}|clear {x}|"
    "remove {x} from the picture|rub out {x}|leave {x} out|eliminate {x}|throw {x} out|hide {x}|scrap {x}|paint over {x}"
)
_REMOVE_TOLD = (
    "remove it: {x}|remove it, {x}|i don't want {x}|without {x}|no {x0}|no {x0} please|{x} has to go|{x} should go|i don't like {x}, remove it|"
    "can {x} disappear|the same without {x}|{x} should not be there|we don't need {x}|i'd like it without {x}|"
    "{x} away|{x} must go|{x} is too much|there should be no {x0}|could we do without {x}|dont need {x}|{x} can go|"
    "what if there was no {x0}|i want {x} gone|{x} bothers me, away with it|i wish {x} wasn't there"
)
_LEFT = " on the left| on the left| to the left| on the left side| at the left| left| on the left hand side| left of {z}| to the left of {z}"
_RIGHT = " on the right| on the right| to the right| on the right side| at the right| right| right of {z}| to the right of {z}"
_BESIDE = " next to {z}| beside {z}| near {z}| by {z}| close to {z}| alongside {z}"


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
    said, order = _collected(scope, "recolor", x=name, c=color) or _say(scope, _RECOLOR, _RECOLOR_TOLD, x=name, c=color)
    if name.startswith("the ") and r.random() < 0.07:
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
        x = named(scope, thing)
        said, order = _collected(scope, "replace", x=x, a=y) or _say(scope, _REPLACE, _REPLACE_TOLD, x=x, y=y)
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
    where = _LEFT if roll < 0.25 else _RIGHT if roll < 0.45 else _BESIDE if roll < 0.6 else ""
    side = "left" if where == _LEFT else "right"
    y = (
        phrase
        if r.random() < 0.93
        else one_of(r, "one more {n}|some {n}|{n}|another {n}").format(n=detail + new.phrase)
    )
    s = one_of(r, where).format(z=near) if where else ""
    said, order = _say(scope, _ADD, _ADD_TOLD, y=y, y0=detail + new.phrase, s=s)
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
    said, order = _collected(scope, "remove", x=x) or _say(scope, _REMOVE, _REMOVE_TOLD, x=x, x0=thing.noun)
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
    kinds: dict[str, tuple[dict[str, str], Callable[[str], Move]]] = {
        "recolor": ({"c": color}, lambda name: recolored(scope.picture, name, color)),
        "remove": ({}, lambda name: removed(scope.picture, name)),
        "replace": ({"a": a(new.noun)}, lambda name: replaced(scope.picture, name, new)),
    }
    words, of = kinds[kind]
    return Change(kind, lambda name: phrasing(scope.r, kind, x=name, **words), of)


def exact_color(scope: Scope) -> Move:
    """An exact colour: the only recolouring that needs no model."""
    r, thing = scope.r, some_thing(scope)
    to = "#" + "".join(r.choice("0123456789abcdef") for _ in range(6))
    if r.random() < 0.3:
        to = r.choice(("#ff0000", "#00ff00", "#0000ff", "#ff6600", "#ffffff", "#000000", "#ffcc00", "#336699"))
    x = named(scope, thing)
    said, order = _collected(scope, "exact", x=x, c=to) or _say(
        scope, _RECOLOR, _RECOLOR_TOLD, x=x, c=one_of(r, "||exactly |the exact color ") + to
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
