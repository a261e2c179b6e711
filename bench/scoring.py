"""How a plan is judged: what an utterance expects, whether a plan meets it, and how sure a share is.

The format of the test set is described at the top of `tests/planner/utterances.yaml`.
"""

import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from pathlib import Path
from typing import Annotated, TypeAlias

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    TypeAdapter,
    model_validator,
)

from pentimento.agent.moves import REFERRING
from pentimento.agent.plan_language import arguments_models, step_schema
from pentimento.agent.state import State, Version
from pentimento.agent.types import Plan, Step
from pentimento.agent.wording import saying
from pentimento.tools import TOOLS
from pentimento.tools.types import REFERENCES

# The one in C, ten times as fast, is missing where PyYAML was built without libyaml.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TOLD = frozenset({"reason", "question", "options", "words"})
FREE = frozenset({"prompt", "instruction", "target"}) | _TOLD
"""Arguments that may hold anything where no constraint names them."""

_NO_PICTURE = frozenset({"segment", "describe", "verify"})
PIXEL_TOOLS = frozenset(TOOLS) - _NO_PICTURE


def _arguments() -> dict[str, frozenset[str]]:
    properties = {tool: step_schema(tool)["properties"] for tool in arguments_models()}
    return {tool: _single(names) - {"tool", "src"} for tool, names in properties.items() if isinstance(names, dict)}


def _single(names: Iterable[str]) -> frozenset[str]:
    """A plan holds `refs`, a list of pictures, as one role each."""
    return frozenset(one for name in names for one in (REFERENCES if name == "refs" else (name,)))


ARGUMENTS = _arguments()
"""What an expectation may constrain, by tool: its planned arguments and its pictures but the one that it works on."""


def default_of(tool: str, name: str) -> JsonValue:
    """What an argument that a plan leaves out means; None where it may not be left out."""
    model = arguments_models()[tool]
    if name not in model.model_fields or model.model_fields[name].is_required():
        return None
    default: JsonValue = json.loads(json.dumps(model.model_fields[name].get_default(call_default_factory=True)))
    return default


Word: TypeAlias = Annotated[str, StringConstraints(pattern=r"^\w+$", to_lower=True)]
Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^n[1-9]\d*$")]


