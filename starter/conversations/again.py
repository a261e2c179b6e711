"""Messages that make history again or name it: a step taken out, carried elsewhere, said otherwise; branches, tags, answers."""

from dataclasses import replace
from random import Random

from pentimento.agent.types import Step
from pentimento.agent.wording import with_word
from pentimento.starter.conversations import vocabulary
from pentimento.starter.conversations.chat import LABEL_LENGTH, Chat, Seen
from pentimento.starter.conversations.history import telling
from pentimento.starter.conversations.moves import Move, step
from pentimento.starter.conversations.phrasings import phrasing
from pentimento.starter.conversations.words import Words, one_of, weighted

_NAMES = (
    "winter test try version-a version-b blue-one final final-ish draft draft2 night wild sketch backup best favourite "
    "the-good-one for-mum v2 v3 option-1 option-2 experiment mine plan-b keeper poster card alternative cosy"
).split()
_EDITS = frozenset({"edit", "recolor", "transform"})


def _move(said: str, made: Step, reply: str) -> Move:
    return Move(said, (made,), reply, (None,), order=False, whole=True)


def revert(r: Random, _words: Words, chat: Chat) -> Move | None:
    """Take out a step before the last one; what came later stays."""
    line = chat.line()
    shown = [seen for seen in line[1:-1] if seen in chat.listed]
    if not shown:
        return None
    out = r.choice(shown)
    named = _named(out)
    if named is None:
        return None
    later = [seen for seen in line[line.index(out) + 1 :] if seen in chat.listed]
    kept = [found for seen in later if (found := telling(seen)) and found != named[0]]
    if kept and r.random() < 0.65:
        said = phrasing(r, "revert_keep", w=named[0], k=r.choice(kept))
    else:
        said = phrasing(r, "revert", w=named[0])
    return _move(said, step("revert", step=f"word:{named[1]}"), "Taking it out, keeping the rest.")


def _named(seen: Seen) -> tuple[str, str] | None:
    """What a step is called: the word that is said, and the word of its label that this means."""
    if seen.step.tool != "transform":
        return None if (word := telling(seen)) is None else (word, word)
    op = str(seen.step.arguments["op"])
    return {"resize": "resizing", "rotate": "rotation"}.get(op, op), op


def transplant(r: Random, _words: Words, chat: Chat) -> Move | None:
    """A version, with a change that it doesn't have."""
    changes = [seen for seen in chat.listed if seen.step.tool in _EDITS and not seen.step.inputs]
    pairs = [(onto, seen) for onto in chat.listed for seen in changes if not _descends(chat, onto, seen)]
    pairs = [(onto, seen) for onto, seen in pairs if onto is not seen]
    if not pairs:
        return None
    onto, seen = r.choice(pairs)
    kept, wanted = telling(seen), telling(onto)
    if kept is None:
        return None
    if wanted is not None and wanted != kept and r.random() < 0.7:
        made = step("transplant", steps=[f"word:{kept}"], onto=f"word:{wanted}")
        return _move(phrasing(r, "keep_from", r=wanted, k=kept), made, f"The one with {wanted}, with that change.")
    made = step("transplant", steps=[f"word:{kept}"], onto=onto.version.id)
    return _move(
        phrasing(r, "also_on", k=kept, i=onto.version.id), made, f"Going to {onto.version.id} with that change."
    )


def _descends(chat: Chat, later: Seen, earlier: Seen) -> bool:
    at: Seen | None = later
    while at is not None:
        if at is earlier:
            return True
        at = chat.find(at.source)
    return False


def amend(r: Random, words: Words, chat: Chat) -> Move | None:
    """Say an earlier step in other words."""
    line = [seen for seen in chat.line() if seen in chat.listed]
    seen = r.choice(line) if line else None
    if seen is None or len(seen.version.label) >= LABEL_LENGTH:
        return None
    if seen.step.tool == "generate":
        return _drawn_otherwise(r, words, seen)
    return _edited_otherwise(r, words, seen)


def _drawn_otherwise(r: Random, words: Words, seen: Seen) -> Move | None:
    told = [thing for thing in seen.picture.things if thing.noun in seen.version.label.split()]
    if not told:
        return None
    old, new = r.choice(told).noun, words.noun(seen.picture.nouns())
    if r.random() < 0.65:
        made = step("amend", step=f"word:{old}", old=old, new=new)
        return _move(phrasing(r, "same_but", o=old, n=new), made, f"With {new} from the start.")
    prompt = with_word(seen.version.label, old, new)
    made = step("amend", step=seen.version.id, words=prompt)
    return _move(phrasing(r, "amend_step", i=seen.version.id, x=prompt), made, f"With {new} from the start.")


def _edited_otherwise(r: Random, words: Words, seen: Seen) -> Move | None:
    target, said = str(seen.step.arguments.get("target", "")), seen.version.label
    if seen.step.tool != "edit":
        return None
    if target and said.startswith(f"make the {target} "):
        color = words.color(said.removeprefix(f"make the {target} "))
        meant = f"make the {target} {color}"
        typed = one_of(r, f"{meant}|make it {color}|{color}|{meant}")
    elif not target and said.startswith("put it "):
        phrase = words.place_phrase()
        meant = f"put it {phrase}"
        typed = one_of(r, f"{meant}|{phrase}|{meant}")
    else:
        return None
    wanted = phrasing(r, "amend_step", i=seen.version.id, x=typed)
    return _move(wanted, step("amend", step=seen.version.id, words=meant), "Saying it in other words.")


