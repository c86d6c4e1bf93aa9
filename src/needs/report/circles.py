"""A map of areas without a base map: a circle for each, as large as its number.

Circles stand where areas lie, moved apart until none touches another (Dorling, 1996, *Area
Cartograms: Their Use and Creation*, CATMOD 59). Areas far off stand nearer than they are, in
the same direction. The picture is drawn to the pixels of a telephone, so that it reads the same
on every screen and on paper. A number that is withheld has one sign, whatever it is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from needs.report.picture import Picture
from needs.report.theme import COLOURS, template, wrapped
from needs.vocabulary.released import ReleasedRow

__all__ = ["WIDTH", "circles"]

WIDTH = 310
"""Pixels of the narrowest screen that the map is for, without margins."""
LARGEST, WITHHELD = 64, 12
"""Diameters in pixels: of the largest number shown, and of the sign of a withheld one."""
LETTERS, LETTER, LINE = 11, 6.6, 14
"""Letters of a line of words, and the pixels of a letter across and of a line down."""
_SCALE, _BEYOND = 78.0, 42.0
"""Pixels from the middle to the farthest core area, and those that each doubling takes beyond."""
_STEP = 4.0
"""Pixels between places that are tried."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Box:
    """A circle with its words below, in pixels."""

    key: str
    words: str
    diameter: float
    value: float | None

    @property
    def size(self) -> tuple[float, float]:
        lines = self.words.replace("<b>", "").replace("</b>", "").split("<br>")
        across = max(len(line) for line in lines) * LETTER
        return max(self.diameter, across) + 4, self.diameter + LINE * len(lines) + 6


