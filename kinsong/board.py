"""The scoreboard as one HTML page: its table, its notes and plots as inline SVG. No script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

from db.errors import InputError
from ensemble.evaluate import Row
from ensemble.metrics import Interval
from kinsong.evaluate import Board
from kinsong.show import clean

WIDTH, LEFT, LINE = 760, 220, 22
STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;font-size:13px}td,th{padding:.2rem .6rem;text-align:right}"
    "td:first-child,th:first-child{text-align:left}tr:nth-child(even){background:#f4f4f4}"
    "svg{max-width:100%;height:auto}text{font:12px system-ui,sans-serif;fill:#222}"
)
COLOURS = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#999999", "#000000")


def write(board: Board, path: Path, title: str) -> None:
    """Write the page.

    Raises:
        InputError: the file cannot be written.
    """
    try:
        path.write_text(page(board, title), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; name a file in a folder that is there") from error


def page(board: Board, title: str) -> str:
    """The whole page."""
    k, rows = board.scores.k, board.scores.rows
    plots: Sequence[tuple[str, Callable[[Row], Interval | None]]] = (
        (f"recall@{k}, with 95 % intervals", lambda row: row.recall),
        (f"recall@{k} of lists without unjudged artists", lambda row: row.condensed),
        (f"nDCG@{k}", lambda row: row.ndcg),
    )
    parts = [f"<h1>{_text(title)}</h1>", "".join(f"<p>{_text(note)}</p>" for note in board.notes), _table(board)]
    parts += [f"<h2>{_text(name)}</h2>{drawn}" for name, of in plots if (drawn := bars(rows, of))]
    parts.append(f"<h2>recall@{k} by how well known the artist is, least known tenth first</h2>{tenths(rows)}")
    head = f'<meta charset="utf-8"><title>{_text(title)}</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>\n'


def _text(value: object) -> str:
    return escape(clean(value))


def _table(board: Board) -> str:
    head = "".join(f"<th>{_text(column)}</th>" for column in board.shown)
    body = "".join(
        "<tr>" + "".join(f"<td>{_text(row[column])}</td>" for column in board.shown) + "</tr>" for row in board.rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def bars(rows: Sequence[Row], of: Callable[[Row], Interval | None]) -> str:
    """One bar per row with its interval as a whisker; nothing where no row has one."""
    values = [(row, one) for row in rows if (one := of(row)) is not None]
    if rows and not values:
        return ""
    most = max([one.high for _, one in values] + [1e-9])
    drawn = []
    for number, (row, one) in enumerate(values):
        y = number * LINE
        mean, low, high = (LEFT + (WIDTH - LEFT - 60) * max(end, 0) / most for end in (one.mean, one.low, one.high))
        drawn.append(
            f'<text x="{LEFT - 8}" y="{y + 15}" text-anchor="end">{_text(row.name)}</text>'
            f'<rect x="{LEFT}" y="{y + 4}" width="{mean - LEFT:.1f}" height="{LINE - 8}" fill="#9ecae1"/>'
            f'<path d="M{low:.1f} {y + 11}H{high:.1f}" stroke="#222" stroke-width="2"/>'
            f'<text x="{high + 6:.1f}" y="{y + 15}">{one.mean:.4f}</text>'
        )
    return f'<svg viewBox="0 0 {WIDTH} {LINE * len(rows)}" role="img">{"".join(drawn)}</svg>'


def tenths(rows: Sequence[Row]) -> str:
    """One line per row over the tenths of popularity, with a legend."""
    height, shown = 260, [row for row in rows if " without " not in row.name and row.deciles]
    most = max([value for row in shown for value in row.deciles] + [1e-9])
    drawn = [f'<path d="M40 10V{height}H{WIDTH - LEFT}" fill="none" stroke="#999"/>']
    drawn.append(
        f'<text x="36" y="16" text-anchor="end">{most:.2f}</text><text x="36" y="{height}" text-anchor="end">0</text>'
    )
    for number, row in enumerate(shown):
        colour, last = COLOURS[number % len(COLOURS)], max(len(row.deciles) - 1, 1)
        places = [
            f"{40 + (WIDTH - LEFT - 40) * place / last:.1f},{height - (height - 10) * value / most:.1f}"
            for place, value in enumerate(row.deciles)
        ]
        dash = ' stroke-dasharray="5 3"' if number >= len(COLOURS) else ""
        drawn.append(f'<polyline points="{" ".join(places)}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        drawn.append(f'<path d="M{WIDTH - LEFT + 14} {18 + 18 * number}h20" stroke="{colour}" stroke-width="2"{dash}/>')
        drawn.append(f'<text x="{WIDTH - LEFT + 40}" y="{22 + 18 * number}">{_text(row.name)}</text>')
    tall = max(height + 10, 30 + 18 * len(shown))
    return f'<svg viewBox="0 0 {WIDTH} {tall}" role="img">{"".join(drawn)}</svg>'
