from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.home import Home
from kinsong import home as homes

ASKED = "Harbour Player A"


@pytest.fixture
def own(built: Home, tmp_path: Path) -> Iterator[Home]:
    """A copy of the built home that a test may change."""
    path = tmp_path / "copy"
    built.engine.dispose()
    shutil.copytree(built.path, path)
    opened = homes.open_home(path)
    yield opened
    opened.engine.dispose()


def names(kinsong, home: Home, *options: object) -> list[str]:
    ran = kinsong("related", ASKED, *options, "--format", "json", home=home.path)
    assert ran.code == 0, ran.err
    return [row["related"] for row in json.loads(ran.out)]


def test_dials_turn_the_published_pool(kinsong, built: Home) -> None:
    plain, whole = names(kinsong, built), set(names(kinsong, built, "-n", 100))
    for options in (("--popularity", 1), ("--popularity", -1), ("--adventurous", 0.8), ("--diverse", 1)):
        turned = names(kinsong, built, *options)
        assert len(turned) == 20
        assert turned != plain
        assert set(turned) <= whole
    assert names(kinsong, built, "--reverse", "-n", 100) == names(kinsong, built, "-n", 100)[::-1]


def test_why_with_a_dial_says_where_evidence_ends(kinsong, built: Home) -> None:
    ran = kinsong("related", ASKED, "--why", "--reverse", "-n", 3, home=built.path)
    assert ran.code == 0
    assert "evidence is kept for the first 20" in ran.out


def test_settings_turn_the_dials_and_options_turn_them_back(kinsong, own: Home) -> None:
    plain = names(kinsong, own)
    settings = own.path / "kinsong.toml"
    settings.write_text(settings.read_text().replace("popularity = 0.0", "popularity = -1.0"))
    assert names(kinsong, own) != plain
    assert names(kinsong, own, "--popularity", 0) == plain
    settings.write_text(settings.read_text().replace("popularity = -1.0", "popularity = 7"))
    ran = kinsong("related", ASKED, home=own.path)
    assert ran.code == 2
    assert "[dials] popularity = 7" in ran.err


def test_excluded_artists_make_room(kinsong, built: Home, tmp_path: Path) -> None:
    plain = names(kinsong, built, "-n", 25)
    listed = tmp_path / "not.txt"
    listed.write_text(f"{plain[1].upper()}\n\nNobody At All\n{plain[2]}\n")
    options = ("--exclude", plain[0], "--exclude", f"@{listed}", "--format", "json")
    ran = kinsong("related", ASKED, *options, home=built.path)
    assert [row["related"] for row in json.loads(ran.out)] == plain[3:23]
    assert "1 excluded names" in ran.err
    assert "Nobody At All" in ran.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--exclude", "Harbour Playr B"), "Harbour Player B"),
        (("--exclude", "@/no/such/file"), "cannot be read"),
        (("--popularity", "1.5"), "popularity"),
        (("--adventurous", "-0.1"), "adventurous"),
        (("--diverse", "x"), "diverse"),
        (("--reverse", "--adventurous", "0.5"), "--reverse"),
    ],
)
def test_dials_that_cannot_be_are_wrong_usage(kinsong, built: Home, options: tuple[str, ...], said: str) -> None:
    ran = kinsong("related", ASKED, *options, home=built.path)
    assert ran.code == 2
    assert said in ran.err


def test_damaged_surroundings_are_named_and_plain_lists_go_on(kinsong, own: Home) -> None:
    (path,) = own.path.glob("artifacts/related-*/dials.vectors.npy")
    bytes_ = bytearray(path.read_bytes())
    bytes_[200:] = bytes(255 - byte for byte in bytes_[200:])
    path.write_bytes(bytes_)
    ran = kinsong("related", ASKED, "--diverse", 0.5, home=own.path)
    assert ran.code == 1
    assert "kinsong build" in ran.err
    assert len(names(kinsong, own)) == 20
    shutil.rmtree(path.parent)
    ran = kinsong("related", ASKED, "--diverse", 0.5, home=own.path)
    assert ran.code == 1
    assert "is gone" in ran.err


