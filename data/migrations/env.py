"""How Alembic runs the steps: inside the transaction of the connection it is handed."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]
# Only the store's own schema counts: another store may be visible behind it on the search path.
context.configure(
    connection=connection,
    version_table="schema_revision",
    version_table_schema=connection.dialect.default_schema_name,
)
context.run_migrations()
