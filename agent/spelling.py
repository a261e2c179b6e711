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
    own = {
        name: found[0]
        for name, value in step.arguments.items()
        if _literal(fields[name].json_schema_extra) and (found := re.search(re.escape(str(value)), said, re.IGNORECASE))
    }
    return replace(step, arguments={**step.arguments, **own})


def _literal(extra: object) -> bool:
    return isinstance(extra, dict) and bool(extra.get("literal"))
