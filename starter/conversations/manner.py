"""How people type: politeness, hedges, missing or surplus punctuation, slips of the finger."""

import re
from random import Random

from pentimento.starter.conversations.moves import Move
from pentimento.starter.conversations.phrasings import phrasing
from pentimento.starter.conversations.words import WORLD_NOUNS, one_of
from pentimento.starter.words import COLORS

_BEFORE = (
    "please |please |please |pls |can you |can you please |could you |could you please |would you |would you please |"
    "will you |i want you to |i'd like you to |i would like you to |you should |let's |lets |go ahead and |now |now please |"
    "just |hey, |hey |ok, |ok now |so, |well, |um, |hm, |actually |actually, |maybe |perhaps |then |next, |next |and now |"
    "and |also |try to |i need you to |kindly |quickly |alright, |no, |i think you should |why don't you |could we |can we |"
    "i was wondering if you could |it would be great if you could |would it be possible to |i'd love for you to |"
    "first, |great, now |nice, now |one more thing: |be so kind and |do me a favor and |what happens if you |how about we |"
    "oh and |right, |good. now |thanks. now |help me |i would be happy if you could |any chance you could |you could |yes, "
)
_LOOSE = (
    "hey, |ok, |so |well, |hm, |um |actually, |please: |now |oh, |hmm |alright, |right, |great, |nice. |"
    "i think |maybe |perhaps |hello, |well |ah, |sorry, |thanks, |cool, |good, "
)
_AFTER = (
    " please| please|, please| pls| plz| for me| now| thanks|, thanks|, thank you| if you can| ok?|, ok| then|"
    " :)| haha| this time| if possible| again| right now| somehow|, would you|, can you|, i think| actually| maybe| quickly"
)
_ADORNED = re.compile(r"\b(?:please|pls|plz|sorry|maybe|perhaps|thanks|thank|hello|hey|thx)\b")
"""What is polite, or hesitates, already."""
_KEEP = (
    ", keep the rest|, leave the rest as it is|, nothing else|, don't change anything else|, the rest stays|, only that|"
    ", but keep everything else| and leave everything else alone| but nothing else|. keep the background|"
    ". don't touch the rest|, everything else is fine| only"
)
_REMARK = (
    "it looks nice but |not bad, but |i like it, but |almost. |good start. |a bit boring. |it's too plain, |hmm, not quite. |"
    "one problem: |i don't like it yet, |better! |getting there. |it looks odd, |this is great but |i'm not happy with it. |"
    "my wife says |the kids want something else: |to make it nicer, |one small thing: |for the next one, |let me think. "
)
_GERUNDS = {
    "make": "making", "turn": "turning", "paint": "painting", "color": "coloring", "change": "changing", "draw": "drawing",
    "replace": "replacing", "swap": "swapping", "add": "adding", "put": "putting", "remove": "removing",
    "delete": "deleting", "erase": "erasing", "flip": "flipping", "rotate": "rotating", "crop": "cropping",
    "resize": "resizing", "move": "moving", "show": "showing", "take": "taking", "give": "giving", "mirror": "mirroring",
}  # fmt: skip
_PLAIN = """
picture please replace remove change color another forest beach sunset night winter draw paint right left flip rotate
undo history version first original instead background mirror crop image generate would could should thing
"""
_MAY_SLIP = frozenset((*WORLD_NOUNS, *COLORS, *_PLAIN.split()))


def typed(r: Random, move: Move) -> str:
    """The message as it is typed, lower case."""
    said = move.said
    if move.as_typed:
        return said
    roll = r.random()
    if move.whole and roll < 0.9:
        return _slip(r, _punctuate(r, said)).lower()
    if move.order and roll < 0.38:
        said = phrasing(r, "opener") + said if r.random() < 0.4 else _polite(r, said)
    elif roll < (0.2 if move.order else 0.3) and not _ADORNED.search(said):
        said = one_of(r, _LOOSE) + said
    if [step.tool for step in move.steps] == ["edit"]:
        remark = phrasing(r, "remark") if r.random() < 0.5 else one_of(r, _REMARK)
        said = remark + said if r.random() < 0.06 else said
        said += one_of(r, _KEEP) if r.random() < 0.06 else ""
    if r.random() < 0.08 and move.steps and move.steps[0].tool != "ask":
        said += phrasing(r, "closer")
    elif r.random() < 0.12 and not _ADORNED.search(said):
        said += one_of(r, _AFTER.replace(" again|", "") if move.steps else " please|, please|!")
    return _slip(r, _punctuate(r, said)).lower()


def _polite(r: Random, said: str) -> str:
    verb, _, rest = said.partition(" ")
    if r.random() < 0.12 and verb in _GERUNDS:
        return (
            one_of(r, "would you mind |do you mind |how about |what about |consider |try ") + f"{_GERUNDS[verb]} {rest}"
        )
    return one_of(r, _BEFORE) + said


def _punctuate(r: Random, said: str) -> str:
    if r.random() < 0.15:
        said = said.replace("'", "")
    if r.random() < 0.06:
        said = said.replace(",", "")
    return said + r.choice(("", "", "", "", "", ".", ".", "!", "?", "...", "!!")) if said[-1].isalnum() else said


def _slip(r: Random, said: str) -> str:
    """One typing error in one message of eight, now and then two, never in a word that has to be copied."""
    if r.random() > 0.13:
        return said
    words = said.split(" ")
    where = [i for i, word in enumerate(words) if len(word) > 3 and word in _MAY_SLIP]
    for index in r.sample(where, min(len(where), r.choice((1, 1, 2)))):
        words[index] = _misspell(r, words[index])
    return " ".join(words)


def _misspell(r: Random, word: str) -> str:
    i = r.randrange(len(word) - 1)
    kind = r.randrange(4)
    if kind == 0:
        return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    if kind == 1:
        return word[: i + 1] + word[i + 2 :]
    if kind == 2:
        return word[: i + 1] + word[i] + word[i + 1 :]
    return word[: i + 1] + r.choice("abcdefghijklmnoprstuvwy") + word[i + 2 :]
