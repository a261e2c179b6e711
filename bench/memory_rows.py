"""Stores with many nodes, made fast: the rows that turns would have written, inserted in bulk; no picture files.

A session has 140,000 nodes at most, which are 105,000 turns. A turn makes one picture, every third one a mask with it;
every hundredth begins fifty pictures back. One word stands in every tenth message, one in a single message of each session.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from pentimento.memory.store import Store

LONGEST = 140_000
COMMON, RARE = "sunset", "zeppelin"
PREFIX = "zep"
"""The rare word begins so."""
AT_ONCE = 2_000
"""Turns inserted with one call for each table."""
_MOMENT = "2026-11-25T12:{:02d}:{:02d}.000000+00:00"
_THINGS = "squirrel tree house dog cat owl boat car hat flower".split()
_COLORS = "red blue green yellow black white brown purple orange grey".split()
_DETAILS = json.dumps(
    {
        "seconds": {"plan": 0.61, "tools": 2.4, "store": 0.02, "total": 3.1},
        "tokens": {"evaluated": 412, "generated": 46},
        "raw": '{"steps":[{"tool":"edit","instruction":"make the squirrel red","target":"squirrel"}],"reply":"Here."}',
        "repaired": False,
    }
)
_MEASURES = json.dumps({"changed_outside": 0, "passed": True, "attempts": 1, "note": "The squirrel is red now."})
_ENVIRONMENT = '{"device":"cpu","dtype":"float32","libraries":{"torch":"2.9.1"},"threads":2}'

Rows: TypeAlias = dict[str, list[tuple[object, ...]]]


@dataclass
class Place:
    """Where in a session the next turn begins."""

    session: int
    turn: int = 0
    node: int = 0
    pictures: tuple[int, ...] = ()
    """The last fifty."""


def fill(home: Path, nodes: int) -> None:
    """Makes a store of that many nodes, in sessions named "long 1", "long 2", …"""
    with Store(home) as store:
        counts = [min(LONGEST, nodes - first) for first in range(0, nodes, LONGEST)]
        sessions = [(store.session(f"long {number}").id, count) for number, count in enumerate(counts, start=1)]
    with closing(sqlite3.connect(home / "lineage.sqlite3", isolation_level=None)) as database:
        database.execute("PRAGMA synchronous = OFF")
        database.execute("INSERT INTO environments (content) VALUES (?)", (_ENVIRONMENT,))
        for session, count in sessions:
            database.execute("BEGIN")
            _fill_session(database, session, count)
            database.execute("COMMIT")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _fill_session(database: sqlite3.Connection, session: int, nodes: int) -> None:
    place = Place(session)
    turns = _turns(place, nodes)
    while batch := list(islice(turns, AT_ONCE)):
        for table in batch[0]:
            rows = [row for turn in batch for row in turn[table]]
            if rows:
                database.executemany(_insert(table, len(rows[0])), rows)
    head = place.pictures[-1]
    database.execute("UPDATE branches SET head = ? WHERE session_id = ? AND name = 'main'", (head, session))


def _insert(table: str, columns: int) -> str:
    named = "(text, session_id, turn, node)" if table == "words" else ""
    return f"INSERT INTO {table} {named} VALUES ({', '.join('?' * columns)})"


def _turns(place: Place, nodes: int) -> Iterator[Rows]:
    while place.node < nodes:
        yield _turn(place, with_mask=place.turn % 3 == 0 and place.node + 2 <= nodes)


def _turn(place: Place, *, with_mask: bool) -> Rows:
    """The rows of the next turn, by table in the order in which they may be inserted."""
    place.turn += 1
    source, head = _source(place), place.pictures[-1] if place.pictures else None
    made = place.node + 1 + with_mask
    place.node = made
    place.pictures = (*place.pictures[-49:], made)
    said, reply = _said(place.turn), "Here it is, made as you said."
    key, moment = (place.session, place.turn), _MOMENT.format(place.turn // 60 % 60, place.turn % 60)
    old = "" if head is None else f"n{head}"
    previous = None if place.turn == 1 else place.turn - 1
    parents = [
        (number, role) for number, role in ((source, "source"), (made - 1 if with_mask else None, "mask")) if number
    ]
    return {
        "turns": [(*key, said, "done", "", '{"steps":[]}', reply, "ab" * 32, _DETAILS, moment, moment)],
        "nodes": [
            *([_node(place, made - 1, "mask", said, moment)] if with_mask else []),
            _node(place, made, "image", said, moment),
        ],
        "edges": [(place.session, made, place_, parent, role) for place_, (parent, role) in enumerate(parents)],
        "operations": [(*key, "turn", said, place.turn, None, previous, moment)],
        "moves": [(*key, 0, "branch", "main", old, f"n{made}")],
        "words": [
            (said, place.session, place.turn, None),
            (reply, place.session, place.turn, None),
            (f"{said}\nsquirrel\nThe squirrel is red now.", place.session, None, made),
        ],
    }


def _source(place: Place) -> int | None:
    if not place.pictures:
        return None
    return place.pictures[0] if place.turn % 100 == 0 else place.pictures[-1]


def _node(place: Place, number: int, kind: str, said: str, moment: str) -> tuple[object, ...]:
    blob, pixels, recipe = (sha256(f"{place.session} {number} {of}".encode()).hexdigest() for of in "bpr")
    picture = kind == "image"
    arguments = json.dumps(
        {"instruction": said, "target": "squirrel", "steps": 12, "guidance": 4.0, "seeded": place.turn}
    )
    call = ("edit", "3", "f" * 64, arguments, place.turn, 1) if picture else (None,) * 6
    row = (place.session, number, kind, blob, 128, 128, said, *call, recipe if picture else "")
    return (*row, _MEASURES if picture else "{}", place.turn, moment, pixels, None)


def _said(turn: int) -> str:
    """About fifty letters; no two of a session are the same."""
    thing, color = _THINGS[turn // 7 % 10], _COLORS[turn % 10]
    common = f" at {COMMON}" if turn % 10 == 3 else ""
    rare = f" under a {RARE}" if turn == 777 else ""
    return f"make the {thing} number {turn} in the middle {color}{common}{rare}, please"
