"""`--why` for people: the evidence for each related artist as a few lines of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.markup import escape

from ensemble.query import Evidence, RelatedRow
from kinsong.show import clean, out

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
