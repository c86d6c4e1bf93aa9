"""Outturns and prices ahead: by hand, against closed forms, and where the truth is known."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from needs.costs.budget import outturn, places_between, ranged, risk_of
from needs.costs.budget_agreed import agreed_rises, known_of
from needs.costs.budget_past import new_against_old, past_of
from needs.costs.budget_prices import Drift, Known, PastPrices, weekly_ahead

DRIFT = Drift(0.05, 0.02, own_sd=0.01, year_sd=0.015, own_year_sd=0.02)


def weeks(log_week, drift=DRIFT, ahead=(1, 2), draws=40_000, mix=1e-6, stays=0.5, known=()):
    """Return draws of the price of a week after some years of logarithms, by type."""
    log_week = np.atleast_2d(np.asarray(log_week, dtype=float))
    types, years = log_week.shape
    past = PastPrices(
        log_week, np.full((types, years + len(ahead)), mix), np.full(types, float(stays))
    )
    return weekly_ahead(past, drift, ahead, draws, np.random.default_rng(1), known)


def logs(*args, **more):
    return np.log(weeks(*args, **more))


@pytest.mark.unit
def test_one_known_year_gives_the_rise_expected_and_its_whole_doubt():
    found = logs([[6.0]])[:, :, 0]
    assert found.mean(axis=0) == pytest.approx([6.05, 6.10], abs=2e-3)
    # A rise that goes on counts twice after two years; steps of single years add up.
    lasting, steps = 0.02**2 + 0.01**2, 0.015**2 + 0.02**2
    sds = np.sqrt([lasting + steps, 4 * lasting + 2 * steps])
    assert found.std(axis=0) == pytest.approx(sds, rel=0.02)


@pytest.mark.unit
def test_years_that_rose_evenly_teach_their_own_rise():
    """With years enough the study's own rise counts, and next to nothing of what was expected."""
    own = 0.09
    few, many = (logs([own * np.arange(n)], ahead=(1,)).mean() - own * (n - 1) for n in (2, 60))
    assert DRIFT.rise < few < many
    assert many == pytest.approx(own, abs=0.003)


@pytest.mark.unit
def test_prices_of_two_types_rise_together_as_far_as_they_share():
    found = logs([[6.0], [8.0]], ahead=(1,))[:, 0]
    shared = 0.02**2 + 0.015**2
    whole = shared + 0.01**2 + 0.02**2
    assert np.corrcoef(found.T)[0, 1] == pytest.approx(shared / whole, abs=0.02)


@pytest.mark.unit
def test_who_happens_to_be_placed_is_doubt_that_leaves_again():
    """A price far above its neighbours' path comes back where few children made it."""
    path = [6.0, 6.05, 6.10, 6.75]
    firm = logs([path], ahead=(1,)).mean()
    loose = logs([path], ahead=(1,), mix=0.4, stays=0.0)
    assert loose.mean() < firm - 0.2
    assert loose.std() > logs([path], ahead=(1,)).std()


@pytest.mark.unit
def test_an_agreed_rise_is_taken_as_far_as_it_is_sure():
    known = [[6.0], [8.0]]
    sure = logs(known, ahead=(1,), known=[Known(0, 0.12, 1e-4)])[:, 0]
    vague = logs(known, ahead=(1,), known=[Known(0, 0.12, 10.0)])[:, 0]
    assert sure[:, 0].mean() == pytest.approx(6.12, abs=1e-3)
    assert sure[:, 0].std() < 1e-3
    assert vague[:, 0].mean() == pytest.approx(6.05, abs=2e-3)
    # What one type's rise tells of all is told of the other.
    assert 8.05 < sure[:, 1].mean() < 8.12


@pytest.mark.unit
def test_the_rest_of_a_year_costs_what_its_beginning_did():
    found = logs([[6.0, 6.04]], ahead=(0, 1))[:, :, 0]
    assert found[:, 0].mean() == pytest.approx(6.04, abs=1e-3)
    assert found[:, 0].std() < 1e-3
    assert found[:, 1].std() > 0.02


