"""Radio sessions at rest: events are added under the session's lock, one after the other, and never changed.

An event is written by one short transaction that first counts the session's version up: on PostgreSQL this locks the
session's row, on SQLite the transaction holds the write lock from its beginning. So no event is lost, whoever else
writes, and the number of events is the version.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.base import now
from db.errors import UsageError
from db.home import Home
from db.results import RadioEvent, RadioSession


@dataclass(frozen=True)
class Event:
    """One row of `radio_event`, without its session, number and time."""

    kind: str
    track_id: int | None = None
    artist_id: int | None = None
    value: float | None = None
    said: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Played:
    """A session and all that happened in it, in order.

    Attributes:
        id: of the session.
        name: how people call it.
        listener_id: whose thumbs they are, if anybody's.
        title: what it was started from.
        seeds: the tracks it was started from.
        seed: of all that is left to chance.
        settings: as they were at the start.
        version: how many events there are.
        ended: whether it is over.
        events: all of them.
    """

    id: int
    name: str
    listener_id: int | None
    title: str
    seeds: Sequence[int]
    seed: int
    settings: Mapping[str, float]
    version: int
    ended: bool
    events: Sequence[Event]


def start(
    home: Home, name: str | None, title: str, seeds: Sequence[int], seed: int, settings: Mapping[str, float],
    listener_id: int | None = None,
) -> str:  # fmt: skip
    """Begin a session; its name, a number where none is given.

    Raises:
        UsageError: there is a session of this name.
    """
    try:
        with home.writing() as session:
            row = RadioSession(
                name=name or "", listener_id=listener_id, title=title, seeds=json.dumps(list(seeds)), seed=seed,
                settings=json.dumps(dict(settings), sort_keys=True), version=0, started_at=now(), ended_at=None,
            )  # fmt: skip
            if name is None:
                row.name = str((session.scalar(select(func.max(RadioSession.id))) or 0) + 1)
            session.add(row)
            session.flush()
            return row.name
    except IntegrityError as error:
        raise UsageError(f"there is a radio session “{name}” already: choose another --name") from error


def played(session: Session, name: str) -> Played:
    """A session by name.

    Raises:
        UsageError: there is none; names the last ones.
    """
    row = session.scalars(select(RadioSession).where(RadioSession.name == name)).first()
    if row is None:
        last = session.scalars(select(RadioSession.name).order_by(RadioSession.id.desc()).limit(5)).all()
        hint = f"the last ones are {', '.join(last)}" if last else "start one with `kinsong radio start`"
        raise UsageError(f"there is no radio session “{name}”: {hint}")
    event = RadioEvent
    columns = (event.kind, event.track_id, event.artist_id, event.value, event.said)
    found = session.execute(select(*columns).where(event.session_id == row.id).order_by(event.number)).all()
    events = [
        Event(row.kind, row.track_id, row.artist_id, row.value, json.loads(row.said) if row.said else {})
        for row in found
    ]
    return Played(
        row.id, row.name, row.listener_id, row.title, json.loads(row.seeds), row.seed, json.loads(row.settings),
        row.version, row.ended_at is not None, events,
    )  # fmt: skip


def add(session: Session, session_id: int, events: Sequence[Event], *, version: int | None = None) -> bool:
    """Add events to a session that is not over.

    Args:
        session: a writing one.
        session_id: whose.
        events: in order; one called "end" ends it.
        version: only while the session has this version.

    Returns:
        Whether they were added: not where the session is over, or has another version by now.
    """
    row = RadioSession
    ends = any(event.kind == "end" for event in events)
    counted = update(row).where(row.id == session_id, row.ended_at.is_(None))
    if version is not None:
        counted = counted.where(row.version == version)
    values: dict[str, object] = {"version": row.version + len(events)}
    if ends:
        values["ended_at"] = now()
    last = session.execute(counted.values(values).returning(row.version)).scalar()
    if last is None:
        return False
    session.execute(insert(RadioEvent), [
        {"session_id": session_id, "number": last - len(events) + place, "kind": event.kind,
         "track_id": event.track_id, "artist_id": event.artist_id, "value": event.value,
         "said": json.dumps(dict(event.said), sort_keys=True) if event.said else "", "at": now()}
        for place, event in enumerate(events, start=1)
    ])  # fmt: skip
    return True
