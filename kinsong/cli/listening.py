"""similar, explain, tune."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from kinsong import show
from kinsong.cli.app import (
    JOBS,
    MOST,
    MOST_SEED,
    RESULTS,
    FormatOption,
    IdOption,
    MbidOption,
    NameArgument,
    app,
    asked_artist,
    opened,
    watched,
)
from kinsong.show import Format, say

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Model(StrEnum):
    """Whose space."""

    als = "als"
    vector_exp = "vector_exp"
    playlist = "playlist"
    cultural = "cultural"


class Tunable(StrEnum):
    """Models that `tune` searches settings for."""

    als = "als"
    vector_exp = "vector_exp"
    playlist = "playlist"


@app.command(rich_help_panel=RESULTS)
def similar(
    name: NameArgument = None,
    model: Annotated[Model, typer.Option(help="Whose space.")] = Model.als,
    n: Annotated[int, typer.Option("-n", min=1, max=MOST, help="How many.")] = 20,
    exact: Annotated[bool, typer.Option("--exact", help="Look at every vector, not into the index.")] = False,
    artist_id: IdOption = None,
    mbid: MbidOption = None,
    format_: FormatOption = Format.table,
) -> None:
    """The artists nearest to one in the space of one model, before models are combined."""
    with opened(read_only=True) as home:
        from db.answered import answered
        from db.publish import published_artifacts
        from db.read import artist_names
        from ensemble import similar as spaces

        steps, files = {*(m.value for m in Model), "index"}, spaces.names(model.value)

        def ask(session: Session) -> tuple[str, list[spaces.Neighbour], dict[int, str]]:
            artist = asked_artist(session, name, artist_id, mbid)
            artifacts = published_artifacts(home, steps, session=session, names=files, quick=True)
            found = spaces.similar(artifacts, model.value, artist.id, n, exact=exact)
            return artist.name, found, artist_names(session, [one.artist_id for one in found])

        title, found, names = answered(home, ask)
    if not found:
        say(f"{title} is in the catalogue, but {model.value} has no vector for it: too little is known of it there")
        raise typer.Exit(1)
    rows = [
        {"rank": one.rank, "similar": names[one.artist_id], "similar_id": one.artist_id, "similarity": one.similarity}
        for one in found
    ]
    columns = ("rank", "similar", "similarity") if format_ is Format.table else tuple(rows[0])
    show.rows(rows, columns, format_, title=f"{title}, {model.value}")


@app.command(rich_help_panel=RESULTS)
def explain(
    listener: Annotated[str, typer.Argument(metavar="LISTENER", help="The listener's name.")],
    n: Annotated[int, typer.Option("-n", min=1, max=MOST, help="How many artists of each kind.")] = 10,
    format_: FormatOption = Format.table,
) -> None:
    """What a listener's ALS vector is made of, which artists it recommends, and which plays speak for them."""
    with opened(read_only=True) as home:
        from kinsong import config
        from kinsong.listeners import explain as taken_apart

        told = taken_apart(home, config.load(home), listener, n)
    if format_ is Format.table:
        show.rows(told.made_of, ("artist", "plays", "part"), format_, title=f"{listener}'s vector is made of")
        show.out.print()
        show.rows(told.recommended, ("rank", "artist", "score", "because"), format_, title="and leads to")
        return
    columns = ("kind", "rank", "artist", "artist_id", "plays", "part", "score", "because")
    kinds = (("made_of", told.made_of), ("recommended", told.recommended))
    rows = [{**dict.fromkeys(columns), "kind": kind, **row} for kind, part in kinds for row in part]
    show.rows(rows, columns, format_)


@app.command(rich_help_panel=JOBS)
def tune(
    model: Annotated[Tunable, typer.Argument(help="Whose settings.")],
    trials: Annotated[
        int, typer.Option(min=1, max=MOST, help="Settings to try; the first are those of kinsong.toml.")
    ] = 20,
    minutes: Annotated[float | None, typer.Option(min=0, help="Begin no trial after so many minutes.")] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=MOST_SEED, help="Of the split and of the settings that are tried.")
    ] = 0,
    format_: FormatOption = Format.table,
) -> None:
    """Search a model's settings at random on data that is held out; stopped, it goes on where it was."""
    with opened() as home:
        from kinsong import config
        from kinsong.tune import pasted
        from kinsong.tune import tune as search

        with watched() as progress:
            found = search(home, config.load(home), model.value, trials, minutes, seed, progress)
    names = tuple(found[0].settings)
    rows = [{"place": place, "trial": t.number, "nDCG@20": round(t.score, 4), "seconds": round(t.seconds, 1),
             **t.settings, "why": t.why} for place, t in enumerate(found, start=1)]  # fmt: skip
    columns = ("place", "trial", "nDCG@20", "seconds", *names, *(("why",) if any(t.why for t in found) else ()))
    show.rows(rows, columns, format_, title=f"{model.value}: {len(found)} trials, best first")
    say("\n" + pasted(model.value, found[0].settings))
