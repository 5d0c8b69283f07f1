"""What every model of this package gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from db.vectors import Vectors


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fitted model: one `Vectors` per entity, and the named arrays that fold-in, warm starts and reports need.

    Attributes:
        vectors: by entity ("artist", "listener"), rows in canonical order, all finite.
        arrays: by name; each model's `fit` says which.
    """

    vectors: Mapping[str, Vectors]
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
