"""Like for like: two ways of buying compared among children who might have had either.

Overlap weights give each row the chance that it had been bought the other way, so that those who
might have had either weigh most and what the chance rests on is balanced exactly (Li, Morgan and
Zaslavsky, Journal of the American Statistical Association 2018, vol. 113, pages 390-400). The
chance is a logistic regression, whose own error is counted by its influence (Lunceford and
Davidian, Statistics in Medicine 2004, vol. 23, pages 2937-2960), summed by provider. What a
need that nobody recorded would have to do is told by the E-value (VanderWeele and Ding, Annals of
Internal Medicine 2017, vol. 167, pages 268-274), for a ratio of means.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs.costs.regression.clusters import Floats, Ints, clusters_of
from needs.costs.regression.fits import fit_prices
from needs.vocabulary.errors import ModelError

__all__ = ["Alike", "balance", "compare", "e_value", "standardised"]


@dataclass(frozen=True)
class Alike:
    """What rows bought one way cost against rows bought the other, need for need.

    Attributes
    ----------
    raw : float
        Difference of plain means, pounds a week.
    means : tuple of float
        Weighted mean price bought the first way (treated), and the other.
    difference, ratio : tuple of float
        Value, and its 95% interval.
    effective : tuple of float
        Rows of equal weight that each side's rows weigh as (Kish).
    dof : float
        Degrees of freedom of the intervals.
    weight : numpy.ndarray
        Overlap weight of each row.
    chance : numpy.ndarray
        Chance of each row to be bought the first way.
    """

    raw: float
    means: tuple[float, float]
    difference: tuple[float, float, float]
    ratio: tuple[float, float, float]
    effective: tuple[float, float]
    dof: float
    weight: Floats
    chance: Floats


def compare(price: Floats, treated: Floats, design: pd.DataFrame, cluster: Ints) -> Alike:
    """Return the comparison under overlap weights.

    Parameters
    ----------
    price : array of float, shape (rows,)
    treated : array of float, shape (rows,)
        One where bought the first way, nought the other.
    design : pandas.DataFrame
        A constant and what the two sides are made alike in.
    cluster : array of int, shape (rows,)
        Which rows belong together; none has rows of both sides.

    Raises
    ------
    ModelError
        When the two sides have nothing in common.
    """
    from scipy import stats  # noqa: PLC0415 - slow

    x = design.to_numpy(dtype=float)
    chance = _chance(treated, x)
    weight = np.where(treated == 1, 1 - chance, chance)
    sides = (treated == 1, treated == 0)
    totals = [weight[s].sum() for s in sides]
    means = [float((weight * price)[s].sum() / t) for s, t in zip(sides, totals, strict=True)]
    # What each row adds to the mean of its side, weights and the chance's own error included.
    lean = np.where(sides[0], price - means[0], 0.0), np.where(sides[1], price - means[1], 0.0)
    slope = chance * (1 - chance)
    known = np.linalg.solve((x * slope[:, None]).T @ x, (x * (treated - chance)[:, None]).T).T
    turns = [-slope[:, None] * x, slope[:, None] * x]
    adds = []
    for k in (0, 1):
        through = (turns[k] * lean[k][:, None]).sum(axis=0) / totals[k]
        adds.append(weight * lean[k] / totals[k] + known @ through)
    code = clusters_of(cluster)
    dof = max(_kish(np.bincount(code, weight * treated).astype(float)) - 1, 1.0)
    reach = float(stats.t.ppf(0.975, dof))
    gap = means[0] - means[1]
    # As CR2 for a mean: a provider's sum is too small by the share of its side that it is.
    share = sum(np.bincount(code, weight * s) / t for s, t in zip(sides, totals, strict=True))
    stretch = 1 / np.sqrt(np.maximum(1 - share, 1e-8))
    error = _error(adds[0] - adds[1], code, stretch)
    ratio = np.log(means[0] / means[1])
    logs = _error(adds[0] / means[0] - adds[1] / means[1], code, stretch)
    return Alike(
        raw=float(price[sides[0]].mean() - price[sides[1]].mean()),
        means=(means[0], means[1]),
        difference=(gap, gap - reach * error, gap + reach * error),
        ratio=(
            float(np.exp(ratio)),
            float(np.exp(ratio - reach * logs)),
            float(np.exp(ratio + reach * logs)),
        ),
        effective=(_kish(weight[sides[0]]), _kish(weight[sides[1]])),
        dof=dof,
        weight=weight,
        chance=chance,
    )


def _chance(treated: Floats, x: Floats) -> Floats:
    import statsmodels.api as sm  # noqa: PLC0415 - slow
    from statsmodels.tools.sm_exceptions import (  # noqa: PLC0415 - slow
        PerfectSeparationError,
        PerfectSeparationWarning,
    )

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", PerfectSeparationWarning)
            fitted = sm.GLM(treated, x, family=sm.families.Binomial()).fit(maxiter=100, tol=1e-12)
    except (PerfectSeparationWarning, PerfectSeparationError, np.linalg.LinAlgError) as e:
        raise ModelError("the two ways of buying have no children in common") from e
    chance = np.asarray(fitted.fittedvalues, dtype=float)
    if not fitted.converged or (chance * (1 - chance)).sum() < x.shape[1]:
        raise ModelError("the two ways of buying have too few children in common")
    return chance


def _kish(weight: Floats) -> float:
    return float(weight.sum() ** 2 / (weight**2).sum())


def _error(adds: Floats, code: Ints, stretch: Floats) -> float:
    return float(np.sqrt(((np.bincount(code, adds) * stretch) ** 2).sum()))


def balance(design: pd.DataFrame, treated: Floats, weight: Floats) -> pd.DataFrame:
    """Return how far the two sides differ, before and after weighing.

    Returns
    -------
    pandas.DataFrame
        Index: columns but the constant; ``before``, ``after``: difference of means over the plain
        standard deviation (root of the mean of both variances).
    """
    x = design.drop(columns="const")
    sides = [treated == 1, treated == 0]
    deviation = np.sqrt(sum(x[s].var(ddof=0) for s in sides) / 2)
    apart = {}
    for name, w in (("before", np.ones(len(x))), ("after", weight)):
        one, two = (x[s].mul(w[s], axis=0).sum() / w[s].sum() for s in sides)
        apart[name] = (one - two) / deviation.where(deviation > 0)
    return pd.DataFrame(apart)


def standardised(
    price: Floats, treated: Floats, design: pd.DataFrame, cluster: Ints, tilt: Floats
) -> tuple[float, float, float]:
    """Return the difference by standardisation, with its 95% interval: the second reading.

    Each side has a gamma regression of its own; both foretell the price of every row, and the
    differences are averaged by ``tilt``, so that the same children are spoken of.
    """
    from scipy import stats  # noqa: PLC0415 - slow

    x, share = design.to_numpy(dtype=float), tilt / tilt.sum()
    value, variance, dof = 0.0, 0.0, np.inf
    for side, sign in ((treated == 1, 1.0), (treated == 0, -1.0)):
        fit = fit_prices(price[side], design[side], cluster[side])
        told = np.exp(x @ fit.params.to_numpy())
        slope = (share * told) @ x
        value += sign * float(share @ told)
        variance += float(slope @ fit.errors.cov @ slope)
        dof = min(dof, float(fit.errors.freedom(slope[:, None])[0]))
    reach = float(stats.t.ppf(0.975, dof) * np.sqrt(variance))
    return value, value - reach, value + reach


def e_value(ratio: float) -> float:
    """Return the E-value of a ratio of means.

    Examples
    --------
    >>> round(e_value(3.9), 2)
    7.26
    """
    far = max(ratio, 1 / ratio)
    return float(far + np.sqrt(far * (far - 1)))
