"""Which children in homes have needs like those of children in foster care, and the reverse.

The chance that a child lives in a home, and not in foster care, is learned from the needs, age and
sex of other children: each child is left out of what judges it. It says where children alike live
today. It does not say where a child should live, nor that a place can be found.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.vocabulary.threads import one_thread

__all__ = [
    "LEAST",
    "Alike",
    "Judged",
    "features",
    "judged",
    "ranges",
    "unlike",
    "yearly",
]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

LEAST = 20
"""Fewer children in foster care, or in homes, are too few to learn from."""
FOLDS = 10
STEPS = 25
MAIN = 4
"""Columns that are hardly pulled to nought: the mean level, age, its square and sex."""
LEAST_PULL = 0.01
PENALTIES = (1.0, 3.0, 10.0, 30.0, 100.0, 1000.0)
"""Weights tried of the quadratic pull to nought on coefficients of single domains."""
EVEN = 0.5
"""From this chance on a home is the likelier of the two."""
FARTHEST = 1e-6
FIFTHS = 5


def features(levels: pd.DataFrame, age: Floats, male: Bools) -> Floats:
    """Return what the chance of a home is learned from, each column standardised.

    Parameters
    ----------
    levels : pandas.DataFrame
        Scores of children with at least one (:func:`needs.profiles.score_table.score_table`).
    age : numpy.ndarray of float, shape (children,)
        Completed years; below nought unknown.
    male : numpy.ndarray of bool, shape (children,)

    Returns
    -------
    numpy.ndarray, shape (children, domains + 4)
        How far each domain lies from the child's mean; that mean, age and its square, sex
        (:data:`MAIN`). A domain without a score gets the domain's mean, moved by
        as much as the child lies above the mean elsewhere (two-way imputation: Bernaards and
        Sijtsma, Multivariate Behavioral Research 2000, vol. 35, pages 321-364).
    """
    x = levels.to_numpy(dtype=float)
    if not len(x):
        return np.empty((0, x.shape[1] + MAIN))
    known = ~np.isnan(x)
    zero = np.where(known, x, 0.0)
    domain = zero.sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    above = np.where(known, zero - domain, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    x = np.where(known, zero, domain + above[:, None])
    there = age >= 0
    years = np.where(there, age, age[there].mean() if there.any() else 0.0)
    mean = x.mean(axis=1)
    whole = np.column_stack([x - mean[:, None], mean, years, (years - years.mean()) ** 2, male])
    spread = whole.std(axis=0)
    out: Floats = (whole - whole.mean(axis=0)) / np.where(spread > 1e-9, spread, 1.0)
    return out


def _folds(x: Floats, home: Bools, who: Ints, folds: int) -> Ints:
    """Return the fold of each row, that of its child, whatever the order of rows."""
    order = np.lexsort((*x.T[::-1], home))
    first = pd.unique(who[order])
    fold = pd.Series(np.arange(len(first)) % folds, index=first)
    out: Ints = fold.reindex(who).to_numpy(dtype=np.int64)
    return out


def _learned(x: Floats, home: Bools, weight: Floats, penalty: float) -> Floats:
    """Return coefficients of a logistic regression with a ridge, for every set of weights.

    Newton's steps for all sets at once; the last column of ``x`` is ones.

    Returns
    -------
    numpy.ndarray, shape (sets, columns)
    """
    n, k = x.shape
    pull = np.full(k, penalty)
    pull[-MAIN - 1 :] = LEAST_PULL
    crossed = (x[:, :, None] * x[:, None, :]).reshape(n, k * k)
    b = np.zeros((len(weight), k))
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(b @ x.T, -30, 30)))
        slope = (weight * (home - p)) @ x - b * pull
        curve = ((weight * p * (1 - p)) @ crossed).reshape(-1, k, k) + np.diag(pull)
        step = np.linalg.solve(curve, slope[:, :, None])[:, :, 0]
        b += np.clip(step, -3, 3)
        if np.abs(step).max() < 1e-7:
            break
    return b


@dataclass(frozen=True, eq=False)
class Alike:
    """Placements in homes and in foster care, and what their children are like.

    Attributes
    ----------
    x : numpy.ndarray, shape (placements, columns)
        As from :func:`features`.
    home : numpy.ndarray of bool, shape (placements,)
        Whether it is in a home; the others are in foster care.
    who : numpy.ndarray of int, shape (placements,)
        Child of each placement: all of a child's are left out together.
    """

    x: Floats
    home: Bools
    who: Ints

    @property
    def enough(self) -> bool:
        """Whether there are placements enough of both kinds to learn from."""
        return min(int(self.home.sum()), int((~self.home).sum())) >= LEAST

    def left_out(self, weight: Floats, penalty: float, folds: int = FOLDS) -> Floats:
        """Return chances of a home for every set of weights, shape (sets, placements).

        Each child's come from a logistic regression with a ridge (Le Cessie and Van Houwelingen,
        Applied Statistics 1992, vol. 41, pages 191-201) on the children of the other folds.
        """
        whole = np.column_stack([self.x, np.ones(len(self.x))])
        fold, out = _folds(self.x, self.home, self.who, folds), np.empty(weight.shape)
        with one_thread():
            for k in range(folds):
                mine = fold == k
                b = _learned(whole[~mine], self.home[~mine], weight[:, ~mine], penalty)
                out[:, mine] = 1 / (1 + np.exp(-np.clip(b @ whole[mine].T, -30, 30)))
        return out

    @cached_property
    def penalty(self) -> float:
        """The ridge of :data:`PENALTIES` under which children left out are foretold best."""
        one = np.ones((1, len(self.x)))
        losses = [_loss(self.left_out(one, c)[0], self.home) for c in PENALTIES]
        return PENALTIES[int(np.argmin(losses))]

    @cached_property
    def chance(self) -> Floats:
        """Chance of a home, each child left out of what judges it, shape (placements,)."""
        out: Floats = self.left_out(np.ones((1, len(self.x))), self.penalty)[0]
        return out

    def again(self, draws: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Return weights of placements and chances learned with them, shape (draws, placements).

        Children are weighed anew (Bayesian bootstrap: Rubin, Annals of Statistics 1981, vol. 9,
        pages 130-134), all placements of a child alike.
        """
        children, of = np.unique(self.who, return_inverse=True)
        weight = rng.standard_exponential((draws, len(children)))[:, of]
        return weight, self.left_out(weight, self.penalty)


