"""What labels of other artists say of a pair: a list of similar artists tells more than its own pairs.

With the grade g(l, b) of each labelled pair, as a part of the highest, four numbers of a candidate b for an artist a,
out of every list but a's own:

    labels near      Σ_l fused(a, l)² · g(l, b) / Σ_l fused(a, l)²    lists of the labelled artists l of a's pool
    labels back      g(b, a)                                          the list of b; unknown where b has none
    labels together  Σ_l g(l, a) · g(l, b)                            lists that name both
    labels named     Σ_l g(l, b)                                      how often b is named at all

An artist's own list is left out of what is said of it, so that an artist that labels teach about is seen as one that
they say nothing of is seen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from db.base import FloatMatrix, IdVector
from ensemble.kernels import label_votes
from ensemble.labels import Labels
from ensemble.pools import Pools

NEAR, BACK, TOGETHER, NAMED = "labels near", "labels back", "labels together", "labels named"


@dataclass(frozen=True, eq=False)
class LabelGraph:
    """Labelled lists over the artists of some pools.

    Attributes:
        pools: whose candidates are asked about.
        fused: float32 (n_pairs of the pools,), the label-free score.
        artist: int64 (n,), whose list, rising.
        similar: int64 (n,), who stands in it.
        grade: float32 (n,), above 0, at most 1.
    """

    pools: Pools
    fused: NDArray[np.float32]
    artist: IdVector
    similar: IdVector
    grade: NDArray[np.float32]

    @classmethod
    def of(cls, pools: Pools, fused: NDArray[np.float32], judged: Labels) -> Self:
        """The lists of all labels; what was judged unlike is in none."""
        told = [(artist, similar, grade) for artist, row in sorted(judged.items()) for similar, grade in
                sorted(row.items()) if grade > 0]  # fmt: skip
        best = max((grade for *_, grade in told), default=1.0)
        artist, similar = (np.array([one[side] for one in told], dtype=np.int64) for side in (0, 1))
        return cls(pools, fused, artist, similar, np.array([grade / best for *_, grade in told], dtype=np.float32))

    def only(self, artists: IdVector) -> LabelGraph:
        """The lists of these artists alone."""
        kept = np.isin(self.artist, artists)
        return replace(self, artist=self.artist[kept], similar=self.similar[kept], grade=self.grade[kept])

    def columns(self, queries: IdVector) -> FloatMatrix:
        """The header's four numbers of every pair of these queries, in the order of `ensemble.features.pairs_of`.

        float32 (n_pairs, 4); NaN where nobody of the pool, or not the candidate, is labelled.
        """
        candidates, n = self.pools.candidates, len(self.pools.candidates)
        n_pairs = int((candidates.offsets[queries + 1] - candidates.offsets[queries]).sum())
        found = np.empty((n_pairs, 4), dtype=np.float32)
        back = np.argsort(self.similar, kind="stable")
        starts, back_starts = (np.searchsorted(side, np.arange(n + 1)) for side in (self.artist, self.similar[back]))
        named = np.bincount(self.similar, self.grade, n).astype(np.float32)
        label_votes(
            starts, self.similar, self.grade, back_starts, self.artist[back], self.grade[back], named,
            candidates.offsets, candidates.items, self.fused, queries, np.zeros((4, n), dtype=np.float32), found,
        )  # fmt: skip
        return found
