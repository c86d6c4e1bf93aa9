"""Children looked after on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from needs.care.ages import age_band, completed_years
from needs.care.counted import counted_episodes, uasc_on
from needs.care.placements import held_before_temporary
from needs.vocabulary.errors import ModelError
from needs.vocabulary.records import Records
from needs.vocabulary.study import Scope

__all__ = ["stock_on"]

Day = dt.date | pd.Timestamp
_OF_EPISODE = ("rne", "ls", "cin")
_OF_PLACEMENT = ("place", "provider", "urn")


def stock_on(records: Records, dates: Sequence[Day], scope: Scope) -> pd.DataFrame:
    """Return the children looked after on each date, one row a date and child.

    Parameters
    ----------
    records : Records
        Checked records.
    dates : sequence of date
        Days to look at, in any order; none after ``records.data_end``.
    scope : Scope
        Who counts (``study.authority.scope``).

    Returns
    -------
    pandas.DataFrame
        Sorted by ``date`` and ``child``. Columns: ``date`` (datetime64[ns]), ``child``,
        ``episode`` (position in ``records.episodes``), ``period_of_care``, ``age``
        (completed years on the date, -1 unknown), ``age_band``, ``sex``, ``ethnic``,
        ``uasc`` (status on the date), ``rne, ls, cin`` of the episode, and ``place,
        provider, urn`` of the placement that counts: the one held before a temporary move.

    Raises
    ------
    ModelError
        If a date lies after the last day that the records speak of.

    Notes
    -----
    See :func:`needs.care.counted.counted_episodes` for the rule. Where episodes of a child
    overlap, the one that started last counts, or the first where the study says so.
    """
    days = np.unique(np.array([np.datetime64(pd.Timestamp(d), "ns") for d in dates]))
    if (days > records.data_end.to_datetime64()).any():
        raise ModelError(
            "a count was asked for on a day after the last day that the records speak of: "
            "set period.as_at to that day or before, or add a later return"
        )
    counted = counted_episodes(records, scope)
    first = np.searchsorted(days, counted["start"].to_numpy(), side="left")
    open_to = counted["stop"].fillna(pd.Timestamp.max).to_numpy()
    times = np.maximum(np.searchsorted(days, open_to, side="left") - first, 0)
    row = np.repeat(np.arange(len(counted)), times)
    date = np.repeat(first - np.cumsum(times) + times, times) + np.arange(len(row))
    last = records.counting.overlapping_episodes == "last_started"
    chosen = _one_a_child(date, counted["child"].to_numpy()[row], last=last)
    return _described(records, counted.iloc[row[chosen]], days[date[chosen]])


def _one_a_child(
    date: np.ndarray[tuple[int], np.dtype[np.intp]],
    child: np.ndarray[tuple[int], np.dtype[np.int32]],
    *,
    last: bool,
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return positions sorted by date and child, the last of each pair only, or the first."""
    order = np.lexsort((child, date))
    d, c = date[order], child[order]
    differs = (d[1:] != d[:-1]) | (c[1:] != c[:-1])
    chosen = np.append(differs, True) if last else np.append(True, differs)
    found: np.ndarray[tuple[int], np.dtype[np.intp]] = order[chosen[: len(order)]]
    return found


def _described(records: Records, counted: pd.DataFrame, days: np.ndarray) -> pd.DataFrame:
    """Return who and where each counted child is."""
    child, episode = counted["child"].to_numpy(), counted["episode"].to_numpy()
    held = held_before_temporary(records.episodes, records.counting)[episode]
    age = completed_years(records.children["dob"].to_numpy()[child], days, records.counting)
    columns = {
        "date": days,
        "child": child,
        "episode": episode,
        "period_of_care": counted["period_of_care"].to_numpy(),
        "age": age,
        "age_band": age_band(age),
        "sex": records.children["sex"].array[child],
        "ethnic": records.children["ethnic"].array[child],
        "uasc": uasc_on(records, child, days),
    }
    for name in _OF_EPISODE:
        columns[name] = records.episodes[name].array[episode]
    for name in _OF_PLACEMENT:
        columns[name] = records.episodes[name].array[held]
    return pd.DataFrame(columns)
