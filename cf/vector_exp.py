"""Vector-Exp: what a listener plays next as a softmax over all artists, after Erik Bernhardsson's and Christopher
Johnson's talks on recommendation at Spotify ("Music recommendations at Spotify", NYC Machine Learning 2013; "Logistic
Matrix Factorization for Implicit Feedback Data", NIPS workshop 2014, tells its sibling):

    P(i | u) = exp(x_u·y_i + β_i) / Σ_j exp(x_u·y_j + β_j)

    maximise  Σ_ui c_ui ln P(i | u) − ½ Σ_u λ_u ‖x_u‖² − ½ Σ_i λ_i ‖y_i‖²

    c_ui = plays ("linear")    or    ln(1 + plays / ε) ("log")
    λ_u = λ · (Σ_i c_ui)^ν        λ_i = λ · (Σ_u c_ui)^ν

β takes popularity out of the vectors. The sum over j is too long to be taken for every listener. A block of listeners
shares `draws` artists, drawn with replacement from Q (log-uniform over the ranks of popularity, or by popularity); each
stands for 1 / (draws · Q(j)) artists, which corrects the sampling (Bengio and Senécal, "Quick Training of Probabilistic
Neural Nets by Importance Sampling", AISTATS 2003). With as many draws as artists every artist is taken once and the
gradient is exact. Steps are Adagrad's. Left out: decay with the age of a play, biases of listeners (a softmax over
artists has no use for them).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import Field

from cf import vector_exp_kernels as kernels
from cf.fitted import Fitted
from db.base import Config as BaseConfig
from db.base import FloatMatrix
from db.errors import BuildError
from db.faults import reached
from db.vectors import Vectors

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse

    from cf.interactions import Interactions

MODEL = "vector_exp"


class Config(BaseConfig):
    """Vector-Exp on plays."""

    enabled: bool = False
    """Whether `kinsong build` fits it."""
    dim: Annotated[int, Field(ge=1, le=512)] = 64
    """Numbers per vector."""
    confidence: Literal["linear", "log"] = "log"
    """What a pair weighs: its plays, or ln(1 + plays / epsilon)."""
    epsilon: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    """Plays at which the logarithm starts to bend."""
    reg: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 3.0
    """λ, the price of long vectors."""
    reg_exponent: Annotated[float, Field(ge=0, le=1)] = 0.5
    """ν, how λ grows with what a row weighs: 0 not at all, 1 in step."""
    epochs: Annotated[int, Field(ge=1)] = 30
    """Passes over all listeners."""
    rate: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 0.1
    """Adagrad's learning rate."""
    draws: Annotated[int, Field(ge=1)] = 512
    """Artists drawn for each block of listeners; as many as there are artists, or more, is the whole softmax."""
    sampling: Literal["log_uniform", "popularity"] = "log_uniform"
    """How they are drawn: log-uniform over the ranks of popularity, or as often as they are played."""
    block: Annotated[int, Field(ge=1)] = 256
    """Listeners between two steps."""
    min_listeners: Annotated[int, Field(ge=1)] = 3
    """Artists with fewer listeners get no vector; lowered to the number of listeners where there are fewer."""


