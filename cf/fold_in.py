"""Vectors for listeners or artists who came after an ALS fit: one exact half step from the factors of the other side.

This is equation 4 of Hu, Koren and Volinsky (2008), as in `cf.als`; nobody else's vector changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cf.als import Confidences, Config, half_step
from db.errors import BuildError

if TYPE_CHECKING:
    from scipy import sparse

    from db.base import FloatMatrix
    from db.vectors import Vectors


def fold_in(plays: sparse.csr_matrix, fixed: Vectors, config: Config) -> FloatMatrix:
    """The vectors that a Cholesky half step gives these rows.

    Args:
        plays: CSR (n_new, len(fixed)): plays of each newcomer; columns are the rows of `fixed`.
        fixed: artists (for new listeners) or listeners (for new artists) of a fit.
        config: the settings of that fit.

    Returns:
        float32 (n_new, dim); a row without plays is zero.

    Raises:
        BuildError: shapes do not fit, plays are negative or not finite.
    """
    if plays.shape[1] != len(fixed):
        raise BuildError(f"plays of {plays.shape[1]} {fixed.entity}s do not fit {len(fixed)} fixed vectors")
    solved: FloatMatrix = np.zeros((plays.shape[0], fixed.dim), dtype=np.float32)
    exact = config.model_copy(update={"solver": "cholesky", "dim": fixed.dim})
    # a memory-mapped matrix is read-only, for which the kernels would be compiled again
    factors = np.require(fixed.matrix, np.float32, ["C", "W"])
    half_step(Confidences.of(plays, exact), factors, exact, solved)
    if not np.isfinite(solved).all():
        raise BuildError(f"folding in {plays.shape[0]} rows ran out of range: lower [als] alpha = {config.alpha}")
    return solved
