"""From a name as someone writes it to the artist it means."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterable

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.catalog import Alias, Artist, Credit, CreditArtist
from db.errors import AmbiguousName, ArtistNameError, UnknownName
from db.names import name_key

SUGGESTIONS = 3
CLOSE_ENOUGH = 0.6
"""Least `difflib` ratio of a suggestion, the library's own default."""
SHORT = 5
"""Keys up to this length are compared with all others that are as short: they have no piece that a slip would spare."""
MOST_COMPARED = 10_000
"""Names that are looked at for suggestions, those of the most similar length."""


def find_artist(
    session: Session, name: str | None = None, *, artist_id: int | None = None, mbid: str | None = None
) -> Artist:
    """The artist of this name, id or MusicBrainz id.

    A name is looked for among artists, then aliases, then credits, by its key: the name of a credit that says who is
    featured leads to its first artist.

    Raises:
        UnknownName: nobody is called so; carries names that come close.
        AmbiguousName: several are; carries the choices.
        ArtistNameError: no artist has this id.
    """
    if artist_id is not None:
        if not 0 < artist_id < 1 << 31:
            raise ArtistNameError(f"{artist_id} is no id of an artist: `kinsong related NAME` looks one up by its name")
        return _one(session, Artist.id == artist_id, f"the id {artist_id}")
    if mbid is not None:
        return _one(session, Artist.mbid == mbid.strip().lower(), f"the MusicBrainz id {mbid}")
    if name is None or not name.strip():
        raise UnknownName(name or "")
    found = _by_name(session, name)
    if found is None:
        raise UnknownName(name, close_names(session, name))
    return found


def leads(session: Session) -> Callable[[str], int | None]:
    """A function from a name as written to the id of the one artist it means, None where it means none or several.

    Reads the whole catalogue once, for those who ask for many names.
    """
    first = select(Credit.text, CreditArtist.artist_id).join(CreditArtist).where(CreditArtist.position == 0)
    credited = dict(session.execute(first).all())
    owners: dict[str, set[int]] = defaultdict(set)
    for key, artist_id in session.execute(select(Artist.key, Artist.id).where(~Artist.retired)):
        owners[key].add(artist_id)
    others: dict[str, set[int]] = defaultdict(set)
    for key, artist_id in session.execute(select(Alias.key, Alias.artist_id)):
        others[key].add(artist_id)

    def lead(name: str) -> int | None:
        if name in credited:
            return credited[name]
        key = name_key(name)
        meant = owners.get(key) or others.get(key) or set()
        return next(iter(meant)) if len(meant) == 1 else None

    return lead


def close_names(session: Session, name: str) -> list[str]:
    """Up to three names of artists that come close to this one, best first."""
    key = name_key(name)
    keys: dict[str, str] = {}
    for where in _near(Artist.key, key):
        near = select(Artist.key, Artist.name).where(where, ~Artist.retired)
        by_length = near.order_by(func.abs(func.length(Artist.key) - len(key)), Artist.key)
        keys.update(dict(session.execute(by_length.limit(MOST_COMPARED)).all()))
    grams = _grams(key)
    by_overlap = sorted(keys, key=lambda other: (-_overlap(grams, _grams(other)), other))[:200]
    return [keys[k] for k in difflib.get_close_matches(key, by_overlap, SUGGESTIONS, CLOSE_ENOUGH)]


def _one(session: Session, where: ColumnElement[bool], what: str) -> Artist:
    artist = session.scalars(select(Artist).where(where)).first()
    if artist is None:
        raise ArtistNameError(f"no artist has {what}: `kinsong related NAME` looks one up by its name")
    return artist


def _by_name(session: Session, name: str) -> Artist | None:
    key = name_key(name)
    named = select(Artist).where(Artist.key == key, ~Artist.retired)
    also = select(Artist).join(Alias, Alias.artist_id == Artist.id).where(Alias.key == key, ~Artist.retired).distinct()
    for statement in (named, also):
        artists = list(session.scalars(statement.order_by(Artist.key, Artist.disambiguation)))
        if artists:
            return _choose(name, artists)
    credited = (
        select(Artist)
        .join(CreditArtist, CreditArtist.artist_id == Artist.id)
        .join(Credit, Credit.id == CreditArtist.credit_id)
        .where(Credit.key == key)
        .order_by(Credit.text != name.strip(), Credit.text, CreditArtist.position)
    )
    return session.scalars(credited).first()


def _choose(name: str, artists: list[Artist]) -> Artist:
    if len(artists) == 1:
        return artists[0]
    exact = [a for a in artists if a.name == name.strip()]
    if len(exact) == 1:
        return exact[0]
    raise AmbiguousName(name, [(a.id, label_of(a)) for a in artists])


def label_of(artist: Artist) -> str:
    """An artist's name with what tells it apart from others of that name."""
    what = f"{artist.name} ({artist.disambiguation})" if artist.disambiguation else artist.name
    return f"{what} {artist.mbid}" if artist.mbid and artist.mbid not in what else what


def _near(column: InstrumentedAttribute[str], key: str) -> list[ColumnElement[bool]]:
    """Keys that begin alike (an index finds them), and keys of about the same length that share a middle or an end."""
    start = key[:2]
    nearly = func.length(column).between(len(key) - 3, len(key) + 3)
    middle = len(key) // 2
    pieces = [p for p in (key[middle - 2 : middle + 2], key[-4:]) if len(p) >= 3]
    begins = (column >= start) & (column < start + "\U0010ffff")
    if len(key) <= SHORT:
        return [begins, func.length(column) <= len(key) + 1]
    if not pieces:
        return [begins]
    return [begins, nearly & or_(*(column.contains(p, autoescape=True) for p in pieces))]


def _grams(key: str) -> set[str]:
    padded = f" {key} "
    return {padded[i : i + 2] for i in range(len(padded) - 1)}


def _overlap(one: set[str], other: Iterable[str]) -> float:
    others = set(other)
    return 2 * len(one & others) / (len(one) + len(others))
