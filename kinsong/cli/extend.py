"""extend: what fits a playlist; radio SEED: a station."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kinsong import show
from kinsong.cli.app import MOST, RESULTS, FormatOption, app, opened
from kinsong.cli.radio import radio
from kinsong.show import Format, say


@app.command(rich_help_panel=RESULTS)
def extend(
    playlist: Annotated[Path, typer.Argument(metavar="PLAYLIST", help="M3U, XSPF, JSPF or one playlist as JSON.")],
    n: Annotated[int, typer.Option("-n", min=1, max=MOST, help="How many tracks.")] = 50,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write them as .m3u, .m3u8, .xspf, .jspf or .json.")
    ] = None,
    whole: Annotated[bool, typer.Option("--whole", help="With --output: the list's own tracks before them.")] = False,
    format_: FormatOption = Format.table,
) -> None:
    """What fits a playlist, each track with a reason; written back as a playlist with --output."""
    with opened(read_only=True) as home:
        from kinsong import extend as extending
        from kinsong.playlist_file import form_of

        if output is not None:
            form_of(output)
        told = extending.extend(home, playlist, n)
    listed = len(told.listed.entries)
    if listed:
        say(f"{told.known} of {listed} tracks of “{told.listed.name}” are in the catalogue")
    if told.why:
        say(told.why)
    if not told.fits:
        raise typer.Exit(1)
    if output is not None:
        say(f"{extending.write(output, told, whole=whole)} tracks in {output}")
        return
    columns = ("rank", "artist", "title", "score", "reason")
    rows = [vars(fit) for fit in told.fits]
    show.rows(rows, columns if format_ is Format.table else (*columns, "track_id"), format_,
              title=f"fits {told.listed.name}")  # fmt: skip


@radio.command(name="show")
def show_(
    seed: Annotated[
        str, typer.Argument(metavar="SEED", help="“ARTIST - TITLE”, an artist, a title, a playlist or its file.")
    ],
    n: Annotated[int, typer.Option("-n", min=1, max=MOST, help="How many songs.")] = 30,
    format_: FormatOption = Format.table,
) -> None:
    """Print a station; `kinsong radio SEED` is the same."""
    with opened(read_only=True) as home:
        from kinsong.extend import station

        told = station(home, seed, n)
    if told.why:
        say(told.why)
    if not told.songs:
        raise typer.Exit(1)
    columns = ("rank", "artist", "title", "score", "reason")
    rows = [vars(song) for song in told.songs]
    show.rows(rows, columns if format_ is Format.table else (*columns, "track_id"), format_,
              title=f"{told.title}: station")  # fmt: skip
