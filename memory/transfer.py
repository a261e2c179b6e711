"""A session, or a picture with all that it was made from, out of a store as plain values; and into another store."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import count

from sqlalchemy import ColumnElement, Select, Table, delete, false, insert, literal, or_, select, update
from sqlalchemy.orm import Session as Transaction

from pentimento.memory import lineage, pointers, search, story
from pentimento.memory.arrival import TABLES, History, Row, Unfit, checked
from pentimento.memory.ids import node_number
from pentimento.memory.journal import KEPT, Record, record
from pentimento.memory.pointers import FIRST_BRANCH
from pentimento.memory.store import Store
from pentimento.memory.tables import Base, BranchRow, EdgeRow, EnvironmentRow, NodeRow, SessionRow, TagRow
from pentimento.memory.types import Node, NodeKind, Pointer, Pointers, Role, Session, StoreError, TurnStatus


def take_out(store: Store, session_id: int, node: str | None = None) -> tuple[Record, ...]:
    """All rows of a session in the form of the journal, or those of one node, its ancestors and their turns.

    The log of a part is the way to it, picture by picture, since the real log moves what is not in the part. Of a log that
    lost something, in a home that was recovered, goes out where it led to.
    """
    with store.database.read() as db:
        number = None if node is None else lineage.known_number(db, session_id, node)
        tables = [Base.metadata.tables[name] for name in TABLES]
        records = [one for table in tables for one in _records(db, table, _chosen(table, session_id, number))]
        if number is None:
            return tuple(records if _is_whole(records) else _led_to(db, session_id, records))
        on_first = ({**one, "branch": FIRST_BRANCH} if one["table"] == "sessions" else one for one in records)
        return (*on_first, *_way(records, number))


def places(store: Store, blobs: Iterable[str], pixels: str) -> tuple[tuple[Session, Node], ...]:
    """Every picture with these pixels or one of these files, newest first, and its session."""
    same = or_(NodeRow.blob.in_(set(blobs) - {""}), NodeRow.pixels == pixels if pixels else false())
    wanted = select(NodeRow).where(same, NodeRow.kind == NodeKind.IMAGE, NodeRow.gone.is_(None))
    with store.database.read() as db:
        owners = db.scalars(wanted.with_only_columns(NodeRow.session_id).distinct()).all()
        sessions = story.read_sessions(db, SessionRow.id.in_(owners))
        newest = wanted.order_by(NodeRow.number.desc())
        return tuple(
            (session, node)
            for session in sessions
            for node in lineage.read_nodes(db, newest.where(NodeRow.session_id == session.id))
        )


def take_in(store: Store, history: History, pngs: Iterable[bytes], name: str = "") -> Session:
    """Stores what was checked before, as a session of its own; ids stay. `pngs` are the files of `history.blobs`, in order.

    The session is called `name`, or as it was called; a number is added where there is one of that name.
    """
    for blob, png in zip(history.blobs, pngs, strict=True):
        if store.blobs.write(png) != blob:
            raise StoreError("The file changed while it was read; try again.")
    with store.database.write() as db:
        # Files are removed only within writing transactions, so that from here on none goes.
        if not all(store.blobs.path(blob).exists() for blob in history.blobs):
            raise StoreError("Another program removed pictures that nothing led to at the same moment; try again.")
        session = story.named_session(db, _free_name(db, name or history.name))
        environments = {row["id"]: _environment(db, row["content"]) for row in history.rows["environments"]}
        for table in ("turns", "nodes", "edges", "operations", "moves"):
            _insert(db, table, [_moved_to(row, session.id, environments) for row in history.rows[table]])
        _point(db, session.id, history)
        _index(db, session.id, history)
        return story.use(db, session.id)


def _chosen(table: Table, session_id: int, number: int | None) -> ColumnElement[bool]:
    """Which rows belong to the session, or to the node of that number."""
    part = NodeRow.session_id == session_id
    if number is not None:
        part = part & NodeRow.number.in_(_ancestry(session_id, number))
    match table.name:
        case "sessions":
            return table.c.id == session_id
        case "environments":
            return table.c.id.in_(select(NodeRow.environment).where(part))
        case _ if number is None:
            return table.c.session_id == session_id
        case "nodes":
            return part
        case "edges":
            return (table.c.session_id == session_id) & table.c.child.in_(select(NodeRow.number).where(part))
        case "turns":
            return (table.c.session_id == session_id) & table.c.number.in_(select(NodeRow.turn).where(part))
        case _:
            return false()


def _ancestry(session_id: int, number: int) -> Select[tuple[int]]:
    """Numbers of a node and of all that it was made from, by any edge."""
    found = select(literal(number).label("number")).cte("ancestry", recursive=True)
    parents = select(EdgeRow.parent).where(EdgeRow.session_id == session_id, EdgeRow.child == found.c.number)
    return select(found.union(parents).c.number)


def _records(db: Transaction, table: Table, chosen: ColumnElement[bool]) -> Iterator[Record]:
    for row in db.execute(select(table).where(chosen).order_by(*table.primary_key)).mappings():
        found = {name: _plain(value) for name, value in row.items()}
        yield {"table": table.name, **found, **_elsewhere(table.name, found)}


def _elsewhere(table: str, found: Record) -> Record:
    """What would mean nothing in another home: when a session was used, and which process ran a turn."""
    if table == "sessions":
        return {"used": 0}
    if table != "turns":
        return {}
    running = found["status"] == TurnStatus.RUNNING
    return {"owner": "", **({"status": "interrupted", "ended": found["started"]} if running else {})}


def _plain(value: object) -> object:
    """As JSON has it. Raises ValueError for bytes, which in a damaged database may stand in place of a text."""
    match value:
        case datetime():
            return value.isoformat(timespec="microseconds")
        case bytes():
            raise ValueError(value)
        case _:
            return value


def _is_whole(records: Sequence[Record]) -> bool:
    try:
        checked(records)
    except Unfit:
        return False
    return True


def _led_to(db: Transaction, session_id: int, records: Sequence[Record]) -> list[Record]:
    """With one operation in place of all, which puts every branch and tag where it is."""
    found = pointers.read(db, session_id)
    before = Pointers(FIRST_BRANCH, {FIRST_BRANCH: None}, {})
    (created,) = (record["created"] for record in records if record["table"] == "sessions")
    key = {"table": "operations", "session_id": session_id, "number": 1, "kind": "checkout", "label": "recovered"}
    operation = {**key, "turn": None, "reverses": None, "parent": None, "created": created}
    moves: list[Record] = [
        {
            "table": "moves",
            "session_id": session_id,
            "operation": 1,
            "position": position,
            "pointer": move.pointer.value,
            "name": move.name,
            "old": move.old,
            "new": move.new,
        }
        for position, move in enumerate(pointers.between(before, found))
    ]
    return [*(record for record in records if record["table"] not in ("operations", "moves")), operation, *moves]


def _way(records: Sequence[Record], last: int) -> Iterator[Record]:
    """Operations that lead from the first picture to the last one on the first branch."""
    said = {row["number"]: row["said"] for row in records if row["table"] == "turns"}
    old = ""
    for operation, node in enumerate(_line(records, last), start=1):
        turn, new = node["turn"], f"n{node['number']}"
        yield {
            "table": "operations",
            "session_id": node["session_id"],
            "number": operation,
            "kind": "turn" if turn else "import",
            "label": said[turn] if turn else node["label"],
            "turn": turn,
            "reverses": None,
            "parent": operation - 1 or None,
            "created": node["created"],
        }
        move = {"pointer": Pointer.BRANCH.value, "name": FIRST_BRANCH, "old": old, "new": new}
        yield {"table": "moves", "session_id": node["session_id"], "operation": operation, "position": 0, **move}
        old = new


def _line(records: Sequence[Record], last: int) -> list[Record]:
    """The pictures along the first sources, from the first one on; masks and what is gone are passed over."""
    nodes = {row["number"]: row for row in records if row["table"] == "nodes"}
    edges = [row for row in records if row["table"] == "edges" and row["role"] == Role.SOURCE]
    first_source = {row["child"]: row["parent"] for row in reversed(edges)}
    line = [last]
    while line[-1] in first_source:
        line.append(first_source[line[-1]])
    found = [nodes[number] for number in reversed(line)]
    return [row for row in found if row["kind"] == NodeKind.IMAGE and row["gone"] is None]


def _free_name(db: Transaction, wanted: str) -> str:
    """ "trip", or "trip-2", or the next number that is free."""
    taken = set(db.scalars(select(SessionRow.name)))
    numbered = (f"{wanted}-{number}" for number in count(2))
    return wanted if wanted not in taken else next(name for name in numbered if name not in taken)


def _environment(db: Transaction, content: str) -> int:
    known = db.scalars(select(EnvironmentRow.id).where(EnvironmentRow.content == content)).one_or_none()
    if known is not None:
        return known
    row = EnvironmentRow(content=content)
    db.add(row)
    db.flush()
    record(db, row)
    return row.id


def _moved_to(row: Row, session_id: int, environments: dict[int, int]) -> Row:
    """As a row of this home; a turn was run by none of its processes, whatever it says."""
    ran = {"environment": environments[row["environment"]]} if row.get("environment") is not None else {}
    run = {"owner": ""} if "owner" in row else {}
    return {**row, "session_id": session_id, **ran, **run}


def _insert(db: Transaction, table: str, rows: Sequence[Row]) -> None:
    if not rows:
        return
    (kind,) = (kept for kept in KEPT if kept.__tablename__ == table)
    db.execute(insert(kind), rows)
    record(db, *(kind(**row) for row in rows))


def _point(db: Transaction, session_id: int, history: History) -> None:
    """Puts branches and tags where the log leaves them."""
    heads = [{"session_id": session_id, "name": name, "head": _number(at)} for name, at in history.branches.items()]
    tags = [{"session_id": session_id, "name": name, "node": _number(at)} for name, at in history.tags.items()]
    db.execute(delete(BranchRow).where(BranchRow.session_id == session_id))
    db.execute(insert(BranchRow), heads)
    if tags:
        db.execute(insert(TagRow), tags)
    this = update(SessionRow).where(SessionRow.id == session_id)
    as_it_was = {key: history.session[key] for key in ("branch", "created")}
    record(db, db.scalars(this.values(as_it_was).returning(SessionRow)).one())


def _number(node: str) -> int | None:
    return node_number(node) if node else None


def _index(db: Transaction, session_id: int, history: History) -> None:
    """Makes all words findable."""
    for row in history.rows["turns"]:
        for words in (row["said"], row["reply"]):
            search.index(db, session_id, words, turn=row["number"])
    for row in history.rows["nodes"]:
        if row["kind"] == NodeKind.IMAGE:
            words = search.words_of(row["label"], row["arguments"] or {}, row["measures"])
            search.index(db, session_id, words, node=row["number"])
