"""Vectors: what a model says of its entities, one row each. The only thing besides rows in which models meet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from db.errors import ArtifactDamaged, BuildError
from db.faults import reached

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from db.base import FloatMatrix, IdVector


@dataclass(frozen=True, eq=False)
class Vectors:
    """One vector per entity, rows sorted by the entity's canonical key (never by how ids were dealt).

    Attributes:
        model: "cultural", "als", "playlist", …
        entity: "artist", "listener" or "track".
        ids: int64 (n,), database ids, no id twice.
        matrix: float32 (n, dim), all finite.
    """

    model: str
    entity: str
    ids: IdVector
    matrix: FloatMatrix

    def __post_init__(self) -> None:
        """Refuse what no reader could use.

        Raises:
            BuildError: wrong shapes or types.
        """
        what = f"vectors {self.model}/{self.entity}"
        if self.ids.dtype != np.int64 or self.matrix.dtype != np.float32:
            raise BuildError(f"{what}: ids are {self.ids.dtype}, values {self.matrix.dtype}; need int64 and float32")
        if self.matrix.ndim != 2 or self.ids.shape != (len(self.matrix),):
            raise BuildError(f"{what}: {self.ids.shape} ids do not fit a matrix of {self.matrix.shape}")

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def dim(self) -> int:
        """Length of one vector."""
        return int(self.matrix.shape[1])

    def check(self) -> Self:
        """The same vectors, after a look at every number.

        Raises:
            BuildError: a value is not finite, or an id stands twice.
        """
        what = f"vectors {self.model}/{self.entity}"
        if not np.isfinite(self.matrix).all():
            raise BuildError(f"{what}: {int((~np.isfinite(self.matrix)).any(axis=1).sum())} rows are not finite")
        if len(np.unique(self.ids)) != len(self.ids):
            raise BuildError(f"{what}: an id stands twice")
        return self

    def unit(self) -> FloatMatrix:
        """Rows scaled to length 1; a zero row stays zero. float32 (n, dim)."""
        norms = np.linalg.norm(self.matrix, axis=1, keepdims=True)
        unit: FloatMatrix = np.divide(self.matrix, norms, out=np.zeros_like(self.matrix), where=norms > 0)
        return unit

    def rows_of(self, ids: IdVector) -> IdVector:
        """The row of each id, -1 where there is none. int64, as long as `ids`."""
        order = np.argsort(self.ids, kind="stable")
        if not len(order):
            return np.full(len(ids), -1, dtype=np.int64)
        place = np.minimum(np.searchsorted(self.ids, ids, sorter=order), len(order) - 1)
        rows = order[place]
        return np.where(self.ids[rows] == ids, rows, -1).astype(np.int64)

    def save(self, folder: Path) -> None:
        """Write `<model>.<entity>.ids.npy` and `<model>.<entity>.npy` into a folder, after `check`."""
        self.check()
        save_array(folder / f"{self.model}.{self.entity}.ids.npy", self.ids)
        reached("vectors.ids")
        save_array(folder / f"{self.model}.{self.entity}.npy", self.matrix)
        reached("vectors.saved")

    @classmethod
    def load(cls, folder: Path, model: str, entity: str) -> Self:
        """Open what `save` wrote, by memory map. The folder is that of a verified artefact.

        Raises:
            ArtifactDamaged: a file is missing or is not what `save` writes.
        """
        try:
            ids = load_array(folder / f"{model}.{entity}.ids.npy")
            return cls(model, entity, ids, load_array(folder / f"{model}.{entity}.npy", mapped=True))
        except (OSError, ValueError, EOFError, BuildError) as error:
            what = f"vectors {model}/{entity} in {folder}"
            raise ArtifactDamaged(f"{what}: {error}; run `kinsong build --force`") from error


def save_array(path: Path, array: NDArray[Any]) -> None:
    """Write an array as numpy's own `.npy`, any shape.

    numpy writes through a C stream of its own and does not look whether the last bytes of it found room.

    Raises:
        OSError: they did not.
    """
    array = np.ascontiguousarray(array)
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(array))
        file.write(array.data if array.size else b"")


def load_array(path: Path, *, mapped: bool = False) -> NDArray[Any]:
    """One array out of a .npy file, by memory map where asked for.

    Raises:
        OSError, ValueError, EOFError: there is none, or it is something else.
    """
    found = np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)
    if not isinstance(found, np.ndarray):
        found.close()
        raise ValueError(f"{path.name} is an archive of arrays, not one")
    return found
