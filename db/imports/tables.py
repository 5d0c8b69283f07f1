"""From the rows of a table to facts: one function per kind, each from checked columns to the kind's schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from db.base import now
from db.errors import InputError
from db.imports.columns import SHAPES
from db.imports.delimited import read_delimited
from db.imports.jsonlines import LIST_MARK, read_json_lines
from db.imports.jsonlist import read_json_list
from db.imports.parquet import read_parquet
from db.imports.rejects import Rejects
from db.imports.rows import LEAST, Rows, Sieve, clean_name, is_isrc, is_mbid
from db.imports.source import Source
from db.imports.times import TIME, doubtful
from db.listening import ARTISTS, PLAYS, TAGS, TRACKS

LABELS = pa.schema([("artist", pa.string()), ("similar", pa.string()), ("grade", pa.float64())])


def read_table(
    source: Source, kind: str, form: str, given: Sequence[str] | None, listener: str | None, rejects: Rejects,
    *, private: bool = False,
) -> Iterator[pa.Table]:  # fmt: skip
    """The facts of a table in the kind's schema, some thousand rows at a time.

    Raises:
        InputError: the file is not what it should be.
        UsageError: --columns names what this kind of table does not hold.
    """
    shape = SHAPES[kind]
    if form == "parquet":
        rows = read_parquet(source, shape, given, listener)
    elif form == "jsonl":
        rows = read_json_lines(source, shape, given, listener, rejects)
    elif form in ("tsv", "csv"):
        rows = read_delimited(source, shape, given, listener, rejects)
    elif form == "json" and kind == "plays" and given is None:
        rows = read_json_list(source, shape, listener, private, rejects)
    elif form == "json":
        raise InputError(f"{source.path} is one JSON value; a table has one object a line (jq -c '.[]' makes them)")
    else:
        raise InputError(f"{source.path} is {form.upper()}, no table; `kinsong import playlists` reads it")
    for part in rows:
        yield _FACTS[kind](part, rejects, listener)


def _plays(rows: Rows, rejects: Rejects, listener: str | None) -> pa.Table:
    sieve = Sieve(rows, rejects)
    n = len(rows.lines)
    listeners = pa.repeat(pa.scalar(listener, pa.string()), n) if listener is not None else sieve.names("listener")
    credits_ = sieve.names("artist")
    plays = sieve.numbers("plays", least=LEAST) if sieve.has("plays") else pa.array(np.ones(n))
    times = sieve.times("time") if sieve.has("time") else pa.nulls(n, TIME)
    if not sieve.has("plays"):
        sieve.refuse(times.is_null().to_numpy(zero_copy_only=False), "time is empty")
    times = _meant(times, sieve, rejects)
    titles = sieve.texts("track") if sieve.has("track") else pa.nulls(n, pa.string())
    return pa.table([listeners, credits_, titles, plays, times], schema=PLAYS).filter(pa.array(sieve.good))


def _meant(times: pa.Array, sieve: Sieve, rejects: Rejects) -> pa.Array:
    """Times without those that cannot be meant. A listen, whose time tells it from others, is then refused; a number of
    plays stays without its time."""
    for what, bad in doubtful(times, now()).items():
        if not sieve.has("plays"):
            sieve.refuse(bad, f"time is {what}")
        elif some := int((bad & sieve.good).sum()):
            rejects.notes[f"plays kept without their time, which is {what}"] += some
            times = pc.if_else(pa.array(bad), pa.scalar(None, TIME), times)
    return times


def _tags(rows: Rows, rejects: Rejects, _: str | None) -> pa.Table:
    sieve = Sieve(rows, rejects)
    columns = [sieve.names("artist"), sieve.names("tag")]
    one = pa.array(np.ones(len(rows.lines)))
    counts = sieve.numbers("count", least=LEAST, whole=True) if sieve.has("count") else one
    good = pa.array(sieve.good)
    kept = [*(column.filter(good) for column in columns), counts.filter(good).cast(pa.int64())]
    return pa.table(kept, schema=TAGS)


def _similar(rows: Rows, rejects: Rejects, _: str | None) -> pa.Table:
    sieve = Sieve(rows, rejects)
    artists, similar = sieve.names("artist"), sieve.names("similar")
    one = pa.array(np.ones(len(rows.lines)))
    grades = sieve.numbers("grade", least=0) if sieve.has("grade") else one
    return pa.table([artists, similar, grades], schema=LABELS).filter(pa.array(sieve.good))


def _artists(rows: Rows, rejects: Rejects, _: str | None) -> pa.Table:
    sieve = Sieve(rows, rejects)
    n = len(rows.lines)
    nothing = pa.nulls(n, pa.string())
    names = sieve.names("name")
    mbids = sieve.texts("mbid") if sieve.has("mbid") else nothing
    sieve.refuse(_not(is_mbid, mbids), "mbid is no MusicBrainz id")
    aliases = sieve.texts("aliases") if sieve.has("aliases") else nothing
    notes = sieve.texts("disambiguation") if sieve.has("disambiguation") else nothing
    columns = [
        names, pa.array([_aliases(text) for text in aliases.to_pylist()], ARTISTS.field("aliases").type),
        pa.array([mbid and mbid.lower() for mbid in mbids.to_pylist()], pa.string()), notes.fill_null(""),
    ]  # fmt: skip
    return pa.table(columns, schema=ARTISTS).filter(pa.array(sieve.good))


def _tracks(rows: Rows, rejects: Rejects, _: str | None) -> pa.Table:
    sieve = Sieve(rows, rejects)
    nothing = pa.nulls(len(rows.lines), pa.string())
    makers, titles = sieve.names("artist"), sieve.names("title")
    mbids = sieve.texts("mbid") if sieve.has("mbid") else nothing
    isrcs = sieve.texts("isrc") if sieve.has("isrc") else nothing
    sieve.refuse(_not(is_mbid, mbids), "mbid is no MusicBrainz id")
    sieve.refuse(_not(is_isrc, isrcs), "isrc is no ISRC")
    columns = [
        makers, titles, pc.utf8_lower(mbids), pc.replace_substring(pc.utf8_upper(isrcs), "-", ""),
    ]  # fmt: skip
    return pa.table(columns, schema=TRACKS).filter(pa.array(sieve.good))


def _not(valid: Callable[[str], bool], column: pa.Array) -> NDArray[np.bool_]:
    """Which values are there and not valid."""
    return np.array([text is not None and not valid(text) for text in column.to_pylist()], dtype=bool)


def _aliases(text: str | None) -> list[str]:
    """The aliases of a cell, "|" between them, or of what was a list; those that are no name are dropped."""
    if not text:
        return []
    items = text.split(LIST_MARK)[1:] if text.startswith(LIST_MARK) else text.split("|")
    cleaned = [clean_name(item) for item in items]
    return list(dict.fromkeys(name for name, problem in cleaned if problem is None))


_FACTS: dict[str, Callable[[Rows, Rejects, str | None], pa.Table]] = {
    "plays": _plays, "tags": _tags, "similar": _similar, "artists": _artists,
    "tracks": _tracks,
}  # fmt: skip
