"""artists never, rate: what users say of results."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from db.errors import UsageError
from kinsong import show
from kinsong.cli.app import DATA, FormatOption, app, opened
from kinsong.cli.artists import artists
from kinsong.show import Format, say

NEXT = "the next kinsong build fills the places that they leave"


class Thumb(StrEnum):
    """A verdict on a pair."""

    up = "up"
    down = "down"
    remove = "remove"


@artists.command()
def never(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="An artist's name.")] = None,
    tag: Annotated[str | None, typer.Option(help="All artists with this imported tag, in place of a name.")] = None,
    label: Annotated[
        str | None, typer.Option(help="All artists of this record label: those with an imported tag label:NAME.")
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Suggest again.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="Show all flags.")] = False,
    format_: FormatOption = Format.table,
) -> None:
    """Never suggest an artist, or all artists of a tag or a record label, to anybody."""
    given = [(kind, value) for kind, value in (("artist", name), ("tag", tag), ("label", label)) if value is not None]
    if list_:
        if given or remove:
            raise UsageError("--list shows all flags: give nothing else")
        _flags(format_)
        return
    if len(given) != 1:
        raise UsageError("name one artist, or give --tag or --label; --list shows what is flagged")
    (kind, value), *_ = given
    with opened() as home:
        from db import never as flags

        if remove:
            say(f"{kind} “{flags.remove(home, kind, value)}” may be suggested again")  # type: ignore[arg-type]
            return
        kept, new = flags.add(home, kind, value)  # type: ignore[arg-type]
        with home.reading() as session:
            count = next(f.artists for f in flags.flags(session) if (f.kind, f.name) == (kind, kept))
    if not new:
        say(f"{kind} “{kept}” was flagged already: {count:,} artists")
        return
    say(f"{kind} “{kept}” is never suggested from now on: {count:,} artists; {NEXT}")
    if kind != "artist" and not count:
        wanted = kept if kind == "tag" else f"label:{kept}"
        say(f"no artist has the tag {wanted} yet: import it with kinsong import tags")


def _flags(format_: Format) -> None:
    with opened(read_only=True) as home, home.reading() as session:
        from db import never as flags

        found = [vars(flag) for flag in flags.flags(session)]
    show.rows(found, ("kind", "name", "artists", "added_at"), format_)


@app.command(rich_help_panel=DATA)
def rate(
    artist: Annotated[str | None, typer.Argument(metavar="ARTIST", help="For whom.")] = None,
    similar: Annotated[str | None, typer.Argument(metavar="SIMILAR", help="Who was suggested.")] = None,
    thumb: Annotated[Thumb | None, typer.Argument(metavar="up|down|remove", help="Rightly or not.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="Show all thumbs.")] = False,
    format_: FormatOption = Format.table,
) -> None:
    """Say whether one artist is rightly suggested for another: a label that the ranker learns from."""
    if list_:
        if artist is not None:
            raise UsageError("--list shows all thumbs: give nothing else")
        _ratings(format_)
        return
    if artist is None or similar is None or thumb is None:
        raise UsageError("give two artists and up, down or remove; --list shows all thumbs")
    with opened() as home:
        from db import ratings
        from db.read import find_artist

        with home.reading() as session:
            one, other = find_artist(session, artist), find_artist(session, similar)
            pair, names = (one.id, other.id), f"{one.name} → {other.name}"
        if thumb is Thumb.remove:
            ratings.unrate(home, *pair)
            say(f"{names}: no thumb any more; the ranker sees it at the next kinsong build")
            return
        up = thumb is Thumb.up
        rated = ratings.rate(home, *pair, up=up)
    if not rated.new:
        say(f"{names}: {thumb.value}, as it was")
    else:
        before = "" if rated.was is None else f", in place of {'up' if rated.was else 'down'}"
        say(f"{names}: {thumb.value}{before}; the ranker sees it at the next kinsong build")
    if any((grade > 0) != up for grade in rated.imported):
        said = ", ".join(f"{grade:g}" for grade in rated.imported)
        say(f"an imported list grades this pair {said}: that contradicts the thumb, and the thumb counts")


def _ratings(format_: Format) -> None:
    with opened(read_only=True) as home, home.reading() as session:
        from db.ratings import ratings

        found = [
            {"artist": t.artist, "similar": t.similar, "thumb": "up" if t.up else "down", "rated_at": t.rated_at}
            for t in ratings(session)
        ]
    show.rows(found, ("artist", "similar", "thumb", "rated_at"), format_)
