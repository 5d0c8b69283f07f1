"""A small web on loopback, and crawls in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from db.home import Home

ROOT = Path(__file__).parents[2]
CRAWL = """
import dataclasses, json, sys
from pathlib import Path
import db.catalog, db.results, db.web
from crawlers import jobs
from crawlers.settings import Config
from db.errors import KinsongError
from db.home import Home, default_url
from db.session import open_engine

path, config, limits = Path(sys.argv[1]), json.loads(sys.argv[2]), json.loads(sys.argv[3])
home = Home(path, open_engine(default_url(path)))
try:
    report = jobs.crawl(home, Config(**config), **limits)
    print(json.dumps(dataclasses.asdict(report)))
except KinsongError as error:
    print(json.dumps({"error": f"{type(error).__name__}: {error}"}))
"""


@dataclass
class Reply:
    """What the small web answers with."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/html; charset=utf-8"})


@dataclass
class Web:
    """A host on loopback: pages by path, and what was asked of it when."""

    port: int = 0
    pages: dict[str, Reply | list[Reply]] = field(default_factory=dict)
    asked: list[tuple[float, str, dict[str, str]]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def html(self, path: str, body: str, head: str = "", **headers: str) -> None:
        text = f"<!doctype html><html lang=en><head><title>{path}</title>{head}</head><body>{body}</body></html>"
        self.pages[path] = Reply(text.encode(), headers={"Content-Type": "text/html; charset=utf-8"} | headers)

    def redirect(self, path: str, target: str, status: int = 302) -> None:
        self.pages[path] = Reply(b"", status, {"Location": target})

    def count(self) -> Counter[str]:
        return Counter(path for _, path, _ in self.asked)

    def answer(self, path: str) -> Reply:
        page = self.pages.get(path, Reply(b"not here", 404))
        if isinstance(page, list):
            return page.pop(0) if len(page) > 1 else page[0]
        return page


def _handler(web: Web) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = 65536

        def do_GET(self) -> None:
            asked = {k.lower(): v for k, v in self.headers.items()}
            web.asked.append((time.monotonic(), self.path, asked))
            reply = web.answer(self.path)
            tag = reply.headers.get("ETag")
            if tag is not None and asked.get("if-none-match") == tag:
                reply = Reply(b"", 304, {"ETag": tag})
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture
def new_web() -> Iterator[Callable[[], Web]]:
    """Makes hosts that serve until the test ends."""
    servers: list[ThreadingHTTPServer] = []

    def make() -> Web:
        web = Web()
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(web))
        server.daemon_threads = True
        web.port = server.server_port
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        servers.append(server)
        return web

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def web(new_web: Callable[[], Web]) -> Web:
    return new_web()


def command(home: Home, config: dict[str, Any], limits: dict[str, Any], before: str = "") -> list[str]:
    settings = {"delay": 0.0, "retry_delay": 0.2, "patience": 3.0} | config
    return [sys.executable, "-c", before + CRAWL, str(home.path), json.dumps(settings), json.dumps(limits)]


@pytest.fixture
def crawl(home: Home) -> Callable[..., dict[str, Any]]:
    """Runs a crawl in a process of its own, after the code `before`, and gives its report, or its error."""

    def run(limits: dict[str, Any] | None = None, before: str = "", **config: Any) -> dict[str, Any]:
        done = subprocess.run(
            command(home, config, limits or {}, before), capture_output=True, text=True, timeout=60, check=False,
            cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT), "http_proxy": "http://127.0.0.1:9/"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return dict(json.loads(done.stdout))

    return run


@pytest.fixture
def start_crawl(home: Home) -> Callable[..., subprocess.Popen[str]]:
    """Starts a crawl that the test may kill."""

    def run(**config: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command(home, config, {}), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    return run
