"""The application object, and what commands share: the home, options, progress bars."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from kinsong.show import Format, LogFormat, err, log_lines, say

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from sqlalchemy.orm import Session

    from db.catalog import Artist
    from db.home import Home

T = TypeVar("T")

app = typer.Typer(
    name="kinsong", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Related artists from what the web writes, what people play and what they put into playlists.",
)  # fmt: skip

DATA, JOBS, RESULTS, HOME = "What goes in", "Jobs", "Results", "The home"
"""The groups in which `kinsong --help` lists the commands."""

MOST = 2**31 - 1
"""The largest number of an option that counts, and the largest id: what an integer column holds on either database."""
MOST_SEED = 2**63 - 1

FormatOption = Annotated[Format, typer.Option("--format", help="How to print it.")]
NameArgument = Annotated[str | None, typer.Argument(metavar="NAME", help="The artist's name, in any usual spelling.")]
IdOption = Annotated[int | None, typer.Option("--id", max=MOST, help="The artist's id, in place of the name.")]
MbidOption = Annotated[str | None, typer.Option("--mbid", help="The artist's MusicBrainz id, in place of the name.")]

_chosen: dict[str, Path | None] = {"home": None}


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"kinsong {version('kinsong')}")
        raise typer.Exit


@app.callback()
def options(
    home: Annotated[
        Path | None,
        typer.Option(help="The kinsong home (default: KINSONG_HOME, else ./kinsong-home).", show_default=False),
    ] = None,
    log_format: Annotated[
        LogFormat, typer.Option(help="What is said on standard error: text, or one JSON object a line.")
    ] = LogFormat.text,
    version: Annotated[  # noqa: ARG001  handled by its callback
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Related artists from what the web writes, what people play and what they put into playlists."""
    _chosen["home"] = home
    log_lines[:] = [True] if log_format is LogFormat.json else []


def home_path() -> Path:
    """The folder that --home or the environment names."""
    from kinsong import home as homes

    return homes.chosen(_chosen["home"])


@contextmanager
def opened(*, read_only: bool = False, job: bool = False) -> Iterator[Home]:
    """The chosen home, open, and closed at the end; `job`: see `kinsong.home.close`."""
    from db.disk import disk_errors
    from kinsong import home as homes

    with disk_errors(home_path()):
        home = homes.open_home(home_path(), read_only=read_only)
        try:
            yield home
        finally:
            if read_only:
                home.engine.dispose()
            else:
                homes.close(home, job=job)


def asked_artist(session: Session, name: str | None, artist_id: int | None, mbid: str | None) -> Artist:
    """The one artist that a name, an id or a MusicBrainz id leads to.

    Raises:
        UsageError: none or several of them are given, or they lead to no artist or to several.
    """
    from db.errors import UsageError
    from db.read import find_artist

    if sum(value is not None for value in (name, artist_id, mbid)) != 1:
        raise UsageError("name one artist: by NAME, by --id or by --mbid")
    return find_artist(session, name, artist_id=artist_id, mbid=mbid)


class Watched:
    """Progress as bars on standard error; plain lines when that is no terminal."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars

    def track(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
        """The same items, counted on a bar as they pass."""
        task = self._bars.add_task(what, total=total)
        for item in items:
            yield item
            self._bars.advance(task)
        self._bars.update(task, total=self._bars.tasks[self._bars.task_ids.index(task)].completed)

    def say(self, what: str) -> None:
        """A line above the bars."""
        if self._bars.console.is_terminal and not log_lines:
            self._bars.console.print(what, markup=False, highlight=False, style="dim")
        else:
            say(what)


@contextmanager
def watched() -> Iterator[Watched]:
    """Progress bars while the block runs."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    )  # fmt: skip
    with Progress(*columns, console=err, disable=not err.is_terminal or bool(log_lines)) as bars:
        yield Watched(bars)
