from __future__ import annotations

import csv
import io
import json

import pytest

from db.home import Home


def rows_of(ran) -> list[dict[str, object]]:
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def test_why_shows_sentences_with_their_urls(kinsong, built: Home) -> None:
    rows = rows_of(kinsong("terms", "Harbour Player C", "--why", "-n", 4, "--format", "json", home=built.path))
    assert {row["kind"] for row in rows} == {"n1", "n2", "np", "adj"}
    for row in rows:
        assert row["url"].startswith("http://host")
        assert set(str(row["term"]).split()) <= set(row["sentence"].lower().replace(",", " ").replace(".", " ").split())
    hosts = [row["url"].split("/")[2] for row in rows if (row["kind"], row["rank"]) == ("n2", 1)]
    assert sorted(hosts) == ["host0.test", "host1.test", "host2.test"]
    table = kinsong("terms", "Harbour Player C", "--why", home=built.path)
    assert "http://host0.test/harbour/2" in table.out
    listed = csv.DictReader(
        io.StringIO(kinsong("terms", "Harbour Player C", "--why", "-n", 4, "--format", "csv", home=built.path).out)
    )
    assert [row["sentence"] for row in listed] == [row["sentence"] for row in rows]


def test_sql_shows_the_same_evidence_on_both_engines(kinsong, built: Home) -> None:
    rows = rows_of(kinsong("terms", "Neon Player B", "--why", "-n", 3, "--format", "json", home=built.path))
    query = (
        "SELECT kind, rank, term, url, sentence, published FROM term_evidence "
        "WHERE artist = 'Neon Player B' AND rank <= 3 ORDER BY kind, rank, url"
    )
    for engine in ("sql", "duckdb"):
        found = rows_of(kinsong("sql", query, "--engine", engine, "--format", "json", home=built.path))
        assert found == [{key: row[key] for key in found[0]} for row in rows]


def test_a_window_counts_its_documents_alone(kinsong, built: Home) -> None:
    ran = kinsong(
        "terms", "Neon Player B", "--since", "2011", "--until", "2011-05", "--why", "--format", "json", home=built.path
    )
    assert "1 of 3 documents" in ran.err
    assert {row["url"] for row in rows_of(ran)} == {"http://host1.test/neon/1"}
    everything = kinsong("terms", "Neon Player B", "--until", "2012-05-01", "--format", "json", home=built.path)
    assert rows_of(everything) == rows_of(kinsong("terms", "Neon Player B", "--format", "json", home=built.path))
    adjectives = kinsong("terms", "Neon Player B", "--since", "2012", "--kind", "adj", home=built.path)
    assert adjectives.code == 0
    assert "n2" not in adjectives.out
    nothing = kinsong("terms", "Neon Player B", "--since", "2013", home=built.path)
    assert (nothing.code, nothing.out) == (1, "")
    assert "0 of 3 documents" in nothing.err


@pytest.mark.parametrize(
    "options",
    [("--since", "last year"), ("--until", "2019-13"), ("--since", "2019", "--until", "2018-12"), ("--since", "19")],
)
def test_a_date_that_is_none_is_named(kinsong, built: Home, options: tuple[str, ...]) -> None:
    ran = kinsong("terms", "Neon Player B", *options, home=built.path)
    assert ran.code == 2
    assert options[1] in ran.err


def test_two_artists_compared_in_every_format(kinsong, built: Home) -> None:
    names = ("Neon Player B", "Harbour Player C")
    rows = rows_of(kinsong("terms", "--compare", *names, "--format", "json", home=built.path))
    assert {row["what"] for row in rows} >= {"first", "second"}
    assert all(row["first"] > row["second"] for row in rows if row["what"] == "first")
    assert "slide guitar" in {row["term"] for row in rows if row["what"] == "second"}
    near = rows_of(kinsong("terms", "--compare", "Neon Player B", "Neon Player D", "--format", "json", home=built.path))
    shared = [row for row in near if row["what"] == "shared"]
    assert {"icy", "analog synth"} <= {row["term"] for row in shared}
    assert all(row["first"] > 0 < row["second"] for row in shared)
    other = rows_of(kinsong("terms", "--compare", *reversed(names), "--format", "json", home=built.path))
    assert [r["term"] for r in other if r["what"] == "first"] == [r["term"] for r in rows if r["what"] == "second"]
    table = kinsong("terms", "--compare", *names, "--kind", "adj", home=built.path)
    assert "Neon Player B rather than Harbour Player C" in table.out
    assert kinsong("terms", "--compare", *names, "--format", "csv", home=built.path).out.startswith("what,kind,term")


def test_compare_takes_two_artists_and_nothing_else(kinsong, built: Home) -> None:
    same = kinsong("terms", "--compare", "Neon Player B", "neon player b", home=built.path)
    assert (same.code, "name two artists" in same.err) == (2, True)
    more = kinsong("terms", "Neon Player B", "--compare", "Neon Player B", "Neon Player C", home=built.path)
    assert more.code == 2
    unknown = kinsong("terms", "--compare", "Neon Player B", "Nobody at All", home=built.path)
    assert (unknown.code, "Nobody at All" in unknown.err) == (2, True)


def test_a_narrow_terminal_breaks_no_line(kinsong, built: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.console import Console

    from kinsong import show

    for width in (26, 40, 80):
        monkeypatch.setattr(show, "out", Console(highlight=False, width=width))
        lines = kinsong("terms", "Harbour Player C", home=built.path).out.splitlines()
        assert max(map(len, lines)) <= width
        assert sum("slide guitar" in line for line in lines) >= 2
