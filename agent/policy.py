"""What is declined whatever a language model says; `policy.toml` says what that is, in words that a person can read."""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import Literal, get_origin

from pydantic import JsonValue

from pentimento.agent.moves import REFERRING
from pentimento.agent.plan_language import arguments_models
from pentimento.agent.types import AgentError, Plan, Step
from pentimento.tools import TOOLS

_AGES = """\\d|1[0-7]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen
|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|dreizehn|vierzehn|fünfzehn|sechzehn|siebzehn|十?[一二三四五六七]|[八九十]"""
_NAME = re.compile(r"\b[A-Z]\w+ [A-Z]\w+")
_NAMED = "\u241f"
"""Set after two words with capitals, which are small in what is looked at."""
_PLACES = {"{age}": f"(?:{''.join(_AGES.split())})", "{name}": rf"\w+ \w+{_NAMED}"}
_ENDS = {"{end}": r"\s*(?:[.!?\u241e]|$)", "{last}": r"\s*(?:[^\w\s-]|$)"}
"""What follows a word that ends a sentence; one that no noun follows, unless it is one of `_NO_NOUN`."""
_NO_NOUN = "no_noun"
_PART = re.compile(r"<\w+>|\{\w+\}|\*|[^<{*]+")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
_BETWEEN = " \u241e "
"""Set where something harmless was, and between texts; no phrase reaches across."""
_STOP = re.compile(r"[,.;:!?]")
"""What nothing harmless reaches across: "making love, hearts around them"."""
_SPACE = r"[^\w\u241e]+"
_GAP, _GAP_ZH = rf"(?:{_SPACE}\w+){{0,4}}?{_SPACE}", r"[^\u241e]{0,6}?"
_UNWANTED = {"avoid", "negative"}
"""The arguments, and the preferences, that say what is not to be seen."""


NOT_UNDERSTOOD = "I didn't understand that; please say it in other words."


class Declined(AgentError):
    """Something that is not done; the message is the reply."""


@dataclass(frozen=True)
class Condition:
    """One way in which a text is declined."""

    found: tuple[re.Pattern[str], ...]
    """All of them are in it …"""
    missing: tuple[re.Pattern[str], ...]
    """… and none of these."""

    def holds(self, text: str) -> bool:
        return all(one.search(text) for one in self.found) and not any(one.search(text) for one in self.missing)


@dataclass(frozen=True)
class Rule:
    what: str
    reply: str
    when: tuple[Condition, ...]
    of_edits: tuple[Condition, ...]
    with_history: tuple[Condition, ...]


@dataclass(frozen=True)
class Policy:
    """The rules, in the order in which they are asked."""

    harmless: re.Pattern[str]
    rules: tuple[Rule, ...]
    spoken_of: re.Pattern[str]
    """What a message speaks of that a small language model declines with reason."""

    def check(self, text: str, *, edits: bool = False) -> None:
        """`edits`: the text is of a step that changes a picture. Raises `Declined`."""
        plain = self._plain(text)
        self._decline(rule for rule in self.rules if _any(rule.when, plain) or (edits and _any(rule.of_edits, plain)))

    def check_with_history(self, texts: Iterable[str]) -> None:
        """What is said now and what was said of the picture before. Raises `Declined`."""
        plain = self._plain(_BETWEEN.join(texts))
        self._decline(rule for rule in self.rules if _any(rule.with_history, plain))

    def _plain(self, text: str) -> str:
        words = _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).replace("’", "'")
        words = _NAME.sub(rf"\g<0>{_NAMED}", " ".join(words.split()))
        return self.harmless.sub(lambda found: found[0] if _STOP.search(found[0]) else _BETWEEN, words.lower())

    def _decline(self, broken: Iterable[Rule]) -> None:
        if (rule := next(iter(broken), None)) is not None:
            raise Declined(rule.reply)


def _any(conditions: Iterable[Condition], text: str) -> bool:
    return any(condition.holds(text) for condition in conditions)


@cache
def policy() -> Policy:
    """The one of `policy.toml`."""
    content = tomllib.loads(files("pentimento.agent").joinpath("policy.toml").read_text(encoding="utf-8"))
    words: Mapping[str, str] = content["words"]
    rules = tuple(
        Rule(rule["what"], rule["reply"], *(_conditions(rule.get(kind, ()), words) for kind in _KINDS))
        for rule in content["declined"]
    )
    return Policy(_pattern(content["harmless"], words), rules, _pattern(content["spoken_of"], words))


_KINDS = ("when", "of_edits", "with_history")


def _conditions(texts: Iterable[str], words: Mapping[str, str]) -> tuple[Condition, ...]:
    return tuple(_condition(text, words) for text in texts)


