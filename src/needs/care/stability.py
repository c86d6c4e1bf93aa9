"""Stability: placements in a year, long-term stability, moves, and the reasons for them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.counted import begins_care, in_order
from needs.care.stays import placement_stays
from needs.care.windows import Window
from needs.vocabulary.codes import code_set
from needs.vocabulary.records import Records
from needs.vocabulary.study import Counting, Scope

__all__ = [
    "LONG_TERM_RULE",
    "THREE_RULE",
    "long_term",
    "moves",
    "nights",
    "placements_in_year",
    "three_rule",
]

THREE_RULE = (
    "Children looked after at the end of the year, by the number of placements they had during "
    "it, the one on the first day included. Children in temporary moves only count as one."
)
_THREE_RECORDED = (
    "Children looked after at the end of the year, by the number of placements they had during "
    "it, the one on the first day included. Temporary moves count as they were recorded, unlike "
    "in the measure that the DfE publishes."
)
LONG_TERM_RULE = (
    "Children under 16 on the day who had been looked after without a break for two and a half "
    "years or more; stable are those in the same placement for two years or more, or placed for "
    "adoption where that placement and the one before it together lasted two years or more."
)
LONG_MONTHS, STABLE_MONTHS, UNDER = 30, 24, 16

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


def three_rule(counting: Counting) -> str:
    """Return how placements in a year are counted, in words."""
    return _THREE_RECORDED if counting.temporary_moves == "as_recorded" else THREE_RULE


def placements_in_year(records: Records, stock: pd.DataFrame, scope: Scope) -> Ints:
    """Return how many placements each child of the stock had in the year up to its date.

    Parameters
    ----------
    records : Records
    stock : pandas.DataFrame
        ``date`` and ``child``, from :func:`needs.care.stock.stock_on`, sorted by them.
    scope : Scope
        Who counts.

    Returns
    -------
    numpy.ndarray of int
        Placement stays open on any day of the reporting year up to the date, at least 1.

    Notes
    -----
    DfE: distinct placements held during the year, that of 1 April included. See
    :func:`needs.care.stays.stay_rule` for what is no move.
    """
    stays = placement_stays(records, scope)
    start, stop = stays["start"].to_numpy(), stays["stop"].to_numpy()
    real = ~stays["temporary"].to_numpy()
    size = len(records.children)
    counts = np.zeros(len(stock), np.int64)
    for day in stock["date"].unique():
        first = _year_start(pd.Timestamp(day))
        inside = real & (start <= np.datetime64(day)) & ~(stop <= first)
        had = np.bincount(stays["child"].to_numpy()[inside], minlength=size)
        mine = (stock["date"] == day).to_numpy()
        counts[mine] = had[stock["child"].to_numpy()[mine]]
    return np.maximum(counts, 1)


def _year_start(day: pd.Timestamp) -> np.datetime64:
    return np.datetime64(f"{day.year - (day.month < 4):04d}-04-01", "ns")


def _months_before(days: npt.NDArray[np.datetime64], months: int) -> npt.NDArray[np.datetime64]:
    """Return the same day so many months before; the month's last where it is shorter."""
    month = days.astype("datetime64[M]")
    within = days.astype("datetime64[D]") - month.astype("datetime64[D]")
    earlier = month - months
    longest = (earlier + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    found = np.minimum(earlier.astype("datetime64[D]") + within, longest)
    return np.asarray(found.astype("datetime64[ns]"))


def long_term(records: Records, stock: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return who of the stock has been looked after for long, and who of these is settled.

    Parameters
    ----------
    records, stock, scope
        As in :func:`placements_in_year`; the stock has ``age``, ``period_of_care`` and
        ``episode`` too.

    Returns
    -------
    pandas.DataFrame
        Aligned with ``stock``: ``base`` (bool: under 16 and looked after for 2.5 years),
        ``stable`` (bool, within the base), ``unsure`` (bool: the records do not hold the start
        of the period, nor 2.5 years of it).
    """
    stays = placement_stays(records, scope)
    of = _stay_of(records, stays)[stock["episode"].to_numpy()]
    day = stock["date"].to_numpy()
    begun = stays.groupby("period_of_care")["start"].min()
    start = begun.reindex(stock["period_of_care"]).to_numpy()
    known = stays.loc[stays["opens"], ["period_of_care", "first"]].set_index("period_of_care")
    whole = begins_care(records)[
        known["first"].reindex(stock["period_of_care"]).to_numpy(dtype=np.int64)
    ]
    under = stock["age"].to_numpy() < UNDER
    long = start <= _months_before(day, LONG_MONTHS)
    two_years = _months_before(day, STABLE_MONTHS)
    here = stays["start"].to_numpy()[of]
    before = stays["start"].to_numpy()[np.maximum(of - 1, 0)]
    adoptive = stock["place"].isin(code_set("PLACE").in_group("adoption")).to_numpy()
    joined = np.where(adoptive & ~stays["opens"].to_numpy()[of], before, here)
    base = under & long
    return pd.DataFrame(
        {"base": base, "stable": base & (joined <= two_years), "unsure": under & ~long & ~whole}
    )


def _stay_of(records: Records, stays: pd.DataFrame) -> Ints:
    """Return the stay of each episode; of episodes that do not count, nothing of use."""
    of = np.full(len(records.episodes), -1, np.int64)
    of[stays["first"].to_numpy()] = np.arange(len(stays))
    if len(stays):
        order = in_order(records.episodes)
        of[order] = np.maximum.accumulate(of[order])
    return of


def moves(records: Records, windows: Sequence[Window], scope: Scope) -> pd.DataFrame:
    """Return the moves from one placement to another, one row each.

    Returns
    -------
    pandas.DataFrame
        ``window`` (position), ``child``, ``reason`` (DfE code of the episode that ended by the
        move, NaN blank).
    """
    stays = placement_stays(records, scope)
    stays = stays[~stays["opens"].to_numpy()]
    starts = np.array([w.start for w in windows], dtype="datetime64[ns]")
    ends = np.array([w.end for w in windows], dtype="datetime64[ns]")
    day = stays["start"].to_numpy()
    at = np.searchsorted(starts, day, side="right") - 1
    inside = (at >= 0) & (day <= ends[at])
    before = stays["before"].to_numpy()[inside]
    return pd.DataFrame(
        {
            "window": at[inside],
            "child": stays["child"].to_numpy()[inside],
            "reason": records.episodes["reason_place_change"].array[before],
        }
    )


def nights(frame: pd.DataFrame, window: Window) -> Ints:
    """Return how many days of a window each row of ``start`` and ``stop`` (NaT open) covers."""
    first = np.datetime64(window.start, "ns")
    after = np.datetime64(window.end, "ns") + np.timedelta64(1, "D")
    stop = frame["stop"].to_numpy()
    upto = np.where(np.isnat(stop), after, np.minimum(stop, after))
    days = (upto - np.maximum(frame["start"].to_numpy(), first)) // np.timedelta64(1, "D")
    found: Ints = np.maximum(days, 0).astype(np.int64)
    return found
