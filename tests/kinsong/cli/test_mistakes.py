"""What a user can do wrong: each gets a message that names the thing, and exit code 2 or 1; nothing is lost."""

from __future__ import annotations

import inspect
import json
import os
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.models import ArgumentInfo

from db import clearing
from db.home import Home
from kinsong import home as homes
from kinsong.cli.app import app
from kinsong.reference import commands

BEYOND = 10**20


@pytest.fixture
def made(kinsong, tmp_path: Path) -> Path:
    """A fresh home with one good import."""
    assert kinsong("init").code == 0
    good = tmp_path / "good.tsv"
    good.write_text("listener\tartist\tplays\nann\tAbba\t3\nann\tBeck\t4\n")
    assert kinsong("import", "plays", good).code == 0
    return tmp_path / "home"


def facts(path: Path) -> tuple[int, int]:
    home = homes.open_home(path)
    with home.reading() as session:
        found = session.execute(text("SELECT count(*), coalesce(sum(rows), 0) FROM import_batch")).one()
    home.engine.dispose()
    return tuple(found)


BAD_FILES = {
    "missing": None,
    "empty.tsv": b"",
    "header only.tsv": b"listener\tartist\tplays\n",
    "wrong columns.tsv": b"colour\tshape\nred\tround\n",
    "binary.tsv": bytes(range(256)) * 40,
    "nul.tsv": b"listener\tartist\tplays\nann\tA\0B\t3\n",
    "negative.tsv": b"listener\tartist\tplays\nann\tAbba\t-3\n",
    "absurd.tsv": b"listener\tartist\tplays\nann\tAbba\t99999999999999999999\n",
    "empty names.tsv": b"listener\tartist\tplays\nann\t\t3\n\tAbba\t3\n",
    "long line.tsv": b"listener\tartist\tplays\nann\t" + b"x" * 10_000_000 + b"\t3\n",
    "cut.json": b'[{"listener": "ann", "artist": "Ab',
    "cut.jsonl": b'{"listener": "ann", "artist": "Ab',
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_named_and_loses_nothing(kinsong, made: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    content = BAD_FILES[name]
    if content is not None:
        path.write_bytes(content)
    before = facts(made)
    ran = kinsong("import", "plays", path)
    assert ran.code == 2, ran
    assert name in ran.err
    assert "Traceback" not in ran.err
    assert facts(made) == before


def test_bad_rows_among_good_ones_are_counted_and_kept(kinsong, made: Path, tmp_path: Path) -> None:
    path = tmp_path / "mixed.tsv"
    path.write_bytes(
        b"listener\tartist\tplays\nann\tCan\t3\nann\tBj\xf6rk\t2\nann\tDevo\t-1\nann\t\t4\nann\tA\0b\t4\nbob\tFaust\t5\n"
    )
    ran = kinsong("import", "plays", path)
    assert ran.code == 0
    assert "2 rows" in ran.err
    assert "4 rows rejected" in ran.err
    kept = kinsong("sql", "SELECT line, reason FROM rejected_row ORDER BY line", "--format", "json")
    assert [row["line"] for row in json.loads(kept.out)] == [3, 4, 5, 6]


def test_latin_1_is_read_when_asked_for(kinsong, made: Path, tmp_path: Path) -> None:
    path = tmp_path / "latin.tsv"
    path.write_bytes("listener\tartist\tplays\nann\tBjörk\t2\n".encode("latin-1"))
    assert kinsong("import", "plays", path, "--encoding", "latin-1").code == 0
    found = kinsong("sql", "SELECT name FROM artist WHERE key = 'bjork'", "--format", "csv")
    assert found.out.splitlines() == ["name", "Björk"]


def test_a_playlist_without_tracks_is_refused(kinsong, made: Path, tmp_path: Path) -> None:
    path = tmp_path / "lists.jsonl"
    path.write_text('{"name": "mine", "tracks": []}\n')
    ran = kinsong("import", "playlists", path)
    assert ran.code == 2
    assert "lists.jsonl" in ran.err


def test_the_same_file_again_changes_nothing(kinsong, made: Path, tmp_path: Path) -> None:
    before = facts(made)
    ran = kinsong("import", "plays", tmp_path / "good.tsv")
    assert ran.code == 0
    assert "already imported" in ran.err
    assert facts(made) == before


def test_undo_takes_back_and_names_an_unknown_batch(kinsong, made: Path) -> None:
    batch = json.loads(kinsong("import", "list", "--format", "json").out)[0]["batch"]
    assert kinsong("import", "undo", batch).code == 0
    assert facts(made) == (0, 0)
    ran = kinsong("import", "undo", 12345)
    assert ran.code == 2
    assert "12345" in ran.err


def test_an_unknown_artist_gets_suggestions(kinsong, built: Home) -> None:
    ran = kinsong("related", "Harbor Player A", home=built.path)
    assert ran.code == 2
    assert "did you mean" in ran.err
    assert "Harbour Player A" in ran.err


def test_an_artist_that_no_model_knows_is_said_to_be_so(kinsong, built: Home) -> None:
    ran = kinsong("related", "Quiet Newcomer", home=built.path)
    assert ran.code == 1
    assert "no model knows" in ran.err


@pytest.mark.parametrize("arguments", [("related",), ("related", "X", "--id", "1"), ("terms",)])
def test_exactly_one_way_to_name_an_artist(kinsong, made: Path, arguments: tuple[str, ...]) -> None:
    assert kinsong(*arguments).code == 2


def test_asking_before_building_says_what_to_do(kinsong, made: Path) -> None:
    for arguments in (("related", "Abba"), ("terms", "Abba"), ("export", "related")):
        ran = kinsong(*arguments)
        assert ran.code == 1
        assert "kinsong build" in ran.err


def test_no_home_and_a_folder_that_is_none(kinsong, tmp_path: Path) -> None:
    ran = kinsong("status")
    assert ran.code == 2
    assert "kinsong init" in ran.err
    other = tmp_path / "other"
    other.mkdir()
    (other / "precious.txt").write_text("mine")
    assert kinsong("status", home=other).code == 2
    assert kinsong("init", home=other).code == 2
    assert [p.name for p in other.iterdir()] == ["precious.txt"]
    assert kinsong("init", home=other / "precious.txt").code == 2


def test_a_newer_database_is_left_alone(kinsong, made: Path) -> None:
    home = homes.open_home(made)
    with home.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    home.engine.dispose()
    for arguments in (("status",), ("init",), ("build",)):
        ran = kinsong(*arguments)
        assert ran.code == 1
        assert "newer kinsong" in ran.err


def test_a_database_file_that_is_none(kinsong, made: Path) -> None:
    (made / "kinsong.db").write_bytes(b"this is no database at all, not in the least" * 40)
    ran = kinsong("status")
    assert ran.code == 1
    assert "database" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("[related]\nn = 0\n", "[related] n"),
        ("[related]\nnumber = 5\n", "[related] number"),
        ("[relatd]\nn = 5\n", "[relatd]"),
        ("[als]\ndim = 'many'\n", "[als] dim"),
        ("[related\n", "kinsong.toml"),
    ],
)
def test_a_bad_setting_is_named(kinsong, made: Path, line: str, named: str) -> None:
    (made / "kinsong.toml").write_text(line)
    ran = kinsong("build")
    assert ran.code == 2
    assert named in ran.err


