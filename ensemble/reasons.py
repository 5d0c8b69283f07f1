"""Reasons: for each published pair what the models and facts say of it, as rows of evidence and as one line.

Nothing is said that is not counted: a line names what the two artists have in common and, where they have nothing but
vectors, which model put them together and at what rank.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.base import IdVector
from ensemble.facts import Facts, Incidence
from ensemble.kernels import best_shared, pair_overlaps
from ensemble.pools import Pools
from ensemble.related import Related

TERMS, PLAYLISTS, PAGES = 5, 3, 3
"""How many shared terms, playlists and pages are named."""
NO_RANK = 0


@dataclass(frozen=True, eq=False)
class Evidence:
    """Rows of evidence, pair by pair, in the order in which they are told.

    Attributes:
        pair: int64 (n,), number of the row of `Related` that it belongs to.
        kind: int8 (n,), place in `KINDS`.
        name: int64 (n,), place in what `vocabulary` gives.
        value: float64 (n,).
        rank: int32 (n,), 0 for none.
    """

    pair: IdVector
    kind: NDArray[np.int8]
    name: IdVector
    value: NDArray[np.float64]
    rank: NDArray[np.int32]


KINDS = ("model", "term", "playlists", "listeners", "pages")


@dataclass(frozen=True, eq=False)
class Shared:
    """What each of some pairs has in common.

    Attributes:
        count: int32 (n_pairs,), how many things.
        best: int32 (n_pairs, limit), which say most, -1 for none.
        weight: float32 (n_pairs, limit), the smaller of both weights.
    """

    count: NDArray[np.int32]
    best: NDArray[np.int32]
    weight: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Common:
    """All that some pairs have in common, kind by kind."""

    terms: Shared
    playlists: Shared
    listeners: Shared
    pages: Shared


def common(facts: Facts, pairs: Related) -> Common:
    """What each pair has in common."""
    return Common(
        _shared(facts.terms, pairs, TERMS), _shared(facts.playlists, pairs, PLAYLISTS),
        _shared(facts.listeners, pairs, 0), _shared(facts.pages, pairs, PAGES),
    )  # fmt: skip


def _shared(table: Incidence, pairs: Related, limit: int) -> Shared:
    count = np.zeros(len(pairs.artist), dtype=np.int32)
    best = np.full((len(count), limit), -1, dtype=np.int32)
    weight = np.zeros((len(count), limit), dtype=np.float32)
    pair_overlaps(table.starts, table.things, pairs.artist, pairs.related, count)
    if limit:
        best_shared(table.starts, table.things, table.weights, pairs.artist, pairs.related, best, weight)
    return Shared(count, best, weight)


def vocabulary(pools: Pools, facts: Facts) -> tuple[str, ...]:
    """All names that evidence may have: the empty one, models, terms, playlist names, page URLs."""
    return ("", *pools.models, *facts.term_names, *facts.playlist_names, *facts.page_urls)


def evidence(pools: Pools, facts: Facts, pairs: Related, shared: Common) -> Evidence:
    """All rows of evidence of some pairs.

    A model's row has the pair's cosine and the rank in the artist's pool; a term's the smaller of both weights. For
    playlists, listeners and pages one row with an empty name counts those in common; the rows after it name some, the
    most telling first, with value 1.
    """
    terms_at = 1 + len(pools.models)
    playlists_at = terms_at + len(facts.term_names)
    parts = [_model_rows(pools, pairs), _named(1, shared.terms, terms_at, weighted=True)]
    parts += [_counted(2, shared.playlists), _named(2, shared.playlists, playlists_at)]
    parts += [_counted(3, shared.listeners), _counted(4, shared.pages)]
    parts += [_named(4, shared.pages, playlists_at + len(facts.playlist_names))]
    rows = np.concatenate(parts)
    rows = rows[np.argsort(rows["pair"], kind="stable")]
    return Evidence(rows["pair"], rows["kind"], rows["name"], rows["value"], rows["rank"])


_ROW = np.dtype([("pair", "i8"), ("kind", "i1"), ("name", "i8"), ("value", "f8"), ("rank", "i4")])


def _rows(
    pair: IdVector, kind: int, name: IdVector | int, value: NDArray[np.floating] | NDArray[np.integer] | float,
    rank: NDArray[np.int32] | int = NO_RANK,
) -> NDArray[np.void]:  # fmt: skip
    rows = np.empty(len(pair), dtype=_ROW)
    rows["pair"], rows["kind"], rows["name"], rows["value"], rows["rank"] = pair, kind, name, value, rank
    return rows


def _model_rows(pools: Pools, pairs: Related) -> NDArray[np.void]:
    cosine, rank = pools.cosine[:, pairs.pair], pools.rank[:, pairs.pair]
    pair, model = np.nonzero(rank.T)
    return _rows(pair, 0, 1 + model, cosine[model, pair], rank[model, pair])


def _named(kind: int, shared: Shared, first: int, *, weighted: bool = False) -> NDArray[np.void]:
    pair, place = np.nonzero(shared.best >= 0)
    value = shared.weight[pair, place] if weighted else np.ones(len(pair))
    return _rows(pair, kind, first + shared.best[pair, place].astype(np.int64), value)


def _counted(kind: int, shared: Shared) -> NDArray[np.void]:
    pair = np.flatnonzero(shared.count)
    return _rows(pair, kind, 0, shared.count[pair])


def lines(pools: Pools, facts: Facts, pairs: Related, shared: Common) -> list[str]:
    """One line of reason for each pair."""
    ranks = pools.rank[:, pairs.pair].T.tolist()
    told = zip(
        shared.terms.best.tolist(), shared.playlists.count.tolist(), shared.playlists.best.tolist(),
        shared.listeners.count.tolist(), shared.pages.count.tolist(), ranks, strict=True,
    )  # fmt: skip
    return [_line(pools.models, facts, *one) for one in told]


def _line(
    models: Sequence[str], facts: Facts, terms: list[int], n_playlists: int, playlists: list[int], n_listeners: int,
    n_pages: int, ranks: list[int],
) -> str:  # fmt: skip
    parts = []
    if shown := [f"“{facts.term_names[term]}”" for term in terms[:3] if term >= 0]:
        parts.append("both " + ", ".join(shown))
    if n_pages:
        parts.append(f"named together on {_many(n_pages, 'page')}")
    if n_playlists:
        parts.append(f"{_many(n_playlists, 'playlist')} in common, such as “{facts.playlist_names[playlists[0]]}”")
    if n_listeners:
        parts.append(f"{_many(n_listeners, 'listener')} in common")
    if not parts:
        near = sorted((rank, model) for rank, model in zip(ranks, models, strict=True) if rank)
        parts.append("near by " + ", ".join(f"{model} (rank {rank})" for rank, model in near))
    return "; ".join(parts)


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
