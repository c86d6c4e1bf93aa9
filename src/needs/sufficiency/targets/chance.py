"""The chance that a target is met, the path that leads to it, and levels carried on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = [
    "FEWEST_CHANGES",
    "Chance",
    "carried_on",
    "chance_of",
    "constant_rate",
    "linear",
    "meets",
    "next_year",
]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

FEWEST_CHANGES = 4
"""Yearly changes from which an error of the last value is taken."""


@dataclass(frozen=True, slots=True)
class Chance:
    """A share of draws, and how far chance may have moved it.

    Parameters
    ----------
    pct : float
        Draws that meet the target, per cent.
    error : float
        Monte Carlo standard error, in points.
    """

    pct: float
    error: float


def meets(values: npt.ArrayLike, aim: float, direction: str) -> Bools:
    """Return which values meet a target, to within a millionth.

    Parameters
    ----------
    values : array-like of float
    aim : float
    direction : {"at_least", "at_most"}
    """
    apart = np.asarray(values, dtype=float) - aim
    found: Bools = apart >= -1e-6 if direction == "at_least" else apart <= 1e-6
    return found


def chance_of(values: npt.ArrayLike, aim: float, direction: str) -> Chance:
    """Return the chance that a target is met.

    Parameters
    ----------
    values : array-like of float, shape (draws,)
    aim : float
    direction : {"at_least", "at_most"}

    Notes
    -----
    The error is that of a share of independent draws. It is taken at the share of one draw more,
    half of which meets the target (the posterior mean under Jeffreys' prior; Brown, Cai and
    DasGupta 2001, *Statistical Science* 16, 101-133), so that it is not nought
    where all draws agree.
    """
    met = meets(values, aim, direction)
    n = len(met)
    near = (met.sum() + 0.5) / (n + 1)
    return Chance(100 * float(met.mean()), 100 * float(np.sqrt(near * (1 - near) / n)))


def linear(now: float, aim: float, years: npt.ArrayLike, whole: float) -> Floats:
    """Return levels on a straight path, ``years`` after now, that ends after ``whole`` years."""
    found: Floats = now + (aim - now) * np.asarray(years, dtype=float) / whole
    return found


def constant_rate(now: float, aim: float, years: npt.ArrayLike, whole: float) -> Floats:
    """Return levels on a path that changes by the same share each year.

    NaN where either end is not above nought: no such path leads there.
    """
    at = np.asarray(years, dtype=float)
    if now <= 0 or aim <= 0:
        return np.full(at.shape, np.nan)
    found: Floats = now * (aim / now) ** (at / whole)
    return found


def carried_on(
    last: float, changes: npt.ArrayLike, years: float, n: int, rng: np.random.Generator
) -> Floats | None:
    """Return draws of a level that goes on from its last value, as it went in past years.

    Parameters
    ----------
    last : float
    changes : array-like of float
        Yearly changes of the past.
    years : float
        How far ahead.
    n : int
        Draws.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of float, shape (n,), or None
        None where fewer than :data:`FEWEST_CHANGES` changes are known.

    Notes
    -----
    A random walk without drift; since its spread is estimated from few changes, draws are of
    Student's t (Hyndman and Athanasopoulos 2021, *Forecasting: principles and practice*, 5.5,
    with t for the normal).
    """
    known = np.asarray(changes, dtype=float)
    known = known[np.isfinite(known)]
    if len(known) < FEWEST_CHANGES:
        return None
    spread = float(np.sqrt((known**2).mean()))
    draws: Floats = last + spread * np.sqrt(years) * rng.standard_t(len(known), n)
    return draws


def next_year(values: npt.ArrayLike, n: int, rng: np.random.Generator) -> Floats | None:
    """Return draws of a yearly number that scatters about its mean, as past years did.

    None where fewer than :data:`FEWEST_CHANGES` years are known. The predictive distribution of
    one more of a normal sample: Student's t.
    """
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    m = len(known)
    if m < FEWEST_CHANGES:
        return None
    spread = float(known.std(ddof=1)) * np.sqrt(1 + 1 / m)
    draws: Floats = float(known.mean()) + spread * rng.standard_t(m - 1, n)
    return draws
