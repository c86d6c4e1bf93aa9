"""A map without places: two halves of two rings, for each side of a boundary, near and far.

It says how many are where and gives nobody away: no point on it is an address.
"""

from __future__ import annotations

import math
from typing import Any

from needs.report.picture import Picture
from needs.report.theme import COLOURS, template, wrapped

__all__ = ["rings"]

HEIGHT = 460
RADII = (1.0, 2.0)
STEPS = 24
"""Straight pieces of a half circle."""
_CENTRE = ((-0.46, 0.0), (-0.8, 1.32), (0.46, 0.0), (0.8, 1.32))
"""Where the words of each part stand: left inner, left outer, right inner, right outer."""
WIDTHS = (14, 18)
"""Letters that fit a line, within and without."""


def rings(
    p: Picture, headings: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return traces and layout of four parts, the keys of the chart in this order.

    Parameters
    ----------
    p : Picture
        Four places on its axis: left inner, left outer, right inner, right outer; one series.
    headings : list of dict
        What is measured, above the picture.

    Raises
    ------
    ValueError
        If there are not four places and one series.
    """
    if len(p.xs) != len(_CENTRE) or len(p.series) != 1:
        raise ValueError(f"chart {p.chart.key}: a map of rings has four parts and one series")
    rows = [p.row(p.series[0], x) for x in p.xs]
    values = [float(r.value) if r is not None and r.value else 0.0 for r in rows]
    printed = [r.printed if r is not None else "x" for r in rows]
    whole = max(sum(values), 1.0)
    shapes, words = [], []
    for i, (x, y) in enumerate(_CENTRE):
        # Light enough, always, for black words on it.
        depth = 0.08 + 0.55 * values[i] / whole
        shapes.append(_part(i, depth))
        text = f"<b>{printed[i]}</b><br>{wrapped(p.label(p.xs[i]), WIDTHS[i % 2])}"
        words.append({"x": x, "y": y, "xref": "x", "yref": "y", "text": text})
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": [x for x, _ in _CENTRE],
        "y": [y for _, y in _CENTRE],
        "marker": {"opacity": 0, "size": 40},
        "name": p.label(p.series[0]),
        "text": [p.label(x) for x in p.xs],
        "customdata": printed,
        "hovertemplate": "%{text}: %{customdata}<extra></extra>",
    }
    none = {"visible": False, "fixedrange": True}
    return [trace], {
        "template": template(),
        "autosize": True,
        "height": HEIGHT,
        "margin": {"l": 8, "r": 8, "t": 64, "b": 8},
        "xaxis": {**none, "range": [-2.1, 2.1]},
        "yaxis": {**none, "range": [-2.1, 2.1], "scaleanchor": "x"},
        "showlegend": False,
        "shapes": shapes,
        "annotations": [
            *headings,
            *({**w, "showarrow": False, "font": {"color": "#0B0C0C", "size": 12}} for w in words),
        ],
    }


def _part(i: int, depth: float) -> dict[str, Any]:
    """Return half a disc or half a ring as an outline of straight pieces."""
    side, outer = (-1 if i < 2 else 1), i % 2
    out = [_at(RADII[outer], side, k) for k in range(STEPS + 1)]
    back = [_at(RADII[0], side, k) for k in range(STEPS, -1, -1)] if outer else []
    points = out + back
    path = "M " + " L ".join(f"{x:.4f},{y:.4f}" for x, y in points) + " Z"
    r, g, b = (int(COLOURS[0][k : k + 2], 16) for k in (1, 3, 5))
    return {
        "type": "path",
        "path": path,
        "fillcolor": f"rgba({r},{g},{b},{depth:.3f})",
        "line": {"color": "#0B0C0C", "width": 1},
        "layer": "below",
    }


def _at(radius: float, side: int, k: int) -> tuple[float, float]:
    angle = math.pi * (k / STEPS - 0.5)
    return side * radius * math.cos(angle), radius * math.sin(angle)
