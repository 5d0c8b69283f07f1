"""`--why` for people: the evidence for each related artist, or for each term, as a few lines of text."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from ensemble.query import Evidence, Quote, RelatedRow, TermRow
from kinsong.show import KINDS, clean, out

SHOWN = 5
INDENT = 7
COUNTED = {
    "playlists": "playlists in common", "listeners": "listeners in common", "sentences": "sentences that name both",
    "pages": "pages that name both",
}  # fmt: skip
"""Kinds of evidence that count something; runs of earlier versions have pages."""


def show_why(title: str, found: Sequence[RelatedRow], evidence: Mapping[int, Sequence[Evidence]]) -> None:
    """Print each related artist with what speaks for it; long lines go on under their beginning."""
    text, width = Text(clean(title) + "\n", style="bold"), out.width
    for row in found:
        text.append(f"{row.rank:3d}  ", style="not bold").append(clean(row.name))
        text.append(_folded(f"  {row.score:.4f}  {clean(row.reason)}", width, 5 + cell_len(row.name)), style="not bold")
        told = "".join(_folded(" " * INDENT + clean(line), width) for line in lines(evidence.get(row.artist_id, ())))
        text.append(told, style="not bold dim")
    out.print(text, end="", soft_wrap=True)


def _folded(line: str, width: int, begun: int = 0) -> str:
    """A line, and its end, on which `begun` letters stand already; rich's own wrapping takes 20 ms a page."""
    if begun + cell_len(line) > width:
        goes_on = " " * (INDENT + 2)
        line = textwrap.fill(" " * begun + line, max(width, 20), subsequent_indent=goes_on, break_on_hyphens=False,
                             break_long_words=False)[begun:]  # fmt: skip
    return line + "\n"


def lines(pieces: Sequence[Evidence]) -> list[str]:
    """Evidence as lines: models, then terms, playlists, listeners, sentences and features, each where there is any."""
    of: dict[str, list[Evidence]] = {}
    for piece in pieces:
        of.setdefault(piece.kind, []).append(piece)
    told = []
    if models := of.get("model"):
        told.append("models: " + ", ".join(map(_model, models)))
    if terms := of.get("term"):
        told.append("shared terms: " + ", ".join(f"{t.name} {t.value:.3f}" for t in terms[:SHOWN]))
    for kind, what in COUNTED.items():
        told += _counted(of.get(kind, []), what)
    if shares := of.get("share"):
        told.append(_shares(shares))
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


def _model(piece: Evidence) -> str:
    back = f", from the other side {piece.back}" if piece.back else ""
    return f"{piece.name} {piece.value:.2f} (rank {piece.rank}{back})"


def _counted(pieces: Sequence[Evidence], what: str) -> list[str]:
    if not pieces:
        return []
    count = next((piece for piece in pieces if not piece.name), None)
    named = [piece for piece in pieces if piece.name]
    told = f"{what}: " if count is None else f"{what}: {count.value:.0f}"
    if count is not None and count.chance:
        told += f", {count.value / count.chance:.1f} times what chance would give"
    plain = [piece.name for piece in named if piece.text is None][:SHOWN]
    quoted = [f"  “{piece.text}” {piece.name}" for piece in named if piece.text is not None]
    return [told + (f" ({', '.join(plain)})" if plain else ""), *quoted]


def _shares(pieces: Sequence[Evidence]) -> str:
    """The features that moved the score most; the rest of them summed up, so that the line adds up."""
    start = sum(piece.value for piece in pieces if not piece.name)
    features = sorted((piece for piece in pieces if piece.name), key=lambda piece: -abs(piece.value))
    parts = [f"{piece.name} {piece.value:+.2f}" for piece in features[:SHOWN]]
    if rest := features[SHOWN:]:
        parts.append(f"{len(rest)} others {sum(piece.value for piece in rest):+.2f}")
    whole = sum(piece.value for piece in pieces)
    return f"ranker: {whole:+.2f} = {start:+.2f} at first, " + ", ".join(parts)
