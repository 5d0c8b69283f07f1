"""discover: a listener's list."""

from __future__ import annotations

from typing import Annotated

import typer

from db.errors import UsageError
from kinsong import show
from kinsong.cli.app import MOST, RESULTS, FormatOption, app, opened
from kinsong.show import Format, say


@app.command(rich_help_panel=RESULTS)
def discover(
    listener: Annotated[str, typer.Argument(metavar="LISTENER", help="The listener's name.")],
    n: Annotated[int, typer.Option("-n", min=1, max=MOST, help="How many.")] = 30,
    down: Annotated[str | None, typer.Option(help="Never again this artist for this listener.")] = None,
    forgive: Annotated[str | None, typer.Option(help="Take back what --down or a radio session said of it.")] = None,
    format_: FormatOption = Format.table,
) -> None:
    """What a listener has never heard and might like, each with a reason; what is new since last week comes first."""
    if down is not None and forgive is not None:
        raise UsageError("--down and --forgive at once: give one of them")
    if down is not None or forgive is not None:
        _verdict(listener, down, forgive)
        return
    with opened(read_only=True) as home, home.reading() as session:
        from ensemble.discover_query import discoveries

        told = discoveries(home, session, listener, n)
    if told.found:
        rows = [{**vars(one), "new": one.fresh, "reason": one.reason} for one in told.found]
        track = ("track",) if told.found[0].track is not None else ()
        table = ("rank", *track, "artist", "new", "reason")
        columns = (
            "rank", "artist", "artist_id", "track", "track_id", "score", "new", "since", "because", "because_id",
            "because_plays", "because_rank", "reason",
        )  # fmt: skip
        show.rows(rows, table if format_ is Format.table else columns, format_, title=f"{listener} has never heard")
    if told.short:
        say(told.short)
    if not told.found:
        raise typer.Exit(1)


def _verdict(listener: str, down: str | None, forgive: str | None) -> None:
    with opened() as home, home.writing() as session:
        from db import verdicts
        from db.read import find_artist
        from ensemble.discover_query import find_listener

        listener_id, artist = find_listener(session, listener), find_artist(session, down or forgive)
        name = artist.name
        if down is not None:
            was = verdicts.say(session, listener_id, "artist", artist.id, "down")
        else:
            there = verdicts.take_back(session, listener_id, "artist", artist.id)
    if down is not None:
        say(f"{listener} is not given {name} any more" + (", as it was" if was in verdicts.NOT_WANTED else ""))
    elif there:
        say(f"{listener} may be given {name} again, from the next kinsong build on")
    else:
        raise UsageError(f"{listener} has said nothing of {name}")
