"""Plays, tags and labels as TSV and CSV, with everything that is wrong in them."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from db.errors import InputError, UsageError
from db.imports.columns import SHAPES, Layout
from db.imports.delimited import _Table
from db.imports.lines import Block
from db.imports.rejects import Rejects
from db.imports.source import CHUNK, open_source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.db.imports.conftest import Rejected, Take

    Facts = Callable[[str], list[dict[str, Any]]]

HEADER = "user\tartist\tplays\n"


def brief(rows: list[dict[str, Any]]) -> list[tuple[str, str, float]]:
    return [(row["listener"], row["credit"], row["plays"]) for row in rows]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.tsv", 'listener\tartist\tplays\nanna\t"Weird Al" Yankovic\t3\nben\tTyler, The Creator\t2.5\n'),
        ("a.txt", 'playcount\tartist_name\tUser ID\n3\t"Weird Al" Yankovic\tanna\n2.5\tTyler, The Creator\tben'),
        ("a.csv", 'listener,artist,plays\nanna,"""Weird Al"" Yankovic",3\nben,"Tyler, The Creator",2.5\n'),
        ("a.csv", 'listener;artist;plays\nanna;"""Weird Al"" Yankovic";3\nben;Tyler, The Creator;2.5\n'),
        ("a.tsv", '\ufeffListener\tArtist\tPlays\r\n\r\nanna\t "Weird Al" Yankovic \t3 \r\n'
                  'ben\tTyler, The Creator\t 2.5\r\n'),
    ],
)  # fmt: skip
def test_tables_in_their_spellings(take: Take, facts: Facts, name: str, content: str) -> None:
    report = take("plays", name, content)
    assert (report.rows, report.rejected) == (2, 0)
    assert brief(facts("plays")) == [("anna", '"Weird Al" Yankovic', 3.0), ("ben", "Tyler, The Creator", 2.5)]


BAD = [
    (b"anna\tAir\t-3", "plays is not above 0"), (b"anna\tAir\t0", "plays is not above 0"),
    (b"anna\tAir\t99999999", "plays is above 10,000,000"), (b"anna\tAir\tmany", "plays is not a number"),
    (b"anna\tAir\tnan", "plays is not a number"), (b"anna\tAir\tinf", "plays is not a number"),
    (b"anna\tAir\t", "plays is not a number"), (b"anna\tAir\t1_000", "plays is not a number"),
    (b"anna\t\t3", "artist is empty"), (b"\tAir\t3", "listener is empty"),
    (b"anna\t\xe2\x80\x8b \t3", "artist is empty"),
    (b"anna\tAir", "not 3 columns"), (b"anna\tAir\t3\t4", "not 3 columns"), (b"\t\t", "listener is empty"),
    (b"anna\tR\xf6yksopp\t3", "not UTF-8 (if the whole file is not: --encoding latin-1)"),
    (b"anna\tA\x00ir\t3", "NUL byte"), (b"anna\t" + b"x" * 501 + b"\t3", "artist is longer than 500 characters"),
    (b"anna\tA\x07ir\t3", "artist has a character in it that is no text"),
    (b"anna\t" + b"x" * 10 * CHUNK + b"\t3", "line longer than 1 MiB"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "reason"), BAD, ids=[reason[:24] + str(n) for n, (_, reason) in enumerate(BAD)])
def test_a_bad_row_is_rejected_with_line_and_reason_and_the_others_kept(
    take: Take, facts: Facts, rejected: Callable[[], Rejected], line: bytes, reason: str
) -> None:
    report = take("plays", "plays.tsv", HEADER.encode() + b"ben\tSea\t2\n\n" + line + b"\ncleo\tSky\t1\n")
    assert brief(facts("plays")) == [("ben", "Sea", 2.0), ("cleo", "Sky", 1.0)]
    assert report.reasons == {reason: 1}
    (number, (why, content)), *more = rejected().items()
    assert (number, why, more) == (4, reason, [])
    assert content.startswith(line[:9].decode("utf-8", "replace").replace("\x00", "␀"))


