"""Prices of past years by placement type, and how far chance has moved them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.costs.budget_prices import PastPrices
from needs.costs.spending import PLACED, Spending

__all__ = ["Dearer", "by_child", "new_against_old", "past_of", "past_prices"]

Floats = npt.NDArray[np.float64]

FEW = 10
"""With fewer children paid for over all years, a type's spread is that of all types."""
USUAL = 0.1 * 365.0
"""Where no type has so many: children whose prices lie a third from their mean."""
UNSEEN = 1.0
"""How far the price of a type that was never used may lie from the others' middle; log scale."""
PRIOR_DEARER = 0.1
"""How far new placements may be dearer or cheaper before any is known; log scale."""
LEAST = 1e-3
MONTH = 30.0
"""Fewest nights that a year of a type is taken to have: nobody is placed for less on average."""


@dataclass(frozen=True)
class Dearer:
    """How many times as dear a week of a new placement was, and how sure that is.

    Parameters
    ----------
    ratio, lower_80, upper_80 : float
        Price of placements begun in the year, over that of those that ran before, at the same mix
        of types.
    used : float
        The ratio as it is used: drawn to one as far as chance explains it.
    """

    ratio: float
    lower_80: float
    upper_80: float
    used: float


def new_against_old(child: pd.DataFrame, year: int) -> Dearer | None:
    """Return the price of new placements against old ones of the same type in a year.

    Parameters
    ----------
    child : DataFrame
        As for :func:`past_of`.
    year : int
        Position of the year; a child who was in the type in the year before is an old one.

    Returns
    -------
    Dearer or None
        None where there are no new or no old children, or no year before.
    """
    paid = child[(child["gross"] > 0) & (child["nights"] > 0)]
    before = paid.loc[paid["window"] == year - 1, ["type", "child"]].assign(old=True)
    now = paid[paid["window"] == year].merge(before, on=["type", "child"], how="left")
    now["old"] = now["old"].eq(True)
    sums = now[now["old"]].groupby("type")[["gross", "nights"]].sum()
    price = now["type"].map(sums["gross"] / sums["nights"])
    new = now[~now["old"] & price.notna()].assign(usual=price * now["nights"])
    if len(new) < FEW or len(now) - len(new) < FEW:
        return None
    ratio = float(new["gross"].sum() / new["usual"].sum())
    # The linearised error of the ratio: of the new children, and of the old ones beside them.
    of_new = ((new["gross"] - ratio * new["usual"]) / new["gross"].sum()).pow(2).sum()
    old = now[now["old"]].assign(usual=price * now["nights"])
    of_old = ((old["gross"] - old["usual"]) / old["gross"].sum()).pow(2).sum()
    var = float(of_new + of_old)
    log, far = np.log(ratio), 1.2815515594600038 * np.sqrt(var)
    used = log * PRIOR_DEARER**2 / (PRIOR_DEARER**2 + var)
    return Dearer(ratio, float(np.exp(log - far)), float(np.exp(log + far)), float(np.exp(used)))


def past_prices(spending: Spending, types: Sequence[str], places: Floats) -> PastPrices:
    """Return what past years tell of prices; see :func:`past_of`."""
    year = spending.basis.shown.windows
    known = spending.basis.study.categories.types
    free = [t.key for t in known if t.group in ("adoption", "parents")]
    years = year[-1].year.end_year - year[0].year.end_year + 1
    return past_of(by_child(spending), types, years, places, free)


def by_child(spending: Spending) -> pd.DataFrame:
    """Return pounds and nights of each child by type and year, as :func:`past_of` needs them."""
    parts = spending.parts[spending.parts["outcome"] == PLACED]
    gbp = parts.groupby(["type", "window", "child"])["gross"].sum()
    kept = spending.nights.assign(type=spending.nights["type"].astype(object))
    nights = kept.dropna().groupby(["type", "window", "child"])["days"].sum()
    child = pd.concat([gbp, nights.rename("nights")], axis=1).fillna(0.0).reset_index()
    year = np.array([w.year.end_year for w in spending.basis.shown.windows])
    child["window"] = (year - year[0])[child["window"].to_numpy()]
    return child


def past_of(
    child: pd.DataFrame,
    types: Sequence[str],
    years: int,
    places: Floats,
    free: Collection[str] = (),
) -> PastPrices:
    """Return what past years tell of prices, and how far the mix of children moved them.

    Parameters
    ----------
    child : DataFrame
        One row a ``type``, ``window`` (position of the year) and ``child``: ``gross`` pounds,
        ``nights``.
    types : sequence of str
        Keys of placement types.
    years : int
    places : ndarray of float, shape (years ahead, types)
        Places that are expected to be taken.
    free : collection of str
        Types that cost nothing where nothing is known of them.

    Notes
    -----
    A type that nobody was in has the price that lies in the middle of the others', and may as well
    cost several times as much: it is seldom used, and dear where it is. One that children were in
    and nobody was paid for costs nothing.

    The price of a year is a ratio, pounds over nights. How far the mix of children moves it is the
    linearised error of such a ratio over children (Cochran 1977, *Sampling techniques*, section
    6.4), in each type as if a night of any child had the same part in it in each year.
    """
    sums = child.groupby(["type", "window"])[["gross", "nights"]].sum()
    cells = pd.MultiIndex.from_product([list(types), range(years)])
    gross, nights = (
        sums[c].reindex(cells, fill_value=0.0).to_numpy(dtype=float).reshape(len(types), years)
        for c in ("gross", "nights")
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        log_week = np.where((gross > 0) & (nights > 0), np.log(7 * gross / nights), np.nan)
    held = np.maximum(np.hstack([nights, 365.25 * places.T]), MONTH)
    mix, stays = np.sqrt(_spread(child, types)[:, None] / held), _stays(child, types)
    unseen = (nights.sum(axis=1) == 0) & ~np.isin(list(types), list(free))
    if np.isfinite(log_week).any() and unseen.any():
        log_week[unseen, -1] = np.nanmean(log_week[np.isfinite(log_week).any(axis=1)])
        mix[unseen, years - 1], stays[unseen] = UNSEEN, 0.0
    return PastPrices(log_week, mix, stays)


def _spread(child: pd.DataFrame, types: Sequence[str]) -> Floats:
    """Return the variance of the logarithm of a price, times nights, by type."""
    sums = child.groupby(["type", "window"])[["gross", "nights"]].transform("sum")
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = child["gross"] - child["nights"] * sums["gross"] / sums["nights"]
        # Squared errors of the ratio add up over children; times the nights of the year.
        part = (apart / sums["gross"]) ** 2 * sums["nights"]
    here = child.groupby(["type", "window"])["child"].transform("nunique")
    # Few children lie nearer to their own mean than to the mean of all who might have come.
    part *= here / (here - 1).clip(lower=1)
    some = (sums["gross"] > 0) & (here > 1)
    known = child.assign(part=part)[some].groupby("type")
    n = known["child"].nunique()
    whole = known["part"].sum() / known["window"].nunique()
    usual = float(whole[n >= FEW].median()) if (n >= FEW).any() else USUAL
    found = whole.where(n >= FEW, usual).reindex(list(types)).fillna(usual)
    out: Floats = np.maximum(found.to_numpy(dtype=float), LEAST)
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
