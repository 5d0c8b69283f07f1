"""`make quality-text`: neighbours by text alone, judged by tags that the text model does not see. No part of the tests.

Reads FOLDER/bios/artists.jsonl (name, bio, tags), counts terms as a build does, and compares ways to make vectors of
them. An artist's gains are the TF·IDF cosines of its tags with every other artist's; the figure is nDCG at 10 over all
artists with tags, with the paired bootstrap's 95 % of its distance from the first way.
Run as `python -m tests.quality.text_vectors FOLDER`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse
from sklearn.preprocessing import normalize

from kinsong import show
from nlp import cultural
from nlp.about import Config as AboutConfig
from nlp.about import about
from nlp.counts import COUNTS, terms_by_artist
from nlp.folding import name_words
from nlp.language import load
from nlp.language import read as read_texts
from nlp.mentions import Matcher
from nlp.terms import STOP_WORDS
from nlp.usage import TAGS, Usage, read_usage
from nlp.usage import Config as UsageConfig

K = 10
DRAWS = 2000
Judged = NDArray[np.float64]


class Way(NamedTuple):
    """A way to make vectors: what it is, its settings, and whether they are cut to their main directions."""

    name: str
    settings: dict[str, object]
    cut: bool = True


WORDS: dict[str, object] = {"np": 0, "adj": 0}
WAYS = (
    Way("tfidf, words and pairs", WORDS),
    Way("the same, not cut", WORDS, cut=False),
    Way("tfidf, all kinds", {}),
    Way("the same, not cut", {}, cut=False),
    Way("the same, without pairs", {"n2": 0}),
    Way("the same, without noun phrases", {"np": 0}),
    Way("the same, without adjectives", {"adj": 0}),
    Way("the same, without single words", {"n1": 0}),
    Way("the same, four times the length", {"artists_per_dim": 4}),
    Way("gaussian, all kinds", {"weighting": "gaussian"}),
    Way("gaussian, not cut", {"weighting": "gaussian"}, cut=False),
    Way("contrast, all kinds", {"weighting": "contrast"}),
    Way("contrast, not cut", {"weighting": "contrast"}, cut=False),
)


def usage(artists: Sequence[dict[str, str]]) -> Usage:
    """The terms of each artist; its place is its id, and each biography a document."""
    matcher = Matcher([(artist["name"], place) for place, artist in enumerate(artists)])
    own = [frozenset(name_words(artist["name"])) - STOP_WORDS for artist in artists]
    rows = []
    for place, doc in enumerate(read_texts(load(), (artist["bio"] for artist in artists))):
        reading = matcher.read(doc, artists[place]["name"])
        whose = about(doc, reading.mentions, reading.titled, AboutConfig())
        for artist, counted in terms_by_artist(doc, reading, whose, own.__getitem__).items():
            rows += [(place, "bios", artist, kind, term, n) for (kind, term), n in counted.items()]
    table = pa.table(
        [pa.array(column, field.type) for column, field in zip(zip(*rows, strict=True), COUNTS, strict=True)], COUNTS
    )
    return read_usage(table, TAGS.empty_table(), np.arange(len(artists)), UsageConfig())


def gains(tags: Sequence[Sequence[str]]) -> Judged:
    """Cosine of the tags of any two artists, 0 on the diagonal. (n, n)."""
    places: dict[str, int] = {}
    pairs = [
        (row, places.setdefault(t.lower(), len(places))) for row, mine in enumerate(tags) for t in sorted(set(mine))
    ]
    rows, columns = zip(*pairs, strict=True)
    held = sparse.csr_matrix((np.ones(len(pairs)), (rows, columns)), shape=(len(tags), len(places)))
    held.data[:] = 1.0
    frequency = np.asarray(held.sum(axis=0)).ravel()
    weighed = normalize(sparse.csr_matrix(held.multiply(np.log((len(tags) + 1) / frequency))))
    alike: Judged = (weighed @ weighed.T).toarray()
    np.fill_diagonal(alike, 0.0)
    return alike


def ndcg(vectors: Judged, gain: Judged) -> Judged:
    """nDCG at `K` of every artist that has a gain at all."""
    rows = normalize(vectors)
    alike = rows @ rows.T
    np.fill_diagonal(alike, -np.inf)
    best = np.argsort(-alike, axis=1, kind="stable")[:, :K]
    discount = 1 / np.log2(np.arange(2, K + 2))
    ideal = (-np.sort(-gain, axis=1)[:, :K] * discount).sum(axis=1)
    found = (np.take_along_axis(gain, best, axis=1) * discount).sum(axis=1)
    scored: Judged = found[ideal > 0] / ideal[ideal > 0]
    return scored


def vectors(used: Usage, way: Way, n: int) -> Judged:
    """A row for each of n artists; those without terms have zeros."""
    config = cultural.Config.model_validate(way.settings)
    if way.cut:
        fitted = cultural.fit(used, config, np.random.default_rng(1))
        if fitted is None:
            raise SystemExit("the biographies have no term in common")
        ids, matrix = fitted.ids, fitted.matrix.astype(np.float64)
    else:
        ids, terms = cultural.term_matrix(used, config)
        matrix = terms.toarray()
    full = np.zeros((n, matrix.shape[1]))
    full[ids] = matrix
    return full


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    path = parser.parse_args().data / "bios/artists.jsonl"
    artists = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    used, gain = usage(artists), gains([artist["tags"] for artist in artists])
    rng = np.random.default_rng(7)
    judged = [ndcg(vectors(used, way, len(artists)), gain) for way in WAYS]
    draws = rng.integers(0, len(judged[0]), (DRAWS, len(judged[0])))
    rows = []
    for way, scored in zip(WAYS, judged, strict=True):
        low, high = np.quantile((scored - judged[0])[draws].mean(axis=1), [0.025, 0.975])
        rows.append({"vectors": way.name, "nDCG@10": round(scored.mean(), 4), "95 %": f"{low:+.3f} – {high:+.3f}"})
    show.rows(rows, ("vectors", "nDCG@10", "95 %"), show.Format.table, title=f"{len(judged[0])} artists with tags")
    return 0


if __name__ == "__main__":
    sys.exit(main())
