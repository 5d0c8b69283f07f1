from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from db.base import now
from db.catalog import Artist
from db.errors import NotBuilt
from db.results import (
    ArtistTerm,
    NeverSuggest,
    NeverSuggestArtist,
    PackedEvidence,
    Published,
    QuotedSentence,
    RelatedArtist,
    Run,
    TermQuote,
)
from db.web import Document, Page, Source
from ensemble import query

if TYPE_CHECKING:
    from db.home import Home


@pytest.fixture
def published(home: Home) -> Home:
    """Two runs; the first is published."""
    with home.writing() as session:
        session.add_all(Artist(id=i, name=f"Artist {i}", key=f"artist {i}") for i in range(1, 5))
        session.add_all(Run(id=i, started_at=now()) for i in (1, 2))
        session.flush()
        for run, order in ((1, (2, 3, 4)), (2, (4, 3, 2))):
            for rank, other in enumerate(order, start=1):
                session.add(
                    RelatedArtist(run_id=run, artist_id=1, rank=rank, related_id=other, score=1 / rank, reason="r")
                )
                pieces = json.dumps([["model", "als", 0.5, rank, 7, None, None]])
                session.add(PackedEvidence(run_id=run, artist_id=1, related_id=other, pieces=pieces))
                session.add(
                    ArtistTerm(run_id=run, artist_id=1, kind="n1", rank=rank, term=f"word{run}{rank}", weight=0.5)
                )
            session.add(ArtistTerm(run_id=run, artist_id=1, kind="adj", rank=1, term="blue", weight=0.1))
        session.add(Published(id=1, run_id=1, n=2))
    return home


def test_only_the_published_run_is_seen(published: Home) -> None:
    with published.reading() as session:
        rows = query.related(session, 1)
        assert [(row.rank, row.artist_id, row.name) for row in rows] == [(1, 2, "Artist 2"), (2, 3, "Artist 3")]
        assert [row.artist_id for row in query.related(session, 1, 3)] == [2, 3, 4]
        assert query.related(session, 2) == []


def test_evidence_by_related_artist(published: Home) -> None:
    with published.reading() as session:
        told = query.why(session, 1, [3, 9])
    assert told == {3: [query.Evidence("model", "als", 0.5, 2, 7)], 9: []}


def test_what_is_never_to_be_suggested_is_left_out_at_once(published: Home) -> None:
    with published.writing() as session:
        session.add(NeverSuggest(id=1, kind="artist", name="Artist 2", added_at=now()))
        session.flush()
        session.add(NeverSuggestArtist(never_id=1, artist_id=2))
    with published.reading() as session:
        assert [(row.rank, row.artist_id) for row in query.related(session, 1)] == [(2, 3), (3, 4)]


def test_terms_kind_by_kind(published: Home) -> None:
    with published.reading() as session:
        found = query.terms(session, 1, 2)
        assert [(row.kind, row.rank, row.term) for row in found] == [
            ("adj", 1, "blue"), ("n1", 1, "word11"), ("n1", 2, "word12"),
        ]  # fmt: skip
        assert [row.kind for row in query.terms(session, 1, 5, ["adj"])] == ["adj"]


def test_what_two_artists_share_and_what_sets_them_apart(published: Home) -> None:
    weights = {2: {"loud": 0.5, "warm": 0.4, "dry": 0.1}, 3: {"warm": 0.6, "dry": 0.3, "icy": 0.2}}
    with published.writing() as session:
        for artist_id, terms in weights.items():
            for rank, (term, weight) in enumerate(terms.items(), start=1):
                session.add(
                    ArtistTerm(run_id=1, artist_id=artist_id, kind="adj", rank=rank, term=term, weight=weight)
                )
    with published.reading() as session:
        found = query.compare(session, 2, 3, 10)
        assert query.compare(session, 3, 2, 10).of_one == [
            query.ComparedTerm(t.kind, t.term, t.other, t.one) for t in found.of_other
        ]
        assert len(query.compare(session, 2, 3, 1).shared) == 1
        assert query.compare(session, 2, 3, 9, ["np"]) == query.Comparison([], [], [])
    assert [(t.term, t.one, t.other) for t in found.shared] == [("warm", 0.4, 0.6), ("dry", 0.1, 0.3)]
    assert [t.term for t in found.of_one] == ["loud"]
    assert {t.term for t in found.of_other} == {"icy", "warm", "dry"}


def test_quotes_by_kind_and_rank(published: Home) -> None:
    with published.writing() as session:
        session.add(Source(id=1, url="http://a.org/", kind="site", added_at=now()))
        session.flush()
        for n, url in ((1, "http://a.org/b"), (2, "http://a.org/a")):
            session.add(Page(id=n, url=url, host="a.org", source_id=1, due_at=now()))
            session.flush()
            session.add(
                Document(id=n, page_id=n, url=url, host="a.org", title=f"t{n}", body="", sha256="", signature=b"",
                         fetched_at=now(), published="2019-05")
            )  # fmt: skip
            session.flush()
            for run in (1, 2):
                session.add(QuotedSentence(run_id=run, document_id=n, place=3, sentence=f"Blue {n} in run {run}."))
                session.add(TermQuote(run_id=run, artist_id=1, kind="adj", rank=1, document_id=n, place=3))
    with published.reading() as session:
        found = query.quotes(session, 1, 5)
        assert query.quotes(session, 1, 5, ["np"]) == query.quotes(session, 2, 5) == {}
        seen = session.execute(text("SELECT term, url, sentence, published FROM term_evidence ORDER BY url")).all()
    assert found == {
        ("adj", 1): [
            query.Quote("http://a.org/a", "t2", "2019-05", "Blue 2 in run 1."),
            query.Quote("http://a.org/b", "t1", "2019-05", "Blue 1 in run 1."),
        ]
    }
    assert [tuple(row) for row in seen] == [
        ("blue", "http://a.org/a", "Blue 2 in run 1.", "2019-05"),
        ("blue", "http://a.org/b", "Blue 1 in run 1.", "2019-05"),
    ]


def test_nothing_published(home: Home) -> None:
    with home.reading() as session:
        for ask in (
            lambda: query.related(session, 1),
            lambda: query.why(session, 1, []),
            lambda: query.terms(session, 1, 5),
            lambda: query.quotes(session, 1, 5),
            lambda: query.compare(session, 1, 2, 5),
        ):
            with pytest.raises(NotBuilt, match="kinsong build"):
                ask()


def test_importing_it_loads_nothing_heavy() -> None:
    code = (
        "import sys, ensemble.query; "
        "heavy = {'lightgbm', 'sklearn', 'numba', 'duckdb', 'gensim', 'spacy', 'annoy', 'pyarrow', 'scipy'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
