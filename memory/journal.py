"""`lineage.jsonl`, beside the database: every row that was ever written, one transaction a line, for the day when the database
is lost. A line is on its way to the disk before its transaction is committed, so a committed row is never missing.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Select, String, false, func, inspect, literal, or_, select
from sqlalchemy.orm import Session as Database

from pentimento.memory import sqlite
from pentimento.memory.blobs import sync_folder
from pentimento.memory.tables import (
    Base,
    EdgeRow,
    EnvironmentRow,
    MoveRow,
    NodeRow,
    OperationRow,
    SessionRow,
    TurnRow,
    UtcDateTime,
    as_text,
)

NAME = "lineage.jsonl"
KEPT: tuple[type[Base], ...] = (EnvironmentRow, SessionRow, TurnRow, NodeRow, EdgeRow, OperationRow, MoveRow)
"""The tables that are kept, each after those that it points to. Branches and tags follow from the moves."""
_WRITTEN, _BEFORE = "written", "before"
"""What a transaction took note of, and how long the journal was before its line."""
_BATCH = 500
"""Rows a line when it is written anew."""
_NO_JSON = ("NaN", "Infinity")
"""What Python writes for numbers that JSON has no words for."""

Record = dict[str, Any]
"""A row's columns as JSON values, and under "table" the name of its table."""


def record(db: Database, *rows: Base) -> None:
    """Takes note of rows that the running transaction has written; of a row that comes again the last one counts."""
    db.info.setdefault(_WRITTEN, []).extend(map(_record, rows))


def append(db: Database, path: Path) -> None:
    """Writes what the transaction took note of; a line that an earlier crash cut short is closed off.

    Raises OSError, and has changed nothing then unless the disk does not even let it cut the file off again.
    """
    written = db.info.pop(_WRITTEN, [])
    if not written:
        return
    line = _line(written)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        before = os.lseek(descriptor, 0, os.SEEK_END)
        if before and os.pread(descriptor, 1, before - 1) != b"\n":
            line = b"\n" + line
        _write(descriptor, line, before)
        db.info[_BEFORE] = before
        _note_size(db, before + len(line))
    finally:
        os.close(descriptor)


def _write(descriptor: int, line: bytes, before: int) -> None:
    try:
        while line:
            line = line[os.write(descriptor, line) :]
    except OSError:
        with suppress(OSError):
            os.ftruncate(descriptor, before)
        raise


def take_back(db: Database, path: Path) -> None:
    """Removes the line of a transaction that the database refused; nobody else may have written one since.

    Where that fails too the line stays, as after a crash.
    """
    before = db.info.pop(_BEFORE, None)
    if before is not None:
        with suppress(OSError):
            os.truncate(path, before)


def size(path: Path) -> int:
    """In bytes; 0 when there is none. Raises OSError."""
    return path.stat().st_size if path.exists() else 0


def is_short(db: Database, path: Path) -> bool:
    """Whether it is missing, or shorter than it was at the last transaction. Raises OSError."""
    there = size(path)
    missing = not there and db.scalars(select(SessionRow.id).limit(1)).first() is not None
    return missing or there // 1024 < sqlite.user_version(db)


def rewrite(db: Database, path: Path) -> None:
    """Replaces it by what the database holds, as the running transaction sees it. Raises OSError."""
    dump(db, path)
    _note_size(db, size(path))


def dump(db: Database, path: Path) -> None:
    """Writes all rows of a database to a file, which is there whole or not at all. Raises OSError."""
    temporary = path.with_name(f"{path.name}.part")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            for table in KEPT:
                file.writelines(_lines(db, table))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def _lines(db: Database, table: type[Base]) -> Iterator[bytes]:
    """Of all rows. The database itself writes them, which is several times faster; it knows no NaN, though, which Python does."""
    columns = table.__table__.columns
    odd = (func.instr(column, word) for column in columns if isinstance(column.type, JSON) for word in _NO_JSON)
    by_hand = db.scalar(select(literal(1)).where(or_(false(), *odd)).limit(1))
    chosen = select(*columns) if by_hand else _as_json(table)
    for rows in db.execute(chosen, execution_options={"yield_per": _BATCH}).partitions():
        if by_hand:
            yield _line([_plain(table.__tablename__, zip(columns.keys(), row, strict=True)) for row in rows])
        else:
            yield f"[{','.join(written for written, *_ in rows)}]\n".encode()


def _as_json(table: type[Base]) -> Select[*tuple[Any, ...]]:
    """Each row as the journal has it; and its moments, which are read so that a damaged one is noticed."""
    columns = table.__table__.columns
    named: list[object] = ["table", table.__tablename__]
    for column in columns:
        named += [column.name, func.json(column) if isinstance(column.type, JSON) else column]
    moments = (column for column in columns if isinstance(column.type, UtcDateTime))
    return select(func.json_object(*named, type_=String), *moments)


def read(path: Path) -> Iterator[tuple[list[Record], bool]]:
    """The records of each line, and whether the line is whole; of a damaged one, those that can be read yet.

    Raises OSError.
    """
    with path.open("rb") as file:
        for line in file:
            if line.strip():
                yield _read_line(line.decode(errors="replace"))


def _read_line(line: str) -> tuple[list[Record], bool]:
    try:
        found = json.loads(line)
    except ValueError:
        return list(_salvaged(line)), False
    if isinstance(found, list) and all(isinstance(one, dict) for one in found):
        return found, True
    return [], False


def _salvaged(line: str) -> Iterator[Record]:
    """Within a text the quotes of such a beginning would be escaped, so that it is always a record's."""
    decoder = json.JSONDecoder()
    for beginning in re.finditer(r'\{"table":', line):
        try:
            found, _ = decoder.raw_decode(line, beginning.start())
        except ValueError:
            found = {}
        if found:
            yield found


def _line(records: list[Record]) -> bytes:
    return json.dumps(records, ensure_ascii=False, separators=(",", ":"), default=_refused).encode() + b"\n"


def _refused(value: object) -> None:
    """Bytes, which in a damaged database may stand in place of a text. Raises ValueError."""
    raise ValueError(value)


def _note_size(db: Database, size: int) -> None:
    """In the database, so that a journal that was cut short or deleted is noticed; in KiB, since it has 31 bits."""
    sqlite.set_user_version(db, size // 1024)


def _record(row: Base) -> Record:
    return _plain(row.__tablename__, ((name, getattr(row, name)) for name in _columns(type(row))))


@cache
def _columns(table: type[Base]) -> tuple[str, ...]:
    return tuple(column.key for column in inspect(table).columns)


def _plain(table: str, values: Iterable[tuple[str, object]]) -> Record:
    """Moments as the database has them; everything else is a JSON value already."""
    plain = ((name, as_text(value) if isinstance(value, datetime) else value) for name, value in values)
    return {"table": table, **dict(plain)}
