"""`make real`: the whole job on a folder of real data, with scoreboard, time and memory. No part of the tests.

The folder holds lastfm-2k/plays.tsv, playlists/playlists.jsonl, bios/artists.jsonl (name, bio) and similar/by-tags.tsv.
The biographies are served as a small web site on loopback and crawled. Run as `python -m tests.quality.real FOLDER`.
"""

from __future__ import annotations

import argparse
import csv
import html
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
from sqlalchemy import text

from crawlers import jobs as crawling
from db.home import Home
from db.imports import import_files
from db.listening import play_totals, playlist_entries
from db.read import find_artist
from db.task import Silent
from ensemble import query
from kinsong import config, evaluate, show
from kinsong import home as homes
from kinsong.build import Outcome, build
from kinsong.memory import peak_mib, reset_peak

WELL_KNOWN = (
    "Radiohead", "The Beatles", "Madonna", "Metallica", "Daft Punk",
    "Johnny Cash", "Aretha Franklin", "Bob Marley", "Air", "Björk",
)  # fmt: skip
K = 10
LEAST = 3


class Loud(Silent):
    """Progress as plain lines."""

    def say(self, what: str) -> None:
        show.say(f"  {what}")


class Quiet(SimpleHTTPRequestHandler):
    """A file server that does not talk."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its base class's name
        pass


@contextmanager
def site(biographies: Sequence[dict[str, str]], folder: Path) -> Iterator[str]:
    """Serve one page per biography and an index; give the index's address."""
    links = []
    for number, artist in enumerate(biographies):
        name = html.escape(artist["name"])
        body = "".join(f"<p>{html.escape(p)}</p>" for p in artist["bio"].split("\n") if p.strip())
        page = f"<html><head><title>{name}</title></head><body><article><h1>{name}</h1>{body}</article></body></html>"
        (folder / f"{number}.html").write_text(page, encoding="utf-8")
        links.append(f'<li><a href="{number}.html">{name}</a></li>')
    (folder / "index.html").write_text(f"<html><body><ul>{''.join(links)}</ul></body></html>", encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/index.html"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Stages:
    """What each stage took."""

    def __init__(self) -> None:
        self.rows: list[dict[str, object]] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage and its peak memory."""
        show.say(name)
        reset_peak()
        began = time.monotonic()
        yield
        self.rows.append({"stage": name, "seconds": round(time.monotonic() - began, 1), "peak MiB": round(peak_mib())})

    def steps(self, outcome: Outcome, name: str) -> None:
        """The steps of a build, in place of the build as a whole."""
        del self.rows[-1]
        self.rows += [
            {"stage": f"{name}: {r.step}", "seconds": round(r.seconds, 1), "peak MiB": round(r.peak_mib)}
            for r in outcome.reports
            if not r.reused
        ]


def without_full_list(home: Home) -> list[str]:
    """Artists with at least 3 listeners, 3 playlists or one document that have no full list of related artists."""
    plays, entries = play_totals(home), playlist_entries(home)
    counts: dict[int, set[str]] = {}
    for kind, ids, units in (
        ("plays", plays["artist_id"].to_pylist(), plays["listener_id"].to_pylist()),
        ("lists", entries["artist_id"].to_pylist(), entries["playlist"].to_pylist()),
    ):
        per_artist: dict[int, set[object]] = {}
        for artist, unit in zip(ids, units, strict=True):
            per_artist.setdefault(artist, set()).add(unit)
        for artist, having in per_artist.items():
            if len(having) >= LEAST:
                counts.setdefault(artist, set()).add(kind)
    with home.reading() as session:
        n = session.execute(text("SELECT n FROM published")).scalar_one()
        full = set(
            session.execute(text(f"SELECT artist_id FROM related GROUP BY artist_id HAVING count(*) = {n}")).scalars()
        )
        named = set(session.execute(text("SELECT artist_id FROM mentions")).scalars())
        names = {row.id: row.name for row in session.execute(text("SELECT id, name FROM artist"))}
    show.say(f"{len(counts)} artists have {LEAST} listeners or playlists, {len(named)} are named by a document")
    return sorted(names[artist] for artist in (counts.keys() | named) - full)


def print_related(home: Home) -> None:
    """The related artists of ten well-known names."""
    with home.reading() as session:
        for name in WELL_KNOWN:
            artist = find_artist(session, name)
            found = query.related(session, artist.id, 20)
            show.out.print(f"{artist.name}: " + ", ".join(row.name for row in found), markup=False)
            show.out.print(f"    1st because: {found[0].reason}" if found else "    none", markup=False)


def split_gold(gold: Path, folder: Path, seed: int) -> tuple[Path, Path]:
    """Two gold files, each with a random half of the artists."""
    with gold.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
    artists = sorted({row[0] for row in rows})
    taught = set(np.random.default_rng(seed).permutation(artists)[: len(artists) // 2].tolist())
    paths = folder / "taught.tsv", folder / "judge.tsv"
    for path, wanted in zip(paths, (True, False), strict=True):
        kept = [row for row in rows if (row[0] in taught) == wanted]
        path.write_text("".join("\t".join(row) + "\n" for row in [header, *kept]), encoding="utf-8")
    return paths


def score(home: Home, settings: config.Settings, gold: Path, title: str) -> None:
    """Print the scoreboard against a gold file."""
    board = evaluate.evaluate(home, settings, gold, K, Loud())
    for note in board.notes:
        show.say(note)
    show.rows(board.rows, board.shown, show.Format.table, title=f"\n{title}")


def run(data: Path, folder: Path, seed: int) -> int:
    """The whole job; the exit code."""
    began = time.monotonic()
    stages = Stages()
    biographies = [json.loads(line) for line in (data / "bios/artists.jsonl").read_text(encoding="utf-8").splitlines()]
    names = folder / "names.jsonl"
    names.write_text("".join(json.dumps({"name": b["name"]}) + "\n" for b in biographies), encoding="utf-8")
    home, _ = homes.create(folder / "home")
    settings = config.load(home)
    with stages.stage("import"):
        import_files(home, "plays", [data / "lastfm-2k/plays.tsv"])
        import_files(home, "playlists", [data / "playlists/playlists.jsonl"])
        import_files(home, "artists", [names])
    (folder / "site").mkdir()
    with stages.stage("crawl"), site(biographies, folder / "site") as address:
        crawling.add_source(home, address, kind="site", delay=0.0, allow_private=True)
        report = crawling.crawl(home, settings.crawl, pages=None, seconds=None, progress=Silent())
    show.say(f"  {report.documents} documents of {report.fetched} pages")
    with stages.stage("build"):
        outcome = build(home, settings, progress=Loud())
    stages.steps(outcome, "build")
    print_related(home)
    lacking = without_full_list(home)
    show.say(f"without a full list: {len(lacking)} {lacking[:10]}")
    gold = data / "similar/by-tags.tsv"
    with stages.stage("evaluate"):
        score(home, settings, gold, "Judged by tags that no model saw; no labels")
    taught, judge = split_gold(gold, folder, seed)
    import_files(home, "similar", [taught])
    with stages.stage("build with labels"):
        outcome = build(home, settings, progress=Loud())
    stages.steps(outcome, "with labels")
    with stages.stage("evaluate with labels"):
        score(home, settings, judge, "Judged by the other half; half of the artists were labels")
    show.rows(stages.rows, ("stage", "seconds", "peak MiB"), show.Format.table, title="\nTime and memory")
    show.out.print(f"whole run {time.monotonic() - began:.0f} s", markup=False)
    return 1 if lacking else 0


def main() -> int:
    """Parse the arguments and run in a temporary folder, or in one that is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--keep", type=Path, help="folder to work in and keep")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if not options.data.is_dir():
        show.say(f"{options.data} is not there: name the folder of the data, as in `make real DATA=FOLDER`")
        return 2
    folder = options.keep or Path(tempfile.mkdtemp(prefix="kinsong-real-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return run(options.data, folder, options.seed)
    finally:
        if options.keep is None:
            shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
