from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy.exc import DBAPIError

from db import frozen
from db.errors import ArtifactDamaged, NotBuilt, StoreError, UsageError
from db.home import Home, default_url
from db.imports import import_files
from db.session import open_engine
from db.views import VIEWS
from kinsong import config, sql
from kinsong.build import build

COOKBOOK = (Path(__file__).parents[2] / "docs" / "sql-cookbook.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql( duckdb)?\n(.*?)```", COOKBOOK, re.DOTALL)


def test_the_cookbook_has_a_query_for_duckdb_among_others() -> None:
    assert [engine.strip() for engine, _ in QUERIES].count("duckdb") == 2
    assert len(QUERIES) == 17


@pytest.mark.parametrize(("engine", "query"), QUERIES)
def test_every_query_of_the_cookbook_answers(built: Home, engine: str, query: str) -> None:
    query = query.replace("Some Artist", "Harbour Player A").replace("Some Listener", "listener3").strip().rstrip(";")
    columns, rows = (sql.ask_duckdb if engine else sql.ask)(built, query)
    assert columns
    if not any(word in query for word in ("NOT EXISTS", "musicality <", "a.rank = 1")):
        assert rows, query


def test_two_columns_of_one_name_are_told_apart(home: Home) -> None:
    columns, rows = sql.ask(home, "SELECT 1 AS a, 2 AS a")
    assert columns == ["a", "a_2"]
    assert rows == [{"a": 1, "a_2": 2}]
    assert sql.ask(home, "SELECT 1 AS b, 2 AS b, 3 AS b_2")[1] == [{"b": 1, "b_3": 2, "b_2": 3}]


def test_per_cent_signs_are_text(any_home: Home) -> None:
    assert sql.ask(any_home, "SELECT '50 %s' AS a WHERE 'abc' LIKE 'a%'")[1] == [{"a": "50 %s"}]


def test_postgres_is_read_only_too(postgres_url: str, tmp_path: Path) -> None:
    from db import migrate

    engine = open_engine(postgres_url)
    migrate.upgrade(engine)
    engine.dispose()
    home = Home(tmp_path, open_engine(postgres_url, read_only=True))
    try:
        with pytest.raises(UsageError, match="read-only"):
            sql.ask(home, "SELECT nextval('listener_id_seq')")
        with pytest.raises(UsageError, match="DELETE"):
            sql.ask(home, "DELETE FROM listener")
    finally:
        home.engine.dispose()


def test_duckdb_before_a_build_says_what_to_do(home: Home) -> None:
    with pytest.raises(NotBuilt, match="kinsong build"):
        sql.ask_duckdb(home, "SELECT 1")


def test_duckdb_is_not_handed_a_damaged_artefact(micro_world, tmp_path: Path) -> None:
    from kinsong import home as homes

    home, _ = homes.create(tmp_path / "home")
    micro_world(home, tmp_path)
    build(home, config.load(home))
    terms = next(home.artifacts.glob("terms-*/terms.parquet"))
    terms.write_bytes(terms.read_bytes()[:-20])
    with pytest.raises(ArtifactDamaged, match=r"terms\.parquet.*kinsong build"):
        sql.ask_duckdb(home, "SELECT 1")
    home.engine.dispose()


def test_sqlite_attaches_nothing(home: Home, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="attached"):
        sql.ask(home, f"ATTACH '{tmp_path / 'evil.db'}' AS e")
    assert not (tmp_path / "evil.db").exists()


@pytest.mark.parametrize(
    "query",
    [
        "ROLLBACK; BEGIN READ WRITE; INSERT INTO listener (name) VALUES ('evil'); COMMIT; SELECT 1",
        "SELECT 1; INSERT INTO listener (name) VALUES ('evil')",
        "COPY (SELECT 1) TO PROGRAM 'cat'",
        "SET TRANSACTION READ WRITE",
    ],
)
def test_postgres_takes_one_select(any_home: Home, query: str) -> None:
    with pytest.raises(UsageError):
        sql.ask(any_home, query)
    assert sql.ask(any_home, "SELECT count(*) AS n FROM listener;")[1] == [{"n": 0}]


