"""What the files of facts are, and what tables hold when a run is published, so that damage to one shows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add two columns; `db.facts.seal` fills the first for the files that are there."""
    op.add_column("import_batch", sa.Column("file_sha256", sa.String(), nullable=True))
    op.add_column("run", sa.Column("sums", sa.String(), server_default="{}", nullable=False))
