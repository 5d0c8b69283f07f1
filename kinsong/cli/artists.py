"""artists new."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated, Any

import typer

from kinsong import show
from kinsong.cli.app import MOST, RESULTS, app, opened, watched
from kinsong.show import Format, say

artists = typer.Typer(no_args_is_help=True, help="Artists that the catalogue lacks, and those never to be suggested.")
app.add_typer(artists, name="artists", rich_help_panel=RESULTS)


class NewFormat(StrEnum):
    """How new artists are printed; jsonl and csv can be imported."""

    table = "table"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"


@artists.callback()
def group() -> None:
    """Artists that the catalogue lacks, and those never to be suggested."""


@artists.command()
def new(
    n: Annotated[int | None, typer.Option("-n", min=1, max=MOST, help="How many (default: all).")] = None,
    least: Annotated[
        float | None, typer.Option("--least", min=0.0, max=1.0, help="Least confidence (default: the settings').")
    ] = None,
    format_: Annotated[
        NewFormat, typer.Option("--format", help="How to print it; jsonl and csv are what `import artists` takes.")
    ] = NewFormat.table,
) -> None:
    """Names that pages mention like artists and the catalogue lacks; to be looked through and imported."""
    with opened(read_only=True) as home:
        from kinsong import config
        from nlp import jobs

        settings = config.load(home)
        wanted = settings.newcomers
        if least is not None:
            wanted = wanted.model_copy(update={"threshold": least})
        with watched() as progress:
            found, others = jobs.newcomers(home, settings.read, wanted, progress)
    if others:
        say(f"{others} documents of other languages than English were not looked at")
    rows: list[dict[str, Any]] = [
        {"name": one.name, "confidence": round(one.confidence, 3), "documents": one.documents,
         "mentions": one.mentions, "hosts": list(one.hosts), "examples": [vars(e) for e in one.examples]}
        for one in found[:n]
    ]  # fmt: skip
    if format_ is NewFormat.json:
        sys.stdout.write(show.as_json(rows, indent=1) + "\n")
    elif format_ is NewFormat.jsonl:
        sys.stdout.writelines(show.as_json(row) + "\n" for row in rows)
    else:
        _flat(rows, format_)
    if not rows:
        say("no page mentions a name like an artist's that the catalogue lacks")
    elif format_ is NewFormat.table:
        say("to accept them: `kinsong artists new --format jsonl > FILE`, delete lines, `kinsong import artists FILE`")
        say("(a new FILE each time: one that is imported again replaces what it brought before)")


def _flat(rows: list[dict[str, Any]], form: NewFormat) -> None:
    flat = [
        {**row, "hosts": len(row["hosts"]), "example": row["examples"][0]["sentence"], "url": row["examples"][0]["url"]}
        for row in rows
    ]
    if form is NewFormat.csv:
        columns = ("name", "confidence", "documents", "mentions", "hosts", "example", "url")
        show.rows(flat, columns, Format.csv)
    elif flat:
        show.rows(flat, ("name", "confidence", "documents", "hosts", "example"), Format.table)
