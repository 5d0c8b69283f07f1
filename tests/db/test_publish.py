from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import func, select, text

from db import integrity, publish
from db.artifacts import Artifact, building, open_artifact
from db.base import now
from db.catalog import Artist, Listener
from db.errors import BuildError
from db.home import Home
from db.publish import Report
from db.results import PIECE, PackedEvidence, Published, RelatedArtist, Run, StepReport


def catalogue(home: Home, names: str = "abc") -> list[int]:
    with home.writing() as session:
        artists = [Artist(name=name, key=name) for name in names]
        session.add_all(artists)
        session.flush()
        return [artist.id for artist in artists]


def related(folder: Path, ids: list[int], reason: str) -> None:
    pairs = [(a, r, b) for a in ids for r, b in enumerate((i for i in ids if i != a), 1)]
    columns = {
        "artist_id": [p[0] for p in pairs], "rank": pa.array([p[1] for p in pairs], pa.int32()),
        "related_id": [p[2] for p in pairs], "score": [1.0 / p[1] for p in pairs],
        "confidence": [0.5] * len(pairs), "reason": [reason] * len(pairs),
    }  # fmt: skip
    pq.write_table(pa.table(columns), folder / "related.parquet")
    model = {"kind": "model", "name": "als", "value": 0.5, "rank": 3, "back": None, "chance": None, "text": None}
    page = {"kind": "pages", "name": "http://a/?b=“c”", "value": 1.0, "rank": None, "back": None, "chance": None,
            "text": 'both "a"\nand b'}  # fmt: skip
    evidence = {"artist_id": ids[:1], "related_id": ids[1:2], "pieces": [[model, page]]}
    pq.write_table(pa.table(evidence), folder / "evidence.parquet")


def artefact(home: Home, ids: list[int], word: str) -> Artifact:
    fingerprint = word.encode().hex().ljust(64, "0")
    with building(home.artifacts, "related", fingerprint, {}) as folder:
        related(folder, ids, word)
    made = open_artifact(home.artifacts, "related", fingerprint)
    assert made is not None
    return made


def put(home: Home, artifact: Artifact, n: int = 20) -> int:
    reports = [Report("related", artifact.fingerprint, False, 1.0, 2.0, {"pairs": 6})]
    run_id, _ = publish.publish(home, {"related": artifact}, reports, n=n, served_by="fusion", started=now())
    return run_id


def shown(home: Home) -> list[tuple[str, int, str, str]]:
    with home.reading() as session:
        query = "SELECT artist, rank, related, reason FROM related ORDER BY artist, rank"
        return [tuple(row) for row in session.execute(text(query))]


def test_readers_see_the_newest_run(any_home: Home) -> None:
    ids = catalogue(any_home)
    put(any_home, artefact(any_home, ids, "old"))
    assert shown(any_home)[:2] == [("a", 1, "b", "old"), ("a", 2, "c", "old")]
    put(any_home, artefact(any_home, ids, "new"))
    assert {row[3] for row in shown(any_home)} == {"new"}


def test_the_view_shows_n(any_home: Home) -> None:
    put(any_home, artefact(any_home, catalogue(any_home), "one"), n=1)
    assert [row[1] for row in shown(any_home)] == [1, 1, 1]


def test_a_publish_that_fails_leaves_the_old_run(any_home: Home, tmp_path: Path) -> None:
    ids = catalogue(any_home)
    put(any_home, artefact(any_home, ids, "old"))
    bad = artefact(any_home, [*ids[:2], 999_999], "bad")
    with pytest.raises(BuildError, match="run `kinsong build` again") as failed:
        put(any_home, bad)
    assert "foreign key" in str(failed.value.__cause__).lower()
    assert {row[3] for row in shown(any_home)} == {"old"}
    with any_home.reading() as session:
        assert session.scalar(select(func.count()).select_from(Run)) == 1


def test_rows_whose_owner_is_gone_are_left_out_and_are_no_damage(any_home: Home) -> None:
    ids = catalogue(any_home)
    with any_home.writing() as session:
        there = Listener(name="there")
        session.add(there)
        session.flush()
        listener = there.id
    with building(any_home.artifacts, "discover", "d" * 64, {}) as folder:
        rows = [{"listener_id": who, "rank": 1, "artist_id": ids[0], "track_id": None, "score": 1.0, "because_id": None,
                 "because_plays": None, "because_rank": None, "place": 1, "since": "2020-01-01", "fresh": True,
                 "spare": False} for who in (listener, listener + 1)]  # fmt: skip
        pq.write_table(pa.Table.from_pylist(rows), folder / "discovery.parquet")
    discover = open_artifact(any_home.artifacts, "discover", "d" * 64)
    assert discover is not None
    artifacts = {"related": artefact(any_home, ids, "new"), "discover": discover}
    run_id, written = publish.publish(any_home, artifacts, [], n=20, served_by="fusion", started=now())
    assert written["discovery"] == 1
    with any_home.reading() as session:
        assert integrity.published_rows(session, run_id, artifacts) == []


def test_an_older_run_can_be_made_the_published_one(any_home: Home) -> None:
    ids = catalogue(any_home)
    first = put(any_home, artefact(any_home, ids, "old"))
    put(any_home, artefact(any_home, ids, "new"))
    publish.point_at(any_home, first, 20)
    assert {row[3] for row in shown(any_home)} == {"old"}


def test_collect_keeps_the_newest_and_the_published(any_home: Home) -> None:
    ids = catalogue(any_home)
    runs = [put(any_home, artefact(any_home, ids, word)) for word in ("one", "two", "three", "four")]
    publish.point_at(any_home, runs[0], 20)
    (any_home.artifacts / "als-0000.tmp").mkdir()
    assert publish.collect(any_home, keep=2) == 1
    with any_home.reading() as session:
        assert list(session.scalars(select(Run.id).order_by(Run.id))) == [runs[0], *runs[2:]]
        assert session.scalar(select(Published.run_id)) == runs[0]
        for model in (RelatedArtist, PackedEvidence, StepReport):
            assert set(session.scalars(select(model.run_id))) == {runs[0], *runs[2:]}
    assert len(list(any_home.artifacts.iterdir())) == 3


def test_packed_evidence_unfolds_in_the_views(any_home: Home) -> None:
    put(any_home, artefact(any_home, catalogue(any_home), "one"))
    with any_home.reading() as session:
        rows = session.execute(text("SELECT * FROM why ORDER BY piece")).mappings().all()
        bare = session.execute(text("SELECT kind, value, text FROM related_evidence ORDER BY piece")).all()
    assert [(row["artist"], row["related"], row["piece"]) for row in rows] == [("a", "b", 1), ("a", "b", 2)]
    assert [tuple(row[c] for c in PIECE) for row in rows] == [
        ("model", "als", 0.5, 3, None, None, None),
        ("pages", "http://a/?b=“c”", 1.0, None, None, None, 'both "a"\nand b'),
    ]
    assert [tuple(row) for row in bare] == [(row["kind"], row["value"], row["text"]) for row in rows]
