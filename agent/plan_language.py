"""The plan language: one JSON object of steps and a reply, its grammar, and the checks that a grammar cannot make.

Everything comes from the tools' and the moves' argument models; no tool is named here but for the rules that tie its
arguments together. Whether a reference exists is checked where the plan is run.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from pydantic import BaseModel, JsonValue, ValidationError

from pentimento.agent import data_text
from pentimento.agent.grammar import form_of
from pentimento.agent.moves import ALONE, MOVES, PLANNED_REFERENCE, REFERRING, is_taught
from pentimento.agent.preferences import FILLS, problem
from pentimento.agent.types import AgentError, Form, Plan, Step
from pentimento.agent.ways import NEEDED, OF_OP, ways
from pentimento.agent.written import object_in, once
from pentimento.tools import TOOLS
from pentimento.tools.types import REFERENCES

MAX_STEPS = 6
MAX_REPLY = 300
HEAD = "head"
ROLES = {
    "src": "the picture it works on",
    "layer": "the picture that is laid on it",
    "other": "the second picture",
    "mask": "the region, which a segment step found",
    "refs": "other pictures that the instruction speaks of",
    "ref1": "another picture that the instruction speaks of",
    "ref2": "one more",
}
"""What the pictures of a step are, by role."""

JsonObject = Mapping[str, JsonValue]


class PlanError(AgentError):
    """A plan can't be used; the message is one sentence that says what is wrong with it."""


class NoPlan(PlanError):
    """What should be a plan is no JSON object at all."""


class NoSuchPicture(PlanError):
    """A plan names a picture that the session doesn't have."""


def plan_text(plan: Plan) -> str:
    """The plan as the language model writes it: compact JSON, keys in a fixed order."""
    steps = [{"tool": step.tool, **step.arguments, **_written(step.inputs)} for step in plan.steps]
    return json.dumps({"steps": steps, "reply": plan.reply}, ensure_ascii=False, separators=(",", ":"))


def _written(inputs: Mapping[str, str]) -> Mapping[str, str]:
    return {role: reference for role, reference in inputs.items() if (role, reference) != ("src", HEAD)}


def arguments_models() -> dict[str, type[BaseModel]]:
    """The arguments model of every tool and move, in the order in which a language model is told of them."""
    return {name: tool.args_model for name, tool in TOOLS.items()} | MOVES


@cache
def plan_form(*, told: bool = True) -> Form:
    """The form of plans; for a language model that is not told of the tools those alone that it was taught."""
    return form_of(plan_schema(told=told))


def plan_schema(*, told: bool = True) -> dict[str, JsonValue]:
    """JSON schema of a plan, every string and list bounded; a question, or that it is declined, is always alone."""
    names = [name for name in arguments_models() if told or (TOOLS[name].taught if name in TOOLS else is_taught(name))]
    schemas = {name: ways(name, step_schema(name, told=told)) for name in names}
    alone: list[JsonValue] = [schema for name in ALONE for schema in schemas.get(name, ())]
    others: list[JsonValue] = [schema for name, every in schemas.items() if name not in ALONE for schema in every]
    several: JsonValue = {"type": "array", "items": {"anyOf": others}, "maxItems": MAX_STEPS}
    talk: JsonValue = {"type": "array", "items": {"anyOf": alone}, "minItems": 1, "maxItems": 1}
    reply: JsonValue = {"type": "string", "maxLength": MAX_REPLY}
    return _object({"steps": {"anyOf": [several, talk]}, "reply": reply}, ["steps", "reply"])


@cache
def step_schema(tool: str, *, told: bool = True) -> dict[str, JsonValue]:
    """JSON schema of one step: "tool" first, then the arguments that are planned, then where its pictures come from."""
    schema = arguments_models()[tool].model_json_schema()
    definitions = schema.get("$defs", {})
    fields = {name: _resolved(field, definitions) for name, field in schema.get("properties", {}).items()}
    planned: dict[str, JsonValue] = {
        name: field
        for name, field in fields.items()
        if field.get("planned", True) and (told or field.get("taught", True))
    }
    required = [name for name in schema.get("required", []) if name in planned]
    needed, optional = _roles(tool)
    sources: dict[str, JsonValue] = {
        role: {"type": "string", "pattern": PLANNED_REFERENCE, "description": ROLES[role]}
        for role in (*needed, *optional)
        if role not in REFERENCES and (told or role not in TOOLS[tool].untaught)
    }
    if told and set(REFERENCES) <= set(optional):
        one: JsonValue = {"type": "string", "pattern": PLANNED_REFERENCE}
        most = len(REFERENCES)
        sources["refs"] = {"type": "array", "items": one, "maxItems": most, "description": ROLES["refs"]}
    named = [role for role in needed if role != "src"]
    return _object({"tool": {"const": tool}, **planned, **sources}, ["tool", *required, *named])


