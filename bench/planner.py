"""The planner on hand-written utterances: the shipped model, the same shape untrained, a keyword router, "always edit".

`measure()` asks the models through the planner itself, under the grammar; a plan that needed repair counts as invalid.
"""

import statistics
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pentimento.agent import policy
from pentimento.agent.llm import LlamaCpp
from pentimento.agent.planner import Planned, Planner, known
from pentimento.agent.policy import Declined
from pentimento.agent.state import State
from pentimento.agent.types import AgentError, Plan, Step
from pentimento.bench import first_tools
from pentimento.bench.first_tools import Begun, tools_of
from pentimento.bench.router import always_edit, route
from pentimento.bench.scoring import Case, load_cases, passes, wilson
from pentimento.tools.profile import load_profile

ROOT = Path(__file__).resolve().parents[1]
UTTERANCES = ROOT / "tests" / "planner" / "utterances.yaml"
"""Written blind; what the planner is judged by, …"""
EVERYTHING = ROOT / "tests" / "planner" / "everything.yaml"
"""… and so is this, of all tools, in more languages, with what must be asked and what must be declined."""
PRACTICE = ROOT / "tests" / "planner" / "practice.yaml"
"""Read by authors of the training data, …"""
MORE_PRACTICE = ROOT / "tests" / "planner" / "practice_more.yaml"
"""… and so is this."""
SHIPPED = ROOT / "models" / "starter" / "planner" / "planner.gguf"

Route = Callable[[State, str], Plan]


@dataclass(frozen=True)
class Judged:
    """What one planner made of one utterance."""

    case: Case
    plan: Plan | None
    """None: the first attempt was none that could be used."""
    passed: bool
    seconds: float = 0.0


def measure() -> dict[str, object]:
    """Shares of plans that do what was meant, with 95 % intervals; invalid plans; seconds a plan; failures by id."""
    files = {path.stem: load_cases(path) for path in (UTTERANCES, EVERYTHING)}
    cases = tuple(case for of_file in files.values() for case in of_file)
    shipped = {name: judge_model(SHIPPED, of_file) for name, of_file in files.items()}
    every = tuple(judged for of_file in shipped.values() for judged in of_file)
    with tempfile.TemporaryDirectory() as folder:
        untrained = judge_model(untrained_file(Path(folder)), cases[::3])
    return {
        "shipped": score(every),
        **{f"shipped_{name}": score(judged) for name, judged in shipped.items()},
        "shipped_in_practice": score(judge_model(SHIPPED, load_cases(PRACTICE))),
        "shipped_in_more_practice": score(judge_model(SHIPPED, load_cases(MORE_PRACTICE))),
        "shipped_by_group": {name: by_group(judged) for name, judged in shipped.items()},
        "shipped_failed": {name: failed(judged) for name, judged in shipped.items()},
        "shipped_begins": first_tools.rows([begun(one) for one in every]),
        "shipped_seconds": seconds(every),
        "untrained": score(untrained),
        "router": score(judge_route(route, cases)),
        "always_edit": score(judge_route(always_edit, cases)),
    }


@contextmanager
def opened(file: Path) -> Iterator[Planner]:
    """The planner with the language model of a GGUF file, as the starter profile has it."""
    starter = load_profile("starter").file
    options = starter.planner
    with closing(LlamaCpp(str(file), options.context)) as llm:
        yield Planner(llm, options.system, options.max_tokens, vocabulary=starter.vocabulary)


def first_attempt(planner: Planner, state: State, said: str) -> Planned | None:
    """As a turn plans, with the policy that is outside of the model: what that declines is a plan that does.

    None where the model's first plan was none that could be used, even if its repair was.
    """
    try:
        policy.check_said(said)
        planned = planner.plan(state, said)
    except Declined as declined:
        return known(_declining(declined))
    except AgentError:
        return None
    return None if planned.repaired else _allowed(planned, state)


def _allowed(planned: Planned, state: State) -> Planned:
    try:
        policy.check_plan(planned.plan, lambda: [version.label for version in state.versions])
    except Declined as declined:
        return replace(planned, plan=_declining(declined))
    return planned


def _declining(declined: Declined) -> Plan:
    return Plan((Step("decline", {"reason": str(declined)}, {}),), str(declined))


def judge_model(file: Path, cases: tuple[Case, ...]) -> tuple[Judged, ...]:
    """Every case through the planner, in the file's order, as one session after another would ask it."""
    with opened(file) as planner:
        return tuple(judge(planner, case) for case in cases)


def judge(planner: Planner, case: Case) -> Judged:
    planned = first_attempt(planner, case.state, case.said)
    if planned is None:
        return Judged(case, None, passed=False)
    return Judged(case, planned.plan, passes(planned.plan, case), planned.seconds)


def judge_route(plan: Route, cases: tuple[Case, ...]) -> tuple[Judged, ...]:
    plans = ((case, plan(case.state, case.said)) for case in cases)
    return tuple(Judged(case, made, passes(made, case)) for case, made in plans)


def score(judged: tuple[Judged, ...]) -> dict[str, object]:
    """Share passed (0 to 1), its 95 % interval, and how many plans were invalid."""
    passed = sum(one.passed for one in judged)
    low, high = wilson(passed, len(judged))
    return {
        "passed": round(passed / len(judged), 4),
        "interval": (round(low, 4), round(high, 4)),
        "invalid": sum(one.plan is None for one in judged),
        "of": len(judged),
    }


def begun(one: Judged) -> Begun:
    accepted = tuple(tuple(step.tool for step in expect.steps) for expect in one.case.accepted)
    return Begun(accepted, tools_of(one.plan))


def failed(judged: tuple[Judged, ...]) -> list[str]:
    return [one.case.id for one in judged if not one.passed]


def by_group(judged: tuple[Judged, ...]) -> dict[str, str]:
    """Passed and all, by the first part of the case's id."""
    every = Counter(one.case.group for one in judged)
    passed = Counter(one.case.group for one in judged if one.passed)
    return {group: f"{passed[group]}/{count}" for group, count in sorted(every.items())}


def seconds(judged: tuple[Judged, ...]) -> dict[str, float]:
    """Seconds a plan, where the model made one."""
    times = sorted(one.seconds for one in judged if one.seconds)
    if len(times) < 2:
        return {}
    return {"p50": round(statistics.median(times), 4), "p95": round(statistics.quantiles(times, n=20)[-1], 4)}


def untrained_file(folder: Path) -> Path:
    """A GGUF file of the shipped model's shape and tokenizer with untrained weights."""
    from pentimento.starter.gguf_export import load_from_gguf, write_gguf
    from pentimento.starter.train_planner import fresh_like

    model, tokenizer = load_from_gguf(SHIPPED)
    path = folder / "untrained.gguf"
    write_gguf(fresh_like(model), tokenizer, path)
    return path
