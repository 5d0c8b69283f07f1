"""From names to artists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from db.catalog import Artist
from db.errors import AmbiguousName, ArtistNameError, UnknownName
from db.imports import import_file
from db.names import name_key
from db.search import close_names, find_artist
from db.write import insert_rows

if TYPE_CHECKING:
    from pathlib import Path

    from db.home import Home

ONE = "00000000-0000-4000-8000-00000000000a"


@pytest.fixture
def filled(home: Home, tmp_path: Path) -> Home:
    plays = tmp_path / "plays.tsv"
    plays.write_text(
        "user\tartist\tplays\nanna\tThe Beatles\t3\nanna\tBjörk\t1\nben\tEno & Byrne\t2\nben\tEno\t2\nben\tByrne\t2\n"
        "ben\tNas feat. AZ\t1\nben\tKanye West\t1\nben\tAsh Harbour\t4\n", encoding="utf-8",
    )  # fmt: skip
    listed = tmp_path / "artists.jsonl"
    listed.write_text(
        '{"name": "Ash Harbour", "disambiguation": "DE"}\n{"name": "Ash Harbour", "disambiguation": "UK", "mbid": "'
        + ONE + '", "aliases": ["AH"]}\n{"name": "Diddy", "aliases": ["Puff Daddy"]}\n', encoding="utf-8",
    )  # fmt: skip
    import_file(home, "plays", plays)
    import_file(home, "artists", listed)
    return home


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("beatles", "The Beatles"), ("BJORK", "Björk"), ("eno and byrne", "Eno & Byrne"), ("puff daddy", "Diddy"),
        ("Nas feat. AZ", "Nas"), ("nas  FEAT AZ", "Nas"), ("AH", "Ash Harbour"),
    ],
)  # fmt: skip
def test_names_aliases_and_credits_lead_to_their_artist(filled: Home, asked: str, found: str) -> None:
    with filled.reading() as session:
        assert find_artist(session, asked).name == found


def test_an_artist_by_id_or_musicbrainz_id(filled: Home) -> None:
    with filled.reading() as session:
        by_mbid = find_artist(session, mbid=ONE.upper())
        assert (by_mbid.name, by_mbid.disambiguation) == ("Ash Harbour", "UK")
        assert find_artist(session, artist_id=by_mbid.id) is by_mbid
        assert find_artist(session, "Ash Harbour (DE)").disambiguation == "DE"
        with pytest.raises(ArtistNameError, match="no artist has the id 99999"):
            find_artist(session, artist_id=99_999)


def test_homonyms_are_shown_as_choices(filled: Home) -> None:
    with filled.reading() as session, pytest.raises(AmbiguousName) as caught:
        find_artist(session, "ash harbour")
    assert [label for _, label in caught.value.choices] == ["Ash Harbour (DE)", f"Ash Harbour (UK) {ONE}"]


@pytest.mark.parametrize(
    ("asked", "meant"), [("Beetles", "The Beatles"), ("Kanye Wst", "Kanye West"), ("Bjrk", "Björk"), ("iddy", "Diddy")]
)
def test_an_unknown_name_comes_with_close_ones(filled: Home, asked: str, meant: str) -> None:
    with filled.reading() as session, pytest.raises(UnknownName) as caught:
        find_artist(session, asked)
    assert caught.value.suggestions[0] == meant
    assert f"did you mean “{meant}”" in str(caught.value)


@pytest.mark.parametrize("asked", ["", "   ", "zzzzqqqq", "%", "_" * 40])
def test_nothing_close_is_said_so(filled: Home, asked: str) -> None:
    with filled.reading() as session, pytest.raises(UnknownName, match="nothing in the catalogue comes close"):
        find_artist(session, asked)


def test_close_names_among_many(any_home: Home) -> None:
    home = any_home
    names = [f"Artist {n:05d}" for n in range(20_000)] + ["Radiohead"]
    rows = ((name, name_key(name), "", None, False, False) for name in names)
    with home.writing() as session:
        columns = ("name", "key", "disambiguation", "mbid", "curated", "retired")
        insert_rows(session.connection(), Artist, columns, rows)
    with home.reading() as session:
        assert close_names(session, "radiohaed") == ["Radiohead"]
        assert "Artist 00123" in close_names(session, "artist 00123x")


@pytest.mark.parametrize("artist_id", [-1, 0, 1 << 31, 1 << 63, 10**30])
def test_what_can_be_no_id(home: Home, artist_id: int) -> None:
    with home.reading() as session, pytest.raises(ArtistNameError, match=str(artist_id)):
        find_artist(session, artist_id=artist_id)
