"""Listening facts: what people play, put into playlists and tag, joined with the artists that their credits lead to.

Facts lie in Parquet, one file per import batch (`listening/<kind>/<name>.parquet`); only files that a batch row names
count. A fact keeps its credit, the artist string as written; `db.credits` maintains which artists a credit leads to, so
that merging or splitting names never rewrites a fact.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from db.catalog import Artist, Credit, CreditArtist, ImportBatch, Listener, TrackTitle
from db.columnar import connect
from db.errors import FactsDamaged, StoreError
from db.facts import refuse_damage
from db.home import Home
from db.read import track_ids
from db.seal import is_file

T = TypeVar("T")

PLAYS = pa.schema(
    [("listener", pa.string()), ("credit", pa.string()), ("title", pa.string()), ("plays", pa.float64()),
     ("time", pa.timestamp("us", tz="UTC"))]
)  # fmt: skip
PLAYLISTS = pa.schema(
    [("playlist", pa.string()), ("name", pa.string()), ("position", pa.int32()), ("credits", pa.list_(pa.string())),
     ("title", pa.string()), ("added", pa.string())]
)  # fmt: skip
TAGS = pa.schema([("credit", pa.string()), ("tag", pa.string()), ("count", pa.int64())])
ARTISTS = pa.schema(
    [("name", pa.string()), ("aliases", pa.list_(pa.string())), ("mbid", pa.string()), ("disambiguation", pa.string())]
)
TRACKS = pa.schema([("credit", pa.string()), ("title", pa.string()), ("mbid", pa.string()), ("isrc", pa.string())])
SCHEMAS = {"plays": PLAYS, "playlists": PLAYLISTS, "tags": TAGS, "artists": ARTISTS, "tracks": TRACKS}
"""The columns of each kind's Parquet files."""
KINDS = ("plays", "playlists", "tags")
"""The kinds whose rows are listening facts."""
_SYSTEM = (errno.EIO, errno.EMFILE, errno.ENFILE, errno.EACCES, errno.ENOSPC, errno.ENOMEM)
"""What the system may say of a file that is as it should be."""
ATTEMPTS = 3
"""How often facts are read while imports take their files away."""

# sums in whole millionths: exact, so that they do not depend on the order in which threads add
_PLAY_TOTALS = """
with counted as (
    select listener, credit, plays from facts where time is null
    union all
    select listener, credit, max(plays) from facts where time is not null group by listener, time, credit, title
)
select l.id as listener_id, m.artist_id, sum(cast(round(c.plays * 1e6) as bigint)) / 1e6 as plays
from counted c join listeners l on l.name = c.listener join mapping m on m.credit = c.credit
where c.plays > 0
group by l.id, l.place, m.artist_id, m.place order by l.place, m.place
"""
# totals are handed on as they stand in their files: to add up 17 million pairs here takes gigabytes
_PLAY_PARTS = """
select l.id as listener_id, m.artist_id, f.plays
from facts f join listeners l on l.name = f.listener join mapping m on m.credit = f.credit
where f.time is null and f.plays > 0
"""
_LISTEN_PARTS = """
with counted as (
    select listener, credit, time, max(plays) as plays from facts where time is not null
    group by listener, time, credit, title
),
weighed as (
    select listener, credit, plays * {weight} as plays from counted
)
select l.id as listener_id, m.artist_id, sum(cast(round(w.plays * 1e6) as bigint)) / 1e6 as plays
from weighed w join listeners l on l.name = w.listener join mapping m on m.credit = w.credit
where w.plays > 0
group by l.id, m.artist_id
"""
_LISTENER_PLAYS = """
select listener_id, p.artist_id, sum(cast(round(plays * 1e6) as bigint)) / 1e6 as plays
from (({totals}) union all ({listens})) p join (select distinct artist_id, place from mapping) m using (artist_id)
where listener_id = {listener_id}
group by listener_id, p.artist_id, place having plays > 0 order by place
"""
_AGED = "pow(2.0, (epoch(time) - (select max(epoch(time)) from counted)) / {seconds})"
_DAY = 86_400.0
_BATCH = 1 << 18
_FIRST_PLAYS = """
select l.id as listener_id, m.artist_id, case when count(*) = count(f.time) then min(f.time) end as first
from facts f join listeners l on l.name = f.listener join mapping m on m.credit = f.credit
where f.plays > 0
group by l.id, l.place, m.artist_id, m.place order by l.place, m.place
"""
_PLAYLIST_ENTRIES = """
with entries as (select playlist, name, position, title, unnest(credits) as credit from facts)
select e.playlist, min(e.name) as name, cast(e.position as integer) as position, m.artist_id,
       coalesce(min(e.title), '') as title
from entries e join mapping m on m.credit = e.credit
group by e.playlist, e.position, m.artist_id, m.place order by e.playlist, e.position, m.place
"""
_SESSION_ENTRIES = """
with listens as (
    select distinct l.place as listener, f.time, f.credit
    from facts f join listeners l on l.name = f.listener where f.time is not null and f.plays > 0
),
marked as (
    select *, time - lag(time) over (partition by listener order by time, credit) > to_seconds({gap}) as begins
    from listens
),
placed as (
    select *, sum(coalesce(begins::int, 0)) over run as session, row_number() over run as position
    from marked window run as (partition by listener order by time, credit rows unbounded preceding)
)
select printf('session %d %d', p.listener, p.session) as playlist, cast(p.position as integer) as position, m.artist_id
from placed p join mapping m on m.credit = p.credit
group by p.listener, p.session, p.position, m.artist_id, m.place order by playlist, p.position, m.place
"""
_TRACK_TOTALS = """
with counted as (
    select listener, credit, title, plays from facts where time is null
    union all
    select listener, credit, title, max(plays) from facts where time is not null group by listener, time, credit, title
)
select l.id as listener_id, t.track_id, sum(cast(round(c.plays * 1e6) as bigint)) / 1e6 as plays
from counted c join listeners l on l.name = c.listener join titles t on t.credit = c.credit and t.title = c.title
where c.plays > 0
group by l.id, l.place, t.track_id, t.place order by l.place, t.place
"""
_TRACK_ENTRIES = """
select f.playlist, min(f.name) as name, cast(f.position as integer) as position, t.track_id
from facts f join titles t on t.credit = f.credits[1] and t.title = f.title
group by f.playlist, f.position, t.track_id, t.place order by f.playlist, f.position, t.place
"""
_TAG_COUNTS = """
select m.artist_id, lower(trim(f.tag)) as tag, cast(sum(f.count) as bigint) as count
from facts f join mapping m on m.credit = f.credit
group by m.artist_id, m.place, lower(trim(f.tag)) order by m.place, tag
"""


