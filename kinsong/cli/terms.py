"""terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from db.errors import UsageError
from kinsong import show
from kinsong.cli.app import MOST, RESULTS, FormatOption, IdOption, MbidOption, NameArgument, app, asked_artist, opened
from kinsong.show import Format, say

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from db.home import Home
    from ensemble.query import Quote, TermRow


class TermKind(StrEnum):
    """Kinds of terms."""

    n1 = "n1"
    n2 = "n2"
    np = "np"
    adj = "adj"
    tag = "tag"


Quotes = Mapping[tuple[str, int], Sequence["Quote"]]


@app.command(rich_help_panel=RESULTS)
def terms(
    name: NameArgument = None,
    n: Annotated[int, typer.Option("-n", min=1, max=MOST, help="How many of each kind.")] = 10,
    kind: Annotated[list[TermKind] | None, typer.Option(help="Only this kind; may be given several times.")] = None,
    why: Annotated[bool, typer.Option("--why", help="With the documents and sentences that terms come from.")] = False,
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="A B", help="What two artists share, and what sets them apart.", show_default=False),
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Only documents from this year, month or day on.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="Only documents up to this year, month or day.")
    ] = None,
    artist_id: IdOption = None,
    mbid: MbidOption = None,
    format_: FormatOption = Format.table,
) -> None:
    """The terms that the web uses for an artist."""
    kinds = [k.value for k in kind] if kind else None
    with opened(read_only=True) as home, home.reading() as session:
        if compare is not None:
            if (name, artist_id, mbid, since, until) != (None,) * 5 or why:
                raise UsageError("--compare takes two names and goes with -n, --kind and --format alone")
            _compare(session, compare, n, kinds, format_)
            return
        artist = asked_artist(session, name, artist_id, mbid)
        title = artist.name
        if since is not None or until is not None:
            found, quotes, none = _in_window(home, artist.id, (since, until), n, kinds, why)
        else:
            from ensemble import query

            found = query.terms(session, artist.id, n, kinds)
            quotes = query.quotes(session, artist.id, n, kinds) if why else {}
            none = "no document says enough of this artist yet ([terms] min_documents and min_hosts sift terms)"
    if not found:
        say(f"{title}: {none}")
        raise typer.Exit(1)
    if why:
        _show_why(found, quotes, title, format_)
        return
    rows = [vars(term) for term in found]
    if format_ is Format.table:
        show.side_by_side(rows, title)
    else:
        show.rows(rows, ("kind", "rank", "term", "weight"), format_)


def _in_window(
    home: Home, artist_id: int, dates: tuple[str | None, str | None], n: int, kinds: list[str] | None, why: bool
) -> tuple[list[TermRow], Quotes, str]:  # fmt: skip
    from db.answered import answered
    from kinsong import config, windows

    span, settings = windows.Span(*dates), config.load(home).terms
    window = answered(home, lambda at: windows.terms_of(home, at, artist_id, span, n, settings, quoted=why))
    undated = f"; {window.undated} without a date are left out" if window.undated else ""
    held = f"{window.documents} of {window.of} documents that name the artist are {span}{undated}"
    say(f"{held}; weights count these against all that is written")
    return [t for t in window.terms if kinds is None or t.kind in kinds], window.quotes, "they say nothing of this kind"


def _compare(session: Session, names: tuple[str, str], n: int, kinds: list[str] | None, format_: Format) -> None:
    from ensemble import query

    one, other = (asked_artist(session, name, None, None) for name in names)
    if one.id == other.id:
        raise UsageError(f"--compare: both names lead to {one.name}; name two artists")
    found = query.compare(session, one.id, other.id, n, kinds)
    parts = (
        ("shared", f"{one.name} and {other.name}, with the weight for each", found.shared),
        ("first", f"{one.name} rather than {other.name}", found.of_one),
        ("second", f"{other.name} rather than {one.name}", found.of_other),
    )
    if not found.of_one and not found.of_other:
        say(f"{one.name} and {other.name}: no document says enough of either yet")
        raise typer.Exit(1)
    if format_ is not Format.table:
        rows = [
            {"what": what, "kind": t.kind, "term": t.term, "first": t.one, "second": t.other}
            for what, _, terms in parts for t in terms
        ]  # fmt: skip
        show.rows(rows, ("what", "kind", "term", "first", "second"), format_)
        return
    for what, title, terms in parts:
        if not terms:
            show.out.print(f"{show.clean(title)}: no term of both", markup=False)
        show.side_by_side([{"kind": t.kind, "term": t.term, "weight": _told(what, t)} for t in terms], title)
        show.out.print()


def _told(what: str, term: Any) -> str:
    return f"{term.one:.3f} {term.other:.3f}" if what != "second" else f"{term.other:.3f} {term.one:.3f}"


def _show_why(found: Sequence[TermRow], quotes: Quotes, title: str, format_: Format) -> None:
    if format_ is Format.table:
        from kinsong.explain import show_quotes

        show_quotes(title, found, quotes)
        return
    nothing = dict.fromkeys(("url", "title", "published", "sentence"))
    rows = [
        {**vars(term), **shown}
        for term in found for shown in [vars(q) for q in quotes.get((term.kind, term.rank), ())] or [nothing]
    ]  # fmt: skip
    show.rows(rows, ("kind", "rank", "term", "weight", "url", "title", "published", "sentence"), format_)
