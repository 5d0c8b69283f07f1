"""source, documents, replay and schedule at the command line, without a network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from db.home import Home


@pytest.fixture
def made(kinsong, tmp_path: Path) -> Path:
    assert kinsong("init").code == 0
    return tmp_path / "home"


def test_a_source_is_added_unseen_and_changed(kinsong, made: Path) -> None:
    ran = kinsong("source", "add", "http://a.example/music/", "--no-look", "--include", "/music/r*", "--depth", 3)
    assert ran.code == 0
    assert "pages of a.example below /music/, that match /music/r*, up to 3 links away" in ran.err
    assert "contact" in ran.err
    ran = kinsong("source", "set", "http://a.example/music/", "--cron", "0 3 * * 0", "--pages", 50, "--include", "")
    assert ran.code == 0
    assert "at most 50 pages of a host; at the next `kinsong crawl`, then by “0 3 * * 0” (UTC)" in ran.err
    (row,) = json.loads(kinsong("source", "list", "--format", "json").out)
    assert (row["every"], row["include"], row["depth"], row["host_pages"]) == ("0 3 * * 0", [], 3, 50)
    assert "http://a.example/music/" in kinsong("status").out


@pytest.mark.parametrize(
    "options",
    [("--every", "6h", "--cron", "@daily"), ("--cron", "soon"), ("--include", "reviews"), ("--exclude", "/" + "*" * 11),
     ("--exclude", "/\x1b[2J"), ("--include", "/" * 501), ("--depth", "-1"), ("--pages", "0"), ("--kind", "blog"),
     ("--delay", "nan"), ("--every", "0s")],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_is_added(kinsong, made: Path, options: tuple[str, ...]) -> None:
    ran = kinsong("source", "add", "http://a.example/", "--no-look", *options)
    assert ran.code == 2, ran
    assert "Traceback" not in ran.err
    assert "\x1b[2J" not in ran.err
    assert json.loads(kinsong("source", "list", "--format", "json").out) == []
    kinsong("source", "add", "http://a.example/", "--no-look")
    before = kinsong("source", "list", "--format", "json").out
    assert kinsong("source", "set", "http://a.example/", *options).code == 2
    assert kinsong("source", "list", "--format", "json").out == before


def test_changing_nothing_and_nobody_is_refused(kinsong, made: Path) -> None:
    assert kinsong("source", "set", "http://a.example/").code == 2
    assert kinsong("source", "set", "http://a.example/", "--depth", 3).code == 2


def test_documents_are_listed_searched_shown(kinsong, built: Home) -> None:
    ran = kinsong("documents", "list", "--host", "host1.test", "-n", 3, "--format", "json", home=built.path)
    rows = json.loads(ran.out)
    assert len(rows) == 3
    assert {row["host"] for row in rows} == {"host1.test"}
    assert "3 of 48" in ran.err
    (first, *_) = json.loads(kinsong("documents", "search", "Neon Player C", "--format", "json", home=built.path).out)
    assert first["title"].startswith("Neon Player C")
    (shown,) = json.loads(kinsong("documents", "show", first["url"], "--format", "json", home=built.path).out)
    assert shown["musicality"] > 0
    assert "album" in dict(shown["reasons"])
    assert "album" in kinsong("documents", "show", first["url"], home=built.path).out
    for wrong in (
        ("list", "--since", "soon"), ("list", "--source", "x"), ("show", "x"), ("remove",), ("allow", "x"),
        ("remove", "http://a.example/"), ("remove", "--host", ""), ("list", "--musicality", "2"),
    ):  # fmt: skip
        assert kinsong("documents", *wrong, home=built.path).code == 2, wrong
    assert kinsong("documents", "removed", home=built.path).code == 0


def test_a_replay_of_nothing_is_refused(kinsong, made: Path, tmp_path: Path) -> None:
    (tmp_path / "x.warc.gz").write_bytes(b"hello")
    for name in ("x.warc.gz", "none.warc.gz"):
        ran = kinsong("replay", tmp_path / name)
        assert ran.code == 2
        assert name in ran.err


def test_a_scheduler_with_nothing_to_do_ends_at_once(kinsong, made: Path) -> None:
    assert kinsong("schedule", "--once").code == 0
    (made / "kinsong.toml").write_text("[schedule]\nbuild = 'soon'\n")
    ran = kinsong("schedule", "--once")
    assert ran.code == 2
    assert "[schedule] build" in ran.err