def _roles(tool: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The pictures that a step needs, by role, and those that it may have beside them; `src` is the head where it is left out."""
    return (TOOLS[tool].roles, TOOLS[tool].optional) if tool in TOOLS else ((), ())


def _resolved(field: dict[str, JsonValue], definitions: Mapping[str, dict[str, JsonValue]]) -> dict[str, JsonValue]:
    """The field with what its `$ref` points to written in."""
    ref = field.get("$ref")
    rest = {key: value for key, value in field.items() if key != "$ref"}
    return definitions[ref.rpartition("/")[2]] | rest if isinstance(ref, str) else rest


def _object(properties: dict[str, JsonValue], required: list[str]) -> dict[str, JsonValue]:
    names: list[JsonValue] = [*required]
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}


def parse_plan(text: str) -> Plan:
    """The plan that a JSON text holds. Raises `PlanError`."""
    try:
        content = object_in(text)
    except json.JSONDecodeError as error:
        raise NoPlan("The plan is not one whole JSON object.") from error
    except ValueError as error:
        raise PlanError("The plan has half a character or far too long a number; write neither.") from error
    if not content.keys() <= {"steps", "reply"}:
        raise PlanError('The plan must be a JSON object with the keys "steps" and "reply" alone.')
    steps, reply = content.get("steps"), content.get("reply", "")
    if not isinstance(steps, list) or len(steps) > MAX_STEPS or not isinstance(reply, str) or len(reply) > MAX_REPLY:
        raise PlanError(
            f'"steps" must be a list of at most {MAX_STEPS} and "reply" a text of at most {MAX_REPLY} characters.'
        )
    if not steps and not data_text.plain(reply).strip():
        raise PlanError("The plan has no step and says nothing; write the steps, or a reply.")
    return _whole(tuple(_step(step, number) for number, step in enumerate(steps, start=1)), reply)


def checked_plan(plan: Plan) -> Plan:
    """A person's own plan, held to the same rules; it may also name arguments that are not planned, such as `steps`.

    Raises `PlanError`.
    """
    for number, step in enumerate(plan.steps, start=1):
        if "tool" in {**step.arguments, **step.inputs}:
            raise PlanError(f"Step {number}, {step.tool}, has no argument tool.")
    written = ({"tool": step.tool, **step.arguments, **step.inputs} for step in plan.steps)
    return _whole(tuple(_step(step, number, own=True) for number, step in enumerate(written, start=1)), plan.reply)


def without_defaults(step: Step) -> Step:
    """A step with those of its arguments that are others than its tool's own."""
    kept = arguments_models()[step.tool].model_validate(step.arguments).model_dump(mode="json", exclude_defaults=True)
    return Step(step.tool, kept, step.inputs)


def _whole(steps: tuple[Step, ...], reply: str) -> Plan:
    if len(steps) > 1 and any(step.tool in ALONE for step in steps):
        raise PlanError(f"{' and '.join(ALONE)} must each be the only step of a plan.")
    return Plan(steps, reply)


def _step(content: object, number: int, *, own: bool = False) -> Step:
    if not isinstance(content, dict) or not isinstance(tool := content.get("tool"), str):
        raise PlanError(f'Step {number} must be an object with the key "tool".')
    if tool not in arguments_models():
        raise PlanError(f"Step {number} names no tool; there are {', '.join(arguments_models())}.")
    fields = {name: value for name, value in content.items() if name != "tool"}
    inputs = _inputs(tool, fields, number)
    if tool in TOOLS and "mask" in inputs:
        fields |= TOOLS[tool].marked
    arguments = _arguments(tool, fields, number, own=own)
    _check_references([*inputs.values(), *_referring(arguments)], number)
    return Step(tool, arguments, inputs)


def references_of(plan: Plan) -> Iterator[str]:
    """How its steps name pictures."""
    for step in plan.steps:
        yield from (str(one) for one in (*step.inputs.values(), *_referring(step.arguments)) if one is not None)


def _referring(arguments: JsonObject) -> Iterator[JsonValue]:
    for name in REFERRING:
        value = arguments.get(name)
        yield from value if isinstance(value, list) else [value]


def _inputs(tool: str, fields: dict[str, JsonValue], number: int) -> dict[str, str]:
    """Takes the references out of a step's fields, by role."""
    needed, optional = _roles(tool)
    if "src" in fields and "src" not in needed:
        raise PlanError(f"Step {number}, {tool}, works on no picture; leave src out.")
    inputs = {"src": HEAD} if "src" in needed else {}
    if "refs" in fields and set(REFERENCES) <= set(optional):
        _spread(fields, number)
    for role in (*needed, *optional):
        reference = fields.pop(role, inputs.get(role))
        if reference is None and role in optional:
            continue
        if reference is None:
            raise PlanError(f"Step {number}, {tool}, needs “{role}”, {ROLES[role]}; write head~1, n3 or step:1.")
        if not isinstance(reference, str) or not _is_reference(reference):
            raise PlanError(f"Step {number}, {tool}: {role} is no reference; write head, head~2, n3 or step:1.")
        inputs[role] = reference
    return inputs


def _spread(fields: dict[str, JsonValue], number: int) -> None:
    """`refs`, a list of pictures, is short for one role each."""
    refs = fields.pop("refs")
    if not isinstance(refs, list) or len(refs) > len(REFERENCES):
        raise PlanError(f"Step {number} has refs that are no list of at most {len(REFERENCES)} pictures.")
    fields |= dict(zip(REFERENCES, refs, strict=False))


def _is_reference(text: str) -> bool:
    schema = MOVES["checkout"]
    try:
        schema.model_validate({"ref": text})
    except ValidationError:
        return False
    return True


def _arguments(tool: str, fields: JsonObject, number: int, *, own: bool) -> dict[str, JsonValue]:
    """The step's arguments as its model has them, defaults left out.

    A person's `own` may be any that the model has, and stay also where they say what is the default: a profile may have
    another one.
    """
    known = frozenset(arguments_models()[tool].model_fields) if own else _planned(tool)
    unplanned = fields.keys() - known
    if unplanned:
        raise PlanError(f"Step {number}, {tool}, has no argument {', '.join(sorted(unplanned))}.")
    try:
        arguments = arguments_models()[tool].model_validate(fields, strict=False)
    except ValidationError as error:
        raise PlanError(f"Step {number}, {tool}, can't be used: {_problem(error)}.") from error
    whole: dict[str, JsonValue] = arguments.model_dump(mode="json")
    kept: dict[str, JsonValue] = arguments.model_dump(mode="json", exclude_defaults=True)
    _check_together(tool, whole, kept, number)
    # Where something else may be preferred, the default was said on purpose.
    said = fields.keys() & {*(fields if own else FILLS.get(tool, ())), *kept}
    if isinstance(answers := whole.get("options"), list):
        whole["options"] = once(answers)
    return {name: value for name, value in whole.items() if name in said}


def _problem(error: ValidationError) -> str:
    """The first thing that is wrong with arguments, for a person."""
    first = error.errors()[0]
    name, given = str(first["loc"][0]), str(first["input"])[:40]
    if first["type"] == "string_pattern_mismatch" and name in REFERRING:
        return f"“{given}” is no reference; write head, head~2, n3, branch:NAME, tag:NAME or before(n3)"
    if first["type"] == "string_pattern_mismatch" and name == "name":
        signs = "/ " if "/" in str(first.get("ctx")) else ""
        return f"“{given}” can't be a name; use letters, digits and . _ ~ + {signs}- without spaces"
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


@cache
def _planned(tool: str) -> frozenset[str]:
    properties = step_schema(tool)["properties"]
    return frozenset(properties if isinstance(properties, dict) else ())


def _check_together(tool: str, whole: JsonObject, kept: JsonObject, number: int) -> None:
    """The rules between the arguments of one step."""
    if tool == "amend" and bool(whole["words"]) == bool(whole["old"] and whole["new"]):
        raise PlanError(f"Step {number}, amend, needs the words as they should have been, or old and new, not both.")
    if tool == "edit" and whole["scope"] not in ("picture", "marked") and not whole["target"]:
        raise PlanError(f"Step {number} must say which thing changes, or have a mask or the scope picture.")
    if tool == "set" and (wrong := problem(str(whole["key"]), str(whole["value"]))):
        raise PlanError(f"Step {number}, set: {wrong}.")
    if tool != "transform":
        return
    op = str(whole["op"])
    if strange := kept.keys() - OF_OP[op] - {"op"}:
        raise PlanError(f"Step {number}: {op} takes no {', '.join(sorted(strange))}.")
    if op in NEEDED and not kept.keys() & NEEDED[op]:
        raise PlanError(f"Step {number}: {op} needs {' or '.join(sorted(NEEDED[op]))}.")


def _check_references(references: Iterable[JsonValue], number: int) -> None:
    for reference in references:
        name, _, index = str(reference).partition(":")
        if name == "step" and int(index) >= number:
            raise PlanError(f"Step {number} may only use the outcome of an earlier step, not {reference}.")
