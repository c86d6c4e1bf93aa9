"""Outturns draw by draw: places taken, times pounds a week, and what a budget risks with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["HOLDS", "Risk", "outturn", "places_between", "ranged", "risk_of"]

Floats = npt.NDArray[np.float64]

CUTS = {"lower_80": 10.0, "upper_80": 90.0, "lower_95": 2.5, "upper_95": 97.5}
HOLDS = 80.0
"""Cases of a hundred in which a budget is said to hold."""


def places_between(
    now: Floats, ends: Floats, rng: np.random.Generator, part: float = 1.0
) -> Floats:
    """Return places taken on average between one year end and the next.

    Parameters
    ----------
    now : ndarray of float, shape (types,)
        Children today.
    ends : ndarray of float, shape (draws, years, types)
        Children on the year ends ahead.
    rng : numpy.random.Generator
    part : float
        How much of a year lies between today and the first of them.

    Returns
    -------
    ndarray of float, shape (draws, years, types)

    Notes
    -----
    Between two known ends the mean of a path is that of the ends, and chance: that of a Brownian
    bridge, whose mean has a twelfth of the variance of a year's change. The change that another
    future has in a year, with its types together, stands for it.
    """
    before = np.concatenate([np.broadcast_to(now, ends[:, :1].shape), ends[:, :-1]], axis=1)
    change = (ends[:, 0] - ends[:, 0].mean(axis=0)) / np.sqrt(part)
    years = np.append(part, np.ones(ends.shape[1] - 1))
    out = (before + ends) / 2
    for year, length in enumerate(years):
        other = change[rng.permutation(len(change))] * rng.choice([-1.0, 1.0], (len(change), 1))
        out[:, year] += other * np.sqrt(length / 12)
    moved: Floats = np.maximum(out, 0.0)
    return moved


def outturn(places: Floats, weekly: Floats, days: Sequence[float]) -> Floats:
    """Return pounds by draw, year and type: places, times pounds a week, times weeks."""
    weeks = np.asarray(days, dtype=float) / 7
    gbp: Floats = places * weekly * weeks[:, None]
    return gbp


@dataclass(frozen=True)
class Risk:
    """What a budget risks.

    Parameters
    ----------
    over_pct : float
        Draws of a hundred that lie above it.
    beyond_gbp : float
        By how much, on average over those draws; not a number where there is none.
    """

    over_pct: float
    beyond_gbp: float


def risk_of(draws: Floats, budget: float) -> Risk:
    """Return how often draws of an outturn exceed a budget, and by how much then.

    Examples
    --------
    >>> risk_of(np.array([80.0, 90.0, 110.0, 130.0]), 100.0)
    Risk(over_pct=50.0, beyond_gbp=20.0)
    """
    over = draws > budget
    beyond = float((draws[over] - budget).mean()) if over.any() else float("nan")
    return Risk(float(100 * over.mean()), beyond)


def ranged(draws: Floats, periods: Sequence[str]) -> pd.DataFrame:
    """Return mean, median and ranges of draws, shape (draws, periods), one row a period."""
    cuts = np.percentile(draws, [50.0, *CUTS.values()], axis=0)
    bounds = dict(zip(["median", *CUTS], cuts, strict=True))
    return pd.DataFrame({"period": list(periods), "value": draws.mean(axis=0), **bounds})