@pytest.mark.parametrize(
    "query",
    [
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '{folder}/evil.csv'",
        "COPY (SELECT 1) TO '{folder}/evil.csv'",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM glob('/etc/*')",
    ],
)
def test_duckdb_reads_the_home_and_writes_nothing(built: Home, tmp_path: Path, query: str) -> None:
    with pytest.raises(UsageError):
        sql.ask_duckdb(built, query.format(folder=tmp_path))
    assert not (tmp_path / "evil.csv").exists()


def test_duckdb_knows_facts_that_were_never_imported(built: Home) -> None:
    assert sql.ask_duckdb(built, "SELECT count(*) AS n FROM tags")[1] == [{"n": 0}]


def test_both_engines_have_the_same_views_with_the_same_rows(built: Home) -> None:
    for view in VIEWS:
        columns, rows = sql.ask(built, f"SELECT * FROM {view}")
        duck_columns, duck_rows = sql.ask_duckdb(built, f"SELECT * FROM {view}")
        assert columns == duck_columns
        assert len(rows) == len(duck_rows)
        assert rows or view not in ("related", "why", "top_terms", "term_evidence", "mentions", "documents"), view


def test_a_home_without_text_has_the_views_of_text_too(home: Home, tmp_path: Path) -> None:
    (home.path / "kinsong.toml").write_text("")
    plays = tmp_path / "plays.tsv"
    plays.write_text("listener\tartist\tplays\n" + "".join(f"l{n}\tA{n % 3}\t2\nl{n}\tB\t1\n" for n in range(9)))
    import_files(home, "plays", [plays])
    build(home, config.load(home))
    for view in ("top_terms", "term_evidence", "mentions", "documents"):
        assert sql.ask(home, f"SELECT * FROM {view}")[1] == []
        assert sql.ask_duckdb(home, f"SELECT * FROM {view} WHERE artist_id > 1" if view != "documents" else
                              "SELECT * FROM documents WHERE musicality > 0")[1] == []  # fmt: skip
    assert sql.ask_duckdb(home, "SELECT count(*) AS n FROM related")[1][0]["n"] > 0


def test_a_database_that_is_damaged_is_no_fault_of_the_query(made: Home) -> None:
    content = bytearray((made.path / "kinsong.db").read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    (made.path / "kinsong.db").write_bytes(content)
    with pytest.raises(DBAPIError, match="malformed"):
        sql.ask(made, "SELECT * FROM listener")
    made.engine.dispose()


@pytest.fixture
def made(home: Home) -> Home:
    home.engine.dispose()  # its log is in the database now
    return home


def test_a_server_that_goes_away_is_no_fault_of_the_query(postgres_url: str, tmp_path: Path) -> None:
    home = Home(tmp_path, open_engine(postgres_url))
    try:
        with pytest.raises(DBAPIError, match=r"terminat|is lost"):
            sql.ask(home, "SELECT pg_terminate_backend(pg_backend_pid())")
        assert sql.ask(home, "SELECT 1 AS a")[1] == [{"a": 1}]
    finally:
        home.engine.dispose()


def test_what_changes_while_it_is_read_is_not_told(made: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    connect, start = frozen.connect, sql._start

    def changed_meanwhile(*arguments: Any, **options: Any) -> None:
        os.utime(made.path / "kinsong.db", (0, 0))
        start(*arguments, **options)

    monkeypatch.setattr(sql, "_start", changed_meanwhile)
    monkeypatch.setattr(frozen, "connect", lambda path: (connect(path)[0], frozen.Snapshot.of(path)))
    reader = Home(made.path, open_engine(default_url(made.path), read_only=True))
    with pytest.raises(StoreError, match="was changed while it was read"):
        sql.ask(reader, "SELECT 1")
    reader.engine.dispose()


@pytest.mark.parametrize(
    "query",
    [
        "SELEC 1", "SELECT * FROM nowhere", "SELECT 1; SELECT 2", "SELECT 1 AS a ORDER BY a COLLATE mine",
        "SELECT abs('x', 2)", "'",
    ],
)  # fmt: skip
def test_mistakes_in_a_query_are_told_as_such(any_home: Home, query: str) -> None:
    with pytest.raises(UsageError, match="does not take this query"):
        sql.ask(any_home, query)


def test_facts_that_cannot_be_read_are_no_fault_of_the_query(built: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise duckdb.IOException("IO Error: Input/output error")

    monkeypatch.setattr(sql, "_register_facts", failing)
    with pytest.raises(duckdb.IOException):
        sql.ask_duckdb(built, "SELECT 1")
