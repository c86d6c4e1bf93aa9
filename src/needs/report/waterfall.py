"""A waterfall: what led from one number to another, each step where the one before ended.

Words stand beside the bars and carry the number, with an arrow up or down, so that neither
colour nor the place of a short bar has to be read. Bars may cross nought.
"""

from __future__ import annotations

from typing import Any

from needs.report.picture import Picture
from needs.report.theme import COLOURS, FONT_SIZE, template, wrapped
from needs.vocabulary.released import ReleasedRow

__all__ = ["waterfall"]

LETTERS = 20
"""Letters of a line of words beside the bars: half a telephone's width."""
TOP, LINE, BELOW, GAP = 18, 22, 64, 16
RISE, FALL, END = "▲", "▼", ""
_COLOUR = {END: COLOURS[0], RISE: COLOURS[3], FALL: COLOURS[1]}
_NAMES = {RISE: f"{RISE} adds", FALL: f"{FALL} takes away"}

Bar = tuple[str, str, float, float, str]
"""Kind, place, where the bar begins, how far it goes, and the number as printed."""


def waterfall(
    p: Picture, headings: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return traces and layout of a waterfall: the first and last bar stand on nought.

    Parameters
    ----------
    p : Picture
        Places on the axis are steps, in order; of several series the first is drawn. A step
        that is withheld has its letter and no bar, and so have the steps after it: where they
        begin is not known.
    headings : list of dict
        What is measured, above the picture.
    """
    rows = [p.row(p.series[0], x) for x in p.xs]
    places = [_place(p, x, r) for x, r in zip(p.xs, rows, strict=True)]
    bars, reached = _bars(p, places, rows)
    kinds = [k for k in (END, RISE, FALL) if any(b[0] == k for b in bars)]
    traces = [_joins(places, reached), *(_trace(p, k, bars) for k in kinds)]
    deep = GAP * len(places) + 19 * sum(place.count("<br>") + 1 for place in places)
    top = TOP + LINE * sum(h["text"].count("<br>") + 1 for h in headings)
    legend = len(kinds) > 1
    return traces, {
        "template": template(),
        "autosize": True,
        "height": top + BELOW * legend + deep,
        "meta": {"rows": deep},
        "margin": {"l": 8, "r": 24, "t": top, "b": 8},
        "barmode": "overlay",
        "bargap": 0.25,
        "hovermode": "closest",
        "xaxis": {
            "rangemode": "tozero",
            "showgrid": False,
            "showticklabels": False,
            "ticks": "",
            "zeroline": True,
            "zerolinecolor": "#0B0C0C",
        },
        "yaxis": {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": places,
            "autorange": "reversed",
            "tickangle": 0,
            "showgrid": False,
            "zeroline": False,
            "tickfont": {"size": FONT_SIZE},
        },
        "legend": {"orientation": "h", "x": 0, "xref": "container", "y": 0, "yref": "container"},
        "showlegend": legend,
        "annotations": headings,
    }


def _kind(p: Picture, x: str, row: ReleasedRow | None) -> str:
    """Return whether a place is an end, a rise or a fall; a step of nought is neither."""
    if x in p.chart.ends or row is None or not row.value or not float(row.value):
        return END
    return RISE if float(row.value) > 0 else FALL


def _place(p: Picture, x: str, row: ReleasedRow | None) -> str:
    """Return what stands beside a bar: its words, and its number with an arrow."""
    number = row.printed if row is not None else "x"
    arrow = _kind(p, x, row)
    return f"{wrapped(p.label(x), LETTERS)}<br><b>{f'{arrow} {number}'.strip()}</b>"


def _bars(
    p: Picture, places: list[str], rows: list[ReleasedRow | None]
) -> tuple[list[Bar], list[float | None]]:
    """Return the bars, and the level reached at each place (None where it is not known)."""
    at: float | None = None
    bars: list[Bar] = []
    reached: list[float | None] = []
    for x, place, row in zip(p.xs, places, rows, strict=True):
        value = float(row.value) if row is not None and row.value else None
        begin = 0.0 if x in p.chart.ends else at
        at = None if value is None or begin is None else begin + value
        reached.append(at)
        if at is not None and begin is not None and row is not None:
            bars.append((_kind(p, x, row), place, begin, at - begin, row.printed))
    return bars, reached


def _trace(p: Picture, kind: str, bars: list[Bar]) -> dict[str, Any]:
    mine = [b for b in bars if b[0] == kind]
    return {
        "type": "bar",
        "orientation": "h",
        "name": _NAMES.get(kind) or p.label(p.series[0]),
        "y": [b[1] for b in mine],
        "base": [b[2] for b in mine],
        "x": [b[3] for b in mine],
        "customdata": [b[4] for b in mine],
        "hovertemplate": "%{customdata}<extra></extra>",
        "marker": {"color": _COLOUR[kind]},
        "showlegend": kind != END,
        "cliponaxis": False,
    }


def _joins(places: list[str], reached: list[float | None]) -> dict[str, Any]:
    """Return thin lines from where a step ended to where the next begins."""
    x: list[float | None] = []
    y: list[str | None] = []
    for n, level in enumerate(reached[:-1]):
        if level is not None:
            x += [level, level, None]
            y += [places[n], places[n + 1], None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": {"color": "#6F777B", "width": 1},
        "hoverinfo": "skip",
        "showlegend": False,
    }
