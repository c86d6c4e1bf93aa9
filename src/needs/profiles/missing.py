"""Domains that were not scored, filled in many ways: what is not known widens the interval.

Sources: Rubin, *Multiple Imputation for Nonresponse in Surveys*, 1987; Vermunt, Van Ginkel, Van
der Ark and Sijtsma, Sociological Methodology 2008, vol. 38, pages 369-397 (latent classes as the
model that fills in: enough of them keep every association of domains two by two).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["Filled", "combined", "filled"]

Floats = npt.NDArray[np.float64]
Filled = npt.NDArray[np.float64]
"""Levels, shape (draws, children, domains), none missing."""

CLASSES = 6
"""Classes of the model that fills in; more than there are groups, since it only predicts."""


def filled(levels: pd.DataFrame, levels_n: int, draws: int, rng: np.random.Generator) -> Filled:
    """Return the scores with their gaps filled in ``draws`` ways.

    Each draw fits a latent class model to children drawn with putting back, so that what is not
    known of the model counts too; a child's class is drawn given the scores it has, and a missing
    score given the class. Right where scores are missing at random given those that are known.

    Parameters
    ----------
    levels : pandas.DataFrame
        As from :func:`needs.profiles.score_table.score_table`.
    levels_n : int
        Levels of the scale.
    draws : int
        How many ways.
    rng : numpy.random.Generator
        Source of chance.
    """
    from needs.profiles.latent_class import OrdinalLatentClass  # noqa: PLC0415 - slow

    x = levels.to_numpy(dtype=float)
    out = np.repeat(x[None], draws, axis=0)
    gaps = np.isnan(x)
    if not gaps.any():
        return out
    child, domain = np.nonzero(gaps)
    scored = np.flatnonzero(~gaps.all(axis=1))
    for i in range(draws):
        again = x[rng.choice(scored, len(scored))]
        k = min(CLASSES, len(scored))
        model = OrdinalLatentClass(k, n_levels=levels_n, n_init=2, max_iter=30, tol=0.1)
        model.fit(again)
        member = np.cumsum(model.predict_proba(x), axis=1)
        drawn = (rng.random((len(x), 1)) > member).sum(axis=1).clip(0, k - 1)
        below = np.cumsum(model.level_prob_[drawn[child], domain], axis=1)
        level = (rng.random((len(child), 1)) > below).sum(axis=1).clip(0, levels_n - 1)
        out[i, child, domain] = level
    return out


def combined(estimate: Floats, variance: Floats, level: float = 0.95) -> tuple[float, float, float]:
    """Return the estimate over all draws and its interval (Rubin's rules).

    Parameters
    ----------
    estimate, variance : numpy.ndarray, shape (draws,)
        What each draw gives, and its sampling variance.
    level : float
        Share of intervals that hold the truth.
    """
    from scipy.stats import t  # noqa: PLC0415 - slow

    m, mean = len(estimate), float(estimate.mean())
    within = float(variance.mean())
    between = float(estimate.var(ddof=1)) if m > 1 else 0.0
    added = (1 + 1 / m) * between
    freedom = (m - 1) * (1 + within / added) ** 2 if added > 0 else np.inf
    half = float(t.ppf(0.5 + level / 2, freedom)) * (within + added) ** 0.5
    return mean, mean - half, mean + half
