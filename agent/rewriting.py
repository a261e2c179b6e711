"""The words of a step as the picture model's publisher wants them: put between the plan and the call, by the profile's contract.

A contract that one sentence fulfils is a template; only tags are written by the language model. What is literal must survive.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import JsonValue

from pentimento.agent import prompting
from pentimento.agent.grammar import form_of
from pentimento.agent.types import LLM, AgentError, Node, Step, Stop
from pentimento.agent.written import object_in
from pentimento.tools.check import asks_to_add, asks_to_recolor, asks_to_remove, asks_to_replace
from pentimento.tools.scope import asks_for_another_place
from pentimento.tools.told import LONGEST

ARGUMENT = "rewritten"
"""Of a tool: what the picture model is told in place of the planned words."""
SAID: Mapping[str, Mapping[str, str]] = {
    "flux2": {"edit": "instruction"},
    "qwen": {"edit": "instruction"},
    "tags": {"generate": "prompt", "inpaint": "prompt"},
}
"""Contract → which tools have words that are put otherwise, and in which argument."""
WRITTEN = frozenset({"tags"})
"""The contracts that take a language model."""
LONGEST_TAGS = 300
"""Characters."""
MAX_TOKENS = 200
"""Of a completion."""
_SAYS_WHAT_STAYS = re.compile(
    r"\b(?:keep|keeping|kept|leave|leaving|preserve|preserving|maintain|maintaining|unchanged|untouched|stays?)\b"
    r"|\bwithout changing\b|\bnothing else\b",
    re.IGNORECASE,
)
_STYLE = re.compile(
    r"\bstyle\b|\b(?:into|like|as)\s+an?\s+(?:\w+\s+)?(?:painting|drawing|sketch|cartoon|watercolou?r|photo|photograph|comic|engraving)\b",
    re.IGNORECASE,
)
_FACTS = ("contract", "not_rewritten")
"""What is kept with a picture: the sha of its contract, why the words stayed as planned."""
_STAYS = "The picture model is told the words as planned, not as it likes them"
_QUOTED = re.compile(
    r"“([^“”]+)”|„([^“”„]+)[“”]|«([^«»]+)»|「([^「」]+)」|\"([^\"]+)\"|‘([^‘’]+)’(?!\w)|(?<!\w)'(.+?)'(?!\w)"
)
_NUMBER = re.compile(
    r"#[0-9a-f]{3,8}\b|\d+(?:[.,:]\d+)*|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Rewriting:
    """What became of a step's words."""

    words: str = ""
    """What the picture model is told; empty: the words as planned."""
    contract: str = ""
    """sha256 (hex) of the prompt file that was used."""
    why: str = ""
    """Why the words stay as planned although the contract wants others, one sentence."""

    def step(self, planned: Step) -> Step:
        return replace(planned, arguments={**planned.arguments, ARGUMENT: self.words}) if self.words else planned

    def facts(self) -> dict[str, JsonValue]:
        """What is kept of it with the picture, beside the words, which are in its call."""
        return {name: fact for name, fact in zip(_FACTS, (self.contract, self.why), strict=True) if fact}


