"""Carers ahead: approvals, deregistrations by time since approval, and the places that follow.

Approvals of a year are Poisson; so are deregistrations, at a hazard that depends on the years since
approval. The level of either goes from year to year as a random walk of its logarithm, whose size
is not known: level and size are filtered exactly on a grid (Harvey and Fernandes, 1989, *Time
series models for count or qualitative observations*; the grid is that of a hidden Markov model,
Zucchini and others, 2016, *Hidden Markov Models for Time Series*, chapter 8). A future then draws a
size, a level, steps for each year ahead, relative hazards, and last of all chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from needs.sufficiency.fostering.pipeline import YEAR, Pipeline

__all__ = ["BANDS", "LEAST", "Fitted", "Future", "fitted", "future", "levels"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BANDS = (0.0, 1.0, 3.0, 6.0)
"""Years since approval at which bands of the hazard begin."""
LEAST = 3
"""Years that a forecast needs."""
_STEPS = np.array([0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4])
"""Sizes of the yearly step of a logarithm that are thought of."""
_USUAL = 0.15
"""Half-normal scale of what is thought of them beforehand."""
_SHRUNK = 10.0
"""Deregistrations that the prior of a band's relative hazard weighs as much as."""
_GRID = np.linspace(-2.0, 2.0, 161)


def levels(
    counts: Floats, exposure: Floats, rng: np.random.Generator, n: int
) -> tuple[Floats, Floats]:
    """Return draws of the level of a rate in the last year, and of the size of its yearly step.

    Parameters
    ----------
    counts, exposure : numpy.ndarray, shape (years,)
        Events, and what they are expected to be at a rate of one.
    rng : numpy.random.Generator
    n : int

    Returns
    -------
    tuple of numpy.ndarray, each of shape (n,)
        Logarithm of the rate, and standard deviation of its change in a year.
    """
    centre = np.log((counts.sum() + 0.5) / max(exposure.sum(), 1e-9))
    grid = centre + _GRID
    mean = np.exp(grid)[None, :] * exposure[:, None]
    like = counts[:, None] * np.log(np.maximum(mean, 1e-300)) - mean
    gap = grid[:, None] - grid[None, :]
    weights, states = [], []
    for step in _STEPS:
        move = np.eye(len(grid)) if step == 0 else np.exp(-0.5 * (gap / step) ** 2)
        move = move / move.sum(axis=1, keepdims=True)
        state, total = np.full(len(grid), 1 / len(grid)), 0.0
        for k in range(len(counts)):
            state = state if k == 0 else state @ move
            top = like[k].max()
            state = state * np.exp(like[k] - top)
            total += np.log(state.sum()) + top
            state = state / state.sum()
        weights.append(total - 0.5 * (step / _USUAL) ** 2)
        states.append(state)
    # Sizes stand on an uneven grid: each for the stretch around it.
    share = np.exp(np.array(weights) - max(weights)) * np.gradient(_STEPS)
    which = rng.choice(len(_STEPS), n, p=share / share.sum())
    heaped = np.cumsum(np.array(states), axis=1)
    at = (heaped[which] < rng.random(n)[:, None]).sum(axis=1)
    within = rng.uniform(-0.5, 0.5, n) * (_GRID[1] - _GRID[0])
    return grid[np.minimum(at, len(grid) - 1)] + within, _STEPS[which]


@dataclass(frozen=True, eq=False)
class Fitted:
    """What is known of the households of a group, in draws.

    Attributes
    ----------
    approvals, approvals_step : numpy.ndarray, shape (draws,)
        Logarithm of approvals a year, and its yearly step.
    hazard : numpy.ndarray, shape (draws, bands)
        Relative hazard of deregistration by years since approval.
    leaving, leaving_step : numpy.ndarray, shape (draws,)
        Logarithm of the hazard that multiplies it, and its yearly step.
    stock : numpy.ndarray of int, shape (years since approval, places)
        Households approved now.
    sizes : numpy.ndarray, shape (places,)
        Share of new households that are approved for as many places.
    """

    approvals: Floats = field(repr=False)
    approvals_step: Floats = field(repr=False)
    hazard: Floats = field(repr=False)
    leaving: Floats = field(repr=False)
    leaving_step: Floats = field(repr=False)
    stock: Ints = field(repr=False)
    sizes: Floats = field(repr=False)


@dataclass(frozen=True, eq=False)
class Future:
    """Draws of the years ahead, each of shape (draws, years), at the end of each year.

    Attributes
    ----------
    households, places, approved, left : numpy.ndarray
    staying : numpy.ndarray, shape (draws, years, years)
        Chance that a household approved in the one year is there at the end of the other.
    """

    households: Ints = field(repr=False)
    places: Ints = field(repr=False)
    approved: Ints = field(repr=False)
    left: Ints = field(repr=False)
    staying: Floats = field(repr=False)


