"""Tables as JSON lines and Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from db.catalog import Artist
from db.errors import InputError
from db.imports import import_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from db.home import Home
    from tests.db.imports.conftest import Rejected, Take

    Facts = Callable[[str], list[dict[str, Any]]]

MBID = "0383DADF-2A4E-4d10-a46a-e9e041da8eb3"


def test_plays_as_json_lines(take: Take, facts: Facts) -> None:
    take(
        "plays",
        "plays.jsonl",
        '{"user": "u", "artist": {"name": "Air"}, "plays": 3}\n{"plays": "4", "artist": "Sea", "user": 7}\n',
    )
    assert [(r["listener"], r["credit"], r["plays"]) for r in facts("plays")] == [("u", "Air", 3.0), ("7", "Sea", 4.0)]


def test_bad_lines_are_rejected_a_truncated_one_too(take: Take, rejected: Callable[[], Rejected]) -> None:
    good = '{"artist": "Air", "tag": "pop"}'
    bad = [
        "[1]",
        '{"artist": "Air"}',
        '{"artist": "\\ud800", "tag": "x"}',
        "[" * 5000,
        '{"artist": "Air", "tag": "\\u0000"}',
    ]
    report = take("tags", "tags.jsonl", "\n".join([good, *bad, '{"artist": "Ai']))
    assert report.rows == 1
    assert {line: why for line, (why, _) in rejected().items()} == {
        2: "not a JSON object", 3: "tag is empty", 4: "not UTF-8 (if the whole file is not: --encoding latin-1)",
        5: "not JSON", 6: "tag is empty", 7: "not JSON",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"artist": "Ai', "no line that is a JSON object (1 × not JSON)"),
        ('[{"artist": "Air", "tag": "x"}]', "is one JSON value; a table has one object a line"),
        ('{"band name": "Air", "tag": "x"}', "no artist column; found “band name”, “tag”"),
    ],
)
def test_files_that_are_no_table_are_refused(take: Take, content: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        take("tags", "tags.jsonl", content)
    assert message in str(caught.value)


def test_artists_with_aliases_in_both_spellings(take: Take, facts: Facts, rejected: Callable[[], Rejected]) -> None:
    take(
        "artists", "artists.jsonl",
        f'{{"name": "Diddy"}}\n{{"mbid": "{MBID}", "name": "The B|B", "aliases": [{{"name": "A|B"}}, "", "C", "C"]}}\n'
        '{"name": "Air", "mbid": "17"}\n{"name": " ", "mbid": null}\n',
    )  # fmt: skip
    take("artists", "artists.tsv", "name\taliases\tdisambiguation\nAir\tA.I.R.| |Aire\tband\n")
    rows = {r["name"]: (r["aliases"], r["mbid"], r["disambiguation"]) for r in facts("artists")}
    assert rows == {
        "Diddy": ([], None, ""), "The B|B": (["A|B", "C"], MBID.lower(), ""), "Air": (["A.I.R.", "Aire"], None, "band"),
    }  # fmt: skip
    assert sorted(why for why, _ in rejected().values()) == ["mbid is no MusicBrainz id", "name is empty"]


def test_a_musicbrainz_dump_names_its_id_id(take: Take, facts: Facts) -> None:
    take(
        "artists", "artists.jsonl", f'{{"id": "{MBID}", "name": "The B|B", "aliases": [{{"name": "A|B"}}, "", "C"]}}\n'
    )
    assert facts("artists") == [
        {"name": "The B|B", "aliases": ["A|B", "C"], "mbid": MBID.lower(), "disambiguation": ""}
    ]  # fmt: skip


def test_plays_as_parquet_of_any_width(
    take: Take, facts: Facts, tmp_path: Path, rejected: Callable[[], Rejected]
) -> None:
    path = tmp_path / "made.parquet"
    table = pa.table({
        "user": pa.array(["u", "v", None, "w"]).dictionary_encode(),
        "artist": pa.array(["Air", "Sea", "Sky", ""], pa.large_string()), "plays": pa.array([3, 4, 5, 6], pa.int16()),
        "at": pa.array([10**9, None, 2, 3], pa.timestamp("s")), "other": [1, 2, 3, 4],
    })  # fmt: skip
    pq.write_table(table, path)
    report = take("plays", "plays.parquet", path.read_bytes())
    assert (report.format, report.rows) == ("parquet", 2)
    rows = facts("plays")
    assert [(r["listener"], r["credit"], r["plays"]) for r in rows] == [("u", "Air", 3.0), ("v", "Sea", 4.0)]
    assert [r["time"] and r["time"].isoformat() for r in rows] == ["2001-09-09T01:46:40+00:00", None]
    assert {line: why for line, (why, _) in rejected().items()} == {3: "listener is empty", 4: "artist is empty"}


def test_artists_as_parquet_with_a_list_of_aliases(take: Take, facts: Facts, tmp_path: Path) -> None:
    path = tmp_path / "made.parquet"
    pq.write_table(pa.table({"name": ["Air", "Sea"], "aliases": [["A|B", "C"], None]}), path)
    take("artists", "a.parquet", path.read_bytes())
    assert [r["aliases"] for r in facts("artists")] == [["A|B", "C"], []]


def test_damaged_parquet_is_refused(take: Take, tmp_path: Path) -> None:
    path = tmp_path / "made.parquet"
    pq.write_table(pa.table({"user": ["u"] * 99, "artist": ["Air"] * 99, "plays": [1] * 99}), path)
    for content in (path.read_bytes()[:-9], path.read_bytes()[:40] + path.read_bytes()[60:], b"PAR1"):
        with pytest.raises(InputError, match="cannot be read as Parquet"):
            take("plays", "plays.parquet", content)
    pq.write_table(pa.table({"user": [[1.5]], "artist": [{"a": 1}], "plays": [1]}), path)
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        take("plays", "plays.parquet", path.read_bytes())


def test_no_nul_comes_through(any_home: Home, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"name": "Air", "disambiguation": "the \\u0000 duo"}\n')
    import_file(any_home, "artists", path)
    with any_home.reading() as session:
        assert session.scalars(select(Artist.disambiguation)).one() == "the  duo"
