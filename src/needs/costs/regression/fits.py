"""What drives the price of a week: regressions with a log link, honest with few providers.

Prices are right-skewed and their spread grows with their mean, which a gamma family with a log
link says (Manning and Mullahy, Journal of Health Economics 2001, vol. 20, pages 461-494). Other
families say that the spread grows otherwise; the logarithm of the price on the same design is the
older way, turned back into pounds by smearing (Duan, Journal of the American Statistical
Association 1983, vol. 78, pages 605-610), with a factor that may change along the fitted price
where the spread of logarithms does (Manning, Journal of Health Economics 1998, vol. 17, pages
283-295).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.costs.regression.clusters import ClusterErrors, Floats, Ints, cluster_errors, clusters_of
from needs.vocabulary.errors import ModelError

__all__ = ["FAMILIES", "GAMMA", "LOG_OLS", "PriceFit", "fit_prices"]

GAMMA, LOG_OLS = "gamma", "log_ols"
FAMILIES: Mapping[str, float] = MappingProxyType(
    {"gaussian": 0.0, "poisson": 1.0, GAMMA: 2.0, "inverse_gaussian": 3.0}
)
"""Families by the power of the mean that their variance grows with."""
_GLM = {  # as statsmodels calls them
    "gaussian": "Gaussian",
    "poisson": "Poisson",
    GAMMA: "Gamma",
    "inverse_gaussian": "InverseGaussian",
}


@dataclass(frozen=True)
class PriceFit:
    """A fitted regression of prices.

    Attributes
    ----------
    family : str
        A key of :data:`FAMILIES`, or ``log_ols``.
    params : pandas.Series
        Effects on the logarithm of the price, by column of the design.
    errors : ClusterErrors
        What the providers say of their errors.
    dispersion : float
        Pearson's, of the family; the residual variance of logarithms for ``log_ols``.
    mean : numpy.ndarray
        Fitted price of each row, pounds a week.
    residual : numpy.ndarray
        What the regression leaves of each row, as a share of the fitted price; of the logarithm
        for ``log_ols``.
    weight : numpy.ndarray
        Weight of each row in the fit.
    code : numpy.ndarray
        Cluster of each row.
    smear : tuple of float
        Factor that turns a fitted logarithm into a price, and its slope along that logarithm from
        ``centre`` on; one and nought for a generalised linear model.
    centre : float
        The mean fitted logarithm.
    """

    family: str
    params: pd.Series
    errors: ClusterErrors
    dispersion: float
    mean: Floats
    residual: Floats
    weight: Floats
    code: Ints
    smear: tuple[float, float] = (1.0, 0.0)
    centre: float = 0.0

    @property
    def clusters_n(self) -> int:
        """Clusters of rows."""
        return int(self.code.max()) + 1

    @property
    def effective_n(self) -> float:
        """How many clusters of equal size would weigh as these do.

        Rows squared over the sum of squared cluster sizes (Kish, Survey Sampling, 1965,
        section 5.4).
        """
        sizes = np.bincount(self.code).astype(float)
        return float(sizes.sum() ** 2 / (sizes**2).sum())

    @property
    def dof(self) -> pd.Series:
        """Degrees of freedom of each effect: far fewer than clusters, where few tell of it."""
        return pd.Series(self.errors.freedom(), self.params.index)

    def interval(self, level: float = 0.95) -> pd.DataFrame:
        """Return effects with their interval: ``effect``, ``lower``, ``upper`` (logarithms)."""
        from scipy import stats  # noqa: PLC0415 - slow

        error = np.sqrt(np.diag(self.errors.cov))
        reach = stats.t.ppf((1 + level) / 2, self.dof.to_numpy()) * error
        return pd.DataFrame(
            {"effect": self.params, "lower": self.params - reach, "upper": self.params + reach}
        )

    def p_value(self, column: str) -> float:
        """Return how often chance alone would show as much of a column as is shown."""
        from scipy import stats  # noqa: PLC0415 - slow

        at = self.params.index.get_loc(column)
        error = np.sqrt(self.errors.cov[at, at])
        return float(2 * stats.t.sf(abs(self.params[column]) / error, self.dof[column]))

    def predict(self, design: pd.DataFrame) -> Floats:
        """Return the expected price of rows of a design, pounds a week."""
        linear = design.to_numpy(dtype=float) @ self.params.to_numpy()
        out: Floats = np.exp(linear) * (self.smear[0] + self.smear[1] * (linear - self.centre))
        return out


def fit_prices(
    price: npt.ArrayLike, design: pd.DataFrame, cluster: npt.ArrayLike, family: str = GAMMA
) -> PriceFit:
    """Return the regression of prices on a design.

    Parameters
    ----------
    price : array of float, shape (rows,)
        Pounds a week, above nought.
    design : pandas.DataFrame, shape (rows, columns)
        Columns of the design, a constant among them.
    cluster : array, shape (rows,)
        Which rows belong together.
    family : str
        A key of :data:`FAMILIES`, or ``log_ols``.

    Raises
    ------
    ModelError
        When a price is not above nought, a column follows from the others, rows are not more
        than columns, there are fewer than three clusters, or the climb does not end.
    """
    import statsmodels.api as sm  # noqa: PLC0415 - slow

    y, x = np.asarray(price, dtype=float), design.to_numpy(dtype=float)
    code = clusters_of(cluster)
    _refuse(y, x, code)
    if family == LOG_OLS:
        return _log_ols(y, design, code)
    # In units of the mean price: far prices would stop the climb of some families.
    unit = y.mean()
    link = sm.families.links.Log()
    fitted = sm.GLM(y / unit, x, family=getattr(sm.families, _GLM[family])(link)).fit(
        tol=1e-10, maxiter=200
    )
    if not fitted.converged:
        raise ModelError("the regression of prices did not converge")
    params = np.asarray(fitted.params, dtype=float)
    relative = np.asarray(fitted.fittedvalues, dtype=float)
    residual = (y / unit - relative) / relative
    weight = relative ** (2 - FAMILIES[family])
    # The constant column, whatever its place, takes the unit back.
    params = params + np.linalg.lstsq(x, np.full(len(y), np.log(unit)), rcond=None)[0]
    return PriceFit(
        family=family,
        params=pd.Series(params, [str(c) for c in design]),
        errors=cluster_errors(x, residual, code, weight),
        dispersion=float((weight * residual**2).sum() / (len(y) - x.shape[1])),
        mean=relative * unit,
        residual=residual,
        weight=weight,
        code=code,
    )


def _log_ols(y: Floats, design: pd.DataFrame, code: Ints) -> PriceFit:
    x = design.to_numpy(dtype=float)
    params = np.linalg.lstsq(x, np.log(y), rcond=None)[0]
    linear = x @ params
    residual = np.log(y) - linear
    centre = float(linear.mean())
    along = np.column_stack([np.ones(len(y)), linear - centre])
    smear = np.linalg.lstsq(along, np.exp(residual), rcond=None)[0]
    return PriceFit(
        family=LOG_OLS,
        params=pd.Series(params, [str(c) for c in design]),
        errors=cluster_errors(x, residual, code),
        dispersion=float((residual**2).sum() / (len(y) - x.shape[1])),
        mean=np.exp(linear) * (along @ smear),
        residual=residual,
        weight=np.ones(len(y)),
        code=code,
        smear=(float(smear[0]), float(smear[1])),
        centre=centre,
    )


def _refuse(y: Floats, x: Floats, code: Ints) -> None:
    if not (np.isfinite(y).all() and (y > 0).all()):
        raise ModelError("a price is not above nought: leave corrections and free weeks out")
    if len(y) <= x.shape[1] or np.linalg.matrix_rank(x.T @ x) < x.shape[1]:
        raise ModelError(
            "the design has more columns than rows tell apart: leave out what follows from others"
        )
    if code.max(initial=-1) < 2:
        raise ModelError("fewer than three providers: their differences cannot be told from chance")
