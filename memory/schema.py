"""Brings a database to the schema of this program when a store is opened."""

from sqlalchemy import Connection, Engine, inspect, text

from pentimento.memory.sqlite import without_foreign_keys

LATEST = "0004"
"""The newest revision; known here so that Alembic is imported only when there is something to upgrade."""


def upgrade(engine: Engine) -> None:
    """Upgrades in one transaction, whole or not at all; raises StoreError when the database is newer than the program."""
    with engine.begin() as connection:
        found = revision(connection)
    if found != LATEST:
        # Here, not above: nothing of Alembic is needed to open a database that is up to date.
        from pentimento.memory.migrations import run  # noqa: PLC0415

        with without_foreign_keys(engine) as connection:
            run.upgrade(connection, found)


def revision(connection: Connection) -> str | None:
    """The revision of a database; None for one that holds nothing of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
