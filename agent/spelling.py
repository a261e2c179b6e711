"""What a plan copies letter for letter gets the message's own spelling: the built-in language model reads lower case alone."""

import re
from dataclasses import replace

from pentimento.agent.plan_language import arguments_models
from pentimento.agent.types import Plan, Step


def as_said(plan: Plan, said: str) -> Plan:
    """The plan whose literal arguments, such as a caption, are written as in the message, where it has them."""
    words = " ".join(said.split())
    return replace(plan, steps=tuple(_spelled(step, words) for step in plan.steps))


def _spelled(step: Step, said: str) -> Step:
    fields = arguments_models()[step.tool].model_fields
    literal = {name: str(value) for name, value in step.arguments.items() if _literal(fields[name].json_schema_extra)}
    return replace(step, arguments={**step.arguments, **{name: _own(text, said) for name, text in literal.items()}})


def _own(text: str, said: str) -> str:
    """The text as the message has it, as whole words, the last time; as it is where it has capitals, or stands there so."""
    found = re.findall(rf"(?<!\w){re.escape(text)}(?!\w)", said, re.IGNORECASE)
    return text if text != text.lower() or text in found or not found else str(found[-1])


def _literal(extra: object) -> bool:
    return isinstance(extra, dict) and bool(extra.get("literal"))
