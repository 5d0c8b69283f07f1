from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text

from crawlers.duplicates import signature
from crawlers.takedown import take_down
from db.errors import Busy, NotBuilt
from db.home import Home
from db.imports import import_files
from db.lease import holding
from db.publish import published_artifacts
from db.results import Published, Run
from db.web import Document
from kinsong import build as building
from kinsong import config
from kinsong import home as homes
from kinsong.build import build
from kinsong.runs import go_back
from kinsong.steps import NAMES, STEPS


def dump(home: Home) -> list[tuple[object, ...]]:
    """The published result by natural keys."""
    queries = (
        "SELECT artist, rank, related, score, reason FROM related ORDER BY artist, rank",
        "SELECT artist, related, kind, name, value, rank FROM why ORDER BY artist, related, kind, name, value",
        "SELECT artist, kind, rank, term, weight FROM top_terms ORDER BY artist, kind, rank",
        "SELECT artist, url, mentions, confidence FROM mentions ORDER BY artist, url",
    )
    with home.reading() as session:
        return [tuple(row) for query in queries for row in session.execute(text(query))]


def test_steps_need_only_earlier_steps() -> None:
    for place, step in enumerate(STEPS):
        assert set(step.needs) <= set(NAMES[:place])


def test_every_artist_gets_twenty_and_every_row_its_run(built: Home) -> None:
    with built.reading() as session:
        counts = session.execute(text("SELECT artist, count(*) FROM related GROUP BY artist")).all()
    assert len(counts) == 48
    assert {count for _, count in counts} == {20}


def test_a_second_build_runs_no_step_and_publishes_nothing(built: Home) -> None:
    outcome = build(built, config.load(built))
    assert all(report.reused for report in outcome.reports)
    assert outcome.run_id is None


def test_one_build_at_a_time(built: Home) -> None:
    with holding(built, "build"), pytest.raises(Busy):
        build(built, config.load(built))


@pytest.fixture
def own(micro_world, tmp_path: Path):
    """A filled home of the test's own, not built."""
    home, _ = homes.create(tmp_path / "own")
    micro_world(home, tmp_path)
    yield home
    home.engine.dispose()


def test_the_same_data_in_another_order_give_the_same_results(built: Home, micro_world, tmp_path: Path) -> None:
    home, _ = homes.create(tmp_path / "other")
    with home.writing() as session:  # ids are dealt otherwise
        session.execute(
            text("INSERT INTO artist (name, key, disambiguation, curated, retired) VALUES ('x', 'x', '', false, false)")
        )
        session.execute(text("INSERT INTO listener (name) VALUES ('x')"))
    micro_world(home, tmp_path, reverse=True)
    build(home, config.load(home).model_copy(update={"build": config.Build(threads=1)}))
    assert dump(home) == dump(built)
    home.engine.dispose()


def test_a_change_runs_what_depends_on_it_and_nothing_else(own: Home, tmp_path: Path) -> None:
    settings = config.load(own)
    build(own, settings)
    extra = tmp_path / "similar.tsv"
    extra.write_text("artist\tsimilar\nNeon Player A\tNeon Player B\n")
    import_files(own, "similar", [extra])
    outcome = build(own, settings)
    assert [report.step for report in outcome.reports if not report.reused] == ["related", "discover", "radio"]
    settings = settings.model_copy(update={"terms": settings.terms.model_copy(update={"top": 7})})
    outcome = build(own, settings)
    assert [report.step for report in outcome.reports if not report.reused] == ["terms", "related", "discover", "radio"]
    assert outcome.run_id == 3
    assert go_back(own, 2) == 3
    assert build(own, settings).run_id is None  # nothing changed: who went back stays there
    with own.reading() as session:
        assert session.scalars(select(Published.run_id)).one() == 2


def test_a_build_that_dies_is_finished_by_the_next(own: Home, built: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object, **__: object) -> None:
        raise RuntimeError("killed here")

    with monkeypatch.context() as patch:
        patch.setattr(building.publish, "publish", die)
        with pytest.raises(RuntimeError):
            build(own, config.load(own))
    with own.reading() as session:
        assert session.scalar(select(Published.run_id)) is None
    outcome = build(own, config.load(own))
    assert all(report.reused for report in outcome.reports)
    assert dump(own) == dump(built)