def _condition(text: str, words: Mapping[str, str]) -> Condition:
    """ "papers + forge|mine - novelty"."""
    found, *missing = text.split(" - ")
    wanted = (_pattern(one, words) for one in found.split(" + "))
    return Condition(tuple(wanted), tuple(_pattern(one, words) for one in missing))


def _pattern(entries: str, words: Mapping[str, str]) -> re.Pattern[str]:
    """Any phrase of any of the entries, "forge|mine"."""
    phrases = [phrase for name in entries.split("|") for phrase in _phrases(name, words)]
    whole = "|".join(_phrase(phrase, words) for phrase in phrases if not _CHINESE.search(phrase))
    within = [_phrase(phrase, words) for phrase in phrases if _CHINESE.search(phrase)]
    return re.compile("|".join([*([rf"(?<!\w)(?:{whole})(?!\w)"] if whole else []), *within]))


def _phrases(name: str, words: Mapping[str, str]) -> Iterator[str]:
    """Those of an entry, and of entries that it names as a whole."""
    for phrase in filter(None, (" ".join(phrase.split()) for phrase in words[name.strip()].split(","))):
        other = re.fullmatch(r"<(\w+)>", phrase)
        yield from _phrases(other[1], words) if other else (phrase,)


def _phrase(phrase: str, words: Mapping[str, str]) -> str:
    gap = _GAP_ZH if _CHINESE.search(phrase) else _GAP
    return gap.join(_SPACE.join(_word(word, words) for word in run.split()) for run in phrase.split("..."))


def _word(word: str, words: Mapping[str, str]) -> str:
    return "".join(_part(part, words) for part in _PART.findall(word)) if word != "_" else r"\w+"


def _part(part: str, words: Mapping[str, str]) -> str:
    if part.startswith("<"):
        return f"(?:{'|'.join(_phrase(phrase, words) for phrase in _phrases(part[1:-1], words))})"
    if part in _ENDS:
        return _end(part, words)
    return _PLACES.get(part) or (r"\w*" if part == "*" else re.escape(part))


def _end(part: str, words: Mapping[str, str]) -> str:
    small = rf"|{_SPACE}(?:{_part(f'<{_NO_NOUN}>', words)})(?!\w)" if part == "{last}" else ""
    return f"(?={_ENDS[part]}{small})"


def check_said(said: str) -> None:
    """A person's own words. Raises `Declined`."""
    policy().check(said)


def heeded(plan: Plan, said: str) -> Plan:
    """A small language model's plan; where it declines what speaks of nothing that could be, that it was not understood."""
    if all(step.tool != "decline" for step in plan.steps) or policy().spoken_of.search(said.lower()):
        return plan
    return Plan((), NOT_UNDERSTOOD)


def check_plan(plan: Plan, labels: Callable[[], Iterable[str]]) -> None:
    """Every step of it, and all that is said in it with what the picture so far is called. Raises `Declined`."""
    first = next(filter(_draws, plan.steps), None)
    _check_with(labels if first and _changes(first) else tuple, plan.steps)
    for step in plan.steps:
        _check_step(step)


def check_last(step: Step, labels: Callable[[], Iterable[str]]) -> None:
    """A step as it is about to run, whatever it was planned as: words may have been put in since. Raises `Declined`."""
    check_plan(Plan((step,), ""), labels)


def _check_with(labels: Callable[[], Iterable[str]], steps: Iterable[Step]) -> None:
    if words := [text for step in steps for text in words_of(step)]:
        policy().check_with_history([*labels(), *words])


def _check_step(step: Step) -> None:
    if words := words_of(step):
        policy().check(_BETWEEN.join(words), edits=_draws(step) and _changes(step))


def _draws(step: Step) -> bool:
    return step.tool in TOOLS and "image" in TOOLS[step.tool].models


def _changes(step: Step) -> bool:
    """Whether it works on a picture that is there."""
    return "src" in TOOLS[step.tool].roles


def words_of(step: Step) -> list[str]:
    """The arguments of a step that are texts, without what is not to be seen and what names a picture."""
    if step.tool == "set" and step.arguments.get("key") in _UNWANTED:
        return []
    fields = arguments_models()[step.tool].model_fields
    own = {name for name in step.arguments if name in fields and _is_choice(fields[name].annotation)}
    told = (value for name, value in step.arguments.items() if name not in {*own, *_UNWANTED, *REFERRING})
    return [text for value in told for text in _texts(value)]


def _is_choice(kind: object) -> bool:
    """Whether its values are the program's own words."""
    return get_origin(kind) is Literal or (isinstance(kind, type) and issubclass(kind, Enum))


def _texts(value: JsonValue) -> list[str]:
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    return [value] if isinstance(value, str) else []