@pytest.mark.unit
def test_a_type_that_nobody_is_paid_for_costs_nothing():
    found = weeks([[6.0], [np.nan]], ahead=(1,), draws=20)
    assert (found[:, :, 1] == 0).all() and (found[:, :, 0] > 0).all()


@pytest.mark.unit
def test_spread_and_turnover_of_past_prices_by_hand():
    """Two years; twelve children at 100 or 300 a night, of whom half stay."""
    rows = []
    for window in (0, 1):
        for i in range(12):
            rows.append(("home", window, i + 6 * window, 100.0 * (1 + 2 * (i % 2)) * 100, 100.0))
    child = pd.DataFrame(rows, columns=["type", "window", "child", "gross", "nights"])
    found = past_of(child, ["home", "none"], 2, np.array([[1200 / 365.25, 0.0]]), ["none"])
    assert found.log_week[0] == pytest.approx(np.log([1400, 1400]))
    assert np.isnan(found.log_week[1]).all()
    # Each child is half of the price away from it; of twelve, eleven may differ from their mean.
    assert found.mix_sd[0] == pytest.approx(np.full(3, 0.5 / np.sqrt(11)))
    assert found.stays[0] == pytest.approx(0.5)


@pytest.mark.property
def test_places_between_have_the_mean_and_the_chance_of_whole_paths():
    rng = np.random.default_rng(3)
    steps = rng.normal(0, 20 / np.sqrt(240), (20_000, 480)).cumsum(axis=1)
    ends = 500 + steps[:, [239, 479]][:, :, None]
    found = places_between(np.array([500.0]), ends, rng)[:, :, 0]
    truth = np.stack([steps[:, :240].mean(axis=1), steps[:, 240:].mean(axis=1)], axis=1) + 500
    assert found.mean(axis=0) == pytest.approx(truth.mean(axis=0), abs=0.5)
    assert found.std(axis=0) == pytest.approx(truth.std(axis=0), rel=0.03)
    error = (found - (500 + ends.reshape(-1, 2)) / 2)[:, 0]
    assert error.std() == pytest.approx(20 / np.sqrt(12), rel=0.03)


@pytest.mark.unit
def test_nobody_is_placed_less_than_not_at_all():
    ends = np.abs(np.random.default_rng(1).normal(0, 3, (200, 2, 1)))
    assert (places_between(np.array([0.0]), ends, np.random.default_rng(2)) >= 0).all()


@pytest.mark.unit
def test_an_outturn_is_places_times_price_times_weeks():
    found = outturn(np.full((1, 2, 1), 10.0), np.full((1, 2, 1), 700.0), (365.0, 366.0))
    assert found.ravel() == pytest.approx([10 * 100 * 365, 10 * 100 * 366])


@pytest.mark.reference
@pytest.mark.parametrize("budget", [60.0, 66.0, 75.0])
def test_risk_of_a_normal_outturn_is_the_closed_form(budget):
    """Mean excess of a normal beyond a threshold: the inverse Mills ratio."""
    mean, sd = 65.0, 6.0
    found = risk_of(np.random.default_rng(4).normal(mean, sd, 400_000), budget)
    z = (budget - mean) / sd
    assert found.over_pct == pytest.approx(100 * norm.sf(z), abs=0.3)
    beyond = mean + sd * norm.pdf(z) / norm.sf(z) - budget
    assert found.beyond_gbp == pytest.approx(beyond, rel=0.03)


@pytest.mark.unit
def test_a_budget_that_always_holds_has_no_overspend_to_tell():
    found = risk_of(np.array([1.0, 2.0]), 3.0)
    assert found.over_pct == 0 and np.isnan(found.beyond_gbp)


@pytest.mark.unit
def test_ranges_lie_inside_each_other():
    found = ranged(np.random.default_rng(5).gamma(3, 10, (500, 2)), ["a", "b"])
    order = ["lower_95", "lower_80", "median", "upper_80", "upper_95"]
    assert (np.diff(found[order].to_numpy(), axis=1) > 0).all()


