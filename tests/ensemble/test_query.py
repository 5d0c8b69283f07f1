from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from db.base import now
from db.catalog import Artist
from db.errors import NotBuilt
from db.results import ArtistTerm, Published, RelatedArtist, RelatedEvidence, Run
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
                session.add(RelatedEvidence(run_id=run, artist_id=1, related_id=other, kind="model", name="als",
                                            value=0.5, rank=rank))  # fmt: skip
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
    assert told == {3: [query.Evidence("model", "als", 0.5, 2)], 9: []}


def test_terms_kind_by_kind(published: Home) -> None:
    with published.reading() as session:
        found = query.terms(session, 1, 2)
        assert [(row.kind, row.rank, row.term) for row in found] == [
            ("adj", 1, "blue"), ("n1", 1, "word11"), ("n1", 2, "word12"),
        ]  # fmt: skip
        assert [row.kind for row in query.terms(session, 1, 5, ["adj"])] == ["adj"]


def test_nothing_published(home: Home) -> None:
    with home.reading() as session:
        for ask in (
            lambda: query.related(session, 1),
            lambda: query.why(session, 1, []),
            lambda: query.terms(session, 1, 5),
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
