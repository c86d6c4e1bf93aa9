"""Groups found in other ways, and one factor cut into groups: how far each agrees with classes.

Latent classes rest on a model of the scores. Two ways that rest on none are held beside them, on
distances between children: medoids (Kaufman and Rousseeuw, *Finding Groups in Data*, 1990,
chapter 2; swaps as in Schubert and Rousseeuw, Information Systems 2021, vol. 101, 101804) and a
hierarchy (Ward, Journal of the American Statistical Association 1963, vol. 58, pages 236-244). One
factor, cut where the classes' sizes cut it, says how much of them one scale gives. None of the
three decides anything: they are shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.profiles.patterns import MISSING, Array, Patterns, Whole, checked_scores
from needs.profiles.severity import severity_scores
from needs.vocabulary.threads import one_thread

if TYPE_CHECKING:  # sklearn is slow to import
    from needs.profiles.latent_class import OrdinalLatentClass

__all__ = ["COLUMNS", "agreed", "cross_check", "distances", "medoids"]

COLUMNS = ("method", "classes_n", "agreement", "smallest_share")
SAMPLE = 1_000
"""Children compared two by two, where there are more."""
MUCH, SOME = 0.6, 0.3
"""Adjusted Rand index from which two ways are said to agree much, and to agree in part."""


def cross_check(
    scores: npt.ArrayLike | pd.DataFrame,
    model: OrdinalLatentClass,
    levels: int,
    rng: np.random.Generator | None = None,
) -> pd.DataFrame:
    """Return how far other ways of grouping agree with latent classes.

    Parameters
    ----------
    scores : array-like, shape (children, domains)
        Levels counted from 0; NaN is missing. Children without a score are left out.
    model : OrdinalLatentClass
        The classes, fitted to scores of the same domains.
    levels : int
        Levels of the scale.
    rng : numpy.random.Generator, optional
        Draws the children compared where there are many; a generator of seed 0 if left out.

    Returns
    -------
    pandas.DataFrame
        One row a ``method`` (medoids, hierarchy, one_factor): ``classes_n``, as many as the model
        has; ``agreement``, the adjusted Rand index with the most probable classes (Hubert and
        Arabie 1985; 1 the same groups, 0 what chance gives); ``smallest_share``, 0 to 1.

    Raises
    ------
    ValueError
        When a score is no level of the scale, or children are fewer than classes.
    """
    from scipy.cluster.hierarchy import fcluster, linkage  # noqa: PLC0415 - slow
    from scipy.spatial.distance import squareform  # noqa: PLC0415 - slow
    from sklearn.metrics import adjusted_rand_score  # noqa: PLC0415 - slow

    rng = rng or np.random.default_rng(0)
    whole, _ = checked_scores(np.asarray(scores, dtype=float), levels)
    whole = whole[(whole != MISSING).any(axis=1)]
    k = model.n_components
    if len(whole) < k:
        raise ValueError("fewer children than groups have a score")
    if len(whole) > SAMPLE:
        whole = whole[np.sort(rng.choice(len(whole), SAMPLE, replace=False))]
    here = model.predict(np.where(whole == MISSING, np.nan, whole))
    apart = distances(whole, levels)
    tree = linkage(squareform(apart, checks=False), "ward")
    ways: dict[str, Whole] = {
        "medoids": medoids(apart, k)[1],
        "hierarchy": fcluster(tree, k, "maxclust").astype(np.int64) - 1,
        "one_factor": _cut(whole, levels, np.bincount(here, minlength=k)),
    }
    n = len(whole)
    rows = [
        (name, k, adjusted_rand_score(here, found), np.bincount(found, minlength=k).min() / n)
        for name, found in ways.items()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def distances(whole: Whole, levels: int) -> Array:
    """Return distances between children (Gower, Biometrics 1971, vol. 27, pages 857-871).

    The mean difference over the domains that both have, as a share of the scale; the mean of all
    such where two children have none in common.

    Parameters
    ----------
    whole : numpy.ndarray of int, shape (children, domains)
        Levels, -1 where missing.
    levels : int
        Levels of the scale.

    Returns
    -------
    numpy.ndarray, shape (children, children)
        0 to 1; nought on the diagonal.
    """
    known = (whole != MISSING).astype(float)
    both = known @ known.T
    total = np.zeros_like(both)
    for level in range(1, levels):  # |a - b| counts the levels that only one of the two reaches
        reached = (whole >= level).astype(float)
        below = known - reached
        total += reached @ below.T + below @ reached.T
    found = np.divide(total, both * (levels - 1), out=np.full_like(both, np.nan), where=both > 0)
    out: Array = np.where(np.isnan(found), np.nanmean(found), found)
    np.fill_diagonal(out, 0)
    return out


def medoids(apart: Array, classes: int) -> tuple[Whole, Whole]:
    """Return children in the middle of groups, and the group of each child.

    Built one by one, each the child that brings others nearest; then exchanged for others, the
    best exchange first, while one brings them nearer.

    Parameters
    ----------
    apart : numpy.ndarray, shape (children, children)
        Distances.
    classes : int
        Number of groups.

    Returns
    -------
    tuple of numpy.ndarray of int
        Shape (classes,) and (children,).
    """
    chosen = [int(apart.sum(axis=0).argmin())]
    while len(chosen) < classes:
        near = apart[:, chosen].min(axis=1)
        gain = np.maximum(near[:, None] - apart, 0).sum(axis=0)
        gain[chosen] = -1
        chosen.append(int(gain.argmax()))
    middle = np.array(chosen)
    while True:
        to = apart[:, middle]
        group = to.argmin(axis=1)
        near = to.min(axis=1)
        second = np.sort(to, axis=1)[:, 1] if classes > 1 else np.full(len(to), np.inf)
        nearer = np.minimum(apart - near[:, None], 0)
        without = np.minimum(apart, second[:, None]) - near[:, None] - nearer
        change = (group == np.arange(classes)[:, None]).astype(float) @ without + nearer.sum(axis=0)
        best = int(change.argmin())
        if change.flat[best] > -1e-9:
            return middle, group
        middle[best // len(apart)] = best % len(apart)


def _cut(whole: Whole, levels: int, sizes: Whole) -> Whole:
    """Return groups of the given sizes along one factor, from the least severity."""
    data = Patterns.of(whole, levels)
    with one_thread():
        severity = severity_scores(data)[data.which]
    out = np.empty(len(whole), dtype=np.int64)
    out[np.argsort(severity, kind="stable")] = np.repeat(np.arange(len(sizes)), sizes)
    return out


def agreed(table: pd.DataFrame) -> tuple[str, ...]:
    """Return what a cross-check says, in words without digits.

    Parameters
    ----------
    table : pandas.DataFrame
        As from :func:`cross_check`.
    """
    by = table.set_index("method")["agreement"]
    other = by[["medoids", "hierarchy"]]
    if other.min() >= MUCH:
        first = "Two ways of grouping that rest on no model find much the same groups."
    elif other.max() >= MUCH:
        first = "Of two ways of grouping that rest on no model, one finds much the same groups."
    elif other.max() >= SOME:
        first = "Ways of grouping that rest on no model find these groups in part."
    else:
        first = "Ways of grouping that rest on no model find other groups: take these with care."
    if by["one_factor"] >= MUCH:
        return first, "One factor, cut where their sizes cut it, gives nearly these groups."
    if by["one_factor"] >= SOME:
        return first, "One factor, cut where their sizes cut it, gives these groups in part."
    return first, "One factor does not give these groups: they differ in more ways than one."
