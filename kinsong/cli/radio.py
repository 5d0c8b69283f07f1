"""radio: a station that is listened to, song by song."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from db.errors import UsageError
from kinsong import show
from kinsong.cli.app import MOST, MOST_SEED, RESULTS, FormatOption, app, opened
from kinsong.show import Format, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typer._click.core import Command, Context

    from db.home import Home
    from ensemble.station_pool import Around
    from ensemble.station_session import Playing, Thumb


class Group(TyperGroup):
    """Commands, and for whatever is none of them `show`: `kinsong radio SEED` prints a station."""

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """The command that is named, or `show` with all words."""
        if args and args[0] not in self.commands and not args[0].startswith("-") and "show" in self.commands:
            return "show", self.commands["show"], args
        return super().resolve_command(ctx, args)


radio = typer.Typer(no_args_is_help=True, cls=Group, help="Stations, and sessions that learn from thumbs.")
app.add_typer(radio, name="radio", rich_help_panel=RESULTS)

SessionArgument = Annotated[str, typer.Argument(metavar="SESSION", help="The session's name, as start printed it.")]
SongOption = Annotated[
    int | None,
    typer.Option("--song", min=1, max=MOST, help="Which of the session's songs, from 1 (default: the last one)."),
]


def _around(home: Home) -> Around:
    from ensemble.radio_query import station_files
    from ensemble.station_pool import Around

    with home.reading() as session:
        return Around(station_files(home, session))


def _dials(given: Mapping[str, float | None]) -> dict[str, float]:
    return {name: value for name, value in given.items() if value is not None}


@radio.command()
def start(
    seed: Annotated[str, typer.Argument(metavar="SEED", help="“ARTIST - TITLE”, an artist, a title or a playlist.")],
    name: Annotated[str | None, typer.Option(help="What to call the session (default: a number).")] = None,
    listener: Annotated[
        str | None, typer.Option(help="Whose thumbs these are: what is down here is never given in discover.")
    ] = None,
    number: Annotated[int, typer.Option("--seed", min=0, max=MOST_SEED, help="Of all that is left to chance.")] = 0,
    variety: Annotated[float | None, typer.Option(min=0, max=1, help="How many different artists.")] = None,
    adventurous: Annotated[float | None, typer.Option(min=0, max=1, help="How much is left to chance.")] = None,
    spacing: Annotated[int | None, typer.Option(min=0, max=50, help="Songs between two of one artist.")] = None,
) -> None:
    """Begin a session; print its name."""
    with opened() as home:
        from ensemble import station_session
        from ensemble.discover_query import find_listener
        from kinsong import config, seeds

        settings = config.load(home).station
        dials = _dials({"variety": variety, "adventurous": adventurous, "spacing": spacing})
        around = _around(home)
        with home.reading() as session:
            found = seeds.found(home, session, seed)
            whose = None if listener is None else find_listener(session, listener)
        made = station_session.start(
            home, around, found.title, found.tracks, settings.model_copy(update=dials), seed=number, name=name,
            listener_id=whose,
        )  # fmt: skip
    say(f"a session from {found.title}; next: kinsong radio next {made}")
    show.out.print(made, markup=False)


@radio.command(name="next")
def next_(session: SessionArgument, format_: FormatOption = Format.table) -> None:
    """The next song."""
    with opened() as home:
        from ensemble import station_session

        song = station_session.next_song(home, _around(home), session)
    if song is None:
        say(f"nothing is left that session {session} may play: give it another song with `kinsong radio more`, or "
            "turn its spacing down in a new session")  # fmt: skip
        raise typer.Exit(1)
    _song(song, format_)


def _song(song: Playing, format_: Format) -> None:
    columns = ("number", "artist", "track") if format_ is Format.table else tuple(vars(song))
    show.rows([vars(song)], columns, format_)


def _thumb(session: str, kind: Thumb, number: int | None) -> None:
    with opened() as home:
        from ensemble import station_session

        song, new = station_session.thumb(home, session, kind, number)
    say(f"{song.artist} – {song.track}: {kind}" + ("" if new else ", as it was"))


@radio.command()
def up(session: SessionArgument, song: SongOption = None) -> None:
    """More like this song."""
    _thumb(session, "up", song)


@radio.command()
def down(session: SessionArgument, song: SongOption = None) -> None:
    """Not this song nor another version of it; a second time, not its artist."""
    _thumb(session, "down", song)


@radio.command()
def skip(session: SessionArgument, song: SongOption = None) -> None:
    """Not now."""
    _thumb(session, "skip", song)


@radio.command()
def favorite(session: SessionArgument, song: SongOption = None) -> None:
    """Much more like this song."""
    _thumb(session, "favorite", song)


@radio.command()
def ban(
    session: SessionArgument,
    song: SongOption = None,
    artist: Annotated[str | None, typer.Option(help="This artist, in place of a song.")] = None,
) -> None:
    """Never this song again, or with --artist never that artist."""
    if artist is None:
        _thumb(session, "ban", song)
        return
    _artist(session, "ban", artist)


def _artist(session: str, kind: str, artist: str) -> None:
    with opened() as home:
        from db import verdicts
        from db.radio import Event, played
        from db.read import find_artist
        from ensemble import station_session

        with home.reading() as reading:
            found, listener = find_artist(reading, artist), played(reading, session).listener_id
            artist_id, named = found.id, found.name
        station_session.steer(home, session, [Event(kind, artist_id=artist_id)])
        if kind == "ban" and listener is not None:
            with home.writing() as writing:
                verdicts.say(writing, listener, "artist", artist_id, "ban")
    say(f"{named}: {kind}")


@radio.command()
def steer(
    session: SessionArgument,
    more: Annotated[str | None, typer.Option(help="More of this artist.")] = None,
    less: Annotated[str | None, typer.Option(help="Less of this artist.")] = None,
    variety: Annotated[float | None, typer.Option(min=0, max=1, help="How many different artists.")] = None,
    adventurous: Annotated[float | None, typer.Option(min=0, max=1, help="How much is left to chance.")] = None,
) -> None:
    """Turn a session: more or less of an artist, more or less variety or chance."""
    dials = _dials({"variety": variety, "adventurous": adventurous})
    if more is None and less is None and not dials:
        raise UsageError("say where to: --more ARTIST, --less ARTIST, --variety or --adventurous")
    for kind, artist in (("more", more), ("less", less)):
        if artist is not None:
            _artist(session, kind, artist)
    if dials:
        with opened() as home:
            from db.radio import Event
            from ensemble import station_session

            station_session.steer(home, session, [Event(dial, value=value) for dial, value in dials.items()])
        say(", ".join(f"{dial} {value:g}" for dial, value in dials.items()))


@radio.command()
def why(session: SessionArgument, song: SongOption = None, format_: FormatOption = Format.table) -> None:
    """Why a song was chosen: which songs it is near to, what each model made of it, and what each counts by now."""
    with opened(read_only=True) as home:
        from ensemble import station_session

        around = _around(home)
        with home.reading() as reading:
            told = station_session.why(reading, around, session, song)
    title = f"{told.song.artist} – {told.song.track}"
    rows: list[dict[str, Any]] = [{"what": "near", "name": name, "value": value, "weight": None}
                                  for name, value in told.near]  # fmt: skip
    rows += [
        {"what": "model", "name": name, "value": said, "weight": told.weights[name]}
        for name, said in told.said.items() if name in told.weights
    ]  # fmt: skip
    show.rows(rows, ("what", "name", "value", "weight"), format_, title=title)


@radio.command()
def end(session: SessionArgument) -> None:
    """End a session."""
    with opened() as home:
        from ensemble import station_session

        ended = station_session.end(home, session)
    say(f"session {session} is over" + ("" if ended else ", as it was"))
