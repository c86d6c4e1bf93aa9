"""What drives the price of a week: a gamma regression with a log link, honest with few providers.

Prices are right-skewed and their spread grows with their mean, which a gamma family with a log
link says (Manning and Mullahy, Journal of Health Economics 2001, vol. 20, pages 461-494).
Placements of one provider are alike, so that errors are those of clusters. The usual ones are
too small where clusters are few; these correct the residuals of each cluster for its leverage
(CR2: Bell and McCaffrey, Survey Methodology 2002, vol. 28, pages 169-181) and take their degrees
of freedom from Satterthwaite's approximation (Pustejovsky and Tipton, Journal of Business and
Economic Statistics 2018, vol. 36, pages 672-683). With a log link the gamma family weighs all
rows alike, so that both follow from working residuals as in ordinary regression.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.vocabulary.errors import ModelError

__all__ = ["GammaFit", "fit_gamma"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class GammaFit:
    """A fitted regression of prices.

    Attributes
    ----------
    params : pandas.Series
        Effects on the logarithm of the price, by column of the design.
    cov : numpy.ndarray
        Their covariance, corrected for few clusters, shape (columns, columns).
    dof : pandas.Series
        Degrees of freedom of each effect: far fewer than clusters, where few tell of it.
    clusters_n : int
        Clusters of rows.
    effective_n : float
        How many clusters of equal size would weigh as these do: rows squared over the sum of
        squared cluster sizes (Kish, Survey Sampling, 1965, section 5.4).
    shape : float
        Gamma shape, the reciprocal of Pearson's dispersion.
    mean : numpy.ndarray
        Fitted price of each row, pounds a week.
    """

    params: pd.Series
    cov: Floats
    dof: pd.Series
    clusters_n: int
    effective_n: float
    shape: float
    mean: Floats

    def interval(self, level: float = 0.95) -> pd.DataFrame:
        """Return effects with their interval: ``effect``, ``lower``, ``upper`` (logarithms)."""
        from scipy import stats  # noqa: PLC0415 - slow

        error = np.sqrt(np.diag(self.cov))
        reach = stats.t.ppf((1 + level) / 2, self.dof.to_numpy()) * error
        return pd.DataFrame(
            {"effect": self.params, "lower": self.params - reach, "upper": self.params + reach}
        )

    def pounds(self, level: float = 0.95) -> pd.DataFrame:
        """Return mean effects in pounds a week over the rows, with their interval.

        The effect of a yes-or-no column is that of yes against no, all else as each row has it.
        """
        found = self.interval(level)
        return pd.DataFrame({k: self._rise(found[k].to_numpy()) for k in found}, index=found.index)

    def _rise(self, effect: Floats) -> Floats:
        return np.expm1(effect) * self._base

    @property
    def _base(self) -> Floats:
        return np.array(self._bases.reindex(self.params.index), dtype=float)

    _bases: pd.Series


def fit_gamma(price: npt.ArrayLike, design: pd.DataFrame, cluster: npt.ArrayLike) -> GammaFit:
    """Return the regression of prices on a design.

    Parameters
    ----------
    price : array of float, shape (rows,)
        Pounds a week, above nought.
    design : pandas.DataFrame, shape (rows, columns)
        Columns of the design, a constant among them.
    cluster : array, shape (rows,)
        Which rows belong together.

    Raises
    ------
    ModelError
        When a price is not above nought, a column follows from the others, rows are not more
        than columns, there are fewer than three clusters, or the climb does not end.
    """
    import statsmodels.api as sm  # noqa: PLC0415 - slow

    y, x = np.asarray(price, dtype=float), design.to_numpy(dtype=float)
    code = pd.factorize(np.asarray(cluster), sort=True)[0].astype(np.int64)
    _refuse(y, x, code)
    fitted = sm.GLM(y, x, family=sm.families.Gamma(sm.families.links.Log())).fit(
        tol=1e-10, maxiter=200
    )
    if not fitted.converged:
        raise ModelError("the regression of prices did not converge")
    mean = np.asarray(fitted.fittedvalues, dtype=float)
    cov, dof = _few_clusters(x, (y - mean) / mean, code)
    sizes = np.bincount(code).astype(float)
    names = [str(c) for c in design]
    bases = [float(np.mean(mean / np.exp(x[:, k] * fitted.params[k]))) for k in range(len(names))]
    return GammaFit(
        params=pd.Series(np.asarray(fitted.params), names),
        cov=cov,
        dof=pd.Series(dof, names),
        clusters_n=len(sizes),
        effective_n=float(sizes.sum() ** 2 / (sizes**2).sum()),
        shape=float(1 / (fitted.pearson_chi2 / fitted.df_resid)),
        mean=mean,
        _bases=pd.Series(bases, names),
    )


def _refuse(y: Floats, x: Floats, code: Ints) -> None:
    if not (np.isfinite(y).all() and (y > 0).all()):
        raise ModelError("a price is not above nought: leave corrections and free weeks out")
    if len(y) <= x.shape[1] or np.linalg.matrix_rank(x) < x.shape[1]:
        raise ModelError(
            "the design has more columns than rows tell apart: leave out what follows from others"
        )
    if code.max(initial=-1) < 2:
        raise ModelError("fewer than three providers: their differences cannot be told from chance")


def _few_clusters(x: Floats, residual: Floats, code: Ints) -> tuple[Floats, Floats]:
    """Return the CR2 covariance and Satterthwaite's degrees of freedom of each column."""
    bread = np.linalg.inv(x.T @ x)
    order = np.argsort(code, kind="stable")
    x, residual = x[order], residual[order]
    edges = np.append(np.flatnonzero(np.diff(code[order], prepend=-1)), len(code))
    n, p = len(edges) - 1, x.shape[1]
    score, own, cross = np.empty((n, p)), np.empty((n, p)), np.empty((n, p, p))
    for g in range(n):
        rows, e = x[edges[g] : edges[g + 1]], residual[edges[g] : edges[g + 1]]
        # (I - H)^(-1/2) of a cluster through its few columns: H = Q (R B R') Q'.
        q, r = np.linalg.qr(rows)
        values, vectors = np.linalg.eigh(r @ bread @ r.T)
        lever = np.clip(1 - values, 0, None)
        stretch = np.where(lever > 1e-8, 1 / np.sqrt(np.maximum(lever, 1e-8)), 0.0) - 1
        turn = q @ vectors
        adjusted = rows + turn @ (stretch[:, None] * (turn.T @ rows))
        score[g] = adjusted.T @ e
        weighed = adjusted @ bread
        own[g] = (weighed**2).sum(axis=0)
        cross[g] = rows.T @ weighed
    meat = score.T @ score
    dof = np.empty(p)
    for k in range(p):
        # p_g'p_h of the quadratic form under independent errors, all clusters with all.
        among = -cross[:, :, k] @ bread @ cross[:, :, k].T
        among[np.diag_indices(n)] += own[:, k]
        dof[k] = np.trace(among) ** 2 / (among**2).sum()
    return bread @ meat @ bread, dof
