"""The frontier's queue in an index of its own; what visits have seen of a page's changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add two columns and an index; pages that are there begin without a history."""
    op.add_column("page", sa.Column("watched_changes", sa.Double(), server_default="0", nullable=False))
    op.add_column("page", sa.Column("watched_seconds", sa.Double(), server_default="0", nullable=False))
    op.create_index("ix_page_queue", "page", ["state", "host", sa.text("priority DESC"), "depth", "id"], unique=False)
