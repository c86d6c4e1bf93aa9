"""The futures that are lived have the mean and the spread of the chain that they stand for."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from scipy.linalg import expm

from needs.forecast.flow.bands import AGE_EDGES, AGE_GROUPS, DURATION_EDGES, Cells
from needs.forecast.flow.drift import Drift
from needs.forecast.flow.entries import Stream
from needs.forecast.flow.exposure import MOVERS, mover
from needs.forecast.flow.hazards import Rates
from needs.forecast.flow.leavers import BACK
from needs.forecast.flow.model import FlowModel, Present, month_after

pytestmark = pytest.mark.reference

PLACES = ("foster", "ifa", "home")
P = len(PLACES)
A_MONTH = 6.0
DRAWS = 1500
AT = (1, 5, 13, 26)
STEP = 0.125
"""Months in which those who come are added up; edges of bands are multiples of it."""
COMES = (170.0, 1)
"""Age in months, and placement type, of everybody who comes."""


def sure(seed: int, level: float) -> Rates:
    """Return rates that differ from cell to cell, and are known."""
    design = Cells(P).design()
    rng = np.random.default_rng(seed)
    effects = rng.normal(0, 0.4, design.shape[1])
    effects[0] = np.log(level)
    nothing = np.zeros(len(design))
    return Rates(effects, np.zeros((len(effects),) * 2), 1e9, nothing, nothing, design)


def still(level: float) -> Drift:
    """Return a drift that goes nowhere."""
    one = np.ones(1)
    return Drift(one, 0 * one, np.array([[level, 0.0]]), np.zeros((1, 2, 2)), one, 0.95)


@pytest.fixture(scope="module")
def model() -> FlowModel:
    rng = np.random.default_rng(3)
    n = 90
    # Ages and stays end on multiples of a step, past which bands change.
    age = np.floor(rng.uniform(0, 215, n) / STEP) * STEP + STEP / 2
    since = np.floor(np.minimum(rng.exponential(12, n), age) / STEP) * STEP + STEP / 2
    present = Present(age, since, rng.integers(P, size=n), rng.integers(2, size=n))
    stream = Stream(
        False,
        still(float(np.log(A_MONTH * 12))),
        np.ones(12),
        1.0,
        np.array([COMES[0]]),
        np.array([COMES[1]]),
        np.ones(1),
    )
    routes = rng.uniform(0.1, 1, (MOVERS, P, P)) * (1 - np.eye(P))
    return FlowModel(
        PLACES,
        dt.date(2023, 3, 31),
        sure(1, 0.8),
        sure(2, 1.2),
        still(0.1),
        (stream,),
        1e9 * routes / routes.sum(axis=2, keepdims=True),
        present,
        {},
        np.zeros((BACK, 2, 3, P), np.int64),
        (18.0, 6.0),
    )


def chance(model: FlowModel, age: float, since: float, place: int, uasc: int) -> np.ndarray:
    """Return the chance to be in each type, by step; the exponential of what changes it."""
    exits = model.exits.mean().reshape(2, P, len(AGE_EDGES), -1) * np.exp(0.1) / 12
    moves = model.moves.mean().reshape(2, P, len(AGE_EDGES), -1) / 12
    routes = model.routes / model.routes.sum(axis=2, keepdims=True)
    here = np.eye(P)[place]
    known: dict[tuple[int, int, int], np.ndarray] = {}
    rows = [here]
    for k in range(round(max(AT) / STEP)):
        now = age + k * STEP
        # The middle of the step tells the bands; who turns 18 within it has left at its end.
        a = int(np.searchsorted(np.array(AGE_EDGES) * 12, now + STEP / 4, side="right")) - 1
        d = int(np.searchsorted(DURATION_EDGES, since + (k + 0.25) * STEP, side="right")) - 1
        who = int(mover(np.array([now / 12]), np.array([bool(uasc)]))[0])
        if (a, d, who) not in known:
            change = moves[uasc, :, a, d][:, None] * routes[who]
            change -= np.diag(moves[uasc, :, a, d] + exits[uasc, :, a, d])
            known[a, d, who] = expm(change * STEP)
        here = here @ known[a, d, who] if now + STEP < 216 else np.zeros(P)
        rows.append(here)
    return np.array(rows)


def test_means_and_spread_are_those_of_the_chain(model: FlowModel):
    days = [month_after(model.origin, m) for m in range(1, max(AT) + 1)]
    forecast = model.simulate(days, DRAWS, np.random.default_rng(8), threads=1)
    p = model.present
    at = [round(m / STEP) for m in AT]
    each = np.array(
        [chance(model, *child)[at] for child in zip(p.age, p.since, p.place, p.uasc, strict=True)]
    )
    # Those who came in a step before: as many as chance has it, independent of each other.
    new = chance(model, COMES[0], STEP / 2, COMES[1], 0)
    came = A_MONTH * STEP * np.array([new[:i].sum(axis=0) for i in at])
    mean = each.sum(axis=0) + came
    spread = (each * (1 - each)).sum(axis=0) + came
    rows = [m - 1 for m in AT]
    found = forecast.draws[:, rows].astype(float)
    error = (found.mean(axis=0) - mean) / np.sqrt(spread / DRAWS)
    assert np.abs(error).max() < 4, error
    # A variance of nearly normal numbers has a relative error of the root of two in so many.
    assert found.var(axis=0, ddof=1) == pytest.approx(spread, rel=4.5 * np.sqrt(2 / DRAWS))
    ages = forecast.parts["ages"].draws[:, rows].mean(axis=0)
    older = p.age[:, None] + np.array(AT)
    for group, (low, high) in enumerate(AGE_GROUPS.values()):
        there = (older >= 12 * low) & (older < 12 * high)
        wanted = (each.sum(axis=2) * there).sum(axis=0)
        if (low, high) == (10, 16):
            older_new = COMES[0] + (np.arange(len(new)) + 0.5) * STEP
            wanted += [A_MONTH * STEP * new[:i][older_new[:i] < 192].sum() for i in at]
        if (low, high) == (16, 18):
            wanted += [A_MONTH * STEP * new[:i][older_new[:i] >= 192].sum() for i in at]
        assert ages[:, group] == pytest.approx(wanted, abs=4.5 * np.sqrt(wanted.max() / DRAWS))
