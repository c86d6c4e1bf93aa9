"""Nights of own children beside the nights that places were open, on the same footing.

Own homes and households are held against the nights that the returns count in placements of
their type. Beds under contract are held against the nights that cost lines of that route pay
for, since returns do not say how a place was bought.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.breakdown import NOT_RECORDED
from needs.care.placement_days import placed_stretches
from needs.care.results_days import YEARS
from needs.care.windows import Window
from needs.costs.days import distinct_nights
from needs.costs.spending import PLACED, Spending
from needs.sufficiency.capacity.stock import COUNTED_ON, Stock
from needs.vocabulary.records import StudyData

__all__ = ["Used", "by_month"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Used:
    """Places open and nights lived in them, by type, route and year.

    Attributes
    ----------
    windows : tuple of Window
        The years of chapter 20's days in placements.
    table : pandas.DataFrame
        One row a type, route of :data:`~needs.sufficiency.capacity.stock.COUNTED_ON` and year
        with open places: ``type``, ``route``, ``period``, ``open_nights``, ``own_nights`` (NaN
        where nothing tells them), ``weekly`` (pounds a week and bed that is paid for whether
        used or not, NaN elsewhere), ``withheld`` (bool: few children were in the type by some
        route, so that no route of it may be told).
    """

    windows: tuple[Window, ...]
    table: pd.DataFrame

    @classmethod
    def of(cls, data: StudyData) -> Used:
        """Return what was used of a study's places, worked out once."""
        return data.once("places used", lambda: _made(data))


def _made(data: StudyData) -> Used:
    stock = Stock.of(data)
    windows = stock.basis.shown.windows[-YEARS:]
    keys = [w.key for w in windows]
    rows = stock.rows[stock.rows["usable"] & stock.rows["route"].isin(COUNTED_ON)]
    nights = stock.nights(windows, rows)
    each = rows["weekly"].to_numpy(dtype=float) / rows["places"].to_numpy(dtype=float)
    opened = stock.summed(rows, nights, keys, "open_nights")
    paid = stock.summed(rows, nights * np.nan_to_num(each)[:, None], keys, "paid")
    of_beds = stock.summed(rows, nights * ~np.isnan(each)[:, None], keys, "beds")
    table = pd.concat([opened, paid, of_beds], axis=1)
    table = table[table["open_nights"] > 0].reset_index(names=["type", "route", "period"])
    whole = (table["beds"] > 0) & (table["beds"] >= table["open_nights"])
    table["weekly"] = (table["paid"] / table["beds"]).where(whole)
    lived = _lived(data, stock, windows)
    routes, few = _bought(data, windows)
    index = pd.MultiIndex.from_frame(table[["type", "route", "period"]])
    both = pd.MultiIndex.from_frame(table[["type", "period"]])
    own = lived.reindex(both).fillna(0).to_numpy()
    bought = np.full(len(table), np.nan) if routes is None else _at(routes, index)
    in_house = table["route"].eq("in_house") & table["type"].isin(_own_types(stock))
    table["own_nights"] = np.where(in_house, own, bought)
    table["withheld"] = ~in_house & both.isin(few)
    return Used(windows, table.drop(columns=["paid", "beds"]))


def _at(nights: pd.Series, index: pd.MultiIndex) -> Floats:
    found: Floats = nights.reindex(index).fillna(0).to_numpy(dtype=float)
    return found


def _own_types(stock: Stock) -> list[str]:
    """Return types whose every place that is there is in-house: all who live in it live in these.

    A type that the category map gives to other owners is not one, whatever the table lists.
    """
    sector = {t.key: t.sector for t in stock.basis.study.categories.types}
    others = set(stock.rows.loc[stock.rows["route"] != "in_house", "type"])
    return [t for t in stock.types() if t not in others and sector.get(t) != "external"]


