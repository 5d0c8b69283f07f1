import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from sqlalchemy import insert, select

from db.artifacts import Artifact
from db.base import now
from db.catalog import Alias, Artist
from db.home import Home
from db.names import name_key
from db.task import Task
from db.vectors import Vectors
from db.web import Document, Page, Source
from nlp.jobs import CulturalConfig, ReadConfig, TermsConfig, cultural, read, terms
from nlp.language import Config as LanguageConfig
from nlp.terms import KINDS

ARTISTS = ("Calexico", "Motörhead", "Air", "Women", "Radiohead", "Ash Harbour", "Unnamed Nobody")
PAGES = [
    ("a.org/1", "Calexico", "Calexico are a desert rock band. Their dusty trumpets sound like slow twilight."),
    ("a.org/2", "Calexico live", "Dusty trumpets again! Calexico played slow desert rock. Calexico’s drummer sang."),
    ("b.org/1", "Motörhead", "Motorhead played brutal speed metal. The brutal songs of Motörhead have loud guitars."),
    ("b.org/2", "Two bands", "Calexico recorded dusty trumpets. Radiohead recorded icy guitars. It was icy."),
    ("b.org/3", "A list", "For fans of Calexico, Radiohead, Motörhead, the French duo Air and others."),
    ("b.org/4", "Weather", "The air is cold. Women and men wait for icy trains."),
]


def fill(home: Home, pages: Sequence[tuple[str, str, str]] = PAGES, artists: Sequence[str] = ARTISTS, first: int = 1):
    with home.writing() as session:
        source = {"id": 1, "url": "http://a.org/", "kind": "site", "added_at": now()}
        session.execute(insert(Source), [source])
        rows = [{"id": first + i, "name": name, "key": name_key(name)} for i, name in enumerate(artists)]
        session.execute(insert(Artist), rows)
        session.execute(insert(Alias), [{"artist_id": first, "name": "The Tucson Two", "key": "tucson two"}])
        for i, (url, title, body, *language) in enumerate(pages, first):
            host, sha = url.split("/")[0], hashlib.sha256(body.encode()).hexdigest()
            page = {"id": i, "url": url, "host": host, "source_id": 1, "due_at": now()}
            session.execute(insert(Page), [page])
            document = {
                "id": i, "page_id": i, "url": url, "host": host, "title": title, "body": body, "sha256": sha,
                "signature": b"", "fetched_at": now(), "language": language[0] if language else "en",
            }  # fmt: skip
            session.execute(insert(Document), [document])


def run(home: Home, tmp_path: Path, job, config, *rest, inputs=(), name="") -> tuple[dict[str, int], Path]:
    output = tmp_path / (name or job.__name__)
    output.mkdir()
    found = {step: Artifact(tmp_path / step, step, "f", {}) for step in inputs}
    return job(Task(home, found, output, 7), config, *rest), output


