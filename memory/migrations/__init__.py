"""Alembic's environment and one revision per change of the schema; `memory.schema` runs them."""
