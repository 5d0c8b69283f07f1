"""URLs: one spelling each, the host they are fetched from, and what a source's scope takes in."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from urllib.parse import urljoin, urlsplit, urlunsplit

from courlan import normalize_url
from w3lib.url import canonicalize_url

SCHEMES = {"http": 80, "https": 443}
MAX_LENGTH = 2000
MAX_REPEATS = 3
MAX_PARAMETERS = 8

_SESSION = re.compile(
    r"[;?&](?:jsessionid|phpsessid|aspsessionid[a-z]*|sessionid|session_id|sid|cftoken)=[0-9a-z._!-]{16,}(?=[?&#]|$)",
    re.IGNORECASE,
)
"""A session's name with a value as long as only machines give: without it the page is the same."""
_ORDER = re.compile(
    r"(?:^|&)(?:sort|sort_?by|sort_?order|order|order_?by|dir|direction|per_?page|page_?size|replytocom|print)=",
    re.IGNORECASE,
)
"""The same list in another order, or the same page for a printer."""


def canonical(url: str, base: str | None = None) -> str | None:
    """The one spelling of a URL that the frontier keeps, or nothing for what can never be fetched.

    Scheme and host in lower case, host in ASCII, no default port, no fragment, no tracking or session parameters,
    parameters in order, dot segments resolved. Refused: schemes other than http and https, user names, over 2,000
    characters.
    """
    if base is not None:
        try:
            url = urljoin(base, url.strip())
        except ValueError:
            return None
    return _canonical(url)


@lru_cache(maxsize=65_536)
def _canonical(url: str) -> str | None:
    if len(url) > MAX_LENGTH or url[:4].lower() != "http":
        return None
    try:
        parts = urlsplit(canonicalize_url(normalize_url(_without_session(url))))
        host, port = parts.hostname, parts.port
    except ValueError:  # UnicodeError too: a host or a character that no spelling can save
        return None
    if parts.scheme not in SCHEMES or not host or "@" in parts.netloc or port == 0:
        return None
    host = host.rstrip(".")
    if not host or not host.isprintable() or any(c in host for c in " \\/<>\"'"):
        return None
    shown = f"[{host}]" if ":" in host else host
    netloc = shown if port in {None, SCHEMES[parts.scheme]} else f"{shown}:{port}"
    plain = urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, ""))
    return plain if len(plain) <= MAX_LENGTH else None


def _without_session(url: str) -> str:
    if "=" not in url:
        return url
    path, mark, query = url.partition("?")
    path, query = _SESSION.sub("", path), _SESSION.sub("", mark + query)
    return f"{path}?{query.lstrip('?&')}" if query.lstrip("?&") else path


def host_of(url: str) -> str:
    """host, or host:port where the port is not the scheme's own, of a canonical URL: the unit of politeness."""
    return urlsplit(url).netloc


def origin_of(url: str) -> str:
    """scheme://host:port of a canonical URL, the port always there: what one robots.txt speaks for."""
    parts = urlsplit(url)
    port = parts.port or SCHEMES[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}:{port}"


@lru_cache(maxsize=65_536)
def is_trap(url: str) -> bool:
    """A URL as endless link mazes make them: a path segment over and over, many parameters, orders of one list."""
    parts = urlsplit(url)
    segments = Counter(s for s in parts.path.split("/") if s)
    return (
        max(segments.values(), default=0) > MAX_REPEATS
        or parts.query.count("&") >= MAX_PARAMETERS
        or _ORDER.search(parts.query) is not None
    )


@dataclass(frozen=True)
class Scope:
    """What belongs to a source: a host (www. or not, http or https) and the path it starts in.

    Attributes:
        host: host of the start page without a leading www.; empty: any host.
        prefix: path that every page begins with, ending in a slash; "/" is the whole host.
        include, exclude: patterns, over path and query where they begin with a slash, else over the whole URL.
    """

    host: str
    prefix: str
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def takes(self, url: str) -> bool:
        """Whether a canonical URL lies inside."""
        parts = urlsplit(url)
        if self.host and parts.netloc.removeprefix("www.") != self.host:
            return False
        if not (parts.path.startswith(self.prefix) or parts.path + "/" == self.prefix):
            return False
        path = url[len(parts.scheme) + 3 + len(parts.netloc) :]
        if any(_matches(pattern, url, path) for pattern in self.exclude):
            return False
        return not self.include or any(_matches(pattern, url, path) for pattern in self.include)


def _matches(pattern: str, url: str, path: str) -> bool:
    return fnmatchcase(path if pattern.startswith("/") else url, pattern)


def scope_of(url: str, include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()) -> Scope:
    """The scope of a site that starts at a canonical URL: its host, and its path up to the last slash."""
    parts = urlsplit(url)
    return Scope(parts.netloc.removeprefix("www."), parts.path.rpartition("/")[0] + "/", include, exclude)