def test_documents_become_facts_terms_and_vectors(home, tmp_path):
    fill(home)
    rows, output = run(home, tmp_path, read, ReadConfig(), LanguageConfig())
    counts = pq.read_table(output / "counts.parquet").to_pylist()
    mentions = pq.read_table(output / "mentions.parquet").to_pylist()
    assert rows == {"documents": 6, "mentions": len(mentions), "counts": len(counts)}
    by_pair = {(m["document_id"], m["artist_id"]): m for m in mentions}
    assert by_pair[2, 1]["mentions"] == 3
    assert by_pair[3, 2]["mentions"] == 3
    assert {artist for document, artist in by_pair if document == 5} == {1, 2, 3, 5}
    assert not [pair for pair in by_pair if pair[0] == 6]
    of = {(c["document_id"], c["artist_id"], c["kind"], c["term"]): c["n"] for c in counts}
    assert of[1, 1, "n2", "dusty trumpets"] == 1
    assert of[4, 5, "adj", "icy"] == 2
    assert (4, 1, "adj", "icy") not in of
    assert not [key for key in of if key[0] == 5]
    assert not {"calexico", "motorhead", "motörhead", "air", "radiohead"} & {term for *_, term in of}
    with home.reading() as session:
        scores = dict(session.execute(select(Document.id, Document.musicality)).all())
        reasons = dict(session.execute(select(Document.id, Document.musicality_reasons)).all())
    assert min(scores[i] for i in (1, 2, 3, 4, 5)) > scores[6] == 0
    assert json.loads(reasons[6]) == []
    assert all(0 < share <= 1 and isinstance(word, str) for word, share in json.loads(reasons[1]))

    rows, output = run(home, tmp_path, terms, TermsConfig(min_documents=2), inputs=["read"])
    table = pq.read_table(output / "terms.parquet").to_pylist()
    quotes = pq.read_table(output / "quotes.parquet").to_pylist()
    sentences = {
        (row["document_id"], row["place"]): row["sentence"]
        for row in pq.read_table(output / "sentences.parquet").to_pylist()
    }
    assert rows == {"terms": len(table), "quotes": len(quotes)}
    terms_of = {(t["artist_id"], t["kind"], t["rank"]): t["term"] for t in table}
    for row in quotes:
        term = terms_of[row["artist_id"], row["kind"], row["rank"]]
        assert term in sentences[row["document_id"], row["place"]].lower()
    assert {(row["document_id"], row["place"]) for row in quotes} == set(sentences)
    assert ("n2", 1, "dusty trumpets") in {(t["kind"], t["rank"], t["term"]) for t in table if t["artist_id"] == 1}

    rows, output = run(home, tmp_path, cultural, CulturalConfig(), inputs=["read"])
    vectors = Vectors.load(output, "cultural", "artist")
    assert rows == {"artists": len(vectors), "dim": vectors.dim}
    assert vectors.ids.tolist() == [3, 1, 2, 5]  # 3 stands in a list alone: no terms, but company


def test_an_artists_own_name_is_in_no_table_of_its_own(home, tmp_path):
    said = "Air made cold air songs. The French duo Air record warm air and cold moons. Radiohead recorded cold air."
    fill(home, pages=[(f"{host}.org/1", "Air", said) for host in "abc"])
    run(home, tmp_path, read, ReadConfig(), LanguageConfig())
    held = {(c["artist_id"], c["term"]) for c in pq.read_table(tmp_path / "read" / "counts.parquet").to_pylist()}
    assert {(3, "air"), (5, "air")} <= held
    _, output = run(home, tmp_path, terms, TermsConfig(), inputs=["read"])
    table = pq.read_table(output / "terms.parquet").to_pylist()
    assert "cold moons" in {t["term"] for t in table if t["artist_id"] == 3}
    assert not [t["term"] for t in table if t["artist_id"] == 3 and "air" in t["term"].split()]
    assert "air" in {t["term"] for t in table if t["artist_id"] == 5}


def test_rows_stand_in_the_order_of_urls_artists_kinds_and_terms(home, tmp_path):
    fill(home)
    _, output = run(home, tmp_path, read, ReadConfig(), LanguageConfig())
    counts = pq.read_table(output / "counts.parquet").to_pylist()
    place = {1: 2, 2: 3, 3: 0, 5: 4}
    keys = [(c["document_id"], place[c["artist_id"]], KINDS.index(c["kind"]), c["term"]) for c in counts]
    assert keys == sorted(keys)


def test_ids_and_what_else_is_there_change_nothing(home, tmp_path):
    fill(home, first=900, pages=PAGES[::-1], artists=ARTISTS[::-1])
    _, output = run(home, tmp_path, read, ReadConfig(), LanguageConfig())
    with home.reading() as session:
        names = dict(session.execute(select(Artist.id, Artist.name)).all())
        urls = dict(session.execute(select(Document.id, Document.url)).all())
    rows = pq.read_table(output / "counts.parquet").to_pylist()
    found = [(urls[r["document_id"]], names[r["artist_id"]], r["kind"], r["term"], r["n"]) for r in rows]
    assert [key[:2] for key in found] == sorted((key[:2] for key in found), key=lambda k: (k[0], name_key(k[1])))
    assert ("b.org/2", "Radiohead", "adj", "icy", 2) in found