def branch(r: Random, words: Words, chat: Chat) -> Move | None:
    name = name_of(r, words)
    if name in dict(chat.place.branches):
        return None
    return _move(phrasing(r, "branch", b=name), step("branch", name=name), f"A new branch, {name}.")


def tag(r: Random, words: Words, _chat: Chat) -> Move | None:
    name = name_of(r, words)
    return _move(phrasing(r, "tag", b=name), step("tag", name=name), f"It is called {name}.")


def go(r: Random, _words: Words, chat: Chat) -> Move | None:
    """To a branch or a tag that there is."""
    branches = [name for name, _ in chat.place.branches if name != chat.place.branch]
    tags = [name for name, _ in chat.place.tags]
    names = [("branch", name) for name in branches] + [("tag", name) for name in tags] * 2
    if not names:
        return None
    kind, name = r.choice(names)
    said = phrasing(r, f"to_{kind}", b=name)
    return _move(said, step("checkout", ref=f"{kind}:{name}"), f"Going to {name}.")


def accept(r: Random, _words: Words, chat: Chat) -> Move | None:
    if chat.place.base is None:
        return None
    return _move(phrasing(r, "accept"), step("accept"), "Keeping it.")


def look(r: Random, _words: Words, chat: Chat) -> Move | None:
    """How a picture was made, and what is different from another one."""
    listed = [seen.version.id for seen in chat.listed]
    first = chat.line()[0].version.id
    roll = r.random()
    if roll < 0.3:
        return _move(phrasing(r, "show"), step("show"), "Here is how it was made.")
    if roll < 0.45:
        other = r.choice(listed)
        return _move(phrasing(r, "show_of", i=other), step("show", ref=other), f"Here is how {other} was made.")
    if roll < 0.7 or len(listed) < 2:
        return _move(phrasing(r, "diff"), step("diff"), "Here is what changed.")
    if roll < 0.85 and first in listed:
        return _move(phrasing(r, "diff_first"), step("diff", a=first), "Here is what changed since the first one.")
    one, other = r.sample(listed, 2)
    return _move(phrasing(r, "diff_two", i=one, j=other), step("diff", a=one, b=other), "Here is how they differ.")


def replay(r: Random, _words: Words, chat: Chat) -> Move | None:
    line = {seen.version.id for seen in chat.line()}
    others = [seen.version.id for seen in chat.listed if seen.version.id not in line]
    if others and len(line) > 1 and r.random() < 0.5:
        onto = r.choice(others)
        return _move(phrasing(r, "replay_onto", i=onto), step("replay", onto=onto), f"Doing all of it on {onto}.")
    return _move(phrasing(r, "replay"), step("replay"), "Running everything again.")


def stronger(r: Random, chat: Chat) -> Move | None:
    """The last change was too much, or should go on: half of it, or the same once more."""
    seen = chat.find(chat.head)
    if seen is None or seen.step.inputs or not _has_degrees(seen.step):
        return None
    if r.random() < 0.5:
        return replace(_move(phrasing(r, "more"), seen.step, "More of it."), pictures=(seen.picture,))
    steps = (step("undo"), _half(seen.step))
    return Move(phrasing(r, "too_much"), steps, "Less of it.", (None, seen.picture), order=False, whole=True)


def _has_degrees(made: Step) -> bool:
    """Whether there can be more or less of it."""
    return made.tool == "adjust" or str(made.arguments.get("instruction", "")).startswith("make it ")


def _half(made: Step) -> Step:
    """A weaker one."""
    if made.tool == "edit":
        return replace(made, arguments={**made.arguments, "instruction": f"{made.arguments['instruction']} a little"})
    levels = {name: value // 2 if type(value) is int else value for name, value in made.arguments.items()}
    return replace(made, arguments=levels)


def name_of(r: Random, words: Words) -> str:
    """A name for a branch or a tag."""
    if r.random() < 0.5:
        return r.choice(_NAMES)
    word = r.choice((words.adjective(), words.noun(), words.color()))
    return "-".join(word.split()) if r.random() < 0.7 else f"{'-'.join(word.split())}-{r.choice(vocabulary.PLACES)}"


MOVES = {
    revert: 34,
    transplant: 28,
    amend: 18,
    branch: 4,
    tag: 4,
    go: 8,
    accept: 40,
    look: 8,
    replay: 3,
}
"""Every kind of these messages → its weight."""
MOVES_PLANNED = ("revert", "transplant", "amend", "branch", "tag", "accept", "show", "diff", "replay")
"""The moves that they mean, beside going to a branch or a tag."""


def again(r: Random, words: Words, chat: Chat) -> Move | None:
    make = weighted(r, MOVES)
    return make(r, words, chat)