def play_totals(home: Home) -> pa.Table:
    """Who played whom how often: listener_id int64, artist_id int64, plays float64 (above 0), one row per pair.

    Timed listens count once per (listener, time, credit, title), however many exports hold them. Sorted by listener
    name, then by the artist's canonical key.

    Raises:
        StoreError: a file of facts is missing or damaged.
    """
    schema = pa.schema([("listener_id", pa.int64()), ("artist_id", pa.int64()), ("plays", pa.float64())])
    return _joined(home, "plays", _PLAY_TOTALS, schema, "mapping", "listeners")


def listener_plays(home: Home, listener_id: int, half_life: float = 0.0) -> pa.Table:
    """Whom one listener played how often: columns as of `play_totals`, listens aged as by `with_play_parts`.

    Raises:
        StoreError: a file of facts is missing or damaged.
    """
    schema = pa.schema([("listener_id", pa.int64()), ("artist_id", pa.int64()), ("plays", pa.float64())])
    totals, listens = _parts(half_life)
    query = _LISTENER_PLAYS.format(totals=totals, listens=listens, listener_id=int(listener_id))
    return _joined(home, "plays", query, schema, "mapping", "listeners")


def _parts(half_life: float) -> tuple[str, str]:
    """What asks for plays without a time, and what for timed listens."""
    weight = _AGED.format(seconds=repr(half_life * _DAY)) if half_life else "1"
    return _PLAY_PARTS, _LISTEN_PARTS.format(weight=weight)


def with_play_parts(
    home: Home, use: Callable[[Iterator[pa.RecordBatch]], T], *, half_life: float = 0.0, memory: str = "2GB"
) -> T:
    """What `use` makes of all plays, in record batches of listener_id int64, artist_id int64 and plays float64.

    A pair may come more than once, and in any order; its plays add up, in whole millionths. Plays without a time come
    first, as they stand in the files; timed listens count once, as in `play_totals`.

    Args:
        home: the workspace.
        use: called again where an import takes files away meanwhile.
        half_life: days in which a timed listen loses half its weight, counted back from the newest; 0 for never.
        memory: what DuckDB may take.

    Raises:
        StoreError: a file of facts is missing or damaged.
    """

    def parts(duck: duckdb.DuckDBPyConnection) -> Iterator[pa.RecordBatch]:
        for query in _parts(half_life):
            yield from duck.sql(query).to_arrow_reader(_BATCH)

    def run(duck: duckdb.DuckDBPyConnection, session: Session) -> T:
        duck.register("mapping", _mapping(session))
        duck.register("listeners", _listeners(session))
        return use(parts(duck))

    return with_facts(home, "plays", run, lambda: use(iter(())), memory=memory)