def circles(
    p: Picture, headings: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return traces and layout of a map of circles.

    Parameters
    ----------
    p : Picture
        Areas on its axis, in one series; its chart says where they lie.
    headings : list of dict
        What is measured, above the picture.

    Raises
    ------
    ValueError
        If there is more than one series.
    """
    if len(p.series) != 1:
        raise ValueError(f"chart {p.chart.key}: a map of circles has one series")
    rows = {x: r for x in p.xs if (r := p.row(p.series[0], x)) is not None}
    boxes = _boxes(p, rows)
    spot = _pixels(p.chart.at, p.chart.core)

    def away(box: _Box) -> float:
        return math.hypot(*spot[box.key])

    inner = [b for b in boxes if b.key in p.chart.core]
    outer = [b for b in boxes if b.key in p.chart.at and b not in inner]
    # From the middle outwards: whoever lies near stays near.
    placed = sorted(inner, key=away) + sorted(outer, key=away)
    below = [b for b in boxes if b.key not in p.chart.at]
    sizes = np.array([b.size for b in placed], dtype=float).reshape(-1, 2)
    wanted = np.array([spot[b.key] for b in placed], dtype=float).reshape(-1, 2)
    at, height = apart(wanted, sizes, WIDTH)
    strip = (max(b.size[1] for b in below) + 2 * LINE) if below else 0.0
    spots = [*map(tuple, at.tolist()), *_in_a_row(below, height)]
    every = [*placed, *below]
    low = -height / 2 - strip
    none = {"visible": False, "fixedrange": True}
    return [_trace(p, every, spots)], {
        "template": template(),
        "autosize": True,
        "height": round(height + strip) + 72,
        "margin": {"l": 4, "r": 4, "t": 64, "b": 8},
        "xaxis": {**none, "range": [-WIDTH / 2, WIDTH / 2]},
        "yaxis": {**none, "range": [round(low, 2), round(height / 2, 2)], "scaleanchor": "x"},
        "showlegend": False,
        "shapes": _rule(height) if below else [],
        "annotations": [*headings, *_words(every, spots), _north(height)],
    }


def _boxes(p: Picture, rows: Mapping[str, ReleasedRow]) -> list[_Box]:
    values = {x: float(r.value) if r.value else None for x, r in rows.items()}
    top = max((v for v in values.values() if v), default=1.0)
    made = []
    for x, value in values.items():
        # The area of a circle follows the number. A withheld one is not looked at.
        size = WITHHELD if value is None else LARGEST * math.sqrt(max(value, 0.0) / top)
        words = f"<b>{rows[x].printed}</b><br>{wrapped(p.label(x), LETTERS)}"
        made.append(_Box(x, words, round(size, 2), value))
    return made


def _pixels(
    at: Mapping[str, tuple[float, float]], core: Sequence[str]
) -> dict[str, tuple[float, float]]:
    """Return where areas lie on the map: to scale near the core, and nearer than that beyond."""
    middle = np.mean([at[k] for k in core or at], axis=0)
    reach = max([1.0, *(math.dist(at[k], middle) for k in core)])
    made = {}
    for key, place in at.items():
        far = math.dist(place, middle)
        beyond = _SCALE + _BEYOND * math.log2(far / reach) if far > reach else 0.0
        shorter = (beyond / far) if beyond else _SCALE / reach
        made[key] = ((place[0] - middle[0]) * shorter, (place[1] - middle[1]) * shorter)
    return made


def apart(wanted: Floats, sizes: Floats, width: float) -> tuple[Floats, float]:
    """Return places near those wanted at which no two boxes overlap, and the height they take.

    Parameters
    ----------
    wanted : numpy.ndarray of float, shape (boxes, 2)
        Where the middle of each box would be, in order of importance.
    sizes : numpy.ndarray of float, shape (boxes, 2)
        Width and height of each.
    width : float
        Of the frame, around nought; no box is wider.

    Notes
    -----
    Each in turn takes the free place that is nearest to its own, so that the first are moved
    least. Places are looked for on a grid as high as all boxes together: there is always one.
    """
    reach = float(np.abs(wanted[:, 1]).max(initial=0.0) + sizes[:, 1].sum()) / 2 + _STEP
    up = np.arange(-reach, reach + _STEP, _STEP)
    across = np.arange(-width / 2, width / 2 + _STEP, _STEP)
    grid = np.stack(np.meshgrid(across, up, indexing="ij"), axis=-1).reshape(-1, 2)
    at = np.zeros_like(wanted)
    for i, size in enumerate(sizes):
        free = np.abs(grid[:, 0]) <= max((width - size[0]) / 2, _STEP / 2)
        for j in range(i):
            free &= (np.abs(grid - at[j]) >= (size + sizes[j]) / 2).any(axis=1)
        spots = grid[free]
        at[i] = spots[np.argmin(np.hypot(*(spots - wanted[i]).T))]
    if not len(at):
        return at, 0.0
    top, low = (at[:, 1] + sizes[:, 1] / 2).max(), (at[:, 1] - sizes[:, 1] / 2).min()
    at[:, 1] -= (top + low) / 2
    found: Floats = np.round(at, 2)
    return found, round(float(top - low), 2)


def _in_a_row(below: Sequence[_Box], height: float) -> list[tuple[float, float]]:
    """Return places side by side under the map, for what has none on it."""
    if not below:
        return []
    step = WIDTH / len(below)
    down = -height / 2 - 1.5 * LINE
    return [
        (round(-WIDTH / 2 + step * (n + 0.5), 2), round(down - b.size[1] / 2, 2))
        for n, b in enumerate(below)
    ]


def _centre(box: _Box, spot: tuple[float, float]) -> tuple[float, float]:
    """Return the middle of the circle: the upper part of the box."""
    return spot[0], round(spot[1] + (box.size[1] - box.diameter) / 2, 2)


def _trace(
    p: Picture, boxes: Sequence[_Box], spots: Sequence[tuple[float, float]]
) -> dict[str, Any]:
    middle = [_centre(b, s) for b, s in zip(boxes, spots, strict=True)]
    filled = [b.key in p.chart.core for b in boxes]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x for x, _ in middle],
        "y": [y for _, y in middle],
        "marker": {
            "size": [b.diameter for b in boxes],
            "symbol": ["circle" if b.value is not None else "circle-open-dot" for b in boxes],
            "color": [
                "#3D3D3D" if b.value is None else COLOURS[0] if own else "#FFFFFF"
                for b, own in zip(boxes, filled, strict=True)
            ],
            "opacity": 1,
            "line": {"color": COLOURS[0], "width": 1.5},
        },
        "cliponaxis": False,
        "name": p.label(p.series[0]),
        "text": [p.label(b.key) for b in boxes],
        "customdata": [p.rows[p.chart.measure, p.series[0], b.key].printed for b in boxes],
        "hovertemplate": "%{text}: %{customdata}<extra></extra>",
    }


def _words(boxes: Sequence[_Box], spots: Sequence[tuple[float, float]]) -> list[dict[str, Any]]:
    place = {"xref": "x", "yref": "y", "yanchor": "top", "showarrow": False, "borderpad": 0}
    return [
        {
            **place,
            "x": spot[0],
            "y": _centre(box, spot)[1],
            "yshift": -round(box.diameter / 2) - 1,
            "text": box.words,
            "font": {"color": "#0B0C0C", "size": 12},
        }
        for box, spot in zip(boxes, spots, strict=True)
    ]


def _rule(height: float) -> list[dict[str, Any]]:
    """Return the line under the map: what stands below it is not on it."""
    y = round(-height / 2 - LINE / 2, 2)
    line = {"color": "#505A5F", "width": 1, "dash": "dot"}
    return [{"type": "line", "x0": -WIDTH / 2, "x1": WIDTH / 2, "y0": y, "y1": y, "line": line}]


def _north(height: float) -> dict[str, Any]:
    return {
        "xref": "x",
        "yref": "y",
        "x": WIDTH / 2,
        "xanchor": "right",
        "y": round(height / 2, 2),
        "yanchor": "bottom",
        "text": "↑ north",
        "showarrow": False,
        "font": {"color": "#0B0C0C", "size": 12},
    }
