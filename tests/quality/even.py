"""A catalogue in which every artist has listeners, playlists and a text, which the real data do not hold.

Of the artists with three listeners, three playlists and 20 tag assignments, each assignment is dealt to one of two
halves by a coin. One half judges: the 10 nearest artists by TF·IDF cosine of its tags are what is to be found. Of the
other half each artist has a made-up text: some TOKENS words, of which all but a part NOISE are tags of that half; and
its page names a few others, half of them right ones. Plays and playlists are real, cultural vectors come from the real
model. The two halves share nobody's assignment but the artist's own taste, as a writer and a tagger do.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse
from sklearn.preprocessing import normalize

from db.listening import tag_counts
from db.search import leads
from ensemble.facts import Facts, Incidence
from ensemble.inputs import Inputs, read_facts, read_inputs
from nlp import cultural
from nlp.counts import COUNTS
from nlp.usage import read_usage

if TYPE_CHECKING:
    from db.artifacts import Artifact
    from db.home import Home
    from db.vectors import Vectors
    from ensemble.labels import Labels

LEAST, ASSIGNMENTS, LISTED = 3, 20, 10
TOKENS, SPREAD, NOISE, VOCABULARY = 80, 0.7, 0.6, 3000
"""Words of a text (median, and the deviation of its logarithm), their part that says nothing, and of how many words."""
Words = Mapping[str, int]


def even(home: Home, artifacts: Mapping[str, Artifact], data: Path, seed: int) -> tuple[Inputs, Labels]:
    """What the ensemble reads of that catalogue, and the lists that judge it, by catalogue position.

    Args:
        home: built from plays and playlists.
        artifacts: of its published run.
        data: the folder with lastfm-2k/tags.tsv.
        seed: of halves and texts.
    """
    rng = np.random.default_rng(seed)
    whole = read_inputs(home, artifacts, page_artists=50)
    tags = _tags(home, data / "lastfm-2k/tags.tsv")
    known = np.minimum(whole.facts.listeners.degree, whole.facts.playlists.degree) >= LEAST
    chosen = [a for a in whole.artists[known].tolist() if sum(tags[a].values()) >= ASSIGNMENTS]
    artists = np.array(chosen, dtype=np.int64)
    heads = [{tag: int(rng.binomial(n, 0.5)) for tag, n in tags[artist].items()} for artist in chosen]
    both = zip(chosen, heads, strict=True)
    tails = [{tag: n - head[tag] for tag, n in tags[artist].items()} for artist, head in both]
    judged = nearest(heads)
    texts = [_text(tail, rng) for tail in tails]
    vectors = [one for one in whole.vectors if one.model != "cultural"]
    vectors.append(_cultural(home, artists, texts, seed))
    facts = _facts(read_facts(home, artifacts, artists, page_artists=50), texts, judged, rng)
    return Inputs(tuple(sorted(vectors, key=lambda one: one.model)), artists, facts, ()), judged


def _tags(home: Home, path: Path) -> Mapping[int, Words]:
    with home.reading() as session:
        lead = leads(session)
    tags: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        name, tag, count = line.split("\t")
        if (artist := lead(name)) is not None:
            tags[artist][tag] += int(count)
    return tags


def nearest(bags: Sequence[Words]) -> Labels:
    """The nearest of each bag of words by TF·IDF cosine, of equal ones the first; nobody with nothing in common."""
    rows, columns, values, place = [], [], [], dict[str, int]()
    for number, bag in enumerate(bags):
        for word, n in bag.items():
            if n:
                rows.append(number)
                columns.append(place.setdefault(word, len(place)))
                values.append(1 + np.log(n))
    matrix = sparse.csr_matrix((values, (rows, columns)), shape=(len(bags), len(place)))
    spread = np.bincount(matrix.indices, minlength=len(place))
    unit = normalize(matrix @ sparse.diags_array(np.log(len(bags) / spread)))
    alike = (unit @ unit.T).toarray()
    np.fill_diagonal(alike, 0)
    order = np.argsort(-alike, axis=1, kind="stable")[:, :LISTED]
    found = {a: {b: 1.0 for b in row if alike[a, b] > 0} for a, row in enumerate(order.tolist())}
    return {artist: row for artist, row in found.items() if row}


def _text(tags: Words, rng: np.random.Generator) -> Words:
    length = max(5, int(rng.lognormal(np.log(TOKENS), SPREAD)))
    words: Counter[str] = Counter()
    own = rng.binomial(length, 1 - NOISE) if sum(tags.values()) else 0
    if own:
        share = np.array(list(tags.values()), dtype=np.float64) ** 0.7
        words.update(f"tag {word}" for word in rng.choice(list(tags), own, p=share / share.sum()).tolist())
    words.update(f"word {number}" for number in (rng.zipf(1.3, length - own) % VOCABULARY).tolist())
    return words


def _cultural(home: Home, artists: NDArray[np.int64], texts: Sequence[Words], seed: int) -> Vectors:
    facts = [(number, "host", artist, "n1", word, n) for number, (artist, text) in
             enumerate(zip(artists.tolist(), texts, strict=True)) for word, n in text.items()]  # fmt: skip
    names = ("document_id", "host", "artist_id", "kind", "term", "n")
    columns = dict(zip(names, zip(*facts, strict=True), strict=True))
    counts = pa.table({field.name: pa.array(columns[field.name], field.type) for field in COUNTS})
    used = read_usage(counts, tag_counts(home).slice(0, 0), artists, cultural.Config())
    vectors = cultural.fit(used, cultural.Config(), np.random.default_rng(seed))
    if vectors is None:
        raise ValueError("no text has anything in common with another")
    return vectors


def _facts(facts: Facts, texts: Sequence[Words], judged: Labels, rng: np.random.Generator) -> Facts:
    n = len(texts)
    named = [(page, page) for page in range(n)]
    for page in range(n):
        for _ in range(rng.poisson(1.0)):
            right = rng.random() < 0.5 and page in judged
            named.append((int(rng.choice(list(judged[page]))) if right else int(rng.integers(n)), page))
    place: dict[str, int] = {}
    terms = [(artist, place.setdefault(word, len(place)), n) for artist, text in enumerate(texts)
             for word, n in text.items()]  # fmt: skip
    artist, thing, weight = np.array(terms, dtype=np.int64).T
    pages = Incidence.of(n, *np.array(named, dtype=np.int64).T)
    return replace(facts, pages=pages, terms=Incidence.of(n, artist, thing, weight.astype(np.float64)))
