"""All that is known of one picture, or how one turn went, in two columns for a person.

Of a picture nothing is hidden; a turn leaves out what is told of each of its pictures alone: arguments, hashes, where it ran.
What comes out is safe to be written on a terminal.
"""

import json
from collections.abc import Mapping

from pydantic import JsonValue

from pentimento.agent.looking import Gone, Ledger, TurnLedger
from pentimento.agent.preferences import told
from pentimento.agent.types import Call, MadeNode, Node, NodeKind, Turn
from pentimento.tui.command_text import command_text
from pentimento.tui.measures_text import meanings
from pentimento.tui.plain import origin, value_text
from pentimento.tui.plan_text import stored_plan
from pentimento.tui.two_columns import Rows, two_columns

_GONE = {
    Gone.FORGOTTEN: "forgotten: it was destroyed on request, the picture and its words",
    Gone.COLLECTED: "collected: nothing led to it any more, so its file was removed; its words are all here",
}
_NO_WORDS = "nothing that is kept: it was forgotten"
_TOLD = ("seconds", "raw", "evaluated", "generated")
"""Details of a turn that have words of their own."""
_SAID_BEFORE = ("unread", "contract", "not_rewritten")
"""Measures that a turn tells where it says what the picture model was told."""
_WORDS = {"generate": "prompt", "edit": "instruction", "inpaint": "prompt", "outpaint": "prompt", "upscale": "prompt"}
"""Tool → the argument that its model is told as it stands; others make words of their own, which no call holds."""


def ledger_text(ledger: Ledger | TurnLedger, width: int | None = None, *, undone: bool = False) -> str:
    """`width`: columns at which long lines are wrapped; None: they stay whole. `undone`: the turn was, since it ended."""
    if isinstance(ledger, TurnLedger):
        return two_columns(_of_turn(ledger, undone=undone), width)
    return two_columns(_of_picture(ledger, undone=undone), width)


def _of_picture(ledger: Ledger, *, undone: bool) -> Rows:
    node = ledger.made.node
    yield from _picture(ledger)
    if ledger.turn is not None:
        yield from _turn(ledger.turn, undone=undone)
        yield from _costs(ledger.turn)
    if node.call is not None:
        yield from _call(node.call)
        yield "encoder got", _encoded(node)
    yield from _results(ledger)


def _of_turn(ledger: TurnLedger, *, undone: bool) -> Rows:
    """From the words to the verdict: said, planned, put otherwise, read by the encoder, found on what was made; the costs last."""
    yield from _turn(ledger.turn, undone=undone)
    for made in ledger.made:
        yield from _made(made)
    yield "began", f"{ledger.turn.started.astimezone():%Y-%m-%d %H:%M:%S %z}"
    yield from _costs(ledger.turn)


def _made(made: MadeNode) -> Rows:
    """A picture or a region of a turn: how it came about, and what was found on it. The rest is told of it alone."""
    node = made.node
    note = _text(node.measures.get("note", ""))
    if node.measures.get("kept") is False:
        yield node.id, f"an attempt that was not kept: {note or node.label}"
        return
    yield node.id, f"{node.label}  ({node.kind.value}, {node.width} × {node.height})".strip()
    if node.call is None or (node.kind is NodeKind.MASK and not node.measures):
        return  # The region of a picture, which stands below it.
    yield "gone", _GONE[node.gone] if node.gone else ""
    yield "from", origin(made)
    yield "made by", f"{node.call.tool}, seed {node.call.seed}" if node.call.model else node.call.tool
    if words := _encoded(node):
        yield "rewritten", _rewriting(node.call, node.measures)
        yield "encoder got", words
    rest = {name: value for name, value in node.measures.items() if name not in _SAID_BEFORE}
    yield "verdict", "\n".join(meanings(rest))
    yield "note", note


def _picture(ledger: Ledger) -> Rows:
    node = ledger.made.node
    yield node.id, f"{node.label}  ({node.kind.value}, {node.width} × {node.height})".strip()
    yield "gone", _GONE[node.gone] if node.gone else ""
    yield "names", ", ".join(ledger.names)
    yield "from", origin(ledger.made) or ("nothing" if node.call else "a file")
    yield "led to", ", ".join(ledger.children)
    yield "prefers", told(ledger.pointers.preferences)
    yield "made", f"{node.created.astimezone():%Y-%m-%d %H:%M:%S %z}"


def _turn(turn: Turn, *, undone: bool) -> Rows:
    yield "in turn", f"{turn.number}, {turn.status.value}{', undone since' if undone else ''}"
    yield "you said", turn.said or _NO_WORDS
    yield "plan", _planned(turn)
    yield "reply", turn.reply


def _planned(turn: Turn) -> str:
    """The steps, as a person would write them out, and what the plan itself said where the reply says something else."""
    plan = stored_plan(turn.plan)
    if plan is None:
        return turn.plan or ("none" if turn.said else "")
    lines = [f"{number}. {command_text(step)}" for number, step in enumerate(plan.steps, start=1)]
    own = [f"“{plan.reply}”"] if plan.reply and plan.reply not in turn.reply else []
    return "\n".join([*lines, *own]) or "no steps: the reply is all"


def _costs(turn: Turn) -> Rows:
    seconds, details = turn.details.get("seconds"), turn.details
    if isinstance(seconds, dict):
        yield "took", ", ".join(f"{name} {value_text(value)} s" for name, value in seconds.items())
    if "evaluated" in details:
        yield "tokens", f"{details['evaluated']} read, {details.get('generated')} written by the language model"
    yield "completion", _text(details.get("raw", ""))
    yield "prompts", turn.prompt_sha
    yield from ((name, _text(value)) for name, value in details.items() if name not in _TOLD)


def _rewriting(call: Call, measures: Mapping[str, JsonValue]) -> str:
    if call.tool not in _WORDS:
        return ""
    return str(call.arguments.get("rewritten") or measures.get("not_rewritten") or "no, told as planned")


def _encoded(node: Node) -> str:
    """The words that the picture model's text encoder was given; the end that it had no room for stands apart.

    Nothing where no model drew, and where the call does not hold them.
    """
    call = node.call
    if call is None or not call.model:
        return ""
    given = call.arguments
    words = str(given.get("rewritten") or given.get(_argument(call, node.measures)) or "")
    unread, avoid = str(node.measures.get("unread", "")), given.get("avoid")
    # A tokenizer may write it in small letters.
    read = words[: -len(unread)].rstrip() if unread and words.lower().endswith(unread.lower()) else words
    apart = [f"not read: “{unread}”"] if unread else []
    return "\n".join([read, *apart, *([f"to avoid: “{avoid}”"] if avoid else [])]) if words else ""


def _argument(call: Call, measures: Mapping[str, JsonValue]) -> str:
    """The one that holds what the model was told; empty: none does."""
    if call.tool == "variations":
        # The words of the picture where it was drawn from them again, else those that still hold for what is changed.
        return "prompt" if measures.get("drawn_anew") else "words"
    return _WORDS.get(call.tool, "")


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
