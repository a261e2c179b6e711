"""References: how a picture is named in speech, plans and scripts. One parser for all of them."""

import difflib
import re
from collections.abc import Mapping

from pentimento.agent.types import AgentError, Node, NodeKind
from pentimento.memory.store import Store
from pentimento.memory.types import Session, StoreError

_ANCESTOR = re.compile(r"^head~(\d{1,4})$")
_STEP = re.compile(r"^step:(\d{1,2})$")
_NODE = re.compile(r"^n(\d{1,9})$")


def resolve(store: Store, session: Session, ref: str, made: Mapping[int, str] | None = None) -> Node:
    """The picture that a reference names: "head", "head~2", "n17", or "step:1" of the running plan.

    `made` holds the picture that each step of the plan has made so far. Raises `AgentError`, naming the nearest candidates.
    """
    ref = ref.strip().lower()
    if step := _STEP.match(ref):
        node_id = (made or {}).get(int(step[1]))
        if node_id is None:
            raise AgentError(f"Step {step[1]} has made no picture that could be used.")
        return store.node(session.id, node_id)
    if _NODE.match(ref):
        return _numbered(store, session, ref)
    if ref == "head" or _ANCESTOR.match(ref):
        return _from_head(store, session, ref)
    raise AgentError(f'"{ref[:40]}" names no picture; {_candidates(store, session, ref[:40])}.')


def _numbered(store: Store, session: Session, ref: str) -> Node:
    try:
        return store.node(session.id, ref)
    except StoreError as error:
        raise AgentError(f"There is no {ref} in this session; {_candidates(store, session, ref)}.") from error


def _from_head(store: Store, session: Session, ref: str) -> Node:
    if session.head is None:
        raise AgentError("There is no picture yet; describe one first.")
    match = _ANCESTOR.match(ref)
    back = int(match[1]) if match else 0
    if not back:
        return store.node(session.id, session.head)
    chain = store.ancestors(session.id, session.head, limit=back)
    if len(chain) < back:
        raise AgentError(f"{ref} goes back too far: {session.head} has {len(chain)} earlier pictures.")
    return chain[back - 1]


def _candidates(store: Store, session: Session, ref: str) -> str:
    known = [node.id for node in store.nodes(session.id) if node.kind is NodeKind.IMAGE]
    near = difflib.get_close_matches(ref, known, n=3, cutoff=0.0)
    return f"try {', '.join(sorted(near, key=known.index))} or head" if near else "there is no picture yet"