@pytest.mark.parametrize(
    "query",
    ["DELETE FROM artist", "SELEC 1", "DROP VIEW related", "UPDATE artist SET name = 'x'", "SELECT * FROM nowhere"],
)
def test_sql_is_read_only_and_answers_mistakes(kinsong, made: Path, query: str) -> None:
    before = kinsong("sql", "SELECT count(*) AS n FROM artist", "--format", "csv").out
    ran = kinsong("sql", query)
    assert ran.code == 2
    assert "Traceback" not in ran.err
    assert kinsong("sql", "SELECT count(*) AS n FROM artist", "--format", "csv").out == before


@pytest.mark.parametrize("url", ["file:///etc/passwd", "not a url", "http://127.0.0.1/", "ftp://example.org/"])
def test_sources_that_cannot_be(kinsong, made: Path, url: str) -> None:
    ran = kinsong("source", "add", url)
    assert ran.code == 2
    assert url in ran.err


@pytest.mark.parametrize("span", ["soon", "0s", "-1d", "1y"])
def test_spans_of_time(kinsong, made: Path, span: str) -> None:
    assert kinsong("crawl", "--for", span).code == 2


def test_a_build_of_nothing_says_so(kinsong, tmp_path: Path) -> None:
    kinsong("init")
    ran = kinsong("build")
    assert ran.code == 0
    assert "Traceback" not in ran.err


def test_steps_that_are_none(kinsong, made: Path) -> None:
    ran = kinsong("build", "--only", "everything")
    assert ran.code == 2
    assert "cultural" in ran.err
    ran = kinsong("build", "--from", "related")
    assert ran.code == 1
    assert "kinsong build" in ran.err


def test_gold_that_is_missing(kinsong, built: Home, tmp_path: Path) -> None:
    ran = kinsong("evaluate", "--gold", tmp_path / "gold.tsv", home=built.path)
    assert ran.code == 2
    assert "gold.tsv" in ran.err


def test_an_export_needs_a_folder_that_is_there(kinsong, built: Home, tmp_path: Path) -> None:
    for form in ("parquet", "jsonl"):
        ran = kinsong("export", "related", "--format", form, "-o", tmp_path / "none" / "x", home=built.path)
        assert ran.code == 2
        assert "none/x" in ran.err


def test_forgetting_says_what_a_reader_keeps_it_from(
    kinsong, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clearing, "PATIENCE_MS", 10)
    (tmp_path / "more.tsv").write_text("listener\tartist\tplays\nbob\tAbba\t3\n")
    assert kinsong("import", "plays", tmp_path / "more.tsv").code == 0
    assert "free space" not in kinsong("forget", "ann").err
    home = homes.open_home(made)
    with home.reading() as session:
        session.execute(text("SELECT count(*) FROM listener")).scalar()
        ran = kinsong("forget", "bob")
    home.engine.dispose()
    assert ran.code == 0
    assert "free space" in ran.err