@dataclass(frozen=True)
class Rewriter:
    """Puts words by one contract."""

    contract: str = ""
    """Name of its prompt file; empty: nothing is put otherwise."""
    room: int = 0
    """Tokens that the picture model reads."""
    llm: LLM | None = None
    """None: there is no language model that knows more than plans."""

    def rewrite(self, step: Step, cancel: Stop | None = None) -> Rewriting | None:
        """None where the contract has nothing to say, or a person wrote what the picture model is told.

        Raises `Cancelled`.
        """
        argument = SAID.get(self.contract, {}).get(step.tool)
        if argument is None or ARGUMENT in step.arguments:
            return None
        planned, sha = " ".join(str(step.arguments[argument]).split()), prompting.load(self.contract).sha
        try:
            words = self._written(planned, cancel) if self.contract in WRITTEN else self._said(planned, step)
        except AgentError as error:
            return Rewriting(contract=sha, why=f"{_STAYS}: {error}")
        if words is None or words == planned:
            return None
        problem = self._problem(planned, words)
        return Rewriting(contract=sha, why=f"{_STAYS}: {problem}.") if problem else Rewriting(words, sha)

    def _said(self, planned: str, step: Step) -> str | None:
        """By the template alone; None where the words themselves say what stays."""
        if _SAYS_WHAT_STAYS.search(planned):
            return None
        instruction = planned[:1].upper() + planned[1:].rstrip(" .!")
        scope = str(step.arguments.get("scope", "object"))
        prompt = prompting.load(self.contract)
        return " ".join(prompt.template.render(instruction=instruction, scope=scope, task=task(planned, scope)).split())

    def _written(self, planned: str, cancel: Stop | None) -> str | None:
        """By the language model; its fixed prefix is that of plans, so that the next plan finds it evaluated."""
        if self.llm is None:
            return None
        asked = prompting.load(self.contract).template.render(words=planned)
        messages = [
            {"role": "system", "content": prompting.system_message()},
            {"role": "user", "content": asked},
        ]
        answer = self.llm.complete(messages, _FORM, MAX_TOKENS, cancel)
        return _prompt_in(answer.text) if answer.finished else ""

    def _problem(self, planned: str, words: str) -> str:
        """Why the words can't be used, a clause; empty where they can."""
        before, after = literals(planned), literals(words)
        if not words:
            return "the language model wrote none"
        if lost := sorted(before - after):
            return f"they would lose “{lost[0]}”"
        if new := sorted(after - before):
            return f"they would bring in “{new[0]}”"
        return "they would be longer than it reads" if len(words) > LONGEST or tokens(words) > self.room else ""


AS_PLANNED = Rewriter()
"""Puts nothing otherwise."""


def to_be_put(step: Step) -> Step:
    """The step without what the picture model is told, so that its words are put anew."""
    return replace(step, arguments={name: value for name, value in step.arguments.items() if name != ARGUMENT})


def told_facts(node: Node) -> dict[str, JsonValue]:
    """What was kept with a picture of how its words were put."""
    return {name: node.measures[name] for name in _FACTS if name in node.measures}


def task(instruction: str, scope: str) -> str:
    """What kind of edit it is: text, background, style, remove, replace, add, recolour, or empty."""
    kinds = {
        "text": _QUOTED.search(instruction) is not None,
        "background": scope == "background" or (scope == "picture" and asks_for_another_place(instruction)),
        "style": _STYLE.search(instruction) is not None,
        "remove": asks_to_remove(instruction),
        "replace": asks_to_replace(instruction),
        "add": asks_to_add(instruction),
        "recolour": asks_to_recolor(instruction),
    }
    return next((name for name, is_it in kinds.items() if is_it), "")


def literals(words: str) -> set[str]:
    """What has to stay letter by letter: texts in quotes, #rrggbb, numbers."""
    quoted = {next(filter(None, found.groups())) for found in _QUOTED.finditer(words)}
    return quoted | {found.group().lower() for found in _NUMBER.finditer(_QUOTED.sub(" ", words))}


def tokens(words: str) -> int:
    """About how many tokens words are, rather too many than too few: one for each four bytes of a word and each sign."""
    signs = len(re.findall(r"[^\w\s]", words))
    return signs + sum(-(-len(word.encode()) // 4) for word in re.findall(r"\w+", words))


def _prompt_in(text: str) -> str:
    try:
        prompt = object_in(text).get("prompt")
    except ValueError:
        return ""
    return " ".join(prompt.split()) if isinstance(prompt, str) else ""


_FORM = form_of(
    {
        "type": "object",
        "properties": {"prompt": {"type": "string", "minLength": 1, "maxLength": LONGEST_TAGS}},
        "required": ["prompt"],
    }
)
