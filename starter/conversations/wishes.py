"""Messages about the session and the world outside of it: wishes for all that follows, files, older pictures, what isn't done."""

from dataclasses import replace
from random import Random

from pentimento.agent.types import Step
from pentimento.starter.conversations.drawing import shown
from pentimento.starter.conversations.moves import Move, step
from pentimento.starter.conversations.phrasings import is_order, meaning
from pentimento.starter.conversations.words import Words, one_of
from pentimento.starter.words import plural

_REASONS = {
    "fraud": "I don't forge documents.",
    "undress": "I don't undress people.",
}
_SHOWN = "Drawing it."


def prefer(r: Random, words: Words) -> Move:
    """From now on so: how many, which shape, which style, what never."""
    several = "people" if r.random() < 0.25 else plural(words.noun())
    count = r.choice((2, 3, 4))
    told = one_of(r, {2: "2|two", 3: "3|three", 4: "4|four"}[count])
    said, meant = meaning(r, "set", m=several, n=told)
    steps = tuple(_preference(one, told, count) for one in meant.split(", "))
    return _move(said, steps, "From now on.")


def _preference(meant: str, told: str, count: int) -> Step:
    key, _, value = meant.partition(" ")
    if value == "default":
        return step("set", key=key)
    return step("set", key=key, value=str(count) if value == told and key == "n" else value)


def export(r: Random, words: Words) -> Move:
    """A file of the picture; the program asks before it writes one."""
    said, meant = meaning(r, "export", f=file_name(r, words))
    return replace(exported(meant), said=said, order=is_order(said), whole=True)


def file_name(r: Random, words: Words) -> str:
    return one_of(r, "fox|final|card|poster|picture1|summer|for-mum|test2|{n}|{n}-{c}").format(
        n="-".join(words.noun().split()), c="-".join(words.color().split())
    )


def exported(meant: str) -> Move:
    """What is done, without words: "png strip", "jpeg keep NAME"."""
    form, keep, *named = meant.split()
    made = step(
        "export",
        format=form,
        keep=True if keep == "keep" else None,
        name=named[0] if named else None,
    )
    return Move("", (made,), "Saving it.", (None,))


def decline(r: Random) -> Move:
    said, meant = meaning(r, "decline")
    return _move(said, (step("decline", reason=_REASONS[meant]),), _REASONS[meant])


def allowed(r: Random) -> Move:
    """What looks alarming and is only a picture."""
    said, prompt = meaning(r, "allowed")
    return Move(said, (step("generate", prompt=prompt),), _SHOWN, (shown(prompt),), is_order(said), whole=True)


def search(r: Random, words: Words) -> Move:
    """A picture of another day."""
    noun = words.noun()
    said, meant = meaning(r, "search", n=noun)
    made = step("log", words=noun, days=None if meant == "any" else int(meant))
    return _move(said, (made,), "Looking for it.")


def _move(said: str, steps: tuple[Step, ...], reply: str) -> Move:
    return Move(said, steps, reply, (None,) * len(steps), is_order(said), whole=True)