def _lived(data: StudyData, stock: Stock, windows: tuple[Window, ...]) -> pd.Series:
    """Return nights by type and year, those of chapter 20."""
    frame = stretches_of(data, stock, windows)
    period = frame["window"].map({k: w.key for k, w in enumerate(windows)})
    nights: pd.Series = frame.groupby([frame["type"], period.rename("period")])["days"].sum()
    return nights


def stretches_of(data: StudyData, stock: Stock, windows: tuple[Window, ...]) -> pd.DataFrame:
    """Return stretches of nights in one placement, as chapter 20 counts them, with type as text."""
    basis = stock.basis

    def made() -> pd.DataFrame:
        frame = placed_stretches(basis.records, windows, basis.scope, basis.study.categories)
        return frame.assign(type=frame["type"].astype(object).fillna(NOT_RECORDED))

    return data.once("stretches beside places", made)


def _bought(data: StudyData, windows: tuple[Window, ...]) -> tuple[pd.Series | None, pd.MultiIndex]:
    """Return nights paid for by type, route and year, and types and years with few on a route."""
    none = pd.MultiIndex.from_arrays([[], []])
    if not data.has("costs"):
        return None, none
    spending = Spending.of(data)
    keys = spending.basis.window_keys
    mine = spending.parts[spending.parts["outcome"] == PLACED]
    nights = distinct_nights(mine, ["window", "type", "route"])
    nights["period"] = nights["window"].map(dict(enumerate(keys)))
    every = nights.groupby(["type", "route", "period"])["nights"].sum()
    children = nights[nights["nights"] > 0].groupby(["type", "route", "period"])["child"].nunique()
    small = children[children < data.study.disclosure.threshold].reset_index()
    # Who is on no line is the rest of the type: few of them would be told by the others.
    unpaid = _unpaid(spending, nights, data.study.disclosure.threshold)
    few = {*small[["type", "period"]].itertuples(index=False, name=None), *unpaid}
    return every, pd.MultiIndex.from_tuples(sorted(few)) if few else none


def _unpaid(spending: Spending, nights: pd.DataFrame, threshold: int) -> set[tuple[str, str]]:
    """Return types and years in which few children have nights that no line pays for."""
    keys = dict(enumerate(spending.basis.window_keys))
    lived = spending.nights.assign(
        type=spending.nights["type"].astype(object).fillna(NOT_RECORDED),
        period=spending.nights["window"].map(keys),
    )
    by = ["type", "period", "child"]
    rest = lived.groupby(by)["days"].sum().sub(nights.groupby(by)["nights"].sum(), fill_value=0)
    n = (rest.abs() > 0).groupby(["type", "period"]).sum()
    return set(n.index[n.between(1, threshold - 1)])


def by_month(data: StudyData, types: list[str], spans: list[tuple[int, int]]) -> pd.DataFrame:
    """Return own nights and children by type and span of days.

    Parameters
    ----------
    data : StudyData
    types : list of str
    spans : list of (int, int)
        First and last day of each, days since 1970, within the years shown.

    Returns
    -------
    pandas.DataFrame
        ``type``, ``span`` (position), ``nights``, ``children``; none where nobody was there.
    """
    stock = Stock.of(data)
    frame = stretches_of(data, stock, Used.of(data).windows)
    frame = frame[frame["type"].isin(types)]
    first = frame["first"].to_numpy().astype("datetime64[D]").astype(np.int64)
    last = first + frame["days"].to_numpy(np.int64) - 1
    low, high = np.array(spans).T
    nights = np.minimum(last[:, None], high) - np.maximum(first[:, None], low) + 1
    row, span = np.nonzero(nights > 0)
    found = pd.DataFrame(
        {
            "type": frame["type"].to_numpy()[row],
            "child": frame["child"].to_numpy()[row],
            "span": span,
            "nights": nights[row, span],
        }
    )
    grouped = found.groupby(["type", "span"])
    return grouped.agg(nights=("nights", "sum"), children=("child", "nunique")).reset_index()
