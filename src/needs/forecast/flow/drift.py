"""How rates drift from year to year, and how far they may go.

A local level with a slope on the log scale (Harvey, Forecasting, Structural Time Series
Models and the Kalman Filter, 1989, chapter 2), its noise integrated over a grid: a steady past
puts the weight on no noise, an unsteady one on more. Slopes fade ahead (Gardner and McKenzie,
Management Science 1985, vol. 31, pages 1237-1246).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["NOISE", "Drift", "fit_drift"]

NOISE = np.array([0.0, 0.01, 0.02, 0.03, 0.045, 0.065, 0.09, 0.13, 0.18, 0.25, 0.35])
"""Standard deviations a year that the level may move by, log scale."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Drift:
    """The level of a rate in the last year known, and how it may go on.

    Parameters
    ----------
    weights : ndarray, shape (noises,)
        Probability of each of :data:`NOISE`.
    state : ndarray, shape (noises, 2)
        Mean of level and slope, log scale.
    cov : ndarray, shape (noises, 2, 2)
        Their covariance.
    smooth : ndarray, shape (years,)
        Level of each past year as filtered forward and back by weights, oldest first.
    fade : float
        What is left of the slope after each year.
    """

    weights: Floats
    state: Floats
    cov: Floats
    smooth: Floats
    fade: float

    def draw(self, draws: int, years: int, rng: np.random.Generator) -> Floats:
        """Return log levels of the years ahead, shape (draws, years)."""
        which = rng.choice(len(NOISE), size=draws, p=self.weights)
        root = np.linalg.cholesky(self.cov + 1e-12 * np.eye(2))
        start = self.state[which] + np.einsum(
            "nij,nj->ni", root[which], rng.standard_normal((draws, 2))
        )
        walk = np.cumsum(rng.standard_normal((draws, years)) * NOISE[which, None], axis=1)
        reach = np.cumsum(self.fade ** np.arange(years))
        levels: Floats = start[:, :1] + start[:, 1:] * reach + walk
        return levels

    def mean(self, years: int) -> Floats:
        """Return the mean rate of the years ahead, shape (years,)."""
        reach = np.cumsum(self.fade ** np.arange(years))[:, None]
        at = self.state[:, 0] + self.state[:, 1] * reach
        spread = (
            self.cov[:, 0, 0]
            + 2 * reach * self.cov[:, 0, 1]
            + reach**2 * self.cov[:, 1, 1]
            + NOISE**2 * np.arange(1, years + 1)[:, None]
        )
        mean: Floats = np.exp(at + spread / 2) @ self.weights
        return mean


def fit_drift(log: Floats, variance: Floats, noise: float, slope: float, fade: float) -> Drift:
    """Fit a level that drifts to one log rate a year.

    Parameters
    ----------
    log, variance : ndarray, shape (years,)
        Log rates, oldest first, and the variances that chance alone gives them.
    noise : float
        Mean of the exponential prior of the noise.
    slope : float
        Standard deviation of the prior of the slope, a year; none where 0.
    fade : float
        What is left of the slope after each year ahead.
    """
    prior = -NOISE / noise
    likelihood = np.zeros(len(NOISE))
    state = np.tile([log[0], 0.0], (len(NOISE), 1))
    cov = np.tile(np.diag([variance[0], slope**2]), (len(NOISE), 1, 1))
    step = np.array([[1.0, 1.0], [0.0, 1.0]])
    for y, r in zip(log[1:], variance[1:], strict=True):
        state = state @ step.T
        cov = step @ cov @ step.T
        cov[:, 0, 0] += NOISE**2
        total = cov[:, 0, 0] + r
        miss = y - state[:, 0]
        likelihood -= 0.5 * (np.log(total) + miss**2 / total)
        gain = cov[:, :, 0] / total[:, None]
        state = state + gain * miss[:, None]
        cov = cov - gain[:, :, None] * cov[:, 0, :][:, None, :]
    weights = np.exp(prior + likelihood - (prior + likelihood).max())
    # The grid is finer near nought: weigh by the width that each point stands for.
    weights *= np.gradient(NOISE)
    weights /= weights.sum()
    return Drift(weights, state, cov, _smooth(log, variance, weights), fade)


def _smooth(log: Floats, variance: Floats, weights: Floats) -> Floats:
    """Return past levels: each year's rate, shrunk to its neighbours by the likely noise."""
    noise = float(np.sqrt(weights @ NOISE**2))
    n = len(log)
    difference = np.diff(np.eye(n), axis=0)
    pull = np.diag(1 / variance) + difference.T @ difference / max(noise**2, 1e-6)
    smooth: Floats = np.linalg.solve(pull, log / variance)
    return smooth
