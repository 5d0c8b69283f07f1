from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from db import migrate, views
from db.base import Base
from db.catalog import Artist, ImportBatch, Listener
from db.errors import DatabaseTooNew, HomeError
from db.home import Home
from db.results import Run
from db.session import open_engine
from db.web import Document


def test_head_is_the_newest_migration() -> None:
    assert max(migrate.known_versions()) == migrate.HEAD


def test_the_migrations_lead_to_the_tables_of_the_code(any_home: Home) -> None:
    with any_home.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": lambda *_: True})
        assert compare_metadata(context, Base.metadata) == []


def test_upgrade_again_changes_nothing_and_keeps_rows(any_home: Home) -> None:
    with any_home.writing() as session:
        session.execute(text("INSERT INTO listener (name) VALUES ('a')"))
    migrate.upgrade(any_home.engine)
    migrate.check(any_home.engine)
    with any_home.reading() as session:
        assert session.execute(text("SELECT count(*) FROM listener")).scalar() == 1


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
