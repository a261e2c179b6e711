"""Statements that are compiled once for all homes: SQLAlchemy does it anew for each database, and each test has its own.

The SQL is the same for every home of a process; what is taken apart in a program's one home is a third of a test's time.
"""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

Open = Callable[..., Engine]


class OneSQLite(SQLiteDialect_pysqlite):
    """The SQLite of every home is the same one; compiled statements are kept by it."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OneSQLite)

    def __hash__(self) -> int:
        return hash(OneSQLite)


def compiled_once(open_engine: Open) -> Open:
    """`open_engine`, whose engines share what they compiled."""
    registry.register("sqlite", __name__, OneSQLite.__name__)
    compiled: dict[Any, Any] = {}

    @wraps(open_engine)
    def shared(path: Path, *, network: bool = False) -> Engine:
        engine = open_engine(path, network=network)
        engine.update_execution_options(compiled_cache=compiled)
        return engine

    return shared
