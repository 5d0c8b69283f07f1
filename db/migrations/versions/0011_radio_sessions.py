"""Radio sessions and what happens in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTE_TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make two tables."""
    op.create_table(
        "radio_session",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("name", BYTE_TEXT, nullable=False),
        sa.Column("listener_id", BIG_ID, nullable=True),
        sa.Column("title", BYTE_TEXT, nullable=False),
        sa.Column("seeds", BYTE_TEXT, nullable=False),
        sa.Column("seed", BIG_ID, nullable=False),
        sa.Column("settings", BYTE_TEXT, nullable=False),
        sa.Column("version", BIG_ID, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["listener_id"], ["listener.id"], name=op.f("fk_radio_session_listener_id_listener"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_radio_session")),
        sa.UniqueConstraint("name", name=op.f("uq_radio_session_name")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_radio_session_listener_id"), "radio_session", ["listener_id"], unique=False)
    op.create_table(
        "radio_event",
        sa.Column("session_id", BIG_ID, nullable=False),
        sa.Column("number", BIG_ID, nullable=False),
        sa.Column("kind", BYTE_TEXT, nullable=False),
        sa.Column("track_id", BIG_ID, nullable=True),
        sa.Column("artist_id", BIG_ID, nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("said", BYTE_TEXT, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["radio_session.id"], name=op.f("fk_radio_event_session_id_radio_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", "number", name=op.f("pk_radio_event")),
    )  # fmt: skip
    op.create_index(
        "ix_radio_event_song", "radio_event", ["session_id", "track_id"], unique=True,
        sqlite_where=sa.text("kind = 'song'"), postgresql_where=sa.text("kind = 'song'"),
    )  # fmt: skip
