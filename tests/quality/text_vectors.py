"""`make quality-text`: neighbours by text alone, judged by tags that the text model does not see. No part of the tests.

Reads FOLDER/bios/artists.jsonl (name, bio, tags), counts terms as a build does, and compares ways to make vectors of
them. An artist's gains are the TF·IDF cosines of its tags with every other artist's; the figure is nDCG at 10 over all
artists with tags, with the paired bootstrap's 95 % of its distance from the first way, and the mean distance over
random subsets of the artists, whose terms are counted and cut anew, with its standard error and how many were won.
Run as `python -m tests.quality.text_vectors FOLDER`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from db.read import Text
from kinsong import show
from nlp import cultural
from nlp.company import Company, company
from nlp.counts import Facts as Written
from nlp.language import Config as LanguageConfig
from nlp.reader import Catalogue, Reader, read_all
from nlp.reader import Config as ReadConfig
from nlp.usage import TAGS, Usage, read_usage

K = 10
DRAWS = 2000
PLAIN = (16, 8, 4)
"""Artists for each direction of plain vectors."""
Judged = NDArray[np.float64]


class Way(NamedTuple):
    """A way to make vectors: what it is, its settings, and whether they are cut to their main directions."""

    name: str
    settings: dict[str, object]
    cut: bool = True


WAYS = (
    Way("the default", {}),
    Way("without further directions", {"further": 0}),
    Way("further directions count whole", {"further_weight": 1.0}),
    Way("not cut to directions", {}, cut=False),
    Way("without idf_floor", {"idf_floor": 0.0}),
    Way("at most 5 of a term per document", {"most_per_document": 5}),
    Way("without company", {"company": 0}),
    Way("without pairs", {"n2": 0}),
    Way("without single words", {"n1": 0}),
    Way("words and pairs alone", {"np": 0, "adj": 0}),
    Way("noun phrases whole", {"np": 1}),
    Way("gaussian", {"weighting": "gaussian"}),
    Way("contrast", {"weighting": "contrast"}),
    Way("as before: np 1, floor 0, 5 per document, no further", {
        "np": 1, "idf_floor": 0.0, "most_per_document": 5, "further": 0,
    }),
)  # fmt: skip


class Facts(NamedTuple):
    """What the biographies say; an artist's place is its id and that of its biography."""

    counts: pa.Table
    mentions: pa.Table

    def of(self, ids: Sequence[int]) -> tuple[dict[int, Usage], Company]:
        """What the biographies of these artists alone say of each other."""
        kept = pa.array(ids, pa.int64())
        counts, mentions = (
            table.filter(pc.and_(pc.is_in(table["artist_id"], kept), pc.is_in(table["document_id"], kept)))
            for table in self
        )
        canonical = np.array(ids, dtype=np.int64)
        largest = cultural.Config().largest_company
        caps = {settings.get("most_per_document", cultural.Config().most_per_document) for _, settings, _ in WAYS}
        empty = TAGS.empty_table()
        used = {
            cap: read_usage(counts, empty, canonical, cultural.Config(most_per_document=cap)) for cap in sorted(caps)
        }
        return used, company(mentions, canonical, largest)


def facts(artists: Sequence[dict[str, str]], folder: Path) -> Facts:
    """The facts that a build would make of the biographies."""
    places = {place: place for place in range(len(artists))}
    catalogue = Catalogue([(artist["name"], place) for place, artist in enumerate(artists)], {}, places)
    bodies = [
        Text(place, str(place), "bios", artist["name"], artist["bio"], "en", "") for place, artist in enumerate(artists)
    ]
    with Written(folder) as written:
        for batch, read in read_all(Reader(catalogue, ReadConfig(processes=1), LanguageConfig()), bodies, len(bodies)):
            ids, hosts = [text.id for text in batch], [text.host for text in batch]
            written.add(ids, hosts, read.column("counts"), read.column("mentions"))
    return Facts(*(pq.read_table(folder / f"{name}.parquet") for name in Facts._fields))


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


def vectors(used: dict[int, Usage], beside: Company, way: Way) -> Judged:
    """A row for each artist; those without terms have zeros."""
    config = cultural.Config.model_validate(way.settings)
    mine = used[config.most_per_document]
    if way.cut:
        fitted = cultural.fit(mine, config, np.random.default_rng(1), beside)
        if fitted is None:
            raise SystemExit("the biographies have no term in common")
        ids, matrix = fitted.ids, fitted.matrix.astype(np.float64)
    else:
        ids, terms = cultural.with_company(*cultural.term_matrix(mine, config), beside, config.company)
        matrix = terms.toarray()
    full = np.zeros((len(beside.ids), matrix.shape[1]))
    full[np.searchsorted(beside.ids, ids)] = matrix
    return full


def plain(bodies: Sequence[str], dim: int) -> Judged:
    """What anyone would try first: TF·IDF of words and pairs by scikit-learn, cut by a truncated SVD."""
    counted = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, stop_words="english", min_df=2)
    found: Judged = TruncatedSVD(dim, random_state=1).fit_transform(counted.fit_transform(bodies))
    return found


def judged(found: Facts, bodies: Sequence[str], gain: Judged, ids: Sequence[int]) -> list[Judged]:
    """Of every way, the plain ones last, the nDCG of each of these artists, who are all there are."""
    used, beside = found.of(ids)
    mine = [bodies[place] for place in ids]
    made = [*(vectors(used, beside, way) for way in WAYS), *(plain(mine, len(ids) // each) for each in PLAIN)]
    return [ndcg(rows, gain[np.ix_(ids, ids)]) for rows in made]


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--subsets", type=int, default=12)
    parser.add_argument("--of", type=int, default=150, help="artists of a subset")
    options = parser.parse_args()
    path = options.data / "bios/artists.jsonl"
    artists = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    bodies = [artist["bio"] for artist in artists]
    gain = gains([artist["tags"] for artist in artists])
    rng = np.random.default_rng(7)
    with tempfile.TemporaryDirectory() as folder:
        found = facts(artists, Path(folder))
    whole = judged(found, bodies, gain, range(len(artists)))
    picked = [np.sort(rng.choice(len(artists), options.of, replace=False)).tolist() for _ in range(options.subsets)]
    means = np.array([[scored.mean() for scored in judged(found, bodies, gain, ids)] for ids in picked])
    draws = rng.integers(0, len(whole[0]), (DRAWS, len(whole[0])))
    rows = []
    names = [*(way.name for way in WAYS), *(f"plain, a direction for every {each} artists" for each in PLAIN)]
    for number, (name, scored) in enumerate(zip(names, whole, strict=True)):
        low, high = np.quantile((scored - whole[0])[draws].mean(axis=1), [0.025, 0.975])
        gained = means[:, number] - means[:, 0]
        error = gained.std() / np.sqrt(len(gained))
        rows.append({
            "vectors": name, "nDCG@10": round(scored.mean(), 4), "95 %": f"{low:+.3f} – {high:+.3f}",
            "subsets": f"{gained.mean():+.4f} ± {error:.4f}", "won": f"{np.count_nonzero(gained > 0)}/{len(gained)}",
        })  # fmt: skip
    columns = ("vectors", "nDCG@10", "95 %", "subsets", "won")
    show.rows(rows, columns, show.Format.table, title=f"{len(whole[0])} artists with tags")
    return 0


if __name__ == "__main__":
    sys.exit(main())
