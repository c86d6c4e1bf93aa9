"""What a target measures: on past days, and in draws of the days ahead."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.forecast.ahead import Ahead
from needs.forecast.shape import Forecast
from needs.sufficiency.targets.chance import carried_on, next_year
from needs.sufficiency.targets.counted import Counted
from needs.sufficiency.targets.register import Reading
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.targets import ENTRIES

__all__ = ["HOW", "Series", "between", "series_of", "years_between"]

Floats = npt.NDArray[np.float64]

YEAR = 365.25
HOW: Mapping[str, str] = {
    "counted": "Counted: the day is past",
    "forecast": "The combined forecast, draw by draw",
    "flow": "The flow model of the forecast, draw by draw",
    "last_value": "Not forecast: the last value, as far out as past years went from theirs",
    "past_mean": "Not forecast: the mean of past years, as far out as they were",
    "none": "Not knowable from the study's data",
}


@dataclass(frozen=True, eq=False)
class Series:
    """One reading of a target, as the study knows it.

    Attributes
    ----------
    reading : Reading
    past : Series of float
        By day, ascending.
    now : str
        The last day counted.
    days : tuple of datetime.date
        Days ahead that draws are known of; the day of the target is among them where they are.
    draws : ndarray of float, shape (draws, days)
        Empty where nothing is known.
    how : str
        Key of :data:`HOW`.
    why : str
        Why nothing is known; empty where something is.
    leans : mapping of str to tuple of str
        Day -> figure ids of the counts that its value is made from.
    """

    reading: Reading
    past: pd.Series[float]
    now: str
    days: tuple[dt.date, ...]
    draws: Floats = field(repr=False)
    how: str
    why: str
    leans: Mapping[str, tuple[str, ...]]

    @property
    def due(self) -> Floats | None:
        """Draws of the target's day; None where nothing is known of it."""
        if self.reading.day not in self.days:
            return None
        found: Floats = self.draws[:, self.days.index(self.reading.day)]
        return found

    @property
    def changes(self) -> pd.Series[float]:
        """Change from each year end to the next, of whole years; index the later day."""
        return _changes(self.past)

    @property
    def everything(self) -> tuple[str, ...]:
        """Figure ids of all counts of the past."""
        return tuple(dict.fromkeys(i for ids in self.leans.values() for i in ids))


def years_between(first: dt.date, second: dt.date) -> float:
    """Return years from one day to another; whole ones between the same days of two years."""
    if (first.month, first.day) == (second.month, second.day):
        return float(second.year - first.year)
    return (second - first).days / YEAR


def between(
    now: float | Floats, first: dt.date, days: Sequence[dt.date], draws: Floats, day: dt.date
) -> Floats | None:
    """Return draws of a day that lies between days of a forecast, on the straight line.

    Parameters
    ----------
    now : float or ndarray, shape (draws,)
        Value on ``first``, the last day counted.
    first : datetime.date
    days : sequence of datetime.date
        Days of the forecast.
    draws : ndarray of float, shape (draws, days)
    day : datetime.date

    Returns
    -------
    ndarray of float, shape (draws,), or None
        None where the day is not after the last day counted, or lies beyond the forecast.
    """
    if not first < day <= days[-1]:
        return None
    knots = np.array([d.toordinal() for d in (first, *days)], dtype=float)
    path = np.column_stack([np.broadcast_to(now, len(draws)), draws])
    k = max(int(np.searchsorted(knots, day.toordinal())) - 1, 0)
    part = (day.toordinal() - knots[k]) / (knots[k + 1] - knots[k])
    found: Floats = path[:, k] * (1 - part) + path[:, k + 1] * part
    return found


def _changes(past: pd.Series[float]) -> pd.Series[float]:
    days = [dt.date.fromisoformat(str(k)) for k in past.index]
    whole = [
        (b.isoformat(), float(past.iloc[k + 1] - past.iloc[k]))
        for k, (a, b) in enumerate(pairwise(days))
        if years_between(a, b) == 1
    ]
    found = pd.Series(dict(whole), dtype=float)
    return found.dropna()


def series_of(data: StudyData, reading: Reading, forecast: Forecast | None = None) -> Series:
    """Return what the study knows of a target.

    Parameters
    ----------
    data : StudyData
    reading : Reading
    forecast : Forecast, optional
        Instead of the combined forecast of chapter fifty.

    Notes
    -----
    Numbers between two year ends of the forecast lie on the straight line between them, draw by
    draw. What is counted and not forecast goes on from its last value.
    """
    try:
        counted = Counted.of(data)
        make = {"share_pct": _share, "rate_per_10k": _rate, "children_n": _children}
        if reading.kind.key == "places_added_n":
            return _places(counted, reading)
        if reading.kind.key == "change_pct":
            return _change(counted, reading, forecast)
        return make[reading.kind.key](counted, reading, forecast)
    except InputMissing as missing:
        why = f"The study has no input “{missing.input_name}”"
        return _nothing(reading, why)


def _once(*ids: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))


def _nothing(reading: Reading, why: str) -> Series:
    empty = np.empty((0, 0))
    return Series(reading, pd.Series(dtype=float), "", (), empty, "none", why, {})


