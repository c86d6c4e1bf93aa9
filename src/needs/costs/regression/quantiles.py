"""Quantile regression: what the middle price and the dear end answer to.

The fit is the interior point method of Portnoy and Koenker (Statistical Science 1997, vol. 12,
pages 279-300): a few weighted least squares, exact to a relative gap, in little memory, where the
usual program reweighs for hundreds of rounds. ``statsmodels`` takes ``cov_type="cluster"`` and
silently returns other errors, so that errors here are a bootstrap of clusters: the gradient of
each provider is drawn with a random sign (the wild gradient bootstrap of Hagemann, Journal of the
American Statistical Association 2017, vol. 112, pages 446-456) and taken back to coefficients in
one step (the score bootstrap of Kline and Santos, Journal of Econometric Methods 2012, vol. 1,
pages 23-41), which spares a fit for each draw. The step rests on Powell's estimate of the density
at the quantile (Koenker, Quantile Regression, 2005, section 3.4). Gradients are corrected for the
leverage of their cluster, and intervals take Satterthwaite's degrees of freedom.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.costs.regression.clusters import Floats, cluster_errors, clusters_of
from needs.vocabulary.errors import ModelError

__all__ = ["QuantileFit", "fit_quantile", "solve"]

_STEPS = 60
_CLOSED = 1e-9
"""Gap between the two bounds of the solution, as a share of it, that ends the climb."""
_NEAR = 0.99995
"""Share of the way to the boundary that a step may go."""


@dataclass(frozen=True)
class QuantileFit:
    """A fitted quantile.

    Attributes
    ----------
    quantile : float
    params : pandas.Series
        Effects in pounds, by column of the design.
    draws : numpy.ndarray
        Coefficients less ``params`` in each draw of the bootstrap, shape (draws, columns).
    dof : pandas.Series
        Degrees of freedom of each effect.
    """

    quantile: float
    params: pd.Series
    draws: Floats
    dof: pd.Series

    def interval(self, level: float = 0.95) -> pd.DataFrame:
        """Return effects with their interval: ``effect``, ``lower``, ``upper`` (pounds)."""
        from scipy import stats  # noqa: PLC0415 - slow

        error = np.sqrt((self.draws**2).mean(axis=0))
        reach = stats.t.ppf((1 + level) / 2, self.dof.to_numpy()) * error
        return pd.DataFrame(
            {"effect": self.params, "lower": self.params - reach, "upper": self.params + reach}
        )


def fit_quantile(
    price: npt.ArrayLike,
    design: pd.DataFrame,
    cluster: npt.ArrayLike,
    quantile: float,
    *,
    rng: np.random.Generator,
    draws: int = 999,
) -> QuantileFit:
    """Return the regression of a quantile of prices on a design, with a cluster bootstrap.

    Parameters
    ----------
    price : array of float, shape (rows,)
    design : pandas.DataFrame, shape (rows, columns)
        Columns of the design, a constant among them.
    cluster : array, shape (rows,)
        Which rows belong together.
    quantile : float
        Between nought and one.
    rng : numpy.random.Generator
    draws : int
        Draws of the bootstrap.
    """
    y, x = np.asarray(price, dtype=float), design.to_numpy(dtype=float)
    code = clusters_of(cluster)
    if code.max(initial=-1) < 2:
        raise ModelError("fewer than three providers: their differences cannot be told from chance")
    params = solve(y, x, quantile)
    left = y - x @ params
    density = _density(left, quantile, x.shape[1])
    # As working residuals: rows weigh by their density, and the gradient is what is left over.
    weight = np.maximum(density, 1e-3 * density.max())
    score = (quantile - (left < 0)) / weight
    errors = cluster_errors(x, score, code, weight)
    signs = rng.choice(np.array([-1.0, 1.0]), size=(draws, len(errors.scores)))
    names = [str(c) for c in design]
    return QuantileFit(
        quantile=quantile,
        params=pd.Series(params, names),
        draws=signs @ errors.scores @ errors.bread,
        dof=pd.Series(errors.freedom(), names),
    )


def _density(left: Floats, quantile: float, columns: int) -> Floats:
    """Return the density at the quantile of each row: uniform within Hall and Sheather's reach."""
    from scipy import stats  # noqa: PLC0415 - slow

    n = len(left)
    z = stats.norm.ppf(quantile)
    reach = n ** (-1 / 3) * stats.norm.ppf(0.975) ** (2 / 3)
    reach *= (1.5 * stats.norm.pdf(z) ** 2 / (2 * z**2 + 1)) ** (1 / 3)
    reach = min(reach, 0.8 * min(quantile, 1 - quantile))
    spread = min(np.std(left), np.subtract(*np.percentile(left, [75, 25])) / 1.34)
    wide = spread * (stats.norm.ppf(quantile + reach) - stats.norm.ppf(quantile - reach))
    wide = max(wide, np.sort(np.abs(left))[min(2 * columns, n - 1)])
    # A smooth kernel of the same spread: with few rows the uniform one jumps from row to row.
    wide = wide / np.sqrt(3)
    out: Floats = stats.norm.pdf(left / wide) / wide
    return out