def fitted(pipeline: Pipeline, ends: Sequence[int], rng: np.random.Generator, draws: int) -> Fitted:
    """Return what the years up to the last of ``ends`` tell of a group's households."""
    approved = pipeline.counts("approval", ends)
    years, gone = pipeline.exposure(ends, BANDS)
    overall = gone.sum() / max(years.sum(), 1e-9)
    awaited = years.sum(axis=1) * overall
    shape = gone.sum(axis=1) + _SHRUNK
    hazard = rng.gamma(shape, 1 / (awaited + _SHRUNK), (draws, len(BANDS)))
    mean = shape / (awaited + _SHRUNK)
    leaving = levels(gone.sum(axis=0), (mean[:, None] * years).sum(axis=0), rng, draws)
    # The level is of the mean hazards: a draw of these is set so that it means the same.
    hazard *= (awaited @ mean) / np.maximum(hazard @ awaited, 1e-9)[:, None]
    coming = levels(approved, np.ones(len(ends)), rng, draws)
    stock, sizes = _stock(pipeline)
    return Fitted(*coming, hazard, *leaving, stock, sizes)


def _stock(pipeline: Pipeline) -> tuple[Ints, Floats]:
    """Return households by completed years since approval and places, and sizes of all of them."""
    rows = pipeline.rows
    size = rows["places"].fillna(rows["places"].median()).fillna(1).round().astype(int)
    size = size.clip(0, 20)
    here = pipeline.approved_on([pipeline.day])[:, 0]
    oldest = int(BANDS[-1])
    age = ((pipeline.day - rows["approval"]) / YEAR).fillna(0).clip(0, oldest).astype(int)
    stock = np.zeros((oldest + 1, 21), dtype=np.int64)
    np.add.at(stock, (age[here].to_numpy(), size[here].to_numpy()), 1)
    ever = rows["approval"].notna().to_numpy()
    shares = np.bincount(size[ever], minlength=21).astype(float) if ever.any() else np.eye(21)[1]
    return stock, shares / shares.sum()


def future(
    found: Fitted,
    years: int,
    rng: np.random.Generator,
    approvals: float | None = None,
) -> Future:
    """Return draws of the years ahead.

    Parameters
    ----------
    found : Fitted
    years : int
    rng : numpy.random.Generator
    approvals : float, optional
        Mean approvals a year where they are given, not forecast.
    """
    n, ages = len(found.leaving), found.stock.shape[0]
    walk = np.cumsum(rng.standard_normal((2, n, years)), axis=2)
    leaving = np.exp(found.leaving[:, None] + found.leaving_step[:, None] * walk[0])
    rate = np.exp(found.approvals[:, None] + found.approvals_step[:, None] * walk[1])
    rate = rate if approvals is None else np.full_like(rate, approvals)
    band = np.searchsorted(BANDS, np.arange(ages + 1), side="right") - 1
    # A household of so many completed years passes its next birthday within the year.
    each = (found.hazard[:, band[:-1]] + found.hazard[:, band[1:]]) / 2
    state = np.broadcast_to(found.stock, (n, *found.stock.shape)).copy()
    kept: dict[str, list[Ints]] = {k: [] for k in ("households", "places", "approved", "left")}
    sizes = np.arange(found.stock.shape[1])
    for year in range(years):
        stay = np.exp(-each * leaving[:, year, None])
        survived = rng.binomial(state, stay[:, :, None])
        new = rng.poisson(rate[:, year])
        there = rng.binomial(new, np.exp(-0.5 * found.hazard[:, 0] * leaving[:, year]))
        kept["left"].append(state.sum((1, 2)) - survived.sum((1, 2)) + new - there)
        state = np.zeros_like(survived)
        state[:, 1:] = survived[:, :-1]
        state[:, -1] += survived[:, -1]
        state[:, 0] = rng.multinomial(there, found.sizes)
        kept["households"].append(state.sum((1, 2)))
        kept["places"].append((state.sum(1) * sizes).sum(1))
        kept["approved"].append(new)
    staying = _staying(found.hazard[:, 0], each, leaving)
    return Future(**{k: np.stack(v, axis=1) for k, v in kept.items()}, staying=staying)


def _staying(first: Floats, each: Floats, leaving: Floats) -> Floats:
    """Return the chance that a household approved in one year is there at the end of another."""
    n, years = leaving.shape
    found = np.zeros((n, years, years))
    for came in range(years):
        log = -0.5 * first * leaving[:, came]
        found[:, came, came] = np.exp(log)
        for then in range(came + 1, years):
            age = min(then - came - 1, each.shape[1] - 1)
            log = log - each[:, age] * leaving[:, then]
            found[:, came, then] = np.exp(log)
    return found
