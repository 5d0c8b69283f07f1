from __future__ import annotations

import csv
import io
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from db.home import Home

PARAGRAPH = (
    "Neon Player B released an icy album full of analog synth and midnight pulse. The songs were recorded at night, "
    "and Neon Player C sang in the chorus. Critics praised the glossy sequencer sounds of Neon Player B for weeks."
)
PAGE = (
    "<!doctype html><html lang=en><head><title>Neon Player B: a review</title></head><body><nav>Home News Shop</nav>"
    f"<article><h1>Neon Player B: a review</h1><p>{PARAGRAPH}</p><p>{PARAGRAPH.replace('icy', 'glossy')}</p></article>"
    "<footer>Cookies and more</footer></body></html>"
)


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        page = {"/robots.txt": "User-agent: *\nDisallow: /secret", "/moved": "", "/secret": PAGE, "/page": PAGE}
        body = page.get(self.path)
        self.send_response(404 if body is None else 302 if self.path == "/moved" else 200)
        if self.path == "/moved":
            self.send_header("Location", "/page")
        self.send_header("Content-Type", "text/plain" if self.path == "/robots.txt" else "text/html")
        self.end_headers()
        self.wfile.write((body or "").encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_text_in_every_format(kinsong, built: Home, tmp_path: Path) -> None:
    path = tmp_path / "review.txt"
    path.write_text(PARAGRAPH)
    table = kinsong("read", path, home=built.path)
    assert table.code == 0, table.err
    for word in ("Neon Player B", "analog synth", "musicality", "language   en"):
        assert word in table.out
    found = json.loads(kinsong("read", path, "--format", "json", home=built.path).out)
    assert {m["artist"] for m in found["mentions"] if m["counted"]} == {"Neon Player B", "Neon Player C"}
    assert {"kind": "adj", "term": "icy", "n": 1, "artists": ["Neon Player B"]} in found["terms"]
    rows = list(csv.DictReader(io.StringIO(kinsong("read", path, "--format", "csv", home=built.path).out)))
    assert sum(row["what"] == "mention" for row in rows) == len(found["mentions"])
    assert sum(row["what"] == "term" for row in rows) == len(found["terms"])


def test_html_is_extracted_and_standard_input_is_read(kinsong, built: Home, monkeypatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PAGE.encode())))
    found = json.loads(kinsong("read", "-", "--format", "json", home=built.path).out)
    assert (found["title"], found["about"]) == ("Neon Player B: a review", "Neon Player B")
    assert not {"cookies", "shop"} & {t["term"] for t in found["terms"]}
    assert found["source"] == "standard input"


def test_a_title_and_a_language_can_be_given(kinsong, built: Home, tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("Neon Player D recorded icy songs. The album of Neon Player D has a chorus and a loud guitar.")
    ran = kinsong("read", path, "--title", "Neon Player D: an album", "--language", "de", "--format", "json",
                  home=built.path)  # fmt: skip
    assert "does not tag" in ran.err
    found = json.loads(ran.out)
    assert (found["about"], found["language"]) == ("Neon Player D", "de")
    assert {t["kind"] for t in found["terms"]} == {"n1", "n2"}


BAD = {
    "missing.txt": None, "empty.txt": b"", "blank.txt": b" \n\t ", "zip": b"PK\x03\x04" + bytes(range(256)) * 9,
    "picture.png": b"\x89PNG\r\n\x1a\n" + bytes(200), "paper.pdf": b"%PDF-1.7\nhello there\n" * 20,
    "bare.html": b"<html><body></body></html>",
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_text_is_named(kinsong, built: Home, tmp_path: Path, name: str) -> None:
    content = BAD[name]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    ran = kinsong("read", tmp_path / name, home=built.path)
    assert (ran.code, ran.out) == (2, "")
    assert name in ran.err
    assert kinsong("read", tmp_path, home=built.path).code == 2


def test_a_megabyte_without_a_space_is_read_as_far_as_it_goes(kinsong, built: Home, tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(b"x" * 1_000_000)
    ran = kinsong("read", tmp_path / "long", home=built.path)
    assert ran.code == 0
    assert "in the first 100 of 1,000,000 characters" in ran.out
    assert "no artist" in ran.out
    (tmp_path / "wide.txt").write_text(PARAGRAPH, encoding="utf-16")
    assert "Neon Player B" in kinsong("read", tmp_path / "wide.txt", home=built.path).out


def test_a_page_that_was_crawled_is_not_fetched_again(kinsong, built: Home) -> None:
    found = json.loads(kinsong("read", "http://host0.test/neon/1", "--format", "json", home=built.path).out)
    assert found["about"] == "Neon Player B"
    assert "as it was crawled" in found["source"]


def test_nothing_is_fetched_without_a_contact(kinsong, built: Home) -> None:
    ran = kinsong("read", "http://example.org/", home=built.path)
    assert (ran.code, "contact" in ran.err) == (1, True)
    assert kinsong("read", "ftp://example.org/x", home=built.path).code == 2


@pytest.mark.parametrize(("path", "told"), [("/page", ""), ("/moved", ""), ("/secret", "robots"), ("/gone", "404")])
def test_a_page_is_fetched_with_guard_and_robots(built: Home, web: str, path: str, told: str) -> None:
    import os
    import subprocess

    command = [sys.executable, "-c", "from kinsong.cli import main; main()", "--home", str(built.path), "read"]
    run = [*command, web + path, "--format", "json", "--allow-private"]
    ran = subprocess.run(run, capture_output=True, text=True, timeout=60, check=False, env=os.environ)
    if told:
        assert (ran.returncode, ran.stdout) == (1, "")
        assert told in ran.stderr
    else:
        found = json.loads(ran.stdout)
        assert (found["about"], found["source"]) == ("Neon Player B", f"{web}/page")
