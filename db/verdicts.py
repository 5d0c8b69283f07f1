"""What listeners say of artists and tracks: up, down, ban, favorite. The last word counts."""

from __future__ import annotations

import hashlib
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import now
from db.results import ListenerVerdict

Kind = Literal["artist", "track"]
Verdict = Literal["up", "down", "ban", "favorite"]
NOT_WANTED = ("down", "ban")


def say(session: Session, listener_id: int, kind: Kind, thing_id: int, verdict: Verdict) -> str | None:
    """Keep a verdict in the place of the one that was there, which is returned; the same one again changes nothing."""
    row = session.get(ListenerVerdict, (listener_id, kind, thing_id))
    if row is None:
        session.add(ListenerVerdict(
            listener_id=listener_id, kind=kind, thing_id=thing_id, verdict=verdict, said_at=now()
        ))  # fmt: skip
        return None
    was = row.verdict
    if was != verdict:
        row.verdict, row.said_at = verdict, now()
    return was


def take_back(session: Session, listener_id: int, kind: Kind, thing_id: int) -> bool:
    """Forget a verdict; whether there was one."""
    row = session.get(ListenerVerdict, (listener_id, kind, thing_id))
    if row is not None:
        session.delete(row)
        session.flush()
    return row is not None


def refused(session: Session) -> list[tuple[int, str, int]]:
    """(listener id, artist or track, its id) of all that a listener does not want, in order."""
    row = ListenerVerdict
    statement = select(row.listener_id, row.kind, row.thing_id).where(row.verdict.in_(NOT_WANTED))
    return sorted((row[0], row[1], row[2]) for row in session.execute(statement))


def fingerprint(session: Session) -> str:
    """Hex digest over them."""
    return hashlib.sha256(repr(refused(session)).encode()).hexdigest()
