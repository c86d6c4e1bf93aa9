"""How many children have no place that fits them, however well places are shared out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["MOST_KINDS", "merged", "shortfall"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MOST_KINDS = 10
"""Kinds told apart at most: every set of them is looked at."""


def shortfall(children: npt.ArrayLike, places: npt.ArrayLike, accepts: Bools) -> Floats:
    """Return children whom no place is left for under the best way to share places out.

    Parameters
    ----------
    children : array_like, shape (..., kinds)
        Children of each kind.
    places : array_like, shape (..., homes)
        Places of each home, or of homes that accept the same kinds together.
    accepts : ndarray of bool, shape (kinds, homes)
        Who fits where.

    Returns
    -------
    ndarray of float, shape (...)
        Children too many.

    Raises
    ------
    ValueError
        If there are more than :data:`MOST_KINDS` kinds; see :func:`merged`.

    Notes
    -----
    The deficiency of a matching is the most by which any set of children outnumbers the places
    that take any of them (Ore 1955, *Duke Mathematical Journal* 22, 625-639, after Hall 1935).
    Each such difference falls with every place and rises with every child, and so does the
    largest: more places never raise a shortfall, and more children never lower it, draw by draw.
    Children are told apart by what fits them, and may change places; who lives where already
    can only make it worse.
    """
    kinds = len(accepts)
    if kinds > MOST_KINDS:
        raise ValueError(f"at most {MOST_KINDS} kinds of children can be told apart")
    sets = np.arange(1, 1 << kinds)[:, None] >> np.arange(kinds) & 1
    reach = (sets @ accepts.astype(np.int64)) > 0
    who, where = np.asarray(children, dtype=float), np.asarray(places, dtype=float)
    worst = np.zeros(np.broadcast_shapes(who.shape[:-1], where.shape[:-1]))
    for members, reached in zip(sets, reach, strict=True):
        np.maximum(worst, who @ members - where @ reached, out=worst)
    return worst


def merged(accepts: Bools, weight: Floats) -> npt.NDArray[np.int64]:
    """Return a number of each kind such that kinds which fit the same homes have one.

    Parameters
    ----------
    accepts : ndarray of bool, shape (kinds, homes)
    weight : ndarray of float, shape (kinds,)
        Children of each kind.

    Returns
    -------
    ndarray of int, shape (kinds,)
        Position in the order of first appearance; -1 for children who are taken to fit
        everywhere, since :data:`MOST_KINDS` others are more numerous.
    """
    found, inverse = np.unique(accepts, axis=0, return_inverse=True)
    inverse = inverse.ravel()
    total = np.bincount(inverse, weight, minlength=len(found))
    order = np.argsort(-total, kind="stable")
    new = np.full(len(found), -1)
    new[order[: MOST_KINDS - 1]] = np.arange(min(len(found), MOST_KINDS - 1))
    out: npt.NDArray[np.int64] = new[inverse]
    return out
