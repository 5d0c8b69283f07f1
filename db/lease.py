"""Leases in SQL: one build, one crawl at a time per home, and taken over from an owner that died."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from db.base import now
from db.errors import Busy
from db.home import Home
from db.results import Lease

BEAT_SECONDS = 10.0
DEAD_AFTER = timedelta(seconds=90)


@contextmanager
def holding(home: Home, name: str) -> Iterator[None]:
    """Hold a lease while the block runs, with a heartbeat.

    Raises:
        Busy: a living owner holds it; the message says who and since when.
    """
    owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    _take(home, name, owner)
    stop = threading.Event()
    beat = threading.Thread(target=_beat, args=(home, name, owner, stop), daemon=True)
    beat.start()
    try:
        yield
    finally:
        stop.set()
        beat.join()
        with home.writing() as session:
            session.execute(delete(Lease).where(Lease.name == name, Lease.owner == owner))


def _take(home: Home, name: str, owner: str) -> None:
    try:
        _claim(home, name, owner)
    except IntegrityError as error:  # on PostgreSQL two may find it free; the later one is told so by the primary key
        raise Busy(f"another {name} has just begun: wait until it is done") from error


def _claim(home: Home, name: str, owner: str) -> None:
    with home.writing() as session:
        held = session.get(Lease, name, with_for_update=True)
        moment = now()
        if held is not None and alive(held, moment):
            host, pid, _ = held.owner.rsplit(":", 2)
            raise Busy(f"another {name} is running (process {pid} on {host}, since {held.since:%Y-%m-%d %H:%M:%S} UTC)")
        if held is not None:
            session.delete(held)
            session.flush()
        session.add(Lease(name=name, owner=owner, since=moment, beat_at=moment))


def alive(held: Lease, moment: datetime) -> bool:
    """Whether a lease's owner still is: its process is there, as far as this host can tell, and its heart beats."""
    host, pid, _ = held.owner.rsplit(":", 2)
    if host == socket.gethostname():
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
    return moment - held.beat_at < DEAD_AFTER


def _beat(home: Home, name: str, owner: str, stop: threading.Event) -> None:
    while not stop.wait(BEAT_SECONDS):
        try:
            with home.writing() as session:
                session.execute(update(Lease).where(Lease.name == name, Lease.owner == owner).values(beat_at=now()))
        except DBAPIError:
            continue  # a long publish holds the write lock: the next beat will pass, and DEAD_AFTER allows several
