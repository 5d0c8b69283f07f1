from __future__ import annotations

import numba
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

from cf import vector_exp
from cf import vector_exp_kernels as kernels
from cf.interactions import Interactions
from cf.vector_exp import Config, Sampler
from db.errors import BuildError

N, M, DIM = 6, 9, 5


@pytest.fixture
def weights(rng: np.random.Generator) -> sparse.csr_matrix:
    dense = rng.random((N, M)) * (rng.random((N, M)) < 0.5)
    dense[:, 0] = dense[0] = 1.0
    return sparse.csr_matrix(dense.astype(np.float32))


def likelihood(weights: sparse.csr_matrix, x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Σ c_ui ln P(i | u), the whole softmax, as the header says it."""
    scores = x @ y.T
    log_p = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return float((weights.toarray() * log_p).sum())


def gradients(
    weights: sparse.csr_matrix, x: NDArray[np.float32], y: NDArray[np.float32], drawn: NDArray[np.int64],
    log_q: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:  # fmt: skip
    csr = weights.indptr.astype(np.int64), weights.indices.astype(np.int32), weights.data
    block = np.arange(N)
    of_x, of_y = np.empty((N, DIM), np.float32), np.empty((M, DIM), np.float32)
    weight, loss = np.empty((N, len(drawn)), np.float32), np.empty(N)
    kernels.listener_gradients(block, *csr, x, y, drawn, log_q, of_x, weight, loss)
    kernels.artist_gradients(block, *csr, x, drawn, weight, np.arange(M), of_y)
    return of_x, of_y, float(loss.sum())


def test_with_every_artist_drawn_the_gradient_is_that_of_the_softmax(
    weights: sparse.csr_matrix, rng: np.random.Generator
) -> None:
    x, y = (rng.standard_normal((n, DIM)).astype(np.float32) for n in (N, M))
    of_x, of_y, loss = gradients(weights, x, y, np.arange(M), np.zeros(M, np.float32))
    assert loss == pytest.approx(-likelihood(weights, x, y), rel=1e-5)
    step = 1e-5
    for side, found in ((0, of_x), (1, of_y)):
        for place in np.ndindex(found.shape):
            moved = [x.astype(np.float64), y.astype(np.float64)]
            moved[side][place] += step
            up = likelihood(weights, *moved)
            moved[side][place] -= 2 * step
            slope = (up - likelihood(weights, *moved)) / (2 * step)
            assert found[place] == pytest.approx(slope, abs=2e-4)


@pytest.mark.parametrize("sampling", ["log_uniform", "popularity"])
def test_draws_stand_for_all_artists(weights: sparse.csr_matrix, rng: np.random.Generator, sampling: str) -> None:
    x, y = (rng.standard_normal((n, DIM)).astype(np.float32) * 0.5 for n in (N, M))
    exact = gradients(weights, x, y, np.arange(M), np.zeros(M, np.float32))
    sampler = Sampler.of(weights, Config.model_validate({"draws": M - 1, "sampling": sampling}))
    pieces = [sampler.draw(rng) for _ in range(4000)]
    drawn = np.concatenate([rows for rows, _ in pieces])
    log_q = np.concatenate([log_q for _, log_q in pieces]) + np.float32(np.log(len(pieces)))
    sampled = gradients(weights, x, y, drawn, log_q)
    for whole, part in zip(exact[:2], sampled[:2], strict=True):
        np.testing.assert_allclose(part, whole, atol=0.15 * np.abs(whole).max())
    assert sampled[2] == pytest.approx(exact[2], rel=0.01)


def test_few_artists_are_all_drawn_once(weights: sparse.csr_matrix, rng: np.random.Generator) -> None:
    drawn, log_q = Sampler.of(weights, Config(draws=M)).draw(rng)
    assert drawn.tolist() == list(range(M))
    assert not log_q.any()


@pytest.mark.parametrize("draws", [5, 100])
def test_the_number_of_threads_changes_nothing(plays: Interactions, draws: int) -> None:
    config = Config(dim=20, epochs=3, block=7, draws=draws)
    found = set()
    before = numba.get_num_threads()
    try:
        for threads in {1, before}:
            numba.set_num_threads(threads)
            vectors = vector_exp.fit(plays, config, np.random.default_rng(0)).vectors
            found.add(vectors["artist"].matrix.tobytes() + vectors["listener"].matrix.tobytes())
    finally:
        numba.set_num_threads(before)
    assert len(found) == 1


def test_the_loss_falls_below_that_of_popularity(plays: Interactions) -> None:
    weights = vector_exp.confidences(plays.matrix, Config())
    share = np.asarray(weights.sum(axis=0)).ravel() / weights.sum()
    popularity = -float((weights @ np.log(share)).sum() / weights.sum())
    loss = vector_exp.fit(plays, Config(dim=4, epochs=30, reg=0.1), np.random.default_rng(0)).arrays["loss"]
    assert loss[0] == pytest.approx(popularity, rel=0.05)
    assert loss[-1] < 0.9 * popularity


def test_a_high_price_leaves_popularity_alone(plays: Interactions) -> None:
    fitted = vector_exp.fit(plays, Config(dim=4, epochs=60, reg=1e3), np.random.default_rng(0))
    assert np.abs(fitted.vectors["artist"].matrix).max() < 0.05
    popularity = np.log(np.asarray(vector_exp.confidences(plays.matrix, Config()).sum(axis=0)).ravel())
    assert np.corrcoef(fitted.arrays["bias"], popularity)[0, 1] > 0.95


def test_a_warm_start_needs_the_same_dim(plays: Interactions, rng: np.random.Generator) -> None:
    first = vector_exp.fit(plays, Config(dim=4), rng)
    again = vector_exp.fit(plays, Config(dim=4, epochs=1, rate=1e-9), rng, start=first)
    np.testing.assert_allclose(again.vectors["artist"].matrix, first.vectors["artist"].matrix, atol=1e-6)
    with pytest.raises(BuildError, match="dim 4, not 5"):
        vector_exp.fit(plays, Config(dim=5), rng, start=first)


def test_what_runs_out_of_range_is_said(plays: Interactions, rng: np.random.Generator) -> None:
    with pytest.raises(BuildError, match="out of range"):
        vector_exp.fit(plays, Config(dim=4, rate=1e38), rng)
    bad = plays.matrix.copy()
    bad.data[0] = np.nan
    with pytest.raises(BuildError, match="finite and not negative"):
        vector_exp.fit(Interactions(plays.listener_ids, plays.artist_ids, bad), Config(), rng)
