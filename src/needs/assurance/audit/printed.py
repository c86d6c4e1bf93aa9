"""What a printed number stands for: an interval, from the digits and words it is printed with.

A number rounded to its last printed digit stands for everything that rounds to it. Interval
arithmetic over such numbers follows Moore, Kearfott and Cloud (2009), "Introduction to
Interval Analysis", SIAM, chapter 2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from needs.care.published_figures import months

__all__ = ["EPS", "Figure", "Span", "figures_of", "meet", "span"]

EPS = 1e-9

Span = tuple[float, float]
"""Least and greatest value."""

SCALE = {"gbp_k": 1e3, "gbp_m": 1e6}
COUNTED = {
    "children", "people", "episodes", "rows", "places", "count", "households", "nights", "days",
}  # fmt: skip
"""Units that a document counts one by one: no rounding unless it says so."""

MONEY = {"gbp", "gbp_week", "gbp_k", "gbp_m"}

# Words about a number, as the note records them: factors of it that it may stand for.
QUALIFIED: tuple[tuple[str, float, float], ...] = (
    (r"just over", 1.0, 1.1),
    (r"just under|almost|nearly", 0.9, 1.0),
    (r"over|more than|at least", 1.0, 1.5),
    (r"up to|at most|less than|under", 0.0, 1.0),
    (r"about|around|approximately|roughly|circa|c\.|estimated", 0.98, 1.02),
)
FUTURE = re.compile(r"\b(forecast|projected|expected|estimated)\b")


@dataclass(frozen=True, slots=True)
class Figure:
    """One printed number, or one that is made from others on the way.

    Parameters
    ----------
    id : str
        Its id; of a number that is made, what it was made from.
    value : float
        In the unit without thousands or millions: ``£36k`` is 36,000.
    step : float
        Value of the last printed digit.
    counted : bool
        Whether it was counted and not rounded.
    wide : (float, float)
        The range that its words allow: "over", "about", round money.
    typed : bool
        False for constants and sums that no document prints.
    """

    id: str
    document: str = ""
    place: str = ""
    table: str = ""
    area: str = ""
    period: str = ""
    month: str = ""
    measure: str = ""
    group: str = ""
    by: str = ""
    value: float = 0.0
    printed: str = ""
    unit: str = ""
    note: str = ""
    step: float = 0.0
    scale: float = 1.0
    counted: bool = True
    wide: Span = (0.0, 0.0)
    typed: bool = True

    @property
    def tight(self) -> Span:
        """Everything that rounds half up to what is printed."""
        if self.counted:
            return self.value, self.value
        return self.value - self.step / 2, self.value + self.step / 2

    @property
    def rounded(self) -> Span:
        """What it stands for as the result of a division: also a count is then rounded."""
        return self.value - self.step / 2, self.value + self.step / 2

    @property
    def vague(self) -> bool:
        """Whether the document says that the number is not exact."""
        return _qualifier(self.note) is not None

    @property
    def future(self) -> bool:
        """Whether it is a forecast or an estimate and no count."""
        return bool(FUTURE.search(self.note))


def _qualifier(note: str) -> tuple[float, float] | None:
    for words, low, high in QUALIFIED:
        if re.match(rf"(?:{words})\b", note.strip(), re.IGNORECASE):
            return low, high
    return None


def _decimals(printed: str) -> int:
    found = re.search(r"\d\.(\d+)|^\D*\.(\d+)", printed)
    return len(found[1] or found[2]) if found else 0


def _whole(value: float) -> bool:
    return abs(value - round(value)) < EPS


def _round_money(value: float, step: float) -> float:
    """Return the step of the last digit that is not a nought, a twentieth of it at most."""
    while (
        step * 10 <= abs(value) / 20 and abs(value / (step * 10) - round(value / (step * 10))) < EPS
    ):
        step *= 10
    return step


def _wide(value: float, step: float, unit: str, note: str, *, whole: bool) -> Span:
    half = step / 2
    if unit in MONEY and value and whole:
        half = _round_money(value, step) / 2
    low, high = _qualifier(note) or (1.0, 1.0)
    ends = sorted((value * low, value * high))
    return ends[0] - half, ends[1] + half


def figures_of(frame: pd.DataFrame) -> list[Figure]:
    """Return the figures of a study, in order, each with what it stands for.

    Parameters
    ----------
    frame : DataFrame
        ``Published.figures``.
    """
    out: list[Figure] = []
    if frame.empty:
        return out
    month = months(frame["period"])
    for row, when in zip(frame.to_dict("records"), month, strict=True):
        scale = SCALE.get(row["unit"], 1.0)
        decimals = _decimals(row["printed"])
        step = 10.0**-decimals * scale
        value = float(row["value"]) * scale
        counted = row["unit"] in COUNTED and _qualifier(row["note"]) is None
        wide = _wide(value, step, row["unit"], row["note"], whole=decimals == 0)
        if counted:
            wide = value, value
        keep = {k: row[k] for k in Figure.__slots__ if k in row and k not in {"value", "id"}}
        out.append(
            Figure(
                id=row["figure"],
                month=str(when),
                value=value,
                step=step,
                scale=scale,
                counted=counted,
                wide=wide,
                **keep,
            )
        )
    return out


def span(a: float, b: float) -> Span:
    """Return the interval of two ends in either order."""
    return (a, b) if a <= b else (b, a)


def meet(a: Span, b: Span) -> Span | None:
    """Return what two intervals share, None where they share nothing."""
    low, high = max(a[0], b[0]), min(a[1], b[1])
    slack = EPS * max(1.0, abs(low), abs(high))
    return None if low > high + slack else (low, max(low, high))
