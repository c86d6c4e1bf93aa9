"""Outturns forecast where the truth is known: what ranges of 80% hold, over authorities."""

from __future__ import annotations

import numpy as np
import pytest
from budget_histories import AHEAD, inside
from truth_histories import SCENARIOS

from needs.costs.budget_prices import Drift

pytestmark = pytest.mark.unit

EACH, SEED, SIZE = 280, 7041, 0.1
"""Authorities of each kind, 840 together; a tenth of the usual size, about a hundred children."""
DEARER = Drift.between(6.0, 9.0, 12.0)
"""Prices that rise by four points a year more than the settings expect."""


def held(each, seed, **how):
    """Return the share of outturns held by year, and its standard error, over all kinds."""
    found = np.concatenate(
        [inside(s, each, seed + i, SIZE, **how) for i, s in enumerate(SCENARIOS)]
    )
    share = found.mean(axis=0)
    return 100 * share, 100 * np.sqrt(share * (1 - share) / len(found)), len(found)


def test_ranges_of_outturns_hold_what_they_say(long_form, claims):
    if not long_form:
        share, _, n = held(7, SEED, draws=100)
        # Two dozen authorities: three standard errors, of years that go together.
        assert abs(share.mean() - 80) < 3 * 100 * np.sqrt(0.16 / n)
        return
    share, error, n = held(EACH, SEED)
    assert n >= 800
    for year, (part, se) in enumerate(zip(share, error, strict=True), start=1):
        claims.held(
            f"outturn {year} ahead within its 80% range, {n} authorities",
            f"{part:.1f}% (standard error {se:.1f})",
            "77% to 83%",
            77 <= part <= 83,
        )
    wrong, _, few = held(60, SEED + 50, truth=DEARER)
    words = ", ".join(f"{w:.0f}%" for w in wrong)
    claims.stated(f"the same where prices rise four points faster than expected, {few}", words)
    # One year by itself may miss by chance: a standard error is a point and a half.
    assert ((share >= 77 - error) & (share <= 83 + error)).all()
    whole = f"{share.mean():.1f}%"
    assert claims.held(
        f"outturns of {AHEAD} years within 80% ranges, {n} authorities",
        whole,
        "77% to 83%",
        77 <= share.mean() <= 83,
    )


def test_the_judge_fails_ranges_that_are_too_narrow():
    share, _, n = held(7, SEED, draws=60, width=0.25)
    assert 80 - share.mean() > 3 * 100 * np.sqrt(0.16 / n)
