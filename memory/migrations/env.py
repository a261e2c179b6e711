"""Run by Alembic: upgrades on the connection that `memory.schema` hands over, inside its transaction."""

from alembic import context

from pentimento.memory.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
