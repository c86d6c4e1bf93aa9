"""Parts of the flow model with answers that are known: time at risk, rates, drift, chance."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
import statsmodels.api as sm
from flow_histories import history_of, lived

from needs.forecast.flow import drift as drifts
from needs.forecast.flow import hazards
from needs.forecast.flow.bands import DURATION_EDGES, A, Cells, D
from needs.forecast.flow.chance import alias, following, parted
from needs.forecast.flow.drift import Prior, fit_counts, fit_drift
from needs.forecast.flow.exposure import expose
from needs.forecast.flow.hazards import fit_rates
from needs.forecast.flow.lives import leads, routes
from needs.forecast.flow.model import fit_flow
from needs.forecast.history import OPEN, day_number

pytestmark = pytest.mark.unit


def test_time_at_risk_and_events_of_four_children():
    d = day_number
    two = dt.date(2021, 4, 1)
    born = d(dt.date(2010, 1, 1))  # eleven to thirteen
    periods = [
        # There throughout, in one place.
        (born, [(d(dt.date(2019, 1, 1)), 0)], OPEN, False),
        # Entered in the last year, moved after 50 days, left after 50 more.
        (born, [(d(dt.date(2022, 6, 1)), 0), (d(dt.date(2022, 7, 21)), 1)],
         d(dt.date(2022, 9, 9)), False),
        # Turned 18: neither a move nor leaving early.
        (d(dt.date(2004, 9, 1)), [(d(dt.date(2022, 4, 1)), 1)], d(dt.date(2022, 9, 1)), False),
        # Left before the years looked at.
        (born, [(d(dt.date(2018, 1, 1)), 0)], d(dt.date(2018, 6, 1)), False),
    ]  # fmt: skip
    seen = expose(history_of(periods, two, places=("foster", "home")), 10)
    assert seen.years == 2
    assert seen.exits.sum(axis=1).tolist() == [1, 0]
    assert seen.moves.sum(axis=1).tolist() == [1, 0]
    days = seen.at_risk.sum(axis=1) * 365.25
    assert days == pytest.approx([365 + 50 + 50 + 153, 365], abs=1.0)
    cells = seen.at_risk[0].reshape(2, 2, A, D) * 365.25
    assert cells[1].sum() == 0
    # The mover: 30 days in the first month, 20 in the next band, in foster care.
    assert cells[0, 0, :, :2].sum(axis=0) == pytest.approx([30.44, 19.56], abs=0.1)
    assert cells[0, 1].sum() == pytest.approx(50 + 153, abs=1)
    # Both stayed under four years: the one that entered in 2019 was there longest.
    longest = DURATION_EDGES.index(48)
    assert cells[0, 0, :, longest].sum() == pytest.approx(90, abs=2)
    assert seen.routes[1].tolist() == [[0, 1], [0, 0]]
    assert seen.routes.sum() == 1


def test_a_cell_with_much_data_keeps_its_rate_and_an_empty_one_borrows():
    design = Cells(2).design()
    rng = np.random.default_rng(1)
    true = np.exp(design @ rng.normal(0, 0.3, design.shape[1]) - 1)
    at_risk = np.full(len(true), 50.0)
    at_risk[7] = 0.0
    events = rng.poisson(true * at_risk).astype(float)
    events[3], at_risk[3] = 40_000.0, 10_000.0  # far from what its row suggests
    rates = fit_rates(events, at_risk, design)
    assert rates.mean()[3] == pytest.approx(4.0, rel=0.01)
    assert rates.mean()[7] == pytest.approx(float(np.exp(design[7] @ rates.effects)))


def test_main_effects_are_those_of_a_poisson_regression(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hazards, "RIDGE", 1e-6)
    design = Cells(2).design()
    rng = np.random.default_rng(2)
    at_risk = rng.uniform(5, 50, len(design))
    events = rng.poisson(0.5 * at_risk).astype(float)
    ours = at_risk * np.exp(design @ fit_rates(events, at_risk, design).effects)
    glm = sm.GLM(events, design, family=sm.families.Poisson(), offset=np.log(at_risk)).fit()
    assert ours == pytest.approx(glm.fittedvalues, rel=1e-3)


def test_what_is_not_known_of_the_level_of_exits_counts_once():
    years = 8
    model = fit_flow(lived(entries_a_year=150, years=years))
    seen = expose(lived(entries_a_year=150, years=years), years)
    rng = np.random.default_rng(4)
    level = model.drift.draw(4000, 1, rng)[:, 0]
    expected = np.log(model.exits.draw(4000, rng) @ seen.at_risk.sum(axis=0))
    # Steady ways of drifting know the level as well as so many events tell it.
    events = seen.exits.sum()
    steady = np.sqrt(model.drift.cov[0, 0, 0])
    assert steady == pytest.approx(1 / np.sqrt(events), rel=0.05)
    assert expected.std() < 0.5 * steady
    assert np.exp(level + expected).mean() == pytest.approx(events, rel=0.1)


def test_drift_is_a_kalman_filter(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(drifts, "NOISE", np.array([0.1, 0.1]))
    y, r = np.array([0.0, 0.2, -0.1]), np.array([0.01, 0.02, 0.03])
    prior = Prior(noise=0.04, steady=0.5, broken=0.1, jump=0.3, sloped=0.0, slope=0.0, fade=0.95)
    drift = fit_drift(y, r, prior)
    # By hand: predict (variance + 0.1 squared), gain, update.
    level, variance = 0.0, 0.01
    for seen, noise in zip(y[1:], r[1:], strict=True):
        variance += 0.01
        gain = variance / (variance + noise)
        level += gain * (seen - level)
        variance *= 1 - gain
    # The first two ways have the noise of the grid; the others break once.
    assert drift.state[:2, 0] == pytest.approx(level)
    assert drift.cov[:2, 0, 0] == pytest.approx(variance)


def test_alias_tables_draw_the_shares_they_are_made_of():
    shares = np.array([[0.5, 0.3, 0.2, 0.0], [0.0, 0.0, 1.0, 0.0], [0.25, 0.25, 0.25, 0.25]])
    keep, other = (x.reshape(shares.shape) for x in alias(shares))
    drawn = keep / 4
    for row in range(3):
        np.add.at(drawn[row], other[row], (1 - keep[row]) / 4)
    assert drawn == pytest.approx(shares)


def test_chance_of_neighbouring_children_is_unrelated_and_even():
    state = np.arange(40_000, dtype=np.uint64)
    words = []
    for _ in range(2):
        state, word = following(state)
        words += list(parted(word))
    assert all(abs(w.mean() - 0.5) < 0.006 and abs(w.var() - 1 / 12) < 0.002 for w in words)
    assert np.abs(np.corrcoef(words) - np.eye(4)).max() < 0.02
    assert np.abs(np.corrcoef(words[0][1:], words[0][:-1])[0, 1]) < 0.02


def test_moves_long_after_entry_differ_by_type():
    cells = Cells(2)
    _, place, age, duration = np.indices(cells.shape)
    # Who is in the second type late has moved there, and moves again.
    rate = np.where((place == 1) & (duration >= 5), 1.6, 0.4).ravel()
    at_risk = np.full(cells.size, 20.0)
    events = np.random.default_rng(6).poisson(rate * at_risk).astype(float)
    late = ((place == 1) & (duration >= 5)).ravel()
    fitted = fit_rates(events, at_risk, cells.design(moves=True))
    assert np.exp(fitted.design @ fitted.effects)[late].mean() == pytest.approx(1.6, rel=0.1)
    young = ((age <= 2) & (duration >= 5)).ravel()
    rate = np.where(young, 0.2, 0.4)
    events = np.random.default_rng(6).poisson(rate * at_risk).astype(float)
    fitted = fit_rates(events, at_risk, cells.design(moves=True))
    assert np.exp(fitted.design @ fitted.effects)[young].mean() == pytest.approx(0.2, rel=0.15)


def test_moves_of_an_age_may_leave_one_type_more_often():
    cells = Cells(3)
    _, place, age, _ = np.indices(cells.shape)
    # Who is under 10 leaves the last type, the others do not.
    odd = ((place == 2) & (age <= 2)).ravel()
    at_risk = np.full(cells.size, 20.0)
    events = np.random.default_rng(8).poisson(np.where(odd, 1.2, 0.4) * at_risk).astype(float)
    fitted = fit_rates(events, at_risk, cells.design(moves=True))
    assert np.exp(fitted.design @ fitted.effects)[odd].mean() == pytest.approx(1.2, rel=0.1)


def test_logarithms_of_rates_are_right_on_average():
    design = Cells(2).design()
    rng = np.random.default_rng(9)
    at_risk = np.full(len(design), 0.5)
    off = []
    for _ in range(100):
        found = fit_rates(rng.poisson(0.4 * at_risk).astype(float), at_risk, design)
        off.append([(design @ r.effects).mean() - np.log(0.4) for r in (found, found.even())])
    # Forty events tell rates that are right on average; their logarithms are not.
    plain, even = np.mean(off, axis=0)
    assert plain < -0.1
    assert even == pytest.approx(0, abs=0.06)


def test_rates_do_not_depend_on_which_type_is_named_first():
    cells = Cells(4)
    rng = np.random.default_rng(3)
    rate = np.array([0.3, 0.9, 1.5, 1.5])[:, None, None]
    at_risk = rng.uniform(0.1, 0.6, cells.shape)
    events = rng.poisson(at_risk * rate).astype(float)
    order = np.array([2, 0, 3, 1])
    for moves in (False, True):
        design = cells.design(moves=moves)
        one, two = (
            fit_rates(x.ravel(), t.ravel(), design).mean().reshape(cells.shape)
            for x, t in ((events, at_risk), (events[:, order], at_risk[:, order]))
        )
        assert two == pytest.approx(one[:, order], rel=1e-6)


def test_a_steady_trickle_is_not_found_too_large():
    prior = Prior(0.6, 0.3, 0.06, 0.7, 0.3, 0.05, 0.98)
    rng = np.random.default_rng(5)
    found = [fit_counts(rng.poisson(16.0, 10).astype(float), 1.0, prior) for _ in range(150)]
    # By the weights of the counts themselves it was 1.8 standard errors more, by half a child.
    level = np.array([drift.weights @ drift.state[:, 0] for drift in found])
    error = level.std() / np.sqrt(len(level))
    assert level.mean() == pytest.approx(np.log(16.0), abs=2 * error)


def test_a_small_stream_may_grow_as_a_large_one_does():
    rng = np.random.default_rng(6)
    growing = 15 * 1.05 ** np.arange(12)
    many = [rng.poisson(growing).astype(float) for _ in range(40)]
    alone = Prior(0.8, 0.15, 0.06, 0.35, 0.3, 0.05, 1.0)
    ahead = 15 * 1.05**14
    misses = []
    for prior in (alone, Prior(0.8, 0.15, 0.06, 0.35, 0.3, 0.05, 1.0, shared=0.3)):
        found = [fit_counts(x, 1.0, prior, (0.05, 0.005)).mean(3)[2] for x in many]
        misses.append(np.mean(found) / ahead - 1)
    assert misses[0] < -0.04
    assert abs(misses[1]) < 0.7 * abs(misses[0])
    # A stream that stays as it is, is not drawn along.
    steady = [rng.poisson(60.0, 12).astype(float) for _ in range(40)]
    found = [fit_counts(x, 1.0, prior, (0.05, 0.005)).mean(3)[2] for x in steady]
    assert np.mean(found) == pytest.approx(60.0, rel=0.04)


def test_past_levels_follow_a_slope():
    level = np.log(40.0) + 0.06 * np.arange(12)
    prior = Prior(0.9, 0.05, 0.02, 0.35, 0.9, 0.05, 1.0)
    drift = fit_drift(level, np.full(12, 1e-3), prior)
    assert drift.smooth == pytest.approx(level, abs=0.01)


def test_as_many_moves_lead_to_each_type_as_were_seen_to():
    rng = np.random.default_rng(8)
    # Homes lead to homes, which the pattern of who moves does not know.
    share = np.array(
        [[0, 0.8, 0.1, 0.1], [0.8, 0, 0.1, 0.1], [0.1, 0.1, 0, 0.8], [0.2, 0.2, 0.6, 0]]
    )
    seen = np.zeros((5, 4, 4))
    seen[1] = [rng.multinomial(n, p) for n, p in zip([60, 90, 30, 20], share, strict=True)]
    drawn = routes(leads(seen), 2000, rng).reshape(2000, 5, 4, 4)[:, 1].mean(axis=0)
    assert seen[1].sum(axis=1) @ drawn == pytest.approx(seen[1].sum(axis=0), rel=0.02)


@pytest.fixture(scope="module")
def into_adoption():
    """Mean share of each type's moves drawn to lead to adoption, 30 times seen and fitted.

    Two types of foster care lead to adoption (the last), relatives and parents never do.
    """
    share = np.array(
        [
            [0.0, 0.5, 0.2, 0.3, 0.0],
            [0.3, 0.0, 0.4, 0.1, 0.2],
            [0.2, 0.5, 0.0, 0.1, 0.2],
            [0.3, 0.4, 0.3, 0.0, 0.0],
            [0.4, 0.3, 0.3, 0.0, 0.0],
        ]
    )
    moves = np.array([40, 200, 200, 40, 5])
    rng = np.random.default_rng(7)
    into = []
    for _ in range(30):
        seen = np.zeros((5, 5, 5))
        seen[0] = [rng.multinomial(n, p) for n, p in zip(moves, share, strict=True)]
        drawn = routes(leads(seen), 40, rng).reshape(40, 5, 5, 5)[:, 0].mean(axis=0)
        assert drawn.sum(axis=1) == pytest.approx(np.ones(5))
        into.append(drawn[:, 4])
    return np.mean(into, axis=0)


def test_a_type_is_reached_from_those_that_lead_to_it(into_adoption):
    assert into_adoption[[1, 2]] == pytest.approx([0.2, 0.2], rel=0.12)


@pytest.mark.xfail(
    strict=True,
    reason="0.0216 in 600 fits; 0.0206 before moves into a type were held to those seen",
)
def test_a_type_that_only_some_lead_to_is_not_reached_from_the_rest(into_adoption):
    # Eight moves lent to each would be three in a hundred.
    assert into_adoption[[0, 3]].max() < 0.02
