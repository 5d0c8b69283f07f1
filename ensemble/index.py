"""Annoy indexes: one file per model, opened by memory map, for nearest artists of a single query or of all.

Angular distance over the rows of the model's `Vectors`, item i being row i. Annoy trusts its file blindly (a file cut
short takes the process down with it), so that one is opened only out of a verified artefact and only when its size in
items and dimensions is what was written down beside it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from annoy import AnnoyIndex as _Annoy
from numpy.typing import NDArray
from pydantic import PositiveInt

from db.artifacts import Artifact
from db.base import Config as BaseConfig
from db.base import IdVector
from db.errors import ArtifactDamaged, BuildError
from db.vectors import Vectors

CONTENTS = "index.json"


class Config(BaseConfig):
    """Nearest-neighbour indexes, one file per model."""

    trees: PositiveInt = 50
    """Trees per Annoy index: more find more of the nearest, in proportionally larger files."""


@dataclass(frozen=True)
class AnnoyIndex:
    """An open index.

    Attributes:
        model: whose vectors it holds.
        items: how many.
        handle: Annoy's own object.
    """

    model: str
    items: int
    handle: Any


def build_indexes(models: Sequence[Vectors], config: Config, seed: int, folder: Path) -> dict[str, int]:
    """Write `<model>.ann` for each model, and what they hold into index.json.

    Returns:
        Items per model.
    """
    contents = {}
    for vectors in models:
        _build(vectors, config, seed, folder / f"{vectors.model}.ann")
        contents[vectors.model] = {"items": len(vectors), "dim": vectors.dim, "metric": "angular"}
    if contents:
        (folder / CONTENTS).write_text(json.dumps(contents, indent=1, sort_keys=True), encoding="utf-8")
    return {model: len(vectors) for model, vectors in zip(contents, models, strict=True)}


def _build(vectors: Vectors, config: Config, seed: int, path: Path) -> None:
    handle = _Annoy(vectors.dim, "angular")
    handle.set_seed(seed)
    for row, vector in enumerate(vectors.unit()):
        handle.add_item(row, vector)
    handle.build(config.trees, n_jobs=1)  # more jobs: another forest every time
    if not handle.save(str(path)):
        raise BuildError(f"the index {path.name} could not be written to {path.parent}")
    handle.unload()


def open_index(artifact: Artifact, vectors: Vectors) -> AnnoyIndex | None:
    """The index over these vectors, out of a verified artefact; None when the artefact holds none for the model.

    Raises:
        ArtifactDamaged: the index is not one over these vectors.
    """
    contents = json.loads(artifact.file(CONTENTS).read_bytes())
    entry = contents.get(vectors.model)
    if entry is None:
        return None
    wanted = {"items": len(vectors), "dim": vectors.dim, "metric": "angular"}
    if entry != wanted:
        raise ArtifactDamaged(f"index {vectors.model}: it holds {entry}, its vectors are {wanted}; run `kinsong build`")
    handle = _Annoy(vectors.dim, "angular")
    handle.load(str(artifact.file(f"{vectors.model}.ann")))
    if handle.get_n_items() != len(vectors):
        found = handle.get_n_items()
        raise ArtifactDamaged(f"index {vectors.model}: {found} items for {len(vectors)} vectors; run `kinsong build`")
    return AnnoyIndex(vectors.model, len(vectors), handle)


def annoy_top_k(index: AnnoyIndex, rows: IdVector, k: int, search_k: int) -> NDArray[np.int64]:
    """The k nearest items of each item in `rows`, itself left out, best first. int64 (len(rows), k), -1 for none."""
    found = np.full((len(rows), k), -1, dtype=np.int64)
    for place, row in enumerate(rows.tolist()):
        items = [item for item in index.handle.get_nns_by_item(row, k + 1, search_k) if item != row][:k]
        found[place, : len(items)] = items
    return found
