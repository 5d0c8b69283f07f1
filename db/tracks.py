"""The track half of the catalogue: derived from facts and track lists whenever credits are (`db.credits`).

Ids of tracks that stay are kept; `db.track_rules` says which facts are about one track.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import String, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from db.catalog import Credit, Track, TrackArtist, TrackTitle
from db.credit_rules import Catalogue
from db.home import Home
from db.listening import with_facts
from db.results import Run
from db.track_rules import KnownTrack, ListedTrack, Tracks, Written, derive_tracks
from db.write import insert_rows

_WRITTEN = {
    "plays": "select credit, title, count(*) as n from facts where title <> '' group by credit, title",
    "playlists": "select credits, title, count(*) as n from facts where title <> '' and len(credits) > 0 "
                 "group by credits, title",
}  # fmt: skip
_COLUMNS = ("artist_id", "key", "version", "mark", "title", "credit", "mbid", "isrc", "curated")


def derive(home: Home, catalogue: Catalogue) -> Tracks:
    """Tracks of all facts and lists, for a catalogue of artists.

    Raises:
        StoreError: a file of facts is missing or damaged.
    """
    alone = Counter(artist.key for artist in catalogue.artists)
    by_key = {artist.key: n for n, artist in enumerate(catalogue.artists) if alone[artist.key] == 1}
    return derive_tracks(_written(home), _listed(home), catalogue.leads, catalogue.first, by_key)


def _written(home: Home) -> Counter[Written]:
    facts: Counter[Written] = Counter()
    for row in _rows(home, "plays", _WRITTEN["plays"]):
        facts[Written(row["credit"], row["title"])] += row["n"]
    for row in _rows(home, "playlists", _WRITTEN["playlists"]):
        first, *others = row["credits"]
        facts[Written(first, row["title"], tuple(others))] += row["n"]
    return facts


def _listed(home: Home) -> list[ListedTrack]:
    rows = _rows(home, "tracks", "select distinct credit, title, mbid, isrc from facts")
    return [ListedTrack(row["credit"], row["title"], row["mbid"], row["isrc"]) for row in rows]


def _rows(home: Home, kind: str, query: str) -> list[dict[str, Any]]:
    return with_facts(home, kind, lambda duck, _: duck.sql(query).to_arrow_table().to_pylist(), list)


def write(session: Session, tracks: Tracks, artist_ids: Sequence[int]) -> None:
    """Make the track rows those wanted. `artist_ids`: database id of each artist of the catalogue."""
    ids = _write_tracks(session, tracks.tracks, artist_ids)
    _write_artists(session, tracks.tracks, ids, artist_ids)
    _write_titles(session, tracks.leads, ids)


def _values(track: KnownTrack, artist_ids: Sequence[int]) -> tuple[Any, ...]:
    return (
        artist_ids[track.artist], track.key, track.version, track.mark, track.title, track.credit, track.mbid,
        track.isrc, track.curated,
    )  # fmt: skip


def _write_tracks(session: Session, wanted: Sequence[KnownTrack], artist_ids: Sequence[int]) -> list[int]:
    """Ids in the order of `wanted`. A track keeps its row by its natural key, else by its MusicBrainz id."""
    columns = [Track.__table__.c[name] for name in ("id", *_COLUMNS, "retired")]
    rows = {row[0]: tuple(row[1:]) for row in session.execute(select(*columns))}
    natural = {row[:4]: i for i, row in rows.items()}
    by_mbid = {row[6]: i for i, row in rows.items() if row[6]}
    values = [_values(track, artist_ids) for track in wanted]
    ids = [natural.get(value[:4]) for value in values]
    taken = set(ids)
    for n, value in enumerate(values):
        offered = by_mbid.get(value[6]) if value[6] else None
        if ids[n] is None and offered is not None and offered not in taken:
            ids[n] = offered
            taken.add(offered)
    _drop(session, [i for i in rows if i not in taken])
    _rewrite(session, [
        (i, value) for i, value in zip(ids, values, strict=True) if i is not None and rows[i] != (*value, False)
    ])  # fmt: skip
    fresh = ((*value, False) for i, value in zip(ids, values, strict=True) if i is None)
    insert_rows(session.connection(), Track, (*_COLUMNS, "retired"), fresh)
    keys = select(Track.artist_id, Track.key, Track.version, Track.mark, Track.id)
    numbers = {tuple(row[:4]): row[4] for row in session.execute(keys)}
    return [numbers[value[:4]] for value in values]


def _drop(session: Session, ids: Sequence[int]) -> None:
    """Gone, or retired once there are results that may point to them; then what must be unique is given up."""
    if not ids:
        return
    marks = [{"row": i} for i in ids]
    connection = session.connection()
    if session.scalar(select(func.count()).select_from(Run)):
        for model in (TrackArtist, TrackTitle):
            connection.execute(delete(model).where(model.track_id == bindparam("row")), marks)
        away = update(Track).where(Track.id == bindparam("row"))
        connection.execute(away.values(retired=True, curated=False, mbid=None, mark=Track.id.cast(String)), marks)
    else:
        connection.execute(delete(Track).where(Track.id == bindparam("row")), marks)


def _rewrite(session: Session, changed: Sequence[tuple[int, tuple[Any, ...]]]) -> None:
    """Two passes, because two tracks may swap what is unique."""
    if not changed:
        return
    row = update(Track).where(Track.id == bindparam("row"))
    aside = row.values(key="", version="", mark=bindparam("note"), mbid=None)
    session.connection().execute(aside, [{"row": i, "note": str(i)} for i, _ in changed])
    session.connection().execute(row.values({name: bindparam(f"new_{name}") for name in (*_COLUMNS, "retired")}), [
        {"row": i, "new_retired": False, **{f"new_{name}": v for name, v in zip(_COLUMNS, value, strict=True)}}
        for i, value in changed
    ])  # fmt: skip


def _write_artists(
    session: Session, tracks: Sequence[KnownTrack], ids: Sequence[int], artist_ids: Sequence[int]
) -> None:
    wanted = {(i, artist_ids[n]) for i, track in zip(ids, tracks, strict=True) for n in track.artists}
    there = {(row[0], row[1]) for row in session.execute(select(TrackArtist.track_id, TrackArtist.artist_id))}
    stale = [{"one": one, "other": other} for one, other in sorted(there - wanted)]
    if stale:
        where = (TrackArtist.track_id == bindparam("one")) & (TrackArtist.artist_id == bindparam("other"))
        session.connection().execute(delete(TrackArtist).where(where), stale)
    insert_rows(session.connection(), TrackArtist, ("track_id", "artist_id"), sorted(wanted - there))


def _write_titles(session: Session, leads: Mapping[tuple[str, str], int], ids: Sequence[int]) -> None:
    numbers = dict(session.execute(select(Credit.text, Credit.id)).all())
    wanted = {(numbers[credit], title): ids[n] for (credit, title), n in leads.items()}
    columns = (TrackTitle.credit_id, TrackTitle.title, TrackTitle.track_id)
    there = {(row[0], row[1]): row[2] for row in session.execute(select(*columns))}
    stale = [{"one": one, "other": other} for (one, other), i in there.items() if wanted.get((one, other)) != i]
    if stale:
        where = (TrackTitle.credit_id == bindparam("one")) & (TrackTitle.title == bindparam("other"))
        session.connection().execute(delete(TrackTitle).where(where), stale)
    insert_rows(session.connection(), TrackTitle, ("credit_id", "title", "track_id"), _fresh(wanted, there))


def _fresh(
    wanted: Mapping[tuple[int, str], int], there: Mapping[tuple[int, str], int]
) -> Iterator[tuple[int, str, int]]:
    for (credit, title), track in sorted(wanted.items()):
        if there.get((credit, title)) != track:
            yield credit, title, track

