"""How rates drift from year to year, and how far they may go.

A local level with a slope on the log scale (Harvey, Forecasting, Structural Time Series
Models and the Kalman Filter, 1989, chapter 2), averaged over what may have moved it: nothing;
a noise every year, over a grid; or one break in one year (Carlin, Gelfand and Smith, Applied
Statistics 1992, vol. 41, pages 389-405), each with and without a slope. A steady past puts the
weight on nothing, an unsteady one on noise, a step on the year it came. Slopes fade ahead
(Gardner and McKenzie, Management Science 1985, vol. 31, pages 1237-1246).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["NOISE", "Drift", "Prior", "fit_counts", "fit_drift"]

NOISE = np.array([0.0, 0.01, 0.02, 0.03, 0.045, 0.065, 0.09, 0.13, 0.18, 0.25, 0.35])
"""Standard deviations a year that the level may move by, log scale."""

UNLIKELY = 1e-4
"""Weight of a way that past levels are not told by."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Prior:
    """What is held of a rate before its past is looked at.

    Parameters
    ----------
    steady, broken : float
        Chances that it never moved, and that it moved once; noise has what is left.
    noise : float
        Mean of the exponential prior of the noise, a year on the log scale.
    jump : float
        Standard deviation of a break, log scale.
    sloped : float
        Chance of a slope.
    slope : float
        Standard deviation of the slope, a year.
    fade : float
        What is left of the slope after each year ahead.
    shared : float
        Chance that the slope is that of a larger stream, where one is known.
    """

    steady: float
    broken: float
    noise: float
    jump: float
    sloped: float
    slope: float
    fade: float
    shared: float = 0.0


@dataclass(frozen=True, eq=False)
class Drift:
    """The level of a rate in the last year known, and how it may go on.

    Parameters
    ----------
    weights : ndarray, shape (ways,)
        Probability of each way in which the rate may have moved.
    noise : ndarray, shape (ways,)
        Standard deviations a year by which it goes on moving, log scale.
    state : ndarray, shape (ways, 2)
        Mean of level and slope, log scale.
    cov : ndarray, shape (ways, 2, 2)
        Their covariance.
    smooth : ndarray, shape (years,)
        Level of each past year, knowing all of them, oldest first.
    fade : float
        What is left of the slope after each year.
    """

    weights: Floats
    noise: Floats
    state: Floats
    cov: Floats
    smooth: Floats
    fade: float

    def draw(self, draws: int, years: int, rng: np.random.Generator) -> Floats:
        """Return log levels of the years ahead, shape (draws, years)."""
        which = rng.choice(len(self.noise), size=draws, p=self.weights)
        root = np.linalg.cholesky(self.cov + 1e-12 * np.eye(2))
        start = self.state[which] + np.einsum(
            "nij,nj->ni", root[which], rng.standard_normal((draws, 2))
        )
        walk = np.cumsum(rng.standard_normal((draws, years)) * self.noise[which, None], axis=1)
        reach = np.cumsum(self.fade ** np.arange(years))
        levels: Floats = start[:, :1] + start[:, 1:] * reach + walk
        return levels

    def slope(self) -> tuple[float, float]:
        """Return mean and standard deviation of the slope, a year on the log scale."""
        mean = self.weights @ self.state[:, 1]
        square = self.weights @ (self.state[:, 1] ** 2 + self.cov[:, 1, 1])
        return float(mean), float(np.sqrt(max(float(square - mean**2), 0.0)))

    def mean(self, years: int) -> Floats:
        """Return the mean rate of the years ahead, shape (years,)."""
        reach = np.cumsum(self.fade ** np.arange(years))[:, None]
        at = self.state[:, 0] + self.state[:, 1] * reach
        spread = (
            self.cov[:, 0, 0]
            + 2 * reach * self.cov[:, 0, 1]
            + reach**2 * self.cov[:, 1, 1]
            + self.noise**2 * np.arange(1, years + 1)[:, None]
        )
        mean: Floats = np.exp(at + spread / 2) @ self.weights
        return mean


