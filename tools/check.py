"""Did it do what was asked? Facts measured on the result, and one sentence about what failed."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from PIL import Image

from pentimento.tools.color import color_in, color_shares, without_color
from pentimento.tools.region import Mask, changed_pixels, to_mask
from pentimento.tools.types import Measures, Run
from pentimento.tools.wanted import Wanted, wanted_in
from pentimento.tools.which import said

PRESENT = 0.004
"""Share of the picture that a thing covers at least when it is there."""
WELL_SEEN = 0.05
"""Share of the picture that a thing covers when there is no doubt about it."""
COLORED = 0.5
"""Share of a thing's pixels that have the colour asked for."""
NOTICEABLE = 0.02
"""Share of a region's pixels that change at least when something happened."""
_SWAP = re.compile(r"\b(?:with|for|into|by)\s+(?:(?:an?|the)\s+)?(.+)$", re.IGNORECASE)
_REMOVE = re.compile(r"\b(remove|delete|erase|take\b.*\baway|get rid of|without)\b", re.IGNORECASE)
_REPLACE = re.compile(r"\b(replace|swap|exchange|substitute|turn\b.*\binto|change\b.*\binto)\b", re.IGNORECASE)

_ADD = re.compile(
    r"\b(?:add|insert|wear(?:s|ing)?)\b|\b(?:draw|place|put)\s+(?:an?|another|some|two|three)\b"
    r"|\b(?:give|let)\b.*\b(?:an?|some)\b(?!.*\bcolou?r\b)",
    re.IGNORECASE,
)
_NEW = re.compile(
    r"\b(?:an?|another|some|two|three)\s+([\w\s]+?)"
    r"(?=\s+(?:to|on|onto|in|at|by|next|near|beside|under|above|behind|and)\b|[^\w\s]|\s*$)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Check:
    score: float
    """0.0 to 1.0; of several attempts the highest is kept."""
    note: str = ""
    """What failed, one sentence; empty when the check passed."""
    facts: Measures = field(default_factory=dict)
    asked: bool = True
    """False where nothing could be looked for: then it is not said to have passed."""

    @property
    def passed(self) -> bool:
        return not self.note

    def measures(self) -> dict[str, int | float | str | bool]:
        return {**({"passed": self.passed} if self.asked else {}), **self.facts}


def asks_to_remove(instruction: str) -> bool:
    return _REMOVE.search(instruction) is not None


def asks_to_replace(instruction: str) -> bool:
    return _REPLACE.search(instruction) is not None


def asks_to_add(instruction: str) -> bool:
    return _ADD.search(instruction) is not None


def asks_to_recolor(instruction: str) -> bool:
    others = (asks_to_remove, asks_to_replace, asks_to_add)
    return color_in(instruction) is not None and not any(asks(instruction) for asks in others)


def is_added(instruction: str, target: str) -> bool:
    """Whether it is the target that comes with an indefinite article, and so is not there yet."""
    noun = re.escape(target.rsplit(maxsplit=1)[-1])
    return re.search(rf"\b(?:an?|another|some|two|three)\s+(?:\w+\s+)?{noun}", instruction, re.IGNORECASE) is not None


def share_of(mask: Mask) -> float:
    """Share of the picture that a mask covers, 0.0 to 1.0."""
    return float(mask.mean())


def check_generate(picture: Image.Image, prompt: str, run: Run) -> Check:
    """Each known thing that the prompt names must be found, and in its colour where it has one; what it excludes, not."""
    wanted, unwanted = _asked_for(prompt, run)
    found = [_found(picture, words, run) for words in wanted]
    missing = [words for words, share in zip(wanted, found, strict=True) if share < 1]
    there = [one.words for one in unwanted if _amount(picture, one, run) >= PRESENT]
    scores = [*found, *(float(one.words not in there) for one in unwanted)]
    return _counted(scores, [_missing(missing, "in it"), _in_spite(there)], len(missing) + len(there))


def _asked_for(words: str, run: Run) -> tuple[list[str], list[Wanted]]:
    """The known things that should be there, and those that should not; how many of them should not be is not looked for."""
    unwanted = [one for one in wanted_in(words, run.models) if one.absent] if run.models.things else []
    excluded = {(one.noun, one.color) for one in unwanted}
    known = run.models.known_things(words)
    wanted = [one for one in known if (one.rsplit(maxsplit=1)[-1], color_in(one) or "") not in excluded]
    return wanted, [one for one in unwanted if not one.count]


def _amount(picture: Image.Image, one: Wanted, run: Run, where: Mask | None = None) -> float:
    """Share of the picture that a thing covers, in its colour where it has one."""
    mask = to_mask(run.models.segment(picture, one.noun))
    mask = mask if where is None else mask & where
    share = share_of(mask)
    return share if not share or not one.color else share * color_shares(picture, mask).get(one.color, 0.0)


def _missing(words: list[str], where: str) -> str:
    return f"I can't make out the {' or the '.join(words)} {where}." if words else ""


def _in_spite(words: list[str]) -> str:
    return f"I see the {' and the '.join(words)}, which should not be there." if words else ""


def _counted(scores: list[float], notes: list[str], failed: int) -> Check:
    facts = {"things_found": len(scores) - failed, "things_asked": len(scores)}
    score = float(np.mean(scores)) if scores else 1.0
    return Check(score, " ".join(filter(None, notes)), facts, asked=bool(scores))


def _found(picture: Image.Image, words: str, run: Run) -> float:
    """1.0 when the thing is there in its colour, 0.5 when only the thing is, else 0.0."""
    color, noun = color_in(words), words.rsplit(maxsplit=1)[-1]
    mask = to_mask(run.models.segment(picture, noun))
    if share_of(mask) < PRESENT:
        return 0.0
    return 1.0 if color is None or color_shares(picture, mask).get(color, 0.0) >= COLORED else 0.5


def check_edit(before: Image.Image, after: Image.Image, region: Mask, instruction: str, target: str, run: Run) -> Check:
    """What the instruction asks for decides what is measured; nothing changed is always a failure."""
    changed = changed_pixels(before, after, region, tolerance=8)
    if changed <= NOTICEABLE * region.sum():
        return Check(0.0, "Nothing visible changed.", {"changed_inside": changed})
    check = _check_for(instruction, target)(after, region, run)
    return replace(check, facts={"changed_inside": changed, **check.facts})


def check_fill(before: Image.Image, after: Image.Image, region: Mask, prompt: str, run: Run) -> Check:
    """Something new is there, and each known thing that the prompt names; nothing that it excludes."""
    changed = changed_pixels(before, after, region, tolerance=8)
    if changed < NOTICEABLE * region.sum():
        return Check(0.0, "Nothing visible changed.", {"changed_inside": changed})
    wanted, unwanted = _asked_for(prompt, run)
    shares = [share_of(to_mask(run.models.segment(after, words.rsplit(maxsplit=1)[-1])) & region) for words in wanted]
    missing = [words for words, share in zip(wanted, shares, strict=True) if share < PRESENT]
    there = [one.words for one in unwanted if _amount(after, one, run, region) >= PRESENT]
    scores = [*(min(1.0, share / WELL_SEEN) for share in shares), *(float(one.words not in there) for one in unwanted)]
    return _counted(scores, [_missing(missing, "there"), _in_spite(there)], len(missing) + len(there))


def _check_for(instruction: str, target: str) -> Callable[[Image.Image, Mask, Run], Check]:
    swap, color = _SWAP.search(instruction), color_in(instruction)
    if asks_to_remove(instruction) and target:
        return lambda after, region, run: _gone(after, region, target, run)
    if asks_to_replace(instruction) and swap:
        return lambda after, region, run: _there(after, region, swap.group(1).strip(" ."), run)
    if asks_to_add(instruction):
        return lambda after, region, run: _added(after, region, instruction, target, run)
    if color is not None and target and color not in target.split():
        return lambda after, region, run: _colored(after, region, target, color, run)
    if target:
        return lambda after, region, run: _there(after, region, target, run)
    return lambda *_: Check(1.0)


def _gone(after: Image.Image, region: Mask, target: str, run: Run) -> Check:
    left = share_of(to_mask(run.models.segment(after, said(target)[1])) & region)
    note = "" if left < PRESENT else f"I still see the {target}."
    return Check(max(0.0, 1 - left / WELL_SEEN), note, {"left": round(left, 4)})


def _added(after: Image.Image, region: Mask, instruction: str, target: str, run: Run) -> Check:
    """What is new is there: the target, or where that was there before, what the instruction names beside it."""
    new = _NEW.search(instruction)
    if target and (new is None or is_added(instruction, target)):
        return _there(after, region, target, run)
    words = new.group(1) if new else ""
    wanted = run.models.known_things(words) if run.models.things else [words]
    return _there(after, region, wanted[0], run) if any(wanted) else Check(1.0, asked=False)


def _there(after: Image.Image, region: Mask, words: str, run: Run) -> Check:
    known = run.models.known_things(words)
    noun = (known[0] if known else words).rsplit(maxsplit=1)[-1]
    seen = share_of(to_mask(run.models.segment(after, noun)) & region)
    note = "" if seen >= PRESENT else f"I can't make out the {words} in it."
    return Check(min(1.0, seen / WELL_SEEN), note, {"seen": round(seen, 4)})


def _colored(after: Image.Image, region: Mask, target: str, color: str, run: Run) -> Check:
    """The thing is still there and has the colour, on the part of the region where it is found."""
    # A thing that was found by its old colour is no longer called by it; which of several it was, the region says.
    thing = to_mask(run.models.segment(after, said(without_color(target) or target)[1])) & region
    if share_of(thing) < PRESENT:
        return Check(0.1, f"I can't make out the {target} any more.", {"color_share": 0.0})
    shares = color_shares(after, thing)
    share, seen = shares.get(color, 0.0), next(iter(shares))
    wrong = f"The {target} came out {seen} rather than {color}."
    if seen == color:
        wrong = f"Only a part of the {target} came out {color}."
    note = "" if share >= COLORED else wrong
    return Check(0.2 + 0.8 * share, note, {"color": seen, "color_share": round(share, 3)})
