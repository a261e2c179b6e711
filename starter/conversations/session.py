"""Simulated conversations: one message after another, each with the state it is said in and the plan it means."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import TypeAlias

from pentimento.agent.state import State
from pentimento.agent.types import Plan
from pentimento.starter.conversations import (
    again,
    alike,
    asking,
    changing,
    correction,
    exact,
    frame,
    free,
    history,
    several,
    talk,
    twins,
    whole,
    wishes,
)
from pentimento.starter.conversations.chat import Chat
from pentimento.starter.conversations.compound import beside, compound, together
from pentimento.starter.conversations.drawing import drawing
from pentimento.starter.conversations.foreign import foreign
from pentimento.starter.conversations.foreign_history import foreign_history
from pentimento.starter.conversations.manner import typed
from pentimento.starter.conversations.moves import Move, Picture, Scope, Thing
from pentimento.starter.conversations.phrasings import held_out, phrasing
from pentimento.starter.conversations.unsaid import unsaid
from pentimento.starter.conversations.words import ORDINALS, Words, one_of, weighted

PIXELS: dict[Callable[[Scope], Move], float] = {
    changing.recolor: 26,
    changing.swap: 14,
    changing.add: 16,
    changing.remove: 11,
    free.free: 14,
    changing.exact_color: 9,
    changing.all_of: 3,
    changing.the_one: 6,
    changing.change_count: 3,
    exact.adjust: 10,
    exact.adjust_thing: 5,
    exact.caption: 9,
    exact.move_thing: 6,
    exact.duplicate: 4,
    exact.scale: 6,
    several.outpaint: 5,
    several.upscale: 5,
    whole.place: 17,
    whole.mood: 4,
    whole.style: 6,
    whole.weather: 5,
    frame.frame: 12,
}
LOOKING: dict[Callable[[Scope], Move], float] = {
    exact.mark: 3,
    exact.count: 3,
    asking.describe: 3,
    asking.verify: 4,
    several.variations: 5,
}


@dataclass(frozen=True)
class Example:
    """One message in its conversation, and the plan it means."""

    state: State
    said: str
    plan: Plan


def conversations(seed: int, *, unseen: bool = False) -> Iterator[Example]:
    """Endless examples, the same for the same seed; `unseen` takes the words that training never shows."""
    return (moment[0] for moment in moments(seed, unseen=unseen))


def moments(seed: int, ways: int = 1, *, unseen: bool = False) -> Iterator[tuple[Example, ...]]:
    """As `conversations`, and beside each message others that could have been said there, `ways` of them in all."""
    number = 0
    while True:
        yield from _conversation(Random(f"{seed} {number} {unseen}"), ways, unseen=unseen)
        number += 1


_GLUE = frozenset({"opener", "closer", "remark", "and_then", "three"})
"""Phrasings that only hold requests together."""


def held_out_messages(seed: int) -> Iterator[Example]:
    """Endless messages that are said in phrasings which training never says."""
    number = 0
    while True:
        found = list[Example]()
        with held_out() as heard:
            for (example,) in _conversation(Random(f"held out {seed} {number}"), 1, unseen=False):
                if not _GLUE.issuperset(heard):
                    found.append(example)
                heard.clear()
        yield from found
        number += 1


def _conversation(r: Random, ways: int, *, unseen: bool) -> Iterator[tuple[Example, ...]]:
    words = Words(r, wild=r.choice((0.0, 0.0, 0.0, 0.15, 0.5, 0.9)), unseen=unseen)
    chat = Chat(r, number=r.choice((0, 0, 0, r.randrange(30))))
    for _ in range(r.choice((1, 2, 3, 4, 5, 7, 9, 12))):
        moves = [(move, typed(r, move)) for move in (_message(r, words, chat) for _ in range(ways))]
        state = chat.state()
        yield tuple(Example(state, said, Plan(move.steps, move.reply)) for move, said in moves)
        chat.apply(*moves[0])


_ANSWERS = (
    "{o}|{o}|{o}|{o} please|{o}, please|i meant {o}|{o} of course|{o}!|{o} i think|well, {o}|number {i}|{i}|the {w} one"
)


def _answer(r: Random, chat: Chat) -> Move:
    """What a person says to a question that was asked back."""
    index = r.randrange(len(chat.answers))
    option, meant = chat.answers[index]
    listed = chat.options[index : index + 1] == (option,)
    ways = _ANSWERS if listed else _ANSWERS.partition("|number")[0]
    said = one_of(r, ways).format(o=option, i=index + 1, w=ORDINALS[index] if listed else "")
    return replace(meant, said=said, order=False, whole=True)


def _message(r: Random, words: Words, chat: Chat) -> Move:
    if chat.answers and r.random() < 0.75:
        return _answer(r, chat)
    if chat.head is None:
        return _without_picture(r, words, chat)
    if twins.are_in(chat.picture):
        return twins.message(Scope(r, words, chat.picture)) if r.random() < 0.85 else _drawn(r, words)
    if not chat.picture.things and r.random() < 0.5 and (move := alike.message(Scope(r, words, chat.picture))):
        return move
    while True:
        move = weighted(r, _KINDS)(r, words, chat)
        if move is not None and not _is_idle(r, chat, move):
            return move


def _is_idle(r: Random, chat: Chat, move: Move) -> bool:
    """Whether a person would hardly say it here: to go where one is, to put back what was never taken back."""
    if not move.steps or r.random() < 0.1:
        return False
    first = move.steps[0]
    count = int(str(first.arguments.get("n", 1)))
    match first.tool:
        case "checkout":
            return chat.named(str(first.arguments["ref"])) == chat.head
        case "redo":
            return count > len(chat.future)
        case "undo":
            return bool(chat.asked) or count > max(2, len(chat.past))
        case "diff":
            return len(chat.line()) < 2
        case _:
            return False


def _beyond(r: Random, words: Words) -> Move:
    """What concerns the session, files and other days, or isn't done at all."""
    return wishes.export(r, words) if r.random() < 0.25 else _of_no_picture(r, words)


