"""A home with published runs, made without the steps that would: artefacts of every kind, in a fraction of a second.

Run k says k everywhere: in every reason, evidence, term, sentence, score and vector. An answer that mixes two runs so
gives itself away.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from crawlers.duplicates import signature
from db import integrity, publish
from db.artifacts import Artifact, building, open_artifact
from db.base import now
from db.catalog import Artist
from db.home import Home
from db.imports import import_file
from db.publish import Report
from db.results import Run
from db.vectors import Vectors
from db.web import Document, Page, Source
from ensemble.dials import Surroundings, surroundings
from ensemble.index import Config as IndexConfig
from ensemble.index import build_indexes
from ensemble.ranker import RANKER_FILE
from ensemble.tables import EVIDENCE, RELATED
from kinsong import home as homes

ARTISTS = 150
DIM = 16
N = 5
"""Related artists of each."""
MODELS = ("als", "cultural", "playlist")
COLUMNS = ("als", "fused")


def name_of(place: int) -> str:
    return f"Artist {place:03}"


def make_home(path: Path, url: str | None = None, artists: int = ARTISTS) -> Home:
    """A home with a catalogue, plays, a document about each artist, and nothing published."""
    home, _ = homes.create(path, url)
    rng = np.random.default_rng(0)
    rows = ["listener\tartist\tplays"]
    for listener in range(40):
        rows += [f"listener{listener}\t{name_of(a)}\t{rng.integers(1, 99)}" for a in rng.choice(artists, 12, False)]
    rows += [f"everybody\t{name_of(a)}\t1" for a in range(artists)]
    plays = path.parent / f"{path.name}-plays.tsv"
    plays.write_text("\n".join(rows) + "\n")
    import_file(home, "plays", plays)
    names = [name_of(place) for place in range(artists)]
    add_documents(home, [f"http://a.test/{place}" for place in range(artists)], names)
    return home


def add_documents(home: Home, urls: list[str], titles: list[str]) -> None:
    """A page for each URL, as a crawl would have left it."""
    with home.writing() as session:
        source = Source(url="http://a.test/", kind="site", added_at=now())
        session.add(source)
        session.flush()
        for url, title in zip(urls, titles, strict=True):
            body = f"{title} plays."
            page = Page(url=url, host="a.test", source_id=source.id, state="done", due_at=now())
            session.add(page)
            session.flush()
            session.add(Document(
                page_id=page.id, url=url, host="a.test", title=title, body=body, language="en",
                signature=signature(f"{url} {title}"),
                sha256=hashlib.sha256(f"{title}\n{body}".encode()).hexdigest(), fetched_at=now(),
            ))  # fmt: skip


def ids_of(home: Home) -> np.ndarray:
    with home.reading() as session:
        return np.array([a.id for a in session.query(Artist).order_by(Artist.key)], dtype=np.int64)


def make_run(home: Home, k: int, *, n: int = N, dim: int = DIM, told: bool = True) -> int:
    """Make every artefact of run k and publish it; the run's id. `told`: what tables hold is written down."""
    ids = ids_of(home)
    artifacts = {step: _made(home, step, k, fill(ids, k, dim)) for step, fill in STEPS.items()}
    reports = [Report(step, one.fingerprint, False, 0.1, 1.0, {"k": k}) for step, one in artifacts.items()]
    run_id, _ = publish.publish(home, artifacts, reports, n=n, served_by=f"run {k}", started=now())
    if told:
        integrity.remember(home, run_id)
    return run_id


def fingerprint(step: str, k: int) -> str:
    return hashlib.sha256(f"{step} {k}".encode()).hexdigest()


def _made(home: Home, step: str, k: int, fill: Callable[[Path], None]) -> Artifact:
    facts: dict[str, object] = {"rows": {"k": k}}
    with building(home.artifacts, step, fingerprint(step, k), facts) as folder:
        fill(folder)
    made = open_artifact(home.artifacts, step, fingerprint(step, k))
    assert made is not None
    return made


def vectors_of(ids: np.ndarray, k: int, model: str, dim: int = DIM) -> Vectors:
    """Artists on a circle that starts at another angle in each run: neighbours by place, coordinates by run."""
    rng = np.random.default_rng([k, MODELS.index(model)])
    basis = np.linalg.qr(rng.standard_normal((dim, 2)))[0]
    angle = 2 * np.pi * np.arange(len(ids)) / len(ids) + k
    matrix = np.stack([np.cos(angle), np.sin(angle)], axis=1) @ basis.T
    return Vectors(model, "artist", ids, matrix.astype(np.float32))