class Closed(BaseModel):
    """A part of the file: a word that the format does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Closed):
    """Words that must be in a text, and words that must not."""

    contains: tuple[Word | Annotated[tuple[Word, ...], Field(min_length=1)], ...] = Field(min_length=1)
    without: tuple[Word, ...] = ()


class AnyOf(Closed):
    """Constraints of which one must hold."""

    any_of: "tuple[Constraint, ...]" = Field(min_length=1)


class Between(Closed):
    """A number from the first to the last, both included."""

    between: tuple[int, int]


class Listed(Closed):
    """A list of as many entries, each of which meets its constraint, in whatever order the plan writes them."""

    items: "tuple[Constraint, ...]" = Field(min_length=1)


Scalar: TypeAlias = int | str
Constraint: TypeAlias = Scalar | Annotated[tuple[Scalar, ...], Field(min_length=1)] | Words | AnyOf | Between | Listed


class ExpectedStep(Closed):
    """One step, its arguments as constraints."""

    tool: str
    arguments: dict[str, Constraint] = Field(default_factory=dict)
    src: Constraint | None = None
    """None: the picture as it is when the step starts."""

    @model_validator(mode="before")
    @classmethod
    def gather(cls, step: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """The file writes a step flat, as plans do."""
        own = {key: step[key] for key in ("tool", "src") if key in step}
        return own | {"arguments": {key: value for key, value in step.items() if key not in own}}

    @model_validator(mode="after")
    def is_known(self) -> "ExpectedStep":
        if self.tool not in ARGUMENTS:
            raise ValueError(f"there is no tool {self.tool!r}; write one of {', '.join(ARGUMENTS)}")
        unknown = self.arguments.keys() - ARGUMENTS[self.tool]
        if unknown:
            raise ValueError(f"{self.tool} has no argument {', '.join(sorted(unknown))}")
        if self.src is not None and self.tool not in TOOLS:
            raise ValueError(f"{self.tool} takes no src")
        return self


class Expect(Closed):
    """The steps that a plan must have, in this order; none = an answer in words."""

    steps: tuple[ExpectedStep, ...] = Field(max_length=6)


def _as_version(row: JsonValue) -> JsonValue:
    if isinstance(row, list) and len(row) == 2:
        return {"id": row[0], "label": row[1]}
    return row


class Row(Closed):
    """One listed version; the file writes it as [id, label]."""

    id: Name
    label: Annotated[str, StringConstraints(min_length=1, max_length=60)]


class Case(Closed):
    """One utterance, the state it was typed in, and what a right plan holds."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z]+-\d\d$")]
    picture: Name | None
    versions: tuple[Annotated[Row, BeforeValidator(_as_version)], ...] = Field(max_length=6)
    said: Annotated[str, StringConstraints(min_length=1)]
    branch: str = ""
    names: tuple[str, ...] = ()
    """Branches and tags, as the state tells them."""
    grid: int = 0
    """How many pictures the newest step made at once."""
    expect: Expect | None = None
    expect_any: tuple[Expect, ...] = ()

    @model_validator(mode="after")
    def is_sound(self) -> "Case":
        ids = [version.id for version in self.versions]
        if ids != sorted(set(ids), key=lambda name: int(name[1:])):
            raise ValueError("versions must be listed oldest first, each once")
        if (self.picture is None) != (not ids) or (self.picture and self.picture not in ids):
            raise ValueError("picture must be one of the versions, or null where there are none")
        if (self.expect is None) == (not self.expect_any):
            raise ValueError("write either expect or expect_any")
        return self

    @property
    def group(self) -> str:
        return self.id.rpartition("-")[0]

    @property
    def state(self) -> State:
        versions = tuple(Version(row.id, row.label) for row in self.versions)
        return State(self.picture, versions, self.branch, self.names, self.grid)

    @property
    def accepted(self) -> tuple[Expect, ...]:
        """The expectations of which a plan must meet one."""
        return self.expect_any if self.expect is None else (self.expect,)


def load_cases(path: Path) -> tuple[Case, ...]:
    """The cases of an utterance file, in its order.

    Raises pydantic's `ValidationError` (a `ValueError`) when a case breaks the format, `ValueError` when an id is there twice.
    """
    cases = TypeAdapter(tuple[Case, ...]).validate_python(yaml.load(path.read_bytes(), Loader=_LOADER))
    ids = [case.id for case in cases]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise ValueError(f"{path}: give each case an id of its own; twice there: {', '.join(twice)}")
    return cases


def passes(plan: Plan, case: Case) -> bool:
    """Whether `plan` meets one of the expectations of `case`; what it names by a word counts as the version that has it."""
    found = named(plan, case.state)
    return any(matches(found, expect, case.picture) for expect in case.accepted)


def named(plan: Plan, state: State) -> Plan:
    """The plan with ids in place of what it names by a word."""
    return replace(plan, steps=tuple(_named(step, state) for step in plan.steps))


def _named(step: Step, state: State) -> Step:
    arguments = {name: _ids(value, state) if name in REFERRING else value for name, value in step.arguments.items()}
    return replace(step, arguments=arguments, inputs={role: str(_id(ref, state)) for role, ref in step.inputs.items()})


def _ids(value: JsonValue, state: State) -> JsonValue:
    return [_id(one, state) for one in value] if isinstance(value, list) else _id(value, state)


def _id(ref: JsonValue, state: State) -> JsonValue:
    """The id that the program would find for "word:red" or "before(word:red)", as far as the listed versions tell: what was
    before one is taken to be the one listed before it."""
    before, words = re.fullmatch(r"before\((.*)\)", str(ref)), str(ref).removeprefix("word:")
    ids = [version.id for version in state.versions]
    if before:
        inner = _id(before[1], state)
        return ids[ids.index(inner) - 1] if inner in ids[1:] else ref
    if words == ref:
        return ref
    return next(iter(saying([(one.id, one.label) for one in reversed(state.versions)], words)), ref)


