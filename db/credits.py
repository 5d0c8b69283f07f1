"""From the credits that facts use to artists: the catalogue is derived, and derived anew after every import.

What comes out depends only on the facts and artist lists that are there, never on the order in which they came; ids of
artists that stay are kept. `db.credit_rules` says who is who; this module reads, compares and writes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pyarrow as pa
from sqlalchemy import String, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from db import tracks
from db.catalog import Alias, Artist, Credit, CreditArtist, ImportBatch, Listener
from db.credit_rules import Catalogue, Known, ListedArtist, derive, merge_listed
from db.errors import Busy
from db.faults import reached
from db.home import Home
from db.listening import changing, fingerprint, with_facts
from db.names import name_key
from db.results import Run
from db.write import insert_rows

_SOURCES = ("plays", "playlists", "tags", "artists", "tracks")
_COUNTED = {
    "plays": "select credit, count(*) as n from facts group by credit",
    "playlists": "select credit, count(*) as n from (select unnest(credits) as credit from facts) group by credit",
    "tags": "select credit, count(*) as n from facts group by credit",
    "tracks": "select credit, count(*) as n from facts group by credit",
}


def resolve(home: Home) -> None:
    """Derive artists, aliases, credits, where each leads, tracks and listeners from all facts and imported lists.

    Facts are read before the batches are locked; should an import change them meanwhile, they are read again.

    Raises:
        StoreError: a file of facts is missing or damaged.
        Busy: imports kept changing the facts.
    """
    for _ in range(5):
        with home.reading() as session:
            seen = fingerprint(session, _SOURCES)
            reached("resolve.begun")
        catalogue = derive(credit_counts(home), merge_listed(_listed(home)))
        track_list = tracks.derive(home, catalogue)
        listeners = _query(home, "plays", "select distinct listener from facts")
        reached("resolve.derived")
        with changing(home) as session:
            if fingerprint(session, _SOURCES) == seen:
                ids = _write_artists(session, catalogue.artists)
                reached("resolve.artists")
                _write_aliases(session, catalogue.artists, ids)
                reached("resolve.aliases")
                _write_credits(session, catalogue, ids)
                reached("resolve.credits")
                tracks.write(session, track_list, ids)
                reached("resolve.tracks")
                session.execute(update(ImportBatch).values(resolved=True))
                _write_listeners(session, set(listeners["listener"].to_pylist()) if listeners else set())
                reached("resolve.listeners")
                return
    raise Busy("imports kept changing what is there while credits were resolved; try again when none runs")


def resolve_if_stale(home: Home) -> bool:
    """Resolve where an import or an undo was killed before it came to that; whether it was needed.

    Raises:
        StoreError, Busy: as `resolve`.
    """
    with home.reading() as session:
        fresh = session.scalars(select(ImportBatch.resolved).where(ImportBatch.kind.in_(_SOURCES)).distinct()).all()
        left = session.scalars(select(Credit.id).limit(1)).first()
    if set(fresh) == {True} or (not fresh and left is None):
        return False
    resolve(home)
    return True


def unresolved(session: Session) -> None:
    """Note, in the transaction that takes facts away, that credits are to be resolved."""
    session.execute(update(ImportBatch).values(resolved=False))


def credit_counts(home: Home) -> Counter[str]:
    """How many facts of any kind use each credit."""
    counts: Counter[str] = Counter()
    for kind, query in _COUNTED.items():
        table = _query(home, kind, query)
        for credit, n in zip(table["credit"].to_pylist(), table["n"].to_pylist(), strict=True) if table else ():
            counts[credit] += n
    return counts


def _listed(home: Home) -> list[ListedArtist]:
    table = _query(home, "artists", "select name, aliases, mbid, disambiguation from facts")
    return [
        ListedArtist(row["name"], tuple(row["aliases"] or ()), row["mbid"], row["disambiguation"] or "")
        for row in (table.to_pylist() if table else ())
    ]


def _query(home: Home, kind: str, query: str) -> pa.Table | None:
    """The rows of a query over the facts of a kind; None where there is no batch of it."""
    return with_facts(home, kind, lambda duck, _: duck.sql(query).to_arrow_table(), lambda: None)


def _write_artists(session: Session, wanted: list[Known]) -> list[int]:
    """Make the artist rows those wanted; ids in the order of `wanted`."""
    rows = {row.id: row for row in session.execute(select(*_ARTIST_COLUMNS))}
    ids = _match(wanted, rows)
    kept = {i for i in ids if i is not None}
    changed = [
        (i, w) for i, w in zip(ids, wanted, strict=True)
        if i is not None and tuple(rows[i])[1:] != (w.name, w.key, w.disambiguation, w.mbid, w.curated, False)
    ]  # fmt: skip
    _drop(session, [i for i in rows if i not in kept])
    _rewrite(session, changed)
    fresh = [w for i, w in zip(ids, wanted, strict=True) if i is None]
    columns = ("name", "key", "disambiguation", "mbid", "curated", "retired")
    insert_rows(
        session.connection(), Artist, columns,
        ((w.name, w.key, w.disambiguation, w.mbid, w.curated, False) for w in fresh),
    )  # fmt: skip
    numbers = {(key, note): i for i, key, note in session.execute(select(Artist.id, Artist.key, Artist.disambiguation))}
    return [numbers[w.key, w.disambiguation] for w in wanted]


_ARTIST_COLUMNS = (
    Artist.id, Artist.name, Artist.key, Artist.disambiguation, Artist.mbid, Artist.curated, Artist.retired,
)  # fmt: skip


def _match(wanted: list[Known], rows: Mapping[int, Any]) -> list[int | None]:
    """The row that each wanted artist keeps: that of its natural key, else of its MusicBrainz id, else the only one
    of its key where it is the only one wanted."""
    natural = {(row.key, row.disambiguation): i for i, row in rows.items()}
    by_mbid = {row.mbid: i for i, row in rows.items() if row.mbid}
    ids = [natural.get((w.key, w.disambiguation)) for w in wanted]
    taken = {i for i in ids if i is not None}
    have, want = Counter(row.key for row in rows.values()), Counter(w.key for w in wanted)
    only = {row.key: i for i, row in rows.items() if have[row.key] == 1}
    by_id = [by_mbid.get(w.mbid) if w.mbid else None for w in wanted]
    by_key = [only.get(w.key) if want[w.key] == 1 else None for w in wanted]
    for offers in (by_id, by_key):
        for n, offered in enumerate(offers):
            if ids[n] is None and offered is not None and offered not in taken:
                ids[n] = offered
                taken.add(offered)
    return ids


def _drop(session: Session, ids: list[int]) -> None:
    """Take artists out of the catalogue: gone, or retired once there are results that may point to them.

    Retired rows give up what must be unique, so that an artist to come can have it.
    """
    if not ids:
        return
    marks = [{"row": i} for i in ids]
    for model in (Alias, CreditArtist):
        session.connection().execute(delete(model).where(model.artist_id == bindparam("row")), marks)
    if session.scalar(select(func.count()).select_from(Run)):
        away = update(Artist).where(Artist.id == bindparam("row"))
        note = Artist.id.cast(String) + " retired"
        session.connection().execute(away.values(retired=True, curated=False, mbid=None, disambiguation=note), marks)
    else:
        session.connection().execute(delete(Artist).where(Artist.id == bindparam("row")), marks)


def _rewrite(session: Session, changed: list[tuple[int, Known]]) -> None:
    """Give rows their new values; two passes, because two artists may swap what is unique."""
    if not changed:
        return
    marks = [{"row": i, "note": str(i)} for i, _ in changed]
    aside = update(Artist).where(Artist.id == bindparam("row"))
    session.connection().execute(aside.values(key="", disambiguation=bindparam("note"), mbid=None), marks)
    values = [{"row": i, **asdict(w), "retired": False} for i, w in changed]
    names = ("name", "key", "disambiguation", "mbid", "curated", "retired")
    session.connection().execute(aside.values({n: bindparam(f"new_{n}") for n in names}), [
        {"row": v["row"], **{f"new_{n}": v[n] for n in names}} for v in values
    ])  # fmt: skip


def _write_aliases(session: Session, artists: list[Known], ids: list[int]) -> None:
    wanted = {(i, alias) for i, a in zip(ids, artists, strict=True) for alias in a.aliases}
    there = {(row[0], row[1]) for row in session.execute(select(Alias.artist_id, Alias.name))}
    gone = [{"row": i, "alias": name} for i, name in sorted(there - wanted)]
    if gone:
        where = (Alias.artist_id == bindparam("row")) & (Alias.name == bindparam("alias"))
        session.connection().execute(delete(Alias).where(where), gone)
    fresh = ((i, name, name_key(name)) for i, name in sorted(wanted - there))
    insert_rows(session.connection(), Alias, ("artist_id", "name", "key"), fresh)


def _write_credits(session: Session, catalogue: Catalogue, ids: list[int]) -> None:
    connection = session.connection()
    there = dict(session.execute(select(Credit.text, Credit.id)).all())
    fresh = sorted(catalogue.leads.keys() - there.keys())
    gone = [{"row": i} for text, i in there.items() if text not in catalogue.leads]
    if gone:
        connection.execute(delete(CreditArtist).where(CreditArtist.credit_id == bindparam("row")), gone)
        connection.execute(delete(Credit).where(Credit.id == bindparam("row")), gone)
    insert_rows(connection, Credit, ("text", "key"), ((text, name_key(text)) for text in fresh))
    numbers = dict(session.execute(select(Credit.text, Credit.id)).all())
    columns = (CreditArtist.credit_id, CreditArtist.artist_id, CreditArtist.position)
    mapped = {tuple(row) for row in session.execute(select(*columns))}
    wanted = {
        (numbers[text], ids[n], position) for text, lead in catalogue.leads.items() for position, n in enumerate(lead)
    }
    stale = [{"one": row[0], "other": row[1]} for row in sorted(mapped - wanted)]
    if stale:
        where = (CreditArtist.credit_id == bindparam("one")) & (CreditArtist.artist_id == bindparam("other"))
        connection.execute(delete(CreditArtist).where(where), stale)
    insert_rows(connection, CreditArtist, ("credit_id", "artist_id", "position"), sorted(wanted - mapped))


def _write_listeners(session: Session, wanted: set[str]) -> None:
    there = set(session.scalars(select(Listener.name)))
    gone = [{"row": name} for name in sorted(there - wanted)]
    if gone:
        session.connection().execute(delete(Listener).where(Listener.name == bindparam("row")), gone)
    insert_rows(session.connection(), Listener, ("name",), ((name,) for name in sorted(wanted - there)))
