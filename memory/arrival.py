"""Rows that come from outside: taken for a history only when they are whole and contradict nothing.

Nothing is stored here. The constraints of the schema are tried on a database in memory; what they can't see is checked by
hand: that no operation points forward, and that every move begins where the one before it ended.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Column, Integer, create_engine, insert
from sqlalchemy.exc import IntegrityError

from pentimento.memory.journal import KEPT
from pentimento.memory.pointers import FIRST_BRANCH, checked_name
from pentimento.memory.tables import Base, UtcDateTime, as_moment
from pentimento.memory.types import AT_NODES, LONGEST_PREFERENCE, NodeKind, Pointer, StoreError, TurnStatus

TABLES = tuple(row.__tablename__ for row in KEPT)
"""In the order in which they can be inserted."""
NAME_LENGTH = 100
_NESTED = 20
_HIGHEST = 10**9
"""No number of a node, turn or operation is as high."""

Row = dict[str, Any]
"""Columns as the database takes them."""


class Unfit(Exception):
    """This can't be a history; the message says why, as a part of a sentence."""


@dataclass(frozen=True)
class Picture:
    node: str
    """Id."""
    blob: str
    width: int
    height: int
    pixels: str


@dataclass(frozen=True)
class History:
    """One session, checked, not stored."""

    rows: Mapping[str, Sequence[Row]]
    """By table."""
    branches: Mapping[str, str]
    """Id of the head by name, empty for a branch without a picture."""
    tags: Mapping[str, str]

    @property
    def session(self) -> Row:
        return self.rows["sessions"][0]

    @property
    def name(self) -> str:
        """What it was called, fit to be shown and typed."""
        printable = "".join(letter if letter.isprintable() else " " for letter in self.session["name"])
        return " ".join(printable.split())[:NAME_LENGTH] or "bundle"

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """Of the nodes that are not gone."""
        return tuple(
            Picture(f"n{row['number']}", row["blob"], row["width"], row["height"], row["pixels"])
            for row in self.rows["nodes"]
            if row["gone"] is None
        )

    @property
    def blobs(self) -> tuple[str, ...]:
        """The files that it needs, each once."""
        return tuple(dict.fromkeys(picture.blob for picture in self.pictures))


def checked(records: Iterable[object]) -> History:
    """Records of `memory.journal` as the history of one session. Raises `Unfit`."""
    rows: dict[str, list[Row]] = {name: [] for name in TABLES}
    for record in records:
        table, row = _row(record)
        rows[table].append(row)
    rows["operations"].sort(key=lambda row: row["number"])
    rows["moves"].sort(key=lambda row: (row["operation"], row["position"]))
    _check_session(rows)
    _check_edges(rows)
    _check_constraints(rows)
    _check_order(rows["operations"])
    branches, tags = _pointers(rows)
    return History(rows, branches, tags)


def _row(record: object) -> tuple[str, Row]:
    if not isinstance(record, dict) or record.get("table") not in TABLES:
        raise Unfit("it holds a row of no known kind")
    name = str(record["table"])
    columns = Base.metadata.tables[name].columns
    if record.keys() != {"table", *columns.keys()}:
        raise Unfit(f"a row of {name} lacks something or has too much")
    try:
        return name, {column.name: _value(column, record[column.name]) for column in columns}
    except (ValueError, RecursionError) as error:
        raise Unfit(f"a row of {name} has a value that can't be") from error


def _value(column: Column[Any], value: object) -> object:
    """The value as the database takes it. Raises ValueError."""
    # NaN and half characters are no JSON and no text.
    json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    if value is None and column.nullable:
        return None
    match column.type, value:
        case Integer(), int() if not isinstance(value, bool) and abs(value) < 2**63:
            return value
        case UtcDateTime(), str():
            return as_moment(value)
        case JSON(), dict() if _is_flat(value, _NESTED):
            return value
        case kind, str() if not isinstance(kind, Integer | JSON):
            return value
    raise ValueError(column.name)


