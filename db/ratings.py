"""Thumbs: whether one artist is rightly suggested for another. They are labels for the ranker, above imported ones."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from db.base import now
from db.catalog import Artist
from db.errors import InputError, UsageError
from db.home import Home
from db.read import imported_grades
from db.results import Rating


@dataclass(frozen=True)
class Rated:
    """What a thumb met.

    Attributes:
        new: whether it changed anything.
        was: the thumb that was there, None for none.
        imported: grades of the same pair in imported lists.
    """

    new: bool
    was: bool | None
    imported: Sequence[float]


@dataclass(frozen=True)
class Thumb:
    """One rating, for people."""

    artist: str
    similar: str
    up: bool
    rated_at: datetime


def rate(home: Home, artist: int, similar: int, *, up: bool) -> Rated:
    """Give a thumb; the one that was there before is replaced.

    Raises:
        UsageError: it is the same artist.
    """
    if artist == similar:
        raise UsageError("an artist cannot be rated against itself: name two")
    with home.writing() as session:
        row = session.get(Rating, (artist, similar))
        imported = imported_grades(session).get((artist, similar), [])
        was = None if row is None else row.up
        if row is None:
            session.add(Rating(artist_id=artist, similar_id=similar, up=up, rated_at=now()))
        elif row.up != up:
            row.up, row.rated_at = up, now()
        return Rated(was != up, was, imported)


def unrate(home: Home, artist: int, similar: int) -> None:
    """Take a thumb back.

    Raises:
        InputError: there is none.
    """
    with home.writing() as session:
        row = session.get(Rating, (artist, similar))
        if row is None:
            raise InputError("this pair is not rated, in this direction: `kinsong rate --list` shows what is")
        session.delete(row)


def ratings(session: Session) -> list[Thumb]:
    """All thumbs, by name."""
    one, other = aliased(Artist), aliased(Artist)
    statement = (
        select(one.name, other.name, Rating.up, Rating.rated_at)
        .join(one, one.id == Rating.artist_id)
        .join(other, other.id == Rating.similar_id)
        .order_by(one.key, one.disambiguation, other.key, other.disambiguation)
    )
    return [Thumb(*row) for row in session.execute(statement)]


def thumbs_down(session: Session) -> list[tuple[int, int]]:
    """(artist, who is not rightly suggested for it), ids, in order."""
    statement = select(Rating.artist_id, Rating.similar_id).where(~Rating.up)
    return sorted((row[0], row[1]) for row in session.execute(statement))


def fingerprint(session: Session) -> str:
    """Hex digest over thumbs down."""
    return hashlib.sha256(repr(thumbs_down(session)).encode()).hexdigest()
