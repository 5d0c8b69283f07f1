"""source, crawl."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

import typer

from db.errors import UsageError
from kinsong import show
from kinsong.cli.app import FormatOption, app, opened, watched
from kinsong.show import Format, say

source = typer.Typer(no_args_is_help=True, help="The places that are crawled.")
app.add_typer(source, name="source")

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
LONGEST = 10 * 365 * 86400


class Kind(StrEnum):
    """Kinds of source."""

    site = "site"
    feed = "feed"
    sitemap = "sitemap"
    page = "page"


def seconds(text: str, option: str) -> int:
    """A span such as 90s, 10m, 6h, 1d or 2w, in seconds.

    Raises:
        UsageError: it is not written so.
    """
    match = re.fullmatch(r"(\d{1,9})([smhdw]?)", text.strip().lower())
    span = int(match[1]) * _UNITS[match[2] or "s"] if match else 0
    if not 0 < span <= LONGEST:
        raise UsageError(f"{option} {text}: write a span of time up to ten years, such as 90s, 10m, 6h, 1d or 2w")
    return span


@source.command()
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where to start.")],
    kind: Annotated[Kind | None, typer.Option(help="What it is (default: guessed from the URL).")] = None,
    every: Annotated[str | None, typer.Option(help="How often to visit, such as 6h or 1d.")] = None,
    delay: Annotated[
        float | None, typer.Option(min=0.0, help="Least seconds between two requests to its host.")
    ] = None,
    allow_private: Annotated[bool, typer.Option("--allow-private", help="Its host may be a private address.")] = False,
) -> None:
    """Add a place to crawl, or change what is given of one that is on the list."""
    with opened() as home:
        from crawlers import jobs
        from kinsong import config

        made = jobs.add_source(
            home, url, kind=kind.value if kind else None, every=seconds(every, "--every") if every else None,
            delay=delay, allow_private=allow_private,
        )  # fmt: skip
        say(f"on the list: {made.kind} {made.url}")
        if not config.load(home).crawl.contact and not allow_private:
            say(f"before crawling, set [crawl] contact in {home.path / 'kinsong.toml'}: hosts must know whom to ask")


@source.command("list")
def list_(format_: FormatOption = Format.table) -> None:
    """The sources and what came of them."""
    with opened(read_only=True) as home:
        from crawlers import jobs

        found = jobs.list_sources(home)
    show.rows(found, ("url", "kind", "pages", "documents", "failed", "last", "next"), format_)


@source.command()
def remove(
    url: Annotated[str, typer.Argument(metavar="URL", help="As `kinsong source list` shows it.")],
    documents: Annotated[bool, typer.Option("--documents", help="Its documents go too.")] = False,
) -> None:
    """Crawl a place no more."""
    with opened() as home:
        from crawlers import jobs

        gone = jobs.remove_source(home, url, documents=documents)
    say(f"removed {url}" + (f" and {gone} documents; results change at the next kinsong build" if documents else ""))


@app.command()
def crawl(
    pages: Annotated[int | None, typer.Option(min=1, help="Stop after this many pages.")] = None,
    for_: Annotated[
        str | None, typer.Option("--for", metavar="SPAN", help="Stop after this long, such as 10m.")
    ] = None,
) -> None:
    """Fetch what is due. Can be stopped or killed at any moment and simply run again."""
    limit = seconds(for_, "--for") if for_ else None
    with opened() as home:
        from crawlers import jobs
        from kinsong import config

        settings = config.load(home)
        with watched() as progress:
            report = jobs.crawl(home, settings.crawl, pages=pages, seconds=limit, progress=progress)
    say(f"{report.fetched} pages in {report.seconds:.1f} s, {report.documents} documents")
    say(f"{report.unchanged} unchanged, {report.refused} refused, {report.failed} failed")
    for reason, count in sorted(report.errors_by_kind.items(), key=lambda item: -item[1]):
        say(f"  {count} × {reason}")
    if not report.fetched and not report.refused and not report.failed:
        say("nothing was due; `kinsong source list` shows when the next visit is")