def _space(model: str) -> Callable[[np.ndarray, int, int], Callable[[Path], None]]:
    def at(ids: np.ndarray, k: int, dim: int) -> Callable[[Path], None]:
        def fill(folder: Path) -> None:
            vectors_of(ids, k, model, dim).save(folder)
            if model == "als":
                listeners = np.random.default_rng(k).standard_normal((41, dim)).astype(np.float32)
                Vectors(model, "listener", np.arange(1, 42, dtype=np.int64), listeners).save(folder)

        return fill

    return at


def _index(ids: np.ndarray, k: int, dim: int) -> Callable[[Path], None]:
    models = [vectors_of(ids, k, model, dim) for model in MODELS]
    return lambda folder: build_indexes(models, IndexConfig(trees=4, recall=0.5), 1, folder) and None


def _related(ids: np.ndarray, k: int, dim: int) -> Callable[[Path], None]:
    def fill(folder: Path) -> None:
        near = [(a, rank, (a + k + rank) % len(ids)) for a in range(len(ids)) for rank in range(1, N + 1)]
        columns = [
            [int(ids[a]) for a, _, _ in near], pa.array([r for _, r, _ in near], pa.int32()),
            [int(ids[b]) for *_, b in near], pa.array([1 / (r + k) for _, r, _ in near], pa.float32()),
            [0.5] * len(near), [f"run {k}"] * len(near),
        ]  # fmt: skip
        pq.write_table(pa.table(columns, schema=RELATED), folder / "related.parquet")
        piece = {"kind": "model", "name": f"run {k}", "value": float(k), "rank": 1, "back": 2, "chance": None,
                 "text": f"sentence of run {k}"}  # fmt: skip
        pieces = [[piece] for _ in near]
        pq.write_table(pa.table([columns[0], columns[2], pieces], schema=EVIDENCE), folder / "evidence.parquet")
        all_of(ids, k, dim).save(folder)
        (folder / RANKER_FILE).write_text(ranker_text(k), encoding="utf-8")
        (folder / "report.json").write_text(json.dumps({"served_by": f"run {k}"}), encoding="utf-8")

    return fill


def all_of(ids: np.ndarray, k: int, dim: int) -> Surroundings:
    return surroundings([vectors_of(ids, k, model, dim) for model in MODELS], ids, np.full(len(ids), k, np.float32))


def ranker_text(k: int) -> str:
    """A small model of LightGBM's."""
    import lightgbm

    rng = np.random.default_rng(k % 4)  # a few are enough, and training one takes longer than the rest
    if k % 4 not in _RANKERS:
        rows = rng.random((200, len(COLUMNS)))
        data = lightgbm.Dataset(rows, rows.sum(axis=1), feature_name=list(COLUMNS))
        parameters = {"verbosity": -1, "num_leaves": 7, "num_threads": 1, "min_data_in_leaf": 5}
        _RANKERS[k % 4] = lightgbm.train(parameters, data, 8).model_to_string()
    return _RANKERS[k % 4]


_RANKERS: dict[int, str] = {}


def _terms(ids: np.ndarray, k: int, dim: int) -> Callable[[Path], None]:
    def fill(folder: Path) -> None:
        n = len(ids)
        terms = {"artist_id": ids, "kind": ["n1"] * n, "rank": pa.array([1] * n, pa.int32()),
                 "term": [f"term of run {k}"] * n, "weight": [float(k)] * n}  # fmt: skip
        pq.write_table(pa.table(terms), folder / "terms.parquet")
        quotes = {"artist_id": ids, "kind": ["n1"] * n, "rank": pa.array([1] * n, pa.int32()),
                  "document_id": np.arange(1, n + 1), "place": pa.array([0] * n, pa.int32())}  # fmt: skip
        pq.write_table(pa.table(quotes), folder / "quotes.parquet")
        lines = {"document_id": np.arange(1, n + 1), "place": pa.array([0] * n, pa.int32()),
                 "sentence": [f"sentence of run {k}"] * n}  # fmt: skip
        pq.write_table(pa.table(lines), folder / "sentences.parquet")

    return fill


def _read(ids: np.ndarray, k: int, dim: int) -> Callable[[Path], None]:
    def fill(folder: Path) -> None:
        n = len(ids)
        mentions = {"document_id": np.arange(1, n + 1), "artist_id": ids,
                    "mentions": pa.array([k] * n, pa.int32()), "confidence": [0.5] * n}  # fmt: skip
        pq.write_table(pa.table(mentions), folder / "mentions.parquet")

    return fill


STEPS = {**{model: _space(model) for model in MODELS}, "index": _index, "related": _related, "terms": _terms,
         "read": _read}  # fmt: skip


def names_of(run: Run) -> set[str]:
    """The folders of a run's artefacts."""
    return set(json.loads(run.artifacts).values())
