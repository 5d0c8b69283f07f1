"""source, crawl, replay."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from db.errors import InputError, UsageError
from kinsong import show
from kinsong.cli.app import DATA, JOBS, MOST, FormatOption, app, opened, watched
from kinsong.show import Format, say

if TYPE_CHECKING:
    from crawlers.discovery import Discovered
    from crawlers.jobs import CrawlReport
    from crawlers.settings import Config
    from db.web import Source

source = typer.Typer(no_args_is_help=True, help="The places that are crawled.")
app.add_typer(source, name="source", rich_help_panel=DATA)

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


Every = Annotated[str | None, typer.Option(help="How often to visit, such as 6h or 1d.")]
Cron = Annotated[
    str | None, typer.Option(metavar="EXPRESSION", help="When to visit, such as '0 3 * * *', in place of --every; UTC.")
]
Delay = Annotated[float | None, typer.Option(min=0.0, help="Least seconds between two requests to its host.")]
Private = Annotated[bool, typer.Option("--allow-private", help="Its host may be a private address.")]
Include = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATTERN",
        help="Only pages whose path (/reviews/*) or URL matches, * and ? as in file names; repeatable; '' clears.",
    ),
]
Exclude = Annotated[
    list[str] | None, typer.Option(metavar="PATTERN", help="Pages to leave out; written and repeated like --include.")
]
Depth = Annotated[int | None, typer.Option(min=0, max=1000, help="Most links away from its start.")]
Pages = Annotated[int | None, typer.Option(min=1, max=10**8, help="Most pages of one host.")]


@source.command()
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where to start.")],
    kind: Annotated[
        Kind | None, typer.Option(help="What it is, without a look at it (default: found out by fetching it).")
    ] = None,
    every: Every = None,
    cron: Cron = None,
    delay: Delay = None,
    include: Include = None,
    exclude: Exclude = None,
    depth: Depth = None,
    pages: Pages = None,
    allow_private: Private = False,
    no_look: Annotated[bool, typer.Option("--no-look", help="Fetch nothing; guess its kind from the URL.")] = False,
) -> None:
    """Add a place to crawl, or change what is given of one that is on the list; either way it is due.

    It is looked at first: what it is, and which feeds and sitemaps belong to it.
    """
    with opened() as home:
        from crawlers import sources
        from kinsong import config

        wishes: dict[str, Any] = {
            "every": seconds(every, "--every") if every else None, "cron": cron, "delay": delay, "include": include,
            "exclude": exclude, "max_depth": depth, "max_pages": pages,
        }  # fmt: skip
        sources.Wishes(**wishes).check()
        settings = config.load(home).crawl
        found = None
        unreachable = not settings.contact and not allow_private
        if kind is None and not no_look and not unreachable:
            from crawlers import discovery

            with watched() as progress:
                found = discovery.look(home, settings, url, allow_private=allow_private, progress=progress)
        entries = None
        if found is not None:
            entries = [(listing.url, listing.kind) for listing in found.listings if found.kind == "site"]
        made = sources.add_source(
            home, found.url if found else url, kind.value if kind else found.kind if found else None,
            allow_private=allow_private, entries=entries, **wishes,
        )  # fmt: skip
        say(f"on the list: {made.kind} {made.url}" + (f" “{found.title}”" if found and found.title else ""))
        if found is not None:
            _tell_found(found)
        elif kind is None:
            say("  its kind is a guess from the URL: it was not looked at")
        say(f"  {_scope_told(made, settings)}")
        if unreachable:
            say(f"before crawling, set [crawl] contact in {home.path / 'kinsong.toml'}: hosts must know whom to ask")


def _tell_found(found: Discovered) -> None:
    for listing in found.listings:
        where = "" if listing.url == found.url else f" {listing.url}"
        say(f"  {listing.kind}{where}: {listing.entries:,} entries")
    for url in found.elsewhere:
        say(f"  names {url}, on another host: add it by itself if it is wanted")
    if found.crawl_delay:
        say(f"  its robots.txt asks for {found.crawl_delay:g} s between two requests")


def _scope_told(made: Source, settings: Config) -> str:
    """What will be crawled, and when."""
    import json

    from crawlers.urls import host_of, scope_of

    scope = scope_of(made.url)
    host = host_of(made.url)
    what = {
        "site": f"pages of {host} below {scope.prefix}" if scope.prefix != "/" else f"all pages of {host}",
        "feed": "the pages it lists, wherever they are", "sitemap": f"the pages of {host} that it lists",
        "page": "this page alone",
    }[made.kind]  # fmt: skip
    parts = [what]
    for word, patterns in (("that match", made.include), ("but for", made.exclude)):
        if json.loads(patterns):
            parts.append(f"{word} {', '.join(json.loads(patterns))}")
    if made.kind == "site":
        depth = settings.max_depth if made.max_depth is None else min(made.max_depth, settings.max_depth)
        parts.append(f"up to {depth} links away")
    if made.kind != "page":
        most = settings.max_pages_per_host if made.max_pages is None else made.max_pages
        parts.append(f"at most {most:,} pages of a host")
    when = f"by “{made.cron}” (UTC)" if made.cron else f"every {span(made.every or settings.every)}"
    return f"will be crawled: {', '.join(parts)}; at the next `kinsong crawl`, then {when}"


def span(length: int) -> str:
    """Seconds in the largest unit that fits: 6h, 1d."""
    unit = next((u for u in ("w", "d", "h", "m") if length and length % _UNITS[u] == 0), "s")
    return f"{length // _UNITS[unit]}{unit}"


@source.command("set")
def set_(
    url: Annotated[str, typer.Argument(metavar="URL", help="As `kinsong source list` shows it.")],
    kind: Annotated[Kind | None, typer.Option(help="What it is.")] = None,
    every: Every = None,
    cron: Cron = None,
    delay: Delay = None,
    include: Include = None,
    exclude: Exclude = None,
    depth: Depth = None,
    pages: Pages = None,
    allow_private: Private = False,
) -> None:
    """Change what is given of a source; nothing is fetched, and when it is due stays unless its times change."""
    with opened() as home:
        from crawlers import sources
        from kinsong import config

        wishes = sources.Wishes(
            kind.value if kind else None, seconds(every, "--every") if every else None, delay, allow_private, cron,
            include, exclude, depth, pages,
        )  # fmt: skip
        if wishes == sources.Wishes():
            raise UsageError("nothing to change: give at least one option, see `kinsong source set --help`")
        made = sources.set_source(home, url, wishes)
        say(f"changed: {made.kind} {made.url}")
        say(f"  {_scope_told(made, config.load(home).crawl)}")


@source.command("list")
def list_(format_: FormatOption = Format.table) -> None:
    """The sources and what came of them."""
    with opened(read_only=True) as home:
        from crawlers import jobs

        found = jobs.list_sources(home)
    columns = ("url", "kind", "pages", "documents", "failed", "last", "next")
    more = ("refused", "every", "include", "exclude", "depth", "host_pages", "entries")
    show.rows(found, columns if format_ is Format.table else (*columns, *more), format_)


@source.command()
def remove(
    url: Annotated[str, typer.Argument(metavar="URL", help="As `kinsong source list` shows it.")],
    documents: Annotated[
        bool, typer.Option("--documents", help="Its documents go too; their counts and evidence at the next build.")
    ] = False,
) -> None:
    """Crawl a place no more."""
    with opened() as home:
        from crawlers import jobs

        gone = jobs.remove_source(home, url, documents=documents)
    say(f"removed {url}" + (f" and {gone} documents; results change at the next kinsong build" if documents else ""))


@app.command(rich_help_panel=JOBS)
def crawl(
    pages: Annotated[int | None, typer.Option(min=1, max=MOST, help="Stop after this many pages.")] = None,
    for_: Annotated[
        str | None, typer.Option("--for", metavar="SPAN", help="Stop after this long, such as 10m.")
    ] = None,
    warc: Annotated[bool, typer.Option("--warc", help="Archive every request and answer under warc/.")] = False,
) -> None:
    """Fetch what is due. Can be stopped or killed at any moment and simply run again.

    Ctrl-C or SIGTERM: what is under way is finished and stored, exit code 0; a second one quits at once.
    """
    limit = seconds(for_, "--for") if for_ else None
    with opened(job=True) as home, stoppable():
        from crawlers import jobs
        from kinsong import config

        settings = config.load(home).crawl
        if warc:
            settings = settings.model_copy(update={"warc": True})
        with watched() as progress:
            report = jobs.crawl(home, settings, pages=pages, seconds=limit, progress=progress)
    _tell(report)


def _tell(report: CrawlReport) -> None:
    if not report.pages:
        say("stopped" if report.stopped else "nothing was due; `kinsong source list` shows when the next visit is")
        return
    rate = f", {report.pages / report.seconds:.1f} a second" if report.seconds else ""
    stopped = "stopped: " if report.stopped else ""
    say(f"{stopped}{report.pages} pages in {report.seconds:.1f} s{rate}; {report.documents} documents new or changed")
    fetched = f"{report.read} read, {report.unchanged} unchanged, {report.redirected} redirects"
    say(
        f"  {report.fetched} fetched ({fetched}), {report.refused} refused, {report.failed} failed, "
        f"{report.retried} to be tried again"
    )
    for reason, count in sorted(report.errors_by_kind.items(), key=lambda item: -item[1]):
        say(f"  {count} × {reason}")
    if report.archived:
        say(f"  {report.archived} answers archived under warc/")
    if report.stopped:
        say("run `kinsong crawl` again to go on")


@contextmanager
def stoppable() -> Iterator[None]:
    """SIGTERM counts as Ctrl-C, before and after the crawl's own loop takes both."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@app.command(rich_help_panel=DATA)
def replay(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Archives, such as those under warc/.")],
) -> None:
    """Turn web archives (.warc.gz) into documents, without the network; again it changes nothing."""
    with opened(job=True) as home:
        from crawlers import jobs
        from kinsong import config

        with watched() as progress:
            report = jobs.replay(home, config.load(home).crawl, files, progress)
    say(f"{report.answers} archived answers: {report.documents} documents new or changed, {report.known} known already")
    for what, count in report.other.most_common():
        say(f"  {count} × {what}")
    for problem in report.problems:
        say(f"  {problem}")
    if report.problems:
        raise InputError(f"{len(report.problems)} places could not be read; all else was")
