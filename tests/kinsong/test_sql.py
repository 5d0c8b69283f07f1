from __future__ import annotations

import re
from pathlib import Path

import pytest

from db.errors import ArtifactDamaged, NotBuilt, UsageError
from db.home import Home
from kinsong import sql

COOKBOOK = (Path(__file__).parents[2] / "docs" / "sql-cookbook.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql( duckdb)?\n(.*?)```", COOKBOOK, re.DOTALL)


def test_the_cookbook_has_ten_queries_and_one_for_duckdb() -> None:
    assert [engine.strip() for engine, _ in QUERIES].count("duckdb") == 1
    assert len(QUERIES) == 11


@pytest.mark.parametrize(("engine", "query"), QUERIES)
def test_every_query_of_the_cookbook_answers(built: Home, engine: str, query: str) -> None:
    query = query.replace("Some Artist", "Harbour Player A").strip().rstrip(";")
    columns, rows = (sql.ask_duckdb if engine else sql.ask)(built, query)
    assert columns
    if not any(word in query for word in ("NOT EXISTS", "musicality <", "a.rank = 1")):
        assert rows, query


def test_two_columns_of_one_name_are_told_apart(home: Home) -> None:
    columns, rows = sql.ask(home, "SELECT 1 AS a, 2 AS a")
    assert columns == ["a", "a_2"]
    assert rows == [{"a": 1, "a_2": 2}]


def test_per_cent_signs_are_text(any_home: Home) -> None:
    assert sql.ask(any_home, "SELECT '50 %s' AS a WHERE 'abc' LIKE 'a%'")[1] == [{"a": "50 %s"}]


def test_postgres_is_read_only_too(postgres_url: str, tmp_path: Path) -> None:
    from db import migrate
    from db.session import open_engine

    engine = open_engine(postgres_url)
    migrate.upgrade(engine)
    engine.dispose()
    home = Home(tmp_path, open_engine(postgres_url, read_only=True))
    with pytest.raises(UsageError, match="read-only"):
        sql.ask(home, "DELETE FROM listener")
    home.engine.dispose()


def test_duckdb_before_a_build_says_what_to_do(home: Home) -> None:
    with pytest.raises(NotBuilt, match="kinsong build"):
        sql.ask_duckdb(home, "SELECT 1")


def test_postgres_takes_one_statement_at_a_time(postgres_url: str, tmp_path: Path) -> None:
    from db import migrate
    from db.session import open_engine

    engine = open_engine(postgres_url)
    migrate.upgrade(engine)
    home = Home(tmp_path, open_engine(postgres_url, read_only=True))
    with pytest.raises(UsageError, match="multiple commands"):
        sql.ask(home, "SET TRANSACTION READ WRITE; INSERT INTO listener (name) VALUES ('x'); COMMIT; SELECT 1")
    home.engine.dispose()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM listener").scalar() == 0
    engine.dispose()


def test_duckdb_is_not_handed_a_damaged_artefact(micro_world, tmp_path: Path) -> None:
    from kinsong import config
    from kinsong import home as homes
    from kinsong.build import build

    home, _ = homes.create(tmp_path / "home")
    micro_world(home, tmp_path)
    build(home, config.load(home))
    terms = next(home.artifacts.glob("terms-*/terms.parquet"))
    terms.write_bytes(terms.read_bytes()[:-20])
    with pytest.raises(ArtifactDamaged, match=r"terms\.parquet.*kinsong build"):
        sql.ask_duckdb(home, "SELECT 1")
    home.engine.dispose()
