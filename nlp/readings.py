"""Readings at rest, so that a build reads only what is new: parts in Parquet, merged into the facts of a corpus.

A reading is kept under what it depends on: the text (URL, title, body, language), the boilerplate left out of it, and
the names of the catalogue that stand in it. What is found under these is the reading that would be made now. So a
build that goes on from parts ends with the same bytes as one that starts from nothing, whether the last one was
finished, killed, or run on another catalogue.

A part's rows are in the order of URLs. Its file is named by the sha256 of its bytes: one that is not what was written
is deleted, and its documents are read anew. After a build the parts hold the readings of its documents and no others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from db.artifacts import sha256_of
from db.columnar import parquet_writer
from db.faults import reached
from nlp.boilerplate import Keys
from nlp.reader import READING

KEYS = pa.schema(
    [("text", pa.int64()), ("key", pa.int64()), ("segments", pa.list_(pa.int64())), ("names", pa.int64())]
)
"""Columns under which a reading is kept: `text_key`, `reading_key`, the body's segments, `Reader.signature`."""
STORED = pa.schema([*KEYS, *(field for field in READING if field.name != "names")])
"""Columns of a part."""
PART = 2_000
"""Documents of a part at least, but for the last of a build."""
AT_ONCE = 256
"""Documents that are in memory at once while parts are merged."""
MOST_SMALL = 8
"""Small parts that are left lying; when there are more, they are made into one."""
PARTS = "part-*.parquet"
"""Which files of a folder are parts."""
CATALOGUE = "catalogue"
"""The file that names the catalogue under which all parts were last found to be as they would be read."""


def text_key(url: str, sha256: str, language: str) -> int:
    """A number for a document's text and where it stands."""
    return _number(f"{url}\0{sha256}\0{language}".encode())


def reading_key(text: int, dropped: Keys) -> int:
    """A number for a text, by its key, without this boilerplate."""
    return _number(np.append(dropped, text).tobytes())