def matches(plan: Plan, expect: Expect, picture: str | None = None) -> bool:
    """Whether `plan` has the steps of `expect`; `picture` is the id that means the same as "head" at first."""
    if len(plan.steps) != len(expect.steps):
        return False
    heads = {"head", picture}
    for number, (step, expected) in enumerate(zip(plan.steps, expect.steps, strict=True), start=1):
        if not _step_matches(step, expected, heads):
            return False
        heads = _heads_after(step, number, heads)
    return True


def _heads_after(step: Step, number: int, heads: set[str | None]) -> set[str | None]:
    """The references that mean the same as "head" once `step`, the plan's `number`th, has run."""
    if step.tool in PIXEL_TOOLS:
        return {"head", f"step:{number}"}
    match step.tool:
        case "checkout":
            ref = str(step.arguments.get("ref"))
            return {"head", ref if ref.startswith("n") else "head"}
        case "undo" | "redo" | "revert" | "transplant" | "amend" | "replay":
            return {"head"}
        case _:
            return heads


def _step_matches(step: Step, expected: ExpectedStep, heads: set[str | None]) -> bool:
    if step.tool != expected.tool:
        return False
    src = step.inputs.get("src", "head")
    src_holds = src in heads if expected.src is None else _holds(src, expected.src)
    return src_holds and all(
        _argument_holds(step, name, expected.arguments) for name in ARGUMENTS[step.tool] | step.arguments.keys()
    )


def _argument_holds(step: Step, name: str, constraints: dict[str, Constraint]) -> bool:
    default = default_of(step.tool, name)
    value = step.arguments.get(name, step.inputs.get(name, default))
    if name in constraints:
        return _holds(value, constraints[name])
    return name in FREE or value == default


def _holds(value: JsonValue, constraint: Constraint) -> bool:
    match constraint:
        case AnyOf():
            return any(_holds(value, each) for each in constraint.any_of)
        case Words():
            return isinstance(value, str) and _words_hold(value, constraint)
        case Between(between=(least, most)):
            return isinstance(value, int) and least <= value <= most
        case Listed(items=items):
            return isinstance(value, list) and any(_all_hold(order, items) for order in permutations(value))
        case tuple():
            return any(_holds(value, each) for each in constraint)
        case str():
            return isinstance(value, str) and value.strip().casefold() == constraint.strip().casefold()
        case _:
            return value == constraint


def _all_hold(values: Sequence[JsonValue], constraints: Sequence[Constraint]) -> bool:
    return len(values) == len(constraints) and all(map(_holds, values, constraints))


def _words_hold(text: str, words: Words) -> bool:
    there = set(re.findall(r"\w+", text.casefold()))
    wanted = ((entry,) if isinstance(entry, str) else entry for entry in words.contains)
    return all(_any_there(entry, there) for entry in wanted) and not _any_there(words.without, there)


def _any_there(words: Iterable[str], there: set[str]) -> bool:
    return any({word, word + "s", word + "es"} & there for word in words)


@dataclass(frozen=True)
class Rate:
    """A share of successes with its 95 % interval (Wilson), in per cent."""

    successes: int
    count: int
    digits: int = 0
    """Decimals that are shown."""

    def __str__(self) -> str:
        shares = (self.successes / self.count, *wilson(self.successes, self.count))
        share, low, high = (f"{100 * value:.{self.digits}f}" for value in shares)
        return f"{share} % ({low}-{high}, n={self.count})"


def wilson(successes: int, n: int) -> tuple[float, float]:
    """The 95 % interval (low, high; 0 to 1) of a share of which `successes` of `n` were seen, after Wilson.

    Raises `ValueError` unless 0 <= successes <= n and n >= 1.
    """
    if not 0 <= successes <= n or n < 1:
        raise ValueError(f"a share needs 0 <= successes <= n and n >= 1, not {successes} of {n}")
    z = 1.959964
    share = successes / n
    middle = share + z * z / (2 * n)
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)