def test_nothing_to_read_makes_nothing(home, tmp_path):
    fill(home, pages=[])
    assert run(home, tmp_path, read, ReadConfig(), LanguageConfig()) == ({}, tmp_path / "read")
    assert not list((tmp_path / "read").iterdir())
    assert run(home, tmp_path, terms, TermsConfig())[0] == {}
    assert run(home, tmp_path, cultural, CulturalConfig())[0] == {}


def test_pages_that_name_nobody_make_empty_facts(home, tmp_path):
    fill(home, pages=PAGES[5:])
    rows, _ = run(home, tmp_path, read, ReadConfig(), LanguageConfig())
    assert rows == {"documents": 1, "mentions": 0, "counts": 0}
    assert run(home, tmp_path, terms, TermsConfig(), inputs=["read"])[0] == {}
    assert run(home, tmp_path, cultural, CulturalConfig(), inputs=["read"])[0] == {}


def test_other_languages_are_read_without_tags(home, tmp_path):
    german = ("c.org/1", "Calexico", "Calexico spielen staubige Trompeten und die Gitarren klingen langsam.", "de")
    fill(home, pages=[*PAGES, german])
    run(home, tmp_path, read, ReadConfig(), LanguageConfig())
    counts = pq.read_table(tmp_path / "read" / "counts.parquet").to_pylist()
    found = {(c["kind"], c["term"]) for c in counts if c["document_id"] == 7}
    assert ("n2", "staubige trompeten") in found
    assert {kind for kind, _ in found} == {"n1", "n2"}
    assert not {("n1", "und"), ("n1", "die")} & found


def test_the_same_home_gives_the_same_bytes(home, tmp_path):
    fill(home)
    run(home, tmp_path, read, ReadConfig(), LanguageConfig())
    for job, config in ((terms, TermsConfig()), (cultural, CulturalConfig())):
        one = run(home, tmp_path, job, config, inputs=["read"])[1]
        two = run(home, tmp_path, job, config, inputs=["read"], name=f"{job.__name__}2")[1]
        assert [p.read_bytes() for p in sorted(one.iterdir())] == [p.read_bytes() for p in sorted(two.iterdir())]


ODD = (
    "", " ", "\n\n", "word", "x" * 1_000_000, "é" * 1_000_000, "🎸" * 500, "👩\u200d🎤 sang 🎶🎶 " * 500,
    "AIR WOMEN " * 3000, "RADIOHEAD PLAYED ICY SONGS. " * 500, "שלום עולם Radiohead مرحبا بالعالم",
    "Радио Radiohead 東京 ραδιόφωνο रेडियो " * 50,
    "<b>\u200b\x00", "Radiohead\u200b\u2060\ufeff sang\u202e icy\x07 songs\x1b[0m " * 200, "\ufeff\u200d" * 5000,
    "&lt;div class=&quot;x&quot;&gt;Radiohead&nbsp;sang]]&gt; <!-- icy --> {{songs}} [[x|y]] " * 50,
    "a.b.c.d-e-f-" * 9000,
)  # fmt: skip


@pytest.mark.parametrize("body", ODD)
def test_odd_texts_are_read(home, tmp_path, body):
    fill(home, pages=[("a.org/1", body[:200], body)])
    rows, output = run(home, tmp_path, read, ReadConfig(), LanguageConfig())
    assert rows["documents"] == 1
    assert all(c["term"].isprintable() for c in pq.read_table(output / "counts.parquet").to_pylist())


def test_vectors_are_finite(home, tmp_path):
    fill(home)
    run(home, tmp_path, read, ReadConfig(), LanguageConfig())
    _, output = run(home, tmp_path, cultural, CulturalConfig(), inputs=["read"])
    assert np.isfinite(Vectors.load(output, "cultural", "artist").matrix).all()
