"""Who left in a year, of all and of those who were there at its start; and who came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.flows import ceased, periods_of_care, started
from needs.care.stock import stock_on
from needs.care.windows import Window
from needs.vocabulary.records import Records
from needs.vocabulary.study import Scope

__all__ = ["COME_BACK", "came_back", "turnover"]

COME_BACK: Mapping[str, str] = MappingProxyType(
    {
        "within_a_year": "Back within a year of leaving",
        "later": "Back after a year or more",
        "first": "No earlier period of care in the records",
    }
)

Ints = npt.NDArray[np.int64]


def turnover(records: Records, windows: Sequence[Window], scope: Scope) -> pd.DataFrame:
    """Return who left in each window.

    Returns
    -------
    pandas.DataFrame
        One row a window: ``stock_start_n`` (on the 31 March before), ``ceased_n`` (all who
        ceased, once each), ``start_left_n`` (of those in care at the start, who ceased),
        ``came_and_left_n`` (the others who ceased), ``stayed_n`` (in care at the start and did
        not cease), ``ceased_pct`` and ``start_left_pct`` (each over ``stock_start_n``).
    """
    opening = [w.opening for w in windows]
    days = np.array(opening, dtype="datetime64[ns]")
    stock = stock_on(records, opening, scope)
    size = len(records.children)
    at = np.searchsorted(days, stock["date"].to_numpy()) * size + stock["child"].to_numpy()
    left = ceased(records, windows, scope)
    gone = left["window"].to_numpy() * size + left["child"].to_numpy()
    of_start = np.isin(gone, at)
    wide = len(windows)
    before = np.bincount(at // size, minlength=wide)
    every = np.bincount(gone // size, minlength=wide)
    mine = np.bincount(gone[of_start] // size, minlength=wide)
    base = np.where(before > 0, before, np.nan)
    return pd.DataFrame(
        {
            "stock_start_n": before,
            "ceased_n": every,
            "start_left_n": mine,
            "came_and_left_n": every - mine,
            "stayed_n": before - mine,
            "ceased_pct": 100.0 * every / base,
            "start_left_pct": 100.0 * mine / base,
        }
    )


def came_back(records: Records, windows: Sequence[Window], scope: Scope) -> pd.DataFrame:
    """Return who of those who started had been in care before.

    Returns
    -------
    pandas.DataFrame
        The rows of :func:`needs.care.flows.started`, with ``before`` (category of
        :data:`COME_BACK`): by the time since the end of the last earlier period of care.
    """
    came = started(records, windows, scope)
    periods = periods_of_care(records, scope).sort_values(["child", "start"], kind="stable")
    ended = periods["stop"].groupby(periods["child"]).shift().to_numpy()
    earlier = pd.Series(ended, index=periods["period_of_care"].to_numpy())
    of = records.episodes["period_of_care"].to_numpy()[came["episode"].to_numpy()]
    gap = came["day"].to_numpy() - earlier.reindex(of).to_numpy()
    early = np.timedelta64(records.counting.back_within_days, "D")
    with np.errstate(invalid="ignore"):
        kind = np.where(np.isnat(gap), "first", np.where(gap < early, "within_a_year", "later"))
    return came.assign(before=pd.Categorical(kind, categories=list(COME_BACK)))
