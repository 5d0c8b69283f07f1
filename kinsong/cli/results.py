"""related, sql, evaluate, export."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db.errors import UsageError
from kinsong import show
from kinsong.cli.app import (
    JOBS,
    MOST,
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
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from ensemble.query import Evidence, RelatedRow


class Engine(StrEnum):
    """Who answers a query."""

    sql = "sql"
    duckdb = "duckdb"


class Result(StrEnum):
    """What can be exported."""

    related = "related"
    top_terms = "top_terms"
    term_evidence = "term_evidence"


class HeldOut(StrEnum):
    """What a part can be held out of."""

    plays = "plays"
    playlists = "playlists"


class ExportFormat(StrEnum):
    """Formats of an export."""

    parquet = "parquet"
    jsonl = "jsonl"
    csv = "csv"


@app.command(rich_help_panel=RESULTS)
def related(
    name: NameArgument = None,
    n: Annotated[
        int | None, typer.Option("-n", min=1, max=MOST, help="How many (default: all that the run shows).")
    ] = None,
    why: Annotated[bool, typer.Option("--why", help="With the evidence for each.")] = False,
    popularity: Annotated[
        float | None, typer.Option(min=-1, max=1, help="From deep cuts (-1) to well known (1).")
    ] = None,
    adventurous: Annotated[float | None, typer.Option(min=0, max=1, help="How far from the artist, up to 1.")] = None,
    diverse: Annotated[float | None, typer.Option(min=0, max=1, help="How unlike each other, up to 1.")] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(help="Leave out an artist, or those in a file: @FILE. May be repeated.")
    ] = None,
    reverse: Annotated[bool, typer.Option("--reverse", help="The least related of the published pool first.")] = False,
    artist_id: IdOption = None,
    mbid: MbidOption = None,
    format_: FormatOption = Format.table,
) -> None:
    """The artists most related to one."""
    with opened(read_only=True) as home:
        from db.answered import answered
        from ensemble import query
        from kinsong import dials

        turned = dials.dials(home, popularity, adventurous, diverse, reverse=reverse)

        def ask(
            session: Session,
        ) -> tuple[str, dials.Excluded, list[RelatedRow], Mapping[int, Sequence[Evidence]], bool]:
            artist = asked_artist(session, name, artist_id, mbid)
            left_out = dials.excluded(session, exclude or ())
            found = query.steered(home, session, artist.id, n, turned, exclude=left_out.ids, reverse=reverse)
            evidence = query.why(session, artist.id, [row.artist_id for row in found]) if why else {}
            return artist.name, left_out, found, evidence, not found and not query.pool(session, artist.id)

        title, left_out, found, evidence, nobody = answered(home, ask)
    if left_out.unknown:
        say(f"{len(left_out.unknown)} excluded names lead to no artist or to several: {', '.join(left_out.unknown[:5])}"
            + (", …" if len(left_out.unknown) > 5 else ""))  # fmt: skip
    if not found:
        unknown = f"{title} is in the catalogue, but no model knows it yet: too few plays, playlists or pages name it"
        say(unknown if nobody else f"{title}: --exclude leaves out all of its related artists")
        raise typer.Exit(1)
    _show(title, found, evidence if why else None, format_)


def _show(
    title: str, found: Sequence[RelatedRow], evidence: Mapping[int, Sequence[Evidence]] | None, format_: Format
) -> None:
    if evidence is None:
        columns = ("rank", "related", "related_id", "score", "confidence", "reason")
        shown = ("rank", "related", "score", "confidence", "reason") if format_ is Format.table else columns
        show.rows([_row(row) for row in found], shown, format_, title=title)
    elif format_ is Format.table:
        from kinsong.explain import show_why

        show_why(title, found, evidence)
    else:
        lines = [
            {**vars(e), "rank": row.rank, "related": row.name, "related_id": row.artist_id, "model_rank": e.rank}
            for row in found for e in evidence.get(row.artist_id, ())
        ]  # fmt: skip
        told = ("rank", "related", "related_id", "kind", "name", "value", "model_rank", "back", "chance", "text")
        show.rows(lines, told, format_)


def _row(row: RelatedRow) -> dict[str, object]:
    named = {"related": row.name, "related_id": row.artist_id}
    return {"rank": row.rank, **named, "score": row.score, "confidence": row.confidence, "reason": row.reason}


@app.command(rich_help_panel=RESULTS)
def sql(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="One SELECT; see docs/sql-cookbook.md.")],
    engine: Annotated[
        Engine, typer.Option(help="sql: the home's database; duckdb: results with plays and playlists.")
    ] = Engine.sql,
    format_: FormatOption = Format.table,
) -> None:
    """Ask the results in SQL; the database is opened read-only."""
    with opened(read_only=True) as home:
        from kinsong import sql as asking

        columns, found = asking.ask_duckdb(home, query) if engine is Engine.duckdb else asking.ask(home, query)
    show.rows(found, columns, format_)


@app.command(rich_help_panel=JOBS)
def evaluate(
    gold: Annotated[Path | None, typer.Option(help="A table of artist and similar, optionally grade.")] = None,
    held_out: Annotated[
        HeldOut | None, typer.Option(help="Fit anew without a fifth of each listener's or playlist's artists.")
    ] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=MOST, help="How many places of a list are judged.")] = 10,
    without: Annotated[
        bool, typer.Option("--without", help="Also fusion and ranker without each model in turn (with --gold).")
    ] = False,
    page: Annotated[Path | None, typer.Option("--html", help="Write the scoreboard as a page with plots too.")] = None,
    format_: FormatOption = Format.table,
) -> None:
    """What everybody could do, each model alone, fusion and ranker, side by side.

    Against a gold file (--gold), or against what listeners play and playlists hold (--held-out): a fifth of each one's
    artists is taken away, the newest where all of a listener's plays have dates, otherwise at random; the models that
    learn from such data are fitted without it, in memory; and from the artists that are left each ranking orders all
    others, the score of an artist being the sum of its scores for those.
    """
    if (gold is None) == (held_out is None):
        raise UsageError("name what to judge by: --gold FILE, or --held-out plays or playlists")
    if without and gold is None:
        raise UsageError("--without goes with --gold")
    with opened(read_only=True) as home:
        from kinsong import config
        from kinsong import evaluate as judging

        settings = config.load(home)
        with watched() as progress:
            if gold is not None:
                board, by = judging.evaluate(home, settings, gold, k, progress, without=without), gold.name
            elif held_out is not None:
                board, by = judging.held_out(home, settings, held_out.value, k, progress), f"held-out {held_out.value}"
    if page is not None:
        from kinsong.board import write

        write(board, page, f"Judged by {by}")
    for note in board.notes:
        say(note)
    show.rows(board.rows, board.shown if format_ is Format.table else board.columns, format_)


@app.command(rich_help_panel=RESULTS)
def export(
    result: Annotated[Result, typer.Argument(help="What to export.")],
    format_: Annotated[ExportFormat, typer.Option("--format", help="File format.")] = ExportFormat.jsonl,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file (default: standard output).")] = None,
) -> None:
    """The published run's related artists or top terms as one file."""
    with opened(read_only=True) as home:
        from kinsong import exports

        count = exports.export(home, result.value, format_.value, output)
    say(f"{count:,} rows" + (f" in {output}" if output else ""))
