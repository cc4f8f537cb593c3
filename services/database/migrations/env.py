"""Where Alembic begins: on the connection that `services.database.migrate` gives it."""

from __future__ import annotations

from alembic import context

from services.database.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
