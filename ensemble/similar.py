"""Who lies near whom in one model's space alone: a single query through its Annoy index, or exact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from db.artifacts import Artifact
from db.base import IdVector
from db.errors import NotBuilt, UsageError
from db.vectors import Vectors
from ensemble.index import CONTENTS, annoy_top_k
from ensemble.inputs import SUFFIX, read_indexes

SPARE = 4
"""How many times more than asked for the index is asked for: its neighbours are then sorted by the exact cosine."""
SEARCH_K = 20_000
"""Nodes that Annoy looks into: recall .99 at 50,000 artists and .94 at a million."""


@dataclass(frozen=True)
class Neighbour:
    """An artist near another one. `rank` counts from 1, `similarity` is the cosine."""

    rank: int
    artist_id: int
    similarity: float


def similar(
    artifacts: Mapping[str, Artifact], model: str, artist_id: int, n: int, *, exact: bool = False
) -> list[Neighbour]:
    """The n artists nearest to one in a model's space, best first; empty where the model does not know the artist.

    Args:
        artifacts: verified artefacts of the published run, by step.
        model: whose space.
        artist_id: whose neighbours.
        n: how many.
        exact: look at every vector, not into the index.

    Raises:
        NotBuilt: the run has no vectors at all.
        UsageError: it has none of this model.
        ArtifactDamaged: vectors or index are not what was written.
    """
    space = _space(artifacts, model)
    row = int(space.rows_of(np.array([artist_id], dtype=np.int64))[0])
    if row < 0 or not np.any(space.matrix[row]):
        return []
    rows = _candidates(artifacts, space, row, n, exact=exact)
    unit = space.matrix[row] / np.linalg.norm(space.matrix[row])
    lengths = np.linalg.norm(space.matrix[rows], axis=1)
    rows, lengths = rows[lengths > 0], lengths[lengths > 0]
    cosine = np.minimum(space.matrix[rows] @ unit / lengths, 1.0)
    best = np.lexsort((rows, -cosine))[:n]
    return [
        Neighbour(rank, int(space.ids[rows[place]]), float(cosine[place])) for rank, place in enumerate(best, start=1)
    ]


def names(model: str) -> set[str]:
    """The files of artefacts that a query in a model's space reads."""
    return {f"{model}{SUFFIX}", f"{model}.artist.ids.npy", CONTENTS, f"{model}.ann"}


def _space(artifacts: Mapping[str, Artifact], model: str) -> Vectors:
    """The model's vectors; no other's are looked at."""
    of = {path.name.removesuffix(SUFFIX): one for one in artifacts.values() for path in one.path.glob(f"*{SUFFIX}")}
    if not of:
        raise NotBuilt("no model has made vectors yet: import plays, playlists or crawl, then run `kinsong build`")
    if model not in of:
        raise UsageError(f"the published run has no vectors of {model}; it has those of {', '.join(sorted(of))}")
    return Vectors.load(of[model].path, model, "artist")


def _candidates(
    artifacts: Mapping[str, Artifact], space: Vectors, row: int, n: int, *, exact: bool
) -> IdVector:
    index = None if exact else read_indexes(artifacts, [space]).get(space.model)
    if index is None or n * SPARE >= len(space):
        return np.delete(np.arange(len(space), dtype=np.int64), row)
    found: IdVector = annoy_top_k(index, np.array([row], dtype=np.int64), n * SPARE, max(SEARCH_K, n * SPARE))[0]
    return np.extract(found >= 0, found)
