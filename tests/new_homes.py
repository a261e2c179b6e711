"""New homes without Alembic: nearly every test makes one, and a fiftieth of a second each is a minute of them all.

The first home of a process is made by the program; later ones get the very statements that made it.
`tests/memory/test_schema.py` holds both to be the same.
"""

from collections.abc import Callable
from functools import wraps

from sqlalchemy import Connection

Upgrade = Callable[[Connection, str | None], None]
_SHADOWS = "SELECT name FROM pragma_table_list WHERE type = 'shadow'"
_MADE = f"SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT IN ({_SHADOWS}) ORDER BY rowid"


def remembered(upgrade: Upgrade) -> Upgrade:
    """`upgrade`, which for an empty database does again what it did the first time."""
    statements: list[str] = []

    @wraps(upgrade)
    def again(connection: Connection, found: str | None) -> None:
        if found is not None or not statements:
            upgrade(connection, found)
        if found is not None:
            return
        if not statements:
            (revision,) = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars()
            statements.extend(str(sql) for sql in connection.exec_driver_sql(_MADE).scalars())
            statements.append(f"INSERT INTO alembic_version VALUES ('{revision}')")
            return
        for sql in statements:
            connection.exec_driver_sql(sql)

    return again