def test_never_suggested_at_once_and_again_when_taken_back(kinsong, own: Home) -> None:
    plain = names(kinsong, own, "-n", 25)
    assert kinsong("artists", "never", plain[0], home=own.path).code == 0
    assert "already" in kinsong("artists", "never", plain[0], home=own.path).err
    assert names(kinsong, own) == plain[1:21]
    listed = json.loads(kinsong("artists", "never", "--list", "--format", "json", home=own.path).out)
    assert [(row["kind"], row["name"], row["artists"]) for row in listed] == [("artist", plain[0], 1)]
    rows = json.loads(kinsong("sql", f"SELECT related FROM related WHERE artist = '{ASKED}'", "--format", "json",
                              home=own.path).out)  # fmt: skip
    assert plain[0] not in {row["related"] for row in rows}
    assert kinsong("artists", "never", plain[0], "--remove", home=own.path).code == 0
    assert names(kinsong, own, "-n", 25) == plain
    assert "no artist has the tag" in kinsong("artists", "never", "--tag", "polka", home=own.path).err


@pytest.mark.parametrize(
    "options", [(), ("A", "--tag", "b"), ("--list", "A"), ("--label", " "), ("Nobody",), ("--tag", "x", "--remove")]
)
def test_flags_that_cannot_be_are_wrong_usage(kinsong, own: Home, options: tuple[str, ...]) -> None:
    assert kinsong("artists", "never", *options, home=own.path).code == 2


def test_thumbs(kinsong, own: Home) -> None:
    pair = (ASKED, "Neon Player B")
    assert "down" in kinsong("rate", *pair, "down", home=own.path).err
    assert "as it was" in kinsong("rate", *pair, "down", home=own.path).err
    assert "in place of down" in kinsong("rate", *pair, "up", home=own.path).err
    (row,) = json.loads(kinsong("rate", "--list", "--format", "json", home=own.path).out)
    assert (row["artist"], row["similar"], row["thumb"]) == (*pair, "up")
    assert kinsong("rate", *pair, "remove", home=own.path).code == 0
    assert kinsong("rate", *pair, "remove", home=own.path).code == 2
    assert kinsong("rate", ASKED, ASKED, "up", home=own.path).code == 2
    assert kinsong("rate", ASKED, home=own.path).code == 2


def test_a_thumb_against_an_imported_list_is_stated(kinsong, own: Home, tmp_path: Path) -> None:
    table = tmp_path / "similar.tsv"
    table.write_text(f"artist\tsimilar\tgrade\n{ASKED}\tNeon Player B\t4\n")
    kinsong("import", "similar", table, home=own.path)
    ran = kinsong("rate", ASKED, "Neon Player B", "down", home=own.path)
    assert "contradicts" in ran.err
    assert "contradicts" not in kinsong("rate", ASKED, "Neon Player B", "up", home=own.path).err


def test_why_tells_the_same_on_every_engine(kinsong, built: Home) -> None:
    query = (
        "SELECT related_id, piece, kind, name, rank, back, text, round(CAST(value AS DECIMAL(20, 8)), 4) AS value "
        f"FROM why WHERE artist = '{ASKED}' ORDER BY related_id, piece"
    )
    rows = [
        json.loads(kinsong("sql", query, *engine, "--format", "json", home=built.path).out)
        for engine in ((), ("--engine", "duckdb"))
    ]
    assert len(rows[0]) > 100
    plain = [[{**row, "value": float(row["value"])} for row in answer] for answer in rows]
    assert plain[0] == plain[1]


def test_labels_that_lead_nowhere_are_listed(kinsong, own: Home, tmp_path: Path) -> None:
    (tmp_path / "similar.tsv").write_text(f"artist\tsimilar\tgrade\n{ASKED}\tNobody At All\t2\n")
    assert kinsong("import", "similar", tmp_path / "similar.tsv", home=own.path).code == 0
    ran = kinsong("import", "labels", "--format", "json", home=own.path)
    (row,) = json.loads(ran.out)
    assert (row["artist"], row["similar"], row["grade"]) == (ASKED, "Nobody At All", 2)
    assert row["doubt"].startswith("“Nobody At All”: no artist")
