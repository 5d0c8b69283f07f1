"""Ways in which a file at rest is damaged, each drawn from a seed."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.faults.published import ARTISTS, DIM

PAGE = 4096
Damage = Callable[["Place", np.random.Generator], None]


@dataclass(frozen=True)
class Place:
    """A file to damage.

    Attributes:
        path: of the file.
        other: the same file of another run.
        aside: a folder for what shall lie beside.
    """

    path: Path
    other: Path
    aside: Path


def record_of(path: Path) -> int:
    """How long a record of the file is."""
    if path.suffix == ".ann":
        return 12 + 4 * DIM
    if path.name.endswith(".ids.npy"):
        return 8
    if path.suffix == ".npy":
        return 4 * DIM
    return PAGE if path.suffix == ".db" else 0


def cut(place: Place, rng: np.random.Generator) -> None:
    os.truncate(place.path, int(rng.integers(0, place.path.stat().st_size)))


def cut_on_a_boundary(place: Place, rng: np.random.Generator) -> None:
    content = place.path.read_bytes()
    record = record_of(place.path)
    ends = list(range(record, len(content), record)) if record else [m.end() for m in re.finditer(b"\n", content)][:-1]
    place.path.write_bytes(content[: int(rng.choice(ends or [len(content) // 2]))])


def flip_bits(place: Place, rng: np.random.Generator) -> None:
    content = bytearray(place.path.read_bytes())
    for at in rng.choice(len(content), int(rng.integers(1, 9)), replace=False):
        content[at] ^= 1 << int(rng.integers(8))
    place.path.write_bytes(content)


def zero_a_page(place: Place, rng: np.random.Generator) -> None:
    content = bytearray(place.path.read_bytes())
    pages = [at for at in range(0, len(content), PAGE) if any(content[at : at + PAGE])]
    at = int(rng.choice(pages))
    content[at : at + PAGE] = bytes(len(content[at : at + PAGE]))
    place.path.write_bytes(content)


def change_a_digit(place: Place, rng: np.random.Generator) -> None:
    content = bytearray(place.path.read_bytes())
    digits = [at for at, byte in enumerate(content) if 48 <= byte <= 57]
    at = int(rng.choice(digits))
    content[at] = 48 + (content[at] - 48 + int(rng.integers(1, 10))) % 10
    place.path.write_bytes(content)


def swap(place: Place, rng: np.random.Generator) -> None:
    shutil.copyfile(place.other, place.path)


def old_format(place: Place, rng: np.random.Generator) -> None:
    """What earlier or other versions of the libraries, or of ours, write."""
    path = place.path
    if path.suffix == ".npy":
        with path.open("wb") as stream:
            np.lib.format.write_array(stream, np.zeros((ARTISTS, DIM)), version=(2, 0), allow_pickle=False)
    elif path.suffix == ".ann":
        path.write_bytes(path.read_bytes() + bytes(4))
    elif path.suffix == ".parquet":
        path.write_bytes(b"PAR1" + bytes(40) + b"PARE")
    elif path.name == "manifest.json":
        path.write_text(path.read_text().replace('"format": 2', '"format": 1'))
    else:
        path.write_text(path.read_text().replace("v4", "v2").replace("{", '{"old": 1, ', 1))


def link(place: Place, rng: np.random.Generator) -> None:
    """To the very same bytes, to what never ends, to itself, to nothing."""
    same = place.aside / place.path.name
    shutil.copyfile(place.path, same)
    place.path.unlink()
    place.path.symlink_to([same, Path("/dev/zero"), place.path, place.aside / "nothing"][int(rng.integers(4))])


def empty(place: Place, rng: np.random.Generator) -> None:
    """No bytes, no file, a folder, or a pipe that nobody writes into."""
    place.path.unlink()
    match int(rng.integers(4)):
        case 0:
            place.path.touch()
        case 1:
            place.path.mkdir()
        case 2:
            os.mkfifo(place.path)


def wrong_dim(place: Place, rng: np.random.Generator) -> None:
    path, dim = place.path, DIM + int(rng.choice([-1, 1, 7]))
    if path.suffix == ".npy":
        np.save(path, np.zeros((ARTISTS, dim), np.float32), allow_pickle=False)
    elif path.suffix == ".ann":
        path.write_bytes(bytes((12 + 4 * dim) * 200))
    elif path.name in ("index.json", "manifest.json"):
        path.write_text(path.read_text().replace(f'"dim": {DIM}', f'"dim": {dim}').replace('"size": 1', '"size": 2', 1))
    elif path.suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.table({"artist_id": [1]}), path)
    else:
        path.write_text(path.read_text().replace("max_feature_idx=1", f"max_feature_idx={dim}"))


DAMAGES: tuple[Damage, ...] = (
    cut, cut_on_a_boundary, flip_bits, zero_a_page, change_a_digit, swap, old_format, link, empty, wrong_dim,
)


def old_schema(place: Place, rng: np.random.Generator) -> None:
    """A database that an older or a newer kinsong left."""
    _execute(place.path, f"UPDATE alembic_version SET version_num = '{rng.choice(['0001', '0005', '9999'])}'")


def without_a_table(place: Place, rng: np.random.Generator) -> None:
    _execute(place.path, f"DROP TABLE {rng.choice(['artist', 'published', 'related_artist', 'packed_evidence'])}")


def no_database(place: Place, rng: np.random.Generator) -> None:
    place.path.unlink()
    match int(rng.integers(2)):
        case 0:
            place.path.write_bytes(rng.bytes(50_000))
        case 1:
            place.path.symlink_to(place.aside / "nothing")


def _execute(path: Path, statement: str) -> None:
    import sqlite3

    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA foreign_keys = OFF")
        for (view,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall():
            if statement.startswith("DROP"):
                connection.execute(f"DROP VIEW {view}")
        connection.execute(statement)
        connection.commit()
    finally:
        connection.close()


OF_DATABASES: tuple[Damage, ...] = (
    cut, cut_on_a_boundary, flip_bits, zero_a_page, change_a_digit, swap, link, empty, old_schema, no_database,
    without_a_table,
)