def test_a_damaged_artefact_is_made_anew(own: Home) -> None:
    build(own, config.load(own))
    before = dump(own)
    index = next(own.artifacts.glob("index-*/als.ann"))
    index.write_bytes(index.read_bytes()[:-8])
    outcome = build(own, config.load(own))
    assert [report.step for report in outcome.reports if not report.reused] == ["index"]
    assert dump(own) == before


def test_only_and_from(own: Home) -> None:
    settings = config.load(own)
    with pytest.raises(NotBuilt):
        build(own, settings, only="index")
    build(own, settings)
    outcome = build(own, settings, only="cultural")
    assert outcome.run_id is None
    assert [(r.step, r.reused) for r in outcome.reports] == [("read", True), ("cultural", False)]
    outcome = build(own, settings, start="index")
    assert [r.step for r in outcome.reports if not r.reused] == ["index", "related", "discover", "radio"]


def test_n_of_any_size(own: Home) -> None:
    settings = config.load(own)
    settings = settings.model_copy(update={"related": settings.related.model_copy(update={"n": 5})})
    build(own, settings)
    with own.reading() as session:
        assert {n for (n,) in session.execute(text("SELECT count(*) FROM related GROUP BY artist"))} == {5}


def test_labels_are_learnt_from_or_not_and_the_run_says_so(own: Home, tmp_path: Path) -> None:
    names = [f"{scene} Player {chr(65 + n)}" for scene in ("Neon", "Harbour") for n in range(24)]
    pairs = [(a, b) for a in names for b in names if a != b and a[:4] == b[:4]]
    path = tmp_path / "similar.tsv"
    path.write_text("artist\tsimilar\n" + "".join(f"{a}\t{b}\n" for a, b in pairs))
    import_files(own, "similar", [path])
    build(own, config.load(own))
    with own.reading() as session:
        served = session.scalar(select(Run.served_by))
    assert served
    report = json.loads(next(own.artifacts.glob("related-*/report.json")).read_text())
    assert report["labelled"] == 48


def test_a_home_with_one_listener_and_no_text_builds(tmp_path: Path) -> None:
    home, _ = homes.create(tmp_path / "one")
    plays = tmp_path / "plays.tsv"
    plays.write_text("listener\tartist\tplays\n" + "".join(f"me\tartist {n}\t{n + 1}\n" for n in range(30)))
    import_files(home, "plays", [plays])
    outcome = build(home, config.load(home))
    assert outcome.run_id is not None
    home.engine.dispose()


def test_force_publishes_what_it_made(own: Home) -> None:
    first = build(own, config.load(own))
    again = build(own, config.load(own), force=True)
    assert again.run_id is not None
    assert again.run_id != first.run_id


def test_another_version_of_a_library_runs_every_step(own: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    build(own, config.load(own))
    monkeypatch.setattr(building, "libraries", lambda: {"numpy": "99"})
    outcome = build(own, config.load(own))
    assert not any(report.reused for report in outcome.reports)


def test_a_takedown_takes_counts_and_evidence_along(micro_world, tmp_path: Path) -> None:
    homes_made = []
    for name in ("taken", "never"):
        folder = tmp_path / name
        folder.mkdir()
        home, _ = homes.create(folder / "home")
        micro_world(home, folder)
        with home.writing() as session:
            for document in session.scalars(select(Document)):
                document.signature = signature(document.url)
        homes_made.append(home)
    taken, never = homes_made
    build(taken, config.load(taken))
    assert any("host0.test" in str(row) for row in dump(taken))
    assert take_down(taken, host="host0.test").documents == 48
    with never.writing() as session:
        session.execute(delete(Document).where(Document.host == "host0.test"))
    for home in homes_made:
        build(home, config.load(home))
    assert dump(taken) == dump(never)
    assert not any("host0.test" in str(row) for row in dump(taken))
    for home in homes_made:
        home.engine.dispose()


def test_a_warm_start_begins_from_the_published_run_which_belongs_to_its_fingerprint(own: Home) -> None:
    settings = config.load(own)
    build(own, settings)
    before = published_artifacts(own, {"als"})["als"]
    warm = settings.model_copy(update={"als": settings.als.model_copy(update={"warm_start": True})})
    assert "als" in {report.step for report in build(own, warm).reports if not report.reused}
    made = published_artifacts(own, {"als"})["als"]
    assert made.facts["parent"] == before.fingerprint
    assert all(report.reused for report in build(own, warm).reports)
    again = build(own, warm, start="als")
    assert again.run_id is not None
    assert published_artifacts(own, {"als"})["als"].facts["parent"] == made.fingerprint
