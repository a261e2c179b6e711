"""All that is known of one picture, in two columns for a person: nothing is hidden.

What comes out is safe to be written on a terminal.
"""

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from pydantic import JsonValue

from pentimento.agent.looking import Gone, Ledger
from pentimento.agent.preferences import told
from pentimento.agent.types import Call, Turn
from pentimento.tui.measures_text import meanings
from pentimento.tui.plain import origin, plan_lines, value_text
from pentimento.tui.plan_text import stored_plan
from pentimento.tui.sanitize import one_line, sanitize_for_terminal

COLUMN = 14
NARROWEST = 24
"""Columns for what stands at the right, however narrow the terminal is."""
_GONE = {
    Gone.FORGOTTEN: "forgotten: it was destroyed on request, the picture and its words",
    Gone.COLLECTED: "collected: nothing led to it any more, so its file was removed; its words are all here",
}
_WHOLE = 1_000_000
_TOLD = ("seconds", "raw", "evaluated", "generated")
"""Details of a turn that have words of their own."""
Rows: TypeAlias = Iterator[tuple[str, str]]
"""What is told, and under which name; empty texts are left out."""


def ledger_text(ledger: Ledger, width: int | None = None) -> str:
    """`width`: columns at which long lines are wrapped; None: they stay whole."""
    call = ledger.made.node.call
    rows = [*_picture(ledger), *(_turn(ledger.turn) if ledger.turn else ()), *(_call(call) if call else ())]
    return "\n".join(line for name, text in [*rows, *_results(ledger)] if text for line in _lines(name, text, width))


def _picture(ledger: Ledger) -> Rows:
    node = ledger.made.node
    yield node.id, f"{node.label}  ({node.kind.value}, {node.width} × {node.height})".strip()
    yield "gone", _GONE[node.gone] if node.gone else ""
    yield "names", ", ".join(ledger.names)
    yield "from", origin(ledger.made) or ("nothing" if node.call else "a file")
    yield "led to", ", ".join(ledger.children)
    yield "prefers", told(ledger.pointers.preferences)
    yield "made", f"{node.created.astimezone():%Y-%m-%d %H:%M:%S %z}"


def _turn(turn: Turn) -> Rows:
    yield "in turn", f"{turn.number}, {turn.status.value}"
    yield "you said", turn.said
    yield "plan", "\n".join(plan_lines(stored_plan(turn.plan))) or turn.plan
    yield "reply", turn.reply
    seconds, details = turn.details.get("seconds"), turn.details
    if isinstance(seconds, dict):
        yield "took", ", ".join(f"{name} {value_text(value)} s" for name, value in seconds.items())
    if "evaluated" in details:
        yield "tokens", f"{details['evaluated']} read, {details.get('generated')} written by the language model"
    yield "completion", _text(details.get("raw", ""))
    yield "prompts", turn.prompt_sha
    yield from ((name, _text(value)) for name, value in details.items() if name not in _TOLD)


def _call(call: Call) -> Rows:
    yield "made by", f"{call.tool}, version {call.version}"
    yield "arguments", _table(call.arguments)
    yield "seed", str(call.seed)
    yield "model", call.model or "none: the tool is exact"
    yield "ran on", _table(call.environment) or "not recorded"


def _results(ledger: Ledger) -> Rows:
    node = ledger.made.node
    yield "measured", "\n".join(meanings(node.measures))
    yield "note", _text(node.measures.get("note", ""))
    yield "recipe", node.recipe
    yield "pixels", node.pixels
    yield "file", node.blob
    yield "", "" if node.gone else str(ledger.made.path)


def _table(values: Mapping[str, JsonValue]) -> str:
    column = max(map(len, values), default=0)
    return "\n".join(f"{name:<{column}}  {_text(value)}" for name, value in values.items())


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _lines(name: str, text: str, width: int | None) -> Iterator[str]:
    name = one_line(name, COLUMN - 1)
    for line in _wrapped(sanitize_for_terminal(text).split("\n"), width):
        yield f"{name:<{COLUMN}}{line}".rstrip()
        name = ""


def _wrapped(lines: Iterable[str], width: int | None) -> Iterator[str]:
    """Lines of words are wrapped; a hash or a path stays whole, to be copied."""
    room = _WHOLE if width is None else max(width - COLUMN, NARROWEST)
    for line in lines:
        fits = len(line) <= room or " " not in line
        yield from ([line] if fits else textwrap.wrap(line, room, break_on_hyphens=False))
