"""Reasons: for each published pair what the models and facts say of it, as rows of evidence and as one line.

Nothing is said that is not counted: a line names what the two artists have in common and, where they have nothing but
vectors, which model put them together and at what rank.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.base import IdVector
from ensemble.facts import Facts, Incidence
from ensemble.kernels import best_shared, carried, pair_overlaps
from ensemble.pools import Pools
from ensemble.ranker import Shares
from ensemble.related import Related
from ensemble.sentences import Quotes

TERMS, PLAYLISTS, SENTENCES = 5, 3, 3
"""How many shared terms, playlists and sentences are given."""
SHOWN_TERMS = 3
"""How many terms a line names."""
Choose = Callable[..., None]
"""`best_shared` or `carried`: which of the things that two artists share say most."""


KINDS = ("model", "term", "playlists", "listeners", "sentences", "share")


@dataclass(frozen=True, eq=False)
class Evidence:
    """Pieces of evidence, pair by pair, in the order in which they are told; `db.results.PIECE` says what they mean.

    Attributes:
        starts: int64 (n_pairs + 1,), where the pieces of each pair begin.
        kind: int8 (n,), place in `KINDS`.
        name: int64 (n,), place in what `vocabulary` gives.
        value: float64 (n,).
        rank: int32 (n,), 0 for none.
        back: int32 (n,), 0 for none.
        chance: float64 (n,), NaN for none.
        text: int64 (n,), place in `texts`, -1 for none.
        texts: sentences.
    """

    starts: IdVector
    kind: NDArray[np.int8]
    name: IdVector
    value: NDArray[np.float64]
    rank: NDArray[np.int32]
    back: NDArray[np.int32]
    chance: NDArray[np.float64]
    text: IdVector
    texts: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Shared:
    """What each of some pairs has in common.

    Attributes:
        count: int32 (n_pairs,), how many things.
        chance: float64 (n_pairs,), how many it would be if each artist's were dealt anew: n_a · n_b / N of N.
        best: int32 (n_pairs, limit), which say most, -1 for none.
        weight: float32 (n_pairs, limit), how much each of them says.
    """

    count: NDArray[np.int32]
    chance: NDArray[np.float64]
    best: NDArray[np.int32]
    weight: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Common:
    """All that some pairs have in common, kind by kind."""

    terms: Shared
    playlists: Shared
    listeners: Shared
    sentences: Shared


def common(facts: Facts, quotes: Quotes, pairs: Related) -> Common:
    """What each pair has in common."""
    return Common(
        _shared(facts.terms, pairs, TERMS, carried), _shared(facts.playlists, pairs, PLAYLISTS),
        _shared(facts.listeners, pairs, 0), _shared(quotes.table, pairs, SENTENCES),
    )  # fmt: skip


def _shared(table: Incidence, pairs: Related, limit: int, choose: Choose = best_shared) -> Shared:
    count = np.zeros(len(pairs.artist), dtype=np.int32)
    best = np.full((len(count), limit), -1, dtype=np.int32)
    weight = np.zeros((len(count), limit), dtype=np.float32)
    pair_overlaps(table.starts, table.things, pairs.artist, pairs.related, count)
    if limit:
        choose(table.starts, table.things, table.weights, pairs.artist, pairs.related, best, weight)
    degree, n = table.degree.astype(np.float64), max(len(np.unique(table.things)), 1)
    return Shared(count, degree[pairs.artist] * degree[pairs.related] / n, best, weight)


def vocabulary(pools: Pools, facts: Facts, columns: tuple[str, ...] = ()) -> tuple[str, ...]:
    """All names that evidence may have: the empty one, models, terms, playlist names, page URLs, features."""
    return ("", *pools.models, *facts.term_names, *facts.playlist_names, *facts.page_urls, *columns)


def evidence(
    pools: Pools, facts: Facts, pairs: Related, shared: Common, quotes: Quotes,
    shares: Shares | None = None,
) -> Evidence:  # fmt: skip
    """All pieces of evidence of some pairs.

    Args:
        pools: what the models say.
        facts: what artists have.
        pairs: whose evidence.
        shared: what they have in common.
        quotes: the sentences among it.
        shares: of the ranker, where it serves.
    """
    terms_at = 1 + len(pools.models)
    playlists_at = terms_at + len(facts.term_names)
    pages_at = playlists_at + len(facts.playlist_names)
    parts = [_model_rows(pools, pairs), _named(1, shared.terms, terms_at, weighted=True)]
    playlists = _telling(shared.playlists)
    parts += [_counted(2, playlists), _named(2, playlists, playlists_at)]
    parts += [_counted(3, _telling(shared.listeners)), _counted(4, shared.sentences)]
    parts.append(_sentence_rows(shared.sentences, pages_at, quotes))
    if shares is not None:
        parts.append(_share_rows(shares, pages_at + len(facts.page_urls)))
    rows = np.concatenate(parts)
    rows = rows[np.argsort(rows["pair"], kind="stable")]
    starts = np.searchsorted(rows["pair"], np.arange(len(pairs.artist) + 1)).astype(np.int64)
    return Evidence(
        starts, rows["kind"], rows["name"], rows["value"], rows["rank"], rows["back"], rows["chance"], rows["text"],
        quotes.texts,
    )  # fmt: skip


_ROW = np.dtype([
    ("pair", "i8"), ("kind", "i1"), ("name", "i8"), ("value", "f8"), ("rank", "i4"), ("back", "i4"), ("chance", "f8"),
    ("text", "i8"),
])  # fmt: skip


def _rows(
    pair: IdVector, kind: int, name: IdVector | int, value: NDArray[np.floating] | NDArray[np.integer] | float
) -> NDArray[np.void]:
    rows = np.zeros(len(pair), dtype=_ROW)
    rows["pair"], rows["kind"], rows["name"], rows["value"] = pair, kind, name, value
    rows["chance"], rows["text"] = np.nan, -1
    return rows


def _model_rows(pools: Pools, pairs: Related) -> NDArray[np.void]:
    rank, back = pools.rank[:, pairs.pair], pools.back[pairs.pair]
    pair, model = np.nonzero(rank.T)
    rows = _rows(pair, 0, 1 + model, pools.cosine[model, pairs.pair[pair]])
    rows["rank"] = rank[model, pair]
    rows["back"] = np.where(back[pair] >= 0, pools.rank[model, back[pair]], 0)
    return rows


def _named(kind: int, shared: Shared, first: int, *, weighted: bool = False) -> NDArray[np.void]:
    pair, place = np.nonzero(shared.best >= 0)
    value = shared.weight[pair, place] if weighted else np.ones(len(pair))
    return _rows(pair, kind, first + shared.best[pair, place].astype(np.int64), value)


def _counted(kind: int, shared: Shared) -> NDArray[np.void]:
    pair = np.flatnonzero(shared.count)
    rows = _rows(pair, kind, 0, shared.count[pair])
    rows["chance"] = shared.chance[pair]
    return rows


def _telling(shared: Shared) -> Shared:
    """Without those of pairs that have no more in common than chance would give: they speak for nothing."""
    beyond = shared.count > shared.chance
    best = np.where(beyond[:, None], shared.best, -1)
    return Shared(np.where(beyond, shared.count, 0).astype(np.int32), shared.chance, best, shared.weight)


def _sentence_rows(shared: Shared, first: int, quotes: Quotes) -> NDArray[np.void]:
    """The name is the page's, the text the sentence's."""
    rows = _named(4, shared, 0)
    rows["text"] = rows["name"]
    if len(rows):
        rows["name"] = first + np.array(quotes.pages, dtype=np.int64)[rows["text"]]
    return rows


def _share_rows(shares: Shares, first: int) -> NDArray[np.void]:
    n_pairs, n_columns = shares.matrix.shape
    names = np.append(first + np.arange(n_columns - 1), 0)
    rows = _rows(np.repeat(np.arange(n_pairs), n_columns), 5, np.tile(names, n_pairs), shares.matrix.ravel())
    return np.asarray(rows[(rows["value"] != 0) | (rows["name"] == 0)])


def lines(pools: Pools, facts: Facts, pairs: Related, shared: Common) -> list[str]:
    """One line of reason for each pair. What is no more than chance would give is no reason."""
    told = zip(
        shared.terms.best[:, :SHOWN_TERMS].tolist(), _telling(shared.playlists).count.tolist(),
        shared.playlists.best[:, 0].tolist(), _telling(shared.listeners).count.tolist(),
        shared.sentences.count.tolist(), strict=True,
    )  # fmt: skip
    names = [f"“{name}”" for name in facts.term_names]
    made = [_line(names, facts.playlist_names, *one) for one in told]
    for place, line in enumerate(made):
        if not line:
            made[place] = _near(pools.models, pools.rank[:, pairs.pair[place]].tolist())
    return made


def _line(
    names: Sequence[str], lists: Sequence[str], terms: list[int], n_playlists: int, playlist: int, n_listeners: int,
    n_sentences: int,
) -> str:  # fmt: skip
    """What the two have in common; empty where that is nothing."""
    parts = []
    if terms[0] >= 0:
        parts.append("both " + ", ".join([names[term] for term in terms if term >= 0]))
    if n_sentences:
        parts.append(f"named together in {_many(n_sentences, 'sentence')}")
    if n_playlists:
        parts.append(f"{_many(n_playlists, 'playlist')} in common, such as “{lists[playlist]}”")
    if n_listeners:
        parts.append(f"{_many(n_listeners, 'listener')} in common")
    return "; ".join(parts)


def _near(models: Sequence[str], ranks: list[int]) -> str:
    near = sorted((rank, model) for rank, model in zip(ranks, models, strict=True) if rank)
    return "near by " + ", ".join(f"{model} (rank {rank})" for rank, model in near)


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
