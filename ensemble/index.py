"""Annoy indexes: one file per model, opened by memory map, for nearest artists of a single query or of all.

How many nodes of an index must be looked at to find enough of the nearest (Annoy's `search_k`) depends on the vectors;
it is found at build, by a seeded sample of queries that are also searched exactly, and written down with the recall
that it gave. Angular distance over the rows of the model's `Vectors`, item i being row i. Annoy trusts its file blindly
(a file cut short takes the process down with it), so that one is opened only out of a verified artefact and only when
its size in items and dimensions is what was written down beside it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from annoy import AnnoyIndex as _Annoy
from numpy.typing import NDArray
from pydantic import Field, PositiveInt

from db.artifacts import Artifact
from db.base import Config as BaseConfig
from db.base import FloatMatrix, IdVector
from db.errors import ArtifactDamaged, BuildError
from db.faults import reached
from db.vectors import Vectors
from ensemble.exact import exact_top_k

CONTENTS = "index.json"
RECALL_AT = 100
QUERIES = 200
"""Queries that `search_k` is tuned on."""
FEWEST_NODES = 2000
"""Less is never looked at: it takes no time, and small catalogues are searched whole."""
ALIKE = 1e-6
"""Cosines that differ by less are ties, of which any is as good."""


class Config(BaseConfig):
    """Nearest-neighbour indexes, one file per model."""

    trees: PositiveInt = 50
    """Trees per Annoy index: more find more of the nearest, in proportionally larger files."""
    recall: Annotated[float, Field(gt=0, le=1)] = 0.95
    """Part of the 100 nearest that a search of an index must find, on average over a sample."""


@dataclass(frozen=True)
class AnnoyIndex:
    """An open index.

    Attributes:
        model: whose vectors it holds.
        items: how many.
        search_k: nodes to look at per query.
        handle: Annoy's own object.
    """

    model: str
    items: int
    search_k: int
    handle: Any


@dataclass(frozen=True)
class Tuned:
    """How many nodes to look at per query, and which part of the `RECALL_AT` nearest that finds."""

    search_k: int
    recall: float


def build_indexes(models: Sequence[Vectors], config: Config, seed: int, folder: Path) -> dict[str, int]:
    """Write `<model>.ann` for each model, and what they hold into index.json.

    Returns:
        Items per model.
    """
    contents = {}
    for vectors in models:
        tuned = _build(vectors, config, seed, folder / f"{vectors.model}.ann")
        contents[vectors.model] = {**_shape(vectors), "search_k": tuned.search_k, "recall": round(tuned.recall, 4)}
    reached("index.tuned")
    if contents:
        (folder / CONTENTS).write_text(json.dumps(contents, indent=1, sort_keys=True), encoding="utf-8")
    return {model: len(vectors) for model, vectors in zip(contents, models, strict=True)}


def _shape(vectors: Vectors) -> dict[str, Any]:
    return {"items": len(vectors), "dim": vectors.dim, "metric": "angular"}


def _build(vectors: Vectors, config: Config, seed: int, path: Path) -> Tuned:
    handle = _Annoy(vectors.dim, "angular")
    handle.set_seed(seed)
    unit = vectors.unit()
    for row, vector in enumerate(unit):
        handle.add_item(row, vector)
    handle.build(config.trees, n_jobs=1)  # more jobs: another forest every time
    trees = handle.get_n_trees()
    reached("index.grown")
    if not handle.save(str(path)):
        raise BuildError(f"the index {path.name} could not be written to {path.parent}")
    if handle.get_n_items() != len(vectors) or handle.get_n_trees() < trees:  # by now the file is what is looked at
        raise BuildError(f"the index {path.name} in {path.parent} is not what was written: look at the disk")
    reached("index.saved")
    tuned = tune(handle, unit, config, np.random.default_rng(seed))
    handle.unload()
    return tuned


def tune(handle: Any, unit: FloatMatrix, config: Config, rng: np.random.Generator) -> Tuned:
    """The fewest nodes, to within a twentieth, that find `config.recall` of the nearest of a sample of items.

    Args:
        handle: Annoy's own object, built.
        unit: (n, dim), its items, of length 1 or 0.
        config: the recall to reach.
        rng: draws the sample.
    """
    known = np.flatnonzero(unit.any(axis=1))
    sample = np.sort(rng.choice(known, min(QUERIES, len(known)), replace=False))
    k = min(RECALL_AT, len(unit) - 1)
    if not len(sample) or k < 1:
        return Tuned(FEWEST_NODES, 1.0)
    _, scores = exact_top_k(unit[sample], unit, k, sample)
    good_enough = scores[:, -1] - ALIKE

    def recall(search_k: int) -> float:
        hits = 0
        for row, least in zip(sample.tolist(), good_enough.tolist(), strict=True):
            items = [item for item in handle.get_nns_by_item(row, k + 1, search_k) if item != row][:k]
            hits += int((unit[items] @ unit[row] >= least).sum())
        return hits / (k * len(sample))

    low, high = FEWEST_NODES, FEWEST_NODES
    all_nodes = 2 * config.trees * len(unit)
    while (found := recall(high)) < config.recall and high < all_nodes:
        low, high = high, 2 * high
    while high - low > high // 20:
        middle = (low + high) // 2
        if (there := recall(middle)) >= config.recall:
            high, found = middle, there
        else:
            low = middle
    return Tuned(high, found)


def open_index(artifact: Artifact, vectors: Vectors) -> AnnoyIndex | None:
    """The index over these vectors, out of a verified artefact; None when the artefact holds none for the model.

    Raises:
        ArtifactDamaged: the index is not one over these vectors.
    """
    contents = json.loads(artifact.file(CONTENTS).read_bytes())
    entry = contents.get(vectors.model)
    if entry is None:
        return None
    wanted = _shape(vectors)
    if {what: entry.get(what) for what in wanted} != wanted:
        raise ArtifactDamaged(f"index {vectors.model}: it holds {entry}, its vectors are {wanted}; run `kinsong build`")
    path = artifact.file(f"{vectors.model}.ann")
    _refuse_other_shapes(path, len(vectors), vectors.dim)
    handle = _Annoy(vectors.dim, "angular")
    handle.load(str(path))
    if handle.get_n_items() != len(vectors):
        found = handle.get_n_items()
        raise ArtifactDamaged(f"index {vectors.model}: {found} items for {len(vectors)} vectors; run `kinsong build`")
    return AnnoyIndex(vectors.model, len(vectors), int(entry["search_k"]), handle)


def _refuse_other_shapes(path: Path, items: int, dim: int) -> None:
    """See that a file is made of nodes of this size, and that its last one is the root of a tree over all items.

    Annoy 1.17's angular node: int32 how many items are below it, 8 bytes of children or norm, dim floats.
    """
    node = 12 + 4 * dim
    size = path.stat().st_size
    below = 0
    if size >= node:
        with path.open("rb") as stream:
            stream.seek(size - node)
            below = int.from_bytes(stream.read(4), "little")
    if size % node or size // node <= items or below != items:
        raise ArtifactDamaged(f"index {path.name}: it is not one over {items} vectors of {dim}; run `kinsong build`")


def annoy_top_k(index: AnnoyIndex, rows: IdVector, k: int, search_k: int = 0) -> NDArray[np.int64]:
    """The k nearest items of each item in `rows`, itself left out, best first. int64 (len(rows), k), -1 for none.

    Args:
        index: an open one.
        rows: items.
        k: how many.
        search_k: nodes to look at per query; 0: as many as it was tuned to.
    """
    nodes = search_k or index.search_k
    found = np.full((len(rows), k), -1, dtype=np.int64)
    for place, row in enumerate(rows.tolist()):
        items = [item for item in index.handle.get_nns_by_item(row, k + 1, nodes) if item != row][:k]
        found[place, : len(items)] = items
    return found