def _of_no_picture(r: Random, words: Words) -> Move:
    """What can be said whether there is a picture or not, and isn't about it."""
    kinds: tuple[Callable[[], Move], ...] = (
        lambda: wishes.prefer(r, words),
        lambda: wishes.search(r, words),
        lambda: wishes.decline(r),
        lambda: wishes.allowed(r),
    )
    return r.choices(kinds, (3, 2, 5, 2))[0]()


def _drawn(r: Random, words: Words) -> Move:
    """A new picture, now and then several of one description or one of another shape."""
    return r.choices((drawing, several.several, several.shape, twins.drawn), (9, 0.6, 0.6, 0.5))[0](r, words)


def _without_picture(r: Random, words: Words, chat: Chat) -> Move:
    kinds: tuple[Callable[[], Move], ...] = (
        lambda: _drawn(r, words),
        lambda: foreign(Scope(r, words, Picture(()))),
        lambda: talk.small_talk(r, words, chat),
        lambda: _of_no_picture(r, words),
        lambda: _of_a_picture(r, words, chat),
    )
    return r.choices(kinds, (66, 7, 7, 10, 10))[0]()


def _of_a_picture(r: Random, words: Words, chat: Chat) -> Move:
    """What speaks of a picture where none is on the screen: an earlier one, or one that was never made."""
    if chat.seen:
        return history.redo(r, chat) if r.random() < 0.5 else history.checkout(r, chat) or history.log(r, chat)
    imagined = Picture((Thing(words.noun()), Thing(words.noun())))
    move = (
        _pixels(r, words, replace(imagined, focus=imagined.things[0].noun))
        if r.random() < 0.7
        else history.undo(r, chat)
    )
    return replace(talk.answer(move.said, talk.NO_PICTURE), order=move.order)


def _pixels(r: Random, words: Words, picture: Picture) -> Move:
    make = weighted(r, PIXELS)
    return make(Scope(r, words, picture))


