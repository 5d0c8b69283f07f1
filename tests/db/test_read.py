"""Small reads in canonical order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from db.base import now
from db.catalog import Artist, Listener
from db.imports import import_file
from db.read import (
    canonical_ids,
    catalog_fingerprint,
    documents_fingerprint,
    label_pairs,
    labels_fingerprint,
    listener_ids,
    texts,
)
from db.web import Document, Page, Source

if TYPE_CHECKING:
    from pathlib import Path

    from db.home import Home


def test_ids_come_in_canonical_order_without_the_retired(home: Home) -> None:
    with home.writing() as session:
        session.add_all([
            Artist(id=3, name="B", key="b"), Artist(id=9, name="A", key="a", disambiguation="x"),
            Artist(id=10, name="A", key="a"), Artist(id=1, name="Gone", key="0", retired=True),
            Listener(id=5, name="zoe"), Listener(id=6, name="Anna"),
        ])  # fmt: skip
    with home.reading() as session:
        assert canonical_ids(session).tolist() == [10, 9, 3]
        assert listener_ids(session).tolist() == [6, 5]


def test_empty_homes_read_empty(home: Home) -> None:
    with home.reading() as session:
        assert canonical_ids(session).tolist() == []
        assert canonical_ids(session).dtype == "int64"
        assert label_pairs(session) == []
        assert list(texts(session)) == []


def test_label_pairs_lead_as_credits_do(home: Home, tmp_path: Path) -> None:
    plays, labels = tmp_path / "plays.tsv", tmp_path / "similar.tsv"
    plays.write_text("user\tartist\tplays\nu\tThe Beatles\t1\nu\tKinks\t1\nu\tWho\t1\n", encoding="utf-8")
    labels.write_text(
        "artist\tsimilar\tgrade\nbeatles\tThe Kinks\t1\nBeatles\tKINKS\t0.5\nWho\tBeatles\t0\nWho\tWHO\t1\n"
        "Who\tSome Label\t1\n", encoding="utf-8",
    )  # fmt: skip
    import_file(home, "plays", plays)
    with home.reading() as session:
        none = labels_fingerprint(session)
    import_file(home, "similar", labels)
    with home.reading() as session:
        names = dict(session.execute(select(Artist.id, Artist.name)).all())
        pairs = [(names[one], names[other], grade) for one, other, grade in label_pairs(session)]
        assert labels_fingerprint(session) != none
    assert pairs == [("The Beatles", "Kinks", 0.75), ("Who", "The Beatles", 0.0)]


def test_kept_documents_come_by_url(home: Home) -> None:
    with home.writing() as session:
        session.add(Source(id=1, url="http://a/", kind="site", added_at=now()))
        session.flush()
        session.add_all(Page(id=n, url=f"http://a/{n}", host="a", source_id=1, due_at=now()) for n in (1, 2, 3))
        session.flush()
        for n, kept in ((2, None), (1, None), (3, 1)):
            session.add(Document(
                id=n, page_id=n, url=f"http://a/{n}", host="a", title=f"t{n}", body="b", sha256=str(n), signature=b"",
                duplicate_of=kept, fetched_at=now(),
            ))  # fmt: skip
            session.flush()
    with home.reading() as session:
        assert [(t.id, t.url, t.title) for t in texts(session)] == [(1, "http://a/1", "t1"), (2, "http://a/2", "t2")]
        before = documents_fingerprint(session)
    with home.writing() as session:
        session.get_one(Document, 2).sha256 = "new"
    with home.reading() as session:
        assert documents_fingerprint(session) != before


def test_the_catalogue_fingerprint_follows_names_and_leads(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "plays.tsv"
    seen = set()
    for line in ("A\t1", "A\t1\nu\tB\t1", "a\t1\nu\tB\t1"):
        path.write_text(f"user\tartist\tplays\nu\t{line}\n", encoding="utf-8")
        import_file(home, "plays", path)
        with home.reading() as session:
            seen.add(catalog_fingerprint(session))
            assert catalog_fingerprint(session) in seen
    assert len(seen) == 3
