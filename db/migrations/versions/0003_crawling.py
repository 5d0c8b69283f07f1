"""Crawling on a timetable, within a scope; what was taken down; why a text is about music."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTE_TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add tables and columns; rows that are there have their defaults."""
    for column in (
        sa.Column("cron", BYTE_TEXT, nullable=True),
        sa.Column("include", BYTE_TEXT, server_default="[]", nullable=False),
        sa.Column("exclude", BYTE_TEXT, server_default="[]", nullable=False),
        sa.Column("max_depth", sa.Integer(), nullable=True),
        sa.Column("max_pages", sa.Integer(), nullable=True),
        sa.Column("crawled_pages", sa.Integer(), server_default="0", nullable=False),
        sa.Column("crawled_seconds", sa.Double(), server_default="0", nullable=False),
    ):
        op.add_column("source", column)
    op.add_column("document", sa.Column("musicality_reasons", BYTE_TEXT, nullable=True))
    op.create_table(
        "entry",
        sa.Column("source_id", BIG_ID, nullable=False),
        sa.Column("url", BYTE_TEXT, nullable=False),
        sa.Column("kind", BYTE_TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_entry_source_id_source"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source_id", "url", name=op.f("pk_entry")),
    )
    op.create_table(
        "takedown",
        sa.Column("target", BYTE_TEXT, nullable=False),
        sa.Column("kind", BYTE_TEXT, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("target", name=op.f("pk_takedown")),
    )
    op.create_table(
        "timetable",
        sa.Column("name", BYTE_TEXT, nullable=False),
        sa.Column("cron", BYTE_TEXT, nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_timetable")),
    )