def test_every_rejected_row_counts_and_a_thousand_are_kept(take: Take, rejected: Callable[[], Rejected]) -> None:
    report = take("plays", "plays.tsv", HEADER + "a\tb\t1\n" + "a\tb\t-1\n" * 2500)
    assert report.reasons == {"plays is not above 0": 2500}
    assert sorted(rejected()) == list(range(3, 1003))


WHOLE = [
    (HEADER, "has no row that can be used: it has a header and nothing else"),
    (HEADER + "anna\tAir\t-1\nben\t\t2\n", "no row that can be used: 1 × artist is empty; 1 × plays is not above 0"),
    ("u2\tAir\t11\nu3\tSea\t2\n", "no listener and no artist column; found “u2”, “Air”, “11”; name the columns"),
    ("user\tband name\tplays\nu\ta\t1\n", "no artist column; found “user”, “band name”, “plays”"),
    ("artist\tplays\nAir\t3\n", "or say whose they are with --listener NAME"),
    ("user\tartist\nu\tAir\n", "neither a plays nor a time column"),
    ("user\tartist\tplays\tcount\nu\tAir\t1\t2\n", "two columns for plays"),
    ("   \n\n\t\n", "nothing but white space"),
    (b"user\tart\xffist\tplays\nu\tAir\t1\n", "first line is not UTF-8; name its encoding"),
    ("user,\"artist,plays\nu,Air,1\n", "quotes of its first line do not match"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "message"), WHOLE)
def test_a_file_without_a_usable_row_is_refused_and_what_was_there_stays(
    take: Take, facts: Facts, content: str | bytes, message: str
) -> None:
    take("plays", "plays.tsv", HEADER + "old\tOne\t1\n")
    with pytest.raises(InputError) as caught:
        take("plays", "plays.tsv", content)
    assert message in str(caught.value)
    assert "plays.tsv" in str(caught.value)
    assert brief(facts("plays")) == [("old", "One", 1.0)]


def test_columns_are_named_where_there_is_no_header(take: Take, facts: Facts) -> None:
    report = take("plays", "plays.tsv", "x\tAir\tu2\t11\n", columns=["-", "artist", "listener", "plays"])
    assert report.rows == 1
    assert brief(facts("plays")) == [("u2", "Air", 11.0)]


def test_a_header_is_seen_behind_named_columns(take: Take, facts: Facts) -> None:
    take("tags", "tags.csv", "name,genre\nAir,pop\n", columns=["artist", "tag"])
    assert facts("tags") == [{"credit": "Air", "tag": "pop", "count": 1}]


def test_columns_that_do_not_fit_are_refused(take: Take) -> None:
    with pytest.raises(UsageError, match="“colour” is no column of plays; there are listener, artist, plays"):
        take("plays", "a.tsv", HEADER, columns=["listener", "artist", "colour"])
    with pytest.raises(InputError, match=r"has 3 columns .* --columns names 2"):
        take("plays", "b.tsv", HEADER, columns=["listener", "artist"])
    with pytest.raises(UsageError, match="--listener NAME belongs to"):
        take("tags", "c.tsv", "artist\ttag\nA\tb\n", listener="anna")
    with pytest.raises(InputError, match="has a listener column; leave --listener out"):
        take("plays", "d.tsv", HEADER + "u\ta\t1\n", listener="anna")


def test_a_table_of_one_listener(take: Take, facts: Facts) -> None:
    take("plays", "plays.csv", "artist,plays\nAir,3\n", listener=" anna ")
    assert brief(facts("plays")) == [("anna", "Air", 3.0)]


def test_latin_1_with_its_encoding_named(take: Take, facts: Facts) -> None:
    take("plays", "plays.tsv.gz", gzip.compress((HEADER + "anna\tRöyksopp\t3\n").encode("latin-1")), encoding="latin-1")
    assert brief(facts("plays")) == [("anna", "Röyksopp", 3.0)]


