"""Children, nights and pounds of some cost lines, cell by cell, for every table of chapter 60."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from needs.costs.days import MONEY, distinct_nights
from needs.costs.spending import Spending

__all__ = ["LEAST_DRAWN", "ROUTES", "in_cells", "price_of_a_week", "quarter"]

ROUTES = {
    "in_house": "In-house",
    "block": "Block contract",
    "cross_regional": "Cross-regional contract",
    "framework": "Framework",
    "spot": "Spot purchase",
    "": "Route not recorded",
}
"""Purchase routes in printed order."""
LEAST_DRAWN = 3
"""Numbers that a picture is worth drawing for: fewer are read sooner in the table."""


def in_cells(parts: pd.DataFrame, by: Sequence[str], spending: Spending) -> pd.DataFrame:
    """Return what was paid in each cell and year, a row for every cell that any year has.

    Parameters
    ----------
    parts : pandas.DataFrame
        Parts of cost lines, as :class:`needs.costs.spending.Spending` has them.
    by : sequence of str
        Columns that a cell is named by.
    spending : Spending
        For its years.

    Returns
    -------
    pandas.DataFrame
        ``by``, ``window``, ``period``, ``children_n`` (each once in every cell), ``nights`` (each
        once however many lines pay for it) and pounds of :data:`needs.costs.days.MONEY`; nought
        in a year without any.
    """
    keys = [*by, "window"]
    nights = distinct_nights(parts, keys).groupby(keys, sort=True)["nights"]
    made = pd.DataFrame({"children_n": nights.size(), "nights": nights.sum()})
    made = made.join(parts.groupby(keys, sort=True)[list(MONEY)].sum())
    cells = made.reset_index()[list(by)].drop_duplicates()
    years = pd.DataFrame({"window": range(len(spending.basis.window_keys))})
    found = cells.merge(years, how="cross").merge(made.reset_index(), on=keys, how="left")
    numbers = ["children_n", "nights", *MONEY]
    found[numbers] = found[numbers].fillna(0.0)
    found["period"] = [spending.basis.window_keys[k] for k in found["window"]]
    return found


def price_of_a_week(cells: pd.DataFrame, gross: str = "gross") -> np.ndarray:
    """Return pounds over weeks of the nights paid for; NaN where there are none."""
    nights = cells["nights"].to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        price: np.ndarray = np.where(nights > 0, cells[gross] / (nights / 7), np.nan)
    return price


def quarter(share: float) -> Callable[[pd.Series], float]:
    """Return a quantile as a weighted mean of all prices, so that it is nobody's own.

    Harrell and Davis (1982), "A new distribution-free quantile estimator", Biometrika 69(3).
    """
    from scipy.stats.mstats import hdquantiles  # noqa: PLC0415 - slow

    def of(prices: pd.Series) -> float:
        if len(prices) < 2:
            return float(prices.mean())
        return float(hdquantiles(prices.to_numpy(dtype=float), [share])[0])

    return of
