"""`kinsong documents remove`: a page, or all of a host, out of everything that is at rest."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from crawlers import archive, takedown
from crawlers.takedown import TakenDown
from crawlers.urls import canonical
from db import lease
from db.clearing import owe, pay
from db.forgetting import take_documents_out
from db.home import Home
from db.results import PackedEvidence
from nlp import readings

TABLES = ("document", "link", "quoted_sentence", "term_quote", "document_mention", "packed_evidence")
AT_ONCE = 5_000


@dataclass(frozen=True)
class Removed:
    """What a takedown came to.

    Attributes:
        taken: what it was, and near-duplicates that stay.
        archived: records of web archives that went with it.
        cleared: freed space of the database was cleared too; not so while another program was reading it.
    """

    taken: TakenDown
    archived: int
    cleared: bool


def remove(home: Home, url: str | None = None, host: str | None = None) -> Removed:
    """Take a document, or all of a host's, down: out of rows, results of all kept runs, artefacts, readings, archives.

    Of a feed whose entry goes, archives lose all records: they hold its text. What stays is the URL or host itself, as
    what must not be fetched again. Killed half-way, it is run again.

    Raises:
        UsageError: neither or both are given, or nothing is known of it.
        Busy: a build or a crawl is running.
    """
    with lease.holding(home, "build") as build, lease.holding(home, "crawl") as crawl:
        gone = takedown.documents_of(home, url, host)
        owe(home, TABLES)
        urls = {one.url for one in gone}
        readings.take_out(home.readings, {readings.text_key(one.url, one.sha256, one.language) for one in gone})
        take_documents_out(home, {one.id for one in gone}, urls)
        with home.writing() as session:
            for held in (build, crawl):
                held.keep(session)
            _evidence_without(session, urls)
        taken = takedown.take_down(home, url, host)
        down = {takedown.page_of(taken.target)}
        archived = archive.take_out(home.path / "warc", lambda at: takedown.is_down(canonical(at) or at, down))
        return Removed(taken, archived, pay(home))


def _evidence_without(session: Session, urls: Collection[str]) -> None:
    """Take pieces of evidence out of the rows of all kept runs that a URL is the name of."""
    row = PackedEvidence
    keys = (row.run_id, row.artist_id, row.related_id)
    shows = [row.pieces.contains(json.dumps(url, ensure_ascii=False)[1:-1], autoescape=True) for url in sorted(urls)]
    change = update(row).where(*(key == bindparam(f"the_{key.key}") for key in keys)).values(pieces=bindparam("kept"))
    for start in range(0, len(shows), 100):
        found = session.execute(select(*keys, row.pieces).where(or_(*shows[start : start + 100]))).all()
        changes = [
            {**{f"the_{key.key}": value for key, value in zip(keys, one[:3], strict=True)},
             "kept": json.dumps([p for p in json.loads(one.pieces) if p[1] not in urls], ensure_ascii=False,
                                separators=(",", ":"))}
            for one in found
        ]  # fmt: skip
        if changes:
            session.connection().execute(change, changes)
