"""Regression of counts: Poisson, or negative binomial where counts scatter more than chance.

Level, season (two waves a year) and trend, with what is exposed as an offset. The model is
chosen by the test of Cameron and Trivedi (1990, *Journal of Econometrics* 46, 347-364): the
negative binomial (its variance ``mu + alpha mu^2``) where the variance grows beyond the mean,
one-sided, at five per cent. The trend stays only where it differs from nought, two-sided, at five
per cent.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

__all__ = ["LEVEL", "CountFit", "design", "fit_counts"]

LEVEL = 0.05
"""Of both tests."""

LEAST = 24
"""Months without which there is neither season nor trend, but a level alone."""

TINY = 1e-4

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CountFit:
    """A fitted regression of counts.

    Parameters
    ----------
    family : str
        ``poisson`` or ``negative_binomial``.
    beta : ndarray, shape (terms,)
        Of :func:`design`, on the log scale.
    covariance : ndarray, shape (terms, terms)
    alpha : float
        Variance beyond chance, over the squared mean; nought for Poisson.
    seasonal, trend : bool
        Whether the terms are in the model.
    trend_p : float
        Of the test of the trend; NaN where there are too few months.
    season_p : float
        Of the test of the season (Wald, four terms together); NaN likewise.
    spread_t : float
        Statistic of the test of too much variance.
    origin : float
        Time, in years, at which the trend is nought.
    """

    family: str
    beta: Floats
    covariance: Floats
    alpha: float
    seasonal: bool
    trend: bool
    trend_p: float
    season_p: float
    spread_t: float
    origin: float

    def betas(self, draws: int, rng: np.random.Generator) -> Floats:
        """Return draws of the coefficients, shape (draws, terms): their uncertainty."""
        return rng.multivariate_normal(self.beta, self.covariance, draws, method="eigh")

    def counts(self, mean: Floats, rng: np.random.Generator) -> Floats:
        """Return draws of counts about their means, as much scattered as the family says."""
        if self.alpha > 0:
            mean = mean * rng.gamma(1 / self.alpha, self.alpha, np.shape(mean))
        return rng.poisson(np.minimum(mean, 1e9)).astype(float)


def design(time: Floats, month: npt.NDArray[np.int64], seasonal: bool, trend: bool) -> Floats:
    """Return the terms of the model, shape (months, terms).

    Parameters
    ----------
    time : ndarray
        Years since the origin of the trend.
    month : ndarray of int
        1 to 12.
    seasonal : bool
        Waves of a year and of half a year.
    trend : bool
        A straight line, on the log scale; the last term.
    """
    columns = [np.ones(len(time))]
    if seasonal:
        angle = 2 * np.pi * (month - 0.5) / 12
        columns += [np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)]
    if trend:
        columns.append(time)
    return np.stack(columns, axis=1)


def fit_counts(
    count: Floats, exposure: Floats, time: Floats, month: npt.NDArray[np.int64]
) -> CountFit:
    """Return the regression of monthly counts.

    Parameters
    ----------
    count : ndarray of float, shape (months,)
    exposure : ndarray of float, shape (months,)
        Above nought: days, times people or children at risk.
    time : ndarray of float, shape (months,)
        In years; the trend is nought at the last.
    month : ndarray of int, shape (months,)

    Returns
    -------
    CountFit
        With the trend where it was found to differ from nought.
    """
    enough = bool(len(count) >= LEAST and count.sum() > 0)
    origin = float(time[-1])
    with_trend = _fitted(count, exposure, design(time - origin, month, enough, enough))
    p = float("nan")
    if enough:
        z = with_trend[1][-1] / np.sqrt(with_trend[2][-1, -1])
        p = float(2 * stats.norm.sf(abs(z)))
    trend = bool(enough and p < LEVEL)
    family, beta, covariance, alpha, t = (
        with_trend
        if trend or not enough
        else _fitted(count, exposure, design(time - origin, month, enough, False))
    )
    season = _together(beta, covariance) if enough else float("nan")
    return CountFit(family, beta, covariance, alpha, enough, trend, p, season, t, origin)


def _together(beta: Floats, covariance: Floats) -> float:
    """Return the p-value that the terms of the season are all nought."""
    at = slice(1, 5)
    square = beta[at] @ np.linalg.solve(covariance[at, at], beta[at])
    return float(stats.chi2.sf(square, 4))


def _fitted(count: Floats, exposure: Floats, x: Floats) -> tuple[str, Floats, Floats, float, float]:
    """Return family, coefficients, covariance, alpha and the statistic that chose the family."""
    # Imported here: it takes a second, and chapters without records never fit.
    import statsmodels.api as sm  # noqa: PLC0415

    if not count.sum():
        # Nothing has come in all these months: half a child, with a wide doubt.
        beta = np.zeros(x.shape[1])
        beta[0] = np.log(0.5 / exposure.sum())
        return "poisson", beta, np.diag(np.r_[2.0, np.zeros(x.shape[1] - 1)]), 0.0, 0.0
    offset = np.log(exposure)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        poisson = sm.GLM(count, x, family=sm.families.Poisson(), offset=offset).fit()
        mu = np.asarray(poisson.mu)
        t = _too_much(count, mu)
        plain = ("poisson", np.asarray(poisson.params), np.asarray(poisson.cov_params()), 0.0, t)
        if t <= stats.norm.ppf(1 - LEVEL):
            return plain
        start = np.append(poisson.params, max(((count - mu) ** 2 - mu).sum() / (mu**2).sum(), 1e-3))
        fit = sm.NegativeBinomial(count, x, offset=offset).fit(
            start_params=start, disp=0, maxiter=200, method="bfgs"
        )
    params, covariance = np.asarray(fit.params), np.asarray(fit.cov_params())
    good = np.isfinite(covariance).all() and (np.diag(covariance) > 0).all() and params[-1] > TINY
    if not good:
        return plain
    return "negative_binomial", params[:-1], covariance[:-1, :-1], float(params[-1]), t


def _too_much(count: Floats, mu: Floats) -> float:
    """Return Cameron and Trivedi's statistic for variance beyond the mean."""
    y = ((count - mu) ** 2 - count) / mu
    slope = (mu * y).sum() / (mu**2).sum()
    error = np.sqrt(((y - slope * mu) ** 2).sum() / max(len(y) - 1, 1) / (mu**2).sum())
    return float(slope / error) if error > 0 else 0.0
