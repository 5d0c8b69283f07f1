from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from db import migrate
from db.base import now
from db.catalog import Artist
from db.digest import digest, tables
from db.errors import UsageError
from db.home import Home, default_url
from db.results import ArtistTerm, PackedEvidence, RelatedArtist, Run
from db.session import open_engine

NAMES = ("air", "low", "yes")


def put(home: Home, order: tuple[str, ...], *, score: float = 0.1, reason: str = "why") -> int:
    """One run; artists made in this order, so that their ids differ."""
    with home.writing() as session:
        for name in order:
            session.add(Artist(name=name.title(), key=name))
            session.flush()
        ids = {artist.key: artist.id for artist in session.query(Artist)}
        run = Run(started_at=now())
        session.add(run)
        session.flush()
        for name in order:
            session.add(ArtistTerm(run_id=run.id, artist_id=ids[name], kind="n1", rank=1, term=f"t {name}", weight=0.3))
            session.flush()
        session.add(RelatedArtist(
            run_id=run.id, artist_id=ids["air"], rank=1, related_id=ids["low"], score=score, reason=reason,
        ))  # fmt: skip
        for one, other in (("air", "low"), ("low", "air")) if order[0] == "yes" else (("low", "air"), ("air", "low")):
            session.add(PackedEvidence(
                run_id=run.id, artist_id=ids[one], related_id=ids[other], pieces='[["term","x",0.25,null]]',
            ))  # fmt: skip
            session.flush()
        return run.id


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Home]:
    """A second home, on SQLite."""
    path = tmp_path / "other"
    path.mkdir()
    opened = Home(path, open_engine(default_url(path)))
    migrate.upgrade(opened.engine)
    yield opened
    opened.engine.dispose()


def taken(home: Home, run: int) -> str:
    with home.reading() as session:
        return digest(session, run)


def test_ids_and_the_order_of_rows_do_not_matter(any_home: Home, other: Home) -> None:
    assert taken(any_home, put(any_home, NAMES)) == taken(other, put(other, tuple(reversed(NAMES))))


def test_a_second_run_of_the_same_rows_has_the_same_digest_and_others_another(home: Home) -> None:
    first = taken(home, put(home, NAMES))
    with home.writing() as session:
        run = Run(started_at=now())
        session.add(run)
    assert taken(home, 2) != first


@pytest.mark.parametrize("change", [{"score": 0.1 + 2**-55}, {"reason": "because"}])
def test_the_smallest_change_shows(home: Home, other: Home, change: dict[str, Any]) -> None:
    assert taken(home, put(home, NAMES)) != taken(other, put(other, NAMES, **change))


def test_every_table_of_a_run_is_in_it() -> None:
    assert {"related_artist", "packed_evidence", "artist_term", "document_mention"} <= set(tables())


def test_a_run_that_is_not_there_is_named(home: Home) -> None:
    with home.reading() as session, pytest.raises(UsageError, match=r"no run 7.*kinsong runs"):
        digest(session, 7)
