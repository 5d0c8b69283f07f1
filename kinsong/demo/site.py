"""The three sites of a world on real HTTP servers on loopback: HTTP/1.1, keep-alive, ETag, robots, feed, sitemap."""

from __future__ import annotations

import hashlib
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from db.names import name_key
from kinsong.demo import layout
from kinsong.demo.pages import BLOG, MAGAZINE, SITES, WIKI, Page
from kinsong.demo.world import World

PER_INDEX = 25
IN_FEED = 40
RELATED = 5
_HTML, _XML, _PLAIN = "text/html; charset=utf-8", "application/xml; charset=utf-8", "text/plain; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    """What a path answers."""

    body: bytes
    kind: str
    """Its Content-Type."""
    location: str = ""
    """Where a redirect leads; empty for a page."""
    modified: str = ""
    """Last-Modified, where it is known."""

    @property
    def etag(self) -> str:
        """A strong validator: the hash of the body."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:20]}"'


@contextmanager
def serve(world: World, ports: Sequence[int] = (0, 0, 0)) -> Iterator[list[str]]:
    """Serve the sites on 127.0.0.1; yields their base URLs (no slash at the end): magazine, encyclopaedia, blogs.

    A port of 0 is dealt by the system. The three are in byte order of their URLs, so that whatever is sorted by URL
    comes in the same order on every run.
    """
    with ExitStack() as stack:
        servers = [stack.enter_context(_Server(("127.0.0.1", port))) for port in ports]
        servers.sort(key=lambda server: str(server.server_port))
        bases = {site: f"http://127.0.0.1:{server.server_port}" for site, server in zip(SITES, servers, strict=True)}
        for site, server in zip(SITES, servers, strict=True):
            server.answers = answers(world, site, bases)
            thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.02), daemon=True)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
        yield list(bases.values())


def answers(world: World, site: str, bases: dict[str, str]) -> dict[str, Answer]:
    """Path → answer, for one site; ``bases``: base URL of every site."""
    pages = [page for page in world.pages if page.site == site]
    homes = {page.artist: page for page in world.pages if page.kind == "biography" and page.artist}
    found = {}
    for number, page in enumerate(pages):
        related = [pages[(number + 7 * step * step) % len(pages)] for step in range(1, RELATED + 1)]
        html = layout.article(page, bases, related, homes)
        found[page.path] = Answer(html.encode(), _HTML, modified=layout.stamp(page))
    newest = sorted(pages, key=lambda page: (page.published, page.path), reverse=True)
    extra = {MAGAZINE: _magazine, WIKI: _wiki, BLOG: _blog}[site]
    return found | extra(bases[site], newest)


def _magazine(base: str, newest: Sequence[Page]) -> dict[str, Answer]:
    best = next(page for page in newest if page.kind == "list")
    return _numbered(MAGAZINE, newest) | {
        "/feed.xml": Answer(layout.feed(base, newest[:IN_FEED]).encode(), "application/rss+xml; charset=utf-8"),
        "/robots.txt": Answer(b"User-agent: *\nDisallow: /admin/\n", _PLAIN),
        "/best-of": Answer(b"", _PLAIN, location=best.path),
    }


def _wiki(base: str, newest: Sequence[Page]) -> dict[str, Answer]:
    letters: defaultdict[str, list[Page]] = defaultdict(list)
    for page in sorted(newest, key=lambda page: page.path):
        letters[name_key(page.title)[0]].append(page)
    alphabet = [(letter.upper(), f"/index/{letter}") for letter in sorted(letters)]
    found = {
        f"/index/{letter}": Answer(layout.index(WIKI, letter.upper(), pages, alphabet).encode(), _HTML)
        for letter, pages in letters.items()
    }
    return found | {
        "/": Answer(layout.index(WIKI, "Main page", newest[:6], alphabet).encode(), _HTML),
        "/sitemap.xml": Answer(layout.sitemap(base, newest).encode(), _XML),
        "/robots.txt": Answer(f"User-agent: *\nAllow: /\n\nSitemap: {base}/sitemap.xml\n".encode(), _PLAIN),
    }


def _blog(base: str, newest: Sequence[Page]) -> dict[str, Answer]:  # noqa: ARG001
    secret = layout.index(BLOG, "Drafts that nobody should read", newest[:3], ())
    return _numbered(BLOG, newest) | {
        "/private/drafts": Answer(secret.encode(), _HTML),
        "/robots.txt": Answer(b"User-agent: *\nDisallow: /private/\nCrawl-delay: 0.01\n", _PLAIN),
    }


def _numbered(site: str, newest: Sequence[Page]) -> dict[str, Answer]:
    """The front page and the older ones, each a list of links."""
    parts = [newest[start : start + PER_INDEX] for start in range(0, len(newest), PER_INDEX)]
    paths = ["/", *(f"/page/{number}" for number in range(2, len(parts) + 1))]
    return {
        path: Answer(layout.index(site, f"Page {number}", part, [("Older", older)] if older else []).encode(), _HTML)
        for number, (path, part, older) in enumerate(zip(paths, parts, [*paths[1:], ""], strict=True), start=1)
    }


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD from the server's table."""

    protocol_version = "HTTP/1.1"
    server_version = "demo"
    disable_nagle_algorithm = True
    timeout = 60
    server: _Server

    def do_GET(self) -> None:
        """Answer in full, or with 304 when the client has it already."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """The same without a body."""
        self._answer(with_body=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Stay silent: the crawler keeps its own record."""

    def _answer(self, with_body: bool) -> None:
        answer = self.server.answers.get(urlsplit(self.path).path)
        if answer is None:
            missing = Answer(b"<!DOCTYPE html><title>Not found</title><p>There is nothing here.</p>", _HTML)
            self._send(HTTPStatus.NOT_FOUND, missing, with_body)
        elif answer.location:
            self._send(HTTPStatus.MOVED_PERMANENTLY, answer, with_body)
        elif self.headers.get("If-None-Match") == answer.etag:
            self._send(HTTPStatus.NOT_MODIFIED, answer, with_body=False)
        else:
            self._send(HTTPStatus.OK, answer, with_body)

    def _send(self, status: HTTPStatus, answer: Answer, with_body: bool) -> None:
        self.send_response(status)
        if status is HTTPStatus.OK:
            self.send_header("Last-Modified", answer.modified) if answer.modified else None
        if status in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
            self.send_header("ETag", answer.etag)
        if answer.location:
            self.send_header("Location", answer.location)
        if status is not HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if with_body:
            self.wfile.write(answer.body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    answers: dict[str, Answer]

    def __init__(self, address: tuple[str, int]) -> None:
        self.answers = {}
        super().__init__(address, _Handler)
