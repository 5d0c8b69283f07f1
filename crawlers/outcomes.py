"""What becomes of a page, given the answer or the error that its fetch ended with. Pure: values in, values out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawlers.extract import Extracted
from crawlers.frontier import Claim, Found, State
from crawlers.politeness import retry_after
from crawlers.revisit import PUNCTUAL
from crawlers.settings import Config
from crawlers.text import clean
from crawlers.urls import canonical

REDIRECTS = frozenset({301, 302, 303, 307, 308})
RETRIED = frozenset({408, 425, 429})
ASKS_FOR_PAUSE = frozenset({429, 503})


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, decompressed; header names in lower case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float = 0.0


def headers_of(raw: Mapping[bytes, Sequence[bytes]]) -> dict[str, str]:
    """Headers as they came as an answer has them: names in lower case, values that databases take."""
    return {
        name.decode("latin-1").lower(): clean(b", ".join(values).decode("utf-8", "replace"))
        for name, values in raw.items()
    }


@dataclass(frozen=True)
class Text:
    """One text to be kept as a document, and the URL it was read at."""

    url: str
    extracted: Extracted


@dataclass(frozen=True)
class Reading:
    """What a spider made of an answer.

    Attributes:
        texts: documents to keep.
        links: all that the page links to.
        found: what the frontier takes in.
        forget: the page asks not to be kept: what was kept of it goes.
        error: why nothing could be read.
    """

    texts: tuple[Text, ...] = ()
    links: tuple[str, ...] = ()
    found: tuple[Found, ...] = ()
    forget: bool = False
    error: str | None = None


@dataclass(frozen=True)
class Outcome:
    """One claimed page, settled.

    Attributes:
        replaces: the page was read anew: `reading` stands in place of what was kept of it.
        size, seconds: of the request.
    """

    claim: Claim
    state: State
    reading: Reading = Reading()
    replaces: bool = False
    size: int = 0
    seconds: float = 0.0

    @property
    def kind(self) -> str:
        """What it counts as: read, unchanged, redirected, refused, failed or retried."""
        if self.state.fetched:
            status = self.state.status
            return "unchanged" if status == 304 else "redirected" if status in REDIRECTS else "read"
        return "retried" if self.state.state == "due" else self.state.state


@dataclass(frozen=True)
class Visit:
    """When outcomes are judged, and how long a page rests after them (seconds, from the start of the crawl)."""

    now: datetime
    started: datetime
    every: int

    def next(self) -> datetime:
        """When a settled page is due again."""
        return self.started + timedelta(seconds=self.every * PUNCTUAL)


def redirect_of(answer: Answer) -> str | None:
    """Canonical URL that an answer sends us to."""
    location = answer.headers.get("location")
    return canonical(location, answer.url) if answer.status in REDIRECTS and location else None


def read(claim: Claim, answer: Answer, reading: Reading, visit: Visit) -> Outcome:
    """A page that was fetched (2xx) or led on (3xx)."""
    state = State(
        "done", visit.next(), 0, fetched=True, changed=False, status=answer.status, error=reading.error,
        etag=answer.headers.get("etag"), last_modified=answer.headers.get("last-modified"), at=visit.now,
    )  # fmt: skip
    return Outcome(claim, state, reading, replaces=True, size=len(answer.body), seconds=answer.seconds)


def unchanged(claim: Claim, answer: Answer, visit: Visit) -> Outcome:
    """A page that is as it was (304)."""
    state = State(
        "done", visit.next(), 0, fetched=True, changed=False, status=304,
        etag=answer.headers.get("etag", claim.etag or "") or None,
        last_modified=answer.headers.get("last-modified", claim.last_modified or "") or None, at=visit.now,
    )  # fmt: skip
    return Outcome(claim, state, size=0, seconds=answer.seconds)


def refused(claim: Claim, reason: str, visit: Visit, status: int | None = None) -> Outcome:
    """A page that must not be fetched: robots, guard, scope, no contact."""
    return Outcome(claim, State("refused", visit.next(), 0, fetched=False, changed=False, status=status, error=reason))


def rejected(claim: Claim, answer: Answer, visit: Visit, config: Config) -> Outcome:
    """A page that was answered with an error status: 5xx and 429 are tried again, 404 and its like are not."""
    error = f"http {answer.status}"
    if answer.status >= 500 or answer.status in RETRIED:
        pause = retry_after(answer.headers.get("retry-after"), visit.now)
        return _again(claim, error, visit, config, answer, pause)
    return Outcome(claim, _gave_up(claim, error, visit, answer.status), size=len(answer.body), seconds=answer.seconds)


def broken(claim: Claim, error: str, visit: Visit, config: Config, *, again: bool = True) -> Outcome:
    """A page whose fetch ended without an answer."""
    if again:
        return _again(claim, error, visit, config)
    return Outcome(claim, _gave_up(claim, error, visit))


def _again(
    claim: Claim, error: str, visit: Visit, config: Config, answer: Answer | None = None, pause: float | None = None
) -> Outcome:
    tries = claim.attempts + 1
    status = answer.status if answer is not None else None
    seconds = answer.seconds if answer is not None else 0.0
    if tries >= config.max_attempts:
        return Outcome(claim, _gave_up(claim, error, visit, status), seconds=seconds)
    wait = max(config.retry_delay * 2 ** (tries - 1), pause or 0.0)
    state = State("due", visit.now + timedelta(seconds=wait), tries, False, False, status, error)
    return Outcome(claim, state, seconds=seconds)


def _gave_up(claim: Claim, error: str, visit: Visit, status: int | None = None) -> State:
    return State("failed", visit.next(), claim.attempts + 1, fetched=False, changed=False, status=status, error=error)
