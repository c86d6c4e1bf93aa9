"""Children who started and who ceased to be looked after, and the periods of care behind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.ages import completed_years
from needs.care.counted import SHORT_BREAKS, begins_care, counted_episodes, uasc_on
from needs.care.stock import stock_on
from needs.care.windows import Window
from needs.vocabulary.codes import code_set
from needs.vocabulary.records import Records
from needs.vocabulary.study import Scope

__all__ = [
    "REASONS",
    "ceased",
    "flow_counts",
    "period_counts",
    "periods_of_care",
    "short_break_counts",
    "started",
    "stock_counts",
]

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "home_or_kin": "Returned home, or to relatives or friends",
        "sgo": "Special guardianship order",
        "adoption": "Adopted",
        "aged_out": "Independent living, staying put or adult care",
        "transfer": "Care taken over by another authority",
        "other": "Any other reason",
        "tool_added": "Reason put in by a repair of the records",
    }
)
"""Groups of reasons for ceasing to be looked after, and words for them."""

CONTINUES = "X1"

Ints = npt.NDArray[np.int64]


def _window_of(days: npt.NDArray[Any], windows: Sequence[Window]) -> Ints:
    """Return the position of the window that each day lies in; -1 for none."""
    starts = np.array([w.start for w in windows], dtype="datetime64[ns]")
    ends = np.array([w.end for w in windows], dtype="datetime64[ns]")
    at = np.searchsorted(starts, days, side="right") - 1
    inside = (at >= 0) & ~np.isnat(days)
    inside[inside] &= days[inside] <= ends[at[inside]]
    return np.where(inside, at, -1)


def _events(
    records: Records, counted: pd.DataFrame, days: npt.NDArray[Any], windows: Sequence[Window]
) -> pd.DataFrame:
    """Return events inside a window: who, when, at what age."""
    window = _window_of(days, windows)
    at = np.flatnonzero(window >= 0)
    counted, days = counted.iloc[at], days[at]
    child = counted["child"].to_numpy()
    # Whether a child was unaccompanied is asked of the last day in care, or the first.
    eve = np.where(days > counted["start"].to_numpy(), days - np.timedelta64(1, "D"), days)
    frame = pd.DataFrame(
        {
            "window": window[at],
            "child": child,
            "episode": counted["episode"].to_numpy(),
            "day": days,
            "age": completed_years(
                records.children["dob"].to_numpy()[child], days, records.counting
            ),
            "uasc": uasc_on(records, child, eve),
        }
    )
    return frame.sort_values(["window", "child", "day"], kind="stable")


def started(records: Records, windows: Sequence[Window], scope: Scope) -> pd.DataFrame:
    """Return the children who started to be looked after, once a window each.

    Parameters
    ----------
    records : Records
    windows : sequence of Window
        Years, in order and apart from one another.
    scope : Scope
        Who counts on the day of starting.

    Returns
    -------
    pandas.DataFrame
        One row a window and child, the first start in it: ``window`` (position), ``child``,
        ``episode``, ``day``, ``age``, ``uasc``.

    Notes
    -----
    DfE: an episode that starts in the year with reason S (starts to be looked after),
    legal status not V3 or V4. Where that episode has no night, the one that takes over on the
    day stands for it (:func:`needs.care.counted.begins_care`).
    """
    counted = counted_episodes(records, scope)
    at = counted["episode"].to_numpy()
    starts = begins_care(records)[at]
    starts &= records.episodes["decom"].to_numpy()[at] == counted["start"].to_numpy()
    of = counted[starts]
    events = _events(records, of, of["start"].to_numpy(), windows)
    return events.drop_duplicates(["window", "child"], keep="first", ignore_index=True)


def ceased(records: Records, windows: Sequence[Window], scope: Scope) -> pd.DataFrame:
    """Return the children who ceased to be looked after, once a window each.

    Parameters
    ----------
    records, windows, scope
        As in :func:`started`.

    Returns
    -------
    pandas.DataFrame
        One row a window and child, the last exit in it: ``window``, ``child``, ``episode``,
        ``day``, ``age``, ``uasc``, ``rec``, ``reason`` (key of :data:`REASONS`).

    Notes
    -----
    DfE: an episode that ends in the year with a reason that is an exit (not X1), legal
    status not V3 or V4. The day is the recorded end, also where a child's record was left
    open past the eighteenth birthday. A study may leave reasons out (``not_ceasing``), or
    count the ends of short-break series too (``short_breaks_cease``).
    """
    if records.counting.short_breaks_cease:
        scope = scope.model_copy(update={"short_breaks": True})
    counted = counted_episodes(records, scope)
    e = records.episodes[["rec", "dec"]].iloc[counted["episode"].to_numpy()]
    goes_on = [CONTINUES, *records.counting.not_ceasing]
    exits = (e["rec"].notna() & ~e["rec"].isin(goes_on) & e["dec"].notna()).to_numpy()
    events = _events(records, counted[exits], e["dec"].to_numpy()[exits], windows)
    last = events.drop_duplicates(["window", "child"], keep="last", ignore_index=True)
    rec = records.episodes["rec"].array[last["episode"].to_numpy()]
    group = pd.Series(rec).astype(object).map(dict(code_set("REC").group_of)).fillna("other")
    return last.assign(rec=rec, reason=pd.Categorical(group, categories=list(REASONS)))


def _per_window(frame: pd.DataFrame, windows: Sequence[Window]) -> Ints:
    return np.bincount(frame["window"].to_numpy(dtype=np.int64), minlength=len(windows))


def stock_counts(records: Records, days: Sequence[dt.date], scope: Scope) -> Ints:
    """Return how many children were looked after on each day, in the order asked for."""
    dates = stock_on(records, days, scope)["date"].to_numpy()
    at = np.array(days, dtype="datetime64[ns]")
    counts: Ints = np.searchsorted(dates, at, side="right") - np.searchsorted(
        dates, at, side="left"
    )
    return counts


def flow_counts(records: Records, windows: Sequence[Window], scope: Scope) -> pd.DataFrame:
    """Return stock, starts and ends of each window, and what once-a-year counting leaves.

    Returns
    -------
    pandas.DataFrame
        One row a window: ``stock_start_n`` (on the 31 March before), ``started_n``,
        ``ceased_n``, ``net_change_n`` (started less ceased), ``residual_n`` and
        ``stock_end_n``, with ``stock_end_n = stock_start_n + net_change_n + residual_n``.

    Notes
    -----
    A child who starts or ceases twice in a year is counted once, by DfE's rule, but
    moves the stock twice. A record left open past 18 leaves the stock without an end.
    That is the residual.
    """
    days = [*(w.opening for w in windows), *(w.end for w in windows)]
    before, after = np.split(stock_counts(records, days, scope), 2)
    began = _per_window(started(records, windows, scope), windows)
    ended = _per_window(ceased(records, windows, scope), windows)
    return pd.DataFrame(
        {
            "stock_start_n": before,
            "started_n": began,
            "ceased_n": ended,
            "net_change_n": began - ended,
            "residual_n": after - before - began + ended,
            "stock_end_n": after,
        }
    )


def periods_of_care(records: Records, scope: Scope) -> pd.DataFrame:
    """Return the periods of care, each from its first to its last counted day.

    Returns
    -------
    pandas.DataFrame
        One row a period: ``period_of_care``, ``child``, ``start``, ``stop`` (first day no
        longer looked after; NaT still open).
    """
    counted = counted_episodes(records, scope)
    counted["open"] = counted["stop"].isna()
    periods = counted.groupby("period_of_care", as_index=False).agg(
        child=("child", "first"), start=("start", "min"), stop=("stop", "max"), open=("open", "any")
    )
    periods["stop"] = periods["stop"].mask(periods["open"])
    return periods.drop(columns="open")


def period_counts(records: Records, windows: Sequence[Window], scope: Scope) -> pd.DataFrame:
    """Return open, started and ended periods of care of each window.

    Returns
    -------
    pandas.DataFrame
        One row a window: ``open_start_n``, ``begun_n``, ``ended_n``, ``open_end_n``, with
        ``open_end_n = open_start_n + begun_n - ended_n`` exactly.
    """
    periods = periods_of_care(records, scope)
    start = np.sort(periods["start"].to_numpy())
    stop = np.sort(periods["stop"].dropna().to_numpy())

    def up_to(events: npt.NDArray[Any], days: Sequence[dt.date]) -> Ints:
        at = np.array(days, dtype="datetime64[ns]")
        return np.searchsorted(events, at, side="right").astype(np.int64)

    opening, end = [w.opening for w in windows], [w.end for w in windows]
    return pd.DataFrame(
        {
            "open_start_n": up_to(start, opening) - up_to(stop, opening),
            "begun_n": up_to(start, end) - up_to(start, opening),
            "ended_n": up_to(stop, end) - up_to(stop, opening),
            "open_end_n": up_to(start, end) - up_to(stop, end),
        }
    )


def short_break_counts(records: Records, windows: Sequence[Window]) -> Ints:
    """Return how many children had a short-break episode (V3, V4) open in each window."""
    e = records.episodes[records.episodes["ls"].isin(SHORT_BREAKS).to_numpy()]
    begun, ended = e["decom"].to_numpy(), e["dec"].to_numpy()
    children = [
        e["child"].to_numpy()[
            (begun <= np.datetime64(w.end)) & (np.isnat(ended) | (ended > np.datetime64(w.opening)))
        ]
        for w in windows
    ]
    return np.array([len(np.unique(c)) for c in children], dtype=np.int64)
