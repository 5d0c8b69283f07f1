"""The catalogue: artists and their aliases, tracks, and the credits and titles as written that lead to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from db.base import NEVER_AGAIN, Base, BigId, BigInt, Id


class Artist(Base):
    """One artist. (key, disambiguation) is its canonical key: rows of every matrix are sorted by it."""

    __tablename__ = "artist"
    __table_args__ = (UniqueConstraint("key", "disambiguation"), Index(None, "key"), NEVER_AGAIN)

    id: Mapped[Id]
    name: Mapped[str]
    """The name as shown: the spelling that most facts use, or the one that was imported."""
    key: Mapped[str]
    """`db.names.name_key(name)`."""
    disambiguation: Mapped[str] = mapped_column(default="")
    """Tells artists of one key apart; empty for the only or first one."""
    mbid: Mapped[str | None] = mapped_column(unique=True)
    """MusicBrainz artist id."""
    curated: Mapped[bool] = mapped_column(default=False)
    """Named by an imported artist list: its name is never changed by how facts spell it."""
    retired: Mapped[bool] = mapped_column(default=False, server_default=false())
    """No fact and no artist list names it any more; the row stays because results of an earlier run point to it."""


class Alias(Base):
    """Another name of an artist."""

    __tablename__ = "alias"
    __table_args__ = (Index(None, "key"),)

    artist_id: Mapped[int] = mapped_column(BigId, ForeignKey("artist.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]


class Credit(Base):
    """An artist string as some fact wrote it."""

    __tablename__ = "credit"

    id: Mapped[Id]
    text: Mapped[str] = mapped_column(unique=True)
    key: Mapped[str] = mapped_column(index=True)


class CreditArtist(Base):
    """The artists that a credit leads to; none when the name belongs to several artists and nothing tells which."""

    __tablename__ = "credit_artist"

    credit_id: Mapped[int] = mapped_column(BigId, ForeignKey("credit.id"), primary_key=True)
    artist_id: Mapped[int] = mapped_column(BigId, ForeignKey("artist.id"), primary_key=True, index=True)
    position: Mapped[int]
    """0 for the artist of the whole credit or the first one named."""


class Track(Base):
    """One recording. The canonical key of its first-named artist with (key, version, mark) is its canonical key."""

    __tablename__ = "track"
    __table_args__ = (UniqueConstraint("artist_id", "key", "version", "mark"), NEVER_AGAIN)

    id: Mapped[Id]
    artist_id: Mapped[int] = mapped_column(BigId, ForeignKey("artist.id", ondelete="CASCADE"))
    """The artist that its credits name first."""
    key: Mapped[str]
    """`db.titles.read_title(title).key`: of the song."""
    version: Mapped[str] = mapped_column(default="")
    """What kind of other recording it is ("live", "somebody remix"); empty for the recording itself."""
    mark: Mapped[str] = mapped_column(default="")
    """Tells listed tracks of one title apart."""
    title: Mapped[str]
    """As most facts write it, without credits and notes about the issue; or as it was listed."""
    credit: Mapped[str]
    """Who made it, as most facts write it."""
    mbid: Mapped[str | None] = mapped_column(unique=True)
    """MusicBrainz recording id."""
    isrc: Mapped[str | None]
    curated: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Named by an imported track list."""
    retired: Mapped[bool] = mapped_column(default=False, server_default=false())
    """No fact and no list names it any more; the row stays because results of an earlier run point to it."""


class TrackArtist(Base):
    """The artists of a track: those of its credits, and those that its titles feature."""

    __tablename__ = "track_artist"

    track_id: Mapped[int] = mapped_column(BigId, ForeignKey("track.id", ondelete="CASCADE"), primary_key=True)
    artist_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("artist.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class TrackTitle(Base):
    """The track that a title leads to under the credit that a fact names first."""

    __tablename__ = "track_title"

    credit_id: Mapped[int] = mapped_column(BigId, ForeignKey("credit.id", ondelete="CASCADE"), primary_key=True)
    title: Mapped[str] = mapped_column(primary_key=True)
    """As written."""
    track_id: Mapped[int] = mapped_column(BigId, ForeignKey("track.id", ondelete="CASCADE"), index=True)


class Listener(Base):
    """Someone whose plays were imported."""

    __tablename__ = "listener"
    __table_args__ = NEVER_AGAIN

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)


class ImportBatch(Base):
    """One imported file: its facts live in one Parquet file of the workspace, or in rows that carry the batch."""

    __tablename__ = "import_batch"
    __table_args__ = (UniqueConstraint("kind", "sha256", "options"), NEVER_AGAIN)

    id: Mapped[Id]
    kind: Mapped[str]
    """plays, playlists, tags, similar, artists or tracks."""
    source: Mapped[str]
    """Where it came from: the path as given, made absolute."""
    sha256: Mapped[str]
    """Of the source file's bytes."""
    options: Mapped[str] = mapped_column(default="")
    """The options that change what the file means, as canonical JSON."""
    format: Mapped[str]
    file: Mapped[str | None]
    """The Parquet file under the workspace's listening folder."""
    file_sha256: Mapped[str | None]
    """Of that file's bytes; empty for one that an earlier version wrote, until `db.facts.seal`."""
    rows: Mapped[BigInt]
    rejected: Mapped[BigInt]
    imported_at: Mapped[datetime]
    resolved: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Artists and credits were derived with this batch in sight; see `db.credits`."""


class RejectedRow(Base):
    """A row that an import could not use, kept as it was read (cut at 500 characters)."""

    __tablename__ = "rejected_row"

    batch_id: Mapped[int] = mapped_column(BigId, ForeignKey("import_batch.id", ondelete="CASCADE"), primary_key=True)
    line: Mapped[int] = mapped_column(BigId, primary_key=True)
    reason: Mapped[str]
    content: Mapped[str]


class Label(Base):
    """Someone's judgement that two artists are alike, by the names as written."""

    __tablename__ = "label"
    __table_args__ = (Index(None, "batch_id"),)

    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(BigId, ForeignKey("import_batch.id", ondelete="CASCADE"))
    artist: Mapped[str]
    similar: Mapped[str]
    grade: Mapped[float] = mapped_column(default=1.0)
    """How alike, above 0; 0 says that they are not."""
