"""Playlists as M3U."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from db.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.db.imports.conftest import Rejected, Take

    Facts = Callable[[str], list[dict[str, Any]]]

MIX = b"""#EXTM3U\r
#PLAYLIST:Morning\r
#EXTINF:228,Air - Sexy Boy\r
Air/Moon Safari/01.mp3\r
#EXTINF:-1 tvg-id="a,b",Tyler, The Creator - EARFQUAKE - Live\r
02.mp3\r
03 no line before it.mp3\r
\r
#EXTINF:100,Just a title\r
04.mp3\r
#EXTINF:100,R\xf6yksopp - Eple\r
05.mp3\r
#EXTINF:100, - Nobody\r
06.mp3\r
"""


def test_artist_and_title_come_from_extinf(take: Take, facts: Facts, rejected: Callable[[], Rejected]) -> None:
    report = take("playlists", "x.m3u8", MIX)
    assert [(r["name"], r["position"], r["credits"], r["title"]) for r in facts("playlists")] == [
        ("Morning", 0, ["Air"], "Sexy Boy"), ("Morning", 1, ["Tyler, The Creator"], "EARFQUAKE - Live"),
    ]  # fmt: skip
    assert (report.format, report.rejected) == ("m3u", 5)
    assert [(line, why[:10]) for line, (why, _) in rejected().items()] == [
        (7, "no #EXTINF"), (10, "no #EXTINF"), (11, "not UTF-8 "), (12, "no #EXTINF"), (14, "artist is "),
    ]  # fmt: skip


def test_latin_1_by_its_name_and_a_list_named_by_its_file(take: Take, facts: Facts) -> None:
    take("playlists", "Evening.m3u", "#EXTINF:1,Röyksopp - Eple\na.mp3\n".encode("latin-1"), encoding="latin-1")
    assert [(r["name"], r["credits"]) for r in facts("playlists")] == [("Evening", ["Röyksopp"])]


@pytest.mark.parametrize("content", ["#EXTM3U\n", "a.mp3\nb.mp3\n"])
def test_a_list_without_artists_is_refused(take: Take, content: str) -> None:
    with pytest.raises(InputError, match="no row that can be used"):
        take("playlists", "x.m3u", content)


def test_a_playlist_is_no_table(take: Take) -> None:
    with pytest.raises(InputError, match="is M3U, no table; `kinsong import playlists` reads it"):
        take("plays", "x.m3u", MIX)


def test_no_nul_comes_through(take: Take, facts: Facts) -> None:
    take("playlists", "x.m3u8", b"#PLAYLIST:Mor\x00ning\n#EXTINF:1,Air - Sexy\x00 Boy\na.mp3\n")
    assert [(r["name"], r["title"]) for r in facts("playlists")] == [("Morning", "Sexy Boy")]


def test_the_name_of_a_file_that_is_no_text(take: Take, facts: Facts) -> None:
    take("playlists", os.fsdecode(b"caf\xe9.m3u"), "#EXTINF:1,Air - Sexy Boy\na.mp3\n")
    assert [r["name"] for r in facts("playlists")] == [r"caf\xe9"]
