import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from pentimento.bench.memory_rows import fill
from pentimento.memory.forget import forget_picture, forget_session
from pentimento.memory.store import Store
from pentimento.memory.tables import Base

pytestmark = pytest.mark.slow


@dataclass
class Work:
    """What it took, whatever the clock says."""

    statements: int = 0
    rows: int = 0
    """Made into objects."""
    steps: int = 0
    """Of SQLite's machine, in thousands."""

    def note_statement(self, *_: object) -> None:
        self.statements += 1

    def note_row(self, *_: object) -> None:
        self.rows += 1

    def note_steps(self) -> None:
        self.steps += 1

    def watch_steps(self, connection: sqlite3.Connection, _: object) -> None:
        connection.set_progress_handler(self.note_steps, 1000)


def work_of_forgetting(home: Path, nodes: int, forget: Callable[[Store, int], object]) -> Work:
    """In a session of so many nodes."""
    fill(home, nodes)
    work = Work()
    listening: list[tuple[type, str, Callable[..., None]]] = [
        (Engine, "before_cursor_execute", work.note_statement),
        (Engine, "connect", work.watch_steps),
        (Base, "load", work.note_row),
    ]
    for target, name, listener in listening:
        event.listen(target, name, listener, propagate=target is Base)
    try:
        with Store(home) as store:
            forget(store, store.session("long 1").id)
    finally:
        for target, name, listener in listening:
            event.remove(target, name, listener)
    return work


def test_forgetting_a_session_of_four_times_the_size_is_about_four_times_the_work(tmp_path: Path) -> None:
    small, large = (work_of_forgetting(tmp_path / str(nodes), nodes, forget_session) for nodes in (1000, 4000))
    assert large.statements <= 1.5 * small.statements
    assert large.steps <= 6 * small.steps
    assert large.rows <= 6 * small.rows


def test_forgetting_a_picture_reads_no_rows_that_have_nothing_to_do_with_it(tmp_path: Path) -> None:
    def forget(store: Store, session_id: int) -> None:
        forget_picture(store, session_id, "n700")

    small, large = (work_of_forgetting(tmp_path / str(nodes), nodes, forget) for nodes in (1000, 4000))
    assert (large.rows, large.statements) == (small.rows, small.statements)
