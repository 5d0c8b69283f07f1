"""Evidence in one row per pair, never-suggest flags, thumbs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTE_TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")

PACK = {
    "sqlite": """
        INSERT INTO packed_evidence
        SELECT run_id, artist_id, related_id, json_group_array(json(piece)) FROM (
            SELECT run_id, artist_id, related_id, json_array(kind, name, value, rank, NULL, NULL, NULL) AS piece
            FROM related_evidence ORDER BY run_id, artist_id, related_id, id
        ) GROUP BY run_id, artist_id, related_id""",
    "postgresql": """
        INSERT INTO packed_evidence
        SELECT run_id, artist_id, related_id,
               jsonb_agg(jsonb_build_array(kind, name, value, rank, NULL, NULL, NULL) ORDER BY id)::text
        FROM related_evidence GROUP BY run_id, artist_id, related_id""",
}


def upgrade() -> None:
    """Pack the evidence of earlier runs; make the other tables."""
    op.create_table(
        "packed_evidence",
        sa.Column("run_id", BIG_ID, nullable=False),
        sa.Column("artist_id", BIG_ID, nullable=False),
        sa.Column("related_id", BIG_ID, nullable=False),
        sa.Column("pieces", BYTE_TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name=op.f("fk_packed_evidence_run_id_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "artist_id", "related_id", name=op.f("pk_packed_evidence")),
    )
    op.execute(PACK[op.get_bind().dialect.name])
    op.drop_table("related_evidence")
    op.create_table(
        "never_suggest",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("kind", BYTE_TEXT, nullable=False),
        sa.Column("name", BYTE_TEXT, nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_never_suggest")),
        sa.UniqueConstraint("kind", "name", name=op.f("uq_never_suggest_kind_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "never_suggest_artist",
        sa.Column("never_id", BIG_ID, nullable=False),
        sa.Column("artist_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["artist_id"], ["artist.id"], name=op.f("fk_never_suggest_artist_artist_id_artist")
        ),
        sa.ForeignKeyConstraint(
            ["never_id"], ["never_suggest.id"], name=op.f("fk_never_suggest_artist_never_id_never_suggest"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("never_id", "artist_id", name=op.f("pk_never_suggest_artist")),
    )  # fmt: skip
    op.create_index(op.f("ix_never_suggest_artist_artist_id"), "never_suggest_artist", ["artist_id"], unique=False)
    op.create_table(
        "rating",
        sa.Column("artist_id", BIG_ID, nullable=False),
        sa.Column("similar_id", BIG_ID, nullable=False),
        sa.Column("up", sa.Boolean(), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["artist_id"], ["artist.id"], name=op.f("fk_rating_artist_id_artist")),
        sa.ForeignKeyConstraint(["similar_id"], ["artist.id"], name=op.f("fk_rating_similar_id_artist")),
        sa.PrimaryKeyConstraint("artist_id", "similar_id", name=op.f("pk_rating")),
    )
