"""How a written out step goes on while it is typed: the names after the slash, then the arguments of the one that stands there."""

import asyncio
import shlex
from collections.abc import Iterator

from textual.suggester import Suggester

from pentimento.agent.preferences import KEYS
from pentimento.tui.tool_help import BESIDE, FLAG, arguments_of, step_names
from pentimento.tui.written import MARK


class StepSuggester(Suggester):
    """Offers the rest of the last word; the arrow to the right takes it."""

    def __init__(self) -> None:
        super().__init__(case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        # On a thread: the first of them may have to wait for the tools' libraries.
        return await asyncio.to_thread(completed, value)


def completed(message: str) -> str | None:
    """The message with its last word whole; None where nothing is known that it could be."""
    begun, space, last = message.rpartition(" ")
    if not message.startswith(MARK) or _within_quotes(message):
        return None
    fitting = (word for word in _words(begun.split()) if word.startswith(last) and word != last)
    found = next(fitting, None)
    return None if found is None else f"{begun}{space}{found}"


def _words(begun: list[str]) -> Iterator[str]:
    """What may come next."""
    if not begun:
        yield from (f"{MARK}{name}" for name in (*step_names(), *BESIDE))
        return
    name = begun[0].removeprefix(MARK)
    if name == "help" and len(begun) == 1:
        yield from (*step_names(), *BESIDE)
    if name not in step_names():
        return
    said = {word.partition("=")[0] for word in begun[1:]}
    yield from (word for word in _arguments(name) if word.partition("=")[0] not in said)


def _arguments(name: str) -> Iterator[str]:
    if name == "set":
        yield from (f"{key}=" for key in KEYS)
        return
    yield from (argument.name if argument.values == FLAG else f"{argument.name}=" for argument in arguments_of(name))
    if name == "show":
        yield "turn="


def _within_quotes(message: str) -> bool:
    try:
        shlex.split(message)
    except ValueError:
        return True
    return False
