"""A made-up web on loopback for measuring the crawler: many hosts in one process, one host per address 127.0.h.1.

What a path answers is a function of host, path and how often it was asked before, so that any number of pages needs no
memory and every fault comes back on every run. The server keeps the log that the oracles read.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import random
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

HTML = "text/html; charset=utf-8"
SENTENCES = (
    "The {0} band recorded its {1} album in a {2} house near the river, with two guitars and a borrowed organ.",
    "Critics who had written that the {1} record was too long by half wrote the same about the {2} one.",
    "Nobody who heard the {0} quartet in that {2} year has forgotten the second encore of the {1} concert.",
    "She says that the {0} songs came slowly, and that the {1} drummer wanted all of them {2} and loud.",
    "On the first side the {2} voices are far away, on the other the {0} strings come close and stay {1}.",
    "It was the label that asked for a {1} single, and the {0} singer who refused to make it {2} enough.",
    "A {2} melody over {0} chords, some brass, and then the whole thing falls apart into {1} noise again.",
    "What the {0} producer took away was the {1} reverb; what he left standing is a {2} kind of patience.",
)


@lru_cache(maxsize=1)
def _words() -> list[str]:
    rng = random.Random(1)
    return ["".join(rng.choices("aeioubcdfghklmnprstvw", k=rng.randint(4, 9))) for _ in range(5000)]


def article(host: int, number: int, links: list[str], paragraphs: int = 8) -> bytes:
    """One page as magazines make them: metadata in the head, navigation, an article, a list of links, a footer."""
    rng = random.Random(host * 1_000_003 + number)
    title = " ".join(rng.choices(_words(), k=3)).title()
    date = f"20{rng.randint(10, 25)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    body = "".join(f"<p>{' '.join(_sentence(rng) for _ in range(4))}</p>" for _ in range(paragraphs))
    anchors = "".join(f'<li><a href="{link}">{rng.choice(_words())} {n}</a></li>' for n, link in enumerate(links))
    data = json.dumps({"@context": "https://schema.org", "@type": "Article", "headline": title, "datePublished": date})
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} | Host {host}</title>'
        f'<meta name="author" content="Jane Doe"><meta property="og:title" content="{title}">'
        f'<meta property="article:published_time" content="{date}T10:00:00Z">'
        f'<meta name="description" content="{_sentence(rng)}"><script type="application/ld+json">{data}</script>'
        "<style>body{font:16px serif}nav a{margin:1em}</style><script>var a=1;function f(){return a}</script></head>"
        '<body><header class="site-header"><nav><a href="/">Home</a> <a href="/p/0">Start</a></nav></header>'
        f'<main><article><h1>{title}</h1><div class="meta">By Jane Doe, <time datetime="{date}">{date}</time></div>'
        f'{body}</article></main><aside class="related"><h2>More to read</h2><ul>{anchors}</ul></aside>'
        "<footer><p>Copyright, all rights reserved, imprint and privacy.</p></footer></body></html>"
    ).encode()


def _sentence(rng: random.Random) -> str:
    return rng.choice(SENTENCES).format(*rng.choices(_words(), k=3))


@dataclass(frozen=True)
class Reply:
    """What a request is answered with.

    Attributes:
        fault: drop (close without a byte), truncate (close after half of the body), or nothing.
        pause: seconds between the first half of the body and the second.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": HTML})
    fault: str = ""
    pause: float = 0.0


Answer = Callable[[int, str, int, Mapping[str, str]], Reply]
"""(host, path, how often this path was asked for before, request headers in lower case) → reply."""


class _Connection(asyncio.Protocol):
    def __init__(self, server: _Server) -> None:
        self._server = server
        self._buffer = b""
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._host = int(transport.get_extra_info("sockname")[0].split(".")[2])

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            headers = {name.strip().lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
            self._send(*self._server.reply(self._host, first.split(" ")[1], headers))

    def _send(self, reply: Reply, head: bytes) -> None:
        half = len(reply.body) // 2
        if reply.fault == "drop":
            self._transport.abort()
        elif reply.fault == "truncate":
            self._transport.write(head + reply.body[:half])
            self._transport.close()
        elif reply.pause:
            self._transport.write(head + reply.body[:half])
            asyncio.get_running_loop().call_later(reply.pause, self._rest, reply.body[half:])
        else:
            self._transport.write(head + reply.body)

    def _rest(self, body: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(body)


class _Server:
    def __init__(self, answer: Answer, asked: Any) -> None:
        self._answer, self._asked = answer, asked
        self.log: list[tuple[float, int, str, int, int]] = []
        self._times: Counter[tuple[int, str]] = Counter()

    def reply(self, host: int, path: str, headers: Mapping[str, str]) -> tuple[Reply, bytes]:
        reply = self._answer(host, path, self._times[host, path], headers)
        self._times[host, path] += 1
        lines = [f"HTTP/1.1 {reply.status} Made up", *(f"{name}: {value}" for name, value in reply.headers.items())]
        lines.append(f"Content-Length: {len(reply.body)}")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        self.log.append((time.monotonic(), host, path, reply.status, len(head) + len(reply.body)))
        self._asked.value += 1
        return reply, head


def _serve(answer: Answer, bound: socket.socket, asked: Any, pipe: Any) -> None:
    async def run() -> None:
        server = _Server(answer, asked)
        loop = asyncio.get_running_loop()
        listening = await loop.create_server(lambda: _Connection(server), sock=bound, backlog=512)
        while await loop.run_in_executor(None, pipe.recv):
            pipe.send(server.log)
        listening.close()

    with suppress(EOFError):  # the other end is gone
        asyncio.run(run())


@dataclass
class MadeUpWeb:
    """The running server."""

    port: int
    _asked: Any
    _pipe: Any

    def url(self, host: int) -> str:
        """Base URL of a host, without a slash at the end."""
        return f"http://127.0.{host}.1:{self.port}"

    @property
    def asked(self) -> int:
        """Requests so far."""
        return int(self._asked.value)

    def log(self) -> list[tuple[float, int, str, int, int]]:
        """(monotonic time, host, path, status, bytes sent) of every request so far."""
        self._pipe.send(True)
        found: list[tuple[float, int, str, int, int]] = self._pipe.recv()
        return found


@contextmanager
def serving(answer: Answer) -> Iterator[MadeUpWeb]:
    """Serve on all of 127.0.0.0/8, in a process of its own."""
    fork = multiprocessing.get_context("fork")
    bound = socket.create_server(("0.0.0.0", 0), backlog=512)  # noqa: S104  every 127.x.y.z has to be answered
    asked = fork.Value("q", 0, lock=False)
    here, there = fork.Pipe()
    process = fork.Process(target=_serve, args=(answer, bound, asked, there), daemon=True)
    process.start()
    port = bound.getsockname()[1]
    bound.close()
    try:
        yield MadeUpWeb(port, asked, here)
    finally:
        process.kill()
        process.join()
