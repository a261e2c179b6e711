"""References: how a picture is named in speech, plans and scripts. One parser for all of them."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, takewhile

from pentimento.agent.meaning import meant
from pentimento.agent.plan_language import NoSuchPicture, references_of
from pentimento.agent.types import AgentError, Node, Plan
from pentimento.agent.wording import telling
from pentimento.memory.naming import called
from pentimento.memory.store import Store
from pentimento.memory.types import Pointers, Session, StoreError

NAMED = 3
"""Pictures that are named where a word names none."""
CANDIDATES = 200
"""Newest pictures among which a mistyped reference is looked for."""
_ANCESTOR = re.compile(r"^head~(\d{1,4})$")
_STEP = re.compile(r"^step:(\d{1,2})$", re.IGNORECASE)
_NODE = re.compile(r"^n(\d{1,9})$")
_BEFORE = re.compile(r"^before\((.{1,80})\)$", re.IGNORECASE)
_WORD = re.compile(r"^word:(.{1,40})$", re.IGNORECASE)
_GRID_MOST = 9
"""Pictures of one step that a reference can name."""
_GRID = re.compile(r"^grid:(\d{1,2})$", re.IGNORECASE)
_NAMED = re.compile(r"^(branch|tag):(.{1,60})$", re.IGNORECASE)


def resolve(
    store: Store, session: Session, ref: str, made: Mapping[int, str] | None = None, past: Pointers | None = None
) -> Node:
    """The picture that a reference names: "head", "head~2", "n17", "branch:winter", "tag:best", "before(n17)", "grid:2",
    "word:red" or "step:1" of the running plan.

    `made` holds the picture that each step of the plan has made so far, `past` the heads and tags of another time than now.
    Raises `AgentError`, naming the nearest candidates.
    """
    ref = ref.strip()
    if step := _STEP.match(ref):
        node_id = (made or {}).get(int(step[1]))
        if node_id is None:
            raise AgentError(f"Step {step[1]} has made no picture that could be used.")
        return store.node(session.id, node_id)
    if word := _WORD.match(ref):
        return _said(store, session, word[1])
    if grid := _GRID.match(ref):
        return _of_grid(store, session, int(grid[1]))
    if before := _BEFORE.match(ref):
        return _source_of(store, session, resolve(store, session, before[1], made, past))
    if named := _NAMED.match(ref):
        return _named(store, session, named[1].lower(), named[2], past or store.pointers(session.id))
    ref = ref.lower()
    if _NODE.match(ref):
        return _numbered(store, session, ref)
    if ref == "head" or _ANCESTOR.match(ref):
        return _from_head(store, session, ref, past.head if past else session.head)
    raise AgentError(f'"{ref[:40]}" names no picture; {_candidates(store, session, ref[:40])}.')


def check_ids(store: Store, session: Session, plan: Plan) -> None:
    """Whether every picture is there that a plan names by its id, which no step of it can change. Raises `NoSuchPicture`."""
    for reference in references_of(plan):
        before = _BEFORE.match(reference)
        if _NODE.match(name := before[1] if before else reference):
            try:
                _numbered(store, session, name)
            except AgentError as error:
                raise NoSuchPicture(str(error)) from error


def _of_grid(store: Store, session: Session, number: int) -> Node:
    """One of the pictures that the newest step with several of them made, counted from 1; one that is no more counts too."""
    grid = next(_grids(store, session), [])
    if not 1 <= number <= len(grid):
        there = f"{len(grid)} pictures, {grid[0].id} to {grid[-1].id}" if grid else "no such pictures yet"
        raise AgentError(f"grid:{number} names one of several pictures of one step; there are {there}.")
    return grid[number - 1]


def newest_grid(store: Store, session: Session) -> list[Node]:
    """The pictures of the newest step, in their order, where it made several; else none."""
    newest = _kept(store.images(session.id, 2 * _GRID_MOST))[:_GRID_MOST]
    alike = takewhile(lambda node: node.turn == newest[0].turn > 0 and _of_one_step([newest[0], node]), newest)
    made = list(alike)[::-1]
    return made if len(made) > 1 else []


def _grids(store: Store, session: Session) -> Iterator[list[Node]]:
    """The pictures of each step that made several, the newest step first."""
    for turn, of_turn in groupby(called(store.database, session.id), key=lambda one: one.turn):
        ids = [one.id for one in of_turn][::-1]
        steps: list[list[Node]] = []
        for node in _kept(store.nodes(session.id, ids)) if turn and len(ids) > 1 else ():
            if steps and _of_one_step([*steps[-1], node]):
                steps[-1].append(node)
            else:
                steps.append([node])
        yield from (step for step in reversed(steps) if len(step) > 1 and any(node.gone is None for node in step))


def _kept(nodes: Sequence[Node]) -> list[Node]:
    """Without attempts that were not: one that was looked at since is a version, and yet renumbers no grid."""
    return [node for node in nodes if node.measures.get("kept") is not False]


def _of_one_step(nodes: Sequence[Node]) -> bool:
    """Made alike from the same; what was forgotten has no label."""
    tools = {node.call.tool if node.call else "" for node in nodes}
    labels = {node.label for node in nodes if node.label}
    return len(tools) == len({node.parents for node in nodes}) == 1 and len(labels) <= 1


def _said(store: Store, session: Session, words: str) -> Node:
    """The newest picture whose label has these words, or that was made by a message that has them."""
    found = meant(store, session.id, words)
    if found:
        return store.node(session.id, found)
    if not telling(words):
        raise AgentError(f"“{words}” tells no picture from another; say a word of what it shows.")
    newest = store.images(session.id, NAMED)
    labels = [f"{node.id}, {' '.join(node.label.split())[:40]}" for node in newest]
    there = f"the newest are {'; '.join(labels)}" if labels else "there is no picture yet"
    raise AgentError(f"No picture of this session says “{words}”; {there}.")


def _source_of(store: Store, session: Session, node: Node) -> Node:
    """What was there before a picture: what it was made from, or, where it began anew, the one that was made before it."""
    sources = store.ancestors(session.id, node.id, limit=1)
    if sources:
        return sources[0]
    known = called(store.database, session.id)
    earlier = [other.id for other in known if other.there and int(other.id[1:]) < int(node.id[1:])]
    if not earlier:
        raise AgentError(f"There is nothing before {node.id}: it was the first of its pictures.")
    return store.node(session.id, earlier[0])


def _named(store: Store, session: Session, kind: str, name: str, pointers: Pointers) -> Node:
    known: Mapping[str, str | None] = pointers.branches if kind == "branch" else pointers.tags
    node_id = known.get(name)
    if node_id is None and name in known:
        raise AgentError(f"The branch {name} has no picture yet; go there and describe one.")
    if node_id is None:
        near = difflib.get_close_matches(name, [one for one, at in known.items() if at], n=3, cutoff=0.0)
        raise AgentError(f"There is no {kind} {name}; {_try(near)}.")
    return store.node(session.id, node_id)


def _numbered(store: Store, session: Session, ref: str) -> Node:
    try:
        return store.node(session.id, ref)
    except StoreError as error:
        raise AgentError(f"There is no {ref} in this session; {_candidates(store, session, ref)}.") from error


def _from_head(store: Store, session: Session, ref: str, head: str | None) -> Node:
    if head is None:
        raise AgentError("There is no picture yet; describe one first.")
    match = _ANCESTOR.match(ref)
    back = int(match[1]) if match else 0
    if not back:
        return store.node(session.id, head)
    chain = store.ancestors(session.id, head, limit=back)
    if len(chain) < back:
        raise AgentError(f"{ref} goes back too far: {head} has {len(chain)} earlier pictures.")
    return chain[back - 1]


def _candidates(store: Store, session: Session, ref: str) -> str:
    pointers = store.pointers(session.id)
    if ref in pointers.tags or ref in pointers.branches:
        return f"say {'tag' if ref in pointers.tags else 'branch'}:{ref}"
    known = [node.id for node in reversed(store.images(session.id, CANDIDATES))]
    near = difflib.get_close_matches(ref, known, n=3, cutoff=0.0)
    return f"try {', '.join(sorted(near, key=known.index))} or head" if near else "there is no picture yet"


def _try(near: list[str]) -> str:
    return f"try {' or '.join(near)}" if near else "there is none yet"