def fit_counts(
    seen: Floats, dispersion: float, prior: Prior, slope: tuple[float, float] | None = None
) -> Drift:
    """Fit a level that may drift to one count a year.

    Parameters
    ----------
    seen : ndarray, shape (years,)
        Counts, oldest first.
    dispersion : float
        Variance over mean that chance alone gives them.
    prior : Prior
    slope : tuple of float, optional
        As for :func:`fit_drift`.

    Notes
    -----
    The variance of a log count is that of its level, not of the count itself: a year in which
    few came by chance would else count for less, and the level would be found too high, by half
    a child a year.
    """
    log = np.log(seen + 0.5)
    drift = fit_drift(log, dispersion / (seen + 0.5), prior, slope)
    for _ in range(2):
        drift = fit_drift(log, dispersion / (np.exp(drift.smooth) + 0.5), prior, slope)
    return drift


def fit_drift(
    log: Floats, variance: Floats, prior: Prior, slope: tuple[float, float] | None = None
) -> Drift:
    """Fit a level that may drift to one log rate a year.

    Parameters
    ----------
    log, variance : ndarray, shape (years,)
        Log rates, oldest first, and the variances that chance alone gives them.
    prior : Prior
    slope : tuple of float, optional
        Mean and standard deviation of the slope of a larger stream.
    """
    moves, ahead, slopes, weights = _ways(len(log), prior, slope)
    state = np.column_stack([np.full(len(weights), log[0]), slopes[:, 0]])
    cov = np.zeros((len(weights), 2, 2))
    cov[:, 0, 0], cov[:, 1, 1] = variance[0], slopes[:, 1] ** 2
    step = np.array([[1.0, 1.0], [0.0, 1.0]])
    fit = np.log(weights)
    for moved, y, r in zip(moves.T, log[1:], variance[1:], strict=True):
        state = state @ step.T
        cov = step @ cov @ step.T
        cov[:, 0, 0] += moved
        total = cov[:, 0, 0] + r
        miss = y - state[:, 0]
        fit -= 0.5 * (np.log(total) + miss**2 / total)
        gain = cov[:, :, 0] / total[:, None]
        state = state + gain * miss[:, None]
        cov = cov - gain[:, :, None] * cov[:, 0, :][:, None, :]
    weights = np.exp(fit - fit.max())
    weights /= weights.sum()
    smooth = _smooth(log, variance, (moves, slopes), weights)
    return Drift(weights, ahead, state, cov, smooth, prior.fade)


def _ways(
    years: int, prior: Prior, slope: tuple[float, float] | None
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return variances of past moves, noise ahead, slopes and prior weights of every way.

    Slopes are a mean and a standard deviation each.
    """
    steps = max(years - 1, 0)
    # The grid is finer near nought: weigh by the width that each point stands for.
    noisy = (np.exp(-NOISE / prior.noise) * np.gradient(NOISE))[1:]
    noisy *= (1 - prior.steady - prior.broken * (steps > 0)) / noisy.sum()
    moves = [np.repeat(NOISE[:, None] ** 2, steps, axis=1), prior.jump**2 * np.eye(steps)]
    ahead = np.append(NOISE, np.zeros(steps))
    weights = np.concatenate([[prior.steady], noisy, np.full(steps, prior.broken / max(steps, 1))])
    once = np.concatenate(moves)
    shared = prior.shared if slope else 0.0
    kinds = [(0.0, 0.0, 1 - prior.sloped - shared), (0.0, prior.slope, prior.sloped)]
    kinds += [(*(slope or (0.0, 0.0)), shared)]
    kinds = [k for k in kinds if k[2] > 0]
    return (
        np.tile(once, (len(kinds), 1)),
        np.tile(ahead, len(kinds)),
        np.repeat([k[:2] for k in kinds], len(ahead), axis=0),
        np.concatenate([weights * k[2] for k in kinds]),
    )


def _smooth(log: Floats, variance: Floats, ways: tuple[Floats, Floats], weights: Floats) -> Floats:
    """Return past levels: each year's rate, drawn to its neighbours as far as they moved."""
    likely = weights > UNLIKELY
    moves, slopes = (x[likely] for x in ways)
    difference = np.diff(np.eye(len(log)), axis=0)
    # A slope moves all years alike.
    spread = np.maximum(moves, 1e-7)[:, :, None] * np.eye(len(difference))
    stiff = np.linalg.inv(spread + (slopes[:, 1] ** 2)[:, None, None])
    held = difference.T @ stiff
    pull = held @ difference + np.diag(1 / variance)
    drawn = log / variance + held.sum(axis=2) * slopes[:, :1]
    each = np.linalg.solve(pull, drawn[:, :, None])[:, :, 0]
    smooth: Floats = weights[likely] @ each / weights[likely].sum()
    return smooth
