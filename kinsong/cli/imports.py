"""import, forget."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from db.errors import InputError
from kinsong import show
from kinsong.cli.app import DATA, MOST, FormatOption, app, opened, watched
from kinsong.show import Format, say

importing = typer.Typer(no_args_is_help=True, help="Bring in plays, playlists, tags, similar artists, artists.")
app.add_typer(importing, name="import", rich_help_panel=DATA)

Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", help="Files or folders of files; their format is found by name and content."),
]
Columns = Annotated[
    str | None, typer.Option(help="Column names for a table without a header, such as listener,artist,plays.")
]
Encoding = Annotated[str, typer.Option(help="The files' character encoding.")]


class Kind(StrEnum):
    """What can be imported."""

    plays = "plays"
    playlists = "playlists"
    tags = "tags"
    similar = "similar"
    artists = "artists"
    tracks = "tracks"


def _import(
    kind: Kind, files: list[Path], columns: str | None, encoding: str, listener: str | None = None,
    private: bool = False,
) -> None:  # fmt: skip
    missing = next((path for path in files if not path.exists()), None)
    if missing is not None:
        raise InputError(f"{missing}: there is no such file; nothing was imported")
    with opened(job=True) as home:
        from db.imports import files_of, import_files

        files = list(files_of(files))
        names = [c.strip() for c in columns.split(",")] if columns else None
        with watched() as progress:
            reports = import_files(
                home, kind.value, files, columns=names, listener=listener, encoding=encoding,
                private=private, progress=progress,
            )  # fmt: skip
    for path, report in zip(files, reports, strict=True):
        if report.unchanged:
            say(f"{path}: already imported as batch {report.batch_id}; nothing changed")
            continue
        rate = f"{report.rows / report.seconds:,.0f} rows/s" if report.seconds > 0 else ""
        say(f"{path}: {report.rows:,} rows of {report.format} as batch {report.batch_id} ({rate})")
        if report.rejected:
            reasons = ", ".join(f"{count} {reason}" for reason, count in report.reasons.items())
            say(f"  {report.rejected:,} rows rejected: {reasons} (kept in SQL, table rejected_row)")
        for what, count in report.notes.items():
            say(f"  {count:,} {what}")


@importing.command()
def plays(
    files: Files,
    columns: Columns = None,
    listener: Annotated[str | None, typer.Option(help="Whose plays these are, for files that do not say.")] = None,
    encoding: Encoding = "utf-8",
    private: Annotated[bool, typer.Option("--private", help="Bring in Spotify's private sessions too.")] = False,
    fold_in: Annotated[
        bool, typer.Option("--fold-in", help="Give newcomers vectors in the published run, without a build.")
    ] = False,
) -> None:
    """Plays: listener, artist, plays, optionally track and time: TSV, CSV, Parquet, JSON; exports of ListenBrainz and
    Spotify (zip), Last.fm 360K and 1K."""
    _import(Kind.plays, files, columns, encoding, listener, private)
    if fold_in:
        with opened(job=True) as home:
            from kinsong import config
            from kinsong.newcomers import fold_in as fold

            made = fold(home, config.load(home))
        say(f"folded in: {made['listeners']:,} listeners, {made['artists']:,} artists that were not in the fit")


@importing.command()
def playlists(files: Files, encoding: Encoding = "utf-8") -> None:
    """Playlists: JSON lines, Million Playlist Dataset slices, M3U/M3U8, XSPF, JSPF."""
    _import(Kind.playlists, files, None, encoding)


@importing.command()
def tags(files: Files, columns: Columns = None, encoding: Encoding = "utf-8") -> None:
    """Tags: artist, tag, count."""
    _import(Kind.tags, files, columns, encoding)


@importing.command()
def similar(files: Files, columns: Columns = None, encoding: Encoding = "utf-8") -> None:
    """Similar artists, as labels for the ranker: artist, similar, optionally grade."""
    _import(Kind.similar, files, columns, encoding)


@importing.command()
def artists(files: Files, columns: Columns = None, encoding: Encoding = "utf-8") -> None:
    """Artists: name, aliases, MusicBrainz id, disambiguation."""
    _import(Kind.artists, files, columns, encoding)


@importing.command()
def tracks(files: Files, columns: Columns = None, encoding: Encoding = "utf-8") -> None:
    """Tracks: artist, title, MusicBrainz recording id, ISRC."""
    _import(Kind.tracks, files, columns, encoding)


@importing.command("list")
def list_(format_: FormatOption = Format.table) -> None:
    """What was imported."""
    with opened(read_only=True) as home, home.reading() as session:
        from db.imports import list_batches

        found = [
            {"batch": b.id, "kind": b.kind, "format": b.format, "rows": b.rows, "rejected": b.rejected,
             "imported": f"{b.imported_at:%Y-%m-%d %H:%M:%S}", "source": b.source}
            for b in list_batches(session)
        ]  # fmt: skip
    show.rows(found, ("batch", "kind", "format", "rows", "rejected", "imported", "source"), format_)


@importing.command()
def labels(format_: FormatOption = Format.table) -> None:
    """Imported labels that teach nothing or not what they say: unknown names, contradictions. They are kept."""
    with opened(read_only=True) as home, home.reading() as session:
        from db.labels import doubts

        found = [vars(doubt) for doubt in doubts(session)]
    show.rows(found, ("batch", "artist", "similar", "grade", "doubt"), format_)


@importing.command()
def undo(
    batch: Annotated[
        int, typer.Argument(metavar="BATCH", min=1, max=MOST, help="Its number in `kinsong import list`.")
    ],
) -> None:
    """Take one import back: its facts, its rejected rows, its labels."""
    with opened(job=True) as home:
        from db.imports import undo as take_back

        take_back(home, batch)
    say(f"batch {batch} is gone; results change at the next kinsong build")


@app.command(rich_help_panel=DATA)
def forget(listener: Annotated[str, typer.Argument(metavar="LISTENER", help="The listener's name.")]) -> None:
    """Remove a listener and all their plays."""
    with opened(job=True) as home:
        from db.imports import forget as remove

        report = remove(home, listener)
    say(f"{listener} is forgotten: {report.rows:,} rows of {report.batches} batches")
    if not report.cleared:
        say("another program was reading the database: old bytes stay in its free space until the next kinsong build")
    say("results change at the next kinsong build")
