"""How far what the models say of a pair can be trusted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add a column; of the runs that are there it is not known."""
    op.add_column("related_artist", sa.Column("confidence", sa.Double(), nullable=True))
