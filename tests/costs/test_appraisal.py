"""Discounting, payback, uncertain inputs: against published values, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from needs.costs.appraisal import discount_factors, payback, pert, ramped, root
from needs.vocabulary.errors import ModelError


@pytest.mark.reference
def test_present_value_is_that_of_a_published_example():
    """Gitman, Principles of Managerial Finance, as numpy-financial documents ``npv`` with it."""
    flows = np.array([-40_000, 5_000, 8_000, 12_000, 30_000])
    assert flows @ discount_factors(5, 8.0) == pytest.approx(3065.22267, abs=5e-6)
    flows = np.array([-100, 39, 59, 55, 20])
    assert flows @ discount_factors(5, 28.1) == pytest.approx(-0.0084785916384548798, abs=1e-12)


@pytest.mark.reference
def test_the_rate_falls_in_the_years_that_the_treasury_says():
    """3.5% to year 30, 3.0% for years 31 to 75, 2.5% thereafter (HM Treasury, Review of discounting
    in the Green Book: terms of reference, December 2025, section 1, of the edition in force)."""
    factors = discount_factors(126)
    rate = 100 * (factors[:-1] / factors[1:] - 1)
    assert rate[:30] == pytest.approx(np.full(30, 3.5))
    assert rate[30:75] == pytest.approx(np.full(45, 3.0))
    assert rate[75:] == pytest.approx(np.full(50, 2.5))
    level = discount_factors(126, falls=False)
    assert level[125] == pytest.approx(1.035**-125)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("flows", "years"),
    [
        ([-100, 50, 50, 50], 3.0),
        ([-100, 40, 40, 40], 3.5),
        ([-100, 200, -150, 100], 3.5),  # back in year one, owed again: for good in year three
        ([10, 10], 0.0),
        ([-100, 120, -40, 20], 4.0),
    ],
)
def test_payback_is_when_the_money_is_back_for_good(flows, years):
    assert payback(flows) == pytest.approx(years)


@pytest.mark.unit
def test_money_that_never_comes_back_has_no_payback():
    assert np.isnan(payback([-100, 50]))
    assert np.isnan(payback([-100, 150, -60]))


@pytest.mark.unit
def test_draws_have_the_published_mean_and_a_known_distribution():
    uniform = (np.arange(200_000) + 0.5) / 200_000
    drawn = pert(2.0, 3.0, 10.0, uniform)
    assert drawn.mean() == pytest.approx((2 + 4 * 3 + 10) / 6, abs=1e-4)
    assert drawn.min() >= 2.0 and drawn.max() <= 10.0
    # With the likeliest at the low end it is 1 - (1 - x)^5 on the range.
    drawn = pert(0.0, 0.0, 1.0, uniform)
    for x in (0.05, 0.2, 0.6):
        assert (drawn <= x).mean() == pytest.approx(1 - (1 - x) ** 5, abs=1e-4)
    assert (pert(4.0, 4.0, 4.0, uniform) == 4.0).all()


@pytest.mark.property
@settings(max_examples=40, deadline=None)
@given(st.floats(0, 6), st.floats(0, 3), st.floats(0, 1))
def test_settling_in_adds_up_to_its_straight_line(since, ramp, begins):
    def taken(t):
        return 1.0 if ramp == 0 else min(1.0, begins + (1 - begins) * t / ramp)

    area = quad(taken, 0, since, points=[min(ramp, since)])[0]
    assert float(ramped(since, ramp, begins)) == pytest.approx(area, abs=1e-6)


@pytest.mark.unit
def test_a_root_is_found_or_said_not_to_be():
    assert root(lambda x: 3 * x - 12, 100) == pytest.approx(4)
    assert root(lambda x: x + 1, 100) == 0.0
    assert np.isnan(root(lambda x: x - 101, 100))
    with pytest.raises(ModelError, match="not a number"):
        root(lambda _: float("nan"), 100)
