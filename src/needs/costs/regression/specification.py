"""Which family fits the prices: tests of the spread, of the link, and of fit by decile.

The modified Park test tells with which power of the fitted price the squared residuals grow, by a
gamma regression with a log link (Park, Econometrica 1966, vol. 34, page 888; Manning and Mullahy,
Journal of Health Economics 2001, vol. 20, pages 461-494). Pregibon's link test asks whether the
square of the fitted logarithm adds anything (Applied Statistics 1980, vol. 29, pages 15-24).
Hosmer and Lemeshow's asks whether residuals of any tenth of the rows, by fitted price, are other
than nought (Communications in Statistics A 1980, vol. 9, pages 1043-1069), and Copas's whether
what is foretold of providers not learnt from is as spread as what was paid (Journal of the Royal
Statistical Society B 1983, vol. 45, pages 311-354).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs.costs.regression.clusters import Floats, Ints, cluster_errors
from needs.costs.regression.fits import FAMILIES, GAMMA, LOG_OLS, PriceFit, fit_prices
from needs.vocabulary.errors import ModelError

__all__ = [
    "LEVEL",
    "Spread",
    "chosen",
    "compared",
    "held_out",
    "hosmer_lemeshow",
    "park",
    "pregibon",
]

LEVEL = 0.05
"""How often a right family may be refused by one test."""
FOLDS = 5
_GROUPS = 10
_FLIPS = 999


@dataclass(frozen=True)
class Spread:
    """What the modified Park test found.

    Attributes
    ----------
    power, lower, upper : float
        Power of the fitted price that the variance grows with, and its 95% interval.
    p_values : mapping of str to float
        By family: how often chance alone would bring the power as far from its own.
    """

    power: float
    lower: float
    upper: float
    p_values: dict[str, float]


def park(price: Floats, fit: PriceFit) -> Spread:
    """Return how the spread of prices grows with the price (modified Park test).

    Parameters
    ----------
    price : array of float, shape (rows,)
    fit : PriceFit
        Any regression of these prices with a log link.

    Notes
    -----
    Residuals are those within a provider: how providers differ is a share of the price in every
    family, and would hide how the rest grows. A provider with one row tells nothing of it.

    Raises
    ------
    ModelError
        When fewer than three providers have two rows.
    """
    from scipy import stats  # noqa: PLC0415 - slow

    rows = np.bincount(fit.code)[fit.code]
    ratio = np.bincount(fit.code, price) / np.bincount(fit.code, fit.mean)
    own = fit.mean * ratio[fit.code]
    squared = (price - own) ** 2 * rows / np.maximum(rows - 1, 1)
    told = (rows > 1) & (squared > 0)
    if len(np.unique(fit.code[told])) < 3:
        raise ModelError("fewer than three providers have two rows")
    linear = np.log(fit.mean[told])
    design = pd.DataFrame({"const": 1.0, "power": linear - linear.mean()})
    found = fit_prices(squared[told], design, fit.code[told])
    power, dof = float(found.params["power"]), float(found.dof["power"])
    error = float(np.sqrt(found.errors.cov[1, 1]))
    reach = float(stats.t.ppf(0.975, dof)) * error
    away = {k: abs(power - v) / error for k, v in FAMILIES.items()}
    return Spread(
        power=power,
        lower=power - reach,
        upper=power + reach,
        p_values={k: float(2 * stats.t.sf(a, dof)) for k, a in away.items()},
    )


def chosen(spread: Spread) -> str:
    """Return the family to work with: gamma unless the test refuses it, else the least refused."""
    if spread.p_values[GAMMA] >= LEVEL:
        return GAMMA
    return max(spread.p_values, key=lambda k: spread.p_values[k])


def pregibon(price: Floats, design: pd.DataFrame, fit: PriceFit) -> float:
    """Return how often chance alone would bend the link as much (Pregibon's link test)."""
    linear = design.to_numpy(dtype=float) @ fit.params.to_numpy()
    deviation = linear.std()
    if deviation < 1e-12:
        return np.nan
    z = (linear - linear.mean()) / deviation
    again = pd.DataFrame({"const": 1.0, "linear": z, "squared": z**2})
    return fit_prices(price, again, fit.code, fit.family).p_value("squared")


def hosmer_lemeshow(design: pd.DataFrame, fit: PriceFit, rng: np.random.Generator) -> float:
    """Return how often chance alone would leave as much in some tenth of the rows.

    The sum of squared mean residuals, weighed by rows, is held against those with the residuals
    of each provider turned round at random (Kline and Santos, Journal of Econometric Methods 2012,
    vol. 1, pages 23-41), since a chi-squared distribution would be far off with few providers.
    """
    place = pd.Series(fit.mean).rank(method="first").to_numpy() - 1
    tenth = (place * _GROUPS // len(place)).astype(np.int64)
    dummies = np.eye(_GROUPS)[tenth]
    x = design.to_numpy(dtype=float)
    weighed = x * fit.weight[:, None]
    # What the regression took of each tenth belongs to its chance too.
    free = dummies - x @ np.linalg.lstsq(weighed.T @ x, weighed.T @ dummies, rcond=None)[0]
    scores = _by_provider(free * (fit.weight * fit.residual)[:, None], fit.code)
    rows = dummies.T @ fit.weight
    signs = rng.choice(np.array([-1.0, 1.0]), size=(_FLIPS, len(scores)))
    observed = (scores.sum(axis=0) ** 2 / rows).sum()
    drawn = ((signs @ scores) ** 2 / rows).sum(axis=1)
    return float((1 + (drawn >= observed * (1 - 1e-12)).sum()) / (1 + _FLIPS))


def _by_provider(rows: Floats, code: Ints) -> Floats:
    order = np.argsort(code, kind="stable")
    edges = np.flatnonzero(np.diff(code[order], prepend=-1))
    out: Floats = np.add.reduceat(rows[order], edges, axis=0)
    return out


def uneven_spread(design: pd.DataFrame, fit: PriceFit) -> float:
    """Return how often chance alone would let the spread of logarithms change as much.

    Squared residuals of the logarithm on the fitted logarithm, errors by provider (Breusch and
    Pagan, Econometrica 1979, vol. 47, pages 1287-1294, with clusters).
    """
    linear = design.to_numpy(dtype=float) @ fit.params.to_numpy()
    if linear.std() < 1e-12:
        return np.nan
    x = np.column_stack([np.ones(len(linear)), (linear - linear.mean()) / linear.std()])
    return _p_of(x, fit.residual**2, fit.code, 1, 0.0)


def _p_of(x: Floats, y: Floats, code: Ints, column: int, value: float) -> float:
    from scipy import stats  # noqa: PLC0415 - slow

    beta = np.linalg.lstsq(x, y, rcond=None)[0]
    errors = cluster_errors(x, y - x @ beta, code)
    t = (beta[column] - value) / np.sqrt(errors.cov[column, column])
    return float(2 * stats.t.sf(abs(t), errors.freedom()[column]))


def held_out(price: Floats, design: pd.DataFrame, code: Ints, family: str) -> tuple[Floats, Floats]:
    """Return what is foretold of each row by a fit without its provider, and by the mean alone.

    Five folds of providers, in the order of their names.

    Raises
    ------
    ModelError
        When too few rows or providers are left to fit it to.
    """
    told, plain = np.zeros(len(price)), np.zeros(len(price))
    for fold in range(FOLDS):
        out = code % FOLDS == fold
        fit = fit_prices(price[~out], design[~out], code[~out], family)
        told[out] = fit.predict(design[out])
        plain[out] = price[~out].mean()
    return told, plain


def compared(
    price: Floats, design: pd.DataFrame, code: Ints, rng: np.random.Generator
) -> tuple[Spread, pd.DataFrame]:
    """Return the Park test and one row a family (index): tests and held-out errors.

    Returns
    -------
    Spread
    pandas.DataFrame
        ``spread_p`` (Park; for ``log_ols`` that of an even spread of logarithms), ``link_p``,
        ``deciles_p``, ``error_pct``, ``bias_pct`` (mean error, signed; both per cent of the mean
        price, on providers not learnt from), ``slope`` and ``slope_p`` (Copas: price paid on price
        foretold, and whether it is one).
    """
    spread = park(price, fit_prices(price, design, code))
    rows = {}
    for family in (*FAMILIES, LOG_OLS):
        try:
            rows[family] = _tested(price, design, code, family, spread, rng)
        except ModelError:
            rows[family] = {}
    return spread, pd.DataFrame.from_dict(rows, orient="index", dtype=float).reindex(
        columns=[
            *("spread_p", "link_p", "deciles_p"),
            *("error_pct", "bias_pct", "plain_pct", "slope", "slope_p"),
        ]
    )


def _tested(
    price: Floats,
    design: pd.DataFrame,
    code: Ints,
    family: str,
    spread: Spread,
    rng: np.random.Generator,
) -> dict[str, float]:
    fit = fit_prices(price, design, code, family)
    even = uneven_spread(design, fit) if family == LOG_OLS else spread.p_values[family]
    found = {
        "spread_p": even,
        "link_p": pregibon(price, design, fit),
        "deciles_p": hosmer_lemeshow(design, fit, rng),
    }
    try:
        told, plain = held_out(price, design, code, family)
    except ModelError:
        return found
    mean = price.mean()
    x = np.column_stack([np.ones(len(told)), told / mean])
    slope = np.linalg.lstsq(x, price / mean, rcond=None)[0][1]
    return {
        **found,
        "error_pct": 100 * np.abs(told - price).mean() / mean,
        "bias_pct": 100 * (told - price).mean() / mean,
        "plain_pct": 100 * np.abs(plain - price).mean() / mean,
        "slope": float(slope),
        "slope_p": _p_of(x, price / mean, code, 1, 1.0),
    }
