"""Zip archives: exports of ListenBrainz and Spotify, one text, and what is neither."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from db.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.db.imports.conftest import Take

    Facts = Callable[[str], list[dict[str, Any]]]


def zipped(members: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def listen(artist: str, at: int) -> str:
    return json.dumps({"listened_at": at, "track_metadata": {"artist_name": artist, "track_name": "Song"}}) + "\n"


def stream(artist: str, at: str) -> dict[str, Any]:
    return {"ts": at, "ms_played": 200_000, "master_metadata_album_artist_name": artist}


def test_listenbrainz_export(take: Take, facts: Facts) -> None:
    content = zipped({
        "user.json": "{}", "feedback.jsonl": "{}\n", "listens/2024/2.jsonl": listen("Sea", 1_700_000_100),
        "listens/2024/1.jsonl": listen("Air", 1_700_000_000).rstrip(),
    })  # fmt: skip
    take("plays", "listenbrainz.zip", content, listener="anna")
    assert [(r["listener"], r["credit"], r["title"]) for r in facts("plays")] == [
        ("anna", "Air", "Song"), ("anna", "Sea", "Song")]  # fmt: skip


def test_spotify_export_reads_the_lists_one_after_another(take: Take, facts: Facts) -> None:
    folder = "Spotify Extended Streaming History/"
    content = zipped({
        f"{folder}ReadMe.pdf": "%PDF", f"{folder}Streaming_History_Video_2020.json": "[1]",
        f"{folder}Streaming_History_Audio_2020_1.json": json.dumps([stream("Air", "2020-01-01T00:00:00Z")], indent=1),
        f"{folder}Streaming_History_Audio_2021_2.json": json.dumps([stream("Sea", "2021-01-01T00:00:00Z")]),
    })  # fmt: skip
    take("plays", "my_spotify_data.zip", content, listener="anna")
    assert [(r["credit"], r["time"].year) for r in facts("plays")] == [("Air", 2020), ("Sea", 2021)]


def test_a_single_table_in_a_zip(take: Take, facts: Facts) -> None:
    take("plays", "plays.zip", zipped({"plays.csv": "listener,artist,plays\nu,Air,3\n", "picture.png": "x"}))
    assert [r["credit"] for r in facts("plays")] == ["Air"]


def test_several_texts_are_not_guessed_at(take: Take) -> None:
    with pytest.raises(InputError, match=r"2 texts in it \(a.csv, b.csv\)"):
        take("plays", "plays.zip", zipped({"a.csv": "x", "b.csv": "y"}))


def test_a_zip_cut_short_is_refused(take: Take) -> None:
    whole = zipped({"plays.csv": "listener,artist,plays\nu,Air,3\n"})
    with pytest.raises(InputError, match="cut short or damaged"):
        take("plays", "plays.zip", whole[: len(whole) - 30])
