from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

from db import migrate, views
from db.base import Base
from db.catalog import Artist, ImportBatch, Listener
from db.errors import DatabaseTooNew, HomeError
from db.home import Home, default_url
from db.results import Run
from db.session import open_engine
from db.web import Document, Source


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


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_home_of_the_first_release_is_brought_up_with_its_rows(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = default_url(tmp_path) if database == "sqlite" else request.getfixturevalue("postgres_url")
    engine = open_engine(url)
    migrate.upgrade(engine, "0001")
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        for row in (
            "artist (id, name, key, disambiguation, curated) VALUES (7, 'Air', 'air', '', false)",
            "listener (id, name) VALUES (3, 'anna')",
            "source (id, url, kind, allow_private, added_at) VALUES "
            "(1, 'http://a.example/', 'page', false, '2026-01-01 00:00:00')",
        ):
            connection.execute(text(f"INSERT INTO {row}"))
    with pytest.raises(HomeError, match=r"0001.*kinsong init"):
        migrate.check(engine)
    migrate.upgrade(engine)
    migrate.check(engine)
    with Session(engine) as session:
        assert session.scalars(select(Artist)).one().name == "Air"
        assert session.scalars(select(Listener.name)).all() == ["anna"]
        assert session.scalars(select(Source.url)).all() == ["http://a.example/"]
    engine.dispose()


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


def test_evidence_of_earlier_runs_lives_on(any_home: Home) -> None:
    with any_home.engine.connect().execution_options(writes=True) as connection, connection.begin():
        views.drop(connection)
        for table in (
            "discovery", "listener_verdict", "packed_evidence", "never_suggest_artist", "never_suggest", "rating",
            "packed_station",
        ):  # fmt: skip
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("ALTER TABLE related_artist DROP COLUMN confidence"))
        connection.execute(text(
            "CREATE TABLE related_evidence (id integer, run_id bigint, artist_id bigint, related_id bigint, kind text, "
            "name text, value double precision, rank integer)"
        ))  # fmt: skip
        connection.execute(text("INSERT INTO artist (id, name, key, disambiguation, curated) VALUES "
                                "(1, 'a', 'a', '', false), (2, 'b', 'b', '', false)"))  # fmt: skip
        connection.execute(text("INSERT INTO run (id, started_at, artifacts, served_by) VALUES "
                                "(5, '2026-01-01', '{}', 'fusion')"))  # fmt: skip
        connection.execute(text("INSERT INTO published (id, run_id, n) VALUES (1, 5, 20)"))
        connection.execute(text("INSERT INTO related_artist (run_id, artist_id, rank, related_id, score, reason) "
                                "VALUES (5, 1, 1, 2, 0.5, 'why')"))  # fmt: skip
        connection.execute(text("INSERT INTO related_evidence VALUES (2, 5, 1, 2, 'term', 'say \"hi\"', 0.25, NULL), "
                                "(1, 5, 1, 2, 'model', 'als', 0.5, 3)"))  # fmt: skip
        connection.execute(text("UPDATE alembic_version SET version_num = '0005'"))
    migrate.upgrade(any_home.engine)
    with any_home.reading() as session:
        rows = session.execute(text("SELECT artist, related, kind, name, value, rank FROM why ORDER BY piece")).all()
    assert [tuple(row) for row in rows] == [
        ("a", "b", "model", "als", 0.5, 3), ("a", "b", "term", 'say "hi"', 0.25, None)
    ]  # fmt: skip