def test_tracks_and_times(take: Take, facts: Facts, rejected: Callable[[], Rejected]) -> None:
    take(
        "plays", "listens.csv",
        "user,artist,track,timestamp\nu,Air,Sexy Boy,2020-01-01T10:00:00Z\nu,Air,,1577872800\nu,Air,x,1577872800000\n"
        "u,Air,x,2020-01-01 12:00:00+02:00\nu,Air,x,yesterday\nu,Air,x,\n",
    )  # fmt: skip
    rows = facts("plays")
    assert [row["title"] for row in rows] == ["Sexy Boy", None, "x", "x"]
    assert {row["time"].isoformat() for row in rows} == {"2020-01-01T10:00:00+00:00"}
    assert {row["plays"] for row in rows} == {1.0}
    assert [why for why, _ in rejected().values()] == ["time cannot be read", "time is empty"]


BEFORE, AFTER = "before 1971: a clock that was not set", "in the future"


def test_listens_of_1970_and_of_the_future_are_rejected(take: Take, facts: Facts) -> None:
    next_week = (datetime.now(UTC) + timedelta(days=7)).isoformat()
    listens = f"u,Air,0\nu,Sea,1969-12-31T23:00:00Z\nu,Sun,31535999\nu,Sky,31536000\nu,Moon,{next_week}\n"
    report = take("plays", "listens.csv", "user,artist,time\n" + listens)
    assert report.reasons == {f"time is {BEFORE}": 3, f"time is {AFTER}": 1}
    assert [row["credit"] for row in facts("plays")] == ["Sky"]


def test_a_number_of_plays_stays_without_a_time_that_cannot_be_meant(take: Take, facts: Facts) -> None:
    report = take("plays", "plays.csv", "user,artist,plays,time\nu,Air,3,0\nu,Sea,2,2099-01-01\nu,Sun,0,0\n")
    assert report.notes == {
        f"plays kept without their time, which is {BEFORE}": 1, f"plays kept without their time, which is {AFTER}": 1,
    }  # fmt: skip
    assert report.reasons == {"plays is not above 0": 1}
    assert [(row["plays"], row["time"]) for row in facts("plays")] == [(3.0, None), (2.0, None)]


def test_quotes_that_do_not_match_are_rejected(take: Take, facts: Facts) -> None:
    report = take("tags", "tags.csv", 'artist,tag,count\nAir,pop,1\n"Sea,pop,1\n"S""ky",rock,2\nSun,x,1.5\nMoon,x,0\n')
    assert report.reasons == {
        "quotes do not match": 1, "count is not a whole number": 1, "count is not above 0": 1,
    }  # fmt: skip
    assert [row["credit"] for row in facts("tags")] == ["Air", 'S"ky']


CELL = st.text(st.sampled_from('ab"é ,\t\x00;-1'), max_size=4)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(cells=[["", ',"']], delimiter=",")
@example(cells=[["", '1"', '"']], delimiter=",")
@example(cells=[["a", "b"], ["", '1"', '"']], delimiter=",")
@given(st.lists(st.lists(CELL, min_size=2, max_size=4), min_size=1, max_size=6), st.sampled_from("\t,"))
def test_the_fast_reader_reads_what_the_careful_one_reads(
    tmp_path: Path, cells: list[list[str]], delimiter: str
) -> None:
    path = tmp_path / ("x.csv" if delimiter == "," else "x.tsv")
    path.write_bytes(delimiter.join(["artist", "tag", "count"]).encode())
    table = _Table(open_source(path), SHAPES["similar"], path.read_bytes())
    block = Block(2, "".join(delimiter.join(line) + "\n" for line in cells).encode())
    plan = Layout(("artist", "similar", None), header=True)
    careful, rejects = table._careful(block, plan, Rejects()), Rejects()
    rows = table.rows(block, plan, rejects)
    assert rows.lines.tolist() == careful.lines.tolist()
    for role in ("artist", "similar"):
        assert rows.columns[role].to_pylist() == careful.columns[role].to_pylist()
