"""Small histories that flow models learn from, made of periods of care that are written down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import numpy as np
import pandas as pd

from needs.forecast.history import OPEN, History, day_number

PLACES = ("foster", "ifa", "home", "supported")
UNKNOWN = np.iinfo(np.int64).min
UNTIL = dt.date(2023, 3, 31)

Step = tuple[int, int]
"""First day there, placement type."""


def history_of(
    periods: Iterable[tuple[int, list[Step], int, bool]],
    since: dt.date,
    until: dt.date = UNTIL,
    places: tuple[str, ...] = PLACES,
) -> History:
    """Return the history of periods of care: day of birth, steps, day left (or OPEN), UASC."""
    rows = []
    for child, (born, steps, left, uasc) in enumerate(periods):
        days = [d for d, _ in steps] + [left]
        for i, (start, place) in enumerate(steps):
            about = (steps[0][0], born, True, uasc, i == 0, 0)
            rows.append((child, child, start, days[i + 1], place, *about))
    names = "child period start stop place entered born male uasc opens earlier".split()
    stays = pd.DataFrame(rows, columns=names).astype({"born": np.int64, "stop": np.int64})
    return History(stays, places, day_number(since), OPEN).cut(day_number(until))


def lived(
    entries_a_year: float = 60,
    years: int = 6,
    seed: int = 1,
    leave: float = 0.4,
    move: float = 0.4,
    uasc: float = 0.1,
    places: tuple[str, ...] = PLACES,
    until: dt.date = UNTIL,
) -> History:
    """Return a history with the same rates for all children: a year to leave, and to move."""
    rng = np.random.default_rng(seed)
    end = day_number(until)
    since = end + 1 - round(years * 365.25)
    begin = since - 6 * 365
    periods = []
    for _ in range(rng.poisson(entries_a_year * (end - begin) / 365.25)):
        start = int(rng.integers(begin, end + 1))
        alone = bool(rng.random() < uasc)
        born = start - int((rng.uniform(14, 17.9) if alone else rng.uniform(0, 17.9)) * 365.25)
        adult = born + int(18 * 365.25)
        steps, at = [(start, int(rng.integers(len(places))))], float(start)
        left = OPEN
        while True:
            at += rng.exponential(1 / (leave + move)) * 365.25 + 1
            if at >= adult:
                left = adult
                break
            if rng.random() < leave / (leave + move) or len(places) == 1:
                left = int(at)
                break
            other = int(rng.integers(len(places) - 1))
            steps.append((int(at), other + (other >= steps[-1][1])))
        if left > since:
            periods.append((born, steps, left, alone))
    first = dt.date(1970, 1, 1) + dt.timedelta(days=since)
    return history_of(periods, first, until, places)
