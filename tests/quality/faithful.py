"""`make quality-faithful`: whether a piece of evidence carries the similarity that it is given for.

For random published pairs, the model that a piece of evidence belongs to is fitted anew without it: als without the
listeners that the two have in common, playlist without the playlists, cultural without the documents a sentence of
which names both, or without the shared terms that are named. The evidence is faithful where that model's similarity for
the pair falls, and falls more than without as many random things of the same kind. A model that no longer knows one of
the two says 0; evidence of a kind whose model never knew both (too few listeners, say) can move no similarity: it is
counted and said.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import typer
from numpy.typing import NDArray
from scipy import sparse

from cf import als, word2vec
from cf.interactions import Interactions, Playlists
from db import listening, read
from db.home import Home
from db.publish import published_artifacts
from db.task import Silent
from db.vectors import Vectors
from ensemble.facts import Incidence
from ensemble.inputs import Inputs, read_inputs, read_quotes
from kinsong import config, show
from kinsong import home as homes
from kinsong.config import Settings
from nlp import cultural
from nlp.company import company
from nlp.usage import read_usage

NOBODY = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Case:
    """One piece of evidence, taken away.

    Attributes:
        kind: of evidence.
        things: how many were taken away.
        before: similarity by the model that all was shown to.
        without: by the one that was not shown the evidence.
        control: by the one that was not shown as many random things.
    """

    kind: str
    things: int
    before: float
    without: float
    control: float

    @property
    def faithful(self) -> bool:
        """Whether it falls, and more than in the control."""
        return self.without < self.before and self.without < self.control


class Refit:
    """The models of a built home, fitted again without some things; places of things are those of `Facts`.

    Args:
        home: a home with a published run.
        settings: those of the run.

    Attributes:
        unknown: pieces of evidence whose model does not know both artists, counted by `cases`.
    """

    def __init__(self, home: Home, settings: Settings) -> None:
        self.settings, self.home = settings, home
        artifacts = published_artifacts(home)
        self.inputs: Inputs = read_inputs(home, artifacts, settings.related.page_artists)
        self.quotes = read_quotes(home, self.inputs, Silent())
        self.related = pq.read_table(artifacts["related"].path / "related.parquet")
        self.evidence = pq.read_table(artifacts["related"].path / "evidence.parquet")
        with home.reading() as session:
            self.listeners, self.canonical = read.listener_ids(session), read.canonical_ids(session)
            self.documents = {text.url: text.id for text in read.texts(session)}
        plays, entries = listening.play_totals(home), listening.playlist_entries(home)
        self.plays = Interactions.from_plays(
            plays, self.listeners, self.canonical, min_listeners=settings.als.min_listeners
        )
        self.entries = entries
        self.playlist_keys = sorted(set(entries["playlist"].to_pylist()))
        path = artifacts["read"].path
        self.counts, self.mentions = pq.read_table(path / "counts.parquet"), pq.read_table(path / "mentions.parquet")
        self.tags = listening.tag_counts(home)
        self._whole: dict[str, Vectors] = {}
        self.unknown = 0

    def rng(self, model: str) -> np.random.Generator:
        """As the build draws it."""
        return np.random.default_rng([self.settings.build.seed, *model.encode()])

    def similarity(self, kind: str, pair: tuple[int, int], left_out: Sequence[int] | NDArray[np.int64]) -> float:
        """The cosine of two artists (ids) by the model of a kind of evidence without some things of that kind."""
        fit: Mapping[str, Callable[[NDArray[np.int64]], Vectors | None]] = {
            "listeners": self.als, "playlists": self.playlist, "sentences": self.without_pages,
            "term": self.without_terms,
        }  # fmt: skip
        gone = np.asarray(left_out, dtype=np.int64)
        if len(gone):
            vectors = fit[kind](gone)
        else:
            if kind not in self._whole:
                whole = fit[kind](gone)
                assert whole is not None
                self._whole[kind] = whole
            vectors = self._whole[kind]
        return 0.0 if vectors is None else _cosine(vectors, pair)

    def als(self, listeners: NDArray[np.int64]) -> Vectors:
        """Without some listeners, whose rows stay, empty: the start of all others is the same."""
        kept = (~np.isin(self.plays.listener_ids, self.listeners[listeners])).astype(np.float32)
        matrix = sparse.csr_matrix(sparse.diags_array(kept) @ self.plays.matrix)
        matrix.eliminate_zeros()
        matrix.sort_indices()
        data = Interactions(self.plays.listener_ids, self.plays.artist_ids, matrix.astype(np.float32))
        return als.fit(data, self.settings.als, self.rng("als")).vectors["artist"]

    def playlist(self, playlists: NDArray[np.int64]) -> Vectors:
        """Without some playlists."""
        gone = pa.array([self.playlist_keys[place] for place in playlists.tolist()], pa.string())
        entries = self.entries.filter(pc.invert(pc.is_in(self.entries["playlist"], gone)))
        data = Playlists.from_entries(entries, self.canonical, min_playlists=self.settings.playlist.min_playlists)
        return word2vec.fit(data, self.settings.playlist, self.rng("playlist")).vectors["artist"]

    def without_pages(self, pages: NDArray[np.int64]) -> Vectors | None:
        """Without some documents."""
        gone = pa.array([self.documents[self.inputs.facts.page_urls[place]] for place in pages.tolist()], pa.int64())
        left = [t.filter(pc.invert(pc.is_in(t["document_id"], gone))) for t in (self.counts, self.mentions)]
        return self._cultural(*left)

    def without_terms(self, terms: NDArray[np.int64]) -> Vectors | None:
        """Without some terms, of whatever kind."""
        gone = pa.array([self.inputs.facts.term_names[place] for place in terms.tolist()], pa.string())
        return self._cultural(self.counts.filter(pc.invert(pc.is_in(self.counts["term"], gone))), self.mentions)

    def _cultural(self, counts: pa.Table, mentions: pa.Table) -> Vectors | None:
        how = self.settings.cultural
        used = read_usage(counts, self.tags, self.canonical, how)
        return cultural.fit(used, how, self.rng("cultural"), company(mentions, self.canonical, how.largest_company))

    def evidence_of(self, pair: tuple[int, int]) -> dict[str, NDArray[np.int64]]:
        """All that is shown as speaking for a published pair, by kind, as places of things."""
        facts = self.inputs.facts
        a, b = (int(np.flatnonzero(self.inputs.artists == artist)[0]) for artist in pair)
        row = pc.and_(pc.equal(self.evidence["artist_id"], pair[0]), pc.equal(self.evidence["related_id"], pair[1]))
        pieces = self.evidence.filter(row)["pieces"].to_pylist()[0]
        counts = {piece["kind"]: piece for piece in pieces if not piece["name"]}
        found = {}
        for kind in ("listeners", "playlists"):
            if kind in counts:
                found[kind] = np.intersect1d(_things(facts.of(kind), a), _things(facts.of(kind), b)).astype(np.int64)  # type: ignore[arg-type]
        quoted = np.intersect1d(_things(self.quotes.table, a), _things(self.quotes.table, b))
        found["sentences"] = np.unique(np.array(self.quotes.pages, dtype=np.int64)[quoted])
        named = [piece["name"] for piece in pieces if piece["kind"] == "term"]
        found["term"] = np.array([facts.term_names.index(name) for name in named], dtype=np.int64)
        return {kind: things for kind, things in found.items() if len(things)}

    def known(self, kind: str, pair: tuple[int, int]) -> bool:
        """Whether the model of a kind of evidence knows both artists."""
        self.similarity(kind, pair, NOBODY)
        return bool((self._whole[kind].rows_of(np.array(pair, dtype=np.int64)) >= 0).all())

    def of_kind(self, kind: str) -> int:
        """How many things of a kind there are."""
        facts = self.inputs.facts
        tables = {"term": facts.terms, "sentences": facts.pages, "listeners": facts.listeners}
        return tables.get(kind, facts.playlists).n_things


MODEL = {"listeners": "als", "playlists": "playlist", "sentences": "cultural", "term": "cultural"}


def _things(table: Incidence, artist: int) -> NDArray[np.int32]:
    return table.things[table.starts[artist] : table.starts[artist + 1]]


def _cosine(vectors: Vectors, pair: tuple[int, int]) -> float:
    rows = vectors.rows_of(np.array(pair, dtype=np.int64))
    if (rows < 0).any():
        return 0.0
    one, other = vectors.matrix[rows].astype(np.float64)
    size = np.linalg.norm(one) * np.linalg.norm(other)
    return float(one @ other / size) if size > 0 else 0.0


def cases(refit: Refit, n_pairs: int, seed: int, n: int, progress: Silent | None = None) -> list[Case]:
    """Each kind of evidence of some random published pairs, taken away.

    Args:
        refit: models of a built home.
        n_pairs: how many pairs.
        seed: of pairs and controls.
        n: how many related artists per artist are shown with evidence.
        progress: where to say how far it is.
    """
    rng = np.random.default_rng(seed)
    shown = refit.related.filter(pc.less_equal(refit.related["rank"], n))
    chosen = np.sort(rng.choice(len(shown), min(n_pairs, len(shown)), replace=False))
    made = []
    for place in (progress or Silent()).track(chosen.tolist(), "pairs", len(chosen)):
        pair = (shown["artist_id"][place].as_py(), shown["related_id"][place].as_py())
        for kind, things in refit.evidence_of(pair).items():
            if not refit.known(kind, pair):
                refit.unknown += 1
                continue
            random = rng.choice(refit.of_kind(kind), len(things), replace=False)
            without, control = (refit.similarity(kind, pair, gone) for gone in (things, random))
            made.append(Case(kind, len(things), refit.similarity(kind, pair, NOBODY), without, control))
    return made


def table(made: Sequence[Case]) -> list[dict[str, object]]:
    """By kind, then all together: how often evidence is faithful, and by how much similarity falls."""
    rows = []
    for kind in [*sorted({case.kind for case in made}), "all"]:
        mine = [case for case in made if kind in (case.kind, "all")]
        rows.append({
            "evidence": kind, "cases": len(mine), "faithful": np.mean([case.faithful for case in mine]),
            "falls": np.mean([case.without < case.before for case in mine]),
            "before": np.median([case.before for case in mine]), "without": np.median([case.without for case in mine]),
            "control": np.median([case.control for case in mine]),
            "things": np.median([case.things for case in mine]),
        })  # fmt: skip
    return rows


def main(
    home: Annotated[Path | None, typer.Option(help="A built home (default: a new demo).")] = None,
    pairs: Annotated[int, typer.Option(help="Published pairs.")] = 60,
    seed: Annotated[int, typer.Option(help="Which ones.")] = 1,
) -> None:
    """Take evidence away and print what that does."""
    from kinsong.cli.app import watched

    with tempfile.TemporaryDirectory() as folder, watched() as progress:
        if home is None:
            from kinsong.demo import run as demonstration

            opened = demonstration.run(Path(folder) / "demo", progress).home
        else:
            opened = homes.open_home(home)
        settings = config.load(opened)
        refit = Refit(opened, settings)
        made = cases(refit, pairs, seed, settings.related.n, progress)
        opened.engine.dispose()
    rows = table(made)
    show.rows(rows, list(rows[0]), show.Format.table, title=f"Evidence of {pairs} random pairs, taken away")
    show.say(f"evidence whose model does not know both artists: {refit.unknown}")
    for case in made:
        if not case.faithful:
            show.say(f"not faithful: {case}")


if __name__ == "__main__":
    typer.run(main)
