"""From needs to homes: who is like those in the other setting, where the truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom
from sklearn.linear_model import LogisticRegression

from needs.profiles import homes
from needs.profiles.by_profile import chance_by_profile, demand_by_profile, shares_by_profile
from needs.profiles.homes import Alike, features, judged, ranges, unlike, yearly
from needs.profiles.results_by_profile import partnered

pytestmark = pytest.mark.unit

DOMAINS = 13
FEW = np.array([1.5, 1, 1, *[0] * 7, -0.5, -0.5, -0.5])
"""Weights of single domains, where not the mean level alone says who lives in a home."""


def drawn(rng, n=500, single=False):
    """Children whose chance of a home is known: by mean level, or single domains, and by age."""
    severity = rng.normal(size=n)
    levels = np.clip(np.round(1.5 + severity[:, None] + rng.normal(size=(n, DOMAINS))), 0, 4)
    age = rng.integers(0, 18, n).astype(float)
    by_mean, by_few = 2 * levels.mean(axis=1) - 4.4, levels @ FEW / 2 - 2.3
    true = 1 / (1 + np.exp(-((by_few if single else by_mean) + 0.15 * (age - 12))))
    home = rng.random(n) < true
    levels[rng.random(levels.shape) < 0.02] = np.nan
    x = features(pd.DataFrame(levels), age, rng.random(n) < 0.5)
    return Alike(x, home, np.arange(n)), true


def test_expected_numbers_are_the_truth_and_intervals_hold_it(long_form, claims):
    rng, keys = np.random.default_rng(1), ("step_down_mean", "at_risk_mean", "step_down", "at_risk")
    rounds, draws = (300, 100) if long_form else (4, 40)
    held, off = dict.fromkeys(keys, 0), {k: [] for k in keys}
    for i in range(rounds):
        alike, true = drawn(rng, single=bool(i % 2))
        truth, found = unlike(true, alike.home), unlike(alike.chance, alike.home)
        ends = ranges(alike, draws, rng)
        for k in keys:
            held[k] += ends[k][0] <= truth[k] <= ends[k][1]
            off[k].append(found[k] - truth[k])
    for k in keys:
        # Short of nine in ten would be seen in so many rounds with a chance of one in a thousand.
        least = 0.9
        enough = held[k] >= binom.ppf(0.001, rounds, least)
        share, mean = held[k] / rounds, np.mean(off[k])
        words = f"{share:.0%} of {rounds}, off by {mean:+.1f}"
        assert claims.held(f"intervals of {k} that hold the truth", words, f"{least:.0%}", enough)
        assert abs(mean) < 8, k


def test_a_child_does_not_vote_for_itself():
    """One child in a home unlike all others there is not learned from by its own fold."""
    rng = np.random.default_rng(2)
    alike, _ = drawn(rng, 200)
    whole, one = np.column_stack([alike.x, np.ones(200)]), np.ones((1, 200))
    # Folds of rows without an answer: nothing but the child's own answer differs.
    fold = homes._folds(alike.x, np.zeros(200, dtype=bool), np.arange(200), 10)
    odd = int(np.flatnonzero(~alike.home)[0])
    out, learned = fold != fold[odd], []
    for answer in (False, True):
        home = alike.home.copy()
        home[odd] = answer
        learned.append(homes._learned(whole[out], home[out], one[:, out], 10.0))
    assert np.array_equal(*learned)


def test_placements_of_a_child_are_left_out_together():
    rng = np.random.default_rng(3)
    who = np.repeat(np.arange(40), 5)
    fold = homes._folds(rng.normal(size=(200, 3)), rng.random(200) < 0.5, who, 10)
    assert (fold.reshape(40, 5) == fold[::5, None]).all()
    assert set(np.bincount(fold)) == {20}


def test_coefficients_are_those_of_scikit_learn():
    rng = np.random.default_rng(4)
    alike, _ = drawn(rng, 300)
    x = alike.x
    whole = np.column_stack([x, np.ones(len(x))])
    mine = homes._learned(whole, alike.home, np.ones((1, len(x))), homes.LEAST_PULL)[0]
    # One weight of the pull for all columns: the same problem as theirs, whose constant is free.
    theirs = LogisticRegression(C=1 / homes.LEAST_PULL, tol=1e-9, max_iter=5000).fit(x, alike.home)
    p = 1 / (1 + np.exp(-whole @ mine))
    assert np.abs(p - theirs.predict_proba(x)[:, 1]).max() < 2e-3


def test_order_of_children_changes_nothing():
    rng = np.random.default_rng(5)
    alike, _ = drawn(rng, 200)
    order = rng.permutation(200)
    shuffled = Alike(alike.x[order], alike.home[order], alike.who[order])
    assert np.allclose(shuffled.chance, alike.chance[order])


def test_needs_that_say_nothing_leave_the_base_rate():
    rng = np.random.default_rng(6)
    levels = pd.DataFrame(rng.integers(0, 5, (400, DOMAINS)).astype(float))
    x = features(levels, rng.integers(0, 18, 400).astype(float), rng.random(400) < 0.5)
    alike = Alike(x, rng.random(400) < 0.25, np.arange(400))
    j = judged(alike.chance, alike.home)
    assert j.gain < 0.03
    assert 0.35 < j.auc < 0.65


def test_calibration_sees_chances_that_are_too_sure():
    rng = np.random.default_rng(7)
    odds = rng.normal(size=5000)
    event = rng.random(5000) < 1 / (1 + np.exp(-odds))
    fair, sure = (judged(1 / (1 + np.exp(-k * odds)), event) for k in (1, 2))
    assert fair.slope_low < 1 < fair.slope_high
    assert sure.slope == pytest.approx(fair.slope / 2, rel=1e-6)
    assert sure.slope_high < 1
    assert sure.widest > fair.widest


def test_a_year_is_a_poisson_mean_unless_years_differ_more():
    mean, low, high = yearly([8, 9, 7])
    # Garwood's interval of 24 events, as in tables of the exact Poisson interval.
    assert (mean, low * 3, high * 3) == pytest.approx((8, 15.38, 35.71), abs=0.01)
    _, wide_low, wide_high = yearly([1, 8, 15])
    assert wide_low < low
    assert wide_high > high
    assert yearly([0, 0, 0])[:2] == (0, 0)


def test_yearly_intervals_hold_the_truth():
    rng = np.random.default_rng(8)
    found = [yearly(rng.poisson(7, 3)) for _ in range(400)]
    assert np.mean([low <= 7 <= high for _, low, high in found]) >= 0.93


def test_shares_by_profile_are_of_expected_children():
    member = np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0], [0.0, 1.0]])
    t = shares_by_profile(member, ["f", "h", "h", "h"], ["f", "h"]).set_index(
        ["profile", "setting"]
    )
    assert t.loc[(0, "f"), "share"] == pytest.approx(1 / 1.5)
    assert t.loc[(1, "h"), "share"] == 1
    assert t.loc[(0, "f"), "usual"]
    assert not t.loc[(0, "f"), "mostly"]  # one child and a half prove nothing
    many = shares_by_profile(np.ones((200, 1)), ["f"] * 150 + ["h"] * 50, ["f", "h"])
    assert many.loc[many["setting"] == "f", "mostly"].item()


def test_a_profile_judges_a_child_without_it():
    member = np.array([[1.0, 0.0]] * 3 + [[0.0, 1.0]])
    chance = chance_by_profile(member, np.array([True, False, False, True]))
    assert chance[0] == 0  # the other two of its profile are in foster care
    assert chance[1] == pytest.approx(0.5)
    assert chance[3] == pytest.approx(1 / 3)  # alone in its profile: the others' base rate


def test_demand_by_profile_adds_up_and_knows_what_it_does_not():
    rng = np.random.default_rng(9)
    draws = rng.poisson([[[300, 60]]], (400, 2, 2)).astype(float)
    few, many = (
        demand_by_profile(np.array([[8.0, 2.0], [1.0, 9.0]]) * k, draws, np.random.default_rng(1))
        for k in (1, 1000)
    )
    whole = draws.sum(axis=2).mean(axis=0)
    for t in (few, many):
        assert np.allclose(t.groupby("day")["mean"].sum(), whole)
    first = many.iloc[0]
    assert first["mean"] == pytest.approx(300 * 0.8 + 60 * 0.1, rel=0.02)
    assert few.iloc[0]["upper"] - few.iloc[0]["lower"] > first["upper"] - first["lower"]
    # A type in which nobody was assessed has the mix of all.
    unseen = demand_by_profile(
        np.array([[6e4, 4e4], [0, 0]]), draws, np.random.default_rng(1)
    ).iloc[0]  # fmt: skip
    assert unseen["mean"] == pytest.approx(0.6 * 360, rel=0.1)


@pytest.mark.parametrize(
    ("expected", "draws", "words"),
    [
        (np.ones((2, 2)), np.ones((3, 1, 3)), "one column for each type"),
        (np.zeros((2, 2)), np.ones((3, 1, 2)), "nobody was assessed"),
    ],
)
def test_demand_by_profile_says_what_it_cannot_use(expected, draws, words):
    with pytest.raises(ValueError, match=words):
        demand_by_profile(expected, draws, np.random.default_rng(0))


def test_a_share_is_not_withheld_alone():
    rows = [("a", "f", 70, ""), ("a", "h", 2, "c"), ("a", "s", 8, ""), ("b", "f", 60, "")]
    t = pd.DataFrame(rows, columns=["group", "by", "value", "marker"]).assign(period="p")
    found = partnered(t)
    assert found["marker"].tolist() == ["", "c", "c", ""]
    assert found["value"].isna().tolist() == [False, False, True, False]
