"""A step that a person writes out: "/adjust brightness=20 target=squirrel" on the screen, `pentimento do adjust …` in the shell."""

import shlex
from collections.abc import Sequence
from dataclasses import replace

from pydantic import JsonValue

from pentimento.agent.types import Plan, Request, Step
from pentimento.tui.message import checked_message
from pentimento.tui.problems import MessageError

MARK = "/"
"""What a message begins with that is a step and no words for the language model."""
_PUT = ("instruction", "prompt", "scope")
"""The arguments that decide how the picture model is told."""


def request_of(message: str) -> Request:
    """What a message asks for. Raises MessageError for one that can't be read, `AgentError` for a step that can't be run."""
    said = checked_message(message)
    plan = written_plan(words_of(said)) if said.startswith(MARK) else None
    return Request(said, plan, by_hand=True)


def words_of(message: str) -> list[str]:
    """The words after the slash; none of another message. Raises MessageError where a quotation mark is not closed."""
    said = message.strip()
    try:
        return shlex.split(said.removeprefix(MARK)) if said.startswith(MARK) else []
    except ValueError as error:
        raise MessageError('A quotation mark is not closed: write text="Summer 2026".') from error


def as_changed(request: Request, message: str, offered: str) -> Request:
    """A message that was offered to be changed: other words are put anew for the picture model, unless that was changed too."""
    from pentimento.agent.rewriting import ARGUMENT, to_be_put

    if request.plan is None or not offered:
        return request
    now, before = _said_fields(message), _said_fields(offered)
    changed = any(now.get(name) != before.get(name) for name in _PUT)
    if not changed or now.get(ARGUMENT) != before.get(ARGUMENT):
        return request
    return replace(request, plan=replace(request.plan, steps=tuple(map(to_be_put, request.plan.steps))))


def _said_fields(message: str) -> dict[str, str]:
    parted = (word.partition("=") for word in shlex.split(message))
    return {name: text for name, _, text in parted}


def written_plan(words: Sequence[str]) -> Plan:
    """The plan of one step that a tool's name and `name=value` make; `name` alone is `name=true`.

    Raises MessageError when no tool is named, `AgentError` when the step can't be run.
    """
    # Here, not above: the tools' libraries would be loaded before the screen is drawn.
    from pentimento.agent.plan_language import checked_plan

    if not words:
        raise MessageError("Name a tool after the slash, for example /adjust brightness=20.")
    if words[0] == "set" and not any(word.startswith("key=") for word in words):
        return checked_plan(Plan(_preferences(words[1:]), ""))
    fields = dict(_argument(words[0], word) for word in words[1:])
    return checked_plan(Plan((Step(words[0], fields, {}),), ""))


def _preferences(words: Sequence[str]) -> tuple[Step, ...]:
    """ "ratio=wide n=2" is short for two steps, "set key=ratio value=wide" and one like it."""
    parted = [word.partition("=") for word in words]
    if not parted or not all(equals for _, equals, _ in parted):
        raise MessageError(
            "Say what you want from now on: ratio=wide n=2 avoid=people style=sketch, or ratio= for the default."
        )
    return tuple(Step("set", {"key": key, "value": value}, {}) for key, _, value in parted)


def _argument(tool: str, word: str) -> tuple[str, JsonValue]:
    """Its name and its value. Raises MessageError for one that has none of them."""
    from pentimento.agent.plan_language import arguments_models

    name, equals, text = word.partition("=")
    if not name:
        raise MessageError("Write each argument as name=VALUE, for example brightness=20.")
    fields = arguments_models()[tool].model_fields if tool in arguments_models() else {}
    kind = fields[name].annotation if name in fields else None
    if not equals and name in fields and kind is not bool:
        raise MessageError(f"Say what {name} should be: {name}=VALUE.")
    if not equals:
        return name, True
    # Numbers are read by the argument's model.
    return name, [*text.split(",")] if name == "refs" or "list" in str(kind) else text
