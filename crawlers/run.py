"""One crawl under way: what its parts share, what it has counted, and the batch that waits to be stored."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from crawlers.archive import Archive
from crawlers.frontier import Claim
from crawlers.outcomes import Outcome, Visit
from crawlers.pipelines import store
from crawlers.politeness import Hosts
from crawlers.revisit import Revisit
from crawlers.settings import Config
from crawlers.spiders.base import Reader
from crawlers.visits import rest
from db.base import now
from db.home import Home
from db.task import Progress
from db.web import Source

BATCH = 50


@dataclass
class Run:
    """The shared state of one crawl.

    Attributes:
        owner: in whose name pages are claimed.
        opened: hosts (host or host:port) that may be private addresses.
        budget: pages that may still be claimed; None: no end.
        ready: the guard has been proved, requests may go out.
        busy: seconds this process has spent reading pages.
        failure: what ended the crawl, to be raised when it has wound down.
        archive: where answers are kept as they came; None: nowhere.
        ended: why the crawl has wound down; None: it has not, or was cut off.
    """

    home: Home
    config: Config
    owner: str
    started: datetime
    sources: Mapping[int, Source]
    readers: Mapping[int, Reader]
    opened: frozenset[str]
    hosts: Hosts
    progress: Progress
    budget: int | None = None
    seconds: float | None = None
    revisits: Mapping[int, Revisit] = field(default_factory=dict)
    ready: bool = False
    stopping: bool = False
    busy: float = 0.0
    failure: BaseException | None = None
    archive: Archive | None = None
    ended: str | None = None
    counts: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    in_flight: Counter[str] = field(default_factory=Counter)
    _waiting: list[Outcome] = field(default_factory=list)
    _ticks: Iterator[int] | None = None
    _pace: dict[int, tuple[int, float]] = field(default_factory=dict)
    _rests: dict[int, int] = field(default_factory=dict)
    _began: float = field(default_factory=monotonic)

    def visit(self, claim: Claim) -> Visit:
        """The clock by which a page's outcome is judged."""
        every = self._rests.get(claim.source_id)
        if every is None:
            every = self._rests[claim.source_id] = rest(
                self.sources[claim.source_id], self.config.every, self.started
            )
        return Visit(now(), self.started, every)

    def settle(self, outcome: Outcome) -> None:
        """Take an outcome in; it is stored with its batch."""
        self.in_flight[outcome.claim.host] -= 1
        self._waiting.append(outcome)
        if len(self._waiting) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Store what waits. A database that fails ends the crawl: what was not stored stays claimed."""
        if not self._waiting or self.failure is not None:
            return
        batch, self._waiting = self._waiting, []
        began = monotonic()
        try:
            stored = store(
                self.home, self.owner, batch, self.sources, now(),
                max_pages_per_host=self.config.max_pages_per_host, revisits=self.revisits,
            )  # fmt: skip
        except Exception as error:  # noqa: BLE001  inside the event loop: raised again when the crawl has wound down
            self.fail(error)
            return
        self.busy += monotonic() - began
        self.counts["documents"] += stored.documents
        for outcome in stored.settled:
            self._count(outcome)

    def fail(self, error: BaseException) -> None:
        """End the crawl with an error; the first one counts."""
        self.failure = self.failure or error
        self.stopping = True

    def _count(self, outcome: Outcome) -> None:
        self.counts["pages"] += 1
        self.counts[outcome.kind] += 1
        self.counts["fetched"] += outcome.state.fetched
        if outcome.state.error is not None:
            self.errors[outcome.state.error.partition(":")[0]] += 1
        pages, _ = self._pace.get(outcome.claim.source_id, (0, 0.0))
        self._pace[outcome.claim.source_id] = (pages + 1, monotonic() - self._began)
        self._tick()

    def pace(self) -> dict[int, tuple[int, float]]:
        """Source id → pages settled for it, and seconds until the last of them was."""
        return dict(self._pace)

    def _tick(self) -> None:
        if self._ticks is None:
            self._ticks = self.progress.track(itertools.count(), "pages crawled", total=self.budget)
        next(self._ticks)

    def close(self) -> None:
        """Store the rest, finish the archive and end the progress bar."""
        self.flush()
        if self.archive is not None:
            self.archive.close()
        if self._ticks is not None and hasattr(self._ticks, "close"):
            self._ticks.close()
