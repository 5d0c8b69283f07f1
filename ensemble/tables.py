"""The tables that the `related` step writes: ranked pairs, and for those that are shown their evidence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from db.base import IdVector
from db.results import PIECE
from ensemble.reasons import KINDS, Evidence
from ensemble.related import Related

RELATED = pa.schema(
    [("artist_id", pa.int64()), ("rank", pa.int32()), ("related_id", pa.int64()), ("score", pa.float32()),
     ("confidence", pa.float64()), ("reason", pa.string())]
)  # fmt: skip
PIECES = pa.struct([
    ("kind", pa.string()), ("name", pa.string()), ("value", pa.float64()), ("rank", pa.int32()), ("back", pa.int32()),
    ("chance", pa.float64()), ("text", pa.string()),
])  # fmt: skip
EVIDENCE = pa.schema([("artist_id", pa.int64()), ("related_id", pa.int64()), ("pieces", pa.list_(PIECES))])
DIGITS, SURE_DIGITS = 6, 4
"""Decimals of the numbers in evidence, and of a confidence."""


def related_table(
    artists: IdVector, ranked: Related, sure: NDArray[np.float64], reasons: Sequence[str]
) -> pa.Table:  # fmt: skip
    """Ranked pairs as `RELATED`.

    Args:
        artists: the catalogue's ids.
        ranked: the pairs.
        sure: the confidence in each.
        reasons: of each; empty for a pair that is not shown.
    """
    columns = [
        artists[ranked.artist], ranked.rank, artists[ranked.related], ranked.score,
        np.round(sure, SURE_DIGITS), pa.array(reasons, pa.string()),
    ]  # fmt: skip
    return pa.table(columns, schema=RELATED)


def evidence_table(artists: IdVector, shown: Related, told: Evidence, names: pa.Array) -> pa.Table:
    """The evidence for shown pairs as `EVIDENCE`, one row per pair; `names` is the vocabulary that it speaks in."""
    kinds, texts = pa.array(KINDS, pa.string()), pa.array(told.texts, pa.string())
    values = {
        "kind": kinds.take(pa.array(told.kind)), "name": names.take(pa.array(told.name)),
        "value": pa.array(_short(told.value)), "rank": _present(told.rank), "back": _present(told.back),
        "chance": pa.array(_short(told.chance), pa.float64(), mask=np.isnan(told.chance)),
        "text": texts.take(pa.array(told.text, mask=told.text < 0)),
    }  # fmt: skip
    pieces = pa.StructArray.from_arrays([values[column] for column in PIECE], fields=list(PIECES))
    packed = pa.ListArray.from_arrays(pa.array(told.starts, pa.int32()), pieces)
    return pa.table([artists[shown.artist], artists[shown.related], packed], schema=EVIDENCE)


def _short(values: NDArray[np.float64]) -> NDArray[np.float64]:
    short: NDArray[np.float64] = np.round(values, DIGITS)
    return short


def _present(ranks: NDArray[np.int32]) -> pa.Array:
    return pa.array(ranks, pa.int32(), mask=ranks == 0)
