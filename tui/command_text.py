"""A plan of one step as the message that runs it: what "/plan make it red" puts into the input, to be changed before it is run."""

import shlex
from collections.abc import Mapping

from pydantic import JsonValue

from pentimento.agent.types import Step, TurnResult

PLAN = "/plan "
"""What a message begins with whose plan is wanted and not run."""


def to_be_planned(message: str) -> str:
    """The words whose plan is wanted; empty for another message."""
    return message.strip().removeprefix(PLAN).strip() if message.strip().startswith(PLAN) else ""


def written_out(result: TurnResult) -> tuple[str, str]:
    """The message that does what was planned, and what to know about it; no message where the plan is not one step."""
    steps = result.plan.steps if result.plan else ()
    if len(steps) != 1:
        several = f"That is {len(steps)} steps; say them one by one, or see them with: pentimento plan"
        return "", several if steps else result.reply
    return command_text(steps[0]), "Change what you like; Enter runs it."


def command_text(step: Step) -> str:
    """ "/edit instruction="make it red" target=nut"."""
    sources = {role: ref for role, ref in step.inputs.items() if (role, ref) != ("src", "head")}
    fields: Mapping[str, JsonValue] = {**step.arguments, **sources}
    return " ".join([f"/{step.tool}", *(f"{name}={_quoted(value)}" for name, value in fields.items())])


def _quoted(value: JsonValue) -> str:
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    if shlex.quote(text) == text:
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
