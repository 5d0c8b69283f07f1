"""runs, publish, diff, backup, restore."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kinsong import show
from kinsong.cli.app import HOME, MOST, FormatOption, app, home_path, opened, watched
from kinsong.show import Format, say


@app.command(rich_help_panel=HOME)
def runs(
    run: Annotated[int | None, typer.Argument(metavar="[RUN]", max=MOST, help="The steps of this run.")] = None,
    digest: Annotated[
        bool, typer.Option("--digest", help="With the sha256 of what each published, in natural keys.")
    ] = False,
    format_: FormatOption = Format.table,
) -> None:
    """The runs that are kept, the newest first."""
    with opened(read_only=True) as home, home.reading() as session:
        from kinsong import runs as keeping

        found = keeping.listing(session, digests=digest) if run is None else keeping.steps(session, run)
    if run is None:
        columns = ("run", "published", "started", "finished", "seconds", "ranked_by", *(("digest",) if digest else ()))
    else:
        columns = ("step", "reused", "seconds", "peak_mib", "rows")
    if found or format_ is not Format.table:
        show.rows(found, columns, format_)
    else:
        say("nothing was built yet: run `kinsong build`")


@app.command(rich_help_panel=HOME)
def publish(
    run: Annotated[int, typer.Argument(metavar="RUN", max=MOST, help="A kept run; see `kinsong runs`.")],
) -> None:
    """Let readers see a kept run again, in one transaction."""
    with opened(job=True) as home:
        from kinsong import runs as keeping

        before = keeping.go_back(home, run)
    if before == run:
        say(f"run {run} is the published one already")
    else:
        say(f"published run {run} in place of run {before}; the next `kinsong build` with changes publishes a new one")


@app.command(rich_help_panel=HOME)
def diff(
    before: Annotated[int, typer.Argument(metavar="RUN", max=MOST, help="The earlier run.")],
    after: Annotated[int, typer.Argument(metavar="RUN", max=MOST, help="The later run.")],
    n: Annotated[int, typer.Option("-n", min=1, max=MOST, help="How many related artists of each are compared.")] = 20,
    most: Annotated[
        int, typer.Option(min=1, max=MOST, help="How many artists a table shows, those that changed most.")
    ] = 20,
    format_: FormatOption = Format.table,
) -> None:
    """What changed between two kept runs: whose related artists, who came and who went."""
    with opened(read_only=True) as home, home.reading() as session:
        from kinsong import runs as keeping

        found = keeping.diff(session, before, after, n)
    say(
        f"{found.artists:,} artists with related ones: {found.same:,} as they were, "
        f"{found.reordered:,} in another order, {len(found.changes):,} with others"
    )
    shown = found.changes[:most] if format_ is Format.table else found.changes
    rows = [
        {"artist": change.artist, "overlap": round(change.overlap, 4), "entered": ", ".join(change.entered),
         "left": ", ".join(change.left)}
        for change in shown
    ]  # fmt: skip
    if rows or format_ is not Format.table:
        show.rows(rows, ("artist", "overlap", "entered", "left"), format_)


@app.command(rich_help_panel=HOME)
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write, such as kinsong-backup.tar.")],
) -> None:
    """One consistent file of this home: rows, listening facts, artefacts, settings; builds and readers go on."""
    with opened(read_only=True) as home, watched() as progress:
        from kinsong import backup as keeping

        made = keeping.backup(home, file, progress)
    say(f"{file}: {made.rows:,} rows of {made.tables} tables and {made.files:,} files, {made.size / 2**20:,.1f} MiB")


@app.command(rich_help_panel=HOME)
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `kinsong backup` wrote.")],
    db: Annotated[str | None, typer.Option(help="URL of an empty database (default: SQLite in the home).")] = None,
) -> None:
    """Make a home from a backup; --home names the new folder."""
    from db.disk import disk_errors
    from kinsong import backup as keeping

    with disk_errors(home_path()), watched() as progress:
        made = keeping.restore(file, home_path(), db, progress)
    say(f"{home_path()}: {made.rows:,} rows of {made.tables} tables and {made.files:,} files")