@dataclass(frozen=True, eq=False)
class Sampler:
    """Draws artists that stand for all.

    Attributes:
        chance: float64 (n_artists,), Q.
        draws: how many at a time; every artist once where it is not below their number.
    """

    chance: NDArray[np.float64]
    draws: int

    @classmethod
    def of(cls, weights: sparse.csr_matrix, config: Config) -> Sampler:
        """From the c_ui, (n_listeners, n_artists)."""
        popularity = np.asarray(weights.sum(axis=0), dtype=np.float64).ravel()
        if config.sampling == "log_uniform":
            rank = np.empty(len(popularity), dtype=np.int64)
            rank[np.argsort(-popularity, kind="stable")] = np.arange(len(popularity))
            popularity = np.log((rank + 2) / (rank + 1))
        return cls(popularity / popularity.sum(), config.draws)

    def draw(self, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Rows of artists, int64 (s,), and ln(s · Q) of each, float32 (s,)."""
        n = len(self.chance)
        if self.draws >= n:
            return np.arange(n), np.zeros(n, np.float32)
        drawn = np.searchsorted(np.cumsum(self.chance), rng.random(self.draws), side="right")
        drawn = np.minimum(drawn, n - 1).astype(np.int64)
        return drawn, np.log(self.draws * self.chance[drawn]).astype(np.float32)


def fit(data: Interactions, config: Config, rng: np.random.Generator, start: Fitted | None = None) -> Fitted:
    """Vectors of listeners and artists.

    The same for any number of threads.

    Args:
        data: plays.
        config: settings; `min_listeners` has been applied by `Interactions`.
        rng: where the first vectors, the order of listeners and the draws come from.
        start: an earlier fit of the same dim; who is in it starts from there.

    Returns:
        Vectors "listener" and "artist", float32 (n, dim); arrays "bias", float32 (n_artists,), β, and "loss", float64
        (epochs,), the mean of −ln P(i | u) over what was played, as the draws estimate it on the way.

    Raises:
        BuildError: plays or numbers ran out of range, or `start` has another dim.
    """
    weights = confidences(data.matrix, config)
    sides = _first(data, weights, config, rng, start)
    losses = np.zeros(config.epochs if weights.nnz else 0)
    if weights.nnz:
        _climb(weights, config, rng, sides, losses)
    listeners, artists = (np.ascontiguousarray(side[:, : config.dim]) for side in sides)
    if not all(np.isfinite(side).all() for side in sides):
        raise BuildError(f"[vector_exp] vectors ran out of range: lower rate = {config.rate} or raise reg")
    vectors = {
        "listener": Vectors(MODEL, "listener", data.listener_ids, listeners).check(),
        "artist": Vectors(MODEL, "artist", data.artist_ids, artists).check(),
    }
    return Fitted(vectors, {"bias": sides[1][:, config.dim].copy(), "loss": losses})


def confidences(plays: sparse.csr_matrix, config: Config) -> sparse.csr_matrix:
    """c_ui in place of plays, CSR float32.

    Raises:
        BuildError: plays are negative or not finite.
    """
    raw = plays.data.astype(np.float64)
    if not (np.isfinite(raw) & (raw >= 0)).all():
        raise BuildError("plays must be finite and not negative; undo the import that brought others")
    weights = plays.copy()
    weights.data = (raw if config.confidence == "linear" else np.log1p(raw / config.epsilon)).astype(np.float32)
    return weights


def _climb(
    weights: sparse.csr_matrix, config: Config, rng: np.random.Generator, sides: tuple[FloatMatrix, FloatMatrix],
    losses: NDArray[np.float64],
) -> None:  # fmt: skip
    """All epochs, in place. The last column of both sides is β and the 1 that it is multiplied with."""
    listeners, artists = sides
    squares = np.zeros_like(listeners), np.zeros_like(artists)
    csr = weights.indptr.astype(np.int64), weights.indices.astype(np.int32), weights.data
    plays_of = np.bincount(csr[1], minlength=len(artists))
    sampler = Sampler.of(weights, config)
    totals = (np.asarray(weights.sum(axis=axis), dtype=np.float64).ravel() for axis in (1, 0))
    price = [config.reg * total**config.reg_exponent for total in totals]
    rate = np.float32(config.rate)
    for epoch in range(config.epochs):
        order = rng.permutation(len(listeners))
        reached("vector_exp.epoch")
        for begin in range(0, len(order), config.block):
            block = np.sort(order[begin : begin + config.block])
            drawn, log_q = sampler.draw(rng)
            gradient, weight, loss = _listener_side(block, csr, sides, drawn, log_q)
            played = np.concatenate([csr[1][csr[0][u] : csr[0][u + 1]] for u in block])
            rows, place = _places(played, drawn, len(artists))
            change = np.empty((len(rows), artists.shape[1]), np.float32)
            kernels.artist_gradients(block, *csr, listeners, drawn, weight, place, change)
            here = np.bincount(place[played], minlength=len(rows)) / np.maximum(plays_of[rows], 1)
            gradient[:, -1] = 0
            reg = price[0][block], price[1][rows] * here
            for part, moved in enumerate(((block, gradient), (rows, change))):
                kernels.climb(*moved, reg[part].astype(np.float32), rate, config.dim, sides[part], squares[part])
            losses[epoch] += loss.sum() / weights.data.sum(dtype=np.float64)


def _listener_side(
    block: NDArray[np.int64], csr: tuple[Any, Any, Any], sides: tuple[FloatMatrix, FloatMatrix],
    drawn: NDArray[np.int64], log_q: NDArray[np.float32],
) -> tuple[FloatMatrix, FloatMatrix, NDArray[np.float64]]:  # fmt: skip
    """Gradients (n, dim + 1), weights of the drawn (n, s) and losses (n,) of a block."""
    gradient = np.empty((len(block), sides[0].shape[1]), np.float32)
    weight, loss = np.empty((len(block), len(drawn)), np.float32), np.empty(len(block))
    kernels.listener_gradients(block, *csr, *sides, drawn, log_q, gradient, weight, loss)
    return gradient, weight, loss


def _places(
    played: NDArray[np.int32], drawn: NDArray[np.int64], n_artists: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The artists that a block touches, and where each stands among them."""
    touched = np.zeros(n_artists, dtype=bool)
    touched[played] = True
    touched[drawn] = True
    rows = np.flatnonzero(touched)
    place = np.zeros(n_artists, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    return rows, place


def _first(
    data: Interactions, weights: sparse.csr_matrix, config: Config, rng: np.random.Generator, start: Fitted | None
) -> tuple[FloatMatrix, FloatMatrix]:
    """Both sides as they start, (n, dim + 1): small and random with β the logarithm of popularity, or as in `start`."""
    sides = []
    for entity, ids in (("listener", data.listener_ids), ("artist", data.artist_ids)):
        side: Any = np.ones((len(ids), config.dim + 1), np.float32)
        side[:, : config.dim] = rng.standard_normal((len(ids), config.dim)) * 0.1
        if start is not None:
            known = start.vectors[entity]
            if known.dim != config.dim:
                raise BuildError(f"[vector_exp] the fit to start from has dim {known.dim}, not {config.dim}")
            rows = known.rows_of(ids)
            side[rows >= 0, : config.dim] = known.matrix[rows[rows >= 0]]
        sides.append(side)
    popularity = np.asarray(weights.sum(axis=0), dtype=np.float64).ravel()
    sides[1][:, -1] = np.log(np.maximum(popularity, 1e-9)) - np.log(max(popularity.sum(), 1e-9))
    return sides[0], sides[1]
