"""`kinsong status`: what is in a home, in a page."""

from __future__ import annotations

import json

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from db.base import now
from db.catalog import Artist, Credit, CreditArtist, ImportBatch, Label, Listener, RejectedRow, Track
from db.home import Home
from db.lease import alive
from db.results import Lease, Published, RelatedArtist, Run, StepReport
from db.web import Document, Page, Source


def status(home: Home) -> list[dict[str, object]]:
    """Rows of (what, value)."""
    with home.reading() as session:
        facts = {
            "home": str(home.path),
            "database": home.engine.url.render_as_string(hide_password=True),
            **_listening(session), **_web(session), **_run(session), **_leases(session),
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
        "labels": _count(session, Label), "rejected rows kept": _count(session, RejectedRow),
        "credits that lead to no artist": _count(session, Credit, ~leads),
    }  # fmt: skip


def _web(session: Session) -> dict[str, object]:
    states = session.execute(select(Page.state, func.count()).group_by(Page.state).order_by(Page.state)).all()
    return {
        "sources": _count(session, Source),
        "pages": ", ".join(f"{count} {state}" for state, count in states) or "none",
        "documents": _count(session, Document),
        "near-duplicates": _count(session, Document, Document.duplicate_of.is_not(None)),
    }  # fmt: skip


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
