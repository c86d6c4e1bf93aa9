"""Ranges in a chart: bands of a forecast, lines through dots, the room between two series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from needs.report.picture import Picture
from needs.report.theme import BAND_OPACITY, COLOURS
from needs.vocabulary.wording import inside

__all__ = ["band", "shade", "whiskers"]


def whiskers(p: Picture, i: int, key: str) -> dict[str, Any]:
    """Return the widest range that there is, as a line through each dot."""
    level = next((n for n in ("95", "80") if any(p.values(key, f"lower_{n}"))), "")
    if not level:
        return {}
    low, mid, high = p.values(key, f"lower_{level}"), p.values(key), p.values(key, f"upper_{level}")
    arms = {"arrayminus": _gaps(low, mid), "array": _gaps(mid, high)}
    look = {"color": COLOURS[i % len(COLOURS)], "thickness": 2, "width": 5}
    return {
        f"error_{'x' if p.sideways else 'y'}": {"type": "data", "symmetric": False} | arms | look
    }


def _gaps(low: Sequence[float | None], high: Sequence[float | None]) -> list[float | None]:
    """Return by how much one number is above the other, None where one is withheld."""
    return [
        None if a is None or b is None else round(b - a, 9) for a, b in zip(low, high, strict=True)
    ]


def band(p: Picture, key: str, level: str, colour: str) -> dict[str, Any]:
    """Return one closed shape: up along the lower bound and back along the upper."""
    low, high = p.values(key, f"lower_{level}"), p.values(key, f"upper_{level}")
    points = [
        (p.place(x), a, b)
        for x, a, b in zip(p.xs, low, high, strict=True)
        if a is not None and b is not None
    ]
    back = points[::-1]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"{level}% range",
        "x": [x for x, *_ in points] + [x for x, *_ in back],
        "y": [a for _, a, _ in points] + [b for *_, b in back],
        "fill": "toself",
        "fillcolor": _tint(colour, BAND_OPACITY[level]),
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": key == p.series[0],
    }


def shade(p: Picture) -> dict[str, Any]:
    """Return the shape between two series: up along the lower and back along the upper."""
    low, high = p.chart.band
    pairs = zip(p.xs, p.values(low), p.values(high), strict=True)
    points = [(p.place(x), a, b) for x, a, b in pairs if a is not None and b is not None]
    to = p.label(high)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"{p.label(low)} to {inside(to)}",
        "x": [x for x, *_ in points + points[::-1]],
        "y": [a for _, a, _ in points] + [b for *_, b in points[::-1]],
        "fill": "toself",
        "fillcolor": _tint(COLOURS[4], BAND_OPACITY["95"]),
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": True,
    }


def _tint(colour: str, opacity: float) -> str:
    r, g, b = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"rgba({r},{g},{b},{opacity})"
