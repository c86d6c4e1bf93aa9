"""Chances of meeting a target are what they say, where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from truth_histories import SCENARIOS
from truth_shortage import judged
from truth_targets import statements

pytestmark = pytest.mark.unit

EACH, SEEDS = 23, range(15)
"""Histories of each scenario and seed: 1,035 in all."""
SEED = 9000
POINTS, SLOPE, LEAST = 8.0, (0.9, 1.1), 150


def test_chances_are_told_from_forecasts_and_wrong_forecasts_are_told():
    """Few histories: enough to tell draws that scatter a third as far as they should."""
    made = statements("stationary", 7, SEED, lambda d: d.mean(axis=0) + (d - d.mean(axis=0)) / 3)
    fair, bold = judged(made[:, :2]), judged(made[:, [2, 1]])
    assert fair.brier < 0.95 * fair.base
    assert bold.brier > fair.brier and bold.widest > fair.widest


def test_chances_of_meeting_a_target_are_what_they_say(long_form, claims):
    """At least 1,000 histories, four targets each; forecasts are the flow model's."""
    if not long_form:
        pytest.skip("long form: make validate")
    made = np.concatenate([statements(s, EACH, SEED + k) for k in SEEDS for s in SCENARIOS])
    found = judged(made[:, :2])
    claims.told("chances of meeting a target told, and what came", found.table())
    words = f"{found.bins['n'].min():,} or more in each of {len(found.bins)} bins"
    held = [
        claims.held(
            "statements on targets", words, f"at least {LEAST}", found.bins["n"].min() >= LEAST
        ),
        claims.most("targets: widest distance of told and came", found.widest, POINTS, "points"),
        claims.held(
            "targets: slope",
            f"{found.slope:.2f}",
            "0.9 to 1.1",
            SLOPE[0] <= found.slope <= SLOPE[1],
        ),
        claims.held(
            "targets: Brier score",
            f"{found.brier:.3f}",
            f"below {found.base:.3f}",
            found.brier < found.base,
        ),
    ]
    assert all(held)
