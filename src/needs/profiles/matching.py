"""Groups of this year under last year's names, and how far each has drifted.

Groups are paired so that the sum of distances is least (Kuhn, Naval Research Logistics Quarterly
1955, vol. 2, pages 83-97). The distance of two groups is how many levels a score moves between
them, on average over domains (the earth mover's distance of ordinal distributions).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from needs.profiles.patterns import Array

if TYPE_CHECKING:  # sklearn is slow to import
    from needs.profiles.latent_class import OrdinalLatentClass

__all__ = ["FARTHEST", "Match", "distances", "match_profiles"]

FARTHEST = 0.75
"""Levels a domain, on average, beyond which a group is a new one and not an old one moved."""


@dataclass(frozen=True)
class Match:
    """Groups of two years, paired.

    Attributes
    ----------
    names : tuple of str
        Name of each of this year's groups: that of last year's group it continues, or a new one.
    table : pandas.DataFrame
        One row a group of either year: ``name``, ``now`` and ``before`` (its number in each, -1
        where there is none), ``share_now``, ``share_before`` (NaN where there is none),
        ``distance`` (levels a domain), ``domain`` (position of the domain that moved most, -1
        where nothing is compared), ``moved`` (levels that its mean moved).
    """

    names: tuple[str, ...]
    table: pd.DataFrame

    @property
    def continued(self) -> int:
        """How many groups go on from last year."""
        return int(((self.table["now"] >= 0) & (self.table["before"] >= 0)).sum())


def distances(now: Array, before: Array) -> Array:
    """Return distances of groups, shape (groups now, groups before), in levels a domain.

    Parameters
    ----------
    now, before : numpy.ndarray, shape (groups, domains, levels)
        Probability of each level.
    """
    here, there = np.cumsum(now, axis=2), np.cumsum(before, axis=2)
    out: Array = np.abs(here[:, None] - there[None]).sum(axis=3).mean(axis=2)
    return out


def match_profiles(
    now: OrdinalLatentClass,
    before: OrdinalLatentClass,
    names: tuple[str, ...],
    farthest: float = FARTHEST,
) -> Match:
    """Return the groups of this year under the names of last year.

    Parameters
    ----------
    now, before : OrdinalLatentClass
        Fitted models of the same domains and levels, domains in the same order.
    names : tuple of str
        Names of last year's groups.
    farthest : float
        Greatest distance at which a group goes on.

    Raises
    ------
    ValueError
        When the two models are of different domains or scales, or names do not fit the groups.
    """
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - slow

    if now.level_prob_.shape[1:] != before.level_prob_.shape[1:]:
        raise ValueError("the two years were scored on different domains or scales")
    if len(names) != len(before.weights_) or len(set(names)) < len(names):
        raise ValueError("last year's groups need one name each")
    far = distances(now.level_prob_, before.level_prob_)
    pairs = {
        int(i): int(j)
        for i, j in zip(*linear_sum_assignment(far), strict=True)
        if far[i, j] <= farthest
    }
    means = [m.level_prob_ @ np.arange(m.level_prob_.shape[2]) for m in (now, before)]
    found: list[str] = []
    rows: list[tuple[object, ...]] = []
    for i in range(len(now.weights_)):
        j = pairs.get(i, -1)
        name = names[j] if j >= 0 else _new([*names, *found])
        found.append(name)
        shift = means[0][i] - means[1][j] if j >= 0 else np.zeros(1)
        most = int(np.abs(shift).argmax()) if j >= 0 else -1
        rows.append((
            name, i, j, now.weights_[i], before.weights_[j] if j >= 0 else np.nan,
            far[i, j] if j >= 0 else np.nan, most, shift[most] if j >= 0 else np.nan,
        ))  # fmt: skip
    for j in sorted(set(range(len(names))) - set(pairs.values())):
        rows.append((names[j], -1, j, np.nan, before.weights_[j], np.nan, -1, np.nan))
    columns = ["name", "now", "before", "share_now", "share_before", "distance", "domain", "moved"]
    return Match(tuple(found), pd.DataFrame(rows, columns=columns))


def _new(taken: list[str]) -> str:
    for letter in "abcdefghijklmnopqrstuvwxyz":
        if f"new_{letter}" not in taken:
            return f"new_{letter}"
    raise ValueError("more new groups than letters")
