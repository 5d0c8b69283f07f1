"""Playlists as JSON lines, slices of the Million Playlist Dataset, and JSPF."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from db.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.db.imports.conftest import Rejected, Take

    Facts = Callable[[str], list[dict[str, Any]]]

SLICE = {
    "info": {"slice": "0-999"},
    "playlists": [
        {"name": "Throwbacks", "pid": 0, "tracks": [
            {"pos": 0, "artist_name": "Missy Elliott", "track_name": "Lose Control", "album_name": "The Cookbook"},
            {"pos": 1, "artist_name": "Britney Spears", "track_name": "Toxic", "album_name": "In The Zone"}]},
        {"name": "Empty", "pid": 1, "tracks": []},
    ],
}  # fmt: skip
JSPF = {"playlist": {"title": "Mix", "track": [
    {"title": "Toxic", "creator": "Britney Spears", "album": "x"}, {"title": "No creator"},
]}}  # fmt: skip


def brief(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(r["playlist"].split(":")[1], r["name"], r["position"], r["credits"], r["title"]) for r in rows]


def test_one_playlist_a_line(take: Take, facts: Facts, rejected: Callable[[], Rejected]) -> None:
    lines = [
        {"name": "Mix", "tracks": [
            {"title": "2 On", "artists": ["Tinashe", "ScHoolboy Q", "Tinashe"], "added": "2020-10-20"}]},
        {"name": "", "tracks": [
            {"artists": []}, 7, {"title": "b", "artist": "Tyler, The Creator"},
            {"name": "c", "artists": [{"name": "Air"}]}]},
        {"name": "none", "tracks": []}, {"name": "no list"}, [1],
    ]  # fmt: skip
    report = take("playlists", "lists.jsonl", "\n".join(map(json.dumps, lines)) + '\n{"name": "cut", "tra')
    assert brief(facts("playlists")) == [
        ("1", "Mix", 0, ["Tinashe", "ScHoolboy Q"], "2 On"), ("2", "untitled 2", 2, ["Tyler, The Creator"], "b"),
        ("2", "untitled 2", 3, ["Air"], "c"),
    ]  # fmt: skip
    assert facts("playlists")[0]["added"] == "2020-10-20"
    assert report.reasons == {
        "track without an artist": 1, "track that is no JSON object": 1, "no list of tracks in it": 1,
        "playlist without a track that can be used": 1, "not a JSON object": 1, "not JSON": 1,
    }  # fmt: skip
    assert rejected()[6] == ("not JSON", '{"name": "cut", "tra')


@pytest.mark.parametrize("indent", [None, 2])
def test_a_slice_of_the_million_playlist_dataset(take: Take, facts: Facts, indent: int | None) -> None:
    report = take("playlists", "mpd.slice.0-999.json", json.dumps(SLICE, indent=indent))
    assert (report.format, report.rows, report.rejected) == ("json", 2, 1)
    assert brief(facts("playlists")) == [
        ("1", "Throwbacks", 0, ["Missy Elliott"], "Lose Control"), ("1", "Throwbacks", 1, ["Britney Spears"], "Toxic"),
    ]  # fmt: skip


@pytest.mark.parametrize("content", [JSPF, [JSPF["playlist"]], JSPF["playlist"]])
@pytest.mark.parametrize("indent", [None, 2])
def test_jspf_and_lists_of_playlists(take: Take, facts: Facts, content: Any, indent: int | None) -> None:
    report = take("playlists", "mix.jspf", json.dumps(content, indent=indent))
    assert brief(facts("playlists")) == [("1", "Mix", 0, ["Britney Spears"], "Toxic")]
    assert report.reasons == {"track without an artist": 1}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("mpd.json", json.dumps(SLICE, indent=1)[:-30], "is no whole JSON"),
        ("mix.jspf", '{"playlist": {"title": "x", "track": [{"title": "cut', "is no whole JSON"),
        ("mix.jspf", json.dumps({"playlist": {"title": "x"}}), "holds no playlists"),
        ("lists.jsonl", '{"name": "x", "tracks": []}\n', "no row that can be used: 1 × playlist without a track"),
        ("deep.json", "[" * 100_000, "is no whole JSON"),
        ("plays.tsv", "user\tartist\tplays\nu\ta\t1\n", "is TSV, no playlist; there are JSON lines"),
    ],
)
def test_files_without_playlists_are_refused(take: Take, name: str, content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        take("playlists", name, content)


def test_half_a_surrogate_pair_is_no_name(take: Take, facts: Facts) -> None:
    report = take(
        "playlists",
        "l.json",
        '[{"name": "\\ud800x", "tracks": [{"artist": "x\\udfff"}, {"artist": "Air", "title": "\\ud800"}]}]',
    )
    assert brief(facts("playlists")) == [("1", "?x", 1, ["Air"], "?")]
    assert report.reasons == {"artist has a character in it that is no text": 1}
