"""Stations at rest: arrays that are opened by memory map, and a table of one packed row per track."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from db.artifacts import WAY_OUT, verified
from db.base import IdVector
from db.columnar import parquet_writer
from db.errors import ArtifactDamaged
from db.vectors import save_array
from ensemble.radio import STEPS, UNKNOWN, Stations

IDS, TRACKS, SCORES, SAID = "ids.npy", "neighbours.npy", "scores.npy", "said.npy"
MODELS, SUMS = "models.json", "sums.npy"
DIGITS = 4
"""Decimals of a score."""
STATION = pa.schema([
    ("track_id", pa.int64()),
    ("pieces", pa.list_(pa.struct([
        ("track_id", pa.int64()), ("score", pa.float64()), ("playlists", pa.int32()), ("listeners", pa.int32()),
        ("related", pa.int32()), ("model", pa.string()),
    ]))),
])  # fmt: skip


def write_stations(
    folder: Path, ids: IdVector, models: Sequence[str], n: int, made: Iterable[Stations]
) -> int:  # fmt: skip
    """Write the stations of all tracks, given in order and block by block.

    Args:
        folder: an empty one. It gets ids.npy int64 (n_tracks,), neighbours.npy int32 (n_tracks, n) (places in ids, -1
            for none), scores.npy float16 (n_tracks, n), said.npy int8 (n_tracks, n, n_models), sums.npy uint32
            (n_tracks,) (CRC-32 of each track's rows of these three), models.json and radio.parquet.
        ids: of the tracks.
        models: their names.
        n: tracks of a station.
        made: what `ensemble.radio.stations` gives.

    Returns:
        How many tracks stand in stations.
    """
    save_array(folder / IDS, ids)
    (folder / MODELS).write_text(json.dumps(list(models)), encoding="utf-8")
    shapes = {TRACKS: ("int32", (n,)), SCORES: ("float16", (n,)), SAID: ("int8", (n, len(models)))}
    begin = written = 0
    sums = np.empty(len(ids), dtype=np.uint32)
    with ExitStack() as stack:
        writer = stack.enter_context(parquet_writer(folder / "radio.parquet", STATION))
        tracks, scores, said = (
            stack.enter_context(_growing(folder / name, kind, (len(ids), *shape)))
            for name, (kind, shape) in shapes.items()
        )
        for one in made:
            score = one.score.astype(np.float16)
            tracks(one.tracks)
            scores(score)
            said(one.said)
            end = begin + len(one.tracks)
            sums[begin:end] = [_sum(*rows) for rows in zip(one.tracks, score, one.said, strict=True)]
            writer.write_table(station_table(ids, ids[begin:end], one))
            begin, written = end, written + int((one.tracks >= 0).sum())
    save_array(folder / SUMS, sums)
    return written


def _sum(*rows: NDArray[Any]) -> int:
    total = 0
    for row in rows:
        total = zlib.crc32(np.ascontiguousarray(row).tobytes(), total)
    return total


@contextmanager
def _growing(path: Path, kind: str, shape: tuple[int, ...]) -> Iterator[Callable[[NDArray[Any]], None]]:
    """What rows of a `.npy` file of this shape are written with, some at a time."""
    what = {"descr": np.lib.format.dtype_to_descr(np.dtype(kind)), "fortran_order": False, "shape": shape}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, what)

        def write(rows: NDArray[Any]) -> None:
            file.write(np.ascontiguousarray(rows, dtype=kind).tobytes())

        yield write


def station_table(ids: IdVector, whose: IdVector, made: Stations) -> pa.Table:
    """The stations of some tracks as `STATION`, one row per track; the stations' tracks are places in `ids`."""
    there = made.tracks >= 0
    starts = np.append(0, np.cumsum(there.sum(axis=1))).astype(np.int32)
    plain = (made.playlists == 0) & (made.listeners == 0) & (made.rank < 0)
    names = pa.array(made.models, pa.string())
    values = [
        pa.array(ids[made.tracks[there]]), pa.array(np.round(made.score[there].astype(np.float64), DIGITS)),
        pa.array(made.playlists[there], pa.int32()), pa.array(made.listeners[there], pa.int32()),
        pa.array(made.rank[there], pa.int32(), mask=made.rank[there] < 0),
        names.take(pa.array(_nearest_model(made)[there], pa.int32(), mask=~plain[there])),
    ]  # fmt: skip
    pieces = pa.StructArray.from_arrays(values, fields=list(STATION.field("pieces").type.value_type))
    return pa.table([whose, pa.ListArray.from_arrays(pa.array(starts), pieces)], schema=STATION)


def _nearest_model(made: Stations) -> NDArray[np.int64]:
    if not made.models:
        return np.zeros(made.tracks.shape, dtype=np.int64)
    nearest: NDArray[np.int64] = np.argmax(made.said, axis=2)
    return nearest


@dataclass(frozen=True)
class Neighbour:
    """A track of a station: its id, its score (0 … 1), and what each model that knows both says: their cosine."""

    track_id: int
    score: float
    models: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class StationFiles:
    """The stations of a run, open; what is asked for is read from disk, and compared with its sum."""

    ids: IdVector
    models: tuple[str, ...]
    tracks: NDArray[np.int32]
    scores: NDArray[np.float16]
    said: NDArray[np.int8]
    sums: NDArray[np.uint32] | None = None
    """Of each track's rows; None for stations that never lay on a disk."""

    @classmethod
    def open(cls, folder: Path) -> StationFiles:
        """What `write_stations` left in the folder of a sealed artefact; small files are read whole and compared.

        Raises:
            ArtifactDamaged: it is not what was written.
        """
        verified(folder, (IDS, MODELS, SUMS), (TRACKS, SCORES, SAID))
        try:
            ids, sums = (np.load(folder / name, allow_pickle=False) for name in (IDS, SUMS))
            tracks, scores, said = (
                np.load(folder / name, mmap_mode="r", allow_pickle=False) for name in (TRACKS, SCORES, SAID)
            )
        except (OSError, ValueError, EOFError) as error:
            raise ArtifactDamaged(f"stations in {folder}: {error}; run `kinsong build --force`") from error
        if not len(ids) == len(sums) == len(tracks) == len(scores) == len(said):
            what = f"{TRACKS}, {SCORES} and {SAID} are not of {len(ids)} tracks"
            raise ArtifactDamaged(f"artefact {folder.name}: {what}; {WAY_OUT}")
        return cls(ids, tuple(json.loads((folder / MODELS).read_bytes())), tracks, scores, said, sums)

    def station(self, row: int) -> tuple[NDArray[np.int32], NDArray[np.float16], NDArray[np.int8]]:
        """The neighbours of the track in a row, as rows (n,), their scores (n,), and what models say (n, n_models).

        Raises:
            ArtifactDamaged: it is not what was written.
        """
        tracks, scores, said = np.array(self.tracks[row]), np.array(self.scores[row]), np.array(self.said[row])
        if self.sums is not None and _sum(tracks, scores, said) != self.sums[row]:
            raise ArtifactDamaged(f"the station in row {row} of {TRACKS} is not what was written; {WAY_OUT}")
        there = tracks >= 0
        return tracks[there], scores[there], said[there]

    def neighbours(self, track_id: int) -> list[Neighbour]:
        """The station of a track, the nearest first; empty for a track that the run does not know.

        Raises:
            ArtifactDamaged: it is not what was written.
        """
        place = np.flatnonzero(self.ids == track_id)
        if not len(place):
            return []
        tracks, scores, said = self.station(int(place[0]))
        return [
            Neighbour(int(self.ids[other]), float(score), {
                model: value / STEPS for model, value in zip(self.models, values, strict=True) if value != UNKNOWN
            })
            for other, score, values in zip(tracks.tolist(), scores.tolist(), said.tolist(), strict=True)
        ]  # fmt: skip
