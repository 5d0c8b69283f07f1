"""Leases in SQL: one build, one crawl at a time per home, and taken over from an owner that died.

An owner that was suspended for longer than `DEAD_AFTER` is taken for dead. When it wakes up it must not finish what it
began: what it writes last, it writes in a transaction that begins with `Held.keep`, and that refuses.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from db.base import now
from db.errors import Busy, StoreError
from db.home import Home
from db.results import Lease

BEAT_SECONDS = 10.0
DEAD_AFTER = timedelta(seconds=90)


@dataclass(frozen=True)
class Held:
    """A lease that was taken. `owner` is never used again, so that it tells this owner from all that come after."""

    name: str
    owner: str

    def keep(self, session: Session) -> None:
        """Count as a heartbeat, and see to it that nobody takes the lease over before this transaction ends.

        Args:
            session: a writing one.

        Raises:
            Busy: somebody has taken it over.
        """
        ours = (Lease.name == self.name) & (Lease.owner == self.owner)
        if session.scalars(update(Lease).where(ours).values(beat_at=now()).returning(Lease.name)).first() is None:
            there = session.get(Lease, self.name)
            who = f"{_who(there)} has taken its place" if there is not None else "another one has come and gone"
            raise Busy(
                f"this {self.name} stood still for more than {DEAD_AFTER.seconds} s and {who}: what it had left to do "
                "was not done"
            )


@contextmanager
def holding(home: Home, name: str) -> Iterator[Held]:
    """Hold a lease while the block runs, with a heartbeat.

    Raises:
        Busy: a living owner holds it; the message says who and since when.
    """
    held = Held(name, f"{socket.gethostname()}:{os.getpid()}:{_began(os.getpid())}-{secrets.token_hex(4)}")
    _take(home, held)
    stop = threading.Event()
    beat = threading.Thread(target=_beat, args=(home, held, stop), daemon=True)
    beat.start()
    try:
        yield held
    except BaseException as error:
        _rest(beat, stop)
        # the block's own error is the one to be told; who has ended is taken for dead
        with suppress(DBAPIError, StoreError):
            _give_back(home, held, error)
        raise
    _rest(beat, stop)
    _give_back(home, held)


def forget_dead(home: Home) -> None:
    """Remove the leases of dead owners, which hold nobody up."""
    with home.reading() as session:
        moment = now()
        dead = [held.owner for held in session.scalars(select(Lease)) if not alive(held, moment)]
    if dead:
        with home.writing() as session:
            session.execute(delete(Lease).where(Lease.owner.in_(dead)))


def _rest(beat: threading.Thread, stop: threading.Event) -> None:
    stop.set()
    beat.join()


def _give_back(home: Home, held: Held, error: BaseException | None = None) -> None:
    """Give the lease back. Who has lost it is told so in place of what then went wrong in somebody else's way."""
    with home.writing() as session:
        try:
            held.keep(session)
        except Busy as lost:
            if isinstance(error, Exception) and not isinstance(error, Busy):
                raise lost from error
            return
        session.execute(delete(Lease).where(Lease.name == held.name, Lease.owner == held.owner))


def _take(home: Home, held: Held) -> None:
    try:
        _claim(home, held)
    except IntegrityError as error:  # on PostgreSQL two may find it free; the later one is told so by the primary key
        raise Busy(f"another {held.name} has just begun: wait until it is done") from error


def _claim(home: Home, wanted: Held) -> None:
    with home.writing() as session:
        held = session.get(Lease, wanted.name, with_for_update=True)
        moment = now()
        if held is not None and alive(held, moment):
            raise Busy(f"another {wanted.name} is running ({_who(held)})")
        if held is not None:
            session.delete(held)
            session.flush()
        session.add(Lease(name=wanted.name, owner=wanted.owner, since=moment, beat_at=moment))


def _who(held: Lease) -> str:
    host, pid, _ = held.owner.rsplit(":", 2)
    return f"process {pid} on {host}, since {held.since:%Y-%m-%d %H:%M:%S} UTC"


def alive(held: Lease, moment: datetime) -> bool:
    """Whether a lease's owner still is: its process is there, as far as this host can tell, and its heart beats."""
    host, pid, token = held.owner.rsplit(":", 2)
    if host == socket.gethostname():
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        began, named, _ = token.partition("-")
        if named and began != _began(int(pid)):  # its number was given to another process since
            return False
    return moment - held.beat_at < DEAD_AFTER


def _began(pid: int) -> str:
    """When a process began, as Linux counts (field 22 of /proc/PID/stat); the same for all where that is not known."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""


def _beat(home: Home, held: Held, stop: threading.Event) -> None:
    while not stop.wait(BEAT_SECONDS):
        # a long publish holds the write lock: a later beat passes; that a lease was lost is told where the work ends
        with suppress(DBAPIError, Busy, StoreError), home.writing() as session:
            held.keep(session)
