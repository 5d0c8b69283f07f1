"""What three made-up sites write: a magazine, an encyclopaedia, a network of fan blogs.

Every page of music is put together from `kinsong.demo.templates` around one artist, or several for lists and scene
reports. It keeps to its scene's words no more than `kinsong.demo.grammar.Leaning` says, and names artists of others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from db.names import name_key
from kinsong.demo import offtopic
from kinsong.demo import templates as t
from kinsong.demo.cast import Artist
from kinsong.demo.grammar import SCENE, Writer, pick
from kinsong.demo.scenes import SCENES

MAGAZINE, WIKI, BLOG = "magazine", "wiki", "blog"
SITES = (MAGAZINE, WIKI, BLOG)
COUNTS = {"biography": 170, "review": 112, "interview": 36, "list": 22, "report": 16, "live": 46, "post": 56}
OFF_TOPIC, SYNDICATED = 36, 6
PLAN: dict[str, tuple[tuple[tuple[str, ...], int, int], ...]] = {
    "biography": (
        (t.LEAD, 1, 2), (t.ORIGIN, 2, 3), (t.STYLE, 3, 5), (t.STUDIO, 2, 3), (t.SONGS, 2, 3), (t.LYRICS, 1, 2),
        (t.PEERS, 1, 2), (t.STRANGERS, 0, 1), (t.RECEPTION, 1, 2),
    ),
    "review": (
        (t.STUDIO, 1, 2), (t.STYLE, 3, 5), (t.SONGS, 3, 4), (t.LYRICS, 1, 2), (t.PEERS, 1, 1), (t.STRANGERS, 1, 1),
        (t.RECEPTION, 0, 1), (t.CLOSE, 1, 2),
    ),
    "live": (
        (t.LIVE, 4, 6), (t.STYLE, 1, 3), (t.SONGS, 1, 3), (t.STRANGERS, 1, 2), (t.PEERS, 0, 1), (t.CLOSE, 1, 1),
    ),
    "post": (
        (t.POST, 1, 2), (t.LEAD, 0, 1), (t.STYLE, 2, 4), (t.SONGS, 2, 3), (t.PEERS, 1, 2), (t.LYRICS, 0, 2),
        (t.STRANGERS, 0, 1), (t.CLOSE, 1, 1),
    ),
}  # fmt: skip
"""Kind of page → where its sentences come from, in order: templates, fewest, most."""
MOST_SENTENCES = 4
"""Of a paragraph."""
FIRST_DAY = date(2015, 1, 5)
LIST_TITLES = ("Records of the month", "Songs for a long drive", "What we played", "The year so far", "New noises")
AUTHORS = ("Nell Ostrander", "P. Quick", "Iva Tham", "Josip Mare", "Lotte Berg", "Sam Okell", "R. Dufresne")


@dataclass(frozen=True)
class Page:
    """One article."""

    site: str
    path: str
    kind: str
    """biography, review, interview, list, report, live, post, or the topic of one that is not about music."""
    title: str
    paragraphs: tuple[str, ...]
    """Plain text."""
    author: str
    published: date
    artist: str | None
    """Label of the artist it is about; none for lists, reports and what is not about music."""
    mentions: tuple[str, ...]
    """Labels of all artists that the paragraphs name."""
    noindex: bool = False

    @property
    def text(self) -> str:
        """The paragraphs, a line each."""
        return "\n".join(self.paragraphs)


def pages(rng: np.random.Generator, artists: Sequence[Artist]) -> tuple[Page, ...]:
    """All articles of the three sites, by site and path."""
    named = [artist for artist in artists if "text" in artist.known_from]
    found = [_about(rng, kind, artist, named) for kind, artist in _assignments(rng, named)]
    found += [_list(rng, named) for _ in range(COUNTS["list"])]
    found += [_report(rng, SCENES[n % len(SCENES)].name, named) for n in range(COUNTS["report"])]
    found += [_off_topic(rng, named) for _ in range(OFF_TOPIC)]
    reviews = [n for n, page in enumerate(found) if page.kind == "review"]
    found += [_syndicated(found[n]) for n in rng.choice(reviews, SYNDICATED, replace=False).tolist()]
    found[reviews[0]] = replace(found[reviews[0]], noindex=True)
    return tuple(sorted(_with_paths(found), key=lambda page: (SITES.index(page.site), page.path)))


def _assignments(rng: np.random.Generator, named: Sequence[Artist]) -> list[tuple[str, Artist]]:
    """(kind of page, artist): whom each page that is about one artist is about."""
    text_only = [artist for artist in named if artist.known_from == {"text"}]
    sparse = [artist for artist in named if artist.sparse]
    full = [artist for artist in named if len(artist.known_from) == 3 and not artist.sparse]
    full = [full[int(n)] for n in rng.permutation(len(full))]
    biographies = text_only + sparse[::2] + full
    first, rest = biographies[: COUNTS["biography"]], biographies[COUNTS["biography"] :]
    # nobody without a page; who is known from text alone has a second one
    must = {"review": sparse[1::2] + rest + text_only[::4], "interview": text_only[1::4]}
    must |= {"live": text_only[2::4], "post": text_only[3::4]}
    found = [("biography", artist) for artist in first]
    pool = full + text_only
    share = np.array([artist.popularity for artist in pool]) ** 0.5
    for kind, musts in must.items():
        drawn = rng.choice(len(pool), COUNTS[kind] - len(musts), p=share / share.sum())
        found += [(kind, artist) for artist in [*musts, *(pool[int(n)] for n in drawn)]]
    return found


def _about(rng: np.random.Generator, kind: str, artist: Artist, named: Sequence[Artist]) -> Page:
    writer = _writer(rng, artist, named)
    if kind == "interview":
        paragraphs = list(_interview(writer))
    else:
        lines = [line for entries, least, most in PLAN[kind] for line in _some(rng, entries, least, most)]
        paragraphs = [writer.paragraph(part) for part in _parts(rng, lines)]
    if artist.label not in writer.mentioned:
        paragraphs.insert(0, writer.paragraph([pick(rng, t.LEAD[:2])]))
    site = {"biography": WIKI, "live": BLOG, "post": BLOG}.get(kind, MAGAZINE)
    return _page(writer, site, kind, _title(writer, kind), paragraphs, tuple(writer.mentioned), artist.label)


def _title(writer: Writer, kind: str) -> str:
    label = writer.artist.label
    album = pick(writer.rng, writer.artist.albums)
    place, venue = writer.word("place"), writer.word("venue")
    choices = {
        "biography": (label,),
        "review": (f"{label}: {album}", f"{album} by {label}", f"Review: {label}, “{album}”"),
        "interview": (f"A talk with {label}", f"{label}: “I like it loud”", f"Ten questions for {label}"),
        "live": (f"{label} at {venue}", f"Live in {place}: {label}", f"{label}, {venue}, front row"),
        "post": (f"Why I keep playing {label}", f"{label} again", f"On {label}", f"{label} for beginners"),
    }
    return pick(writer.rng, choices[kind])


def _interview(writer: Writer) -> Iterator[str]:
    rng = writer.rng
    yield writer.paragraph([*_some(rng, t.LEAD, 1, 1), *_some(rng, t.ORIGIN, 1, 2), *_some(rng, t.LIVE, 0, 1)])
    answers = _some(rng, t.ANSWERS, 12, 13)
    for question in _some(rng, t.QUESTIONS, 5, 6):
        yield writer.paragraph([question])
        yield writer.paragraph([answers.pop(), answers.pop()])
    yield writer.paragraph([*_some(rng, t.STYLE, 1, 2), *_some(rng, t.CLOSE, 1, 1)])


def _list(rng: np.random.Generator, named: Sequence[Artist]) -> Page:
    """Many artists of two to five scenes, and a line or two about each."""
    scenes = [scene.name for scene in SCENES]
    kept = [scenes[int(n)] for n in rng.permutation(len(scenes))[: int(rng.integers(2, 6))]]
    pool = [artist for artist in named if artist.scene in kept and not artist.sparse]
    share = np.array([artist.popularity for artist in pool]) ** 0.5
    chosen = rng.choice(len(pool), int(rng.integers(8, 13)), replace=False, p=share / share.sum())
    writers = [_writer(rng, pool[int(n)], named) for n in chosen]
    paragraphs = [writers[0].paragraph(_some(rng, t.LIST_OPENING, 1, 2))]
    paragraphs += [writer.paragraph([*_some(rng, t.BLURBS, 1, 1), *_some(rng, t.STYLE, 0, 1)]) for writer in writers]
    title = f"{pick(rng, LIST_TITLES)}, part {int(rng.integers(2, 99))}"
    return _page(writers[0], MAGAZINE, "list", title, paragraphs, _mentioned(writers))


def _report(rng: np.random.Generator, scene: str, named: Sequence[Artist]) -> Page:
    """A visit to a scene: what goes on there, some of its artists, a guest from elsewhere."""
    own = [artist for artist in named if artist.scene == scene and not artist.sparse]
    chosen = [own[int(n)] for n in rng.choice(len(own), int(rng.integers(4, 6)), replace=False)]
    writers = [_writer(rng, artist, named) for artist in chosen]
    paragraphs = [writers[0].paragraph(_some(rng, t.REPORT, 3, 4))]
    for writer in writers:
        lines = [*_some(rng, t.LEAD, 1, 1), *_some(rng, t.STYLE, 0, 1), *_some(rng, t.SONGS, 0, 1)]
        paragraphs.append(writer.paragraph(lines))
    paragraphs.append(writers[-1].paragraph([*_some(rng, t.STRANGERS, 1, 1), *_some(rng, t.REPORT, 1, 2)]))
    place = pick(rng, SCENE[scene].vocabulary["place"])
    title = pick(rng, (f"A night in {place}", f"Scene report: {place}", f"{place} after dark"))
    return _page(writers[0], MAGAZINE, "report", title, paragraphs, _mentioned(writers))


def _off_topic(rng: np.random.Generator, named: Sequence[Artist]) -> Page:
    """Cooking, travel or football; once in a while the radio is on."""
    topic = pick(rng, tuple(offtopic.TOPICS))
    words = offtopic.TOPICS[topic]

    def fill(sentence: str) -> str:
        text = re.sub(r"\{(\w+)\}", lambda found: pick(rng, words[found[1]]), sentence)
        return text[0].upper() + text[1:]

    lines = [fill(sentence) for sentence in _some(rng, offtopic.SENTENCES, 10, 16)]
    writer = _writer(rng, pick(rng, named), named)
    if rng.random() < 0.2:
        lines.append(f"The radio played {writer.name(writer.artist)} and nobody minded.")
    paragraphs = [" ".join(part) for part in _parts(rng, lines)]
    return _page(writer, BLOG, topic, pick(rng, words["title"]), paragraphs, tuple(writer.mentioned))


def _syndicated(page: Page) -> Page:
    """The same review on another site, with a line of its own."""
    note = "This review first appeared in a magazine; we are glad to share it here."
    return replace(page, site=BLOG, paragraphs=(*page.paragraphs, note), published=page.published + timedelta(days=9))


def _writer(rng: np.random.Generator, artist: Artist, named: Sequence[Artist]) -> Writer:
    """A writer for the artist, with a few peers of its scene (near ones more often) and strangers of others."""
    others = [other for other in named if other is not artist and not other.sparse]
    scenes = {artist.scene, artist.bridge}
    near = [other for other in others if other.scene in scenes]
    away = [other for other in others if other.scene not in scenes]
    gap = np.array([(o.place[0] - artist.place[0]) ** 2 + (o.place[1] - artist.place[1]) ** 2 for o in near])
    share = np.exp(-gap) * np.array([other.popularity**0.4 for other in near])
    kinship = np.array([2.0 if other.scene in SCENE[artist.scene].neighbours else 1.0 for other in away])
    kinship *= np.array([other.popularity**0.4 for other in away])
    peers = [near[int(n)] for n in rng.choice(len(near), 4, replace=False, p=share / share.sum())]
    strangers = [away[int(n)] for n in rng.choice(len(away), 3, replace=False, p=kinship / kinship.sum())]
    return Writer(rng, artist, peers, strangers)


def _mentioned(writers: Sequence[Writer]) -> tuple[str, ...]:
    """Whom all of the writers have named."""
    return tuple(dict.fromkeys(label for writer in writers for label in writer.mentioned))


def _page(
    writer: Writer,
    site: str,
    kind: str,
    title: str,
    paragraphs: Sequence[str],
    mentions: tuple[str, ...],
    artist: str | None = None,
) -> Page:
    """The page as the writer leaves it: signed and dated, its address still to come."""
    rng = writer.rng
    day = FIRST_DAY + timedelta(days=int(rng.integers(3600)))
    return Page(site, "", kind, title, tuple(paragraphs), pick(rng, AUTHORS), day, artist, mentions)


def _some(rng: np.random.Generator, entries: Sequence[str], least: int, most: int) -> list[str]:
    """Between ``least`` and ``most`` of the entries, none twice, in random order."""
    count = int(rng.integers(least, most + 1))
    return [entries[int(n)] for n in rng.permutation(len(entries))[:count]]


def _parts(rng: np.random.Generator, lines: Sequence[str]) -> Iterator[list[str]]:
    """The lines as paragraphs of two to four."""
    start = 0
    while start < len(lines):
        size = int(rng.integers(2, MOST_SENTENCES + 1))
        yield list(lines[start : start + size])
        start += size


def _with_paths(found: Sequence[Page]) -> Iterator[Page]:
    """The pages, each with an address of its own."""
    folders = {"review": "reviews", "interview": "interviews", "list": "lists", "report": "scenes"}
    taken: set[tuple[str, str]] = set()
    for page in found:
        slug = re.sub(r"[^a-z0-9]+", "-", name_key(page.title)).strip("-")
        if page.site == WIKI:
            folder = "wiki"
        elif page.site == BLOG:
            folder = f"{page.published:%Y/%m}"
        else:
            folder = folders[page.kind]
        path = number = f"/{folder}/{slug}"
        count = 1
        while (page.site, path) in taken:
            count += 1
            path = f"{number}-{count}"
        taken.add((page.site, path))
        yield replace(page, path=path)
