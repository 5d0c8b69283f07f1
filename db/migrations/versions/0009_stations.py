"""Stations in one row per track."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTE_TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table; runs that are there have no stations."""
    op.create_table(
        "packed_station",
        sa.Column("run_id", BIG_ID, nullable=False),
        sa.Column("track_id", BIG_ID, nullable=False),
        sa.Column("pieces", BYTE_TEXT, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_packed_station_run_id_run"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "track_id", name=op.f("pk_packed_station")),
    )
