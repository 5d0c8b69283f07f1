"""Junk among the best terms of the whole demo world and of our 360 pages, as extracted and whole. No test.

`tests/nlp/test_junk.py` says what junk is and holds a part of this.

Run as `python -m tests.quality.text_junk`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from db import migrate
from db.home import Home, default_url
from db.session import open_engine
from kinsong import show
from tests.nlp import test_junk as junk


def measured(names: list[str], pages: list[tuple[str, str, str, str]]) -> tuple[int, int, int]:
    """Pages, terms among the best, and how many of these are junk."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder), open_engine(default_url(Path(folder))))
        migrate.upgrade(home.engine)
        junk.fill(home, names, pages)
        rows = junk.top_terms(home, Path(folder))
        home.engine.dispose()
    bad = [row for row in rows if junk.is_junk(row)]
    show.say(f"such as {bad[:8]}")
    return len(pages), len(rows), len(bad)


def main() -> int:
    """The measurement; exit code 1 when more than one in a hundred is junk."""
    world = junk.make(junk.SEED)
    demo = sorted({artist.name for artist in world.artists})
    rows: list[dict[str, object]] = []
    for extracted in (True, False):
        ours = junk.bands(), junk.pages_of_ours(extracted)
        for what, names, pages in (("demo world", demo, junk.texts(world, extracted)), ("our pages", *ours)):
            read, terms, bad = measured(names, pages)
            how = "main text" if extracted else "whole page"
            rows.append({"set": what, "read": how, "pages": read, "terms": terms, "junk": bad, "share": bad / terms})
    show.rows(rows, tuple(rows[0]), show.Format.table, title="Junk among the ten best of each kind")
    return int(any(row["share"] > junk.MOST_JUNK for row in rows))  # type: ignore[operator]


if __name__ == "__main__":
    sys.exit(main())
