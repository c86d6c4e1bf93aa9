"""Scores as the models see them: equal rows once, levels as zeros and ones, gaps as zeros.

The order of rows and of domains is made canonical first, so that neither can change what is
found: random starts then meet the same array however a file was sorted.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

__all__ = ["MISSING", "Array", "Patterns", "Whole", "checked_scores"]

Array = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

MISSING = -1
MOST_LEVELS = 64


def checked_scores(scores: Array, levels: int | None) -> tuple[Whole, int]:
    """Return scores as whole numbers, -1 where missing, and the number of levels.

    Parameters
    ----------
    scores : numpy.ndarray of float, shape (rows, domains)
        Levels counted from zero; NaN is missing.
    levels : int or None
        Number of levels of the scale; None takes what is there, two at the least.

    Raises
    ------
    ValueError
        When a score is no whole number from zero to the top of the scale.
    """
    known = ~np.isnan(scores)
    seen = scores[known]
    if np.isinf(seen).any():
        raise ValueError("scores hold infinity: levels are whole numbers from 0")
    if (seen < 0).any():
        raise ValueError("Negative values in data: scores are levels counted from 0")
    if (seen != np.floor(seen)).any():
        raise ValueError("scores must be levels of a scale: whole numbers from 0, NaN for missing")
    top = int(seen.max()) if seen.size else 0
    if top >= (levels or MOST_LEVELS):
        raise ValueError(
            f"a score lies outside the scale: levels go from 0 to {(levels or MOST_LEVELS) - 1}"
        )
    out = np.full(scores.shape, MISSING, dtype=np.int64)
    out[known] = seen.astype(np.int64)
    return out, levels or max(top + 1, 2)


@dataclass(frozen=True)
class Patterns:
    """Different rows of scores with how often each occurs.

    Attributes
    ----------
    rows : numpy.ndarray of int, shape (patterns, domains)
        Levels, -1 where missing; domains in canonical order.
    weight : numpy.ndarray of float, shape (patterns,)
        How many children have the row.
    which : numpy.ndarray of int, shape (children,)
        Row of ``rows`` of each child.
    order : numpy.ndarray of int, shape (domains,)
        Canonical order: ``rows`` are ``scores[:, order]``.
    levels : int
        Levels of the scale.
    """

    rows: Whole
    weight: Array
    which: Whole
    order: Whole
    levels: int
    ones: Array = field(repr=False, compare=False)
    """Shape (patterns, domains * levels): one where the level was given."""

    @classmethod
    def of(cls, whole: Whole, levels: int, order: Whole | None = None) -> Patterns:
        """Return the patterns of rows of levels (:func:`checked_scores`)."""
        order = _canonical(whole, levels) if order is None else order
        rows, which, count = np.unique(
            whole[:, order], axis=0, return_inverse=True, return_counts=True
        )
        ones = (rows[:, :, None] == np.arange(levels)).reshape(len(rows), -1).astype(float)
        return cls(rows, count.astype(float), which.reshape(-1), order, levels, ones)

    @property
    def children_n(self) -> float:
        """How many children have a score at all."""
        return float(self.weight[(self.rows != MISSING).any(axis=1)].sum())

    @property
    def domains_n(self) -> int:
        """How many domains there are."""
        n: int = self.rows.shape[1]
        return n

    def shares(self) -> Array:
        """Return the share of each level among the known scores, shape (domains, levels)."""
        n = (self.weight @ self.ones).reshape(self.domains_n, self.levels)
        n = n + 1 / self.levels
        share: Array = n / n.sum(axis=1, keepdims=True)
        return share

    def freedom(self) -> int:
        """Return how many shares are free where nothing else is known: levels seen, less one."""
        seen = (self.ones.sum(axis=0) > 0).reshape(self.domains_n, -1).sum(axis=1)
        return int(np.clip(seen - 1, 0, None).astype(np.int64).sum())

    def sample(self, children: int, rng: np.random.Generator) -> Patterns:
        """Return so many of the children, drawn without putting back."""
        drawn = rng.multivariate_hypergeometric(
            self.weight.astype(np.int64), children, method="marginals"
        )
        keep = np.flatnonzero(drawn)
        which = np.repeat(np.arange(len(keep)), drawn[keep])
        weight = drawn[keep].astype(float)
        return replace(self, rows=self.rows[keep], weight=weight, which=which, ones=self.ones[keep])


def _canonical(whole: Whole, levels: int) -> Whole:
    """Return an order of domains that depends on what they hold alone."""
    known = whole != MISSING
    sizes = np.stack([(whole == c).sum(axis=0) for c in range(levels)])
    total = np.where(known, whole, 0).sum(axis=1)
    value = np.where(known, whole, 0)
    ties = np.stack([(value * total[:, None]).sum(axis=0), (value * total[:, None] ** 2).sum(0)])
    order: Whole = np.lexsort(np.vstack([ties, sizes]))
    return order
