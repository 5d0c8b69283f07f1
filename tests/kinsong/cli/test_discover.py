from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from db.home import Home
from db.imports import import_files
from db.imports.forget import forget
from kinsong import config
from kinsong import home as homes
from kinsong.build import build
from kinsong.sql import ask, ask_duckdb

PROOF = """
    SELECT count(*) AS entries,
           count(*) FILTER (EXISTS (SELECT 1 FROM plays p
                                    WHERE p.listener = d.listener AND p.artist_id = d.artist_id)) AS heard,
           count(*) FILTER (EXISTS (SELECT 1 FROM related_artist r WHERE r.artist_id = d.because_id
                                    AND r.related_id = d.artist_id AND r.rank = d.because_rank)
                        AND d.because_plays = (SELECT sum(p.plays) FROM plays p
                                    WHERE p.listener = d.listener AND p.artist_id = d.because_id)) AS proved,
           count(because_id) AS reasons
    FROM discover d"""


@pytest.fixture
def own(built: Home, tmp_path: Path) -> Iterator[Home]:
    """A copy of the built home that a test may change."""
    path = tmp_path / "copy"
    built.engine.dispose()
    shutil.copytree(built.path, path)
    opened = homes.open_home(path)
    yield opened
    opened.engine.dispose()


def rows(kinsong, home: Home, *options: object) -> list[dict[str, object]]:
    ran = kinsong("discover", *options, "--format", "json", home=home.path)
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def add_plays(home: Home, path: Path, *lines: str, header: str = "listener\tartist\tplays") -> None:
    path.write_text("\n".join((header, *lines)) + "\n")
    import_files(home, "plays", [path])


def test_every_list_is_unheard_and_its_reasons_are_true(built: Home) -> None:
    _, found = ask_duckdb(built, PROOF)
    assert found[0]["entries"] > 1000
    assert found[0]["heard"] == 0
    assert found[0]["proved"] == found[0]["reasons"] >= 0.9 * found[0]["entries"]


def test_a_list_with_reasons_is_printed(kinsong, built: Home) -> None:
    found = rows(kinsong, built, "listener3", "-n", 5)
    assert [row["rank"] for row in found] == [1, 2, 3, 4, 5]
    for row in found:
        assert re.fullmatch(
            rf"because you play {row['because']} \(\d+ plays?\); {row['artist']} is \d+(st|nd|rd|th) of its "
            "related artists", str(row["reason"]),
        )  # fmt: skip
    _, viewed = ask(built, "SELECT artist, reason FROM discover WHERE listener = 'listener3' ORDER BY rank LIMIT 5")
    assert [(row["artist"], row["reason"]) for row in found] == [(v["artist"], v["reason"]) for v in viewed]
    assert "because you play" in kinsong("discover", "listener3", home=built.path).out


def test_unknown_and_misspelt_listeners(kinsong, built: Home) -> None:
    ran = kinsong("discover", "lisener3", home=built.path)
    assert ran.code == 2
    assert "listener3" in ran.err


def test_before_the_first_build(kinsong, home: Home, tmp_path: Path) -> None:
    own, _ = homes.create(tmp_path / "fresh")
    add_plays(own, tmp_path / "p.tsv", "anna\tAir\t3")
    ran = kinsong("discover", "anna", home=own.path)
    own.engine.dispose()
    assert ran.code == 1
    assert "kinsong build" in ran.err


def test_who_came_after_the_run_is_told_so(kinsong, own: Home, tmp_path: Path) -> None:
    add_plays(own, tmp_path / "p.tsv", "newcomer\tHarbour Player A\t3")
    ran = kinsong("discover", "newcomer", home=own.path)
    assert ran.code == 1
    assert "kinsong build" in ran.err


def test_odd_listeners_get_a_list_or_a_reason(kinsong, own: Home, tmp_path: Path) -> None:
    every = {f"{scene} Player {chr(65 + n)}" for scene in ("Harbour", "Neon") for n in range(24)}
    add_plays(
        own, tmp_path / "p.tsv", "once\tHarbour Player A\t1", "alone\tNobody Else\t9",
        *(f"everything\t{name}\t1" for name in sorted(every)), "everything\tQuiet Newcomer\t1",
        "everything\tNobody Else\t1",
    )  # fmt: skip
    build(own, config.load(own))
    once = rows(kinsong, own, "once")
    assert len(once) == 30
    assert {row["because"] for row in once[:20]} == {"Harbour Player A"}
    assert all("(1 play)" in str(row["reason"]) for row in once if row["because"])
    ran = kinsong("discover", "everything", home=own.path)
    assert ran.code == 1
    assert "everything" in ran.err
    assert "heard" in ran.err
    alone = kinsong("discover", "alone", home=own.path)  # "everything" plays the one artist too: a walk leads on
    assert alone.code == 0