def _several(r: Random, words: Words, chat: Chat) -> Move | None:
    """Two or three requests in one message, carried out in order."""
    roll = r.random()
    if roll < 0.2:
        moves = [history.checkout(r, chat) if r.random() < 0.7 else history.undo(r, chat)]
        picture = chat.after(moves[0]) if moves[0] else None
    elif roll < 0.35:
        moves = [drawing(r, words)]
        picture = moves[0].pictures[0] if moves[0] else None
    else:
        moves, picture = [_pixels(r, words, chat.picture)], None
        picture = moves[0].pictures[0] if moves[0] else None
    for _ in range(r.choice((1, 1, 1, 1, 2))):
        if picture is None or moves[0] is None or moves[0].answers or twins.are_in(picture):
            return None
        moves.append(_pixels(r, words, picture))
        picture = moves[-1].pictures[0] if moves[-1] else None
    return _joined(r, [move for move in moves if move])


def _joined(r: Random, moves: list[Move]) -> Move:
    said, whole = _said_together(r, moves)
    return replace(together(moves), said=said, order=moves[0].order and not whole, whole=whole)


def _said_together(r: Random, moves: list[Move]) -> tuple[str, bool]:
    """All that the moves say as one message, and whether that is whole in itself."""
    requests = [move.said for move in moves]
    if r.random() < 0.5:
        intent = "three" if len(moves) == 3 else "and_then"
        return phrasing(r, intent, **dict(zip(("first", "second", "third"), requests, strict=False))), True
    said = requests[0]
    for request in requests[1:]:
        said += (
            one_of(
                r, " and |, then | and then |, and |. then |; |, |. now |, but |. |, and then |, after that |. also "
            )
            + request
        )
    return said, moves[0].whole


def _on_another(r: Random, words: Words, chat: Chat) -> Move | None:
    """A change of a version that is not on the screen."""
    if len(chat.listed) < 2:
        return None
    index = r.randrange(len(chat.listed))
    seen = chat.listed[index]
    name = r.choice(
        (seen.version.id, f"version {seen.version.id}", "the first picture" if index == 0 else seen.version.id)
    )
    make = r.choice((frame.frame, whole.mood, whole.place))
    move = make(Scope(r, words, seen.picture))
    said = one_of(r, "take {v} and {m}|use {v} and {m}|on {v}, {m}|for {v}: {m}|with {v}, {m}|{v}: {m}").format(
        v=name, m=move.said
    )
    return replace(move, said=said, steps=(replace(move.steps[0], inputs={"src": seen.version.id}),), order=False)


def _of_picture(make: Callable[[Scope], Move | None]) -> "Kind":
    return lambda r, words, chat: make(Scope(r, words, chat.picture))


def _looking(scope: Scope) -> Move:
    return weighted(scope.r, LOOKING)(scope)


Kind: TypeAlias = Callable[[Random, Words, Chat], Move | None]
_KINDS: dict[Kind, float] = {
    lambda r, words, _: _drawn(r, words): 13,
    lambda r, words, chat: _pixels(r, words, chat.picture): 75,
    _several: 16,
    lambda r, _, chat: history.undo(r, chat): 7,
    lambda r, _, chat: history.redo(r, chat): 14,
    lambda r, _, chat: history.checkout(r, chat): 28,
    lambda r, _, chat: history.log(r, chat): 2.5,
    talk.small_talk: 9,
    talk.question: 12,
    _of_picture(foreign): 12,
    lambda r, _, chat: foreign_history(r, chat): 4,
    lambda r, _, chat: correction.once_more(r, chat): 2.5,
    _on_another: 1.5,
    correction.instead: 2,
    correction.the_other: 1.2,
    again.again: 38,
    _of_picture(_looking): 14,
    lambda r, words, _: several.several(r, words): 3,
    lambda r, words, _: several.shape(r, words): 3.5,
    lambda r, _, chat: several.shape_again(r, chat): 2,
    lambda r, _, chat: several.choose(r, chat): 28,
    lambda r, _, chat: several.blend(r, chat): 1.5,
    lambda r, _words, _chat: asking.technical(r): 1.5,
    lambda r, _, chat: again.stronger(r, chat): 2,
    lambda r, words, _: _beyond(r, words): 15,
    compound: 18,
    beside: 10,
    _of_picture(unsaid): 11,
    _of_picture(alike.message): 30,
}
"""What may be said when there is a picture; None of what does not fit the session → its weight."""
