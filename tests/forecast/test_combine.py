"""Weights from skill, and ranges widened to cover, with answers known beforehand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs.forecast.backtest import Past, scored
from needs.forecast.combine import (
    PRIOR_SKILL,
    combined_past,
    mixed,
    pool_weights,
    pooled_past,
    skill,
    weights,
)
from needs.forecast.shape import Forecast, Part
from needs.forecast.widths import Widths, calibrate, stretches

pytestmark = pytest.mark.unit

N = 1000
TWO = ("last_value", "wise")


def made(method, origin, middle, width, rng, years=3, draws=N) -> Forecast:
    """Return a forecast of two groups and two ages whose total is normal."""
    total = np.maximum(middle + width * rng.standard_normal((draws, years)), 0)
    share = rng.uniform(0.28, 0.32, (draws, years))
    groups = np.stack([total * share, total * (1 - share)], axis=2).astype(np.float32)
    ages = np.stack([total * (1 - share), total * share], axis=2).astype(np.float32)
    days = tuple(dt.date(origin + i + 1, 3, 31) for i in range(years))
    return Forecast(
        method, method, dt.date(origin, 3, 31), days, ("a", "b"), groups,
        {"ages": Part(("x", "y"), ages)},
    )  # fmt: skip


def past_of(errors, origins=range(2000, 2030), claimed=20.0, spread=20.0, seed=1):
    """Return past forecasts of methods that are out by ``spread`` and claim ``claimed``."""
    rng = np.random.default_rng(seed)
    past = []
    for origin in origins:
        truth = 800 + spread * rng.standard_normal(3)
        outcome = np.stack([truth * 0.3, truth * 0.7], axis=1)
        for method, off in errors.items():
            middle = truth if off == "perfect" else 800 + off
            width = 0.5 if off == "perfect" else claimed
            f = made(method, origin, middle, width, rng)
            past.append(Past(f, outcome, np.array([240.0, 560.0])))
    return past


def test_a_perfect_method_gets_the_weight():
    found = pool_weights(past_of({"last_value": 0, "wise": "perfect"}), TWO)
    assert found["wise"] > 0.9
    assert sum(found.values()) == pytest.approx(1)


def test_where_nothing_has_beaten_it_the_last_value_stands_alone():
    past = past_of({"last_value": 0, "flow": 90})
    assert pool_weights(past, ("last_value", "flow")) == {"last_value": 1.0}
    # From three origins on its own skill decides, however well it does elsewhere.
    assert PRIOR_SKILL["flow"] < 1


def test_where_nothing_is_tested_known_truth_decides():
    found = pool_weights([], ("last_value", "flow", "drift", "new"))
    assert set(found) == {"last_value", "flow", "drift"}
    assert found["flow"] > 0.5
    assert pool_weights([], ("last_value",)) == {"last_value": 1.0}


def test_one_lucky_origin_does_not_decide():
    errors = {"last_value": 0, "wise": "perfect"}
    one = pool_weights(past_of(errors, range(2000, 2001)), TWO)
    seven = pool_weights(past_of(errors, range(2000, 2007)), TWO)
    assert 0.6 < one["wise"] < 0.9 < seven["wise"]


def test_one_year_that_nobody_foresaw_does_not_decide():
    rows = []
    for origin in range(2010, 2017):
        shock = origin == 2012
        for method, crps in (("last_value", 400 if shock else 10), ("wise", 440 if shock else 8)):
            rows.append({"method": method, "origin": origin, "horizon": 1, "group": "all",
                         "crps": crps, "absolute": crps, "base": 500, "outcome": 500})  # fmt: skip
    found = skill(pd.DataFrame(rows))
    assert found["wise"] == pytest.approx((0.8**6 * 1.1) ** (1 / 7))
    assert weights(pd.DataFrame(rows), TWO)["wise"] > 0.5


def test_a_type_s_ranges_are_widened_sooner_than_narrowed():
    def widths_of(factor: float) -> Widths:
        """Ranges of one type hold what they claim, those of the other miss or exceed it."""
        rng = np.random.default_rng(8)
        past = []
        for origin in range(2000, 2007):
            draws = np.exp(rng.normal([4, 5], 0.1, (N, 3, 2))).astype(np.float32)
            away = np.array([0.1, 0.1 * factor])
            outcome = np.exp(np.array([4, 5]) + away * rng.standard_normal((3, 2)))
            days = tuple(dt.date(origin + i + 1, 3, 31) for i in range(3))
            f = Forecast("m", "m", dt.date(origin, 3, 31), days, ("a", "b"), draws)
            past.append(Past(f, outcome, np.array([55.0, 148.0])))
        return stretches(past)

    wide, narrow = widths_of(4.0), widths_of(0.25)
    assert wide.types["b"] > 1.5 * wide.types["a"]
    assert wide.types["b"] > 2
    assert narrow.types["b"] > 0.6 * narrow.types["a"]


def test_skill_is_of_total_and_large_types_and_not_of_small_ones():
    past = past_of({"last_value": 0, "wise": "perfect"}, range(2000, 2006))
    spoilt = []
    for p in past:
        draws = np.array(p.forecast.draws)
        if p.forecast.method == "wise":
            draws[:, :, 0] += 40  # out for a type, and made good in the other
            draws[:, :, 1] -= 40
        f = Forecast("wise" if p.forecast.method == "wise" else "last_value", "", p.forecast.origin,
                     p.forecast.days, ("a", "b"), draws)  # fmt: skip
        spoilt.append(Past(f, p.outcome, p.base))
    before, after = skill(scored(past))["wise"], skill(scored(spoilt))["wise"]
    assert after > 3 * before
    small = [Past(p.forecast, p.outcome, np.array([10.0, 560.0])) for p in spoilt]
    without_a = skill(scored(small))["wise"]
    only_b = scored(spoilt).query("group != 'a'")
    assert without_a == pytest.approx(skill(only_b)["wise"])


def test_a_method_without_a_range_takes_no_part():
    past = past_of({"last_value": 0, "point": 0}, range(2000, 2006))
    flat = [
        p if p.forecast.method == "last_value" else Past(calm(p.forecast), p.outcome, p.base)
        for p in past
    ]
    assert all(set(p.forecast.settings["weights"]) == {"last_value"} for p in pooled_past(flat, 1))


def calm(f: Forecast) -> Forecast:
    same = np.broadcast_to(np.median(f.draws, axis=0, keepdims=True), f.draws.shape)
    return Forecast(f.method, f.label, f.origin, f.days, f.groups, same.copy())


def test_a_mixture_takes_whole_draws_in_proportion():
    rng = np.random.default_rng(3)
    two = {"a": made("a", 2023, 100, 1, rng), "b": made("b", 2023, 900, 1, rng)}
    pool = mixed(two, {"a": 0.25, "b": 0.75}, rng)
    assert len(pool.draws) == N
    assert (pool.total()[:, 0] < 500).mean() == pytest.approx(0.25, abs=0.001)
    # A path stays with its method from day to day.
    low = pool.total() < 500
    assert (low == low[:, :1]).all()
    assert pool.parts["ages"].draws.sum(2) == pytest.approx(pool.total(), rel=1e-5)


@pytest.mark.parametrize(("claimed", "least", "most"), [(5.0, 2.5, 4.0), (20.0, 0.8, 1.35)])
def test_narrow_ranges_are_widened_and_true_ones_left(claimed, least, most):
    found = stretches(past_of({"m": 0}, claimed=claimed))
    assert least <= found.total <= most


def test_ranges_of_a_type_that_are_too_narrow_are_widened_and_those_of_the_total_left():
    """The total is known, its division is not: only the types' ranges must grow."""
    rng = np.random.default_rng(8)
    past = []
    for origin in range(2000, 2030):
        f = made("m", origin, 800, 20, rng)
        total, share = 800 + 20 * rng.standard_normal(3), 0.3 + 0.1 * rng.standard_normal(3)
        outcome = np.stack([total * share, total * (1 - share)], axis=1)
        past.append(Past(f, outcome, np.array([240.0, 560.0])))
    found = stretches(past)
    assert found.total < 1.4
    assert found.of("a") > 1.8
    assert found.others > 1.4
    wide = calibrate(past[0].forecast, found)
    assert wide.draws.sum(2) == pytest.approx(
        calibrate(past[0].forecast, Widths(found.total)).total(), rel=1e-4
    )
    spread = [np.ptp(np.percentile(f.draws[:, 0, 0], [10, 90])) for f in (past[0].forecast, wide)]
    assert spread[1] > 1.5 * spread[0]


