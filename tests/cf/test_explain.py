from __future__ import annotations

import numpy as np

from cf import als
from cf.als import Config
from cf.explain import explain
from cf.fold_in import fold_in
from cf.interactions import Interactions


def test_the_parts_add_up_to_the_folded_vector_and_its_scores(plays: Interactions, rng: np.random.Generator) -> None:
    config = Config(dim=5)
    artists = als.fit(plays, config, rng).vectors["artist"]
    row = plays.matrix[:1]
    told = explain(row, artists, config, 4)
    folded = fold_in(row, artists, config)[0]
    np.testing.assert_allclose(told.vector, folded, atol=1e-4)
    assert told.played.tolist() == row.indices.tolist()
    np.testing.assert_allclose(told.parts.sum(), 1, atol=1e-9)
    np.testing.assert_allclose(told.reasons.sum(axis=1), told.scores, atol=1e-9)
    scores = artists.matrix @ folded
    scores[row.indices] = -np.inf
    assert told.best.tolist() == np.argsort(-scores)[:4].tolist()
