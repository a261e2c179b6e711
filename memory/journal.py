"""`lineage.jsonl`, beside the database: every row that was ever written, one transaction a line, for the day when the database
is lost. A line is on its way to the disk before its transaction is committed, so a committed row is never missing.
"""

import json
import os
from pathlib import Path
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session as Database

from pentimento.memory.tables import Base

NAME = "lineage.jsonl"
_WRITTEN = "written"

Record = dict[str, Any]
"""A row's columns as JSON values, and under "table" the name of its table."""


def record(db: Database, *rows: Base) -> None:
    """Takes note of rows that the running transaction has written; of a row that comes again the last one counts."""
    db.info.setdefault(_WRITTEN, []).extend(_record(db, row) for row in rows)


def append(db: Database, path: Path) -> None:
    """Writes what the transaction took note of; a line that an earlier crash cut short is closed off. Raises OSError."""
    written = db.info.pop(_WRITTEN, [])
    if not written:
        return
    line = json.dumps(written, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.lseek(descriptor, 0, os.SEEK_END)
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            line = b"\n" + line
        while line:
            line = line[os.write(descriptor, line) :]
    finally:
        os.close(descriptor)


def _record(db: Database, row: Base) -> Record:
    dialect = db.get_bind().dialect
    found: Record = {"table": row.__tablename__}
    for column in inspect(type(row)).columns:
        value = getattr(row, column.key)
        convert = column.type.dialect_impl(dialect).bind_processor(dialect)
        plain = value is None or isinstance(value, str | int | float | dict | list)
        found[column.key] = value if plain or convert is None else convert(value)
    return found
