"""The published method of forecasting demand: a projected total times fixed shares.

The method is that of the commissioning strategy that the bundled study types in: project
the number of children looked after with the population, lower it by a policy reduction,
and hold today's shares of placement types for every year. Printed numbers are whole
children, rounded half up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd

from needs.vocabulary.errors import Fault, ModelError
from needs.vocabulary.units import round_half_up

__all__ = ["apply_shares", "implied_growth", "percentage_error", "project", "reduction_factor"]

How = Literal["every_period", "once"]


def _refuse(rule: str, mend: str) -> ModelError:
    return ModelError("the published method cannot be applied", [Fault("forecast", rule, mend)])


def apply_shares(totals: pd.Series[float], shares: Mapping[str, float]) -> pd.DataFrame:
    """Return whole children by placement type: totals times fixed shares, rounded half up.

    Parameters
    ----------
    totals : Series of float
        Children looked after, indexed by period; not below nought.
    shares : mapping of str to float
        Placement type -> share of all children, in per cent, 0 to 100. Shares may overlap
        (homes, and the external homes among them), so they need not add up to a hundred.

    Returns
    -------
    DataFrame of float
        Index of ``totals``, one column a placement type; whole numbers.

    Raises
    ------
    ModelError
        If a share lies outside 0 to 100, or a total is below nought or missing.

    Notes
    -----
    Half up, not half even: the strategy prints 119 for 15% of 790, which is 118.5.

    Examples
    --------
    >>> apply_shares(pd.Series([790.0], index=["2022"]), {"external_homes": 15.0}).iloc[0, 0]
    119.0
    """
    if any(not 0 <= s <= 100 for s in shares.values()):
        raise _refuse("a share lies outside 0 to 100 per cent", "correct the shares")
    if not (totals >= 0).all():
        raise _refuse("a total is missing or below nought", "correct the totals")
    exact = pd.DataFrame({k: totals * s / 100 for k, s in shares.items()}, index=totals.index)
    return exact.map(lambda v: float(round_half_up(v)))


def reduction_factor(periods: int, percent: float, first: int, how: How) -> np.ndarray:
    """Return what a policy reduction leaves of each period's total.

    Parameters
    ----------
    periods : int
        Number of periods.
    percent : float
        Reduction in per cent, 0 to below 100.
    first : int
        Position of the first period that the reduction reaches.
    how : {"every_period", "once"}
        Taken again in each period, so that it compounds; or taken once and kept.

    Returns
    -------
    ndarray of float, shape (periods,)
        Factors between nought and one; 1 before ``first``.

    Raises
    ------
    ModelError
        If the percentage is out of range.

    Examples
    --------
    >>> reduction_factor(3, 5.0, 1, "every_period").round(4).tolist()
    [1.0, 0.95, 0.9025]
    """
    if not 0 <= percent < 100:
        raise _refuse("the policy reduction lies outside 0 to 100 per cent", "correct it")
    times = np.clip(np.arange(periods) - first + 1, 0, None if how == "every_period" else 1)
    return np.asarray((1 - percent / 100) ** times, dtype=float)


def project(base: float, growth: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Return totals by period: a base grown period by period, less the policy reduction.

    Parameters
    ----------
    base : float
        Children in the first period, before any reduction.
    growth : ndarray of float, shape (n - 1,)
        Growth from each period to the next, in per cent (of population, in the strategy).
    factor : ndarray of float, shape (n,)
        From :func:`reduction_factor`.

    Returns
    -------
    ndarray of float, shape (n,)
        Totals, not rounded.
    """
    grown = np.concatenate([[1.0], np.cumprod(1 + np.asarray(growth) / 100)])
    return np.asarray(base * grown * factor)


def implied_growth(totals: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Return the growth that totals imply once the policy reduction is taken out again.

    Parameters
    ----------
    totals : ndarray of float, shape (n,)
        Printed totals, above nought.
    factor : ndarray of float, shape (n,)
        From :func:`reduction_factor`.

    Returns
    -------
    ndarray of float, shape (n - 1,)
        Growth from each period to the next, in per cent. Totals printed as whole children
        leave it uncertain by about 0.1 points at eight hundred children.
    """
    before = np.asarray(totals, dtype=float) / factor
    return np.asarray(100 * (before[1:] / before[:-1] - 1))


def percentage_error(forecast: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """Return forecast less outcome, in per cent of the outcome: below nought is too low.

    Parameters
    ----------
    forecast, outcome : ndarray of float
        Of one shape; outcomes above nought.
    """
    return np.asarray(100 * (np.asarray(forecast) / np.asarray(outcome) - 1))
