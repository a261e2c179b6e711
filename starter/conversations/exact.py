"""Messages that are carried out to the pixel: light and colour, a caption, one thing moved, copied or resized, a region marked."""

from dataclasses import replace
from random import Random

from pydantic import JsonValue

from pentimento.agent.types import Step
from pentimento.starter.conversations.changing import named, some_part, some_thing
from pentimento.starter.conversations.moves import Move, Picture, Scope, step
from pentimento.starter.conversations.phrasings import is_order, meaning, phrasing
from pentimento.starter.conversations.words import one_of
from pentimento.starter.words import plural

ADJUSTED: dict[str, dict[str, JsonValue]] = {
    "brighter": {"brightness": 20},
    "darker": {"brightness": -20},
    "warmer": {"temperature": 20},
    "colder": {"temperature": -20},
    "sharper": {"sharpen": 50},
    "blurry": {"blur": 4},
    "more colourful": {"saturation": 20},
    "colourful": {"saturation": 20},
    "less colourful": {"saturation": -20},
    "higher in contrast": {"contrast": 20},
    "black and white": {"grayscale": True},
    "sepia": {"sepia": True},
}
"""What a picture may become by its levels alone → the arguments of `adjust`."""
_SWITCHES = ("grayscale", "sepia", "invert")
_CAPTIONS = (
    "happy birthday|get well soon|summer 2026|open|closed|sale|for mum|the end|welcome|hello world|thank you|merry christmas|"
    "chapter one|once upon a time|no parking|menu|good night|i love you|home sweet home|made with love|est. 1987|part 2|50% off|"
    "keep out|our garden|lisa & tom|we miss you|version 3|happy new year|to grandma|good luck!|it's a boy|save the date|wanted|"
    "congratulations|free hugs|coming soon|room 12|bon appetit|day 1|the lost nut|miss you|see you in june|winter sale"
)


def _arguments(meant: str) -> dict[str, JsonValue]:
    """The arguments that "contrast 20 grayscale" stands for."""
    words, found = iter(meant.split()), dict[str, JsonValue]()
    for word in words:
        found[word] = True if word in _SWITCHES else int(next(words))
    return found


def adjust(scope: Scope) -> Move:
    """Light and colour of the whole picture."""
    said, meant = meaning(scope.r, "adjust", p=_percent(scope.r))
    return replace(adjusted(scope.picture, meant), said=said, order=is_order(said))


def adjust_thing(scope: Scope) -> Move:
    """Light and colour of one thing."""
    thing = some_part(scope)
    said, meant = meaning(scope.r, "adjust_thing", x=named(scope, thing), p=_percent(scope.r))
    return replace(adjusted(scope.picture, meant, thing.noun), said=said, order=is_order(said))


def adjusted(picture: Picture, meant: str, noun: str = "") -> Move:
    """What is done, without words: "contrast 20 grayscale" to the picture, or to one thing of it."""
    made = step("adjust", **_arguments(meant), target=noun or None)
    return Move("", (made,), f"Adjusting the {noun}." if noun else "Adjusting it.", (picture,))


def _percent(r: Random) -> str:
    return str(r.choice((5, 10, 15, 20, 25, 30, 40, 50, 60, r.randrange(2, 90))))


def caption(scope: Scope) -> Move:
    """A text, letter for letter, somewhere on the picture."""
    r, text = scope.r, some_text(scope)
    quoted = in_quotes(r, text)
    if r.random() < 0.2:
        color = scope.words.color()
        said, meant = meaning(r, "caption_color", t=quoted, c=color)
    else:
        color = None
        said, meant = meaning(r, "caption", t=quoted)
    return replace(written(scope.picture, text, meant, color), said=said, order=is_order(said))


def written(picture: Picture, text: str, place: str | None = None, color: str | None = None) -> Move:
    """What is done, without words."""
    made = step("draw_text", text=text, place=place, color=color)
    return Move("", (made,), "Writing it.", (picture,))


def in_quotes(r: Random, text: str) -> str:
    return one_of(r, "{t}|{t}|{t}|\"{t}\"|'{t}'|“{t}”|the words {t}|the text {t}").format(t=text)


def some_text(scope: Scope) -> str:
    r = scope.r
    if r.random() < 0.5:
        return one_of(r, _CAPTIONS)
    words = [
        scope.words.noun() if r.random() < 0.7 else scope.words.adjective() for _ in range(r.choice((1, 1, 2, 2, 3)))
    ]
    return " ".join(["the", *words] if r.random() < 0.2 else words)


def move_thing(scope: Scope) -> Move:
    """One thing elsewhere."""
    return _arranged(scope, "move")


def duplicate(scope: Scope) -> Move:
    """The same thing once more."""
    return _arranged(scope, "duplicate")


def scale(scope: Scope) -> Move:
    """One thing larger or smaller."""
    return _arranged(scope, "scale")


def _arranged(scope: Scope, op: str) -> Move:
    thing = some_thing(scope)
    # "Make it bigger" alone could mean the picture, which is asked back.
    name = f"the {thing.noun}" if op == "scale" else named(scope, thing)
    said, meant = meaning(scope.r, op, x=name, n=thing.noun, p=str(scope.r.choice((30, 60, 120, 130, 150, 250))))
    return replace(arranged(scope.picture, op, thing.noun, meant), said=said, order=is_order(said))


_ARRANGING = {"move": "Moving", "duplicate": "Copying", "scale": "Resizing"}


def arranged(picture: Picture, op: str, noun: str, meant: str) -> Move:
    """What is done, without words; `meant` is a side ("none" for any), or per cent for `scale`."""
    return Move("", (arrangement(op, noun, meant),), f"{_ARRANGING[op]} the {noun}.", (picture,))


def arrangement(op: str, noun: str, meant: str) -> Step:
    """The step alone."""
    per_cent = int(meant) if op == "scale" else None
    return step("arrange", op=op, target=noun, to=None if per_cent or meant == "none" else meant, scale=per_cent)


def mark(scope: Scope) -> Move:
    """A region for what comes next."""
    thing = some_thing(scope)
    said, meant = meaning(scope.r, "mark", x=named(scope, thing), n=thing.noun)
    made = step("segment", what=thing.noun, which=None if meant == "all" else meant)
    return Move(said, (made,), f"Marking the {thing.noun}.", (None,), is_order(said))


def count(scope: Scope) -> Move:
    """How many there are."""
    thing = some_thing(scope)
    said = phrasing(scope.r, "count", m=plural(thing.noun))
    return Move(said, (step("segment", what=thing.noun),), "Counting them.", (None,), is_order(said))
