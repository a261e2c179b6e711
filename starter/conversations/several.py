"""Messages about more pictures than one, or a picture of another shape and size: choices, variations, mixtures, wider, larger."""

from dataclasses import replace
from random import Random

from pentimento.agent.types import Step
from pentimento.starter.conversations.chat import Chat
from pentimento.starter.conversations.drawing import scene
from pentimento.starter.conversations.moves import Move, Picture, Scope, step
from pentimento.starter.conversations.phrasings import is_order, meaning, phrasing
from pentimento.starter.conversations.words import ORDINALS, Words, one_of

_NUMBERS = {2: "2|two", 3: "3|three", 4: "4|four", 5: "5|five", 6: "6|six"}
_CHOOSE = (
    "the {o} one|the {o}|number {i}|{i}|take the {o}|i like the {o} one|i'll take number {i}|the {o} one is best|no. {i}|"
    "let's go with the {o}|{i} please|the {o} picture|go on with the {o} one|i prefer the {o}|use number {i}|picture {i}|"
    "definitely the {o}|{o} one looks good|choose {i}|#{i}|my favourite is the {o} one|the {o} of them|keep the {o} one"
)


def _number(r: Random) -> tuple[int, str]:
    count = r.choice((2, 2, 3, 3, 4, 4, 5, 6))
    return count, one_of(r, _NUMBERS[count])


def several(r: Random, words: Words) -> Move:
    """Some drawings of one description, to choose from."""
    picture, caption, loose = scene(r, words)
    count, told = _number(r)
    said = phrasing(r, "several", p=loose, n=told)
    made = step("generate", prompt=caption, n=count)
    return Move(said, (made,), f"Drawing {count} of them.", (picture,), order=is_order(said), whole=True)


def shape(r: Random, words: Words) -> Move:
    """A drawing that is wide, tall or square."""
    picture, caption, loose = scene(r, words)
    said, meant = meaning(r, "shape", p=loose)
    made = step("generate", prompt=caption, ratio=meant)
    return Move(said, (made,), "Drawing it.", (picture,), order=is_order(said), whole=True)


def shape_again(r: Random, chat: Chat) -> Move | None:
    """What was drawn last, in another shape."""
    seen = chat.find(chat.head)
    if seen is None or seen.step.tool != "generate" or seen not in chat.listed:
        return None
    said, meant = meaning(r, "shape_again")
    made = step("generate", prompt=seen.step.arguments["prompt"], ratio=meant)
    return Move(said, (made,), "Drawing it again.", (seen.picture,), order=is_order(said), whole=True)


def variations(scope: Scope) -> Move:
    count, told = _number(scope.r)
    said, meant = meaning(scope.r, "variations", n=told)
    strength, _, number = meant.partition(" ")
    made = varied(scope.picture, strength, count if number == told else int(number))
    return replace(made, said=said, order=is_order(said))


def varied(picture: Picture, strength: str, count: int) -> Move:
    """What is done, without words."""
    return Move("", (step("variations", strength=strength, n=count),), "Making others like it.", (picture,))


def choose(r: Random, chat: Chat) -> Move | None:
    """One of the pictures that were just made at once."""
    if chat.grid < 2:
        return None
    number = r.randrange(chat.grid)
    said = one_of(r, _CHOOSE).format(o=ORDINALS[number], i=number + 1)
    if r.random() < 0.08:
        number, said = chat.grid - 1, one_of(r, "the last one|the last of them|i like the last one best")
    made = step("checkout", ref=f"grid:{number + 1}")
    return Move(said, (made,), f"Taking number {number + 1}.", (None,), order=False)


def outpaint(scope: Scope) -> Move:
    said, meant = meaning(scope.r, "outpaint")
    return Move(said, (wider(meant),), "Continuing it.", (scope.picture,), is_order(said))


def wider(meant: str) -> Step:
    """The step for "left 25": sides, and per cent of the picture."""
    sides, _, share = meant.rpartition(" ")
    return step("outpaint", sides=sides, share=int(share))


def upscale(scope: Scope) -> Move:
    said, meant = meaning(scope.r, "upscale")
    factor, _, mode = meant.partition(" ")
    return replace(upscaled(scope.picture, int(factor), mode), said=said, order=is_order(said))


def upscaled(picture: Picture, factor: int, mode: str = "") -> Move:
    """What is done, without words."""
    made = step("upscale", factor=factor, mode=mode or None)
    return Move("", (made,), f"Making it {factor} times as large.", (picture,))


def blend(r: Random, chat: Chat) -> Move | None:
    """Two versions in one picture."""
    if len(chat.listed) < 2:
        return None
    one, two = r.sample(chat.listed, 2)
    said, meant = meaning(r, "blend", v=one.version.id, w=two.version.id)
    made = step("blend", share=int(meant))
    inputs = {"src": one.version.id, "other": two.version.id}
    return Move(said, (replace(made, inputs=inputs),), "Mixing them.", (one.picture,), order=False, whole=True)
