from __future__ import annotations

from pathlib import Path

import pytest

from db import ratings, read
from db.errors import InputError, UsageError
from db.home import Home
from db.imports import import_files


@pytest.fixture
def graded(any_home: Home, tmp_path: Path) -> tuple[Home, dict[str, int]]:
    """Three artists; a list says that One is like Two (4 of 5) and like Three (2)."""
    table = tmp_path / "similar.tsv"
    table.write_text("artist\tsimilar\tgrade\nOne\tTwo\t4\nOne\tThree\t2\n")
    artists = tmp_path / "artists.jsonl"
    artists.write_text('{"name": "One"}\n{"name": "Two"}\n{"name": "Three"}\n')
    import_files(any_home, "artists", [artists])
    import_files(any_home, "similar", [table])
    with any_home.reading() as session:
        return any_home, {name: read.find_artist(session, name).id for name in ("One", "Two", "Three")}


def pairs(home: Home) -> dict[tuple[int, int], float]:
    with home.reading() as session:
        return {(one, other): grade for one, other, grade in read.label_pairs(session)}


def test_a_thumb_is_a_label_that_counts_above_lists(graded: tuple[Home, dict[str, int]]) -> None:
    home, ids = graded
    rated = ratings.rate(home, ids["One"], ids["Two"], up=False)
    assert (rated.new, rated.was, list(rated.imported)) == (True, None, [4.0])
    ratings.rate(home, ids["Two"], ids["Three"], up=True)
    assert pairs(home) == {
        (ids["One"], ids["Two"]): 0.0, (ids["One"], ids["Three"]): 2.0, (ids["Two"], ids["Three"]): 4.0
    }  # fmt: skip


def test_rating_again_changes_nothing_and_back_again_all(graded: tuple[Home, dict[str, int]]) -> None:
    home, ids = graded
    pair = ids["Two"], ids["One"]

    def digest() -> str:
        with home.reading() as session:
            return read.labels_fingerprint(session)

    before = digest()
    assert ratings.rate(home, *pair, up=True).new
    once = digest()
    assert not ratings.rate(home, *pair, up=True).new
    assert digest() == once != before
    turned = ratings.rate(home, *pair, up=False)
    assert (turned.new, turned.was) == (True, True)
    with home.reading() as session:
        assert [(t.artist, t.similar, t.up) for t in ratings.ratings(session)] == [("Two", "One", False)]
    ratings.unrate(home, *pair)
    assert digest() == before
    with pytest.raises(InputError, match="--list"):
        ratings.unrate(home, *pair)


def test_nobody_is_rated_against_itself(graded: tuple[Home, dict[str, int]]) -> None:
    home, ids = graded
    with pytest.raises(UsageError, match="itself"):
        ratings.rate(home, ids["One"], ids["One"], up=True)
