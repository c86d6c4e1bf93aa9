"""Rates of leaving and moving: pooled, so that thin cells borrow strength.

A Poisson model with main effects (Holford, Biometrics 1980, vol. 36, pages 299-305: a
piecewise-exponential hazard is a Poisson regression of events with time at risk as offset)
gives each cell the rate that its row, age and duration suggest. Around it a cell has a gamma
rate of its own, whose strength is found by the marginal likelihood (Clayton and Kaldor,
Biometrics 1987, vol. 43, pages 671-681).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.special import gammaln

__all__ = ["Rates", "fit_rates"]

STRENGTHS = np.array([2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0])
"""Events that the main effects may be worth in a cell."""
RIDGE = 1.0
"""Precision of an effect on the log scale: most types differ by a factor of less than seven."""
ROUNDS = 25

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Rates:
    """Rates a year by cell, as a distribution.

    Parameters
    ----------
    effects : ndarray, shape (effects,)
        Fitted main effects, log scale; the level first.
    root : ndarray, shape (effects, effects)
        Lower Cholesky root of their covariance.
    strength : float
        Events that the main effects count for in each cell.
    events, at_risk : ndarray, shape (cells,)
        What was seen.
    design : ndarray, shape (cells, effects)
    """

    effects: Floats
    root: Floats
    strength: float
    events: Floats
    at_risk: Floats
    design: Floats

    def at_known_level(self) -> Rates:
        """Return these rates given the events that they bring about in all.

        For rates whose level drifts: what is not known of the level is the drift's to tell, and
        would count twice.

        Notes
        -----
        A normal distribution given a weighted sum of its numbers.
        """
        expected = self.at_risk * np.exp(self.design @ self.effects)
        weight = expected @ self.design / max(expected.sum(), 1e-12)
        cov = self.root @ self.root.T
        shared = cov @ weight
        cov -= np.outer(shared, shared) / max(weight @ shared, 1e-300)
        root: Floats = np.linalg.cholesky(cov + 1e-10 * np.eye(len(cov))).astype(float)
        return replace(self, root=root)

    def even(self) -> Rates:
        """Return these rates with logarithms that are right on average.

        Who is in care goes with how long children stay, and that with one over the rate: rates
        that are right on average, each estimated from so few events, make it too many. Half of
        what each cell adds to the number of effects, its leverage, is added to its events
        (Firth, Biometrika 1993, vol. 80, pages 27-38). Then some three years ahead the number of
        children is right on average: next year it still hangs on the rate, later on its inverse.
        It is a first term of a series in one over the events: of fewer of them than there are
        effects it says nothing.
        """
        if self.events.sum() < len(self.effects):
            return self
        expected = self.at_risk * np.exp(self.design @ self.effects)
        half = expected * ((self.design @ self.root) ** 2).sum(axis=1) / 2
        raised = self.root @ (self.root.T @ (half @ self.design))
        return replace(self, effects=self.effects + raised, events=self.events + half)

    def mean(self) -> Floats:
        """Return the mean rate of each cell."""
        prior = np.exp(self.design @ self.effects)
        mean: Floats = (self.strength + self.events) / (self.strength / prior + self.at_risk)
        return mean

    def draw(self, draws: int, rng: np.random.Generator) -> npt.NDArray[np.float32]:
        """Return draws of the rates, shape (draws, cells).

        Notes
        -----
        A gamma number is a cubed normal one, as near as matters where it counts two events or
        more: mean and variance are right to a thousandth (Wilson and Hilferty, Proceedings of
        the National Academy of Sciences 1931, vol. 17, pages 684-688).
        """
        noise = rng.standard_normal((draws, len(self.effects)), dtype=np.float32)
        # No matrix product: its own threads would stand in the way of those that call this.
        effects = np.einsum("de,fe->df", noise, -self.root.astype(np.float32))
        effects -= self.effects.astype(np.float32)
        # Few of the effects hold in a cell.
        few = csr_array(self.design.astype(np.float32))
        scale: npt.NDArray[np.float32] = np.ascontiguousarray((few @ effects.T).T)
        np.exp(scale, out=scale)
        scale *= np.float32(self.strength)
        scale += self.at_risk.astype(np.float32)
        shape = (self.strength + self.events).astype(np.float32)
        rates: npt.NDArray[np.float32] = rng.standard_normal(scale.shape, dtype=np.float32)
        rates *= 1 / (3 * np.sqrt(shape))
        rates += 1 - 1 / (9 * shape)
        np.fmax(rates, np.float32(0), out=rates)
        rates *= rates * rates
        rates *= shape
        rates /= scale
        return rates


def fit_rates(events: Floats, at_risk: Floats, design: Floats) -> Rates:
    """Fit rates to events over time at risk.

    Parameters
    ----------
    events, at_risk : ndarray, shape (cells,)
        Events, and child-years; cells with neither take the rate of the main effects.
    design : ndarray, shape (cells, effects)
        Main effects; the first column is one.
    """
    used = at_risk > 0
    x, y, t = design[used], events[used], at_risk[used]
    precision = RIDGE * np.eye(design.shape[1])
    precision[0, 0] = 1e-3
    apart = precision.copy()
    apart[0, 0] = 0.0
    beta = np.zeros(design.shape[1])
    beta[0] = np.log((y.sum() + 0.5) / (t.sum() + 1.0))
    hessian = precision
    for _ in range(ROUNDS):
        mu = t * np.exp(x @ beta)
        hessian = (x.T * mu) @ x + precision
        score = x.T @ (y - mu) - apart @ beta
        step = np.linalg.solve(hessian, score)
        beta = beta + np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-8:
            break
    mu = t * np.exp(x @ beta)
    strength = float(STRENGTHS[np.argmax([_marginal(y, mu, k) for k in STRENGTHS])])
    root: Floats = np.linalg.cholesky(np.linalg.inv(hessian)).astype(float)
    return Rates(beta, root, strength, events, at_risk, design)


def _marginal(y: Floats, mu: Floats, k: float) -> float:
    """Return the log likelihood of counts with mean ``mu`` and gamma rates of shape ``k``."""
    terms = gammaln(k + y) - gammaln(k) + k * np.log(k / (k + mu)) + y * np.log(mu / (k + mu))
    return float(terms.sum())
