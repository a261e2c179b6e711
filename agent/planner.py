"""From what a person said to a plan: one completion under the plan's grammar, at most one repair, or a clear error."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256

from pentimento.agent import asked, prompting
from pentimento.agent.alike import which_of_alike
from pentimento.agent.copied import as_heard
from pentimento.agent.plan_language import NoPlan, NoSuchPicture, PlanError, checked_plan, parse_plan, plan_form
from pentimento.agent.policy import heeded
from pentimento.agent.shown import PICTURE
from pentimento.agent.spelling import as_said
from pentimento.agent.state import State
from pentimento.agent.types import LLM, AgentError, Completion, Plan, PromptTooLong, Stop, Tokens
from pentimento.tools.profile import Vocabulary

SHORT = 200
"""Characters of a message that fits wherever any does."""


@dataclass(frozen=True)
class Planned:
    """A plan, and what it took to get it."""

    plan: Plan
    seconds: float
    tokens: Tokens
    prompt_sha: str
    """sha256 (hex) of the templates that the language model was given."""
    raw: str
    """What the language model wrote last, word for word."""
    repaired: bool
    """Whether the first plan was invalid."""


def pinned(plan: Plan) -> Planned:
    """A plan that came with the request: no language model was asked. Raises `PlanError` when it can't be used."""
    return known(checked_plan(plan))


def known(plan: Plan) -> Planned:
    """A plan that the program made."""
    return Planned(plan, 0.0, Tokens(), "", "", repaired=False)


def _together(first: Planned, last: Planned) -> Planned:
    """The last plan, and what both took."""
    return replace(
        last,
        seconds=first.seconds + last.seconds,
        tokens=first.tokens + last.tokens,
        repaired=first.repaired or last.repaired,
    )


@dataclass(frozen=True)
class Planner:
    """Asks one language model for plans."""

    llm: LLM
    use_system: bool
    """Whether the model is told of the tools and the rules; one that was trained on this language knows them."""
    max_tokens: int = 400
    """Longest plan, in tokens; one is 15 to 120, more is a model that runs on."""
    elsewhere: str = ""
    """The host that is told what is said, where that is not this machine."""
    looks: bool = False
    """Whether the model is shown the current picture."""
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    """The words that the picture models know, where they know few."""

    def plan(
        self,
        state: State,
        said: str,
        cancel: Stop | None = None,
        check: Callable[[Plan], None] = lambda _: None,
        picture: str = "",
    ) -> Planned:
        """The plan for a message, beside which a `picture` may go (a data URL).

        Raises `AgentError` when two attempts gave none that can be used; `check` raises `PlanError` for what only the
        session knows. A question that the message answers itself is not asked, but answered so; to go to what several versions are
        called is one.
        """
        planned = self._plan(state, said, cancel, check, picture)
        ask = asked.question_of(planned.plan)
        answer = "" if self.use_system else asked.answer_in(ask, said)
        if not answer:
            return planned
        after = self._plan(replace(state, asked=asked.back(ask, said)), answer, cancel, check, picture)
        return planned if asked.question_of(after.plan) else _together(planned, after)

    def _plan(
        self, state: State, said: str, cancel: Stop | None, check: Callable[[Plan], None], picture: str
    ) -> Planned:
        start = time.monotonic()
        messages, answer = self._first(state, said, cancel, picture)
        tokens = Tokens(answer.evaluated, answer.generated)
        repaired = False
        try:
            plan = _plan_of(answer, check)
        except PlanError as error:
            repaired = True
            messages += [_message("assistant", answer.text), _message("user", prompting.repair_message(str(error)))]
            answer = self._ask(messages, cancel)
            tokens += Tokens(answer.evaluated, answer.generated)
            plan = _repaired(answer, check)
        if not self.use_system:
            plan = heeded(as_heard(as_said(plan, said), said, state, self.vocabulary), said)
        plan = which_of_alike(asked.which(plan, said, state), said, state)
        plan = asked.spared(plan, said)
        return Planned(plan, time.monotonic() - start, tokens, self.prompt_sha(), answer.text, repaired)

    def prompt_sha(self) -> str:
        """sha256 (hex) over the shas of the templates in use."""
        names = ("planner", "state", "repair") if self.use_system else ("state", "repair")
        return sha256(" ".join(prompting.load(name).sha for name in names).encode()).hexdigest()

    def _first(
        self, state: State, said: str, cancel: Stop | None, picture: str
    ) -> tuple[list[dict[str, str]], Completion]:
        """The first attempt; where the state does not fit, the last turns are left out, then the oldest versions."""
        messages = self._messages(state, said, picture)
        try:
            return messages, self._ask(messages, cancel)
        except PromptTooLong as error:
            if state.recent or state.region:
                return self._first(replace(state, recent=(), region=""), said, cancel, picture)
            if not state.versions and len(said) < SHORT:
                room = f" in its {error.args[0]} tokens of context" if error.args[0] else ""
                raise AgentError(
                    f"The language model has no room for a plan{room}; give it more, in the profile or at its server."
                ) from error
            if not state.versions:
                raise
            return self._first(replace(state, versions=state.versions[1:]), said, cancel, picture)

    def _messages(self, state: State, said: str, picture: str) -> list[dict[str, str]]:
        system = [_message("system", prompting.system_message())] if self.use_system else []
        seen = {PICTURE: picture} if picture else {}
        return [*system, {**_message("user", prompting.state_message(state, said)), **seen}]

    def _ask(self, messages: list[dict[str, str]], cancel: Stop | None) -> Completion:
        return self.llm.complete(messages, plan_form(told=self.use_system), self.max_tokens, cancel)


def _message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def _plan_of(answer: Completion, check: Callable[[Plan], None]) -> Plan:
    if not answer.finished:
        raise PlanError("The plan was cut off because it is too long.")
    plan = parse_plan(answer.text)
    check(plan)
    return plan


def _repaired(answer: Completion, check: Callable[[Plan], None]) -> Plan:
    try:
        return _plan_of(answer, check)
    except NoSuchPicture:
        raise
    except NoPlan as error:
        raise AgentError(
            "The language model wrote no plan; try again, or choose another model in the profile."
        ) from error
    except PlanError as error:
        raise AgentError("I could not make a plan for that; please say it in other words.") from error
