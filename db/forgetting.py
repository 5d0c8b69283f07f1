"""Taking a listener or a document out of what is at rest besides facts and rows: out of every artefact that holds them.

An artefact is never changed where it lies: a copy without them is sealed and takes its place, of every kept run and of
builds that were killed. What a model learnt from everybody's plays or pages stays as it is until the next build: no
number of it is one listener's or one page's. See docs/decisions/0007-forgetting.md.

Whoever calls this holds the lease of builds.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from db.artifacts import open_artifact, resealed, sweep
from db.columnar import parquet_writer
from db.errors import ArtifactDamaged
from db.hold import put_away
from db.home import Home
from db.seal import read_manifest
from db.stamps import FOLDER as STAMPS
from db.vectors import load_array, save_array

IDS = ".listener.ids.npy"
LISTENER, DOCUMENT, PIECES = "listener_id", "document_id", "pieces"


class _Holds(Protocol):
    """What is to go, of one kind of file."""

    def holds(self, path: Path) -> bool:
        """Whether a file has any of it."""
        ...

    def take(self, path: Path) -> None:
        """Write such a file anew without it."""
        ...


def take_listener_out(home: Home, listener_id: int) -> list[str]:
    """Take a listener's vectors and lists out of all artefacts; the names of those that held any."""
    return _each(home, (_Vector(listener_id), _Rows(LISTENER, (listener_id,))))


def take_documents_out(home: Home, ids: Collection[int], urls: Collection[str]) -> list[str]:
    """Take what documents say out of all artefacts: counts, mentions, sentences, evidence that names their URLs."""
    return _each(home, (_Rows(DOCUMENT, tuple(sorted(ids))), _Evidence(frozenset(urls))))


def _each(home: Home, gone: Sequence[_Holds]) -> list[str]:
    sweep(home.artifacts)
    shutil.rmtree(home.listening / "spill", ignore_errors=True)
    folders = sorted(home.artifacts.iterdir()) if home.artifacts.is_dir() else []
    return [f.name for f in folders if f.name != STAMPS and f.is_dir() and _taken_out(home, f, gone)]


def _taken_out(home: Home, folder: Path, gone: Sequence[_Holds]) -> bool:
    """Have a copy take an artefact's place that holds nothing of what is to go. A damaged one is taken away."""
    try:
        manifest = read_manifest(folder)
        artifact = open_artifact(home.artifacts, manifest["step"], manifest["fingerprint"])
    except ArtifactDamaged:
        artifact = None
    if artifact is None:
        put_away(folder)
        return True
    files = [path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file()]
    found = [(one, file) for file in files for one in gone if one.holds(folder / file)]
    if found:
        with resealed(artifact) as work:
            for one, file in found:
                one.take(work / file)
    return bool(found)


@dataclass(frozen=True)
class _Vector:
    """A listener's vector and bias: rows of arrays that lie beside the ids."""

    listener_id: int

    def holds(self, path: Path) -> bool:
        return path.name.endswith(IDS) and bool((load_array(path) == self.listener_id).any())

    def take(self, path: Path) -> None:
        ids = load_array(path)
        kept = ids != self.listener_id
        for other in (path.with_name(path.name.replace(".ids", "")), path.with_name("listener_bias.npy")):
            if other.exists():
                save_array(other, np.array(load_array(other))[kept])
        save_array(path, ids[kept])


@dataclass(frozen=True)
class _Rows:
    """Rows of a Parquet file whose column has one of these values."""

    column: str
    values: tuple[int, ...]

    def holds(self, path: Path) -> bool:
        if path.suffix != ".parquet":
            return False
        with pq.ParquetFile(path) as file:
            if self.column not in file.schema_arrow.names:
                return False
            return any(pc.any(self._in(b.column(0))).as_py() for b in file.iter_batches(columns=[self.column]))

    def take(self, path: Path) -> None:
        _rewritten(path, lambda table: table.filter(pc.invert(self._in(table[self.column]))))

    def _in(self, column: Any) -> Any:
        return pc.is_in(column, pa.array(self.values, pa.int64()))


@dataclass(frozen=True)
class _Evidence:
    """Pieces of evidence that a URL is the name of."""

    urls: frozenset[str]

    def holds(self, path: Path) -> bool:
        if path.suffix != ".parquet":
            return False
        with pq.ParquetFile(path) as file:
            if PIECES not in file.schema_arrow.names:
                return False
            lists = (batch.column(0).to_pylist() for batch in file.iter_batches(columns=[PIECES]))
            return any(piece.get("name") in self.urls for part in lists for pieces in part for piece in pieces)

    def take(self, path: Path) -> None:
        _rewritten(path, self._without)

    def _without(self, table: pa.Table) -> pa.Table:
        lists = [[p for p in pieces if p["name"] not in self.urls] for pieces in table[PIECES].to_pylist()]
        place = table.schema.get_field_index(PIECES)
        field = table.schema.field(PIECES)
        return table.set_column(place, field, pa.array(lists, field.type))


def _rewritten(path: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    with pq.ParquetFile(path) as file, parquet_writer(path, file.schema_arrow) as writer:
        for batch in file.iter_batches():
            writer.write_table(change(pa.Table.from_batches([batch])))
