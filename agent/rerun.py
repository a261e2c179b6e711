"""A session as a script: every picture made again from its call and its seed, in the order in which it was made.

It names pictures by the ids that they will have when it runs, so it must run in a new session.
"""

import json
from collections.abc import Mapping, Sequence

import yaml
from pydantic import JsonValue

from pentimento.agent.discreet import without_paths
from pentimento.agent.plan_language import checked_plan, without_defaults
from pentimento.agent.steps import step_of
from pentimento.agent.types import AgentError, Node, NodeKind, Plan, Role, Step
from pentimento.memory.types import NOT_KEPT
from pentimento.tools import TOOLS
from pentimento.tools.attempts import ONCE

MESSAGE = 4000
"""Characters that a script may have a person say."""
LONGEST = 500_000
"""Characters of the turns as JSON; as YAML they are about half as many again, and a script has a million at most."""
HOW = """\
# Every picture of a session made again, step by step, in a new session: pentimento run session.yaml
"""
FIRST_OPEN = """\
# It began with pictures from files. Open these first, in this order: pentimento open FILE --session again
"""
AGAIN = "again"
"""The session in which a script runs that needs pictures from files."""


class _Quoting(yaml.SafeDumper):
    """Writes a text that could be read as a number or a truth in quotes."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    plain = text.isidentifier() and text not in ("NaN", "Infinity")
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Quoting.add_representer(str, _text)


def script_of(nodes: Sequence[Node], said: Mapping[int, str]) -> str:
    """The script as YAML, empty where nothing can be made again or too much; `said` has the words of each turn.

    What can't be made again by this version is left out, and so is what was made from it; so are attempts that were not kept.
    """
    opened = [node for node in nodes if node.call is None and node.kind is NodeKind.IMAGE and node.gone is None]
    # A file that is opened twice is one picture.
    files = {blob: f"n{number}" for number, blob in enumerate(dict.fromkeys(node.blob for node in opened), start=1)}
    ids = {node.id: files[node.blob] for node in opened}
    led_to = {edge.parent for node in nodes for edge in node.parents}
    along, last, head, turns = _along(nodes), len(files), f"n{len(files)}", list[JsonValue]()
    masks = {mask for made in along.values() for mask in made}
    for node in nodes:
        in_vain = node.id not in led_to and NOT_KEPT.items() <= node.measures.items()
        step = None if node.id in masks or in_vain else _step(node, ids)
        if step is None:
            continue
        # A run stores the masks before the picture that was made with them.
        for one in (*along.get(node.id, ()), node.id):
            last += 1
            ids[one] = f"n{last}"
        # A region is nothing to go on from.
        head = ids[node.id] if node.kind is NodeKind.IMAGE else head
        turns.append(_turn(node, step, said.get(node.turn, ""), head))
    return _yaml(list(files), turns) if turns and len(json.dumps(turns)) <= LONGEST else ""


def _step(node: Node, ids: Mapping[str, str]) -> Step | None:
    """The step that makes a picture, or a region, again."""
    if node.call is None:
        return None
    try:
        step = step_of(node)
        if not set(step.inputs.values()) <= ids.keys():
            return None
        # How many attempts another machine would need is not known, and so not how many pictures it would have.
        once = {name: value for name, value in ONCE.items() if name in step.arguments}
        inputs = {role: ids[source] for role, source in step.inputs.items()}
        again = Step(step.tool, {**step.arguments, **once}, inputs)
        (whole,) = checked_plan(Plan((again,), "")).steps
        # Where a model draws, what is left out is decided by the profile, which may be another one then.
        return again if TOOLS[step.tool].models_of(step.arguments) else without_defaults(whole)
    except AgentError:
        return None


def _along(nodes: Sequence[Node]) -> Mapping[str, Sequence[str]]:
    """By picture, the masks that were made along with it; others were found by steps of their own."""
    by_id = {node.id: node for node in nodes}
    found: dict[str, list[str]] = {}
    for node in nodes:
        masks = (by_id[edge.parent] for edge in node.parents if edge.role is Role.MASK)
        made = [one.id for one in masks if one.turn == node.turn and one.recipe in ("", node.recipe)]
        found |= {node.id: made} if made else {}
    return found


def _turn(node: Node, step: Step, said: str, head: str) -> JsonValue:
    words: dict[str, JsonValue] = {"say": said} if 0 < len(said.strip()) <= MESSAGE else {}
    do: JsonValue = {"steps": [{"tool": step.tool, **step.arguments, **step.inputs}]}
    drawn_with = node.measures.get("seed", node.call.seed if node.call else 0)
    return {**words, "do": do, "seed": drawn_with, "expect": {"head": head}}


def _yaml(files: Sequence[str], turns: list[JsonValue]) -> str:
    named = [f"#   blobs/{blob}.png\n" for blob in files]
    head = "".join([HOW, FIRST_OPEN, *named] if files else [HOW])
    script = {
        **({"session": AGAIN} if files else {}),
        "fallback": False,
        "rewrite": False,
        "turns": without_paths(turns),
    }
    return head + yaml.dump(script, Dumper=_Quoting, allow_unicode=True, sort_keys=False, width=120)
