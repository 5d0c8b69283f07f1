"""Runs migrations on the connection that `db.migrate` hands over."""

from __future__ import annotations

from alembic import context

from db.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True, transactional_ddl=False)
context.run_migrations()
