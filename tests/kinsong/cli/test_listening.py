from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from db.home import Home
from db.publish import published_artifacts
from db.vectors import Vectors


@pytest.fixture(scope="module")
def copied(built: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built home once more, for tests that change it."""
    folder = tmp_path_factory.mktemp("copied") / "home"
    shutil.copytree(built.path, folder)
    return folder


@pytest.mark.parametrize("model", ["als", "playlist", "cultural"])
def test_the_nearest_artists_of_a_model_are_of_the_same_scene(kinsong, built: Home, model: str) -> None:
    ran = kinsong("similar", "neon player c", "--model", model, "-n", 8, "--format", "json", home=built.path)
    rows = json.loads(ran.out)
    assert [row["rank"] for row in rows] == list(range(1, 9))
    assert sum(row["similar"].startswith("Neon") for row in rows) >= 6
    assert sorted((row["similarity"] for row in rows), reverse=True) == [row["similarity"] for row in rows]


def test_the_index_finds_what_looking_at_every_vector_finds(kinsong, built: Home) -> None:
    asked = ("similar", "Harbour Player A", "-n", 10, "--format", "json")
    assert kinsong(*asked, home=built.path).out == kinsong(*asked, "--exact", home=built.path).out
    vectors = Vectors.load(published_artifacts(built, {"als"})["als"].path, "als", "artist")
    first = json.loads(kinsong(*asked, home=built.path).out)[0]
    unit = vectors.unit()
    with built.reading() as session:
        from db.read import find_artist

        row = vectors.rows_of(np.array([find_artist(session, "Harbour Player A").id]))[0]
    cosine = unit @ unit[row]
    cosine[row] = -2
    assert vectors.ids[cosine.argmax()] == first["similar_id"]
    assert first["similarity"] == pytest.approx(cosine.max(), abs=1e-6)


def test_who_has_no_vector_and_what_has_no_space(kinsong, built: Home) -> None:
    lonely = kinsong("similar", "Quiet Newcomer", home=built.path)
    assert lonely.code == 1
    assert "als has no vector for it" in lonely.err
    off = kinsong("similar", "Neon Player A", "--model", "vector_exp", home=built.path)
    assert off.code == 2
    assert "no vectors of vector_exp; it has those of als, cultural, playlist" in off.err


def test_a_listener_is_taken_apart(kinsong, built: Home) -> None:
    rows = json.loads(kinsong("explain", "listener1", "-n", 40, "--format", "json", home=built.path).out)
    made_of = [row for row in rows if row["kind"] == "made_of"]
    assert sum(row["part"] for row in made_of) == pytest.approx(1, abs=1e-6)
    assert sum(row["plays"] for row in made_of) > 40
    recommended = [row for row in rows if row["kind"] == "recommended"]
    assert not {row["artist"] for row in made_of} & {row["artist"] for row in recommended}
    assert sum(row["artist"].startswith("Neon") for row in recommended[:5]) >= 4
    assert all(row["because"] for row in recommended[:5])
    table = kinsong("explain", "listener1", home=built.path)
    assert "vector is made of" in table.out
    wrong = kinsong("explain", "listner1", home=built.path)
    assert wrong.code == 2
    assert "did you mean “listener1”" in wrong.err


def test_newcomers_are_folded_into_the_published_run(kinsong, copied: Path, tmp_path: Path) -> None:
    plays = ["listener\tartist\tplays", "late\tNeon Player A\t30", "late\tNeon Player B\t20", "late\tBrand New\t9"]
    plays += [f"listener{n}\tBrand New\t5" for n in (1, 3, 5)]
    path = tmp_path / "late.tsv"
    path.write_text("\n".join(plays) + "\n")
    ran = kinsong("import", "plays", path, "--fold-in", home=copied)
    assert ran.code == 0, ran.err
    assert "folded in: 1 listeners, 1 artists" in ran.err
    rows = json.loads(kinsong("explain", "late", "-n", 10, "--format", "json", home=copied).out)
    made_of = {row["artist"] for row in rows if row["kind"] == "made_of"}
    assert made_of == {"Neon Player A", "Neon Player B", "Brand New"}
    best = [row["artist"] for row in rows if row["kind"] == "recommended"]
    assert sum(name.startswith("Neon") for name in best[:5]) >= 4
    related = kinsong("related", "Neon Player A", home=copied)
    assert related.code == 0
    again = kinsong("import", "plays", path, "--fold-in", home=copied)
    assert "folded in: 1 listeners, 1 artists" in again.err
    assert kinsong("doctor", home=copied).code == 0


def test_folding_in_needs_a_run(kinsong, tmp_path: Path) -> None:
    kinsong("init")
    path = tmp_path / "late.tsv"
    path.write_text("listener\tartist\tplays\nanna\tAir\t3\n")
    ran = kinsong("import", "plays", path, "--fold-in")
    assert ran.code == 1
    assert "run `kinsong build`" in ran.err


def test_tuning_goes_on_where_it_was(kinsong, copied: Path) -> None:
    asked = ("tune", "als", "--trials", 2, "--format", "json")
    first = json.loads(kinsong(*asked, home=copied).out)
    assert len(first) == 2
    assert first[0]["nDCG@20"] >= first[1]["nDCG@20"] > 0
    files = list((copied / "tuning").iterdir())
    assert len(files) == 1
    files[0].write_text(files[0].read_text() + '{"number": 7, "sett')
    more = kinsong("tune", "als", "--trials", 3, "--format", "json", home=copied)
    rows = json.loads(more.out)
    assert sorted(row["trial"] for row in rows) == [0, 1, 2]
    took = {row["trial"]: row["seconds"] for row in rows}
    assert all(took[row["trial"]] == row["seconds"] for row in first)
    assert "[als]" in more.err
    assert "reg_exponent = " in more.err


@pytest.mark.parametrize("model", ["vector_exp", "playlist"])
def test_every_model_can_be_tuned(kinsong, copied: Path, model: str) -> None:
    rows = json.loads(kinsong("tune", model, "--trials", 1, "--format", "json", home=copied).out)
    assert rows[0]["nDCG@20"] > 0.05
