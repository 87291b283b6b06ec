"""How Alembic runs the steps: inside the transaction of the connection it is handed."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, version_table="schema_revision")
context.run_migrations()
