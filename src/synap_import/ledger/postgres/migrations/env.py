"""Run by alembic: on the connection that it is given, in the schema that this looks into."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
