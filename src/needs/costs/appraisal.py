"""Appraisal of what costs now and saves later: discounting, payback, uncertain inputs.

Years are counted from nought, the first of them, which is not discounted (HM Treasury, The Green
Book, 2022, chapter 5 and annex 6). Flows are pounds of one year's prices, below nought where they
are paid out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from needs.vocabulary.errors import ModelError

__all__ = ["discount_factors", "payback", "pert", "ramped", "root"]

Floats = npt.NDArray[np.float64]

FALLS, FALL = (30, 75), 0.5
"""Years after which the rate falls, and by how many points: 3.5%, 3.0% from year 31, 2.5% from
year 76 (The Green Book, 2022, annex 6, table 8)."""


def discount_factors(years: int, rate_pct: float = 3.5, *, falls: bool = True) -> Floats:
    """Return what a pound of each year is worth in year nought.

    Parameters
    ----------
    years : int
        How many, year nought included.
    rate_pct : float
        Per cent a year over general prices, up to year 30.
    falls : bool
        Whether the rate falls after years 30 and 75, as the Green Book has it.

    Returns
    -------
    numpy.ndarray
        One factor a year, the first of them one.

    Examples
    --------
    >>> discount_factors(3).round(4).tolist()
    [1.0, 0.9662, 0.9335]
    """
    year = np.arange(1, years)
    less = FALL * np.searchsorted(FALLS, year) if falls else np.zeros(len(year))
    rate = np.maximum(rate_pct - less, 0.0) / 100
    return np.concatenate([[1.0], np.cumprod(1 / (1 + rate))])


def payback(flows: npt.ArrayLike) -> float:
    """Return after how many years the money is back for good; NaN if it never is.

    Parameters
    ----------
    flows : array_like of float
        Pounds of each year, from year nought; discounted or not.

    Returns
    -------
    float
        Years from the start of year nought, a part of a year by its share of that year's flow;
        nought where nothing is ever owed.

    Examples
    --------
    >>> payback([-100.0, 40.0, 40.0, 40.0])
    3.5
    """
    flow = np.asarray(flows, dtype=float)
    stands = np.cumsum(flow)
    owed = np.flatnonzero(stands < 0)
    if not len(owed):
        return 0.0
    last = int(owed[-1])
    if last + 1 == len(flow):
        return float("nan")
    return float(last + 1 - stands[last] / flow[last + 1])


def pert(low: float, mode: float, high: float, uniform: npt.ArrayLike) -> Floats:
    """Return draws of a quantity of which its ends and its likeliest value are known.

    Parameters
    ----------
    low, mode, high : float
        In that order; all draws are ``mode`` where the ends are one.
    uniform : array_like of float
        Numbers from nought to one, each the share of draws that lie below it.

    Notes
    -----
    The beta distribution with mean (low + 4 mode + high) / 6 (Malcolm, Roseboom, Clark and Fazar,
    Operations Research 1959, vol. 7, pages 646-669).
    """
    from scipy.special import betaincinv  # noqa: PLC0415 - slow

    share = np.asarray(uniform, dtype=float)
    if low == high:
        return np.full(share.shape, float(mode))
    a = 1 + 4 * (mode - low) / (high - low)
    b = 1 + 4 * (high - mode) / (high - low)
    drawn: Floats = low + (high - low) * betaincinv(a, b, share)
    return drawn


def ramped(since: npt.ArrayLike, ramp: npt.ArrayLike, begins: npt.ArrayLike) -> Floats:
    """Return years of settled occupancy that had come together some years after opening.

    Parameters
    ----------
    since : array_like of float
        Years since opening, not below nought.
    ramp : array_like of float
        Years in which occupancy rises in a straight line to the settled one.
    begins : array_like of float
        Share of the settled occupancy on the opening day.

    Examples
    --------
    >>> float(ramped(2.0, 1.0, 0.0))
    1.5
    """
    t, over = np.asarray(since, dtype=float), np.asarray(ramp, dtype=float)
    rising = np.minimum(t, over)
    share = np.asarray(begins, dtype=float)
    gained = share * rising + (1 - share) * rising**2 / np.where(over > 0, 2 * over, 1.0)
    out: Floats = gained + (t - rising)
    return out


def root(saved: Callable[[float], float], most: float) -> float:
    """Return where a saving that never falls reaches nought, between nought and ``most``.

    Returns
    -------
    float
        Nought where it saves from the start; NaN where it saves nowhere up to ``most``.

    Raises
    ------
    ModelError
        If the saving is not a number.
    """
    from scipy.optimize import brentq  # noqa: PLC0415 - slow

    first, last = saved(0.0), saved(most)
    if not np.isfinite([first, last]).all():
        raise ModelError("a saving is not a number")
    if first >= 0:
        return 0.0
    if last < 0:
        return float("nan")
    return float(brentq(saved, 0.0, most, xtol=1e-9))
