from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.home import Home
from kinsong import home as homes
from kinsong.sql import ask


@pytest.fixture
def own(built: Home, tmp_path: Path) -> Iterator[Home]:
    """A copy of the built home that a test may change."""
    path = tmp_path / "copy"
    built.engine.dispose()
    shutil.copytree(built.path, path)
    opened = homes.open_home(path)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def radio(kinsong, own: Home):
    """Runs `kinsong radio …` on the copy."""
    return lambda *words: kinsong("radio", *words, home=own.path)


def song(radio, name: str) -> dict[str, object]:
    ran = radio("next", name, "--format", "json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)[0]


def test_a_session_from_start_to_end(radio, own: Home) -> None:
    started = radio("start", "Harbour Player A", "--name", "evening", "--listener", "listener3", "--spacing", 2)
    assert started.code == 0, started.err
    assert started.out.strip() == "evening"
    songs = [song(radio, "evening") for _ in range(3)]
    assert [one["number"] for one in songs] == [1, 2, 3]
    assert len({one["artist"] for one in songs}) == 3
    assert radio("up", "evening").code == 0
    assert "as it was" in radio("up", "evening").err
    assert radio("down", "evening", "--song", 1).code == 0
    assert radio("favorite", "evening", "--song", 2).code == 0
    assert radio("ban", "evening", "--artist", "Harbour Player B").code == 0
    assert radio("steer", "evening", "--more", "Harbour Player C", "--adventurous", 0.5).code == 0
    later = [song(radio, "evening") for _ in range(5)]
    assert "Harbour Player B" not in {one["artist"] for one in later}
    told = radio("why", "evening", "--format", "json")
    assert {row["what"] for row in json.loads(told.out)} >= {"model"}
    assert "all models" in radio("why", "evening").out
    assert radio("skip", "evening").code == 0
    assert radio("end", "evening").code == 0
    assert "as it was" in radio("end", "evening").err
    _, kinds = ask(own, "SELECT kind FROM radio_event ORDER BY number")
    assert [row["kind"] for row in kinds] == [
        "song", "song", "song", "up", "down", "favorite", "ban", "more", "adventurous", *["song"] * 5, "skip", "end",
    ]  # fmt: skip


def test_what_cannot_be_is_answered(radio) -> None:
    for words, told in (
        (("next", "nowhere"), "no radio session"), (("up", "nowhere"), "no radio session"),
        (("start", "Qwertz Uiop"), "no song, artist or playlist"), (("start", "Harbour Player A - zzz"), "no song"),
        (("start", "Harbour Player A", "--listener", "nobody9"), "nobody9"), (("start", "Quiet Newcomer"), "no "),
        (("steer", "nowhere"), "--more"),
    ):  # fmt: skip
        ran = radio(*words)
        assert ran.code == 2, words
        assert told in ran.err
    assert radio("start", "Harbour Player A", "--name", "x").code == 0
    assert radio("up", "x").code == 2
    assert radio("end", "x").code == 0
    for command in ("next", "up", "down", "skip", "ban", "favorite"):
        ran = radio(command, "x")
        assert ran.code == 2
        assert "is over" in ran.err


def test_seeds_are_songs_artists_titles_and_playlists(radio, own: Home) -> None:
    _, rows = ask(own, "SELECT artist, title FROM tracks WHERE artist = 'Neon Player A' ORDER BY title LIMIT 1")
    title = rows[0]["title"]
    for words, told in (
        (f"neon player a - {title.upper()}", f"Neon Player A – {title}"), ("list 3", "the playlist list 3"),
        ("Neon Player B", "Neon Player B"),
    ):  # fmt: skip
        ran = radio("start", words)
        assert ran.code == 0, ran.err
        assert told in ran.err
    ran = radio("start", title)  # many artists have a song of this name
    assert ran.code == 2
    assert "several artists" in ran.err


def test_what_is_thumbed_down_for_a_listener_is_not_played_to_them_again(radio) -> None:
    assert radio("start", "Harbour Player A", "--name", "one", "--listener", "listener3").code == 0
    first = song(radio, "one")
    assert radio("ban", "one").code == 0
    assert radio("start", "Harbour Player A", "--name", "two", "--listener", "listener3").code == 0
    assert first["track_id"] not in {song(radio, "two")["track_id"] for _ in range(12)}
