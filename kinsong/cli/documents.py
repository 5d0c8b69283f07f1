"""documents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from db.errors import UsageError
from kinsong import show
from kinsong.cli.app import DATA, FormatOption, app, opened
from kinsong.cli.sources import seconds
from kinsong.show import Format, say

documents = typer.Typer(no_args_is_help=True, help="The texts that the crawler keeps.")
app.add_typer(documents, name="documents", rich_help_panel=DATA)

SourceOption = Annotated[str | None, typer.Option(metavar="URL", help="Only those of this source.")]
Host = Annotated[str | None, typer.Option(help="Only those of this host.")]
Language = Annotated[str | None, typer.Option(metavar="CODE", help="Only those in this language, such as en.")]
Since = Annotated[
    str | None, typer.Option(metavar="WHEN", help="Only those fetched since a date (2026-03-01) or a span ago (7d).")
]
Musicality = Annotated[float | None, typer.Option(min=0, max=1, help="Least musicality, 0 … 1.")]
Duplicates = Annotated[bool, typer.Option("--duplicates", help="Near-duplicates of others too.")]
Most = Annotated[int, typer.Option("-n", min=1, max=10**6, help="How many at most.")]
HostTarget = Annotated[str | None, typer.Option(help="All of this host, in place of a URL.")]
COLUMNS = ("title", "published", "language", "musicality", "url")
MORE = ("author", "host", "fetched", "duplicate_of")


def moment(text: str | None) -> datetime | None:
    """A date, a time, or a span of time before now.

    Raises:
        UsageError: it is none of them.
    """
    if text is None:
        return None
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        if not text[:1].isdigit() or "-" in text:
            raise UsageError(f"--since {text}: write a date such as 2026-03-01, or a span of time such as 7d") from None
        return datetime.now(UTC) - timedelta(seconds=seconds(text, "--since"))
    return given if given.tzinfo else given.replace(tzinfo=UTC)


@documents.command("list")
def list_(
    source: SourceOption = None,
    host: Host = None,
    language: Language = None,
    since: Since = None,
    musicality: Musicality = None,
    duplicates: Duplicates = False,
    n: Most = 20,
    format_: FormatOption = Format.table,
) -> None:
    """Documents, the last fetched first."""
    with opened(read_only=True) as home, home.reading() as session:
        from crawlers.documents import Filter, count, listed

        wanted = Filter(source, host, language, moment(since), musicality, duplicates)
        found = listed(session, wanted, n=n)
        every = count(session, wanted)
    show.rows(found, COLUMNS if format_ is Format.table else (*COLUMNS, *MORE), format_)
    if every > len(found):
        say(f"{len(found)} of {every:,}; -n shows more")


@documents.command()
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORD...", help="Each must stand in title or text.")],
    source: SourceOption = None,
    host: Host = None,
    language: Language = None,
    since: Since = None,
    musicality: Musicality = None,
    duplicates: Duplicates = False,
    n: Most = 20,
    format_: FormatOption = Format.table,
) -> None:
    """Documents with these words, in the title first; an argument of several words is a phrase."""
    with opened(read_only=True) as home, home.reading() as session:
        from crawlers.documents import Filter, listed

        wanted = Filter(source, host, language, moment(since), musicality, duplicates)
        found = listed(session, wanted, words, n)
    columns = ("title", "found", "url")
    show.rows(found, columns if format_ is Format.table else (*columns, *COLUMNS[1:4], *MORE), format_)


@documents.command("show")
def show_(
    url: Annotated[str, typer.Argument(metavar="URL", help="As `kinsong documents list` shows it.")],
    format_: FormatOption = Format.table,
) -> None:
    """One document: its text, what is known of it, and why it counts as music."""
    with opened(read_only=True) as home, home.reading() as session:
        from crawlers.documents import one

        found = one(session, url)
    if format_ is not Format.table:
        show.rows([found], tuple(found), format_)
        return
    text = str(found.pop("text"))
    told = {**found, "reasons": ", ".join(f"{word} {share:.2f}" for word, share in found["reasons"])}  # type: ignore[attr-defined]
    rows = [{"what": what, "value": "\n".join(value) if isinstance(value, list) else value}
            for what, value in told.items()]  # fmt: skip
    show.rows(rows, ("what", "value"), format_)
    typer.echo("\n" + show.clean(text))


@documents.command()
def remove(
    url: Annotated[str | None, typer.Argument(metavar="URL", help="As `kinsong documents list` shows it.")] = None,
    host: HostTarget = None,
) -> None:
    """Take a document, or all of a host's, down: it is forgotten, and neither fetched nor kept again until allowed."""
    with opened(job=True) as home:
        from kinsong.takedown import remove as take_down

        removed = take_down(home, url, host)
    made = removed.taken
    say(f"taken down {made.target}: {made.documents} documents; results change at the next kinsong build")
    if not removed.cleared:
        say("another program was reading the database: old bytes stay in its free space until the next kinsong build")
    for twin in made.twins[:20]:
        say(f"  a near-duplicate of it stays: {twin}")
    if len(made.twins) > 20:
        say(f"  and {len(made.twins) - 20} more")


@documents.command()
def removed(format_: FormatOption = Format.table) -> None:
    """What was taken down."""
    with opened(read_only=True) as home:
        from crawlers.takedown import taken_down

        show.rows(taken_down(home), ("target", "kind", "at"), format_)


@documents.command()
def allow(
    url: Annotated[str | None, typer.Argument(metavar="URL", help="As `kinsong documents removed` shows it.")] = None,
    host: HostTarget = None,
) -> None:
    """Lift a takedown: what is still linked to or listed may be fetched again."""
    with opened() as home:
        from crawlers import takedown

        target = takedown.allow(home, url, host)
    say(f"{target} may be fetched again")