def solve(y: Floats, x: Floats, quantile: float) -> Floats:
    """Return the coefficients of a quantile regression.

    Parameters
    ----------
    y : array of float, shape (rows,)
    x : array of float, shape (rows, columns)
    quantile : float

    Raises
    ------
    ModelError
        When the gap between the two bounds of the solution does not close.
    """
    # max y'a subject to x'a = (1 - quantile) x'1, 0 <= a <= 1: a log barrier on the dual.
    unit = np.abs(y).max()
    c = -y / (unit if unit > 0 else 1.0)
    scale = np.abs(x).max(axis=0)
    x = x / scale
    a = np.full(len(y), 1 - quantile)
    s = 1 - a
    b = x.T @ a
    beta = np.linalg.lstsq(x, c, rcond=None)[0].astype(np.float64)
    r = c - x @ beta
    r = np.where(r == 0, 1e-6, r)
    z, w = np.where(r > 0, r, 0.0), np.where(r > 0, 0.0, -r)
    low = max(1e-3 * np.abs(r).mean(), 1e-12)
    z, w = z + low, w + low
    gap = np.inf
    # Near a corner that many rows share, the last step may have no solution: it is not needed.
    with suppress(np.linalg.LinAlgError):
        for _ in range(_STEPS):
            gap = (c @ a - b @ beta + w.sum()) / (1 + abs(b @ beta))
            if gap < _CLOSED:
                break
            a, s, z, w, beta = _stepped(x, c, a, s, z, w, beta)
    if gap > 100 * _CLOSED:
        raise ModelError("the quantile regression of prices did not converge")
    out: Floats = -beta * unit / scale
    return out


def _stepped(
    x: Floats, c: Floats, a: Floats, s: Floats, z: Floats, w: Floats, beta: Floats
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return one step of Mehrotra's predictor and corrector."""
    q = 1 / (z / a + w / s)
    r = z - w
    xq = x * q[:, None]
    normal = np.linalg.cholesky(x.T @ xq)
    left = c - x @ beta - r

    def direction(target: Floats) -> tuple[Floats, Floats]:
        # x'da = 0 keeps the constraint; da = q (x db - target).
        db = np.linalg.solve(normal.T, np.linalg.solve(normal, xq.T @ target))
        return db, q * (x @ db - target)

    db, da = direction(left + r)
    ds = -da
    dz, dw = -z - z * da / a, -w - w * ds / s
    primal, dual = _reach(a, da, s, ds), _reach(z, dz, w, dw)
    mu = a @ z + s @ w
    after = (a + primal * da) @ (z + dual * dz) + (s + primal * ds) @ (w + dual * dw)
    centre = (after / mu) ** 3 * mu / (2 * len(a))
    first, second = da * dz, ds * dw
    db, da = direction(left + r - centre * (1 / a - 1 / s) + first / a - second / s)
    ds = -da
    dz = -z + (centre - z * da - first) / a
    dw = -w + (centre - w * ds - second) / s
    primal, dual = _reach(a, da, s, ds), _reach(z, dz, w, dw)
    return (
        a + primal * da,
        s + primal * ds,
        z + dual * dz,
        w + dual * dw,
        beta + dual * db,
    )


def _reach(first: Floats, step: Floats, second: Floats, other: Floats) -> float:
    """Return how far both may go and stay above nought."""
    found = 1.0 / _NEAR
    for now, change in ((first, step), (second, other)):
        falls = change < 0
        if falls.any():
            found = min(found, float((-now[falls] / change[falls]).min()))
    return min(1.0, _NEAR * found)
