"""read."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kinsong import show
from kinsong.cli.app import MOST, RESULTS, FormatOption, app, opened
from kinsong.show import Format, say

if TYPE_CHECKING:
    from kinsong.onetext import OneText
    from nlp.reading import Named, Seen


@app.command(rich_help_panel=RESULTS)
def read(
    source: Annotated[
        str, typer.Argument(metavar="FILE|URL|-", help="A text or HTML file, a page, or - for standard input.")
    ],
    n: Annotated[int, typer.Option("-n", min=1, max=MOST, help="How many terms of each kind a table shows.")] = 10,
    title: Annotated[str | None, typer.Option(help="The text's title, in place of its own.")] = None,
    language: Annotated[
        str | None, typer.Option(help="Its language, such as en or de, in place of the one that is detected.")
    ] = None,
    fetch: Annotated[bool, typer.Option("--fetch", help="Fetch the page even if it was crawled before.")] = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="The page's host may be a private address.")
    ] = False,
    format_: FormatOption = Format.table,
) -> None:
    """What kinsong sees in one text: artists, terms, how much it is about music. Nothing is kept."""
    with opened(read_only=True) as home:
        from kinsong import config, onetext
        from nlp import jobs

        settings = config.load(home)
        text = onetext.get(home, source, settings.crawl, fetch=fetch, allow_private=allow_private)
        head = text.title if title is None else title
        code = text.language if language is None else language
        with home.reading() as session:
            seen, names = jobs.look(home, session, text.body, head, code, settings.read, settings.language)
    if format_ is Format.json:
        sys.stdout.write(show.as_json(_as_json(text, head, code, seen, names), indent=1) + "\n")
    elif format_ is Format.csv:
        _as_csv(seen, names)
    else:
        _as_tables(text, head, code, seen, names, n)
    if not seen.tagged:
        say(f"no noun phrases and adjectives: the pipeline for language {code} does not tag words")


def _as_json(text: OneText, title: str, language: str, seen: Seen, names: Mapping[int, str]) -> dict[str, Any]:
    return {
        "source": text.origin, "title": title, "language": language, "published": text.published,
        "characters": seen.characters, "words": seen.words,
        "musicality": {
            "score": seen.musicality.score,
            "reasons": [{"what": what, "share": share} for what, share in seen.musicality.reasons],
        },
        "about": names.get(seen.main) if seen.main is not None else None,
        "mentions": [
            {"artist": names[m.artist_id], "artist_id": m.artist_id, "name": m.name, "start": m.start,
             "confidence": m.confidence, "counted": m.counted, "around": m.around,
             "why": [{"what": what, "points": points} for what, points in m.why]}
            for m in seen.named
        ],
        "terms": [
            {"kind": t.kind, "term": t.term, "n": t.n, "artists": [names[artist] for artist in t.artists]}
            for t in seen.terms
        ],
    }  # fmt: skip


def _as_csv(seen: Seen, names: Mapping[int, str]) -> None:
    columns = ("what", "kind", "text", "artist", "n", "confidence", "counted", "why")
    blank = dict.fromkeys(columns)
    rows: list[dict[str, Any]] = [
        {**blank, "what": "mention", "text": m.name, "artist": names[m.artist_id], "confidence": m.confidence,
         "counted": m.counted, "why": _why(m)}
        for m in seen.named
    ]  # fmt: skip
    rows += [
        {**blank, "what": "term", "kind": t.kind, "text": t.term, "n": t.n,
         "artist": "|".join(names[artist] for artist in t.artists)}
        for t in seen.terms
    ]  # fmt: skip
    show.rows(rows, columns, Format.csv)


def _as_tables(text: OneText, title: str, language: str, seen: Seen, names: Mapping[int, str], n: int) -> None:
    because = ", ".join(f"{what} {share:.0%}" for what, share in seen.musicality.reasons)
    score = f"{seen.musicality.score:.2f}" + (f" ({because})" if because else "")
    facts = {
        "source": text.origin, "title": title, "published": text.published, "language": language,
        "words": _length(text, seen), "musicality": score,
        "about": names.get(seen.main, "") if seen.main is not None else "",
    }  # fmt: skip
    for what, value in facts.items():
        if value:
            show.out.print(f"{what:<10} {show.clean(value)}", markup=False)
    for counted, heading in ((True, "Artists"), (False, "Looks like an artist, and does not count")):
        rows = _grouped([m for m in seen.named if m.counted is counted], names)
        if rows:
            show.out.print()
            show.rows(rows, ("artist", "n", "sure", "where", "why"), Format.table, title=heading)
    if not seen.named:
        show.out.print("\nno artist of the catalogue is named", markup=False)
    shown: dict[str, list[dict[str, object]]] = {}
    for term in seen.terms:
        shown.setdefault(term.kind, []).append({"kind": term.kind, "term": term.term, "n": term.n})
    if shown:
        show.out.print()
        show.side_by_side([row for rows in shown.values() for row in rows[:n]], "Terms", "n")


def _length(text: OneText, seen: Seen) -> str:
    cut = f" in the first {seen.characters:,} of {len(text.body):,} characters"
    return f"{seen.words:,}" + (cut if len(text.body) > 1.01 * seen.characters else "")


def _grouped(mentions: list[Named], names: Mapping[int, str]) -> list[dict[str, object]]:
    """One row for each artist, in the order of the text, with its surest mention."""
    of: dict[int, list[Named]] = {}
    for mention in mentions:
        of.setdefault(mention.artist_id, []).append(mention)
    rows = []
    for artist, group in of.items():
        best = max(group, key=lambda mention: (mention.start is not None, mention.confidence))
        sure = f"{max(mention.confidence for mention in group):.2f}"
        rows.append({"artist": names[artist], "n": len(group), "sure": sure, "where": best.around, "why": _why(best)})
    return rows


def _why(mention: Named) -> str:
    if mention.start is None:
        return "the title names it"
    return "; ".join(f"{what} {points:+.1f}" for what, points in mention.why)
