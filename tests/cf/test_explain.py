from __future__ import annotations

import numpy as np
import pytest

from cf import als
from cf.als import Config
from cf.explain import explain
from cf.fold_in import fold_in, fold_in_biased
from cf.interactions import Interactions
from db.errors import BuildError


def test_the_parts_add_up_to_the_folded_vector_and_its_scores(plays: Interactions, rng: np.random.Generator) -> None:
    config = Config(dim=5)
    artists = als.fit(plays, config, rng).vectors["artist"]
    row = plays.matrix[:1]
    told = explain(row, artists, config, 4)
    folded = fold_in(row, artists, config)[0]
    np.testing.assert_allclose(told.vector, folded, atol=1e-4)
    assert told.played.tolist() == row.indices.tolist()
    np.testing.assert_allclose(told.parts.sum(), 1, atol=1e-9)
    assert told.other == 0
    np.testing.assert_allclose(told.reasons.sum(axis=1), told.scores, atol=1e-9)
    scores = artists.matrix @ folded
    scores[row.indices] = -np.inf
    assert told.best.tolist() == np.argsort(-scores)[:4].tolist()


def test_biases_are_part_of_the_scores_and_told_apart(plays: Interactions, rng: np.random.Generator) -> None:
    config = Config(dim=5, biases=True)
    fitted = als.fit(plays, config, rng)
    artists, biases = fitted.vectors["artist"], fitted.arrays["bias"]
    row = plays.matrix[:1]
    told = explain(row, artists, config, 4, biases)
    folded, own = fold_in_biased(row, artists, config, biases)
    assert own is not None
    np.testing.assert_allclose(told.vector, folded[0], atol=1e-4)
    assert told.parts.sum() + told.other == pytest.approx(1, abs=1e-9)
    assert abs(told.other) > 1e-3
    scores = artists.matrix @ folded[0] + biases + own[0]
    scores[row.indices] = -np.inf
    assert told.best.tolist() == np.argsort(-scores)[:4].tolist()
    np.testing.assert_allclose(told.scores, scores[told.best], atol=1e-4)
    with pytest.raises(BuildError, match="has none: run `kinsong build`"):
        explain(row, artists, config, 4)
