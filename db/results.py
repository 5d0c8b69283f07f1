"""Results at rest: runs, the one published run, related artists with their evidence, top terms, mentions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import NEVER_AGAIN, Base, BigId, BigInt, Id


class Run(Base):
    """One build that made something new."""

    __tablename__ = "run"
    __table_args__ = NEVER_AGAIN

    id: Mapped[Id]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    artifacts: Mapped[str] = mapped_column(default="{}")
    """JSON: step name → name of its artefact folder."""
    served_by: Mapped[str] = mapped_column(default="")
    """fusion or ranker, and why."""
    sums: Mapped[str] = mapped_column(default="{}", server_default="{}")
    """JSON: table → how many rows it had when the run was published, and a sum over them; see `db.integrity`."""


class Published(Base):
    """The one row that says which run readers see."""

    __tablename__ = "published"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("run.id"))
    n: Mapped[int]
    """How many related artists the views show."""


class StepReport(Base):
    """What one step of a run took and made."""

    __tablename__ = "step_report"

    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    reused: Mapped[bool]
    seconds: Mapped[float]
    peak_mib: Mapped[float]
    rows: Mapped[str]
    """JSON: what was made → how many."""


class RelatedArtist(Base):
    """`related_id` stands at `rank` (from 1) among those related to `artist_id`; a pool, deeper than views show."""

    __tablename__ = "related_artist"

    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    artist_id: Mapped[int] = mapped_column(BigId, ForeignKey("artist.id"), primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    related_id: Mapped[int] = mapped_column(BigId, ForeignKey("artist.id"))
    score: Mapped[float]
    confidence: Mapped[float | None]
    """0 … 1: how far what the models say of the two can be trusted; not known of runs of earlier versions."""
    reason: Mapped[str] = mapped_column(default="")
    """One line; empty beyond the first n."""


class PackedEvidence(Base):
    """All evidence for a published pair in one row; the views `related_evidence` and `why` unfold it.

    A pair has some twenty pieces: as rows of their own they would be the most of a home's database.
    """

    __tablename__ = "packed_evidence"

    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    artist_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    related_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    pieces: Mapped[str]
    """JSON: one list of `PIECE`'s values per piece, in the order in which they are told; what is missing is null."""


PIECE = ("kind", "name", "value", "rank", "back", "chance", "text")
"""What a piece of evidence has, by kind:

model       name: the model; value: its cosine; rank: of the related artist among the artist's candidates; back: of the
            artist among the related artist's candidates
term        name: the term; value: what it adds to the likeness of what is written about the two
playlists, listeners, sentences
            without a name: value: how many the two have in common; chance: how many that would be by chance; playlists
            and listeners only where it is more than that
playlists   name: a playlist's name; value: 1
sentences   name: a page's URL; value: 1; text: a sentence of it that names both
share       name: a feature, empty for what every pair begins with; value: what it adds to the ranker's score, as
            ln(score / (1 − score))
"""


class PackedStation(Base):
    """A track's station, its nearest tracks from the first on, in one row; the view `radio` unfolds it."""

    __tablename__ = "packed_station"

    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    track_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    pieces: Mapped[str]
    """JSON: one list of `NEIGHBOUR`'s values per track, the nearest first."""


NEIGHBOUR = ("track_id", "score", "playlists", "listeners", "related", "model")
"""What a station says of one of its tracks: its id; its score, 0 … 1; how many playlists and listeners it has in common
with the station's track; the rank of its artist among those related to the station's, 0 for the same artist, null for
one that is not related; and the model to which it is nearest, where nothing else can be said of the two, else null."""