def _share(c: Counted, r: Reading, forecast: Forecast | None) -> Series:
    part, whole = c.past(r.group), c.past(r.of)
    past = (100 * part / whole.reindex(part.index)).where(whole > 0)
    leans = {str(d): _once(*c.ids(r.group, str(d)), *c.ids(r.of, str(d))) for d in past.index}
    days, made, how = _levels(c, r, (r.group, r.of), forecast)
    if made is None:
        return _last_value(c, r, past, leans)
    with np.errstate(invalid="ignore", divide="ignore"):
        draws = np.where(made[1] > 0, 100 * made[0] / made[1], np.nan)
    return Series(r, past, str(past.index[-1]), days, draws, how, "", leans)


def _rate(c: Counted, r: Reading, forecast: Forecast | None) -> Series:
    n = c.past(r.group)
    past = 1e4 * n / c.population([str(d) for d in n.index])
    leans = {str(d): c.ids(r.group, str(d)) for d in past.index}
    days, made, how = _levels(c, r, (r.group,), forecast)
    if made is None:
        return _last_value(c, r, past, leans)
    people = c.population([d.isoformat() for d in days])
    return Series(r, past, str(past.index[-1]), days, 1e4 * made[0] / people, how, "", leans)


def _children(c: Counted, r: Reading, forecast: Forecast | None) -> Series:
    past = c.past(r.group)
    leans = {str(d): c.ids(r.group, str(d)) for d in past.index}
    days, made, how = _levels(c, r, (r.group,), forecast)
    if made is None:
        return _last_value(c, r, past, leans)
    return Series(r, past, str(past.index[-1]), days, made[0], how, "", leans)


def _change(c: Counted, r: Reading, forecast: Forecast | None) -> Series:
    """Return the mean change a year since the day of the baseline."""
    n = c.past(r.group)
    start = r.baseline_day.isoformat() if r.baseline_day else ""
    if start not in n.index:
        return _nothing(r, "The day that it is counted from is none of those counted")
    first, later = dt.date.fromisoformat(start), n[n.index > start]
    base = float(n[start])
    if base <= 0:
        return _nothing(r, "Nobody was counted at its start")

    def a_year(values: npt.ArrayLike, day: dt.date) -> Floats:
        share = np.asarray(values, dtype=float) / base
        found: Floats = 100 * (share ** (1 / years_between(first, day)) - 1)
        return found

    past = pd.Series(
        {d: float(a_year(v, dt.date.fromisoformat(str(d)))) for d, v in later.items()}, dtype=float
    )
    leans = {str(d): (*c.ids(r.group, start), *c.ids(r.group, str(d))) for d in past.index}
    now = str(past.index[-1]) if len(past) else start
    days, made, how = _levels(c, r, (r.group,), forecast)
    if made is None:
        return Series(r, past, now, (), np.empty((0, 0)), "none", "It is not forecast", leans)
    draws = np.column_stack([a_year(made[0][:, k], d) for k, d in enumerate(days)])
    return Series(r, past, now, days, draws, how, "", leans)


def _places(c: Counted, r: Reading) -> Series:
    """Return places more in each year; nothing of children is in it."""
    past = c.places(r.group)
    now = str(past.index[-1])
    draws = next_year(past.to_numpy(), _draws(c), _rng(c, r))
    if draws is None or r.day.isoformat() <= now:
        why = "" if r.day.isoformat() <= now else "Too few past years are known"
        return Series(r, past, now, (), np.empty((0, 0)), "none", why, {})
    return Series(r, past, now, (r.day,), draws[:, None], "past_mean", "", {})


def _levels(
    c: Counted, r: Reading, groups: Sequence[str], forecast: Forecast | None
) -> tuple[tuple[dt.date, ...], list[Floats] | None, str]:
    """Return days ahead with the target's among them, and draws of each group on them."""
    ahead = Ahead.of(c.data)
    used = forecast or ahead.forecast
    first = c.data.study.period.as_at
    days = tuple(sorted({*used.days, *((r.day,) if first < r.day <= used.days[-1] else ())}))
    found = []
    for group in groups:
        draws = c.ahead(group, used)
        if draws is None:
            return (), None, "none"
        now = float(c.past(group).iloc[-1])
        made = [between(now, first, used.days, draws, d) for d in days]
        found.append(np.column_stack([m for m in made if m is not None]))
    return days, found, "flow" if ENTRIES in groups else "forecast"


def _last_value(
    c: Counted, r: Reading, past: pd.Series[float], leans: Mapping[str, tuple[str, ...]]
) -> Series:
    now = str(past.index[-1])
    first = dt.date.fromisoformat(now)
    ahead = Ahead.of(c.data).outlook.days
    days = tuple(sorted({*ahead, *((r.day,) if r.day > first else ())}))
    rng, last = _rng(c, r), float(past.iloc[-1])
    made = [carried_on(last, _changes(past), years_between(first, d), _draws(c), rng) for d in days]
    known = [m for m in made if m is not None]
    if not known or not np.isfinite(last):
        why = "It is not forecast, and too few past years are known"
        return Series(r, past, now, (), np.empty((0, 0)), "none", why, leans)
    draws = np.column_stack(known)
    draws = np.clip(draws, 0, 100 if r.kind.key == "share_pct" else None)
    return Series(r, past, now, days, draws, "last_value", "", leans)


def _draws(c: Counted) -> int:
    return c.data.study.forecast.draws


def _rng(c: Counted, r: Reading) -> np.random.Generator:
    return np.random.default_rng([c.data.study.seed, 80, zlib.crc32(r.key.encode())])
