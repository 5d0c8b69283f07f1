"""`kinsong status`: what is in a home, in a page."""

from __future__ import annotations

import json

from sqlalchemy import func, make_url, select
from sqlalchemy.orm import Session

from db.catalog import Artist, Credit, CreditArtist, ImportBatch, Label, Listener, RejectedRow
from db.home import Home
from db.results import Lease, Published, RelatedArtist, Run, StepReport
from db.web import Document, Page, Source
from kinsong.home import database_url


def status(home: Home) -> list[dict[str, object]]:
    """Rows of (what, value)."""
    with home.reading() as session:
        facts = {
            "home": str(home.path),
            "database": make_url(database_url(home.path)).render_as_string(hide_password=True),
            **_listening(session), **_web(session), **_run(session), **_leases(session),
        }  # fmt: skip
    return [{"what": what, "value": value} for what, value in facts.items()]


def _count(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def _listening(session: Session) -> dict[str, object]:
    kinds = session.execute(
        select(ImportBatch.kind, func.sum(ImportBatch.rows)).group_by(ImportBatch.kind).order_by(ImportBatch.kind)
    ).all()
    open_credits = session.scalar(
        select(func.count())
        .select_from(Credit)
        .where(~select(CreditArtist).where(CreditArtist.credit_id == Credit.id).exists())
    )
    return {
        "artists": _count(session, Artist), "listeners": _count(session, Listener),
        **{f"rows of {kind}": int(rows or 0) for kind, rows in kinds},
        "labels": _count(session, Label), "rejected rows kept": _count(session, RejectedRow),
        "credits that lead to no artist": open_credits or 0,
    }  # fmt: skip


def _web(session: Session) -> dict[str, object]:
    states = session.execute(select(Page.state, func.count()).group_by(Page.state).order_by(Page.state)).all()
    copies = session.scalar(select(func.count()).select_from(Document).where(Document.duplicate_of.is_not(None)))
    return {
        "sources": _count(session, Source),
        "pages": ", ".join(f"{count} {state}" for state, count in states) or "none",
        "documents": _count(session, Document), "near-duplicates": copies or 0,
    }  # fmt: skip


def _run(session: Session) -> dict[str, object]:
    row = session.execute(select(Run, Published.n).join(Published, Published.run_id == Run.id)).first()
    if row is None:
        return {"published run": "none yet: run `kinsong build`"}
    run, n = row
    queries = session.scalar(
        select(func.count(func.distinct(RelatedArtist.artist_id))).where(RelatedArtist.run_id == run.id)
    )
    steps = session.scalars(select(StepReport).where(StepReport.run_id == run.id)).all()
    return {
        "published run": f"{run.id}, finished {run.finished_at:%Y-%m-%d %H:%M:%S} UTC",
        "artists with related artists": f"{queries} (views show {n} each)",
        "served by": run.served_by,
        **{f"step {s.step}": _told(s) for s in steps},
    }


def _told(step: StepReport) -> str:
    made = ", ".join(f"{count} {what}" for what, count in json.loads(step.rows).items())
    return f"{'as it was' if step.reused else f'{step.seconds:.1f} s'}; {made}"


def _leases(session: Session) -> dict[str, object]:
    return {f"{lease.name} running": f"{lease.owner} since {lease.since:%Y-%m-%d %H:%M:%S} UTC"
            for lease in session.scalars(select(Lease).order_by(Lease.name))}  # fmt: skip
