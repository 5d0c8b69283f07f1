"""What programs ask of Discover: one listener's list of the published run, or why there is none."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from db.catalog import Artist, Credit, CreditArtist, Listener, Track, TrackTitle
from db.errors import NotBuilt, UsageError
from db.home import Home
from db.listening import written_plays
from db.results import Discovery, ListenerVerdict, NeverSuggestArtist, StepReport
from db.verdicts import NOT_WANTED
from ensemble.query import published

STEP = "discover"
CHUNK = 500


@dataclass(frozen=True)
class Found:
    """One entry of a list: an artist or, where tracks are known, a track of it.

    Attributes:
        rank: from 1 without holes.
        artist_id: whose.
        artist: its name.
        track_id: None where lists are made of artists.
        track: its title.
        score: 1 is as good as the best that one model alone would give.
        fresh: new since last week's list.
        since: the day on which it came into the list, YYYY-MM-DD.
        because_id: an artist of the listener's own to which this one is related; None where there is none.
        because: its name.
        because_plays: how often the listener plays it.
        because_rank: which of its related artists this one is.
    """

    rank: int
    artist_id: int
    artist: str
    track_id: int | None
    track: str | None
    score: float
    fresh: bool
    since: str
    because_id: int | None
    because: str | None
    because_plays: float | None
    because_rank: int | None

    @property
    def reason(self) -> str:
        """One line, as in the view `discover`."""
        if self.because is None or self.because_plays is None or self.because_rank is None:
            return "near to what you play as a whole"
        plays = round(self.because_plays)
        times = f"{plays} play" if plays == 1 else f"{plays} plays"
        place = ordinal(self.because_rank)
        return f"because you play {self.because} ({times}); {self.artist} is {place} of its related artists"


@dataclass(frozen=True)
class Discoveries:
    """A listener's list; where it is shorter than asked for, `short` says why."""

    listener: str
    found: tuple[Found, ...]
    short: str = ""


def ordinal(n: int) -> str:
    """1st, 2nd, 3rd, 4th, …, 11th, …"""
    last = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{last}"


def find_listener(session: Session, name: str) -> int:
    """The id of the listener of this name.

    Raises:
        UsageError: nobody is called so; carries close names.
    """
    found = session.scalar(select(Listener.id).where(Listener.name == name))
    if found is not None:
        return int(found)
    close = difflib.get_close_matches(name, list(session.scalars(select(Listener.name))), 3)
    hint = f"did you mean {', '.join(f'“{c}”' for c in close)}?" if close else "nobody is called anything like it"
    raise UsageError(f"no listener with plays is called “{name}”: {hint}")


def discoveries(home: Home, session: Session, listener: str, n: int) -> Discoveries:
    """The first n of a listener's list; what was heard, flagged or rated down since the build is left out.

    Raises:
        UsageError: nobody is called so.
        NotBuilt: no run with lists is published.
        StoreError: listening facts cannot be read.
    """
    listener_id, run = find_listener(session, listener), published(session)
    if session.get(StepReport, (run.run_id, STEP)) is None:
        raise NotBuilt("the published run has no lists for listeners: run `kinsong build`")
    rows = session.execute(_statement(run.run_id, listener_id)).all()
    heard_artists, heard_tracks = _heard(home, session, listener)
    every = (Found(0, *row) for row in rows)
    left = [
        one for one in every
        if (one.artist_id not in heard_artists if one.track_id is None else one.track_id not in heard_tracks)
    ]  # fmt: skip
    found = tuple(replace(one, rank=rank) for rank, one in enumerate(left[:n], start=1))
    if len(found) == n:
        return Discoveries(listener, found)
    return Discoveries(listener, found, _why(session, run.run_id, listener, listener_id, len(found), heard_artists))


def _statement(run_id: int, listener_id: int) -> Select[*tuple[Any, ...]]:
    row, own = Discovery, aliased(Artist)
    flagged = select(NeverSuggestArtist).where(NeverSuggestArtist.artist_id == row.artist_id).exists()
    said = ListenerVerdict
    same = ((said.kind == "artist") & (said.thing_id == row.artist_id)) | (
        (said.kind == "track") & (said.thing_id == row.track_id)
    )
    refused = select(said).where(said.listener_id == listener_id, said.verdict.in_(NOT_WANTED), same).exists()
    return (
        select(row.artist_id, Artist.name, row.track_id, Track.title, row.score, row.fresh, row.since, row.because_id,
               own.name, row.because_plays, row.because_rank)
        .join(Artist, Artist.id == row.artist_id)
        .outerjoin(Track, Track.id == row.track_id)
        .outerjoin(own, own.id == row.because_id)
        .where(row.run_id == run_id, row.listener_id == listener_id, ~flagged, ~refused)
        .order_by(row.rank)
    )  # fmt: skip


def _heard(home: Home, session: Session, listener: str) -> tuple[set[int], set[int]]:
    """Artists and tracks that the listener has played by now."""
    written = written_plays(home, listener)
    named = sorted({credit for credit, _ in written})
    titles = {pair for pair in written if pair[1]}
    artists: set[int] = set()
    tracks: set[int] = set()
    for begin in range(0, len(named), CHUNK):
        part = Credit.text.in_(named[begin : begin + CHUNK])
        leads = select(CreditArtist.artist_id).join(Credit, Credit.id == CreditArtist.credit_id).where(part)
        artists.update(session.scalars(leads))
        if titles:
            titled = select(Credit.text, TrackTitle.title, TrackTitle.track_id)
            found = session.execute(titled.join(Credit, Credit.id == TrackTitle.credit_id).where(part))
            tracks.update(track for credit, title, track in found if (credit, title) in titles)
    return artists, tracks


def _why(
    session: Session, run_id: int, listener: str, listener_id: int, found: int, heard: Collection[int]
) -> str:
    row = Discovery
    kept = session.scalar(
        select(func.count()).select_from(row).where(row.run_id == run_id, row.listener_id == listener_id)
    )
    if kept and found:
        left = kept - found
        gone = f"; {left} more were heard, flagged or rated down since" if left else ""
        return f"the published run has {kept} for {listener}{gone}; [discover] n says how many a build makes"
    if kept:
        return f"all {kept} that the published run has for {listener} were heard, flagged or rated down since: " + (
            "run `kinsong build`"
        )
    if not heard:
        return f"nothing that {listener} plays leads to an artist of the catalogue: see `kinsong import list`"
    named = f"the {len(heard)} artists that {listener} plays" if len(heard) > 1 else f"the one artist {listener} plays"
    return (
        f"{named} lead nowhere: all artists that others like them play are heard or flagged, or nobody else plays "
        f"them; or {listener} came after the published run: import more plays and run `kinsong build`"
    )