class ArtistTerm(Base):
    """A top term of an artist."""

    __tablename__ = "artist_term"

    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    artist_id: Mapped[int] = mapped_column(BigId, ForeignKey("artist.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    term: Mapped[str]
    weight: Mapped[float]


class QuotedSentence(Base):
    """A sentence of a document that shows a top term; kept once, whatever it shows."""

    __tablename__ = "quoted_sentence"
    __table_args__ = (Index(None, "document_id"),)

    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    document_id: Mapped[int] = mapped_column(BigId, ForeignKey("document.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    """Counts the document's sentences from 0."""
    sentence: Mapped[str]


class TermQuote(Base):
    """A top term of an artist stands in this sentence of this document, which says it of the artist."""

    __tablename__ = "term_quote"
    __table_args__ = (Index(None, "document_id"),)

    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    artist_id: Mapped[int] = mapped_column(BigId, ForeignKey("artist.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    """Of the term, as in `artist_term`."""
    document_id: Mapped[int] = mapped_column(BigId, ForeignKey("document.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int]


class DocumentMention(Base):
    """How often a document names an artist."""

    __tablename__ = "document_mention"
    __table_args__ = (Index(None, "run_id", "artist_id"), Index(None, "document_id"))

    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    document_id: Mapped[int] = mapped_column(BigId, ForeignKey("document.id", ondelete="CASCADE"), primary_key=True)
    artist_id: Mapped[int] = mapped_column(BigId, ForeignKey("artist.id"), primary_key=True)
    mentions: Mapped[int]
    confidence: Mapped[float]
    """Of the surest mention."""


class Discovery(Base):
    """What a listener has never heard stands at `rank` (from 1) of the listener's list: an artist, or a track of it."""

    __tablename__ = "discovery"

    listener_id: Mapped[int] = mapped_column(BigId, ForeignKey("listener.id", ondelete="CASCADE"), primary_key=True)
    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    """What is new since last week comes first, then by place, then what is spare."""
    artist_id: Mapped[int] = mapped_column(BigId, ForeignKey("artist.id"))
    track_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("track.id"))
    """Null where lists are made of artists."""
    score: Mapped[float]
    because_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("artist.id"))
    """An artist that the listener plays and to which this one is related; null where there is none."""
    because_plays: Mapped[float | None]
    because_rank: Mapped[int | None]
    """Of this artist among the related artists of that one."""
    place: Mapped[int]
    """From 1, by score."""
    since: Mapped[str]
    """The day on which it came into the list, as YYYY-MM-DD."""
    fresh: Mapped[bool]
    """New since last week's list."""
    spare: Mapped[bool]
    """Kept for the place of one that is flagged or rated down after the build."""


class Lease(Base):
    """Who holds what: one build, one crawl at a time per home."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    """host:pid:token"""
    since: Mapped[datetime]
    beat_at: Mapped[datetime]


class NeverSuggest(Base):
    """Something of which no artist is to be suggested: an artist, or all that carry a tag or are on a record label."""

    __tablename__ = "never_suggest"
    __table_args__ = (UniqueConstraint("kind", "name"), NEVER_AGAIN)

    id: Mapped[Id]
    kind: Mapped[str]
    """artist, tag or label."""
    name: Mapped[str]
    """The artist's name as shown, the tag or the label in lower case."""
    added_at: Mapped[datetime]


class NeverSuggestArtist(Base):
    """An artist that a flag keeps from being suggested; made anew from tags at each change of a flag and each build."""

    __tablename__ = "never_suggest_artist"

    never_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("never_suggest.id", ondelete="CASCADE"), primary_key=True
    )
    artist_id: Mapped[int] = mapped_column(BigId, ForeignKey("artist.id"), primary_key=True, index=True)


class Rating(Base):
    """A thumb: whether `similar_id` is rightly suggested for `artist_id`: a label that counts above imported ones."""

    __tablename__ = "rating"

    artist_id: Mapped[int] = mapped_column(BigId, ForeignKey("artist.id"), primary_key=True)
    similar_id: Mapped[int] = mapped_column(BigId, ForeignKey("artist.id"), primary_key=True)
    up: Mapped[bool]
    rated_at: Mapped[datetime]


class ListenerVerdict(Base):
    """What a listener said of an artist or a track, in Discover or in a radio session."""

    __tablename__ = "listener_verdict"

    listener_id: Mapped[int] = mapped_column(BigId, ForeignKey("listener.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    """artist or track."""
    thing_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    """Of the artist or the track."""
    verdict: Mapped[str]
    """up, down, ban or favorite."""
    said_at: Mapped[datetime]


class RadioSession(Base):
    """A station that somebody listens to; what happened in it stands in `radio_event`."""

    __tablename__ = "radio_session"
    __table_args__ = NEVER_AGAIN

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    listener_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("listener.id", ondelete="CASCADE"), index=True
    )
    """Whose thumbs they are; null for nobody's."""
    title: Mapped[str]
    """What it was started from, for people."""
    seeds: Mapped[str]
    """JSON: ids of the tracks it was started from."""
    seed: Mapped[BigInt]
    """Of all that is left to chance."""
    settings: Mapped[str]
    """JSON: as they were at the start."""
    version: Mapped[BigInt] = mapped_column(default=0)
    """How many events there are."""
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class RadioEvent(Base):
    """Something that happened in a radio session; nothing is ever changed, and the state is what all events make."""

    __tablename__ = "radio_event"
    __table_args__ = (
        Index(
            "ix_radio_event_song", "session_id", "track_id", unique=True, sqlite_where=text("kind = 'song'"),
            postgresql_where=text("kind = 'song'"),
        ),
    )  # fmt: skip

    session_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("radio_session.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(BigId, primary_key=True)
    """From 1."""
    kind: Mapped[str]
    """song, up, down, skip, ban, favorite, more, less, adventurous, variety or end."""
    track_id: Mapped[int | None] = mapped_column(BigId)
    artist_id: Mapped[int | None] = mapped_column(BigId)
    value: Mapped[float | None]
    """Of a dial."""
    said: Mapped[str] = mapped_column(default="")
    """JSON of a song: what each model made of it when it was chosen, 0 … 1."""
    at: Mapped[datetime]
