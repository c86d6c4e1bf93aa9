"""A grid of numbers, shaded by how far each lies above or below nought.

Every cell holds its number: the shade only helps the eye. It stays so light that black words
can be read on it.
"""

from __future__ import annotations

from typing import Any

from needs.report.picture import Picture
from needs.report.theme import FONT_SIZE, template, wrapped

__all__ = ["heat"]

CELL, TOP, LINE = 38, 48, 22
"""Pixels of a row, and those above the grid: without words, and of a line of them."""
BELOW, NOUGHT, ABOVE = "#F9B98F", "#FFFFFF", "#86AACD"
LETTERS, ABOVE_GRID = 20, 24
"""Letters of a line of words beside the grid and above it: both have to fit a telephone."""


def heat(p: Picture, headings: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return traces and layout of a grid: places of the axis go down, series across.

    Parameters
    ----------
    p : Picture
        Keys down and across, and the row of each cell; a withheld one has its letter and no
        shade.
    headings : list of dict
        What is measured, above the picture.
    """
    rows = [[p.row(s, x) for s in p.series] for x in p.xs]
    z = [[float(r.value) if r is not None and r.value else None for r in line] for line in rows]
    words = [[r.printed if r is not None else "x" for r in line] for line in rows]
    far = max((abs(v) for line in z for v in line if v is not None), default=0.0) or 1.0
    across = [wrapped(p.label(s), 10) for s in p.series]
    down = [wrapped(p.label(x), LETTERS) for x in p.xs]
    trace = {
        "type": "heatmap",
        "x": across,
        "y": down,
        "z": z,
        "text": words,
        "texttemplate": "%{text}",
        "textfont": {"color": "#0B0C0C", "size": FONT_SIZE},
        "hovertemplate": "%{y}, %{x}: %{text}<extra></extra>",
        "colorscale": [[0, BELOW], [0.5, NOUGHT], [1, ABOVE]],
        "zmin": -far,
        "zmax": far,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
    }
    plain = {"fixedrange": True, "showgrid": False, "zeroline": False, "ticks": ""}
    order = {"type": "category", "categoryorder": "array"}
    deep = sum(max(CELL, 20 * (d.count("<br>") + 1) + 4) for d in down)
    above = _headings(headings)
    top = TOP + LINE * sum(h["text"].count("<br>") + 1 for h in above)
    return [trace], {
        "template": template(),
        "autosize": True,
        "height": top + 12 + deep,
        "meta": {"rows": deep},
        "margin": {"l": 8, "r": 8, "t": top, "b": 8},
        "xaxis": {**plain, **order, "categoryarray": across, "side": "top", "tickangle": 0},
        "yaxis": {**plain, **order, "categoryarray": down[::-1]},
        "showlegend": False,
        "annotations": above,
    }


def _headings(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the words above the picture in lines as wide as the grid is on a telephone."""
    out, up = [], 30
    for h in given:
        text = wrapped(str(h["text"]).replace("<br>", " "), ABOVE_GRID)
        out.append({**h, "text": text, "yshift": up})
        up += LINE * (text.count("<br>") + 1)
    return out
