"""What a listener's ALS vector is made of, after Hu, Koren and Volinsky (2008), section 5.

With W = (YᵀY + Yᵀ(Cᵘ − I)Y + λ_u I)⁻¹ the fold-in equation x_u = W Σ_i c_ui y_i is a sum over what u plays, and so are
the vector's length and every score:

    ‖x_u‖² = Σ_i c_ui x_u·W y_i        x_u·y_j = Σ_i c_ui y_j·W y_i

With biases, (x_u, β_u) = W (Σ_i (c_ui (1 − β_i) + β_i) (y_i, 1) − Σ_j β_j (y_j, 1)), the first sum over what u
plays, the last over all artists: what it adds is told apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from cf.als import Confidences, Config
from cf.fold_in import check_biases

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from db.base import FloatMatrix
    from db.vectors import Vectors


@dataclass(frozen=True, eq=False)
class Explanation:
    """A folded-in listener, taken apart.

    Attributes:
        vector: float32 (dim,), x_u.
        played: int64 (n,), rows of the artists that the listener plays.
        parts: float64 (n,), the part of ‖x_u‖² that each makes; they sum to 1 with `other`, and may be negative.
        other: the part that the artists' biases make; 0 without biases.
        best: int64 (k,), rows of the artists with the highest scores among those not played, best first.
        scores: float64 (k,), x_u·y_j (+ β_u + β_j) of each.
        reasons: float64 (k, n), what each artist played adds to each score; the biases of the artists add the rest.
    """

    vector: FloatMatrix
    played: NDArray[np.int64]
    parts: NDArray[np.float64]
    other: float
    best: NDArray[np.int64]
    scores: NDArray[np.float64]
    reasons: NDArray[np.float64]


def explain(
    plays: sparse.csr_matrix, artists: Vectors, config: Config, n: int, biases: NDArray[np.float32] | None = None
) -> Explanation:
    """Fold one listener in and say what speaks for what.

    Args:
        plays: CSR (1, len(artists)), with at least one play.
        artists: a fit's vectors of artists.
        config: the settings of that fit.
        n: how many artists to recommend.
        biases: float32 (len(artists),), where the fit has them.

    Raises:
        BuildError: plays are negative or not finite, or the fit has no biases but should.
    """
    check_biases(artists, config, biases)
    dim = artists.dim
    confidences = Confidences.of(plays, config.model_copy(update={"dim": dim}))
    played, trust = confidences.indices.astype(np.int64), confidences.values.astype(np.float64)
    free = 0 if biases is None else 1
    factors = np.hstack([np.asarray(artists.matrix, dtype=np.float64), np.ones((len(artists), free))])
    bias = np.zeros(len(artists)) if biases is None else biases.astype(np.float64)
    own = factors[played]
    price = float(confidences.reg[0]) * np.diag([1.0] * dim + [0.0] * free)
    gram = factors.T @ factors + (own.T * (trust - 1)) @ own + price
    wanted = own * (trust * (1 - bias[played]) + bias[played])[:, None]
    solved = np.linalg.lstsq(gram, np.vstack([wanted, -bias @ factors]).T, rcond=None)[0].T
    pieces, rest = solved[:-1], solved[-1]
    whole = pieces.sum(axis=0) + rest
    vector = whole[:dim]
    squared = float(vector @ vector)
    scores = factors @ whole + bias
    scores[played] = -np.inf
    best = np.argsort(-scores, kind="stable")[: min(n, len(scores) - len(played))]
    return Explanation(
        vector=vector.astype(np.float32), played=played,
        parts=pieces[:, :dim] @ vector / squared if squared else np.zeros(len(played)),
        other=float(rest[:dim] @ vector / squared) if squared else 0.0,
        best=best, scores=scores[best], reasons=factors[best] @ pieces.T,
    )  # fmt: skip
