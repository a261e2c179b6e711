"""What the last turn asked back: for the planner, which has to know what "the fox" is the answer to, and for a person, who answers
with a number.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from pydantic import JsonValue

from pentimento.agent.moves import OPTION_LENGTH
from pentimento.agent.state import State, Version
from pentimento.agent.types import Plan, Request, Step, TurnStatus
from pentimento.agent.wording import saying, tokens
from pentimento.memory.types import Turn

LENGTH = 80
"""Characters of the words, and of the question."""
OPTIONS_LENGTH = 100
WHICH = "Which one?"
WHAT_GOES = "What should I remove?"
_KEPT = re.compile(
    r"\b(?:everything|all|nothing|anything)\b(?: \w+)? (?:except|but|besides|apart from)(?: for)?(?: the| my| this| that)?"
    r" (?:\w+ )?(?P<thing>\w+)\W*$"
)
"""At the end of a message."""
_WITHOUT = frozenset({"without", "no", "ohne"})
_BUT = frozenset("not but except without keep leave other others rather instead".split())
"""Beside these words a thing may be named that is not meant."""


def asked_back(last: Turn | None) -> str:
    """ "make it red -> Which one? (the fox; the boat)", empty where the last turn asked nothing of the kind."""
    ask = _ask(last)
    return back(ask, last.said) if last and ask else ""


def told(said: str, question: str, options: Sequence[str]) -> str:
    choice = f" ({'; '.join(options)[:OPTIONS_LENGTH]})" if options else ""
    return f"{' '.join(said.split())[:LENGTH]} -> {question[:LENGTH]}{choice}"


def back(ask: Mapping[str, JsonValue], said: str) -> str:
    return told(said, str(ask["question"]), _options(ask))


def question_of(plan: Plan) -> Mapping[str, JsonValue]:
    """The question that a plan asks; empty where it asks none."""
    return next((step.arguments for step in plan.steps if step.tool == "ask"), {})


def asking(question: str, options: Sequence[str] = ()) -> Plan:
    """A plan that asks, and does nothing else."""
    answers: dict[str, JsonValue] = {"options": [*options]} if options else {}
    return Plan((Step("ask", {"question": question, **answers}, {}),), question)


def which(plan: Plan, said: str, state: State) -> Plan:
    """The plan; where all it does is to go to a word that several listed versions have, the question which of them.

    Where the newest that has it is none that could be meant, the plan goes to the one that is.
    """
    match plan.steps:
        case (Step(tool="checkout", arguments={"ref": str(ref)}),) if ref.startswith("word:"):
            words = ref.removeprefix("word:")
        case _:
            return plan
    found = named_so(state, words, said)
    if len(found) > 1:
        return asking(WHICH, [option(version) for version in found])
    newest = saying([(version.id, version.label) for version in reversed(state.versions)], words)[:1]
    pinned = bool(found) and newest != [found[0].id]
    return replace(plan, steps=(Step("checkout", {"ref": found[0].id}, {}),)) if pinned else plan


def named_so(state: State, words: str, said: str = "") -> list[Version]:
    """The listed versions that the words of a message name: not the one on the screen, for nobody asks to go where he is, and of
    several made alike the last.
    """
    lost = not _WITHOUT.isdisjoint(tokens(said))
    ids = saying([(version.id, _shown(version.label, lost=lost)) for version in state.versions], words)
    alike = groupby((version for version in state.versions if version.id != state.picture), key=lambda one: one.label)
    last = [tuple(versions)[-1] for _, versions in alike]
    return [version for version in last if version.id in ids]


def _shown(label: str, *, lost: bool) -> str:
    """Without what was replaced or removed; where what was lost is spoken of, that alone."""
    if lost:
        return label if label.startswith("remove ") else ""
    if label.startswith("remove "):
        return ""
    return label.partition(" with ")[2] if label.startswith("replace ") else label


def spared(plan: Plan, said: str) -> Plan:
    """The plan; where it removes the one thing that is to be kept, "everything except the fox", the question what else is to go."""
    kept = _KEPT.search(said.lower())
    match plan.steps:
        case (Step(tool="edit", arguments={"instruction": str(told), "target": str(thing)}),) if kept:
            if told.startswith("remove ") and thing.split()[-1:] == [kept["thing"]]:
                return asking(WHAT_GOES)
    return plan


def option(version: Version) -> str:
    return f"{version.id}, {version.label}"[:OPTION_LENGTH]


def answer_in(ask: Mapping[str, JsonValue], said: str) -> str:
    """Of a question's answers the one thing that the message itself names: "Which apple? (the fox; the apple)" of "paint the apple".

    Empty where it names none or several, or says what is not meant.
    """
    words = tokens(said)
    if not _BUT.isdisjoint(words):
        return ""
    things = [one for one in _options(ask) if one.startswith("the ")]
    named = [one for one in things if set(tokens(one)[1:]) <= set(words)]
    return named[0] if len(named) == 1 else ""


def question(ask: Mapping[str, JsonValue]) -> str:
    """What a person reads: beneath the question its answers, each behind the number that says it."""
    options = _options(ask)
    marks = [f"{number}." for number in _by_number(options)] or ["-"] * len(options)
    return "\n".join(
        [str(ask["question"]), *(f"  {mark} {option}" for mark, option in zip(marks, options, strict=True))]
    )


def answered(request: Request, last: Turn | None) -> Request:
    """The request with the answer whose number was said; any other one as it is."""
    if request.plan is not None:
        return request
    answer = _by_number(_options(_ask(last))).get(request.said.strip().removesuffix("."))
    return replace(request, said=answer) if answer else request


def _by_number(options: Sequence[str]) -> dict[str, str]:
    """Answers that are numbers themselves have none: "3" is the one that says so."""
    if any(option.isdecimal() for option in options):
        return {}
    return {str(number): option for number, option in enumerate(options, start=1)}


def _ask(last: Turn | None) -> Mapping[str, JsonValue]:
    """The last turn's question as it was planned; empty where it was none."""
    if last is None or last.status is not TurnStatus.ASKED or not last.plan:
        return {}
    steps: list[dict[str, JsonValue]] = json.loads(last.plan)["steps"]
    return next((step for step in steps if step["tool"] == "ask"), {})


def _options(ask: Mapping[str, JsonValue]) -> list[str]:
    options = ask.get("options")
    return [" ".join(str(option).split()) for option in options] if isinstance(options, list) else []
