from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, select, text

from db import migrate, views
from db.base import Base
from db.catalog import Artist, ImportBatch, Listener
from db.errors import DatabaseTooNew, HomeError
from db.home import Home, default_url
from db.results import Run
from db.session import open_engine, reading
from db.web import Document


def test_head_is_the_newest_migration() -> None:
    assert max(migrate.known_versions()) == migrate.HEAD


@pytest.mark.filterwarnings("ignore:autogenerate skipping .* index .ix_page_queue.:UserWarning")
def test_the_migrations_lead_to_the_tables_of_the_code(any_home: Home) -> None:
    with any_home.engine.connect() as connection:
        options = {"include_name": lambda name, *_: name not in DESCENDING, "include_object": _comparable}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []
        assert {index["name"] for index in inspect(connection).get_indexes("page")} > DESCENDING


DESCENDING = {"ix_page_queue"}
"""Indexes with a descending column, which SQLite tells nothing of: compared by name alone."""


def _comparable(item: object, name: str | None, *_: object) -> bool:
    return name not in DESCENDING


def test_upgrade_again_changes_nothing_and_keeps_rows(any_home: Home) -> None:
    with any_home.writing() as session:
        session.execute(text("INSERT INTO listener (name) VALUES ('a')"))
    migrate.upgrade(any_home.engine)
    migrate.check(any_home.engine)
    with any_home.reading() as session:
        assert session.execute(text("SELECT count(*) FROM listener")).scalar() == 1


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without tables, of each kind."""
    engine = open_engine(
        default_url(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    )
    yield engine
    engine.dispose()


def add_rows(engine: Engine, rows: Sequence[str]) -> None:
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        for row in rows:
            connection.execute(text(f"INSERT INTO {row}"))


FIRST_RELEASE = {
    "artist": "(id, name, key, disambiguation, curated) VALUES "
    "(7, 'Air', 'air', '', false), (8, 'Sea', 'sea', '', true)",
    "alias": "(artist_id, name, key) VALUES (7, 'Aïr', 'air')",
    "credit": "(id, text, key) VALUES (1, 'Air', 'air')",
    "credit_artist": "(credit_id, artist_id, position) VALUES (1, 7, 0)",
    "listener": "(id, name) VALUES (3, 'anna')",
    "import_batch": "(id, kind, source, sha256, options, format, file, rows, rejected, imported_at, resolved) VALUES "
    "(2, 'plays', '/plays.tsv', 'ab', '', 'tsv', 'plays/ab.parquet', 1, 1, '2026-01-01 00:00:00', true)",
    "rejected_row": "(batch_id, line, reason, content) VALUES (2, 9, 'no plays', 'x')",
    "label": '(id, batch_id, artist, "similar", grade) VALUES (1, 2, '
    "'Air', 'Sea', 0.5)",
    "source": "(id, url, kind, allow_private, added_at) VALUES "
    "(1, 'http://a.example/', 'page', false, '2026-01-01 00:00:00')",
    "page": "(id, url, host, source_id, kind, depth, priority, state, due_at, attempts, fetches, changes) VALUES "
    "(4, 'http://a.example/', 'a.example', 1, 'page', 0, 0, 'done', '2026-01-01 00:00:00', 0, 1, 0)",
    "document": "(id, page_id, url, host, title, language, body, sha256, signature, fetched_at) VALUES "
    "(5, 4, 'http://a.example/', 'a.example', 'A', 'en', 'Air play.', 'cd', '', '2026-01-01 00:00:00')",
    "link": "(page_id, url) VALUES (4, 'http://a.example/b')",
    "run": "(id, started_at, artifacts, served_by) VALUES (6, '2026-01-01 00:00:00', '{}', 'fusion')",
    "published": "(id, run_id, n) VALUES (1, 6, 20)",
    "step_report": "(run_id, step, fingerprint, reused, seconds, peak_mib, rows) VALUES "
    "(6, 'als', 'ff', false, 1, 2, '{}')",
    "related_artist": "(run_id, artist_id, rank, related_id, score, reason) VALUES (6, 7, 1, 8, 0.5, 'why')",
    "related_evidence": "(id, run_id, artist_id, related_id, kind, name, value, rank) VALUES "
    "(1, 6, 7, 8, 'model', 'als', 0.5, 3)",
    "artist_term": "(run_id, artist_id, kind, rank, term, weight) VALUES (6, 7, 'n1', 1, 'calm', 0.5)",
    "document_mention": "(run_id, document_id, artist_id, mentions, confidence) VALUES (6, 5, 7, 2, 0.9)",
}
"""A row of every table that a home of the first release fills."""
MADE_ANEW = {"import_batch": {"resolved"}}
"""What an upgrade means to change: artists and tracks are derived anew."""


def test_a_home_of_the_first_release_is_brought_up_with_its_rows(empty_engine: Engine) -> None:
    migrate.upgrade(empty_engine, "0001")
    there = set(inspect(empty_engine).get_table_names())
    assert there - {"alembic_version", "lease", "fetch", "robots"} == FIRST_RELEASE.keys()
    add_rows(empty_engine, [f"{table} {row}" for table, row in FIRST_RELEASE.items()])
    before = {table: everything(empty_engine, table) for table in FIRST_RELEASE}
    with pytest.raises(HomeError, match=r"0001.*kinsong init"):
        migrate.check(empty_engine)
    migrate.upgrade(empty_engine)
    migrate.check(empty_engine)
    for table in FIRST_RELEASE.keys() - {"related_evidence"}:
        for new, old in zip(everything(empty_engine, table), before[table], strict=True):
            changed = {name for name in old if new[name] != old[name]}
            assert changed <= MADE_ANEW.get(table, set())
    with reading(empty_engine) as session:
        assert session.execute(text("SELECT kind, name, value, rank FROM why")).one() == ("model", "als", 0.5, 3)
        assert session.scalars(select(Artist.name)).all() == ["Air", "Sea"]
        assert session.scalars(select(Document.title)).all() == ["A"]
        for model in Base.__subclasses__():  # every column of the code is there, with a value that its type takes
            session.scalars(select(model)).all()


def everything(engine: Engine, table: str) -> list[dict[str, Any]]:
    with reading(engine) as session:
        return [dict(row) for row in session.execute(text(f"SELECT * FROM {table} ORDER BY 1")).mappings()]


def test_every_view_answers(any_home: Home) -> None:
    with any_home.reading() as session:
        for view in views.VIEWS:
            assert session.execute(text(f"SELECT * FROM {view}")).all() == []
    assert set(views.VIEWS) == set(inspect(any_home.engine).get_view_names())


def test_a_newer_database_is_refused(any_home: Home) -> None:
    with any_home.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for action in (migrate.check, migrate.upgrade):
        with pytest.raises(DatabaseTooNew, match="9999"):
            action(any_home.engine)


def test_an_empty_database_is_no_home() -> None:
    engine = open_engine("sqlite://")
    with pytest.raises(HomeError, match="kinsong init"):
        migrate.check(engine)
    engine.dispose()


@pytest.mark.parametrize("model", [Artist, Listener, ImportBatch, Document, Run])
def test_an_id_is_never_given_again(home: Home, model: type[Base]) -> None:
    with home.reading() as session:
        made = session.execute(text(f"SELECT sql FROM sqlite_master WHERE name = '{model.__tablename__}'")).scalar()
    assert "AUTOINCREMENT" in made


def test_evidence_of_earlier_runs_lives_on(empty_engine: Engine) -> None:
    migrate.upgrade(empty_engine, "0005")
    add_rows(empty_engine, (
        "artist (id, name, key, disambiguation, curated) VALUES (1, 'a', 'a', '', false), (2, 'b', 'b', '', false)",
        "run (id, started_at, artifacts, served_by) VALUES (5, '2026-01-01 00:00:00', '{}', 'fusion')",
        "published (id, run_id, n) VALUES (1, 5, 20)",
        "related_artist (run_id, artist_id, rank, related_id, score, reason) VALUES (5, 1, 1, 2, 0.5, 'why')",
        "related_evidence (id, run_id, artist_id, related_id, kind, name, value, rank) VALUES "
        "(2, 5, 1, 2, 'term', 'say \"hi\"', 0.25, NULL), (1, 5, 1, 2, 'model', 'als', 0.5, 3)",
    ))  # fmt: skip
    migrate.upgrade(empty_engine)
    with reading(empty_engine) as session:
        rows = session.execute(text("SELECT artist, related, kind, name, value, rank FROM why ORDER BY piece")).all()
    assert [tuple(row) for row in rows] == [
        ("a", "b", "model", "als", 0.5, 3), ("a", "b", "term", 'say "hi"', 0.25, None)
    ]  # fmt: skip
