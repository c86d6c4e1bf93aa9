"""Entries and exits of every month that a history knows in full."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from needs.forecast.history import OPEN, History

__all__ = ["Months", "Step", "month_starts", "months_of", "steps_to"]

EPOCH = dt.date(1970, 1, 1)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Months:
    """What happened month by month.

    Parameters
    ----------
    start : ndarray of int, shape (months + 1,)
        First day of each month, and of the one after, in days since 1970.
    entries, exits : ndarray of float, shape (months,)
        Periods of care that began, and that ended, in the month.
    stock : ndarray of float, shape (months,)
        Children looked after at the end of the day before.
    """

    start: Ints
    entries: Floats
    exits: Floats
    stock: Floats

    @property
    def days(self) -> Floats:
        """Days in each month."""
        return np.diff(self.start).astype(float)

    @property
    def month(self) -> Ints:
        """Calendar month of each, 1 to 12."""
        return np.array([(EPOCH + dt.timedelta(days=int(d))).month for d in self.start[:-1]])

    @property
    def time(self) -> Floats:
        """Middle of each month in years, such as 2023.04."""
        return 1970 + (self.start[:-1] + self.days / 2) / 365.2425


def month_starts(first: int, last: int) -> Ints:
    """Return the firsts of a month from a day to another, both included, as day numbers."""
    day = EPOCH + dt.timedelta(days=first)
    year, month = day.year, day.month
    found = []
    while (n := (dt.date(year, month, 1) - EPOCH).days) <= last:
        if n >= first:
            found.append(n)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return np.array(found, dtype=np.int64)


def months_of(history: History) -> Months:
    """Return entries and exits of the months that lie within a history as a whole.

    Returns
    -------
    Months
        Empty where there is no whole month.
    """
    start = month_starts(history.since, history.until + 1)
    stays = history.stays
    came = np.sort(stays.loc[stays["opens"], "start"].to_numpy())
    last = stays.groupby("period")["stop"].max().to_numpy()
    left = np.sort(last[last != OPEN])
    count = [np.diff(np.searchsorted(s, start, side="left")) for s in (came, left)]
    stock = np.searchsorted(came, start, "left") - np.searchsorted(left, start, "left")
    return Months(start, count[0].astype(float), count[1].astype(float), stock[:-1].astype(float))


@dataclass(frozen=True)
class Step:
    """A stretch of days ahead that lies in one month.

    Parameters
    ----------
    days : int
    month : int
        1 to 12.
    time : float
        Its middle, in years.
    ahead : float
        Years from the origin to its end.
    last : int
        Its last day, in days since 1970.
    """

    days: int
    month: int
    time: float
    ahead: float
    last: int


def steps_to(until: int, days: Ints) -> list[Step]:
    """Return the steps from the day after an origin to the last of some days, in order.

    A step ends with its month, or on one of the days.
    """
    ends = np.union1d(month_starts(until + 2, int(days.max()) + 1) - 1, days)
    ends = ends[ends <= days.max()]
    steps, first = [], until + 1
    for end in ends.tolist():
        month = (EPOCH + dt.timedelta(days=first)).month
        middle = 1970 + (first + (end - first + 1) / 2) / 365.2425
        steps.append(Step(end - first + 1, month, middle, (end - until) / 365.2425, end))
        first = end + 1
    return steps