@pytest.mark.reference
def test_a_known_path_is_weighed_as_a_regression_with_a_prior_weighs_it():
    """Without steps a level and a rise are a straight line: Bayes' rule for a normal prior."""
    drift = Drift(0.05, 0.02, own_sd=0.0, year_sd=0.0, own_year_sd=0.0)
    y, sd = np.array([6.00, 6.11, 6.17, 6.30]), 0.03
    t = np.column_stack([np.ones(5), np.arange(5.0)])
    prior = np.diag([1 / 10.0**2, 1 / 0.02**2])
    precision = prior + t[:4].T @ t[:4] / sd**2
    coefficients = np.linalg.solve(precision, prior @ [0, 0.05] + t[:4].T @ y / sd**2)
    variance = t[4] @ np.linalg.solve(precision, t[4]) + sd**2
    found = logs([y], drift, ahead=(1,), mix=sd, stays=0.0)
    assert found.mean() == pytest.approx(t[4] @ coefficients, abs=1e-3)
    assert found.std() == pytest.approx(np.sqrt(variance), rel=0.02)


@pytest.mark.unit
def test_new_placements_are_held_against_old_ones_of_their_own_type():
    """Homes cost ten times as much, and all of the new are in homes: that is no dearer week."""
    rows = []
    for i in range(40):
        kind, price = ("home", 1000.0) if i < 20 else ("foster", 100.0)
        rows.append((kind, 0, i, 365 * price, 365.0))
        rows.append((kind, 1, i, 365 * price, 365.0))
    rows += [("home", 1, 40 + i, 100 * 1200.0 * (1 + 0.2 * (i % 2)), 100.0) for i in range(20)]
    child = pd.DataFrame(rows, columns=["type", "window", "child", "gross", "nights"])
    found = new_against_old(child, 1)
    assert found.ratio == pytest.approx(1.32)
    assert found.lower_80 < found.ratio < found.upper_80
    assert 1.2 < found.used < 1.32
    assert new_against_old(child, 0) is None


@pytest.mark.unit
def test_agreed_rises_count_by_the_pounds_they_cover():
    parts = pd.DataFrame(
        {
            "outcome": "placed",
            "window": [0, 0, 0, 0],
            "type": ["ifa", "ifa", "ifa", "home"],
            "provider": ["One", "Two", "Three", "Three"],
            "gross": [600.0, 300.0, 100.0, 50.0],
        }
    )
    spending = SimpleNamespace(
        parts=parts, basis=SimpleNamespace(shown=SimpleNamespace(windows=(1,)))
    )
    uplifts = pd.DataFrame(
        {
            "provider": ["One", "Two", "Three", "One"],
            "agreed_pct": [10.0, 4.0, 9.0, 50.0],
            "from": pd.to_datetime(["2023-04-01", "2023-04-01", "2022-04-01", "2025-04-01"]),
        }
    )
    found = agreed_rises(spending, uplifts, ["ifa", "home"], pd.Timestamp("2023-03-31"))
    assert found["covered"].tolist() == pytest.approx([0.9, 0.0])
    rise = (600 * np.log(1.10) + 300 * np.log(1.04)) / 900
    assert found["rise"].iloc[0] == pytest.approx(rise)
    (known,) = known_of(found, DRIFT)
    assert known.at == 0 and known.rise == pytest.approx(0.9 * rise + 0.1 * DRIFT.rise)
    assert known.sd == 0.005  # a tenth of what is expected would be surer than bills are


@pytest.mark.unit
def test_a_type_never_used_costs_what_others_do_and_one_used_for_nothing_stays_free():
    rows = [("ifa", w, i, 900.0 * 52, 365.0) for w in (0, 1) for i in range(20)]
    rows += [("parents", w, 50 + i, 0.0, 365.0) for w in (0, 1) for i in range(5)]
    child = pd.DataFrame(rows, columns=["type", "window", "child", "gross", "nights"])
    found = past_of(
        child, ["ifa", "parents", "secure", "adoption"], 2, np.ones((1, 4)), ["adoption"]
    )
    price = weekly_ahead(found, DRIFT, (1,), 4000, np.random.default_rng(1))[:, 0]
    assert (price[:, [1, 3]] == 0).all()
    assert np.median(price[:, 2]) == pytest.approx(np.median(price[:, 0]), rel=0.1)
    assert np.log(price[:, 2]).std() > 0.9
    assert np.log(price[:, 0]).std() < 0.2
