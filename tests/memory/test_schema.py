import os
import shutil
import signal
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event

from pentimento.memory import migrations
from pentimento.memory.migrations import run
from pentimento.memory.schema import LATEST
from pentimento.memory.sqlite import open_engine
from pentimento.memory.store import Store
from pentimento.memory.tables import Base
from pentimento.memory.types import NodeKind, StoreError, TurnStatus
from tests.memory.make_upgrade_asset import ASSETS
from tests.memory.stories import png, take_turn
from tests.new_homes import Upgrade

REVISIONS = ScriptDirectory(str(Path(migrations.__file__).parent))


def old_home(revision: str, tmp_path: Path) -> Path:
    return Path(shutil.copytree(ASSETS / revision, tmp_path / "home"))


@pytest.fixture(params=sorted(path.name for path in ASSETS.iterdir()))
def upgraded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with Store(old_home(request.param, tmp_path)) as store:
        yield store


def test_there_is_a_stored_home_of_every_schema() -> None:
    revisions = {script.revision for script in REVISIONS.walk_revisions()}
    assert {path.name for path in ASSETS.iterdir()} == revisions


def test_the_latest_schema_is_the_newest_revision() -> None:
    assert REVISIONS.get_heads() == [LATEST]


def test_homes_that_tests_make_quickly_are_those_that_the_program_makes(tmp_path: Path) -> None:
    assert made_by(tmp_path / "program", run.upgrade.__wrapped__) == made_by(tmp_path / "tests", run.upgrade)  # type: ignore[attr-defined]


def made_by(folder: Path, upgrade: Upgrade) -> list[tuple[object, ...]]:
    """Everything in a new database that `upgrade` made."""
    folder.mkdir()
    engine = open_engine(folder / "lineage.sqlite3")
    with engine.begin() as connection:
        upgrade(connection, None)
    with engine.begin() as connection:
        tables = connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name").all()
        revision = connection.exec_driver_sql("SELECT * FROM alembic_version").all()
    engine.dispose()
    return [*map(tuple, tables), *map(tuple, revision)]


def in_tables(_object: object, name: str | None, kind: str, *_: object) -> bool:
    """All but the search index, which is no table of ours."""
    return kind != "table" or not str(name).startswith("words")


def test_the_migrated_database_is_what_the_rows_say(home: Path) -> None:
    engine = open_engine(home / "lineage.sqlite3")
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": in_tables})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_the_migrated_database_has_the_checks_of_the_rows(home: Path) -> None:
    with closing(sqlite3.connect(home / "lineage.sqlite3")) as database:
        schema = " ".join(text for (text,) in database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))
    names = [str(constraint.name) for table in Base.metadata.tables.values() for constraint in table.constraints]
    named = [name for name in names if name != "None"]
    assert len(named) >= 30
    assert [name for name in named if f"CONSTRAINT {name} " not in schema] == []


def test_an_old_home_is_whole_after_the_upgrade(upgraded: Store) -> None:
    assert_is_the_old_story(upgraded)


def assert_is_the_old_story(upgraded: Store) -> None:
    assert upgraded.verify() == ()
    session = upgraded.session("default")
    assert (session.branch, session.head) == ("main", "n1")
    nodes = upgraded.nodes(session.id)
    assert [node.kind for node in nodes] == [NodeKind.IMAGE, NodeKind.MASK, NodeKind.IMAGE, NodeKind.IMAGE]
    assert [upgraded.png(node) for node in nodes] == [png(1), png(-3), png(2), png(3)]
    statuses = [turn.status for turn in upgraded.turns(session.id)]
    assert statuses == [TurnStatus.DONE, TurnStatus.DONE, TurnStatus.FAILED]
    kinds = [operation.kind for operation in upgraded.operations(session.id)]
    assert kinds == ["turn", "turn", "undo", "redo", "import", "checkout"]


def test_an_old_home_can_be_used_after_the_upgrade(upgraded: Store) -> None:
    session = upgraded.session("default")
    upgraded.undo(session.id, 2)
    assert upgraded.session("default").head == "n3"
    node = take_turn(upgraded, session.id, 9, "n3")
    assert (node.id, node.turn) == ("n5", 4)
    assert [ancestor.id for ancestor in upgraded.ancestors(session.id, "n5")] == ["n3", "n1"]
    assert upgraded.verify() == ()


def upgrade_and_die(home: Path, at: int) -> bool:
    """Opens a home in a process of its own, which is killed before or after some statement; whether it came so far."""
    child = os.fork()
    if child:
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])
    left = iter(range(1, at))

    def die(*_: object) -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        for moment in ("before_cursor_execute", "after_cursor_execute"):
            event.listen(Engine, moment, die)
        Store(home).close()
    finally:
        os._exit(0)


def revision_of(home: Path) -> str:
    """As a database says that nobody has opened since; the log of what was committed counts."""
    with closing(sqlite3.connect(home / "lineage.sqlite3")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def revisions_after_kills(tmp_path: Path, moments: Iterable[int]) -> list[str]:
    """What each kill left; the home is opened, upgraded and looked through afterwards."""
    found = []
    for moment in moments:
        home = Path(shutil.copytree(ASSETS / "0001", tmp_path / str(moment)))
        if not upgrade_and_die(home, moment):
            break
        found.append(revision_of(home))
        with Store(home) as store:
            assert_is_the_old_story(store)
    return found


@pytest.mark.slow
def test_an_upgrade_that_is_killed_here_and_there_leaves_the_old_home_or_the_new(tmp_path: Path) -> None:
    found = revisions_after_kills(tmp_path, range(5, 1000, 20))
    assert len(found) >= 3
    assert set(found) <= {"0001", LATEST}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_upgrade_that_is_killed_before_or_after_any_statement_leaves_the_old_home_or_the_new(tmp_path: Path) -> None:
    found = revisions_after_kills(tmp_path, range(1, 1000))
    assert len(found) >= 50
    assert sorted(set(found)) == ["0001", LATEST]
    assert found == sorted(found)


def test_a_database_newer_than_the_program_is_refused_and_left_alone(home: Path) -> None:
    with closing(sqlite3.connect(home / "lineage.sqlite3", isolation_level=None)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer version of Pentimento; update"):
        Store(home)
    with closing(sqlite3.connect(home / "lineage.sqlite3")) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO edges VALUES (1, 1, 0, 1, 'source')",
        "INSERT INTO edges VALUES (1, 1, 0, 9, 'source')",
        "UPDATE branches SET head = 9",
        "UPDATE sessions SET branch = 'nowhere'",
        "UPDATE turns SET status = 'running'",
        "UPDATE turns SET status = 'asleep'",
        "UPDATE nodes SET kind = 'sound'",
        "UPDATE nodes SET seed = NULL",
        "UPDATE nodes SET turn = 9",
        "INSERT INTO sessions SELECT 2, name, branch, used, created FROM sessions",
        "DELETE FROM nodes",
    ],
)
def test_the_schema_refuses_what_cannot_be(home: Path, statement: str) -> None:
    with Store(home) as store:
        take_turn(store, store.session("default").id, 1, None)
    with closing(sqlite3.connect(home / "lineage.sqlite3")) as database:
        database.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError):  # noqa: PT012  a deferred constraint speaks at the commit
            database.execute(statement)
            database.commit()
