"""How far answers rest on one provider, and on children who are with several.

Leaving a provider out is worked out for all of them in one step each, and fitted anew for those
that move an answer most (the cluster form of Cook's and Pregibon's one-step diagnostics: Preisser
and Qaqish, Biometrika 1996, vol. 83, pages 551-562).
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pandas as pd

from needs.costs.regression.clusters import Floats, Ints
from needs.costs.regression.fits import PriceFit, fit_prices
from needs.costs.regression.margins import margins
from needs.vocabulary.errors import ModelError

__all__ = ["furthest_moves", "one_step", "two_way"]


def one_step(design: pd.DataFrame, fit: PriceFit) -> Floats:
    """Return what leaving each provider out would add to the coefficients, in one step.

    Returns
    -------
    array of float, shape (providers, columns)
        NaN where the other providers do not tell all of them.
    """
    x = design.to_numpy(dtype=float)
    moved = np.full((fit.clusters_n, x.shape[1]), np.nan)
    order = np.argsort(fit.code, kind="stable")
    edges = np.append(np.flatnonzero(np.diff(fit.code[order], prepend=-1)), len(order))
    whole = np.linalg.inv(fit.errors.bread)
    for g in range(fit.clusters_n):
        rows = order[edges[g] : edges[g + 1]]
        mine = x[rows] * fit.weight[rows, None]
        rest = whole - mine.T @ x[rows]
        if np.linalg.matrix_rank(rest, hermitian=True) == x.shape[1]:
            moved[g] = -np.linalg.solve(rest, mine.T @ fit.residual[rows])
    return moved


def furthest_moves(
    price: Floats, design: pd.DataFrame, fit: PriceFit, yes_no: frozenset[str]
) -> pd.Series:
    """Return by driver the furthest that its effect moves where one provider is left out.

    Returns
    -------
    pandas.Series
        Pounds a week, nought or more, by column but the constant.
    """
    whole = margins(fit, design, yes_no)["effect"]
    steps = pd.DataFrame(one_step(design, fit), columns=fit.params.index)[list(whole.index)].abs()
    moved = [pd.Series(0.0, whole.index)]
    for g in sorted({int(steps[c].idxmax()) for c in steps if steps[c].notna().any()}):
        rest = fit.code != g
        with suppress(ModelError):
            again = fit_prices(price[rest], design[rest], fit.code[rest], fit.family)
            moved.append((margins(again, design[rest], yes_no)["effect"] - whole).abs())
    most: pd.Series = pd.concat(moved, axis=1).max(axis=1)
    return most


def two_way(design: pd.DataFrame, fit: PriceFit, other: Ints) -> pd.Series:
    """Return by column how errors grow where rows are also clusters of another kind.

    Parameters
    ----------
    other : array of int, shape (rows,)
        Children, whose rows may be with several providers.

    Returns
    -------
    pandas.Series
        The standard error with both over that with providers alone, at least one: the variance
        adds what children add beyond children within a provider (Cameron, Gelbach and Miller,
        Journal of Business and Economic Statistics 2011, vol. 29, pages 238-249).
    """
    x = design.to_numpy(dtype=float) * (fit.weight * fit.residual)[:, None]
    added = _meat(x, other) - _meat(x, other * np.int64(fit.clusters_n) + fit.code)
    bread, own = fit.errors.bread, np.diag(fit.errors.cov)
    ratio = 1 + np.diag(bread @ added @ bread) / own
    return pd.Series(np.sqrt(np.maximum(ratio, 1.0)), fit.params.index)


def _meat(scores: Floats, code: Ints) -> Floats:
    sums = pd.DataFrame(scores).groupby(code).sum().to_numpy()
    out: Floats = sums.T @ sums
    return out
