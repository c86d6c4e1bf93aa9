"""What forecasts lean on: counts of today and of past years that chapter 20 may have to hide.

A forecast is no count of people, but many are made from few counts by rules that a reader
knows: an error of the last value is the difference of two counts, a mean error over all days
gives the first and the last of them, and a range that rests on three changes bounds each. So
where one of the counts is hidden, what is made from it is hidden too. A row by placement type
that is there only where enough children are would tell that much of a hidden count: it is
left out. Means over many futures of a fitted model give no count back, and lean on none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any

import numpy as np
import pandas as pd

from needs.forecast.ahead_words import HELD
from needs.forecast.outlook import Outlook
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Result, figure_id

__all__ = ["by_type", "on_totals", "ranges_on_totals", "types_today"]

BOUNDS = ("", "_lower_80", "_upper_80", "_lower_95", "_upper_95")
Analysis = Callable[[StudyData], Any]
Leans = Mapping[str, tuple[str, ...]]


def _total(day: str) -> str:
    return figure_id("cla_stock", "children_n", ALL, day)


def _typed(group: str, day: str) -> str:
    return figure_id("cla_placement_mix", "children_n", group, day)


def _used(outlook: Outlook, counted: pd.Series[float]) -> list[str]:
    """Return the days whose counts a range rests on, and the last one that was too small.

    That one is left aside where it is hidden for being small: then nobody can take it for one
    that is hidden to protect another, of which a range would tell whether it was large.
    """
    small = np.flatnonzero(counted.to_numpy() < outlook.least)
    if not len(small):
        return list(counted.index)
    last = int(small[-1])
    threshold = outlook.basis.study.disclosure.threshold
    return list(counted.index[last if counted.iloc[last] >= threshold else last + 1 :])


def _rows(result: Result) -> Iterator[tuple[str, str, str, str, str, str]]:
    """Yield the figure id of each row and of its bounds, with measure, group, by and which."""
    keys = result.table[["measure", "group", "period", "by", "area"]]
    for measure, group, period, by, area in keys.itertuples(index=False):
        for end in BOUNDS:
            own = figure_id(result.name, measure + end, group, period, by, area)
            yield own, measure, group, period, by, end


def _follower(
    leans: Callable[[StudyData, Result], Leans], *, drops: bool = False
) -> Callable[[Analysis], Analysis]:
    """Return a decorator that says what each result of an analysis leans on."""

    def of(analysis: Analysis) -> Analysis:
        @wraps(analysis)
        def made(data: StudyData) -> Result | tuple[Result, ...]:
            found = analysis(data)
            known = tuple(
                replace(r, leans_on=leans(data, r), drops=drops)
                for r in (found if isinstance(found, tuple) else (found,))
            )
            return known if isinstance(found, tuple) else known[0]

        return STUDY.followed_by(made)

    return of


def _all_of(result: Result, on: Iterable[str], *, bare: bool = True) -> Leans:
    """Return that every row leans on some counts; without ``bare``, only what is made from past."""
    ids = tuple(on)
    made = {m.key for m in HELD}
    return {own: ids for own, m, *_, end in _rows(result) if bare or end or m in made}


def _of_totals(data: StudyData, result: Result) -> Leans:
    outlook = Outlook.of(data)
    return _all_of(result, map(_total, _used(outlook, outlook.counted)))


def _ranges_of_totals(data: StudyData, result: Result) -> Leans:
    outlook = Outlook.of(data)
    return _all_of(result, map(_total, _used(outlook, outlook.counted)), bare=False)


def _of_types(data: StudyData, result: Result) -> Leans:
    days = Outlook.of(data).basis.date_keys
    return {own: tuple(_typed(group, day) for day in days) for own, _, group, *_ in _rows(result)}


def _of_today(data: StudyData, result: Result) -> Leans:
    today = Outlook.of(data).as_at
    return {own: (_typed(by, today),) for own, _, _, _, by, _ in _rows(result) if by}


on_totals = _follower(_of_totals)
"""Every row is made from the totals of past years."""

ranges_on_totals = _follower(_ranges_of_totals)
"""Ranges are made from the totals of past years; what is held repeats today's."""

by_type = _follower(_of_types, drops=True)
"""Rows (``group``) are there, and made, from past counts of their placement type."""

types_today = _follower(_of_today, drops=True)
"""Rows (``by``) are there where their placement type has enough children today."""
