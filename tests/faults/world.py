"""The smallest world that every step of kinsong has work in: files to import, a site to crawl, settings that are quick.

Two scenes of fourteen artists, the first of each played by all and said to be like everybody; plays, playlists, tags,
labels, artists and tracks; a site of one index and a page per artist, two of them near-duplicates.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np

SCENES = {
    "harbour": ("slide guitar", "smoky", "river ballad", "fiddle", "rustic"),
    "neon": ("analog synth", "icy", "midnight pulse", "sequencer", "glossy"),
}
PER_SCENE = 14
NAMES = {scene: [f"{scene.title()} Player {chr(65 + n)}" for n in range(PER_SCENE)] for scene in SCENES}
EVERY = [name for names in NAMES.values() for name in names]
KINDS = ("artists", "plays", "playlists", "tags", "similar", "tracks")
SETTINGS = {
    "crawl": {"delay": 0.0, "retry_delay": 0.1, "patience": 0.2},
    "build": {"keep_runs": 1},
    "read": {"processes": 1},
    "als": {"dim": 4, "epochs": 2, "biases": True},
    "vector_exp": {"enabled": True, "dim": 4, "epochs": 2},
    "playlist": {"dim": 4, "visits": 4},
    "index": {"trees": 2},
    "ranker": {"min_queries": 4, "folds": 2, "rounds": 4, "rounds_per_query": 4.0, "min_leaf": 2, "leaves": 4},
    "related": {"n": 4, "pool": 6},
}
"""What the tests set in kinsong.toml."""


def write_files(folder: Path, seed: int = 3) -> dict[str, Path]:
    """One file to import of each of `KINDS`; another seed gives other plays, playlists, tags and labels."""
    rng = np.random.default_rng(seed)

    def draw(scene: str, n: int) -> list[str]:
        return [str(rng.choice(NAMES[scene] if rng.random() < 0.85 else EVERY)) for _ in range(n)]

    scenes = list(SCENES)
    plays = [
        {"listener": f"listener{n}", "artist": artist, "plays": int(rng.integers(1, 40)), "track": f"song {artist[-1]}"}
        for n in range(24) for artist in sorted({*draw(scenes[n % 2], 9), *(names[0] for names in NAMES.values())})
    ]  # fmt: skip
    lists = [
        {"name": f"list {n}", "tracks": [
            {"title": f"song {artist[-1]}", "artists": [artist]} for artist in draw(scenes[n % 2], 8)
        ]}
        for n in range(16)
    ]  # fmt: skip
    tags = [
        {"artist": name, "tag": str(rng.choice(words)), "count": int(rng.integers(1, 9))}
        for scene, words in SCENES.items() for name in NAMES[scene]
    ]  # fmt: skip
    similar = [
        {"artist": name, "similar": names[0]}
        for group in NAMES.values() for name in group[1:9] for names in NAMES.values()
    ]  # fmt: skip
    rows = {
        "artists": [{"name": name, "aliases": [f"{name} Band"]} for name in [*EVERY, "Quiet Newcomer"]],
        "plays": plays, "playlists": lists, "tags": tags, "similar": similar,
        "tracks": [{"artist": name, "title": f"song {name[-1]}"} for name in EVERY],
    }  # fmt: skip
    folder.mkdir(exist_ok=True)
    paths = {kind: folder / f"{kind}.jsonl" for kind in KINDS}
    for kind, path in paths.items():
        path.write_text("".join(json.dumps(row) + "\n" for row in rows[kind]))
    return paths


def pages(seed: int = 3) -> dict[str, str]:
    """Path → HTML of the site: an index at /, a page per artist, and a copy of the first one."""
    rng = np.random.default_rng(seed)
    site: dict[str, str] = {}
    for scene, words in SCENES.items():
        for place, name in enumerate(NAMES[scene]):
            picked = [str(word) for word in rng.permutation(words)]
            site[f"/{scene}/{place}"] = _page(
                f"{name}: a review",
                f"{name} released a new album of {picked[0]} music this spring, their {place + 2}th. The songs of "
                f"{name} are full of {picked[1]} sounds, {picked[2]} and {picked[3]} arrangements. The {scene} crowd "
                f"of venue number {place} likes them.",
                f"On stage the band plays {picked[4]} tunes, and listeners hear a {picked[0]} in every chorus. Friends "
                f"of {NAMES[scene][(place + 1) % PER_SCENE]} will like {name} too, says the {scene} gazette.",
            )
    site["/copy"] = site["/harbour/0"]
    links = "".join(f'<li><a href="{path}">{path}</a></li>' for path in site)
    return {"/": _page("Index", f"<ul>{links}</ul>", "")} | site


def _page(title: str, *paragraphs: str) -> str:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    head = f'<meta charset="utf-8"><title>{title}</title><meta name="date" content="2019-05-01">'
    body = f"<article><h1>{title}</h1>{text}</article>"
    return f"<!doctype html><html lang=en><head>{head}</head><body>{body}</body></html>"


@contextmanager
def serving(site: dict[str, str]) -> Iterator[str]:
    """The site on loopback while the block runs; its URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = 65536

        def do_GET(self) -> None:
            body = site.get(self.path, "not here").encode()
            self.send_response(200 if self.path in site else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A crawler that was killed has hung up."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def choose_settings(home: Path, **more: dict[str, object]) -> None:
    """Put `SETTINGS`, and more of the same shape, into a home's kinsong.toml."""
    path = home / "kinsong.toml"
    text = path.read_text()
    for section, values in [*SETTINGS.items(), *more.items()]:
        for key, value in values.items():
            line = f"{key} = {json.dumps(value)}"
            text, n = re.subn(rf"(?ms)(^\[{section}\]$.*?^){key} = [^\n]*$", rf"\g<1>{line}", text, count=1)
            assert n == 1, (section, key)
    path.write_text(text)
