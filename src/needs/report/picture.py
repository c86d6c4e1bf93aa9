"""The rows of a chart, by series and by place on the axis."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from needs.assurance.release import BOUNDS, key_order
from needs.report.theme import wrapped
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.released import ReleasedResult, ReleasedRow
from needs.vocabulary.results import ALL, Chart, Result

__all__ = ["RANGED", "Picture", "chosen", "places_of"]

DIRECT, LONG = 4, 32
"""Up to so many lines with names of so many letters are named at their ends."""
RANGED = frozenset({"fan", "dot"})
"""Kinds that draw the bounds of a number with it."""
_MONTH = re.compile(r"^\d{4}-(0[1-9]|1[0-2])(-\d{2})?$")


@dataclass(frozen=True)
class Picture:
    """The rows of a chart, by measure, series and place on the axis.

    Parameters
    ----------
    chart, result : Chart, Result
        What is drawn; of the result, labels only.
    xs, series : tuple of str
        Keys along the axis and of the lines or bars, in printed order.
    rows : mapping of (measure, series, x) to ReleasedRow
        What may be shown.
    """

    chart: Chart
    result: Result
    xs: tuple[str, ...]
    series: tuple[str, ...]
    rows: Mapping[tuple[str, str, str], ReleasedRow]

    def label(self, key: str) -> str:
        """Return the words for a key."""
        return self.result.labels.get(key, key)

    def place(self, x: str) -> str:
        """Return what stands on the axis: a date on a calendar, else the label."""
        if self.dated:
            return x
        return wrapped(self.label(x), 22) if self.sideways else self.label(x)

    def row(self, series: str, x: str, bound: str = "") -> ReleasedRow | None:
        """Return the row at a point, or of its forecast bound, None where there is none."""
        measure = f"{self.chart.measure}_{bound}" if bound else self.chart.measure
        return self.rows.get((measure, series, x))

    def values(self, series: str, bound: str = "") -> list[float | None]:
        """Return one number for each place on the axis, None where there is none to show."""
        found = [self.row(series, x, bound) for x in self.xs]
        return [float(r.value) if r is not None and r.value else None for r in found]

    def reach(self, series: str, bound: str) -> list[float | None]:
        """Return how far the bound of each number is from it, None where there is none."""
        pairs = zip(self.values(series), self.values(series, bound), strict=True)
        return [None if v is None or b is None else abs(b - v) for v, b in pairs]

    @property
    def sideways(self) -> bool:
        """Whether bars lie: names of groups are read more easily beside them."""
        return self.chart.kind in {"bar", "dot"} and self.chart.x != "period"

    @property
    def direct(self) -> bool:
        """Whether series are named where they end, instead of in a legend."""
        short = all(len(self.label(key)) <= LONG for key in self.series)
        return self.chart.kind in {"line", "fan"} and len(self.series) <= DIRECT and short

    @property
    def dated(self) -> bool:
        """Whether the axis is a calendar, so that uneven steps look uneven."""
        over_time = self.chart.x == "period" and self.chart.kind in {"line", "fan"}
        return over_time and all(map(_MONTH.match, self.xs)) and not _years(self.xs)


def _years(keys: Sequence[str]) -> list[ReportingYear]:
    """Return keys as reporting years, none if one of them is something else."""
    try:
        return [ReportingYear.parse(k) for k in keys]
    except ValueError:
        return []


def places_of(chart: Chart, result: Result, rows: Sequence[ReleasedRow]) -> tuple[str, ...]:
    """Return the keys along the axis; a year that has no number keeps its place."""
    keys = key_order([getattr(r, chart.x) for r in rows], result.labels, chart.x == "period")
    years = _years(keys) if chart.x == "period" else []
    if years and keys == sorted(keys):
        return tuple(
            str(ReportingYear(y)) for y in range(years[0].end_year, years[-1].end_year + 1)
        )
    return tuple(keys)


def chosen(chart: Chart, released: ReleasedResult) -> list[ReleasedRow]:
    """Return the rows drawn: the measure, its bounds with fans and dots, no total in a stack."""
    bounds = [f"{chart.measure}_{b}" for b in BOUNDS] if chart.kind in RANGED else []
    rows = [
        r
        for r in released.rows
        if r.measure in {chart.measure, *bounds}
        and all(getattr(r, dim) in keys for dim, keys in chart.include.items())
    ]
    if chart.kind == "stacked_bar" and chart.series not in chart.include:
        parts = [r for r in rows if getattr(r, chart.series) != ALL]
        rows = parts or rows
    return rows