def test_of_several_files_one_that_is_missing_stops_all(kinsong, made: Path, tmp_path: Path) -> None:
    before = facts(made)
    (tmp_path / "more.tsv").write_text("listener\tartist\tplays\nbob\tCan\t3\n")
    ran = kinsong("import", "plays", tmp_path / "more.tsv", tmp_path / "missing.tsv")
    assert ran.code == 2
    assert "missing.tsv" in ran.err
    assert facts(made) == before


def numbers() -> Iterator[tuple[str, float]]:
    """Every command with one of its whole numbers beyond all bounds, its arguments filled in; that number's bound."""
    for name, function in commands(app, "kinsong"):
        hints = typing.get_type_hints(function, include_extras=True)
        parameters = {one: typing.get_args(hints[one])[:2] for one in inspect.signature(function).parameters}
        needed = [one for one, (_, info) in parameters.items() if isinstance(info, ArgumentInfo)]
        for one, (kind, info) in parameters.items():
            if int in (kind, *typing.get_args(kind)):
                first = info.default if isinstance(info.default, str) else f"--{one}"
                option = [] if one in needed else [first, str(BEYOND)]
                filled = [str(BEYOND) if argument == one else "1" for argument in needed]
                yield " ".join([*name.split()[1:], *option, *filled]), info.max


@pytest.mark.parametrize(("words", "most"), list(numbers()))
def test_a_number_beyond_all_bounds_is_wrong_usage(kinsong, words: str, most: float) -> None:
    ran = kinsong(*words.split())
    assert (ran.code, most <= (2**63 if "--seed" in words else 2**31) - 1) == (2, True)
    assert "Invalid value" in ran.err


LATIN = os.fsdecode(b"Bj\xf6rk")


@pytest.mark.parametrize(
    "arguments",
    [
        ("related", LATIN), ("forget", LATIN), ("rate", "Abba", LATIN, "up"), ("artists", "never", "--tag", LATIN),
        ("source", "add", f"http://example.org/{LATIN}", "--no-look"), ("source", "remove", LATIN),
        ("documents", "show", LATIN), ("documents", "list", "--since", LATIN),
        ("sql", f"SELECT '{LATIN}'"), ("sql", f"SELECT '{LATIN}'", "--engine", "duckdb"),
        ("import", "plays", "good.tsv", "--listener", LATIN), ("import", "plays", "good.tsv", "--encoding", LATIN),
        ("import", "plays", "good.tsv", "--columns", f"user,{LATIN},plays"), ("build", "--only", LATIN),
        ("similar", "--mbid", LATIN), ("extend", LATIN),
    ],
)  # fmt: skip
def test_text_that_is_not_utf_8_is_wrong_usage(kinsong, made: Path, arguments: tuple[str, ...]) -> None:
    before = facts(made)
    ran = kinsong(*arguments)
    assert ran.code == 2
    assert r"Bj\xf6rk" in ran.err
    assert facts(made) == before


def test_files_and_folders_whose_names_are_not_utf_8(kinsong, tmp_path: Path) -> None:
    folder = tmp_path / LATIN
    folder.mkdir()
    for name in ("A", LATIN, "Z"):
        (folder / f"{name}.m3u").write_text(f"#EXTINF:1,Air - {name.encode('ascii', 'ignore').decode()}\nx.mp3\n")
    for arguments in (("init",), ("import", "playlists", folder), ("backup", tmp_path / f"{LATIN}.tar")):
        assert kinsong(*arguments).code == 0
    assert kinsong("restore", tmp_path / f"{LATIN}.tar", home=tmp_path / "again").code == 0
    listed = kinsong("import", "list", "--format", "json", home=tmp_path / "again")
    assert [Path(row["source"]).name for row in json.loads(listed.out)] == ["A.m3u", r"Bj\xf6rk.m3u", "Z.m3u"]


@pytest.mark.parametrize("command", ["init", "status", "doctor"])
def test_a_home_whose_name_is_not_utf_8(kinsong, tmp_path: Path, command: str) -> None:
    ran = kinsong(command, home=tmp_path / LATIN)
    assert ran.code == 2
    assert r"Bj\xf6rk: the name is not UTF-8" in ran.err
    assert not list(tmp_path.iterdir())


def test_values_out_of_all_bounds(kinsong, made: Path) -> None:
    for arguments in (
        ("source", "add", "http://example.org/", "--every", "999999999w"),
        ("terms", "Abba", "--kind", "zzz"),
    ):
        ran = kinsong(*arguments)
        assert ran.code == 2, arguments
        assert "Traceback" not in ran.err


def test_a_lost_database_is_not_made_anew_over_the_facts(kinsong, made: Path) -> None:
    for path in made.glob("kinsong.db*"):
        path.unlink()
    for arguments in (("init",), ("status",)):
        ran = kinsong(*arguments)
        assert ran.code == 2
        assert "lost its database" in ran.err
    assert list((made / "listening").rglob("*.parquet"))
