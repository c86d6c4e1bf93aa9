"""The simplest forecast there is: the last count stays, and the past says how far it may move.

Every later method has to beat this one. Ranges come from an authority's own past changes,
with a rule for few years; nothing here has been tested for how often a range covers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

__all__ = [
    "HORIZONS",
    "MIN_ORIGINS",
    "allocate",
    "backtest",
    "changes",
    "drift",
    "half_widths",
    "separate_changes",
]

HORIZONS = (1, 2, 3, 4, 5)
"""Years ahead."""

MIN_ORIGINS = 4
"""With fewer past changes over so many years there is no range."""

TAIL = 0.9
"""Upper end of a range that leaves a tenth on each side: four times in five inside."""

Floats = npt.NDArray[np.float64]


def allocate(total: int, counts: pd.Series[float]) -> pd.Series[int]:
    """Return a whole total shared out in the proportions of ``counts``.

    Parameters
    ----------
    total : int
        Children to share out, not below nought.
    counts : Series of float
        Present counts by type, not below nought; shares are taken of their sum.

    Returns
    -------
    Series of int
        Whole children by type that add up to ``total`` exactly; all nought where nobody is
        counted.

    Notes
    -----
    Largest remainder (Hamilton's method): each type has the whole part of its share, and
    what is left over goes one by one to the largest remainders, the first type where equal.

    Examples
    --------
    >>> allocate(10, pd.Series({"a": 1.0, "b": 1.0, "c": 1.0})).tolist()
    [4, 3, 3]
    """
    whole = float(counts.sum())
    if whole <= 0:
        return pd.Series(0, index=counts.index)
    # Rounded at the twelfth digit, or a product that should be whole may end just below it.
    exact = np.round(total * counts.to_numpy(dtype=float) / whole, 9)
    given = np.floor(exact).astype(np.int64)
    first = np.argsort(-(exact - given), kind="stable")[: total - int(given.sum())]
    given[first] += 1
    return pd.Series(given, index=counts.index)


def _pairs(series: pd.Series[float]) -> pd.DataFrame:
    """Return every pair of years at most five apart: ``origin, horizon, start, end``."""
    years = series.index.to_numpy(dtype=np.int64)
    values = series.to_numpy(dtype=float)
    apart = years[None, :] - years[:, None]
    i, j = np.nonzero(np.isin(apart, HORIZONS))
    out = {"origin": years[i], "horizon": apart[i, j], "start": values[i], "end": values[j]}
    return pd.DataFrame(out).sort_values(["horizon", "origin"], ignore_index=True)


def changes(series: pd.Series[float], *, relative: bool = True) -> pd.DataFrame:
    """Return what a series did over each of one to five years.

    Parameters
    ----------
    series : Series of float
        Numbers by end year (index of int, in any order; years may be missing). Above nought
        where changes are relative.
    relative : bool
        Whether a change is the logarithm of the ratio, or else the difference.

    Returns
    -------
    DataFrame
        Columns ``origin`` and ``horizon`` (int), ``change`` (float), sorted by horizon and
        origin. A pair whose year is missing is not there: nothing is interpolated.
    """
    pairs = _pairs(series)
    start, end = pairs["start"].to_numpy(), pairs["end"].to_numpy()
    change = np.log(end / start) if relative else end - start
    return pairs[["origin", "horizon"]].assign(change=change)


def separate_changes(origins: npt.NDArray[np.int64], horizon: int) -> float:
    """Return how many separate changes overlapping ones are worth.

    Parameters
    ----------
    origins : array of int, shape (n,)
        Years that the changes start from.
    horizon : int
        Years that each spans.

    Returns
    -------
    float
        Degrees of freedom of their mean square; ``n`` where none overlaps.

    Notes
    -----
    Satterthwaite (1946), *Biometrics Bulletin* 2, 110-114: a quadratic form has about
    ``2 mean**2 / variance`` degrees of freedom. If yearly changes are independent, changes
    over ``h`` years that start ``d`` years apart have a covariance of ``max(h - d, 0)``.
    """
    apart = np.abs(origins[:, None] - origins[None, :])
    covariance = np.maximum(horizon - apart, 0).astype(float)
    return float((len(origins) * horizon) ** 2 / (covariance**2).sum())


def half_widths(past: pd.DataFrame) -> pd.DataFrame:
    """Return how far a forecast of no change may be out, by years ahead, four times in five.

    Parameters
    ----------
    past : DataFrame
        From :func:`changes`.

    Returns
    -------
    DataFrame
        Index ``horizon`` (1 to 5). Columns ``origins_n`` (changes it rests on), ``separate_n``
        (what they are worth, see :func:`separate_changes`), ``rises_n``, ``half_width`` (on the
        scale of the changes; NaN with fewer than :data:`MIN_ORIGINS`).

    Notes
    -----
    The root mean square of past changes about nought, so that a steady rise or fall widens
    the range instead of being taken out, times Student's t for the number of separate
    changes. A range is never narrower than that of a shorter time ahead.
    """
    rows = []
    for horizon in HORIZONS:
        seen = past[past["horizon"] == horizon]
        origins = seen["origin"].to_numpy(dtype=np.int64)
        few = len(seen) < MIN_ORIGINS
        worth = separate_changes(origins, horizon) if len(seen) else 0.0
        size = np.nan if few else float(np.sqrt((seen["change"] ** 2).mean()))
        width = np.nan if few else size * float(stats.t.ppf(TAIL, worth))
        rises = int((seen["change"] > 0).sum())
        known = {"origins_n": len(seen), "separate_n": worth, "rises_n": rises}
        rows.append({**known, "half_width": width})
    out = pd.DataFrame(rows, index=pd.Index(HORIZONS, name="horizon"))
    out["half_width"] = out["half_width"].cummax()
    return out


def drift(series: pd.Series[float], origin: int, ahead: npt.ArrayLike) -> Floats:
    """Return a forecast that goes on rising or falling as it did from the first year on.

    Parameters
    ----------
    series : Series of float
        Numbers by end year.
    origin : int
        Last year known; nothing after it is looked at.
    ahead : array_like of int
        Years ahead.

    Returns
    -------
    array of float
        Not below nought; NaN where there is no year before the origin.

    Notes
    -----
    The drift method: the line from the first observation to the last, carried on. Hyndman
    and Athanasopoulos (2021), *Forecasting: Principles and Practice*, 3rd edition, 5.2.
    """
    first = int(min(series.index))
    steps = np.asarray(ahead, dtype=float)
    if origin <= first:
        return np.full(steps.shape, np.nan)
    slope = (series.loc[origin] - series.loc[first]) / (origin - first)
    return np.asarray(np.maximum(series.loc[origin] + slope * steps, 0.0))


def backtest(series: pd.Series[float]) -> pd.DataFrame:
    """Return what holding and drift would have said in past years, and what came.

    Parameters
    ----------
    series : Series of float
        Numbers by end year.

    Returns
    -------
    DataFrame
        One row an origin, horizon and method (``no_change``, ``drift``), sorted by method,
        horizon and origin: ``forecast``, ``outcome``, ``error`` (forecast less outcome).
        Only what was known at the origin is used; drift needs a year before its origin.
    """
    pairs = _pairs(series)
    held = pairs.assign(method="no_change", forecast=pairs["start"])
    slopes = pairs.assign(method="drift", forecast=np.nan)
    for origin, rows in slopes.groupby("origin"):
        slopes.loc[rows.index, "forecast"] = drift(series, int(str(origin)), rows["horizon"])
    both = pd.concat([held, slopes.dropna(subset="forecast")], ignore_index=True)
    both = both.rename(columns={"end": "outcome"}).drop(columns="start")
    return both.assign(error=both["forecast"] - both["outcome"])