def written_plays(home: Home, listener: str) -> list[tuple[str, str | None]]:
    """(credit, title) of all that one listener played, as written, each once, in order.

    Raises:
        StoreError: a file of facts is missing or damaged.
    """
    query = "select distinct credit, title from facts where listener = $listener and plays > 0 order by credit, title"

    def run(duck: duckdb.DuckDBPyConnection, _: Session) -> list[tuple[str, str | None]]:
        return duck.execute(query, {"listener": listener}).fetchall()

    return with_facts(home, "plays", run, list)


def first_plays(home: Home) -> pa.Table:
    """When who played whom first: listener_id int64, artist_id int64, first timestamp; the rows of `play_totals`.

    Null where some of the plays have no date.

    Raises:
        StoreError: a file of facts is missing or damaged.
    """
    schema = pa.schema(
        [("listener_id", pa.int64()), ("artist_id", pa.int64()), ("first", pa.timestamp("us", tz="UTC"))]
    )
    return _joined(home, "plays", _FIRST_PLAYS, schema, "mapping", "listeners")


def playlist_entries(home: Home) -> pa.Table:
    """Who stands where: playlist string (stable key), name string, position int32, artist_id int64, title string.

    Sorted by playlist key, position and the artist's canonical key; an artist stands once per position. A track
    without a title has an empty one.

    Raises:
        StoreError: a file of facts is missing or damaged.
    """
    schema = pa.schema(
        [("playlist", pa.string()), ("name", pa.string()), ("position", pa.int32()), ("artist_id", pa.int64()),
         ("title", pa.string())]
    )  # fmt: skip
    return _joined(home, "playlists", _PLAYLIST_ENTRIES, schema, "mapping")


def session_entries(home: Home, gap: float) -> pa.Table:
    """Who was played after whom: columns playlist, position and artist_id as of `playlist_entries`, one playlist per
    stretch of a listener's timed listens in which none comes more than `gap` seconds after the one before.

    Raises:
        StoreError: a file of facts is missing or damaged.
    """
    schema = pa.schema([("playlist", pa.string()), ("position", pa.int32()), ("artist_id", pa.int64())])
    return _joined(home, "plays", _SESSION_ENTRIES.format(gap=repr(float(gap))), schema, "mapping", "listeners")


def track_totals(home: Home) -> pa.Table:
    """Who played which track how often: listener_id int64, track_id int64, plays float64 (above 0), one row per pair.

    Plays whose title is not known are not among them. Sorted by listener name, then by the track's canonical key.

    Raises:
        StoreError: a file of facts is missing or damaged.
    """
    schema = pa.schema([("listener_id", pa.int64()), ("track_id", pa.int64()), ("plays", pa.float64())])
    return _joined(home, "plays", _TRACK_TOTALS, schema, "listeners", "titles")


def track_entries(home: Home) -> pa.Table:
    """Which track stands where: playlist string (stable key), name string, position int32, track_id int64.

    Sorted by playlist key and position.

    Raises:
        StoreError: a file of facts is missing or damaged.
    """
    schema = pa.schema(
        [("playlist", pa.string()), ("name", pa.string()), ("position", pa.int32()), ("track_id", pa.int64())]
    )
    return _joined(home, "playlists", _TRACK_ENTRIES, schema, "titles")


def tag_counts(home: Home) -> pa.Table:
    """How often an artist was given a tag: artist_id int64, tag string (lower case), count int64.

    Sorted by the artist's canonical key, then by tag.

    Raises:
        StoreError: a file of facts is missing or damaged.
    """
    schema = pa.schema([("artist_id", pa.int64()), ("tag", pa.string()), ("count", pa.int64())])
    return _joined(home, "tags", _TAG_COUNTS, schema, "mapping")


def fingerprint(session: Session, kinds: Sequence[str] = KINDS) -> str:
    """Hex digest over the batches of these kinds; it changes when any of their facts changes."""
    statement = (
        select(ImportBatch.kind, ImportBatch.sha256, ImportBatch.options, ImportBatch.rows)
        .where(ImportBatch.kind.in_(kinds))
        .order_by(ImportBatch.kind, ImportBatch.sha256, ImportBatch.options)
    )
    digest = hashlib.sha256()
    for row in session.execute(statement):
        digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


@contextmanager
def changing(home: Home) -> Iterator[Session]:
    """A writing session that is alone with the batches and their files."""
    with home.writing() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("LOCK TABLE import_batch IN SHARE ROW EXCLUSIVE MODE"))
        yield session


