"""Two or three of a kind: a plan that changes "the cat" of two cats would change both, so it is asked which one is meant."""

import re

from pentimento.agent.asked import asking
from pentimento.agent.state import State
from pentimento.agent.types import Plan
from pentimento.agent.wording import tokens
from pentimento.tools.wanted import known

_SIDES = {
    "two": ("left", "right"),
    "2": ("left", "right"),
    "three": ("left", "middle", "right"),
    "3": ("left", "middle", "right"),
}
"""How many → where each of them is."""
_TOLD = frozenset("all both every each any them left right middle first second third last other one".split())
"""Words of a message by which it is clear, or said to be no matter, which one is meant."""
_BEFORE = frozenset(
    "the that this my our your make remove delete erase turn paint replace swap recolor recolour".split()
)
_AFTER = frozenset("with without in on at by near beside behind under next wearing that who which from".split())
"""Beside a noun: what tells nothing of it, and what begins to."""
_CHANGES = re.compile(r"(?:make|remove|replace|turn) the ")
_EXACT = frozenset({"recolor", "arrange", "adjust"})


def which_of_alike(plan: Plan, said: str, state: State) -> Plan:
    """The plan; where all it does is to change one thing of which there are several, and the message tells none from the other,
    the question which of them.
    """
    noun = _changed(plan)
    sides = _sides(noun, state) if _is_bare(noun, tokens(said)) else ()
    if not sides:
        return plan
    return asking(f"Which {noun}?", [f"the {side} {noun}" for side in sides])


def _is_bare(noun: str, heard: list[str]) -> bool:
    """Whether a message names it without a word of what it looks like or where it is."""
    if noun not in heard or not _TOLD.isdisjoint(heard):
        return False
    at = heard.index(noun)
    return (at == 0 or heard[at - 1] in _BEFORE) and _AFTER.isdisjoint(heard[at + 1 : at + 2])


def _changed(plan: Plan) -> str:
    """The thing, a single word, that a plan of one step changes on the screen; empty where it is none."""
    if len(plan.steps) != 1 or plan.steps[0].inputs.get("src", "head") != "head":
        return ""
    (step,) = plan.steps
    target = str(step.arguments.get("target", ""))
    changes = _CHANGES.match(str(step.arguments.get("instruction", ""))) if step.tool == "edit" else step.tool in _EXACT
    return target if changes and target.isalpha() else ""


def _sides(noun: str, state: State) -> tuple[str, ...]:
    """Where each of them is, by the newest words that tell of one: "two cats on a beach"."""
    told = [tokens(version.label) for version in state.versions if not state.line or version.id in state.line]
    naming = [words for words in told if any(known(word, (noun,)) for word in words)]
    if not naming or noun in naming[-1]:
        return ()
    words = naming[-1]
    at = next(index for index, word in enumerate(words) if known(word, (noun,)))
    return next((_SIDES[word] for word in words[max(at - _BETWEEN, 0) : at] if word in _SIDES), ())


_BETWEEN = 3
"""Words that may stand between a number and what is counted: "two big red cats"."""
