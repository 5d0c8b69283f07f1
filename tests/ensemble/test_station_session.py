from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sqlalchemy import delete, func, select

from db import never, verdicts
from db.catalog import Artist, Listener, Track, TrackArtist
from db.errors import UsageError
from db.home import Home
from db.radio import Event, played
from db.results import NeverSuggest, NeverSuggestArtist, RadioEvent, RadioSession
from ensemble.station import Config
from ensemble.station_files import StationFiles
from ensemble.station_pool import Around
from ensemble.station_session import end, next_song, song_number, start, steer, thumb, why

N, PER_ARTIST, NEAR = 120, 3, 60


def files() -> StationFiles:
    rng = np.random.default_rng(0)
    tracks = np.stack([rng.permutation(np.delete(np.arange(N), t))[:NEAR] for t in range(N)]).astype(np.int32)
    scores = -np.sort(-rng.random((N, NEAR)), axis=1).astype(np.float16)
    said = rng.integers(-128, 128, (N, NEAR, 2)).astype(np.int8)
    return StationFiles(np.arange(1, N + 1, dtype=np.int64), ("als", "playlist"), tracks, scores, said)


@pytest.fixture
def around(any_home: Home) -> Around:
    with any_home.writing() as session:
        session.add(Listener(id=5, name="anna"))
        for artist in range(1, N // PER_ARTIST + 1):
            session.add(Artist(id=artist, name=f"Artist {artist}", key=f"artist {artist}"))
        session.flush()
        for track in range(1, N + 1):
            artist = (track - 1) // PER_ARTIST + 1
            session.add(Track(id=track, artist_id=artist, key=f"song {track}", title=f"Song {track}", credit="x"))
            session.flush()
            session.add(TrackArtist(track_id=track, artist_id=artist))
    return Around(files())


def begin(home: Home, around: Around, **options: object) -> str:
    return start(home, around, "Song 1", [1], Config(), **options)  # type: ignore[arg-type]


def test_a_session_survives_restarts_and_is_what_its_seed_makes_it(any_home: Home, around: Around) -> None:
    one, other = begin(any_home, around, seed=3), begin(any_home, around, seed=3)
    ids: dict[str, list[int]] = {one: [], other: []}
    for number in range(15):
        for name in (one, other):
            if name == other:
                around = Around(files())  # another process
            found = next_song(any_home, around, name)
            assert found is not None
            assert found.number == number + 1
            ids[name].append(found.track_id)
            thumb(any_home, name, "up" if found.track_id % 2 else "skip")
    assert ids[one] == ids[other]
    assert len(set(ids[one])) == 15


def test_a_thumb_twice_changes_nothing_and_another_one_replaces_it(any_home: Home, around: Around) -> None:
    name = begin(any_home, around, listener_id=5)
    first = next_song(any_home, around, name)
    assert first is not None
    assert thumb(any_home, name, "up") == (first, True)
    assert thumb(any_home, name, "up") == (first, False)
    assert thumb(any_home, name, "down") == (first, True)
    with any_home.reading() as session:
        found = played(session, name)
        assert [event.kind for event in found.events] == ["song", "up", "down"]
        assert found.version == 3
        assert verdicts.refused(session) == [(5, "track", first.track_id)]


def test_thumbs_that_cannot_be_are_answered(any_home: Home, around: Around) -> None:
    with pytest.raises(UsageError, match="no radio session “lost”"):
        thumb(any_home, "lost", "up")
    name = begin(any_home, around, name="morning")
    with pytest.raises(UsageError, match="played nothing yet"):
        thumb(any_home, name, "up")
    first = next_song(any_home, around, name)
    assert first is not None
    with pytest.raises(UsageError, match="no number 2"):
        thumb(any_home, name, "up", 2)
    with any_home.reading() as session:
        assert song_number(session, name, first.track_id) == 1
        with pytest.raises(UsageError, match="never played"):
            song_number(session, name, first.track_id + 1000)
    with pytest.raises(UsageError, match="“morning” already"):
        begin(any_home, around, name="morning")
    assert end(any_home, name)
    assert not end(any_home, name)
    for call in (
        lambda: thumb(any_home, name, "up"), lambda: next_song(any_home, around, name),
        lambda: steer(any_home, name, [Event("variety", value=1.0)]),
    ):  # fmt: skip
        with pytest.raises(UsageError, match="is over"):
            call()


def test_a_seed_without_a_station_is_refused(any_home: Home, around: Around) -> None:
    with pytest.raises(UsageError, match="no station of Song 999"):
        start(any_home, around, "Song 999", [999], Config())


def test_what_is_flagged_or_refused_does_not_come(any_home: Home, around: Around) -> None:
    with any_home.writing() as session:
        flag = NeverSuggest(kind="artist", name="Artist 2", added_at=never.now())
        session.add(flag)
        session.flush()
        session.add(NeverSuggestArtist(never_id=flag.id, artist_id=2))
        verdicts.say(session, 5, "artist", 3, "down")
        verdicts.say(session, 5, "track", 13, "ban")
    name = begin(any_home, around, listener_id=5)
    heard = []
    while (found := next_song(any_home, around, name)) is not None and len(heard) < 90:
        heard.append(found)
    assert len(heard) > 50
    assert not {2, 3} & {song.artist_id for song in heard}
    assert 13 not in {song.track_id for song in heard}


def test_why_tells_models_and_songs(any_home: Home, around: Around) -> None:
    name = begin(any_home, around)
    first = next_song(any_home, around, name)
    assert first is not None
    with any_home.reading() as session:
        told = why(session, around, name)
    assert told.song == first
    assert set(told.said) == set(told.weights) == {"all models", "als", "playlist"}
    assert told.near[0][0] == "Artist 1 – Song 1"


def test_sessions_leave_with_their_listener(any_home: Home, around: Around) -> None:
    own, foreign = begin(any_home, around, listener_id=5), begin(any_home, around)
    for name in (own, foreign):
        next_song(any_home, around, name)
    with any_home.writing() as session:
        session.execute(delete(Listener))
    with any_home.reading() as session:
        assert session.scalars(select(RadioSession.name)).all() == [foreign]
        assert session.scalar(select(func.count()).select_from(RadioEvent)) == 1


def test_no_thumb_is_lost_among_many_at_once(any_home: Home, around: Around) -> None:
    names = [begin(any_home, around, seed=n) for n in range(8)]
    for name in names:
        for _ in range(6):
            assert next_song(any_home, around, name) is not None

    def give(job: tuple[str, int]) -> bool:
        name, number = job
        return thumb(any_home, name, "up", number)[1]

    jobs = [(name, number) for number in range(1, 7) for name in names] * 2  # each of them by two at once
    with ThreadPoolExecutor(8) as threads:
        changed = list(threads.map(give, jobs))
    assert sum(changed) == len(jobs) // 2
    with any_home.reading() as session:
        for name in names:
            found = played(session, name)
            assert found.version == len(found.events) == 12
            assert sorted(event.kind for event in found.events) == ["song"] * 6 + ["up"] * 6


def test_two_that_ask_at_once_get_different_songs(any_home: Home, around: Around) -> None:
    name = begin(any_home, around)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: next_song(any_home, around, name), range(12)))
    assert sorted(song.number for song in found if song is not None) == list(range(1, 13))
    assert len({song.track_id for song in found if song is not None}) == 12
