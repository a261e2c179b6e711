"""Messages about the change just made: once more, in another colour, to the other thing."""

from dataclasses import replace
from random import Random

from pentimento.agent.types import Step
from pentimento.starter.conversations.chat import Chat, Seen
from pentimento.starter.conversations.moves import Move, Picture, edit, step
from pentimento.starter.conversations.phrasings import phrasing
from pentimento.starter.conversations.words import Words, one_of


def once_more(r: Random, chat: Chat) -> Move | None:
    """Once more what made this picture, with another seed: a new drawing, or the same edit of what it came from."""
    position = chat.position()
    if position is None or not chat.past:
        return None
    seen = chat.listed[position]
    if seen.step.tool not in {"generate", "edit"} or seen.step.inputs:
        return None
    source = {} if seen.step.tool == "generate" else {"src": "head~1"}
    return Move(
        phrasing(r, "redraw"), (replace(seen.step, inputs=source),), "Trying again.", (seen.picture,), order=False
    )


def _just_recolored(chat: Chat) -> tuple[Seen, str, str] | None:
    """The picture on the screen, the noun and the colour, where it came of "make the NOUN COLOUR"."""
    position = chat.position()
    seen = chat.listed[position] if position is not None else None
    if seen is None or seen.step.tool != "edit" or not str(seen.step.arguments["instruction"]).startswith("make the "):
        return None
    noun = str(seen.step.arguments["target"])
    return seen, noun, str(seen.step.arguments["instruction"]).removeprefix(f"make the {noun} ")


def instead(r: Random, words: Words, chat: Chat) -> Move | None:
    """A correction of the recolouring just made: another colour, or another thing."""
    if (just := _just_recolored(chat)) is None:
        return None
    seen, noun, color = just
    others = [other for other in seen.picture.nouns() if other != noun]
    if others and r.random() < 0.4:
        other = r.choice(others)
        said = one_of(
            r,
            "no, the {o}|i meant the {o}|no i meant the {o}|not the {n}, the {o}|the {o}, not the {n}|wrong one, i meant the {o}",
        )
        steps: tuple[Step, ...] = (step("undo"), edit(f"make the {other} {color}", other, "object"))
        pictures = (None, seen.picture)
        return Move(said.format(o=other, n=noun), steps, f"Making the {other} {color}.", pictures, order=False)
    new = words.color(color)
    said = one_of(
        r,
        "no, {c}|{c} instead|no, make it {c}|rather {c}|{c} would be better|i meant {c}|not {k}, {c}|or better {c}|{c}|hmm, {c}?|try {c}|now {c}",
    )
    made = edit(f"make the {noun} {new}", noun, "object")
    if r.random() < 0.5:
        said = phrasing(r, "recolor_told", x=f"the {noun}", c=new)
    return Move(said.format(c=new, k=color), (made,), f"Making the {noun} {new}.", (seen.picture,), order=False)


def the_other(r: Random, words: Words, chat: Chat) -> Move | None:
    """After a recolouring, the other one of the two things of the picture."""
    if (just := _just_recolored(chat)) is None:
        return None
    seen, noun, same = just
    others = [thing for thing in seen.picture.things if thing.noun != noun]
    if len(others) != 1 or noun not in seen.picture.nouns():
        return None
    color, ways = (
        (words.color(same), "{o} {c}|{o} in {c}|make {o} {c}|paint {o} {c}|{o} should be {c}|{c} for {o}|turn {o} {c}")
        if r.random() < 0.7
        else (
            same,
            "the same for {o}|{o} too|do the same to {o}|{o} as well|same with {o}|make {o} {c} too|{o} also {c}",
        )
    )
    name = one_of(r, "the other one|the other one|the other|the second one|that other thing|the other thing")
    said = one_of(r, "|and |now |then |also ") + one_of(r, ways).format(o=name, c=color)
    made = edit(f"make the {others[0].noun} {color}", others[0].noun, "object")
    picture = Picture((*(t for t in seen.picture.things if t != others[0]), replace(others[0], color=color)))
    return Move(said, (made,), f"Making the {others[0].noun} {color}.", (picture,), order=False)
