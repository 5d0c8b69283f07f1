"""Listens as ListenBrainz and Spotify export them: each turned into the flat object that a table of plays has.

ListenBrainz writes one object a line, with the names in `track_metadata`. Spotify's extended streaming history is a
list of streams; those of less than half a minute count as skipped, those without an artist are podcasts, and those of a
private session stay out unless asked for, their content never stored. Addresses and devices are not read.
"""

from __future__ import annotations

from typing import Any

SKIPPED = 30_000
"""Milliseconds; a shorter stream is no listen, as at Spotify and Last.fm themselves."""
_ARTIST, _TRACK = "master_metadata_album_artist_name", "master_metadata_track_name"


def is_stream(value: dict[str, Any]) -> bool:
    """Whether an object is a stream of Spotify's extended history."""
    return _ARTIST in value


def is_private(stream: dict[str, Any]) -> bool:
    """Whether a stream was played in a private session."""
    return stream.get("incognito_mode") is True


def flat_listen(value: dict[str, Any]) -> dict[str, Any]:
    """A ListenBrainz listen as listener, artist, track and time; what is none is given back as it is."""
    metadata = value.get("track_metadata")
    if not isinstance(metadata, dict):
        return value
    flat = {
        "artist": metadata.get("artist_name"),
        "track": metadata.get("track_name"),
        "time": value.get("listened_at"),
    }
    return {"listener": value["user_name"], **flat} if value.get("user_name") else flat


def flat_stream(value: dict[str, Any]) -> dict[str, Any]:
    """A Spotify stream as artist, track and time."""
    return {"artist": value.get(_ARTIST), "track": value.get(_TRACK), "time": value.get("ts")}


def no_listen(stream: dict[str, Any], private: bool) -> str:
    """Why a Spotify stream is no listen; empty when it is one."""
    if is_private(stream) and not private:
        return "private session (--private brings these in)"
    if not stream.get(_ARTIST):
        return "no artist: a podcast or video"
    played = stream.get("ms_played")
    if isinstance(played, int | float) and played < SKIPPED:
        return "played for less than 30 seconds"
    return ""
