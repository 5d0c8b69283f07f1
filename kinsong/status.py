"""`kinsong status`: what is in a home, in a page."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, func, select, text
from sqlalchemy.orm import Session

from db.base import now
from db.catalog import Artist, Credit, CreditArtist, ImportBatch, Label, Listener, RejectedRow, Track
from db.home import Home
from db.labels import doubts
from db.lease import alive
from db.never import never_suggested
from db.results import Lease, NeverSuggest, Published, Rating, RelatedArtist, Run, StepReport
from db.web import Document, Page, Source, Takedown, Timetable

MOST_SOURCES = 25


def status(home: Home) -> list[dict[str, object]]:
    """Rows of (what, value)."""
    with home.reading() as session:
        facts = {
            "home": str(home.path),
            "database": home.engine.url.render_as_string(hide_password=True),
            **_listening(session), **_web(session), **_run(session), **_indexes(home, session), **_leases(session),
        }  # fmt: skip
    return [{"what": what, "value": value} for what, value in facts.items()]


def _count(session: Session, model: type, *where: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def _listening(session: Session) -> dict[str, object]:
    kinds = session.execute(
        select(ImportBatch.kind, func.sum(ImportBatch.rows)).group_by(ImportBatch.kind).order_by(ImportBatch.kind)
    ).all()
    leads = select(CreditArtist).where(CreditArtist.credit_id == Credit.id).exists()
    return {
        "artists": _count(session, Artist, ~Artist.retired), "tracks": _count(session, Track, ~Track.retired),
        "listeners": _count(session, Listener),
        **{f"rows of {kind}": int(rows or 0) for kind, rows in kinds},
        "labels": _labels(session), "thumbs": _count(session, Rating),
        "never suggested": f"{len(never_suggested(session))} artists by {_count(session, NeverSuggest)} flags",
        "rejected rows kept": _count(session, RejectedRow),
        "credits that lead to no artist": _count(session, Credit, ~leads),
    }  # fmt: skip


def _labels(session: Session) -> str:
    """How many, and how many of them teach nothing or not what they say."""
    count = _count(session, Label)
    doubtful = len(doubts(session)) if count else 0
    return f"{count}" + (f"; {doubtful} lead nowhere or contradict: see `kinsong import labels`" if doubtful else "")


def _web(session: Session) -> dict[str, object]:
    states = session.execute(select(Page.state, func.count()).group_by(Page.state).order_by(Page.state)).all()
    build = session.get(Timetable, "build")
    return {
        "sources": _count(session, Source),
        "pages": ", ".join(f"{count} {state}" for state, count in states) or "none",
        "documents": _count(session, Document),
        "near-duplicates": _count(session, Document, Document.duplicate_of.is_not(None)),
        "taken down": _count(session, Takedown),
        **({"next build": f"{build.next_at:%Y-%m-%d %H:%M:%S} UTC"} if build else {}),
        **_sources(session),
    }  # fmt: skip


def _sources(session: Session) -> dict[str, object]:
    """A line per source: what is there of it, what went wrong, when it was and will be visited, how fast that went."""
    rows = session.execute(text("SELECT * FROM sources ORDER BY url")).mappings().all()
    errors: dict[int, Counter[str]] = {}
    for row in session.execute(text("SELECT source_id, error, pages FROM source_errors")).mappings():
        errors.setdefault(row["source_id"], Counter())[row["error"].partition(":")[0]] += row["pages"]
    visits = {s.id: (s.last_crawl_at, s.next_crawl_at) for s in session.scalars(select(Source))}
    told: dict[str, object] = {
        f"source {row['url']}": _of_source(row, errors, *visits[row["source_id"]]) for row in rows[:MOST_SOURCES]
    }
    if len(rows) > MOST_SOURCES:
        told["further sources"] = f"{len(rows) - MOST_SOURCES}: see `kinsong source list`, or the view `sources`"
    return told


def _of_source(
    row: RowMapping, errors: Mapping[int, Counter[str]], last: datetime | None, following: datetime | None
) -> str:
    parts = [f"{row['kind']}, {row['pages'] or 0} pages ({row['due'] or 0} due), {row['documents'] or 0} documents"]
    kinds = errors.get(row["source_id"], Counter()).most_common(5)
    if kinds:
        parts.append(", ".join(f"{count} × {kind}" for kind, count in kinds))
    parts.append(f"last {last:%Y-%m-%d %H:%M}" if last else "never crawled")
    parts.append(f"next {following:%Y-%m-%d %H:%M} UTC" if following else "due now")
    if row["pages_per_second"]:
        parts.append(f"{row['pages_per_second']:.2f} pages/s")
    return "; ".join(parts)


def _run(session: Session) -> dict[str, object]:
    row = session.execute(select(Run, Published.n).join(Published, Published.run_id == Run.id)).first()
    if row is None:
        return {"published run": "none yet: run `kinsong build`"}
    run, n = row
    queries = session.scalar(
        select(func.count(func.distinct(RelatedArtist.artist_id))).where(RelatedArtist.run_id == run.id)
    )
    artists = _count(session, Artist, ~Artist.retired)
    steps = {s.step: s for s in session.scalars(select(StepReport).where(StepReport.run_id == run.id))}
    return {
        "published run": f"{run.id}, finished {run.finished_at:%Y-%m-%d %H:%M:%S} UTC",
        "artists with related artists": f"{queries} of {artists} (views show {n} each)",
        "served by": run.served_by,
        **{f"step {name}": _told(steps[name]) for name in json.loads(run.artifacts)},  # in the order of the build
    }


def _indexes(home: Home, session: Session) -> dict[str, object]:
    """What part of the nearest 100 each index of the published run was found to find."""
    artifacts = session.scalar(select(Run.artifacts).join(Published, Published.run_id == Run.id))
    name = json.loads(artifacts).get("index") if artifacts else None
    if name is None:
        return {}
    try:
        contents = json.loads((home.artifacts / name / "index.json").read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        return {"indexes": f"{name} cannot be read ({error}): run `kinsong build --from index`"}
    return {f"index {model}": _recall(entry) for model, entry in contents.items() if "recall" in entry}


def _recall(entry: dict[str, float]) -> str:
    return f"recall@100 {entry['recall']:.3f} at search_k {entry['search_k']:,}, {entry['items']:,} artists"


def _told(step: StepReport) -> str:
    made = ", ".join(f"{count} {what}" for what, count in json.loads(step.rows).items())
    return f"{'as it was' if step.reused else f'{step.seconds:.1f} s'}; {made}"


def _leases(session: Session) -> dict[str, object]:
    return {lease.name: _holder(lease) for lease in session.scalars(select(Lease).order_by(Lease.name))}


def _holder(lease: Lease) -> str:
    host, pid, _ = lease.owner.rsplit(":", 2)
    who = f"process {pid} on {host}, since {lease.since:%Y-%m-%d %H:%M:%S} UTC"
    if alive(lease, now()):
        return f"running ({who})"
    return f"died ({who}): run `kinsong {lease.name}` again, it goes on from there"
