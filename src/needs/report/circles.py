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
_SCALE, _BEYOND = 84.0, 46.0
"""Pixels from the middle to the farthest core area, and those that each doubling takes beyond."""
_STEPS = 400
_FULL = 0.5
"""Share of the map that circles and their words may cover."""

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
    placed = [b for b in boxes if b.key in p.chart.at]
    below = [b for b in boxes if b.key not in p.chart.at]
    sizes = np.array([b.size for b in placed], dtype=float).reshape(-1, 2)
    height = max(420.0, float(sizes.prod(axis=1).sum()) / _FULL / WIDTH)
    wanted = _pixels(p.chart.at, p.chart.core, [b.key for b in placed])
    at, height = apart(wanted, sizes, WIDTH, height)
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
    at: Mapping[str, tuple[float, float]], core: Sequence[str], keys: Sequence[str]
) -> Floats:
    """Return where areas lie on the map: to scale near the core, and nearer than that beyond."""
    if not keys:
        return np.zeros((0, 2))
    middle = np.mean([at[k] for k in core or keys], axis=0)
    offset = np.array([at[k] for k in keys], dtype=float) - middle
    away = np.hypot(offset[:, 0], offset[:, 1])
    reach = max([*(away[i] for i, k in enumerate(keys) if k in core), 1.0])
    far = np.where(away > reach, _SCALE + _BEYOND * np.log2(np.maximum(away / reach, 1.0)), 0.0)
    pixels = np.where(away > reach, far, _SCALE * away / reach)
    placed: Floats = offset * (pixels / np.maximum(away, 1e-9))[:, None]
    return placed


def apart(wanted: Floats, sizes: Floats, width: float, height: float) -> tuple[Floats, float]:
    """Return places near those wanted at which no two boxes overlap, and the height they take.

    Parameters
    ----------
    wanted : numpy.ndarray of float, shape (boxes, 2)
        Where the middle of each box would be.
    sizes : numpy.ndarray of float, shape (boxes, 2)
        Width and height of each.
    width, height : float
        Of the frame, around nought. It grows in height where boxes do not fit.
    """
    edge = np.maximum((np.array([width, height]) - sizes) / 2, 0.0)
    at = home = np.clip(wanted, -edge, edge)
    for step in range(_STEPS):  # pulled towards where it belongs, less and less, and pushed apart
        pull = 0.05 * (1 - step / _STEPS)
        at = np.clip(at + pull * (home - at) + _pushes(at, sizes), -edge, edge)
    at = _downwards(at, sizes)
    if len(at):
        top, low = (at[:, 1] + sizes[:, 1] / 2).max(), (at[:, 1] - sizes[:, 1] / 2).min()
        at[:, 1] -= (top + low) / 2
        height = max(height, float(top - low))
    found: Floats = np.round(at, 2)
    return found, round(height, 2)


def _pushes(at: Floats, sizes: Floats) -> Floats:
    """Return how far each box is pushed by those that it overlaps, along the shorter way out."""
    between = at[:, None] - at[None]
    over = (sizes[:, None] + sizes[None]) / 2 - np.abs(between)
    touching = (over > 0).all(axis=2) & ~np.eye(len(at), dtype=bool)
    upright = over[:, :, 1] < over[:, :, 0]
    earlier = np.sign(np.arange(len(at))[:, None] - np.arange(len(at))[None])
    way = np.where(between == 0, earlier[:, :, None], np.sign(between))
    push = np.where(np.stack([~upright, upright], axis=2) & touching[:, :, None], way * over, 0.0)
    moved: Floats = 0.3 * push.sum(axis=1)
    return moved


def _downwards(at: Floats, sizes: Floats) -> Floats:
    """Return places at which no two boxes overlap: from the top, each as high as it fits."""
    out = at.copy()
    done: list[int] = []
    for i in np.lexsort((at[:, 0], -at[:, 1])):
        for _ in range(len(at)):
            over = (sizes[i] + sizes[done]) / 2 - np.abs(out[i] - out[done])
            under = np.array(done, dtype=int)[(over > 0.01).all(axis=1)]
            if not len(under):
                break
            out[i, 1] = (out[under, 1] - sizes[under, 1] / 2).min() - sizes[i, 1] / 2
        done.append(int(i))
    return out


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
        "yanchor": "top",
        "text": "↑ north",
        "showarrow": False,
        "font": {"color": "#0B0C0C", "size": 12},
    }
