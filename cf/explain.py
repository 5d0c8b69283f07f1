"""What a listener's ALS vector is made of, after Hu, Koren and Volinsky (2008), section 5.

With W = (YᵀY + Yᵀ(Cᵘ − I)Y + λ_u I)⁻¹ the fold-in equation x_u = W Σ_i c_ui y_i is a sum over what u plays, and so are
the vector's length and every score:

    ‖x_u‖² = Σ_i c_ui x_u·W y_i        x_u·y_j = Σ_i c_ui y_j·W y_i
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from cf.als import Confidences, Config

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
        parts: float64 (n,), the part of ‖x_u‖² that each of them makes; they sum to 1, and may be negative.
        best: int64 (k,), rows of the artists with the highest scores among those not played, best first.
        scores: float64 (k,), x_u·y_j of each.
        reasons: float64 (k, n), what each artist played adds to each score.
    """

    vector: FloatMatrix
    played: NDArray[np.int64]
    parts: NDArray[np.float64]
    best: NDArray[np.int64]
    scores: NDArray[np.float64]
    reasons: NDArray[np.float64]


def explain(plays: sparse.csr_matrix, artists: Vectors, config: Config, n: int) -> Explanation:
    """Fold one listener in and say what speaks for what.

    Args:
        plays: CSR (1, len(artists)), with at least one play.
        artists: a fit's vectors of artists.
        config: the settings of that fit.
        n: how many artists to recommend.

    Raises:
        BuildError: plays are negative or not finite.
    """
    confidences = Confidences.of(plays, config.model_copy(update={"dim": artists.dim}))
    factors = np.asarray(artists.matrix, dtype=np.float64)
    played, trust = confidences.indices.astype(np.int64), confidences.values.astype(np.float64)
    own = factors[played]
    gram = factors.T @ factors + (own.T * (trust - 1)) @ own + float(confidences.reg[0]) * np.eye(artists.dim)
    pieces = trust[:, None] * np.linalg.lstsq(gram, own.T, rcond=None)[0].T
    vector = pieces.sum(axis=0)
    squared = float(vector @ vector)
    scores = factors @ vector
    scores[played] = -np.inf
    best = np.argsort(-scores, kind="stable")[: min(n, len(scores) - len(played))]
    return Explanation(
        vector=vector.astype(np.float32), played=played,
        parts=pieces @ vector / squared if squared else np.zeros(len(played)),
        best=best, scores=scores[best], reasons=factors[best] @ pieces.T,
    )  # fmt: skip
