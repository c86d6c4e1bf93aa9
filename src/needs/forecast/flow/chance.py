"""Chance: numbers that follow a child, whatever else changes, and draws in one step."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["Words", "alias", "following", "mixed", "parted"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Single = npt.NDArray[np.float32]
Words = npt.NDArray[np.uint64]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_A, _B, _C = (np.uint64(x) for x in (30, 27, 31))
HALF, SCALE = np.float32(0.5), np.float32(2.0**-32)


def mixed(word: Words) -> Words:
    """Return words of which every bit depends on every bit of those given.

    Notes
    -----
    SplitMix64 (Steele, Lea and Flood, OOPSLA 2014, pages 453-472).
    """
    word = (word ^ (word >> _A)) * _FIRST
    word = (word ^ (word >> _B)) * _SECOND
    out: Words = word ^ (word >> _C)
    return out


def following(state: Words) -> tuple[Words, Words]:
    """Return the next state of each child's own sequence, and its word."""
    state = state + GOLDEN
    return state, mixed(state)


def parted(word: Words) -> tuple[Single, Single]:
    """Return two independent numbers between nought and one."""
    halves = word.view(np.uint32).reshape(-1, 2)
    # A half counts above nought, so that its logarithm is finite.
    low, high = ((halves[:, i].astype(np.float32) + HALF) * SCALE for i in (0, 1))
    return high, low


def alias(shares: Floats) -> tuple[Floats, Ints]:
    """Return tables that draw a column of a row in one step, flattened.

    Parameters
    ----------
    shares : ndarray, shape (rows, columns)
        Probabilities; each row adds up to one.

    Returns
    -------
    keep : ndarray, shape (rows x columns,)
        Chance that the column first hit is taken.
    other : ndarray of int, shape (rows x columns,)
        Column taken otherwise.

    Notes
    -----
    Walker, ACM Transactions on Mathematical Software 1977, vol. 3, pages 253-256.
    """
    rows, columns = shares.shape
    left = shares * columns
    keep, other = np.ones_like(left), np.tile(np.arange(columns), (rows, 1))
    open_ = np.ones(left.shape, dtype=bool)
    row = np.arange(rows)
    for _ in range(columns - 1):
        low = np.where(open_, left, np.inf).argmin(axis=1)
        high = np.where(open_, left, -np.inf).argmax(axis=1)
        keep[row, low] = np.minimum(left[row, low], 1.0)
        other[row, low] = high
        open_[row, low] = False
        left[row, high] -= 1 - keep[row, low]
    return keep.ravel(), other.ravel()
