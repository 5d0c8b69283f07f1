"""The first released schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTE_TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "artist",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("name", BYTE_TEXT, nullable=False),
        sa.Column("key", BYTE_TEXT, nullable=False),
        sa.Column("disambiguation", BYTE_TEXT, nullable=False),
        sa.Column("mbid", BYTE_TEXT, nullable=True),
        sa.Column("curated", sa.Boolean(), nullable=False),
        sa.Column("retired", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artist")),
        sa.UniqueConstraint("key", "disambiguation", name=op.f("uq_artist_key_disambiguation")),
        sa.UniqueConstraint("mbid", name=op.f("uq_artist_mbid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_artist_key"), "artist", ["key"], unique=False)
    op.create_table(
        "credit",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("text", BYTE_TEXT, nullable=False),
        sa.Column("key", BYTE_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit")),
        sa.UniqueConstraint("text", name=op.f("uq_credit_text")),
    )
    op.create_index(op.f("ix_credit_key"), "credit", ["key"], unique=False)
    op.create_table(
        "import_batch",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("kind", BYTE_TEXT, nullable=False),
        sa.Column("source", BYTE_TEXT, nullable=False),
        sa.Column("sha256", BYTE_TEXT, nullable=False),
        sa.Column("options", BYTE_TEXT, nullable=False),
        sa.Column("format", BYTE_TEXT, nullable=False),
        sa.Column("file", BYTE_TEXT, nullable=True),
        sa.Column("rows", BIG_ID, nullable=False),
        sa.Column("rejected", BIG_ID, nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
        sa.UniqueConstraint("kind", "sha256", "options", name=op.f("uq_import_batch_kind_sha256_options")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "lease",
        sa.Column("name", BYTE_TEXT, nullable=False),
        sa.Column("owner", BYTE_TEXT, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "listener",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("name", BYTE_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listener")),
        sa.UniqueConstraint("name", name=op.f("uq_listener_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "robots",
        sa.Column("origin", BYTE_TEXT, nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", BYTE_TEXT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_robots")),
    )
    op.create_table(
        "run",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("artifacts", BYTE_TEXT, nullable=False),
        sa.Column("served_by", BYTE_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "source",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("url", BYTE_TEXT, nullable=False),
        sa.Column("kind", BYTE_TEXT, nullable=False),
        sa.Column("every", sa.Integer(), nullable=True),
        sa.Column("delay", sa.Double(), nullable=True),
        sa.Column("allow_private", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_crawl_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_crawl_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("url", name=op.f("uq_source_url")),
    )
    op.create_table(
        "alias",
        sa.Column("artist_id", BIG_ID, nullable=False),
        sa.Column("name", BYTE_TEXT, nullable=False),
        sa.Column("key", BYTE_TEXT, nullable=False),
        sa.ForeignKeyConstraint(["artist_id"], ["artist.id"], name=op.f("fk_alias_artist_id_artist")),
        sa.PrimaryKeyConstraint("artist_id", "name", name=op.f("pk_alias")),
    )
    op.create_index(op.f("ix_alias_key"), "alias", ["key"], unique=False)
    op.create_table(
        "artist_term",
        sa.Column("run_id", BIG_ID, nullable=False),
        sa.Column("artist_id", BIG_ID, nullable=False),
        sa.Column("kind", BYTE_TEXT, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("term", BYTE_TEXT, nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["artist_id"], ["artist.id"], name=op.f("fk_artist_term_artist_id_artist")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_artist_term_run_id_run"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "artist_id", "kind", "rank", name=op.f("pk_artist_term")),
    )
    op.create_table(
        "credit_artist",
        sa.Column("credit_id", BIG_ID, nullable=False),
        sa.Column("artist_id", BIG_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["artist_id"], ["artist.id"], name=op.f("fk_credit_artist_artist_id_artist")),
        sa.ForeignKeyConstraint(["credit_id"], ["credit.id"], name=op.f("fk_credit_artist_credit_id_credit")),
        sa.PrimaryKeyConstraint("credit_id", "artist_id", name=op.f("pk_credit_artist")),
    )
    op.create_index(op.f("ix_credit_artist_artist_id"), "credit_artist", ["artist_id"], unique=False)
    op.create_table(
        "label",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("batch_id", BIG_ID, nullable=False),
        sa.Column("artist", BYTE_TEXT, nullable=False),
        sa.Column("similar", BYTE_TEXT, nullable=False),
        sa.Column("grade", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_label_batch_id_import_batch"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label")),
    )
    op.create_index(op.f("ix_label_batch_id"), "label", ["batch_id"], unique=False)
    op.create_table(
        "page",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("url", BYTE_TEXT, nullable=False),
        sa.Column("host", BYTE_TEXT, nullable=False),
        sa.Column("source_id", BIG_ID, nullable=True),
        sa.Column("kind", BYTE_TEXT, nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Double(), nullable=False),
        sa.Column("state", BYTE_TEXT, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_owner", BYTE_TEXT, nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", BYTE_TEXT, nullable=True),
        sa.Column("etag", BYTE_TEXT, nullable=True),
        sa.Column("last_modified", BYTE_TEXT, nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fetches", sa.Integer(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_page_source_id_source"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page")),
        sa.UniqueConstraint("url", name=op.f("uq_page_url")),
    )
    op.create_index(op.f("ix_page_host"), "page", ["host"], unique=False)
    op.create_index(op.f("ix_page_source_id"), "page", ["source_id"], unique=False)
    op.create_index(op.f("ix_page_state_due_at"), "page", ["state", "due_at"], unique=False)
    op.create_table(
        "published",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("run_id", BIG_ID, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_published_one_row")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_published_run_id_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published")),
    )
    op.create_table(
        "rejected_row",
        sa.Column("batch_id", BIG_ID, nullable=False),
        sa.Column("line", BIG_ID, nullable=False),
        sa.Column("reason", BYTE_TEXT, nullable=False),
        sa.Column("content", BYTE_TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_rejected_row_batch_id_import_batch"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("batch_id", "line", name=op.f("pk_rejected_row")),
    )
    op.create_table(
        "related_artist",
        sa.Column("run_id", BIG_ID, nullable=False),
        sa.Column("artist_id", BIG_ID, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("related_id", BIG_ID, nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("reason", BYTE_TEXT, nullable=False),
        sa.ForeignKeyConstraint(["artist_id"], ["artist.id"], name=op.f("fk_related_artist_artist_id_artist")),
        sa.ForeignKeyConstraint(["related_id"], ["artist.id"], name=op.f("fk_related_artist_related_id_artist")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_related_artist_run_id_run"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "artist_id", "rank", name=op.f("pk_related_artist")),
    )
    op.create_table(
        "related_evidence",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("run_id", BIG_ID, nullable=False),
        sa.Column("artist_id", BIG_ID, nullable=False),
        sa.Column("related_id", BIG_ID, nullable=False),
        sa.Column("kind", BYTE_TEXT, nullable=False),
        sa.Column("name", BYTE_TEXT, nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name=op.f("fk_related_evidence_run_id_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_related_evidence")),
    )
    op.create_index(
        op.f("ix_related_evidence_run_id_artist_id_related_id"),
        "related_evidence",
        ["run_id", "artist_id", "related_id"],
        unique=False,
    )
    op.create_table(
        "step_report",
        sa.Column("run_id", BIG_ID, nullable=False),
        sa.Column("step", BYTE_TEXT, nullable=False),
        sa.Column("fingerprint", BYTE_TEXT, nullable=False),
        sa.Column("reused", sa.Boolean(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("peak_mib", sa.Double(), nullable=False),
        sa.Column("rows", BYTE_TEXT, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_step_report_run_id_run"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "step", name=op.f("pk_step_report")),
    )
    op.create_table(
        "document",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("page_id", BIG_ID, nullable=False),
        sa.Column("url", BYTE_TEXT, nullable=False),
        sa.Column("canonical_url", BYTE_TEXT, nullable=True),
        sa.Column("host", BYTE_TEXT, nullable=False),
        sa.Column("title", BYTE_TEXT, nullable=False),
        sa.Column("author", BYTE_TEXT, nullable=True),
        sa.Column("published", BYTE_TEXT, nullable=True),
        sa.Column("language", BYTE_TEXT, nullable=False),
        sa.Column("body", BYTE_TEXT, nullable=False),
        sa.Column("sha256", BYTE_TEXT, nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("duplicate_of", BIG_ID, nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("musicality", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["duplicate_of"], ["document.id"], name=op.f("fk_document_duplicate_of_document"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["page_id"], ["page.id"], name=op.f("fk_document_page_id_page"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("url", name=op.f("uq_document_url")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_document_duplicate_of"), "document", ["duplicate_of"], unique=False)
    op.create_index(op.f("ix_document_host"), "document", ["host"], unique=False)
    op.create_table(
        "fetch",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("page_id", BIG_ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", BYTE_TEXT, nullable=True),
        sa.Column("bytes", BIG_ID, nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["page_id"], ["page.id"], name=op.f("fk_fetch_page_id_page"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fetch")),
    )
    op.create_index(op.f("ix_fetch_page_id"), "fetch", ["page_id"], unique=False)
    op.create_table(
        "link",
        sa.Column("page_id", BIG_ID, nullable=False),
        sa.Column("url", BYTE_TEXT, nullable=False),
        sa.ForeignKeyConstraint(["page_id"], ["page.id"], name=op.f("fk_link_page_id_page"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("page_id", "url", name=op.f("pk_link")),
    )
    op.create_table(
        "document_mention",
        sa.Column("run_id", BIG_ID, nullable=False),
        sa.Column("document_id", BIG_ID, nullable=False),
        sa.Column("artist_id", BIG_ID, nullable=False),
        sa.Column("mentions", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["artist_id"], ["artist.id"], name=op.f("fk_document_mention_artist_id_artist")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_document_mention_document_id_document"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name=op.f("fk_document_mention_run_id_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "document_id", "artist_id", name=op.f("pk_document_mention")),
    )
    op.create_index(op.f("ix_document_mention_document_id"), "document_mention", ["document_id"], unique=False)
    op.create_index(
        op.f("ix_document_mention_run_id_artist_id"), "document_mention", ["run_id", "artist_id"], unique=False
    )
