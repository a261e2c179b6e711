"""The planner on simulated messages said in phrasings that training never says: here the whole plan is known."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from pydantic import JsonValue

from pentimento.agent.plan_language import without_defaults
from pentimento.agent.planner import Planner
from pentimento.agent.state import State
from pentimento.agent.types import Plan, Step
from pentimento.agent.wording import tokens
from pentimento.bench import first_tools
from pentimento.bench.first_tools import Begun, tools_of
from pentimento.bench.planner import SHIPPED, first_attempt, opened, untrained_file
from pentimento.bench.router import always_edit, route
from pentimento.bench.scoring import FREE, Rate, named
from pentimento.starter.conversations.session import Example, held_out_messages

SEED = 2026
COUNT = 300
_LITTLE = frozenset({"a", "an", "the"})
_SCREEN = {"src": "head"}
"""What a step works on that names no picture."""
Plans: TypeAlias = Callable[[Example], Plan | None]
"""What a planner makes of a message; None where that is invalid."""


def messages(count: int = COUNT) -> list[Example]:
    return list(islice(held_out_messages(SEED), count))


def same(plan: Plan, meant: Plan, state: State) -> bool:
    """Whether both plans do the same: equal steps, texts word for word but for their articles, versions by what they name."""
    found, wanted = named(plan, state).steps, named(meant, state).steps
    return len(found) == len(wanted) and all(_alike(a, b) for a, b in zip(found, wanted, strict=True))


def _alike(one: Step, other: Step) -> bool:
    a, b = without_defaults(one), without_defaults(other)
    names = a.arguments.keys() | b.arguments.keys()
    texts = all(_equal(name, a.arguments.get(name), b.arguments.get(name)) for name in names)
    return a.tool == b.tool and {**_SCREEN, **a.inputs} == {**_SCREEN, **b.inputs} and texts


def _equal(name: str, one: JsonValue, other: JsonValue) -> bool:
    if name in FREE and isinstance(one, str) and isinstance(other, str):
        return _content(one) == _content(other)
    return one == other or name in {"question", "options", "reason"}


def _content(text: str) -> list[str]:
    return [word for word in tokens(text) if word not in _LITTLE]


def measure(count: int = COUNT) -> dict[str, dict[str, str]]:
    """The shipped planner, the same shape untrained under the same grammar, the keyword router, and "always edit"."""
    with TemporaryDirectory() as folder:
        return {
            "shipped": _rows_of(SHIPPED, count),
            "untrained": _rows_of(untrained_file(Path(folder)), count // 5),
            "router": rows(lambda one: route(one.state, one.said), count),
            "always edit": rows(lambda one: always_edit(one.state, one.said), count),
        }


def _rows_of(file: Path, count: int) -> dict[str, str]:
    with opened(file) as planner:
        return rows(lambda one: _planned(planner, one), count)


def rows(plan: Plans, count: int = COUNT) -> dict[str, str]:
    """Shares of messages whose plan does what was meant, begins right, asks or declines where it should, and breaks no rule."""
    found = [(example, plan(example)) for example in messages(count)]
    right = [made is not None and same(made, one.plan, one.state) for one, made in found]
    begun = [Begun((tools_of(one.plan) or (),), tools_of(made)) for one, made in found]
    return {
        "same": str(Rate(sum(right), len(right))),
        **first_tools.rows(begun),
        "invalid": str(sum(made is None for _, made in found)),
    }


def _planned(planner: Planner, example: Example) -> Plan | None:
    planned = first_attempt(planner, example.state, example.said)
    return None if planned is None else planned.plan
