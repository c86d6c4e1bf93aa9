"""Chances of a shortage are what they say, where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from truth_histories import SCENARIOS
from truth_shortage import judged, statements

pytestmark = pytest.mark.unit

EACH, SEEDS = 23, range(15)
"""Histories of each scenario and seed: 1,035 in all."""
SEED = 7000
POINTS, SLOPE, LEAST = 8.0, (0.9, 1.1), 150


def test_the_judge_tells_chances_that_are_right_from_those_that_are_not():
    """Statements whose truth is drawn from what they say, and the same ones said too boldly."""
    rng = np.random.default_rng(1)
    told = rng.uniform(0.02, 0.98, 12_000)
    right = judged(np.column_stack([told, rng.random(12_000) < told]))
    assert right.widest < 4 and 0.9 < right.slope < 1.1 and right.brier < right.base
    odds = told**2 / (told**2 + (1 - told) ** 2)
    bold = judged(np.column_stack([odds, rng.random(12_000) < told]))
    assert bold.slope < 0.6 and bold.widest > 8


def test_chances_are_told_from_forecasts_and_wrong_forecasts_are_told():
    """Few histories: enough to tell a forecast that is a fifth too high or says nothing."""
    fair = judged(statements("stationary", 8, SEED))
    assert fair.brier < 0.9 * fair.base
    high = judged(statements("stationary", 8, SEED, lambda draws: np.float32(1.2) * draws))
    assert high.brier > 1.1 * high.base and high.widest > fair.widest


def test_chances_of_a_shortage_are_what_they_say(long_form, claims):
    """At least 1,000 histories, three services each; forecasts are the flow model's."""
    if not long_form:
        pytest.skip("long form: make validate")
    made = np.concatenate([statements(s, EACH, SEED + k) for k in SEEDS for s in SCENARIOS])
    found = judged(made)
    claims.told("chances of a shortage told, and what came", found.table())
    words = f"{found.bins['n'].min():,} or more in each of {len(found.bins)} bins"
    held = [
        claims.held("statements", words, f"at least {LEAST}", found.bins["n"].min() >= LEAST),
        claims.most("widest distance of told and came", found.widest, POINTS, "points"),
        claims.held(
            "slope", f"{found.slope:.2f}", "0.9 to 1.1", SLOPE[0] <= found.slope <= SLOPE[1]
        ),
        claims.held(
            "Brier score", f"{found.brier:.3f}", f"below {found.base:.3f}", found.brier < found.base
        ),
    ]
    assert all(held)
