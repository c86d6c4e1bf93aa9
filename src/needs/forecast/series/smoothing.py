"""Exponential smoothing of annual totals: ARIMA(0,1,1), and a damped trend.

Each authority is fitted alone, by least squares over a grid of its smoothing weights, all
authorities at once. Intervals are normal, from the one-step errors (Hyndman, Koehler, Ord and
Snyder, Forecasting with Exponential Smoothing, 2008, chapter 6; ARIMA(0,1,1) is simple
smoothing with weights up to two).
"""

from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt
from scipy import stats

from needs.forecast.series.annual import POINTS

__all__ = ["arima_011", "damped_trend", "fitted"]

Floats = npt.NDArray[np.float64]

SIMPLE = tuple((a, 0.0, 1.0) for a in np.linspace(0.05, 1.95, 39))
DAMPED = tuple(product(np.linspace(0.1, 1.0, 10), (0.0, 0.1, 0.3, 0.5), (0.8, 0.9, 0.98)))
"""Weight of the level, weight of the trend, and what is left of the trend after a year."""


def arima_011(levels: Floats, at: int, ahead: int) -> Floats:
    """Return quantiles of ARIMA(0,1,1), shape (authorities, points)."""
    return _quantiles(levels, at, ahead, SIMPLE, trend=False)


def damped_trend(levels: Floats, at: int, ahead: int) -> Floats:
    """Return quantiles of smoothing with a damped additive trend, shape (authorities, points)."""
    return _quantiles(levels, at, ahead, DAMPED, trend=True)


def fitted(
    levels: Floats, weights: tuple[float, float, float], trend: bool
) -> tuple[Floats, Floats, Floats]:
    """Return level and trend after the last year, and one-step errors.

    Parameters
    ----------
    levels : ndarray, shape (authorities, years)
    weights : tuple of float
        Of the level, of the trend, and damping.
    trend : bool
        Whether there is one; it starts as the first change.
    """
    a, b, phi = weights
    level = levels[:, 0].copy()
    slope = levels[:, 1] - levels[:, 0] if trend else np.zeros(len(levels))
    errors = np.empty((len(levels), levels.shape[1] - 1))
    for year in range(1, levels.shape[1]):
        said = level + phi * slope
        errors[:, year - 1] = levels[:, year] - said
        level = said + a * errors[:, year - 1]
        slope = phi * slope + a * b * errors[:, year - 1]
    return level, slope, errors


def _quantiles(
    levels: Floats,
    at: int,
    ahead: int,
    grid: tuple[tuple[float, float, float], ...],
    trend: bool,
) -> Floats:
    known = levels[:, : at + 1]
    best = np.full(len(levels), np.inf)
    point, spread = np.full(len(levels), np.nan), np.full(len(levels), np.nan)
    for weights in grid:
        level, slope, errors = fitted(known, weights, trend)
        used = errors[:, 1:] if trend else errors
        square = (used**2).mean(axis=1)
        a, b, phi = weights
        reach = np.cumsum(phi ** np.arange(1, ahead + 1)) if trend else np.zeros(ahead)
        grows = a + a * b * reach[:-1]
        better = square < best
        best[better] = square[better]
        point[better] = (level + reach[-1] * slope)[better]
        spread[better] = np.sqrt(square * (1 + (grows**2).sum()))[better]
    q: Floats = np.maximum(point[:, None] + spread[:, None] * stats.norm.ppf(POINTS), 0)
    return q
