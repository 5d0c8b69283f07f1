"""Sentences that show where top terms come from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTE_TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "quoted_sentence",
        sa.Column("run_id", BIG_ID, nullable=False),
        sa.Column("document_id", BIG_ID, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("sentence", BYTE_TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_quoted_sentence_document_id_document"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name=op.f("fk_quoted_sentence_run_id_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "document_id", "place", name=op.f("pk_quoted_sentence")),
    )
    op.create_index(op.f("ix_quoted_sentence_document_id"), "quoted_sentence", ["document_id"], unique=False)
    op.create_table(
        "term_quote",
        sa.Column("run_id", BIG_ID, nullable=False),
        sa.Column("artist_id", BIG_ID, nullable=False),
        sa.Column("kind", BYTE_TEXT, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("document_id", BIG_ID, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["artist_id"], ["artist.id"], name=op.f("fk_term_quote_artist_id_artist")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_term_quote_document_id_document"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_term_quote_run_id_run"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "artist_id", "kind", "rank", "document_id", name=op.f("pk_term_quote")),
    )
    op.create_index(op.f("ix_term_quote_document_id"), "term_quote", ["document_id"], unique=False)
