"""Prices of past years by placement type, and how far chance has moved them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.costs.budget_prices import PastPrices
from needs.costs.spending import PLACED, Spending

__all__ = ["past_prices"]

Floats = npt.NDArray[np.float64]

FEW = 10
"""With fewer children paid for over all years, a type's spread is that of all types."""


def past_prices(spending: Spending, types: Sequence[str], fte: Floats) -> PastPrices:
    """Return what past years tell of prices.

    Parameters
    ----------
    spending : Spending
    types : sequence of str
        Keys of placement types.
    fte : ndarray of float, shape (years ahead, types)
        Places that are expected to be taken.

    Notes
    -----
    The price of a year is a ratio, pounds over nights. How far the mix of children moves it is the
    linearised error of such a ratio over children (Cochran 1977, *Sampling techniques*, section
    6.4), in each type as if any child had the same part in it in each year.
    """
    gross, nights = (
        f.reindex(list(types), fill_value=0.0).to_numpy(dtype=float)
        for f in (spending.by_type("gross"), spending.nights_by_type())
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        log_week = np.where((gross > 0) & (nights > 0), np.log(7 * gross / nights), np.nan)
    child = _by_child(spending)
    spread = _spread(child, types, log_week.shape[1])
    later = 365.25 * fte.T
    held = np.maximum(np.hstack([nights, later]), 30.0)
    return PastPrices(log_week, np.sqrt(spread[:, None] / held), _stays(child, types))


def _by_child(spending: Spending) -> pd.DataFrame:
    """Return pounds and nights of each child by type and year."""
    parts = spending.parts[spending.parts["outcome"] == PLACED]
    gbp = parts.groupby(["type", "window", "child"])["gross"].sum()
    kept = spending.nights.assign(type=spending.nights["type"].astype(object))
    nights = kept.dropna().groupby(["type", "window", "child"])["days"].sum()
    return pd.concat([gbp, nights.rename("nights")], axis=1).fillna(0.0).reset_index()


def _spread(child: pd.DataFrame, types: Sequence[str], years: int) -> Floats:
    """Return the variance of the logarithm of a price, times nights, by type."""
    sums = child.groupby(["type", "window"])[["gross", "nights"]].transform("sum")
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = child["gross"] - child["nights"] * sums["gross"] / sums["nights"]
        # Squared errors of the ratio add up over children; times the nights of the year.
        part = (apart / sums["gross"]) ** 2 * sums["nights"]
    known = child.assign(part=part.where(sums["gross"] > 0))
    whole = known.groupby("type")["part"].sum() / years
    n = known.groupby("type")["child"].nunique()
    usual = float(whole[n >= FEW].median()) if (n >= FEW).any() else 0.1 * 365.0
    found = whole.where(n >= FEW, usual).reindex(list(types)).fillna(usual)
    out: Floats = np.maximum(found.to_numpy(dtype=float), 1e-3)
    return out


def _stays(child: pd.DataFrame, types: Sequence[str]) -> Floats:
    """Return the share of a year's nights whose child was in the type the year before."""
    before = child[["type", "window", "child"]].assign(window=child["window"] + 1, here=1.0)
    joined = child[child["window"] > child["window"].min()].merge(
        before, on=["type", "window", "child"], how="left"
    )
    joined["again"] = joined["nights"] * joined["here"].fillna(0.0)
    sums = joined.groupby("type")[["again", "nights"]].sum()
    share = (sums["again"] / sums["nights"]).where(sums["nights"] > 0)
    out: Floats = share.reindex(list(types)).fillna(0.5).clip(0.0, 0.95).to_numpy(dtype=float)
    return out
