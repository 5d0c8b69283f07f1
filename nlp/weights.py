"""How much a term tells about an artist, and the tables of top terms made of that.

With n how often an artist has a term, a the number of artists that have it and N of those that have any of its kind:

    tfidf       (1 + ln n) · (f + ln((N + 1) / a)), f being `idf_floor`
    gaussian    n · exp(−(ln a − μ)² / 2σ²)
    contrast    max(0, ln(n·T / (A·B))) · n / (n + 1) · d / (d + 1) · h / (h + 1)

gaussian is from Whitman and Lawrence (2002), "Inferring descriptions and similarity for music from community metadata".
contrast is pointwise mutual information against the background of all that is written, A being all counts of the
artist, B all counts of the term and T all counts of the kind; as it prefers what is rare, it is discounted, in the
manner of Pantel and Lin (2002), "Discovering word senses from text", by how often the artist has the term, by the d
documents that hold it and by the h hosts (for tags, which have neither: d the artists, and no last factor).
In a table the weights of an artist's terms of one kind have length 1 together: each kind has a scale of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from nlp import usage
from nlp.own_name import holds_own_name
from nlp.usage import KINDS, Usage

TERMS = pa.schema(
    [("artist_id", pa.int64()), ("kind", pa.string()), ("rank", pa.int32()), ("term", pa.string()),
     ("weight", pa.float32())]
)  # fmt: skip
"""Columns of terms.parquet."""


class Weighting(usage.Config):
    """What a term weighs."""

    weighting: Literal["tfidf", "gaussian", "contrast"] = "tfidf"
    """tfidf: rare terms weigh most; gaussian: those that a middling number of artists have (Whitman and Lawrence);
    contrast: those that an artist has more often than all others together, spread over documents and hosts."""
    idf_floor: NonNegativeFloat = 0.0
    """For tfidf: what is added to ln((N + 1) / a), so that terms of many artists keep some weight."""
    mu: float | None = Field(None, ge=0)
    """For gaussian: ln of the number of artists at which a term weighs most; not set: half of ln of all artists."""
    sigma: PositiveFloat = 0.9
    """For gaussian: how wide the hill is."""


class Config(Weighting):
    """Tables of top terms."""

    top: PositiveInt = 50
    """Terms kept per artist and kind."""
    min_documents: PositiveInt = 3
    """Documents of the corpus that must hold a term; fewer where the corpus has fewer."""
    min_hosts: PositiveInt = 2
    """Hosts that must hold a term; fewer where fewer hosts have a twentieth of the documents each."""


def weights(used: Usage, config: Weighting) -> NDArray[np.float64]:
    """The weight of each row of `used`. float64 (rows,), none below 0."""
    total = used.of_kind[used.kinds].astype(np.float64)
    frequency = used.artists.astype(np.float64)
    if config.weighting == "tfidf":
        return (1 + np.log(used.n)) * (config.idf_floor + np.log((total + 1) / frequency))
    if config.weighting == "contrast":
        return contrast(used)
    mu = np.log(total) / 2 if config.mu is None else np.full(len(used), config.mu)
    hill: NDArray[np.float64] = used.n * np.exp(-((np.log(frequency) - mu) ** 2) / (2 * config.sigma**2))
    return hill


def contrast(used: Usage) -> NDArray[np.float64]:
    """Pointwise mutual information of artists and terms, discounted, as in this module's header. float64 (rows,)."""
    if not len(used):
        return np.empty(0)
    _, owner = np.unique(used.artist_ids, return_inverse=True)
    _, term = np.unique(used.terms.astype(str), return_inverse=True)
    by_artist, by_term = (_sums(code * len(KINDS) + used.kinds, used.n) for code in (owner, term))
    by_kind = _sums(used.kinds.astype(np.int64), used.n)
    information = np.maximum(np.log(used.n * by_kind / (by_artist * by_term)), 0.0)
    tags = used.documents == 0
    documents = np.where(tags, used.artists, used.documents)
    hosts = np.where(tags, 1.0, used.hosts / (used.hosts + 1.0))
    weight: NDArray[np.float64] = information * used.n / (used.n + 1) * documents / (documents + 1) * hosts
    return weight


def _sums(group: NDArray[np.int64], n: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum of each row's group. float64 (rows,)."""
    sums: NDArray[np.float64] = np.bincount(group, n)[group].astype(np.float64)
    return sums


def readable(used: Usage, config: Config) -> NDArray[np.bool_]:
    """Which rows a table may show: terms of enough documents and hosts, and all tags. bool (rows,)."""
    documents, hosts = used.corpus
    enough = (used.documents >= min(config.min_documents, documents)) & (used.hosts >= min(config.min_hosts, hosts))
    readable_rows: NDArray[np.bool_] = enough | (used.kinds == KINDS.index("tag"))
    return readable_rows


def top_terms(used: Usage, config: Config, names: Mapping[int, Collection[str]]) -> pa.Table:
    """The table of `TERMS`: per artist and kind the `top` heaviest terms, in canonical order of artists.

    Args:
        used: who has which terms.
        config: weights, and what a table may show.
        names: artist id → its names, which its terms do not hold.
    """
    used = used.where(readable(used, config))
    weight = weights(used, config)
    shown = (weight > 0) & ~holds_own_name(used, names)
    used, weight = used.where(shown), weight[shown]
    groups = group_starts(used)
    sizes = np.diff(np.append(groups, len(used)))
    lengths = np.sqrt(np.add.reduceat(weight**2, groups)) if len(groups) else np.empty(0)
    group = np.repeat(np.arange(len(groups)), sizes)
    scaled = weight / lengths[group]
    order = np.lexsort((np.arange(len(used)), -scaled, group))
    rank = np.arange(len(used)) - groups[group] + 1 if len(groups) else np.empty(0, dtype=np.int64)
    kept = rank <= config.top
    rows = order[kept]
    columns = [
        used.artist_ids[rows], np.array(KINDS, dtype=object)[used.kinds[rows]], rank[kept], used.terms[rows],
        scaled[rows],
    ]  # fmt: skip
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, TERMS, strict=True)], schema=TERMS)


def group_starts(used: Usage) -> NDArray[np.int64]:
    """The first row of each artist's run of one kind. int64 (groups,)."""
    if not len(used):
        return np.empty(0, dtype=np.int64)
    new = (np.diff(used.artist_ids) != 0) | (np.diff(used.kinds) != 0)
    return np.flatnonzero(np.append(True, new)).astype(np.int64)
