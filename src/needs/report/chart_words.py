"""Alternative text: the author's words on form and message, then facts by rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from needs.vocabulary.released import ReleasedRow
from needs.vocabulary.results import Chart, Result

__all__ = ["alternative"]

FULL = 4
"""Up to this many series are told with highest and lowest; more with their ends only."""


class Find(Protocol):
    """Finds the released row of a series at a place, or of one of its forecast bounds."""

    def __call__(self, series: str, x: str, bound: str = "") -> ReleasedRow | None:
        """Return the row, or None where there is none."""


def alternative(
    chart: Chart, result: Result, series: Sequence[str], xs: Sequence[str], find: Find
) -> str:
    """Return the alternative text of a chart.

    Parameters
    ----------
    chart : Chart
        Its ``alt`` comes first.
    result : Result
        For labels.
    series, xs : sequence of str
        Keys of the lines or bars, and of the places on the axis, in order.
    find : callable
        Series key and place key to the released row, or None.

    Returns
    -------
    str
        For each series first and last value over time, highest and lowest, all as printed,
        and how many values are withheld.
    """

    def label(key: str) -> str:
        return result.labels.get(key, key)

    facts = [chart.alt if chart.alt.endswith((".", "!", "?")) else f"{chart.alt}."]
    for key in series:
        rows = [(label(x), r) for x in xs if (r := find(key, x)) is not None]
        shown = [(x, r) for x, r in rows if r.value]
        withheld = sum(r.marker == "c" for _, r in rows)
        said = (
            _steps(chart, xs, find, key, label)
            if chart.kind == "waterfall"
            else _facts(shown, chart.x == "period", len(series) <= FULL)
        )
        said += _range(key, xs, find, label) if chart.kind == "fan" else []
        if withheld:
            all_of = "all values" if withheld == len(rows) else f"{withheld} of {len(rows)} values"
            said.append(f"{all_of} withheld")
        if said:
            name = f"{label(key)}: " if len(series) > 1 or not shown else ""
            text = f"{name}{'; '.join(said)}."
            facts.append(text[0].upper() + text[1:])
    return " ".join(facts)


def _steps(
    chart: Chart, xs: Sequence[str], find: Find, key: str, label: Callable[[str], str]
) -> list[str]:
    """Return both ends of a waterfall, and the steps that add and take away the most."""
    shown = {x: r for x in xs if (r := find(key, x)) is not None and r.value}
    out = [f"{label(x)} {shown[x].printed}" for x in chart.ends if x in shown]
    steps = [(float(r.value), x, r.printed) for x, r in shown.items() if x not in chart.ends]
    for most, words in ((max, "adds"), (min, "takes away")):
        value, x, printed = most(steps, default=(0.0, "", ""))
        if (value > 0) == (most is max) and value:
            out.append(f"{label(x)} {words} the most, {printed}")
    return out


def _range(key: str, xs: Sequence[str], find: Find, label: Callable[[str], str]) -> list[str]:
    """Return the range of the last forecast, the narrower where there are two."""
    for x in reversed(xs):
        for level in ("80", "95"):
            low, high = find(key, x, f"lower_{level}"), find(key, x, f"upper_{level}")
            if low is not None and high is not None and low.value and high.value:
                return [f"{level}% range in {label(x)} from {low.printed} to {high.printed}"]
    return []


def _facts(shown: Sequence[tuple[str, ReleasedRow]], over_time: bool, full: bool) -> list[str]:
    if not shown:
        return []
    out = []
    if over_time and len(shown) > 1:
        (first, a), (last, b) = shown[0], shown[-1]
        out.append(f"from {a.printed} in {first} to {b.printed} in {last}")
    if (full and len(shown) > 2) or not out:
        high = max(shown, key=lambda pair: float(pair[1].value))
        low = min(shown, key=lambda pair: float(pair[1].value))
        if high[1].printed == low[1].printed:
            return out or [f"{high[1].printed} in {high[0]}"]
        joint = " in " if over_time else " for "
        out.append(f"highest {high[1].printed}{joint}{high[0]}")
        out.append(f"lowest {low[1].printed}{joint}{low[0]}")
    return out