def fact_files(session: Session, home: Home, kind: str) -> list[Path]:
    """The Parquet files that count, in an order that does not depend on when they were imported."""
    statement = select(ImportBatch.file).where(ImportBatch.kind == kind, ImportBatch.file.is_not(None))
    return sorted(home.listening / name for name in session.scalars(statement) if name is not None)


def with_facts(
    home: Home, kind: str, use: Callable[[duckdb.DuckDBPyConnection, Session], T], otherwise: Callable[[], T],
    *, memory: str = "2GB",
) -> T:  # fmt: skip
    """What `use` makes of a DuckDB whose view `facts` holds all facts of a kind, and of the session they belong to.

    Where there is no batch of the kind, what `otherwise` makes. An import may take a file away between the look at the
    batches and the end of the reading: then both are done again.

    Raises:
        FactsDamaged: a file is missing or not what was written.
        StoreError: the facts cannot be read.
    """
    for attempt in range(1, ATTEMPTS + 1):
        with home.reading() as session:
            files = fact_files(session, home, kind)
            if not files:
                return otherwise()
            try:
                refuse_damage(session, home, kind, quick=True)
                with _reading_errors(), connect(home.listening / "spill", memory=memory) as duck:
                    duck.read_parquet([str(f) for f in files], union_by_name=True).create_view("facts")
                    return use(duck, session)
            except StoreError as error:
                gone = isinstance(error, FactsDamaged) or not all(map(is_file, files))
                if attempt == ATTEMPTS or not gone:
                    raise
    raise AssertionError("the last attempt returns or raises")


@contextmanager
def _reading_errors() -> Iterator[None]:
    try:
        yield
    except (duckdb.IOException, duckdb.InvalidInputException, duckdb.BinderException) as error:
        what = str(error).splitlines()[0]
        if any(os.strerror(number) in what for number in _SYSTEM):
            raise StoreError(f"listening facts cannot be read ({what}): run this again when that is mended") from error
        message = f"listening facts cannot be read ({what}); `kinsong import undo` that batch and import it again"
        raise StoreError(message) from error
    except duckdb.OutOfMemoryException as error:
        message = f"not enough memory or disk to read the listening facts ({str(error).splitlines()[0]})"
        raise StoreError(message) from error


def _joined(home: Home, kind: str, query: str, schema: pa.Schema, *joins: str) -> pa.Table:
    """A query over the facts of a kind, joined with some of `_TABLES`."""

    def run(duck: duckdb.DuckDBPyConnection, session: Session) -> pa.Table:
        for name in joins:
            duck.register(name, _TABLES[name](session))
        return duck.sql(query).to_arrow_table().cast(schema)

    return with_facts(home, kind, run, schema.empty_table)


def _mapping(session: Session) -> pa.Table:
    """credit string, artist_id int64, place int64: the artist's place in canonical order."""
    order = select(Artist.id).order_by(Artist.key, Artist.disambiguation)
    place = {artist_id: n for n, artist_id in enumerate(session.scalars(order))}
    statement = select(Credit.text, CreditArtist.artist_id).join(Credit, Credit.id == CreditArtist.credit_id)
    rows = session.execute(statement).all()
    ids = [row[1] for row in rows]
    columns = [
        pa.array([row[0] for row in rows], pa.string()), pa.array(ids, pa.int64()),
        pa.array([place[i] for i in ids], pa.int64()),
    ]  # fmt: skip
    return pa.table(columns, ["credit", "artist_id", "place"])


def _listeners(session: Session) -> pa.Table:
    """name string, id int64, place int64."""
    rows = session.execute(select(Listener.name, Listener.id).order_by(Listener.name)).all()
    names, ids = pa.array([row[0] for row in rows], pa.string()), pa.array([row[1] for row in rows], pa.int64())
    return pa.table([names, ids, pa.array(range(len(rows)), pa.int64())], ["name", "id", "place"])


def _titles(session: Session) -> pa.Table:
    """credit string, title string, track_id int64, place int64: the track's place in canonical order."""
    place = {int(track_id): n for n, track_id in enumerate(track_ids(session))}
    statement = select(Credit.text, TrackTitle.title, TrackTitle.track_id).join(
        Credit, Credit.id == TrackTitle.credit_id
    )
    rows = session.execute(statement).all()
    columns = [
        pa.array([row[0] for row in rows], pa.string()), pa.array([row[1] for row in rows], pa.string()),
        pa.array([row[2] for row in rows], pa.int64()), pa.array([place[row[2]] for row in rows], pa.int64()),
    ]  # fmt: skip
    return pa.table(columns, ["credit", "title", "track_id", "place"])


_TABLES: dict[str, Callable[[Session], pa.Table]] = {
    "mapping": _mapping, "listeners": _listeners, "titles": _titles,
}  # fmt: skip
"""What queries over facts may join: name → its rows."""
