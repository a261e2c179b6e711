"""Taking what was made on a branch of its own as the next state of the branch that it came from."""

import re

from sqlalchemy.orm import Session as Database

from pentimento.memory import lineage, log, pointers
from pentimento.memory.types import Move, Pointer, Session, StoreError

_AUTOMATIC = re.compile(r"~\d+$")


def moves(db: Database, session: Session) -> list[Move]:
    """The base's head goes to the present picture, and the session to the base; what was done there meanwhile is kept on a
    branch beside it, "NAME~2".

    Raises StoreError when the present branch was not made from another one.
    """
    found = pointers.read(db, session.id)
    made, base = _begun(db, session)
    if base is None or base not in found.branches or session.head is None:
        raise StoreError(f"{session.branch} was not made from another branch, so there is nothing to accept.")
    head = found.branches[base]
    accepted = [
        Move(Pointer.BRANCH, base, head or "", session.head),
        Move(Pointer.CURRENT, "", session.branch, base),
    ]
    if head is None or head == made or lineage.leads_to(db, session.id, head, session.head):
        return accepted
    return [*accepted, Move(Pointer.BRANCH, pointers.free_name(base, found.branches), None, head)]


def _begun(db: Database, session: Session) -> tuple[str | None, str | None]:
    """Where the base stood when the present branch was made, and its name."""
    begun = log.begun(db, session.id, session.branch)
    if begun is None:
        # One that a second process's work landed on by itself: "main~2" comes from "main".
        base = _AUTOMATIC.sub("", session.branch)
        return None, base if base != session.branch else None
    operation, base = begun
    return pointers.at(db, session.id, operation).branches.get(base), base
