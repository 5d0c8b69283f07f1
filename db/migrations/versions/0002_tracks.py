"""Tracks: recordings, their artists, and the titles as written that lead to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTE_TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables; existing facts are read for tracks at the next import or build."""
    op.create_table(
        "track",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("artist_id", BIG_ID, nullable=False),
        sa.Column("key", BYTE_TEXT, nullable=False),
        sa.Column("version", BYTE_TEXT, nullable=False),
        sa.Column("mark", BYTE_TEXT, nullable=False),
        sa.Column("title", BYTE_TEXT, nullable=False),
        sa.Column("credit", BYTE_TEXT, nullable=False),
        sa.Column("mbid", BYTE_TEXT, nullable=True),
        sa.Column("isrc", BYTE_TEXT, nullable=True),
        sa.Column("curated", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("retired", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["artist_id"], ["artist.id"], name=op.f("fk_track_artist_id_artist"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_track")),
        sa.UniqueConstraint("artist_id", "key", "version", "mark", name=op.f("uq_track_artist_id_key_version_mark")),
        sa.UniqueConstraint("mbid", name=op.f("uq_track_mbid")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "track_artist",
        sa.Column("track_id", BIG_ID, nullable=False),
        sa.Column("artist_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["artist_id"], ["artist.id"], name=op.f("fk_track_artist_artist_id_artist"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["track_id"], ["track.id"], name=op.f("fk_track_artist_track_id_track"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("track_id", "artist_id", name=op.f("pk_track_artist")),
    )
    op.create_index(op.f("ix_track_artist_artist_id"), "track_artist", ["artist_id"], unique=False)
    op.create_table(
        "track_title",
        sa.Column("credit_id", BIG_ID, nullable=False),
        sa.Column("title", BYTE_TEXT, nullable=False),
        sa.Column("track_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["credit_id"], ["credit.id"], name=op.f("fk_track_title_credit_id_credit"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["track_id"], ["track.id"], name=op.f("fk_track_title_track_id_track"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("credit_id", "title", name=op.f("pk_track_title")),
    )
    op.create_index(op.f("ix_track_title_track_id"), "track_title", ["track_id"], unique=False)
    op.execute(sa.text("UPDATE import_batch SET resolved = false WHERE kind IN ('plays', 'playlists')"))
