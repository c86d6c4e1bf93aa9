"""The axis of money: millions from a million, and the minus before the sign for pounds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from needs.vocabulary.units import UNITS, on_axis

__all__ = ["money_axis"]

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def money_axis(
    traces: Sequence[Mapping[str, Any]], unit: str, side: str, *, stacked: bool, most: int
) -> dict[str, Any]:
    """Return the ticks of an axis of money that Plotly would not write as the report does.

    Parameters
    ----------
    traces : sequence of mapping
        What is drawn.
    unit : str
        A key of :data:`needs.vocabulary.units.UNITS`.
    side : {"x", "y"}
        The axis that has the numbers.
    stacked : bool
        Whether bars of one place stand on one another.
    most : int
        Steps there may be.

    Returns
    -------
    dict
        Empty where a plain axis does: no money, or less than a million and never below nought.
    """
    levels = [*_levels(traces, side), *(_sums(traces) if stacked else [])]
    low, high = min([0.0, *levels]), max([0.0, *levels])
    if not UNITS[unit].prefix or (low >= 0 and high < 1e6) or low == high:
        return {}
    rough = (high - low) / most
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(s * size for s in STEPS if s * size >= rough * 0.999)
    at = [k * step for k in range(math.floor(low / step), math.ceil(high / step) + 1)]
    words = {"tickmode": "array", "tickvals": at, "ticktext": list(on_axis(at, unit))}
    return {**words, "tickprefix": "", "ticksuffix": ""}


def _levels(traces: Iterable[Mapping[str, Any]], side: str) -> list[float]:
    """Return every number drawn, with both ends of the line through a dot."""
    out: list[float] = []
    for t in traces:
        values = t.get(side, ())
        arms = t.get(f"error_{side}", {})
        for sign, arm in ((-1, "arrayminus"), (1, "array")):
            more = arms.get(arm) or [None] * len(values)
            out += [
                v + sign * (m or 0.0) for v, m in zip(values, more, strict=True) if v is not None
            ]
    return out


def _sums(traces: Sequence[Mapping[str, Any]]) -> list[float]:
    """Return how high the bars of each place reach together."""
    tall = zip(*(t["y"] for t in traces if t["type"] == "bar"), strict=True)
    return [sum(v for v in column if v is not None) for column in tall]