def _loss(chance: Floats, home: Bools) -> float:
    p = np.clip(np.where(home, chance, 1 - chance), FARTHEST, 1.0)
    return float(-np.log(p).mean())


@dataclass(frozen=True)
class Judged:
    """How far the chances can be believed, on children that were left out.

    Attributes
    ----------
    auc : float
        Chance that of two children, one in each setting, the one in a home has the greater.
    gain : float
        Share of the mean squared error of the base rate that is taken away (Brier 1950).
    slope, intercept : float
        Of the logistic regression of the setting on the log odds (Cox, Biometrika 1958, vol. 45,
        pages 562-565): 1 and 0 where chances are what they say.
    slope_low, slope_high : float
        95% interval of the slope.
    widest : float
        Greatest distance of mean chance and share in homes among fifths of the children.
    """

    auc: float
    gain: float
    slope: float
    intercept: float
    slope_low: float
    slope_high: float
    widest: float


def judged(chance: Floats, event: Bools) -> Judged:
    """Return how well chances agree with what happened.

    Parameters
    ----------
    chance : numpy.ndarray, shape (rows,)
        Between 0 and 1, each learned without its own row.
    event : numpy.ndarray of bool, shape (rows,)
    """
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415 - slow

    p = np.clip(chance, FARTHEST, 1 - FARTHEST)
    slope, intercept, error = _recalibrated(np.log(p / (1 - p)), event.astype(float))
    base = event.mean()
    fifth = np.argsort(np.argsort(p, kind="stable"), kind="stable") * FIFTHS // len(p)
    n = np.bincount(fifth, minlength=FIFTHS)
    apart = np.bincount(fifth, p - event, FIFTHS) / np.maximum(n, 1)
    return Judged(
        auc=float(roc_auc_score(event, p)),
        gain=float(1 - np.mean((p - event) ** 2) / (base * (1 - base))),
        slope=slope,
        intercept=intercept,
        slope_low=slope - 1.96 * error,
        slope_high=slope + 1.96 * error,
        widest=float(np.abs(apart).max()),
    )


