"""Text that would be a command somewhere is data everywhere: stored, asked for and shown as it is, and never obeyed."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from db.catalog import Artist
from db.home import Home
from db.imports import import_file
from db.web import Document
from kinsong import home as homes
from tests.faults import published as world

if TYPE_CHECKING:
    from tests.kinsong.conftest import Kinsong

HOSTILE = (
    "Robert'); DROP TABLE artist;--", '"; DELETE FROM run; --', "$(touch owned)", "`reboot`", "; rm -rf / #",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[bold red]markup[/bold red]",
    "[link=a]x[/link]",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07", "\x9b2Jclear", "a\x08\x08\x7fb", "tab\there",
    "\u202egnp.exe", "\u2066x\u2069",
    "nul\u2028line", "%s %n {0} {__class__}", "../../../etc/passwd", "=cmd|' /C calc'!A0", "\u0000nul".strip("\u0000"),
    "😀 \U0001f468\u200d\U0001f469", "x" * 3_000,
)  # fmt: skip
COMMANDS = (
    ("related", "--id", "{id}", "--why"), ("terms", "--id", "{id}", "--why"), ("similar", "--id", "{id}", "-n", "3"),
    ("sql", "SELECT * FROM related"), ("sql", "SELECT * FROM artist, plays LIMIT 200", "--engine", "duckdb"),
    ("sql", "SELECT name FROM artist"), ("documents", "list", "-n", "99"), ("documents", "show", "{url}"),
    ("import", "list"), ("status",), ("runs",), ("artists", "never", "--list"), ("rate", "--list"), ("source", "list"),
)  # fmt: skip


@pytest.fixture
def hostile(tmp_path: Path) -> Home:
    home, _ = homes.create(tmp_path / "home")
    plays = tmp_path / "plays.jsonl"
    names = [*HOSTILE, *(f"Tame {n}" for n in range(6))]
    rows = [{"user": f"{a} fan", "artist": a, "plays": 2, "track": a} for a in names]
    plays.write_text("".join(json.dumps(row) + "\n" for row in rows))
    import_file(home, "plays", plays)
    lists = tmp_path / "lists.jsonl"
    lists.write_text(json.dumps({"name": HOSTILE[9], "tracks": [{"title": a, "artists": [a]} for a in names]}) + "\n")
    import_file(home, "playlists", lists)
    tags = tmp_path / "tags.jsonl"
    tags.write_text("".join(json.dumps({"artist": a, "tag": a[:200], "count": 1}) + "\n" for a in names))
    import_file(home, "tags", tags)
    world.add_documents(home, [f"http://a.test/?q={n}&{name}" for n, name in enumerate(HOSTILE)], list(HOSTILE))
    world.make_run(home, 1, dim=8)
    return home


def harmless(text: str) -> bool:
    """Nothing in it moves a cursor, changes a colour or turns the line."""
    return all(c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp") for c in text)


def test_names_are_kept_as_they_are(hostile: Home) -> None:
    with hostile.reading() as session:
        kept = set(session.scalars(select(Artist.name)))
        assert set(session.scalars(select(Document.title))) == set(HOSTILE)
    no_text = {name for name in HOSTILE if any(ord(c) < 32 or ord(c) == 127 for c in name)}
    assert {name for name in HOSTILE if name not in no_text and len(name) <= 500} <= kept
    assert len(no_text) == 3  # rejected by name


def test_no_command_obeys_them(hostile: Home, kinsong: Kinsong, tmp_path: Path) -> None:
    with hostile.reading() as session:
        artists = [(a.id, a.name) for a in session.scalars(select(Artist).order_by(Artist.id))]
        url = session.scalars(select(Document.url).where(Document.title == HOSTILE[9])).one()
    artist, _ = next((i, name) for i, name in artists if "\x9b" in name)
    for command in COMMANDS:
        words = [word.format(id=artist, url=url) if "{" in word else word for word in command]
        for form in ("table", "json", "csv"):
            ran = kinsong(*words, "--format", form, home=hostile.path)
            assert (ran.code, harmless(ran.err)) == (0, True), (command, form, ran.err)
            if form == "table":
                assert harmless(ran.out), command
            elif form == "json":
                assert harmless(ran.out), command
                json.loads(ran.out)
            else:
                rows = list(csv.reader(io.StringIO(ran.out, newline="")))
                assert len({len(row) for row in rows}) <= 1, command
    shown = json.loads(kinsong("sql", "SELECT name FROM artist", "--format", "json", home=hostile.path).out)
    assert {row["name"] for row in shown} == {name for _, name in artists}
    rows = csv.DictReader(io.StringIO(kinsong("sql", "SELECT name FROM artist", "--format", "csv",
                                              home=hostile.path).out, newline=""))  # fmt: skip
    assert {row["name"] for row in rows} == {name for _, name in artists}
    for form in ("csv", "jsonl", "parquet"):
        target = tmp_path / f"out.{form}"
        assert kinsong("export", "related", "--format", form, "-o", target, home=hostile.path).code == 0
    assert set(pq.read_table(tmp_path / "out.parquet")["artist"].to_pylist()) == {name for _, name in artists}
    for name in HOSTILE:
        ran = kinsong("related", name[:500], home=hostile.path)
        assert ran.code in (0, 2)
        assert harmless(ran.err)


def test_a_name_of_a_million_letters(any_home: Home, tmp_path: Path) -> None:
    plays = tmp_path / "plays.jsonl"
    long = "é" * 1_000_000
    lines = [{"user": "u", "artist": long, "plays": 1, "track": long}, {"user": long, "artist": "Air", "plays": 1},
             {"user": "u", "artist": "Air", "plays": 1}]  # fmt: skip
    plays.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    report = import_file(any_home, "plays", plays)
    with any_home.reading() as session:
        names = set(session.scalars(select(Artist.name)))
    assert "Air" in names
    assert report.rows + report.rejected == 3
    if report.rejected:
        assert all("long" in reason for reason in report.reasons)
