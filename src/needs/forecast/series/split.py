"""A total told out by placement type, so that types add up to it in every draw."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from needs.forecast.baselines import MOST, spread
from needs.forecast.history import History, day_number

__all__ = ["split"]

Floats = npt.NDArray[np.float64]


def split(
    total: Floats,
    middle: Floats,
    history: History,
    days: Sequence[dt.date],
    rng: np.random.Generator,
) -> Floats:
    """Return draws by placement type that add up to the draws of a total.

    Parameters
    ----------
    total : ndarray, shape (draws, days)
        Children.
    middle : ndarray, shape (days, places)
        What is expected of each type, in any unit: only its shares count.
    history : History
        Shares move as they have moved (:func:`needs.forecast.baselines.spread`).
    days : sequence of date
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (draws, days, places)
    """
    _, sd, freedom = spread(history, days)
    ahead = np.array([day_number(d) - history.until for d in days])
    steps = np.sqrt(np.diff(ahead, prepend=0))[None, :, None]
    noise = rng.standard_normal((len(total), *middle.shape))
    walk = np.cumsum(noise * steps, axis=1) / np.sqrt(ahead)[None, :, None]
    heavy = np.sqrt(freedom / rng.chisquare(freedom, (len(total), 1, 1)))
    of_types = middle * np.exp(np.clip(walk * heavy * sd, -MOST, MOST))
    summed = of_types.sum(axis=2, keepdims=True)
    share = np.divide(of_types, summed, out=np.zeros_like(of_types), where=summed > 0)
    told: Floats = share * total[:, :, None]
    return told