def _number(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little", signed=True)


def is_whole(part: Path) -> bool:
    """Whether a part is what was written."""
    return part.stem.removeprefix("part-") == sha256_of(part)


def take_out(folder: Path, texts: Collection[int]) -> int:
    """Take the readings of texts, by their keys, out of all parts below a folder; how many went.

    Only for who knows that no build is running.
    """
    gone = pa.array(sorted(texts), pa.int64())
    count = 0
    _sweep(folder)
    for part in sorted(folder.rglob(PARTS)) if folder.is_dir() else ():
        if not is_whole(part):
            part.unlink()
            continue
        table = pq.read_table(part)
        kept = table.filter(pc.invert(pc.is_in(table["text"], gone)))
        if len(kept) == len(table):
            continue
        count += len(table) - len(kept)
        if len(kept):
            aside = part.with_name("taken-out.parquet")
            with parquet_writer(aside, kept.schema) as writer:
                writer.write_table(kept)
            aside.rename(part.with_name(f"part-{sha256_of(aside)}.parquet"))
        part.unlink()
    return count


def _sweep(folder: Path) -> None:
    """Remove what is neither a part nor the name of a catalogue: killed commands left it."""
    for path in folder.rglob("*"):
        if path.is_file() and path.name != CATALOGUE and not path.match(PARTS):
            path.unlink()


class Readings:
    """The readings of a folder. A reading is named by its entry, a number that holds until `collect`.

    Args:
        folder: where the parts lie; made when it is not there.
        say: where to say that a part was damaged.
    """

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._parts: list[Path] = []
        self._keys: list[pa.Table] = []
        self._segments: dict[int, Keys] = {}
        self._waiting: list[pa.Table] = []
        self._open: _Part | None = None
        _sweep(folder)
        for path in sorted(folder.glob(PARTS)):
            if is_whole(path):
                table = pq.read_table(path, columns=KEYS.names)
                segments = table["segments"].combine_chunks()
                ends, values = segments.offsets.to_numpy()[1:], segments.values.to_numpy()
                self._segments.update(zip(table["text"].to_pylist(), np.split(values, ends)[:-1], strict=True))
                self._enter(path, table)
            else:
                path.unlink()
                say(f"readings {path.name} are not what was written: their documents are read anew")

    def _enter(self, path: Path, table: pa.Table) -> None:
        self._parts.append(path)
        self._keys.append(table.select(["key", "names"]).combine_chunks())
        for name in ("_index", "_places"):
            vars(self).pop(name, None)

    @cached_property
    def _index(self) -> tuple[Keys, Keys, Keys]:
        """Keys in increasing order, the entry of each, and the signatures in the order of entries."""
        keys, names = (_column(self._keys, name) for name in ("key", "names"))
        order = np.argsort(keys, kind="stable")
        return keys[order], order, names

    @cached_property
    def _places(self) -> tuple[Keys, Keys]:
        """The part of each entry, and its row there."""
        sizes = np.array([table.num_rows for table in self._keys], dtype=np.int64)
        part = np.repeat(np.arange(len(sizes)), sizes)
        return part, np.arange(len(part)) - np.repeat(np.cumsum(sizes) - sizes, sizes)

    def segments(self, text: int) -> Keys | None:
        """The segments of a text that was read before this folder was opened."""
        return self._segments.get(text)

    def find(self, key: int) -> list[int]:
        """The entries of a `reading_key`: one for each state of the catalogue."""
        keys, order, _ = self._index
        found: list[int] = order[keys.searchsorted(key) : keys.searchsorted(key, side="right")].tolist()
        return found

    def names(self, entry: int) -> int:
        """The signature of the names that stood in the text when it was read."""
        return int(self._index[2][entry])

    def fits(self, catalogue: str) -> bool:
        """Whether all entries are as they would be read with this catalogue."""
        path = self._folder / CATALOGUE
        return not self._parts or (path.is_file() and path.read_text(encoding="ascii") == catalogue)

    def unfit(self) -> None:
        """Entries for another catalogue are to follow."""
        (self._folder / CATALOGUE).unlink(missing_ok=True)

    def add(
        self, texts: Sequence[int], keys: Sequence[int], segments: Sequence[Keys], read: pa.RecordBatch
    ) -> None:
        """Readings of more documents, in the order of their URLs; at rest after `flush`, and now and then before.

        Args:
            texts: of each its `text_key`.
            keys: of each its `reading_key`.
            segments: of each what `segments` is to give.
            read: a batch of `READING`.
        """
        arrays = [pa.array(texts, pa.int64()), pa.array(keys, pa.int64()), pa.array(segments, pa.list_(pa.int64()))]
        columns = [*arrays, *(read.column(name) for name in STORED.names[len(arrays) :])]
        self._waiting.append(pa.Table.from_arrays(columns, schema=STORED))
        if sum(table.num_rows for table in self._waiting) >= AT_ONCE:
            self._put()

    def _put(self) -> None:
        """Write what waits into the part that is open; a part with enough documents is finished."""
        if self._waiting:
            self._open = self._open or _Part(self._folder)
            self._open.put(pa.concat_tables(self._waiting))
            self._waiting = []
            if self._open.documents >= PART:
                self.flush()

    def flush(self) -> None:
        """Finish the part that is open, with what waits."""
        part, self._open = self._open, None
        if self._waiting:
            part = part or _Part(self._folder)
            part.put(pa.concat_tables(self._waiting))
            self._waiting = []
        if part is not None:
            self._enter(part.finished(), pa.concat_tables(part.keys))

    def rows(self, entries: Sequence[int]) -> Iterator[pa.Table]:
        """The readings of entries in the order of their URLs, `AT_ONCE` at a time. Tables of `STORED`."""
        parts, rows = (column[np.asarray(entries, dtype=np.int64)] for column in self._places)
        left = np.bincount(parts, minlength=len(self._parts))
        cursors: dict[int, _Cursor] = {}
        for first in range(0, len(entries), AT_ONCE):
            part, row = parts[first : first + AT_ONCE], rows[first : first + AT_ONCE]
            order = np.lexsort((row, part))
            tables = []
            for number in np.unique(part).tolist():
                cursor = cursors.setdefault(number, _Cursor(self._parts[number]))
                tables.append(cursor.take(np.sort(row[part == number]).tolist()))
                left[number] -= tables[-1].num_rows
                if not left[number]:
                    del cursors[number]
            yield pa.concat_tables(tables).take(np.argsort(order))

    def collect(self, entries: Sequence[int], catalogue: str) -> None:
        """Keep these entries alone, which are all as they would be read with this catalogue; no entry holds after."""
        wanted = np.asarray(entries, dtype=np.int64)
        parts = self._places[0][wanted]
        kept = np.bincount(parts, minlength=len(self._parts))
        sizes = np.array([table.num_rows for table in self._keys], dtype=np.int64)
        small = kept < PART
        together = small & (np.count_nonzero(small) > MOST_SMALL)
        groups = [np.flatnonzero(together), *np.flatnonzero((kept < sizes) & ~together)[:, None]]
        for group in groups:
            chosen = wanted[np.isin(parts, group)]
            if len(chosen):
                anew = _Part(self._folder)
                for table in self.rows(chosen.tolist()):
                    anew.put(table)
                anew.finished()
            for part in group.tolist():
                reached("read.merged")
                self._parts[part].unlink()
        reached("read.unlinked")
        aside = self._folder / f"{CATALOGUE}.tmp"
        aside.write_text(catalogue, encoding="ascii")
        reached("read.catalogued")
        aside.rename(self._folder / CATALOGUE)


def _column(tables: Sequence[pa.Table], name: str) -> Keys:
    columns = [table[name].to_numpy() for table in tables]
    return np.concatenate(columns) if columns else np.empty(0, dtype=np.int64)


class _Part:
    """A part that is being written, a few documents at a time: it is one once it is finished.

    Attributes:
        documents: how many it holds.
        keys: under what they are kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._writer = self._stack.enter_context(parquet_writer(folder / "new", STORED))
        self.documents = 0
        self.keys: list[pa.Table] = []

    def put(self, table: pa.Table) -> None:
        """Readings of more documents."""
        self._writer.write_table(table, row_group_size=AT_ONCE)
        self.documents += table.num_rows
        self.keys.append(pa.table({name: table[name].to_numpy() for name in ("key", "names")}))

    def finished(self) -> Path:
        """Where it lies."""
        self._stack.close()
        aside = self._folder / "new"
        reached("read.aside")
        return aside.rename(self._folder / f"part-{sha256_of(aside)}.parquet")


class _Cursor:
    """Goes through the rows of a part, once."""

    def __init__(self, path: Path) -> None:
        self._batches = pq.ParquetFile(path, pre_buffer=False).iter_batches(AT_ONCE, use_threads=False)
        self._table = STORED.empty_table()
        self._first = 0

    def take(self, rows: Sequence[int]) -> pa.Table:
        """These rows, in increasing order, none before those that were taken before."""
        taken = []
        at = 0
        while at < len(rows):
            end = at
            while end < len(rows) and rows[end] < self._first + self._table.num_rows:
                end += 1
            if end > at:
                taken.append(self._table.take([row - self._first for row in rows[at:end]]))
            else:
                self._first += self._table.num_rows
                self._table = pa.Table.from_batches([next(self._batches)], STORED)
            at = end
        return pa.concat_tables(taken)
