"""Runs migrations on the connection that `db.migrate` hands over."""

from __future__ import annotations

from alembic import context

import db.catalog
import db.results
import db.web  # noqa: F401  fills the metadata
from db.base import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, transactional_ddl=False)
context.run_migrations()
