"""Lists of Discover, and what listeners say of artists and tracks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTE_TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make two tables."""
    op.create_table(
        "discovery",
        sa.Column("listener_id", BIG_ID, nullable=False),
        sa.Column("run_id", BIG_ID, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("artist_id", BIG_ID, nullable=False),
        sa.Column("track_id", BIG_ID, nullable=True),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("because_id", BIG_ID, nullable=True),
        sa.Column("because_plays", sa.Double(), nullable=True),
        sa.Column("because_rank", sa.Integer(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("since", BYTE_TEXT, nullable=False),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.Column("spare", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["artist_id"], ["artist.id"], name=op.f("fk_discovery_artist_id_artist")),
        sa.ForeignKeyConstraint(["because_id"], ["artist.id"], name=op.f("fk_discovery_because_id_artist")),
        sa.ForeignKeyConstraint(
            ["listener_id"], ["listener.id"], name=op.f("fk_discovery_listener_id_listener"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_discovery_run_id_run"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["track_id"], ["track.id"], name=op.f("fk_discovery_track_id_track")),
        sa.PrimaryKeyConstraint("listener_id", "run_id", "rank", name=op.f("pk_discovery")),
    )
    op.create_table(
        "listener_verdict",
        sa.Column("listener_id", BIG_ID, nullable=False),
        sa.Column("kind", BYTE_TEXT, nullable=False),
        sa.Column("thing_id", BIG_ID, nullable=False),
        sa.Column("verdict", BYTE_TEXT, nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["listener_id"], ["listener.id"], name=op.f("fk_listener_verdict_listener_id_listener"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("listener_id", "kind", "thing_id", name=op.f("pk_listener_verdict")),
    )  # fmt: skip
