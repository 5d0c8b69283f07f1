"""Spotify's streaming history, and plays as any list of objects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from db.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.db.imports.conftest import Rejected, Take

    Facts = Callable[[str], list[dict[str, Any]]]


def stream(artist: str | None, **more: Any) -> dict[str, Any]:
    return {
        "ts": "2020-01-01T00:00:00Z", "ms_played": 200_000, "ip_addr": "192.0.2.7",
        "master_metadata_album_artist_name": artist, "master_metadata_track_name": "Song", "incognito_mode": False,
    } | more  # fmt: skip


STREAMS = [stream("Air"), stream(None), stream("Sea", ms_played=10_000), stream("Secret", incognito_mode=True)]


def test_streams_that_are_no_listens_are_left_out(take: Take, facts: Facts) -> None:
    report = take("plays", "endsong_0.json", json.dumps(STREAMS), listener="anna")
    assert [(r["listener"], r["credit"], r["title"]) for r in facts("plays")] == [("anna", "Air", "Song")]
    assert report.reasons == {
        "no artist: a podcast or video": 1, "played for less than 30 seconds": 1,
        "private session (--private brings these in)": 1,
    }  # fmt: skip


def test_private_sessions_and_addresses_are_never_stored(take: Take, rejected: Callable[[], Rejected]) -> None:
    take("plays", "endsong_0.json", json.dumps(STREAMS), listener="anna")
    assert rejected()[4] == ("private session (--private brings these in)", "")
    assert "192.0.2.7" not in str(rejected())


def test_private_sessions_come_in_when_asked_for(take: Take, facts: Facts) -> None:
    take("plays", "endsong_0.json", json.dumps(STREAMS), listener="anna", private=True)
    assert [r["credit"] for r in facts("plays")] == ["Air", "Secret"]


def test_a_list_much_longer_than_a_chunk(take: Take, facts: Facts) -> None:
    streams = [stream(f"Björk {n % 7} 🎵", ts=1_500_000_000 + n) for n in range(12_000)]
    report = take("plays", "s.json", json.dumps(streams, ensure_ascii=False), listener="anna")
    assert (report.rows, report.rejected) == (12_000, 0)
    assert facts("plays")[-1]["credit"] == "Björk 1 🎵"


def test_a_list_of_plain_rows(take: Take, facts: Facts) -> None:
    take("plays", "plays.json", '[{"user": "u", "artist": "Air", "plays": 3}]')
    assert [(r["listener"], r["credit"], r["plays"]) for r in facts("plays")] == [("u", "Air", 3.0)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (json.dumps(STREAMS)[:-40], "no whole JSON after its object 3"),
        ("[1, 2]", "its value 1 is no JSON object"),
        (json.dumps([stream(None)]), "no listen that can be used: 1 × no artist"),
        ("[]", "the list is empty"),
        ('[{"band": 1}]', "no listener"),
    ],
)
def test_what_cannot_be_read(take: Take, content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        take("plays", "s.json", content, listener="anna" if "band" not in content else None)
