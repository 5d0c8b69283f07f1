"""`--why` for people: the evidence for each related artist, or for each term, as a few lines of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from ensemble.query import Evidence, Quote, RelatedRow, TermRow
from kinsong.show import KINDS, clean, out

SHOWN = 5


def show_why(title: str, found: Sequence[RelatedRow], evidence: Mapping[int, Sequence[Evidence]]) -> None:
    """Print each related artist with what speaks for it."""
    out.print(f"[bold]{escape(clean(title))}[/bold]")
    for row in found:
        out.print(
            f"{row.rank:3d}  [bold]{escape(clean(row.name))}[/bold]  {row.score:.4f}  {escape(clean(row.reason))}"
        )
        for line in lines(evidence.get(row.artist_id, ())):
            out.print(f"       {escape(clean(line))}", style="dim")


def lines(pieces: Sequence[Evidence]) -> list[str]:
    """Evidence as lines: models, then shared terms, playlists, listeners and pages, each where there is any."""
    of: dict[str, list[Evidence]] = {}
    for piece in pieces:
        of.setdefault(piece.kind, []).append(piece)
    told = []
    if models := of.get("model"):
        told.append("models: " + ", ".join(f"{m.name} {m.value:.2f} (rank {m.rank})" for m in models))
    if terms := of.get("term"):
        told.append("shared terms: " + ", ".join(f"{t.name} {t.value:.3f}" for t in terms[:SHOWN]))
    for kind, what in (
        ("playlists", "playlists in common"),
        ("listeners", "listeners in common"),
        ("pages", "pages naming both"),
    ):
        for_kind = of.get(kind, [])
        count = max((piece.value for piece in for_kind), default=0)
        named = [piece.name for piece in for_kind if piece.name][:SHOWN]
        if for_kind:
            told.append(f"{what}: {count:.0f}" + (f" ({', '.join(named)})" if named else ""))
    return told


def show_quotes(title: str, found: Sequence[TermRow], quotes: Mapping[tuple[str, int], Sequence[Quote]]) -> None:
    """Print each term with the sentences that show it and where they stand."""
    out.print(f"[bold]{escape(clean(title))}[/bold]")
    for row in sorted(found, key=lambda row: (KINDS.index(row.kind), row.rank)):
        out.print(f"{row.kind:3s} {row.rank:3d}  [bold]{escape(clean(row.term))}[/bold]  {row.weight:.4f}")
        shown = quotes.get((row.kind, row.rank), ())
        for quote in shown:
            out.print(Padding(Text(clean(quote.sentence)), (0, 0, 0, 9)))
            where = f"{clean(quote.published)}  {clean(quote.url)}".strip()
            out.print(f"         {escape(where)}", style="dim", soft_wrap=True)
        if not shown:
            out.print("         " + _no_quote(row.kind), style="dim")


def _no_quote(kind: str) -> str:
    return "imported tags have no document" if kind == "tag" else "no sentence is kept ([terms] quoted_terms)"
