"""The rows that a journal tells of: of each the last that was written, as the database takes them."""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import JSON, Column

from pentimento.memory import journal
from pentimento.memory.tables import (
    Base,
    EdgeRow,
    MoveRow,
    NodeRow,
    OperationRow,
    SessionRow,
    TurnRow,
    UtcDateTime,
    as_moment,
)

Row: TypeAlias = dict[str, Any]
Key: TypeAlias = tuple[Any, ...]
_TABLES = {table.__tablename__: table for table in journal.KEPT}
_PARTS: dict[type[Base], type[Base]] = {NodeRow: EdgeRow, OperationRow: MoveRow}
"""What is written together with a row, in the same transaction."""


@dataclass(frozen=True)
class Change:
    """A row as a line has it, and as it was before."""

    table: type[Base]
    key: Key
    row: Row
    before: Row | None


@dataclass
class Rows:
    whole: dict[type[Base], dict[Key, Row]] = field(default_factory=lambda: defaultdict(dict))
    """By table and primary key; all but edges and moves."""
    parts: dict[type[Base], dict[Key, dict[int, Row]]] = field(default_factory=lambda: defaultdict(dict))
    """Edges and moves: by table, by the key of the node or operation that they belong to, by place."""
    damaged: int = 0
    """Lines that could not be read, or not whole."""
    _of_line: set[int] = field(default_factory=set)
    """Sessions whose own row the present line has told of."""
    _line: list[Change] = field(default_factory=list)
    """What the present line has told of nodes, turns and operations."""
    _done: dict[Key, list[Change]] = field(default_factory=dict)
    """What was done with an operation, by its key: all of its line."""

    def begin_line(self) -> None:
        """What follows is of another transaction."""
        self._of_line.clear()
        self._line = []

    def of(self, table: type[Base]) -> list[Row]:
        if table in _PARTS.values():
            return [row for rows in self.parts[table].values() for row in rows.values()]
        return list(self.whole[table].values())

    def add(self, record: journal.Record) -> None:
        """Raises ValueError for what is no row."""
        table = _TABLES.get(str(record.get("table")))
        if table is None:
            raise ValueError(record.get("table"))
        columns = Base.metadata.tables[table.__tablename__].columns
        row: Row = {column.name: _value(column, record.get(column.name)) for column in columns}
        key: Key = tuple(row[column.name] for column in columns if column.primary_key)
        if table in _PARTS.values():
            self.parts[table].setdefault(key[:2], {})[key[2]] = row
            return
        self._give_up(table, key, row)
        before = self.whole[table].get(key)
        self.whole[table][key] = row
        if table is SessionRow:
            self._of_line.add(row["id"])
        elif table in (NodeRow, TurnRow, OperationRow):
            self._line.append(Change(table, key, row, before))
        if table is OperationRow:
            self._done.setdefault(key, self._line)

    def _give_up(self, table: type[Base], key: Key, row: Row) -> None:
        """What had the number of this row before, when that was another one: of a transaction that was given up after its
        line was written, so that the number was given once more."""
        before = self.whole[table].get(key)
        if before is None or table not in (*_PARTS, SessionRow) or before["created"] == row["created"]:
            return
        if table in _PARTS:
            self.parts[_PARTS[table]].pop(key, None)
        for change in reversed(self._done.pop(key, [])) if table is OperationRow else ():
            self._take_back(change)
        # A session that comes from elsewhere begins twice in its line: when it came, and when it was made there.
        if table is SessionRow and row["id"] not in self._of_line:
            self._drop_session(row["id"])

    def _take_back(self, change: Change) -> None:
        """Unless another row has its number already, or it was written once more."""
        if self.whole[change.table].get(change.key) is not change.row:
            return
        if change.before is not None:
            self.whole[change.table][change.key] = change.before
            return
        del self.whole[change.table][change.key]
        if change.table in _PARTS:
            self.parts[_PARTS[change.table]].pop(change.key, None)

    def _drop_session(self, session_id: int) -> None:
        """All of one that was given up after its line was written: another one got its number."""
        for table in (TurnRow, NodeRow, OperationRow):
            self.whole[table] = {key: row for key, row in self.whole[table].items() if key[0] != session_id}
        for part in _PARTS.values():
            self.parts[part] = {key: rows for key, rows in self.parts[part].items() if key[0] != session_id}


def read(path: Path) -> Rows:
    """Raises OSError."""
    rows = Rows()
    for records, whole in journal.read(path):
        rows.begin_line()
        fit = [_added(rows, record) for record in records]
        rows.damaged += not (whole and all(fit))
    return rows


def _added(rows: Rows, record: journal.Record) -> bool:
    try:
        rows.add(record)
    except ValueError:
        return False
    return True


def _value(column: Column[Any], raw: object) -> object:
    """As the database takes it. Raises ValueError."""
    if raw is None and column.nullable:
        return None
    if isinstance(column.type, UtcDateTime) and isinstance(raw, str):
        return as_moment(raw)
    if type(raw) is not (dict if isinstance(column.type, JSON) else column.type.python_type):
        raise ValueError(column.name)
    return raw
