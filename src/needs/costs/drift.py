"""Short yearly series carried on: the last value and the mean change, with honest ranges."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import t as student

__all__ = ["LEAST", "backtest", "drift"]

LEAST = 3
"""Years that a range needs: two changes, and with fewer nothing is known of how they differ."""
LEVELS = (80, 95)

Floats = npt.NDArray[np.float64]


def drift(values: Floats, ahead: int) -> pd.DataFrame:
    """Return a positive series carried on by its mean relative change.

    Parameters
    ----------
    values : array of float
        One a year, the oldest first, all above nought; at least :data:`LEAST`.
    ahead : int
        Years.

    Returns
    -------
    pandas.DataFrame
        Index ``h`` from 1; ``value`` and ``lower_80, upper_80, lower_95, upper_95``.

    Notes
    -----
    A random walk with drift of the logarithms: Hyndman and Athanasopoulos (2021), *Forecasting:
    Principles and Practice*, 3rd ed., sections 5.2 and 5.5. With ``n`` changes of standard
    deviation ``s`` the error of the forecast ``h`` years ahead has variance ``s² (h + h²/n)``, the
    second part for the drift that was estimated; ranges take Student's ``t`` with ``n - 1`` degrees
    of freedom, since ``s`` was estimated too.
    """
    logs = np.log(np.asarray(values, dtype=float))
    change = np.diff(logs)
    n = len(change)
    h = np.arange(1, ahead + 1)
    centre = logs[-1] + change.mean() * h
    spread = change.std(ddof=1) * np.sqrt(h + h**2 / n)
    out = pd.DataFrame({"value": np.exp(centre)}, index=pd.Index(h, name="h"))
    for level in LEVELS:
        far = student.ppf(0.5 + level / 200, n - 1) * spread
        out[f"lower_{level}"], out[f"upper_{level}"] = np.exp(centre - far), np.exp(centre + far)
    return out


def backtest(values: Floats) -> tuple[int, int]:
    """Return how many years an 80% range of the years before them held, and how many there are."""
    made = [drift(values[:k], 1) for k in range(LEAST, len(values))]
    low, high = (
        np.array([m[column].iloc[0] for m in made], dtype=float)
        for column in ("lower_80", "upper_80")
    )
    inside = (low <= values[LEAST:]) & (values[LEAST:] <= high)
    return int(inside.sum()), len(made)