def _recalibrated(odds: Floats, event: Floats) -> tuple[float, float, float]:
    """Return slope, intercept and standard error of the slope, by Newton's steps."""
    x, b = np.column_stack([odds, np.ones(len(odds))]), np.array([1.0, 0.0])
    inverse = np.full((2, 2), np.nan)
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ b, -30, 30)))
        hessian = (x * (p * (1 - p))[:, None]).T @ x
        inverse = np.linalg.pinv(hessian)
        step = inverse @ (x.T @ (event - p))
        b = b + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-9:
            break
    return float(b[0]), float(b[1]), float(np.sqrt(inverse[0, 0]))


def ranges(
    alike: Alike, draws: int, rng: np.random.Generator, level: float = 0.95
) -> dict[str, tuple[float, float]]:
    """Return how far counts of unlike children move where the chances are learned anew.

    The children counted stay the same. Noise in the chances puts children across the half in every
    draw, as it does in the count itself, so that intervals are turned around the count (the basic
    bootstrap: Davison and Hinkley, *Bootstrap Methods and their Application*, 1997, chapter 5);
    those of counts at the half are stretched to hold the interval that is not turned too.

    Parameters
    ----------
    alike : Alike
        Children in homes and in foster care.
    draws : int
        How many draws.
    rng : numpy.random.Generator
        Source of chance.
    level : float
        Share of intervals that hold the truth.

    Returns
    -------
    dict of str to (float, float)
        As :func:`unlike`.
    """
    here = unlike(alike.chance, alike.home)
    _, chances = alike.again(draws, rng)
    each = np.array([list(unlike(p, alike.home).values()) for p in chances])
    low, high = np.quantile(each, [(1 - level) / 2, (1 + level) / 2], axis=0)
    out = {}
    for i, (k, n) in enumerate(here.items()):
        least, most = 2 * n - high[i], 2 * n - low[i]
        if not k.endswith("_mean"):
            least, most = min(least, low[i]), max(most, high[i])
        whole = float((alike.home if k.startswith("step_down") else ~alike.home).sum())
        out[k] = float(np.clip(least, 0, whole)), float(np.clip(most, 0, whole))
    return out


def unlike(chance: Floats, home: Bools) -> dict[str, float]:
    """Return counts of children whose needs are rather those of the other setting.

    Returns
    -------
    dict of str to float
        ``step_down``: in homes, foster care likelier; ``at_risk``: in foster care, a home likelier;
        ``step_down_mean``: as many of the children in homes as of children like them live in
        foster care; ``at_risk_mean``: the same the other way round.
    """
    return {
        "step_down": float((home & (chance < EVEN)).sum()),
        "at_risk": float((~home & (chance >= EVEN)).sum()),
        "step_down_mean": float((1 - chance)[home].sum()),
        "at_risk_mean": float(chance[~home].sum()),
    }


def yearly(counts: npt.ArrayLike, level: float = 0.95) -> tuple[float, float, float]:
    """Return the mean number a year, and its interval.

    Parameters
    ----------
    counts : array-like, shape (years,)
        How many in each year.
    level : float
        Share of intervals that hold the truth.

    Returns
    -------
    tuple of float
        Mean, lower and upper end. The exact interval of a Poisson mean (Garwood, Biometrika 1936,
        vol. 28, pages 437-442), its number of events divided by how much more the years differ
        than Poisson counts would (quasi-Poisson: McCullagh and Nelder, *Generalized Linear
        Models*, 1989, chapter 6), where they do.
    """
    from scipy.stats import chi2  # noqa: PLC0415 - slow

    n = np.asarray(counts, dtype=float)
    total, mean = float(n.sum()), float(n.mean())
    wide = 1.0
    if len(n) > 2 and mean > 0:
        wide = max(1.0, float(((n - mean) ** 2).sum() / mean / (len(n) - 1)))
    events, tail = total / wide, (1 - level) / 2
    low = chi2.ppf(tail, 2 * events) / 2 if events > 0 else 0.0
    high = chi2.ppf(1 - tail, 2 * events + 2) / 2
    return mean, float(low * wide / len(n)), float(high * wide / len(n))
