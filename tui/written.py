"""A step that a person writes out: "/adjust brightness=20 target=squirrel" on the screen, `pentimento do adjust …` in the shell."""

import shlex
from collections.abc import Sequence

from pydantic import JsonValue

from pentimento.agent.types import Plan, Request, Step
from pentimento.tui.message import checked_message
from pentimento.tui.problems import MessageError

MARK = "/"
"""What a message begins with that is a step and no words for the language model."""


def request_of(message: str) -> Request:
    """What a message asks for. Raises MessageError for one that can't be read, `AgentError` for a step that can't be run."""
    said = checked_message(message)
    if not said.startswith(MARK):
        return Request(said)
    try:
        words = shlex.split(said.removeprefix(MARK))
    except ValueError as error:
        raise MessageError('A quotation mark is not closed: write text="Summer 2026".') from error
    return Request(said, written_plan(words))


def written_plan(words: Sequence[str]) -> Plan:
    """The plan of one step that a tool's name and `name=value` make; `name` alone is `name=true`.

    Raises MessageError when no tool is named, `AgentError` when the step can't be run.
    """
    # Here, not above: the tools' libraries would be loaded before the screen is drawn.
    from pentimento.agent.plan_language import checked_plan

    if not words:
        raise MessageError("Name a tool after the slash, for example /adjust brightness=20.")
    given = (word.partition("=") for word in words[1:])
    fields = {name: _value(words[0], name, value) if equals else True for name, equals, value in given}
    return checked_plan(Plan((Step(words[0], fields, {}),), ""))


def _value(tool: str, name: str, text: str) -> JsonValue:
    """A list or a text, maybe an empty one; numbers are read by the argument's model."""
    from pentimento.agent.plan_language import arguments_models

    if name == "refs":
        return [*text.split(",")]
    fields = arguments_models()[tool].model_fields if tool in arguments_models() else {}
    if name in fields and "list" in str(fields[name].annotation):
        return [*text.split(",")]
    return text
