"""Runs the revisions with Alembic; imported only when there is something to upgrade, because Alembic loads slowly."""

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from pentimento.memory.types import StoreError


def upgrade(connection: Connection, found: str | None) -> None:
    """Upgrades from a revision, or from an empty database; raises StoreError when the revision is not known."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "pentimento.memory:migrations")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise StoreError("The history was written by a newer version of Pentimento; update Pentimento to open it.")
    command.upgrade(config, "head")