def test_what_was_heard_or_refused_since_the_build_is_left_out_and_spares_step_in(
    kinsong, own: Home, tmp_path: Path
) -> None:
    before = rows(kinsong, own, "listener3", "-n", 20)
    first, second, third = (str(row["artist"]) for row in before[:3])
    add_plays(own, tmp_path / "p.tsv", f"listener3\t{first}\t1")
    assert kinsong("discover", "listener3", "--down", second, home=own.path).code == 0
    assert "as it was" in kinsong("discover", "listener3", "--down", second, home=own.path).err
    assert kinsong("artists", "never", third, home=own.path).code == 0
    after = rows(kinsong, own, "listener3", "-n", 20)
    assert [row["artist"] for row in after[:17]] == [row["artist"] for row in before[3:]]
    assert len(after) == 20
    _, viewed = ask(own, "SELECT artist FROM discover WHERE listener = 'listener3'")
    assert not {second, third} & {row["artist"] for row in viewed}
    build(own, config.load(own))
    assert not {first, second, third} & {row["artist"] for row in rows(kinsong, own, "listener3")}
    assert kinsong("discover", "listener3", "--forgive", second, home=own.path).code == 0
    assert kinsong("discover", "listener3", "--forgive", second, home=own.path).code == 2
    build(own, config.load(own))
    assert second in {row["artist"] for row in rows(kinsong, own, "listener3")}


def test_what_is_new_since_last_week_comes_first(kinsong, own: Home, tmp_path: Path) -> None:
    old = {row["artist"] for row in rows(kinsong, own, "listener5")}
    with own.writing() as session:
        session.execute(text("UPDATE discovery SET since = '2001-01-01'"))
    _age_artifact(own)
    gone = sorted(str(artist) for artist in old)[:6]
    add_plays(own, tmp_path / "p.tsv", *(f"listener5\t{artist}\t1" for artist in gone))
    build(own, config.load(own))
    found = rows(kinsong, own, "listener5")
    fresh = [row["new"] for row in found]
    assert any(fresh)
    assert fresh == sorted(fresh, reverse=True)
    assert all((row["artist"] not in old) == row["new"] for row in found)


def _age_artifact(home: Home) -> None:
    """The published lists, as if they had stood there for years."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from db.artifacts import resealed
    from db.published import published_artifact

    published = published_artifact(home, "discover")
    assert published is not None
    with resealed(published) as folder:
        path = folder / "discovery.parquet"
        aged = pq.read_table(path)
        column = aged.column_names.index("since")
        pq.write_table(aged.set_column(column, "since", pa.array(["2001-01-01"] * len(aged))), path)


def test_a_forgotten_listener_has_no_list(own: Home) -> None:
    forget(own, "listener7")
    with own.reading() as session:
        left = "SELECT count(*) FROM discovery WHERE listener_id NOT IN (SELECT id FROM listener)"
        assert session.scalar(text(left)) == 0
    assert ask(own, "SELECT count(*) AS n FROM discover WHERE listener = 'listener7'")[1] == [{"n": 0}]
    assert ask_duckdb(own, "SELECT count(*) AS n FROM discover WHERE listener = 'listener7'")[1] == [{"n": 0}]


def test_songs_are_given_where_plays_name_them(kinsong, tmp_path: Path) -> None:
    home, _ = homes.create(tmp_path / "songs")
    lines = [
        f"l{n}\tBand {band}\tsong {song}\t{1 + (n + song) % 5}"
        for n in range(24) for band in range(8) for song in range(5) if (n * 7 + band * 3 + song) % 4 == 0
    ]  # fmt: skip
    add_plays(home, tmp_path / "p.tsv", *lines, "odd\tUnheard Of\tnothing\t1", header="listener\tartist\ttrack\tplays")
    build(home, config.load(home))
    found = rows(kinsong, home, "l1")
    assert found
    assert all(row["track"] for row in found)
    heard = {tuple(line.split("\t")[1:3]) for line in lines if line.startswith("l1\t")}
    given = [(str(row["artist"]), str(row["track"])) for row in found]
    assert not heard & set(given)
    assert max(sum(artist == other for other, _ in given) for artist, _ in given) <= 2
    home.engine.dispose()
