"""Short yearly series carried on: the last value and the mean change, with honest ranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["LEAST", "Spread", "backtest", "drift"]

LEAST = 3
"""Years that a range needs: two changes, and with fewer nothing is known of how they differ."""
LEVELS = (80, 95)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Spread:
    """How much yearly changes differ from the mean change of their own series.

    Parameters
    ----------
    s : float
        Standard deviation of a change of the logarithm.
    freedom : int
        Degrees of freedom it was estimated with.
    """

    s: float
    freedom: int

    @classmethod
    def pooled(cls, series: Sequence[Floats]) -> Spread:
        """Return the spread that several series have in common.

        Parameters
        ----------
        series : sequence of array of float
            Each at least :data:`LEAST` values above nought, the oldest first.

        Notes
        -----
        The pooled variance of Snedecor and Cochran (1989), *Statistical Methods*, 8th ed., as in
        an analysis of variance: sums of squares over degrees of freedom, both summed over the
        series, each about its own mean. Three changes that happen to be alike would otherwise
        pass for certainty.
        """
        changes = [np.diff(np.log(np.asarray(v, dtype=float))) for v in series]
        squares = sum(float(((c - c.mean()) ** 2).sum()) for c in changes)
        freedom = sum(len(c) - 1 for c in changes)
        return cls(float(np.sqrt(squares / freedom)), freedom)


def drift(values: Floats, ahead: int, spread: Spread) -> pd.DataFrame:
    """Return a positive series carried on by its mean relative change.

    Parameters
    ----------
    values : array of float
        One a year, the oldest first, all above nought; at least :data:`LEAST`.
    ahead : int
        Years.
    spread : Spread
        Of these changes, and of those of other series that may be taken to vary as much.

    Returns
    -------
    pandas.DataFrame
        Index ``h`` from 1; ``value`` and ``lower_80, upper_80, lower_95, upper_95``.

    Notes
    -----
    A random walk with drift of the logarithms: Hyndman and Athanasopoulos (2021), *Forecasting:
    Principles and Practice*, 3rd ed., sections 5.2 and 5.5. With ``n`` changes of standard
    deviation ``s`` the error of the forecast ``h`` years ahead has variance ``s² (h + h²/n)``, the
    second part for the drift that was estimated; ranges take Student's ``t`` with the degrees of
    freedom of ``s``, since ``s`` was estimated too.
    """
    from scipy.stats import t as student  # noqa: PLC0415 - slow

    logs = np.log(np.asarray(values, dtype=float))
    change = np.diff(logs)
    h = np.arange(1, ahead + 1)
    centre = logs[-1] + change.mean() * h
    error = spread.s * np.sqrt(h + h**2 / len(change))
    out = pd.DataFrame({"value": np.exp(centre)}, index=pd.Index(h, name="h"))
    for level in LEVELS:
        far = student.ppf(0.5 + level / 200, spread.freedom) * error
        out[f"lower_{level}"], out[f"upper_{level}"] = np.exp(centre - far), np.exp(centre + far)
    return out


def backtest(series: Sequence[pd.Series]) -> tuple[int, int]:
    """Return how many years an 80% range of the years before them held, and how many there are.

    Parameters
    ----------
    series : sequence of pandas.Series
        Each by year, on end. The spread of a range is that of all series up to the year before.
    """
    held = looked_at = 0
    for year in sorted({y for s in series for y in s.index[LEAST:]}):
        before = [s[s.index < year] for s in series]
        spread = Spread.pooled([b.to_numpy() for b in before if len(b) >= LEAST])
        for s, known in zip(series, before, strict=True):
            if year in s.index[LEAST:]:
                made = drift(known.to_numpy(), 1, spread).iloc[0]
                held += int(made["lower_80"] <= s[year] <= made["upper_80"])
                looked_at += 1
    return held, looked_at
