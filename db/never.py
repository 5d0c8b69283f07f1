"""Never-suggest flags: artists who are not to be suggested to anybody, by name, by tag or by record label.

An artist is on a record label where an imported tag says so: `label:NAME`, in any case. Which artists a flag means is
kept in rows of its own, so that a query need not look at tags.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from db.base import now
from db.catalog import Artist
from db.errors import InputError, UsageError
from db.home import Home
from db.listening import tag_counts
from db.results import NeverSuggest, NeverSuggestArtist
from db.search import find_artist, label_of

Kind = Literal["artist", "tag", "label"]
LABEL = "label:"
"""How a tag begins that names a record label."""


@dataclass(frozen=True)
class Flag:
    """A flag and how many artists it means."""

    kind: str
    name: str
    artists: int
    added_at: datetime


def add(home: Home, kind: Kind, name: str) -> tuple[str, bool]:
    """Set a flag; one that is set stays.

    Returns:
        The name as it is kept, and whether the flag is new.

    Raises:
        ArtistNameError: the artist's name leads to nobody or to several.
        UsageError: the name is empty.
    """
    with home.writing() as session:
        kept, artist = _kept(session, kind, name)
        if session.scalar(select(NeverSuggest.id).where(NeverSuggest.kind == kind, NeverSuggest.name == kept)):
            return kept, False
        flag = NeverSuggest(kind=kind, name=kept, added_at=now())
        session.add(flag)
        session.flush()
        if artist is not None:
            session.add(NeverSuggestArtist(never_id=flag.id, artist_id=artist))
    resolve(home)
    return kept, True


def remove(home: Home, kind: Kind, name: str) -> str:
    """Take a flag away.

    Returns:
        The name as it was kept.

    Raises:
        InputError: there is no such flag.
        ArtistNameError: the artist's name leads to nobody or to several.
    """
    with home.writing() as session:
        kept, _ = _kept(session, kind, name)
        flag = session.scalars(select(NeverSuggest).where(NeverSuggest.kind == kind, NeverSuggest.name == kept)).first()
        if flag is None:
            raise InputError(f"the {kind} “{kept}” is not flagged: `kinsong artists never --list` shows what is")
        session.execute(delete(NeverSuggestArtist).where(NeverSuggestArtist.never_id == flag.id))
        session.delete(flag)
    return kept


def flags(session: Session) -> list[Flag]:
    """All flags, by kind and name."""
    count = func.count(NeverSuggestArtist.artist_id)
    statement = (
        select(NeverSuggest.kind, NeverSuggest.name, count, NeverSuggest.added_at)
        .outerjoin(NeverSuggestArtist, NeverSuggestArtist.never_id == NeverSuggest.id)
        .group_by(NeverSuggest.id, NeverSuggest.kind, NeverSuggest.name, NeverSuggest.added_at)
        .order_by(NeverSuggest.kind, NeverSuggest.name)
    )
    return [Flag(*row) for row in session.execute(statement)]


def resolve(home: Home) -> None:
    """Find anew which artists the flags of tags and labels mean."""
    with home.reading() as session:
        named = session.execute(select(NeverSuggest.id, NeverSuggest.kind, NeverSuggest.name)).all()
    wanted = {(name if kind == "tag" else LABEL + name): flag for flag, kind, name in named if kind != "artist"}
    if not wanted:
        return
    tags = tag_counts(home)
    meant = {
        (wanted[tag], artist)
        for artist, tag in zip(tags["artist_id"].to_pylist(), map(_folded, tags["tag"].to_pylist()), strict=True)
        if tag in wanted
    }
    with home.writing() as session:
        there = set(session.scalars(select(Artist.id)))
        session.execute(delete(NeverSuggestArtist).where(NeverSuggestArtist.never_id.in_(wanted.values())))
        session.add_all(
            NeverSuggestArtist(never_id=flag, artist_id=artist) for flag, artist in sorted(meant) if artist in there
        )


def never_suggested(session: Session) -> set[int]:
    """Ids of all artists that a flag keeps from being suggested."""
    return set(session.scalars(select(NeverSuggestArtist.artist_id).distinct()))


def fingerprint(session: Session) -> str:
    """Hex digest over them."""
    return hashlib.sha256(repr(sorted(never_suggested(session))).encode()).hexdigest()


def _kept(session: Session, kind: Kind, name: str) -> tuple[str, int | None]:
    if kind == "artist":
        artist = find_artist(session, name)
        return label_of(artist), artist.id
    folded = _folded(name)
    if not folded:
        raise UsageError(f"a {kind} needs a name that is not empty")
    return folded, None


def _folded(tag: str) -> str:
    """In lower case, without spaces around it or after `label:`."""
    folded = " ".join(tag.lower().split())
    return LABEL + folded[len(LABEL) :].strip() if folded.startswith(LABEL) else folded
