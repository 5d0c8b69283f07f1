"""From tracks as someone writes them (credits and a title) to tracks of the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.catalog import Credit, Track, TrackTitle
from db.names import featured_parts
from db.search import leads
from db.titles import read_title

CHUNK = 500
Entry = tuple[Sequence[str], str | None]
"""Credits, the first-named first, and the title as written."""


def find_tracks(session: Session, entries: Sequence[Entry]) -> list[int | None]:
    """The id of the track that each entry means, None where there is none.

    As some fact writes it; else by artist, key and version of the title, as the catalogue itself is derived (of several
    tracks of one title the first in canonical order); else as the catalogue shows it, joint credits in one text.
    """
    written = [(named[0], title) if named and title else None for named, title in entries]
    exact = _exact(session, sorted({pair for pair in written if pair is not None}))
    lead = _artist_of(session)
    keys = [_key(pair, lead) for pair in written]
    natural = _natural(session, sorted({key[0] for key in keys if key is not None}))
    found = [
        None if pair is None else exact.get(pair) or (None if key is None else natural.get(key))
        for pair, key in zip(written, keys, strict=True)
    ]
    missing = {pair for pair, one in zip(written, found, strict=True) if pair is not None and one is None}
    shown = _shown(session, missing)
    return [one if one is not None or pair is None else shown.get(pair)
            for pair, one in zip(written, found, strict=True)]  # fmt: skip


def _key(pair: tuple[str, str] | None, lead: Callable[[str], int | None]) -> tuple[int, str, str] | None:
    artist = None if pair is None else lead(pair[0])
    if pair is None or artist is None:
        return None
    read = read_title(pair[1])
    return (artist, read.key, read.version) if read.key else None


def _artist_of(session: Session) -> Callable[[str], int | None]:
    """What a credit leads to first: itself, else the first artist of one that says who is featured."""
    lead = leads(session)

    def artist(credit: str) -> int | None:
        found = lead(credit)
        return lead(featured_parts(credit)[0]) if found is None else found

    return artist


def _shown(session: Session, pairs: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
    texts = sorted({credit for credit, _ in pairs})
    found: dict[tuple[str, str, str], int] = {}
    columns = (Track.credit, Track.key, Track.version, Track.id)
    for begin in range(0, len(texts), CHUNK):
        of_these = Track.credit.in_(texts[begin : begin + CHUNK])
        statement = select(*columns).where(of_these, ~Track.retired).order_by(Track.mark, Track.id)
        for credit, key, version, track in session.execute(statement):
            found.setdefault((credit, key, version), track)
    read = {pair: read_title(pair[1]) for pair in pairs}
    keys = {pair: (pair[0], title.key, title.version) for pair, title in read.items()}
    return {pair: found[key] for pair, key in keys.items() if key in found}


def _exact(session: Session, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    texts = sorted({credit for credit, _ in wanted})
    asked = set(wanted)
    for begin in range(0, len(texts), CHUNK):
        statement = (
            select(Credit.text, TrackTitle.title, TrackTitle.track_id)
            .join(TrackTitle, TrackTitle.credit_id == Credit.id)
            .where(Credit.text.in_(texts[begin : begin + CHUNK]))
        )
        found.update({(row[0], row[1]): row[2] for row in session.execute(statement) if (row[0], row[1]) in asked})
    return found


def _natural(session: Session, artists: Sequence[int]) -> dict[tuple[int, str, str], int]:
    found: dict[tuple[int, str, str], int] = {}
    columns = (Track.artist_id, Track.key, Track.version, Track.id)
    for begin in range(0, len(artists), CHUNK):
        of_these = Track.artist_id.in_(artists[begin : begin + CHUNK])
        statement = select(*columns).where(of_these, ~Track.retired).order_by(Track.mark)
        for artist, key, version, track in session.execute(statement):
            found.setdefault((artist, key, version), track)
    return found
