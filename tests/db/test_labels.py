from __future__ import annotations

from pathlib import Path

from db import ratings, read
from db.home import Home
from db.imports import import_files
from db.labels import doubts


def test_labels_that_lead_nowhere_or_contradict_are_kept_and_listed(any_home: Home, tmp_path: Path) -> None:
    (tmp_path / "artists.jsonl").write_text('{"name": "One"}\n{"name": "Two"}\n{"name": "Three"}\n{"name": "Four"}\n')
    import_files(any_home, "artists", [tmp_path / "artists.jsonl"])
    table = "artist\tsimilar\tgrade\n"
    table += "One\tTwo\t4\nOne\tThree\t2\nOne\tNobody\t3\nNo\tNone\t1\nTwo\tTWO\t1\nOne\tFour\t1\n"
    (tmp_path / "a.tsv").write_text(table)
    (tmp_path / "b.tsv").write_text("artist\tsimilar\tgrade\nOne\tThree\t0\nOne\tFour\t3\n")
    import_files(any_home, "similar", [tmp_path / "a.tsv", tmp_path / "b.tsv"])
    with any_home.reading() as session:
        ids = {name: read.find_artist(session, name).id for name in ("One", "Two", "Three", "Four")}
    ratings.rate(any_home, ids["One"], ids["Two"], up=False)
    with any_home.reading() as session:
        found = {(d.artist, d.similar, d.grade): d.doubt for d in doubts(session)}
        pairs = {(one, other): grade for one, other, grade in read.label_pairs(session)}
    nowhere = "no artist has this name, or several have"
    assert found == {
        ("No", "None", 1): f"“No” and “None”: {nowhere}", ("One", "Nobody", 3): f"“Nobody”: {nowhere}",
        ("Two", "TWO", 1): "both names lead to one artist", ("One", "Two", 4): "the thumb is down, and counts",
        ("One", "Three", 2): "graded both 0 and above: the mean counts",
        ("One", "Three", 0): "graded both 0 and above: the mean counts",
    }  # fmt: skip
    assert pairs == {(ids["One"], ids["Two"]): 0, (ids["One"], ids["Three"]): 1, (ids["One"], ids["Four"]): 2}
    (tmp_path / "more.jsonl").write_text('{"name": "Nobody"}\n')
    import_files(any_home, "artists", [tmp_path / "more.jsonl"])
    with any_home.reading() as session:
        assert ("One", "Nobody") not in {(d.artist, d.similar) for d in doubts(session)}
        assert len(read.label_pairs(session)) == 4
