"""Makes room: pictures that nothing leads to any more, and files that no row names. The rows stay, so ids keep their meaning."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session as Database

from pentimento.memory.blobs import File
from pentimento.memory.files import changing
from pentimento.memory.ids import node_id
from pentimento.memory.journal import record
from pentimento.memory.reach import unreachable
from pentimento.memory.store import Store
from pentimento.memory.tables import NodeRow, SessionRow
from pentimento.memory.types import Gone

GRACE = timedelta(days=30)
YOUNGEST = timedelta(hours=1)
"""A file that no row names is at least that old before it goes: its row may be about to be written."""
_BATCH = 200
"""Files removed, and rows changed, at once; other writers wait as long."""


@dataclass(frozen=True)
class Collected:
    """What went, or would go."""

    nodes: tuple[str, ...]
    """Session and id of each whose picture went, "default n3"."""
    files: int
    bytes: int


@dataclass(frozen=True)
class _Node:
    session_id: int
    session: str
    number: int
    blob: str


def collect(store: Store, grace: timedelta = GRACE, *, run: bool = False) -> Collected:
    """Takes away what nothing has led to for the time of grace; only says what would go unless it is to `run`.

    Raises StoreError.
    """
    now = datetime.now(UTC)
    if run:
        with store.database.write() as db:
            nodes = list(_going(db, now - grace))
            _mark(db, nodes)
    else:
        with store.database.read() as db:
            nodes = list(_going(db, now - grace))
    with store.database.read() as db:
        needed = _needed(db, nodes)
    dropped = {node.blob for node in nodes} - needed
    oldest = now - max(grace, YOUNGEST)
    files = [file for file in store.blobs.files() if _goes(file, dropped, needed, oldest)]
    if run:
        files = remove_files(store, files)
    names = tuple(f"{node.session} {node_id(node.number)}" for node in nodes)
    return Collected(names, len(files), sum(file.size for file in files))


def remove_files(store: Store, files: Sequence[File]) -> list[File]:
    """Removes those that no living row names; returns them. Within writing transactions: see `Blobs.put_back`."""
    removed = []
    for start in range(0, len(files), _BATCH):
        batch = files[start : start + _BATCH]
        with store.database.write() as db:
            blobs = [file.blob for file in batch if file.blob is not None]
            named = set(db.scalars(select(NodeRow.blob).where(NodeRow.blob.in_(blobs), NodeRow.gone.is_(None))))
            removed += [file for file in batch if file.blob not in named and _removed(file)]
    return removed


def _going(db: Database, since: datetime) -> Iterator[_Node]:
    for session_id, session in db.execute(select(SessionRow.id, SessionRow.name)).all():
        numbers = unreachable(db, session_id, since)
        for start in range(0, len(numbers), _BATCH):
            these = (NodeRow.session_id == session_id, NodeRow.number.in_(numbers[start : start + _BATCH]))
            for number, blob in db.execute(select(NodeRow.number, NodeRow.blob).where(*these)):
                yield _Node(session_id, session, number, blob)


def _mark(db: Database, nodes: Sequence[_Node]) -> None:
    for node in nodes:
        this = (NodeRow.session_id == node.session_id, NodeRow.number == node.number)
        record(db, *db.scalars(update(NodeRow).where(*this).values(gone=Gone.COLLECTED).returning(NodeRow)))


def _needed(db: Database, going: Sequence[_Node]) -> set[str]:
    """The blobs of all nodes that stay."""
    gone = {(node.session_id, node.number) for node in going}
    rows = db.execute(select(NodeRow.session_id, NodeRow.number, NodeRow.blob).where(NodeRow.gone.is_(None)))
    return {blob for session_id, number, blob in rows if (session_id, number) not in gone}


def _goes(file: File, dropped: Collection[str], needed: Collection[str], oldest: datetime) -> bool:
    if file.blob in needed:
        return False
    return file.blob in dropped or file.modified < oldest.timestamp()


def _removed(file: File) -> bool:
    with changing(file.path):
        file.path.unlink(missing_ok=True)
    return True
