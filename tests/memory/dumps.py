"""What stands in the database and what the journal says, both as rows by their keys, to be compared."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

Row: TypeAlias = dict[str, Any]
Rows: TypeAlias = dict[tuple[str, ...], Row]
"""Table and key → row."""

KEYS = {
    "sessions": ("id",),
    "turns": ("session_id", "number"),
    "environments": ("id",),
    "nodes": ("session_id", "number"),
    "edges": ("session_id", "child", "position"),
    "operations": ("session_id", "number"),
    "moves": ("session_id", "operation", "position"),
}
JSON = {"details", "arguments", "measures"}
MOVED = {"branch", "used"}
"""Columns of a session that change with every use; the moves say on which branch it is."""


def database_rows(home: Path) -> Rows:
    with closing(sqlite3.connect(home / "lineage.sqlite3")) as database:
        database.row_factory = sqlite3.Row
        return {
            _key(table, row): row
            for table in KEYS
            for row in (_plain(table, dict(found)) for found in database.execute(f"SELECT * FROM {table}"))
        }


def journal_rows(home: Path) -> Rows:
    """The last word on every row, of the transactions that were committed."""
    lines = [line for line in map(_line, (home / "lineage.jsonl").read_bytes().splitlines()) if line is not None]
    last_made = {_key(row["table"], row): _made(row) for line in lines for row in line if _made(row)}
    # Where a number was given a second time, the transaction that gave it first was never committed.
    committed = [
        line for line in lines if all(_made(row) in ("", last_made.get(_key(row["table"], row))) for row in line)
    ]
    return {_key(row["table"], row): _plain(row["table"], row) for line in committed for row in line}


def pointers_of(rows: Rows) -> set[tuple[str, ...]]:
    """(session, pointer, name, node) as the moves have left them."""
    moves = sorted((key[1:], row) for key, row in rows.items() if key[0] == "moves")
    left = {(str(move["session_id"]), move["pointer"], move["name"]): move["new"] for _, move in moves}
    return {(*place, new) for place, new in left.items() if new and place[1] != "current"}


def database_pointers(home: Path) -> set[tuple[str, ...]]:
    with closing(sqlite3.connect(home / "lineage.sqlite3")) as database:
        heads = database.execute("SELECT session_id, 'branch', name, 'n' || head FROM branches WHERE head IS NOT NULL")
        tags = database.execute("SELECT session_id, 'tag', name, 'n' || node FROM tags")
        return {(str(session), *rest) for session, *rest in [*heads, *tags]}


def _line(line: bytes) -> list[Row] | None:
    """None for a line that was cut short."""
    try:
        found: list[Row] = json.loads(line)
    except ValueError:
        return None
    return found


def _made(row: Row) -> str:
    """The moment at which a row was made; empty for rows that have none."""
    return str(row.get("started") or row.get("created") or "")


def _key(table: str, row: Row) -> tuple[str, ...]:
    return (table, *(f"{row[column]:012d}" for column in KEYS[table]))


def _plain(table: str, row: Row) -> Row:
    left_out = {"table", *(MOVED if table == "sessions" else ())}
    return {
        column: json.loads(value) if column in JSON and isinstance(value, str) else value
        for column, value in row.items()
        if column not in left_out
    }
