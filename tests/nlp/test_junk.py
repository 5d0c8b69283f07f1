"""No junk among the top terms: pages of the demo world and of ours, with and without what surrounds their articles."""

from __future__ import annotations

import hashlib
import random
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
accept accessibility account advertise advertisement adverts archive archives backroom basket blog blogs browser
byline cart checkout click comment commented comments consent cookie cookies copyright courier delivery download edit
edited email episode facebook filed following footer forum gazetteer gdpr home homepage imprint inbox instagram
javascript link links loading logged login logout mailing member menu navigation newer newsletter notifications
offbeat older page permalink pinterest podcast podcasts policy popular post powered preferences print privacy quote
random read recent refund register related replies reply report reserved returns rights rss schedule search settings
share shipping sign sitemap skip sponsored stock submit subscribe subscription tagged terms tickets trackback tracking
tweet twitter unsubscribe user venues whatsapp wordpress
"""
BOILERPLATE = frozenset(_BOILERPLATE.split())
"""What menus, footers, cookie notices, share buttons, comments, shops and event boxes say, and the demo's sites."""
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


def fill(home: Home, names: list[str], pages: list[tuple[str, str, str, str]]) -> None:
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
    assert len(pages) >= 300
    fill(home, sorted({artist.name for artist in world.artists}), pages)
    rows = top_terms(home, tmp_path)
    assert len(rows) >= 1000
    junk = [row for row in rows if is_junk(row)]
    assert len(junk) <= MOST_JUNK * len(rows), (len(junk), len(rows), junk[:20])


def parts_of_ours() -> dict[str, list[str]]:
    """The lines of each section of the file that our pages are made of."""
    parts: dict[str, list[str]] = {}
    for line in Path(__file__).with_name("junk_pages.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            parts[line[3:]] = []
        elif not line.startswith("#"):
            parts[next(reversed(parts))].append(line)
    return parts


PARTS = parts_of_ours()
LEADS, TAILS, SOUNDS, THINGS = (" ".join(PARTS[name]).split() for name in ("leads", "tails", "sounds", "things"))
SITES_OF_OURS = {name.removeprefix("site "): lines for name, lines in PARTS.items() if name.startswith("site ")}


def bands() -> list[str]:
    """Names of bands that nobody made up but us."""
    return [f"{lead} {TAILS[(place + turn) % len(TAILS)]}" for turn in range(3) for place, lead in enumerate(LEADS)]


def page_of_ours(band: str, site: str, rng: random.Random) -> str:
    """An article about a band amid all that a site puts around it: menus, boxes, comments, tracks, footers."""
    own = random.Random(band)
    sounds, things = own.sample(SOUNDS, 3), own.sample(THINGS, 3)

    def said() -> str:
        (a, b), (t, u) = rng.sample(sounds, 2), rng.sample(things, 2)
        return rng.choice(PARTS["said"]).format(name=band, a=a, b=b, t=t, u=u)

    paragraphs = [" ".join(said() for _ in range(rng.randint(2, 4))) for _ in range(rng.randint(2, 4))]
    furniture = [line.format(n=rng.randint(2, 29), year=rng.randint(2001, 2023)) for line in SITES_OF_OURS[site]]
    blocks = [f"<p>{paragraph}</p>" for paragraph in paragraphs]
    for number, line in enumerate(furniture[1:-1]):  # boxes inside the article, on most pages
        if rng.random() < 0.8:
            tag = ("p", "div", "li", "span")[number % 4]
            blocks.insert(rng.randint(0, len(blocks)), "".join(f"<{tag}>{part}</{tag}>" for part in line.split("|")))
    tracks = "".join(f"<li>{n}. {rng.choice(SOUNDS).title()} {n} ({n}:{rng.randint(10, 59)})</li>" for n in range(1, 5))
    comments = "".join(f"<div><p>{text}</p><a>Reply</a></div>" for text in rng.sample(PARTS["comments"], 3))
    menu = "".join(f"<li><a href='/{n}'>{part}</a></li>" for n, part in enumerate(furniture[0].split("|")))
    body = f"<nav><ul>{menu}</ul></nav><article><h1>{band}</h1>{''.join(blocks)}<ol>{tracks}</ol></article>"
    foot = f"<section><h2>Comments</h2>{comments}</section><footer><p>{furniture[-1].replace('|', ' | ')}</p></footer>"
    return f"<html><head><title>{band}</title></head><body>{body}{foot}</body></html>"


def pages_of_ours(extracted: bool) -> list[tuple[str, str, str, str]]:
    """(url, host, title, body) of 360 pages on eight sites, eight about each band."""
    rng = random.Random(17)
    found = []
    for number, band in enumerate(bands()):
        for site in SITES_OF_OURS:
            url, html = f"http://{site}.example/{number}", page_of_ours(band, site, rng)
            title, body = main_text(url, html.encode()) if extracted else (band, lines_of(html))
            found.append((url, f"{site}.example", title, body))
    return found


def lines_of(html: str) -> str:
    """All that a page says, a line for each innermost element."""
    elements = lxml.html.fromstring(html).xpath("//body//*[not(*)]")
    return "\n".join(text for element in elements if (text := element.text_content().strip()))


@pytest.mark.parametrize("extracted", [True, False], ids=["main text", "whole page"])
def test_pages_with_much_around_them_give_no_junk(home, tmp_path, extracted):
    pages = pages_of_ours(extracted)
    assert len(pages) >= 300
    fill(home, bands(), pages)
    rows = top_terms(home, tmp_path)
    assert len(rows) >= 1000
    junk = [row for row in rows if is_junk(row)]
    assert len(junk) <= MOST_JUNK * len(rows), (len(junk), len(rows), junk[:20])
