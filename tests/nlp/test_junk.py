"""No junk among the top terms: the demo world's pages, with and without what surrounds their articles."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from pathlib import Path

import lxml.html
import pyarrow.parquet as pq
import pytest
from sqlalchemy import insert

from crawlers.extract import extract
from db.artifacts import Artifact
from db.base import now
from db.catalog import Artist
from db.home import Home
from db.names import name_key
from db.task import Task
from db.web import Document, Page, Source
from kinsong.demo.pages import SITES
from kinsong.demo.site import answers
from kinsong.demo.world import SEED, World, make
from nlp.folding import name_words
from nlp.jobs import ReadConfig, TermsConfig, read, terms
from nlp.language import Config as LanguageConfig
from nlp.terms import STOP_WORDS

FEWEST = 5
"""Documents that an artist must stand in for its table to be judged."""
BEST = 10
MOST_JUNK = 0.01
_BOILERPLATE = """
accept account advertise backroom blog blogs byline click cookie cookies copyright courier download edit edited
facebook footer gazetteer home homepage imprint link login menu newsletter offbeat older page policy post powered print
privacy read register reserved rights rss search share sign sitemap subscribe terms tweet twitter
"""
BOILERPLATE = frozenset(_BOILERPLATE.split())
"""What navigation, footers, cookie notices and share buttons say, the demo's own site names included."""
Row = tuple[str, str, str]
"""Artist, kind, term."""


@pytest.fixture(scope="module")
def world() -> World:
    return make(SEED)


def texts(world: World, extracted: bool) -> list[tuple[str, str, str, str]]:
    """(url, host, title, body) of every article: its main text, or all that the page says."""
    bases = {site: f"http://{site}.example" for site in SITES}
    paths = {(page.site, page.path) for page in world.pages if not page.noindex}
    found = []
    for site, base in bases.items():
        for path, answer in answers(world, site, bases).items():
            if (site, path) in paths:
                html = answer.body.decode()
                title, body = whole(html) if not extracted else main_text(base + path, answer.body)
                found.append((base + path, f"{site}.example", title, body))
    return found


def main_text(url: str, html: bytes) -> tuple[str, str]:
    page = extract(html, {"content-type": "text/html; charset=utf-8"}, url)
    return page.title, page.body


def whole(html: str) -> tuple[str, str]:
    """Title and all text, one line for each piece between tags that is not inside a paragraph."""
    tree = lxml.html.fromstring(html)
    blocks = tree.xpath(
        "//body//*[self::p or self::li or self::h1 or self::h2 or self::button or self::div or self::a]"
    )
    lines = [block.text_content() if block.tag in ("p", "li", "h1", "h2") else block.text or "" for block in blocks]
    footer = tree.xpath("//footer")[0].text_content()
    return tree.xpath("//title")[0].text, "\n".join(line.strip() for line in [*lines, footer] if line.strip())


def fill(home: Home, world: World, pages: list[tuple[str, str, str, str]]) -> None:
    names = sorted({artist.name for artist in world.artists})
    with home.writing() as session:
        session.execute(insert(Source), [{"id": 1, "url": "http://a.example", "kind": "site", "added_at": now()}])
        session.execute(insert(Artist), [{"name": name, "key": name_key(name)} for name in names])
        for i, (url, host, title, body) in enumerate(pages, 1):
            row = {"id": i, "url": url, "host": host}
            session.execute(insert(Page), [{**row, "source_id": 1, "due_at": now()}])
            sha = hashlib.sha256(body.encode()).hexdigest()
            document = {"page_id": i, "title": title, "body": body, "sha256": sha, "signature": b"", "language": "en"}
            session.execute(insert(Document), [{**row, **document, "fetched_at": now()}])


def top_terms(home: Home, folder: Path) -> list[Row]:
    """The ten best of each kind, of artists that enough documents name."""
    for step in ("read", "terms"):
        (folder / step).mkdir()
    read(Task(home, {}, folder / "read", 7), ReadConfig(), LanguageConfig())
    terms(Task(home, {"read": Artifact(folder / "read", "read", "f", {})}, folder / "terms", 7), TermsConfig())
    documents: defaultdict[int, int] = defaultdict(int)
    for artist in pq.read_table(folder / "read/mentions.parquet")["artist_id"].to_pylist():
        documents[artist] += 1
    with home.reading() as session:
        names = dict(session.query(Artist.id, Artist.name).all())
    rows = pq.read_table(folder / "terms/terms.parquet").to_pylist()
    return [
        (names[row["artist_id"]], row["kind"], row["term"])
        for row in rows
        if row["rank"] <= BEST and documents[row["artist_id"]] >= FEWEST
    ]


def is_junk(row: Row) -> bool:
    """A stop word or clitic at an edge, a word of the boilerplate list, or the artist's own name."""
    artist, _, term = row
    words = term.split()
    edges = {words[0].strip("'"), words[-1].strip("'")}
    own = " ".join(name_words(artist))
    inside = f" {' '.join(name_words(term))} "
    return bool(edges & STOP_WORDS or BOILERPLATE & set(words)) or f" {own} " in inside


@pytest.mark.parametrize("extracted", [True, False], ids=["main text", "whole page"])
def test_the_best_terms_are_no_junk(home, tmp_path, world, extracted):
    pages = texts(world, extracted)
    if not extracted:
        pages = [page for place, page in enumerate(pages) if place % 8 < 5]
    assert len(pages) >= 300
    fill(home, world, pages)
    rows = top_terms(home, tmp_path)
    assert len(rows) >= 1000
    junk = [row for row in rows if is_junk(row)]
    assert len(junk) <= MOST_JUNK * len(rows), (len(junk), len(rows), junk[:20])
