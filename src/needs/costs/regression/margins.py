"""Effects in pounds a week, averaged over the rows as they are.

The interval is that of the delta method: how the mean effect answers to each coefficient, on the
covariance corrected for few clusters, with the degrees of freedom of that very contrast.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs.costs.regression.fits import PriceFit

__all__ = ["averages", "margins"]


def margins(
    fit: PriceFit, design: pd.DataFrame, yes_no: frozenset[str], level: float = 0.95
) -> pd.DataFrame:
    """Return mean effects in pounds a week over the rows, with their interval.

    Parameters
    ----------
    fit : PriceFit
        A generalised linear model with a log link.
    design : pandas.DataFrame
        The design that it was fitted to.
    yes_no : frozenset of str
        Columns of which the effect is that of yes against no; of the others it is one more.

    Returns
    -------
    pandas.DataFrame
        Index: columns but the constant; ``effect``, ``lower``, ``upper``, ``error`` (pounds a
        week) and ``dof``.
    """
    x, beta = design.to_numpy(dtype=float), fit.params.to_numpy()
    names = [c for c in fit.params.index if c != "const"]
    values, slopes = [], []
    for name in names:
        k = fit.params.index.get_loc(name)
        low, high = x.copy(), x.copy()
        if name in yes_no:
            low[:, k], high[:, k] = 0.0, 1.0
        else:
            high[:, k] += 1.0
        before, after = np.exp(low @ beta), np.exp(high @ beta)
        values.append((after - before).mean())
        slopes.append((after @ high - before @ low) / len(x))
    return averages(fit, np.array(values), np.array(slopes), names, level)


def averages(
    fit: PriceFit, value: np.ndarray, slope: np.ndarray, names: list[str], level: float = 0.95
) -> pd.DataFrame:
    """Return values that follow from the coefficients, with intervals by the delta method.

    Parameters
    ----------
    value : array of float, shape (values,)
    slope : array of float, shape (values, columns)
        How each answers to each coefficient.
    names : list of str
        Index of what is returned.
    """
    from scipy import stats  # noqa: PLC0415 - slow

    error = np.sqrt(np.einsum("kp,pq,kq->k", slope, fit.errors.cov, slope))
    dof = fit.errors.freedom(slope.T)
    reach = stats.t.ppf((1 + level) / 2, dof) * error
    return pd.DataFrame(
        {
            "effect": value,
            "lower": value - reach,
            "upper": value + reach,
            "error": error,
            "dof": dof,
        },
        index=names,
    )