def test_widened_ranges_cover_new_years():
    found = stretches(past_of({"m": 0}, range(1800, 1900), claimed=8.0))
    fresh = past_of({"m": 0}, range(3000, 3200), claimed=8.0, seed=2)
    before = scored(fresh, {"all": ("a", "b")})["inside_80"].mean()
    wide = [Past(calibrate(p.forecast, found), p.outcome, p.base) for p in fresh]
    after = scored(wide, {"all": ("a", "b")})["inside_80"].mean()
    assert before < 0.5
    assert 0.7 < after < 0.9


@settings(max_examples=30, deadline=None)
@given(st.floats(0.5, 4.0), st.floats(0.5, 4.0), st.floats(0, 50), st.integers(0, 99))
def test_a_calibrated_forecast_adds_up_and_keeps_its_order(factor, of_types, middle, seed):
    before = made("m", 2023, middle, 10, np.random.default_rng(seed), draws=101)
    after = calibrate(before, Widths(factor, of_types, {"a": 1.3}))
    assert (after.draws >= 0).all()
    ages = after.parts["ages"].draws
    assert ages.sum(2) == pytest.approx(after.total(), rel=1e-4, abs=1e-3)
    for day in range(3):
        order = np.argsort(before.total()[:, day], kind="stable")
        assert (np.diff(after.total()[order, day]) >= -2e-3).all()
    middles = [np.median(f.total(), axis=0) for f in (before, after)]
    assert middles[1] == pytest.approx(middles[0], rel=1e-4, abs=2e-3)


def test_the_combination_knows_no_outcome_before_it_comes():
    past = past_of({"last_value": 0, "wise": "perfect"}, range(2000, 2008))
    first = combined_past(past, 5)
    # Outcomes of the last year and after change nothing that was said up to then.
    other = [
        Past(
            p.forecast,
            np.where(np.array([d.year for d in p.forecast.days])[:, None] > 2005, 1.0, p.outcome),
            p.base,
        )
        for p in past
    ]
    again = combined_past(other, 5)
    for a, b in zip(first, again, strict=True):
        if a.forecast.origin.year <= 2005:
            assert (a.forecast.draws == b.forecast.draws).all()
    assert first[0].forecast.settings["weights"] == {"last_value": 1.0}
    assert first[-1].forecast.settings["weights"]["wise"] > 0.6
    assert (first[-1].forecast.draws != again[-1].forecast.draws).any()


def test_weights_need_the_last_value_beside_them():
    rows = scored(past_of({"last_value": 0, "wise": "perfect"}), {"all": ("a", "b")})
    assert weights(rows.iloc[:0], ("last_value",)) == {"last_value": 1.0}
