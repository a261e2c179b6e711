"""Plans in and out of text: the plan language of scripts and of the store, and the one line that a person reads."""

import json
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from pentimento.agent.types import Plan, Step

_ROLES = ("src", "layer", "other", "mask", "ref1", "ref2")


class StepModel(BaseModel):
    """One step as it is written: flat, with its arguments beside `tool`, or as `--json` prints it."""

    model_config = ConfigDict(extra="allow")
    tool: str = Field(min_length=1)

    def step(self) -> Step:
        fields = dict(self.model_extra or {})
        if fields.keys() <= {"arguments", "inputs"}:
            return Step(self.tool, _mapping(fields.get("arguments")), _texts(fields.get("inputs")))
        inputs = {role: fields.pop(role) for role in _ROLES if role in fields}
        return Step(self.tool, fields, _texts(inputs))


class PlanModel(BaseModel):
    """A plan as it is written in a script or stored with its turn."""

    model_config = ConfigDict(extra="forbid")
    steps: list[StepModel] = Field(max_length=6)
    reply: str = ""

    def plan(self) -> Plan:
        return Plan(tuple(step.step() for step in self.steps), self.reply)


def stored_plan(text: str) -> Plan | None:
    """The plan that was stored as JSON `text`; None where a turn has none that can be read."""
    try:
        return PlanModel.model_validate_json(text).plan()
    except ValidationError:
        return None


def step_line(step: Step) -> str:
    """One step in a few words: "edit: make the squirrel red · squirrel"."""
    parts = [_word(value) for value in step.arguments.values()]
    parts += [f"of {ref}" for ref in step.inputs.values() if ref != "head"]
    return f"{step.tool}: {' · '.join(parts)}" if parts else step.tool


def _word(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _mapping(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _texts(value: JsonValue) -> Mapping[str, str]:
    return {role: str(ref) for role, ref in _mapping(value).items()}