def _is_flat(value: object, room: int) -> bool:
    """Whether dictionaries and lists lie in each other at most `room` deep."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return room > 0 and all(_is_flat(one, room - 1) for one in inner)


def _check_session(rows: Mapping[str, Sequence[Row]]) -> None:
    if len(rows["sessions"]) != 1:
        raise Unfit("it should hold one session")
    own = rows["sessions"][0]["id"]
    if any(row.get("session_id", own) != own for table in TABLES for row in rows[table]):
        raise Unfit("it holds rows of another session")
    if any(row["number"] >= _HIGHEST for table in ("nodes", "turns", "operations") for row in rows[table]):
        raise Unfit("it holds a number that is too high")
    if any(row["status"] == TurnStatus.RUNNING for row in rows["turns"]):
        raise Unfit("one of its turns has not ended")
    if any(not isinstance(_parsed(row["content"]), dict) for row in rows["environments"]):
        raise Unfit("it says in no known form where a picture was made")


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _check_edges(rows: Mapping[str, Sequence[Row]]) -> None:
    known = {row["number"] for row in rows["nodes"]}
    for edge in rows["edges"]:
        child, parent = edge["child"], edge["parent"]
        if child not in known or parent not in known:
            raise Unfit(f"n{child} is made from n{parent}, and one of both is missing")
        if parent >= child:
            raise Unfit(f"n{child} is made from n{parent}, which is not older")


def _check_constraints(rows: Mapping[str, Sequence[Row]]) -> None:
    """Everything that the schema forbids."""
    engine = create_engine("sqlite://")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
            Base.metadata.create_all(connection)
            for name in TABLES:
                if rows[name]:
                    connection.execute(insert(Base.metadata.tables[name]), rows[name])
    except IntegrityError as error:
        raise Unfit(f"its rows contradict each other ({error.orig})") from error
    finally:
        engine.dispose()


def _check_order(operations: Sequence[Row]) -> None:
    """Undo and redo follow `parent` and `reverses`; they come to an end because both point back."""
    for number, row in enumerate(operations, start=1):
        if row["number"] != number:
            raise Unfit(f"operation {number} is missing")
        if max(row["parent"] or 0, row["reverses"] or 0) >= number:
            raise Unfit(f"operation {number} comes before the one that it follows")


def _pointers(rows: Mapping[str, Sequence[Row]]) -> tuple[dict[str, str], dict[str, str]]:
    """Branches and tags as the moves leave them."""
    kinds = {f"n{row['number']}": (row["kind"], row["gone"]) for row in rows["nodes"]}
    branches, tags = {FIRST_BRANCH: ""}, dict[str, str]()
    for row in rows["moves"]:
        if row["pointer"] not in AT_NODES:
            continue
        known = branches if row["pointer"] == Pointer.BRANCH else tags
        if row["old"] is not None and known is branches:
            # A turn that another process overtook begins a branch where it stood.
            known.setdefault(row["name"], row["old"])
        if known.get(row["name"]) != row["old"] or any(
            kinds.get(at, "") == "" for at in (row["old"], row["new"]) if at
        ):
            raise Unfit(f"operation {row['operation']} moves {row['name']} from or to where it can't be")
        known.pop(row["name"], None)
        known.update({} if row["new"] is None else {row["name"]: row["new"]})
    _check_pointers(rows, branches, tags, kinds)
    return branches, tags


def _check_pointers(
    rows: Mapping[str, Sequence[Row]],
    branches: Mapping[str, str],
    tags: Mapping[str, str],
    kinds: Mapping[str, tuple[str, str | None]],
) -> None:
    ends = {*branches.values(), *tags.values()} - {""}
    if any(kinds[at] != (NodeKind.IMAGE, None) for at in ends) or not all(tags.values()):
        raise Unfit("a branch or a tag is at something that is no picture")
    names = {row["name"] or name for row in rows["moves"] for name in (row["old"], row["new"])}
    preferred = [row for row in rows["moves"] if row["pointer"] == Pointer.PREFERENCE]
    if any(len(words or "") > LONGEST_PREFERENCE for row in preferred for words in (row["old"], row["new"])):
        raise Unfit("a preference is too long")
    if rows["sessions"][0]["branch"] not in branches:
        raise Unfit("the branch that it is on is missing")
    try:
        for name in {*branches, *names}:
            checked_name(name)
    except StoreError as error:
        raise Unfit("a branch or a tag has a name that can't be one") from error
