"""Like for like: what a plain comparison confounds is told apart, and the range knows how sure."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from drawn_prices import providers_of
from scipy import stats

from needs.costs.regression.overlap import balance, compare, e_value, standardised
from needs.vocabulary.errors import ModelError

RATIO = 1.6


def bought(rng, providers=25, outside=500, own=400, lean=0.5):
    """Return prices, who is outside, needs, clusters, and mean own prices.

    Children with more needs are more often placed outside, where a week costs 1.6 times as much;
    needs make a week dearer on either side.
    """
    n = 3 * (outside + own)
    needs = rng.binomial(13, 0.45, n).astype(float)
    older = (rng.random(n) < 0.4).astype(float)
    chance = 1 / (1 + np.exp(-lean * (needs - 6) - 0.4 * older))
    out = rng.random(n) < chance
    keep = np.r_[np.flatnonzero(out)[:outside], np.flatnonzero(~out)[:own]]
    treated = np.r_[np.ones(outside), np.zeros(own)]
    design = pd.DataFrame({"const": 1.0, "needs": needs[keep], "older": older[keep]})
    provider = providers_of(rng, providers, outside)
    effect = np.r_[rng.normal(-0.005, 0.1, providers)[provider], np.zeros(own)]
    ours = 380 * np.exp(0.06 * design["needs"] + 0.1 * design["older"]).to_numpy()
    mean = ours * np.exp(effect) * np.where(treated == 1, RATIO, 1)
    cluster = np.r_[provider, providers + np.arange(own) // 2]
    return mean * rng.gamma(18, 1 / 18, len(keep)), treated, design, cluster, ours


@pytest.mark.property
def test_the_difference_at_the_same_need_is_found_where_the_plain_one_is_confounded(
    long_form, claims
):
    times = 2000 if long_form else 40
    for providers in (25, 60):
        rng = np.random.default_rng([providers, 7])
        covers, found = np.zeros(3), []
        for _ in range(times):
            price, treated, design, cluster, ours = bought(rng, providers)
            alike = compare(price, treated, design, cluster)
            tilt = alike.chance * (1 - alike.chance)
            truth = (RATIO - 1) * (tilt @ ours) / tilt.sum()
            second = standardised(price, treated, design, cluster, tilt)
            ranges = ((alike.difference, truth), (alike.ratio, RATIO), (second, truth))
            covers += [low <= true <= high for (_, low, high), true in ranges]
            found.append(np.array([alike.raw, alike.difference[0], second[0]]) / truth)
        raw, weighed, second_reading = np.mean(found, axis=0)
        share = covers / times
        if long_form:
            words = f"{share[0]:.1%} difference, {share[1]:.1%} ratio, {share[2]:.1%} standardised"
            name = f"95% intervals like for like, {providers} providers, cover"
            claims.held(name, words, "92% to 98%", bool((abs(share - 0.95) <= 0.03).all()))
            words = f"plain {raw:.3f}, overlap {weighed:.3f}, standardised {second_reading:.3f}"
            claims.stated(f"difference found over the true one, {providers} providers", words)
        assert raw > 1.15
        assert abs(weighed - 1) < 0.01 + 0.3 / np.sqrt(times)
        assert abs(second_reading - 1) < 0.01 + 0.3 / np.sqrt(times)
        slack = 0.03 + 3 * np.sqrt(0.05 * 0.95 / times) * (times < 2000)
        assert (np.abs(share - 0.95) <= slack).all(), share


@pytest.mark.property
def test_overlap_weights_balance_exactly_what_the_chance_rests_on():
    """Li, Morgan and Zaslavsky 2018, theorem 3."""
    price, treated, design, cluster, _ = bought(np.random.default_rng(1))
    alike = compare(price, treated, design, cluster)
    apart = balance(design, treated, alike.weight)
    assert apart.loc["needs", "before"] > 0.5
    assert (apart["after"].abs() < 1e-9).all()
    assert alike.effective[0] < 500 and alike.effective[1] < 400


@pytest.mark.property
def test_the_error_is_that_of_drawing_providers_and_children_again():
    rng = np.random.default_rng(2)
    price, treated, design, cluster, _ = bought(rng, providers=40)
    alike = compare(price, treated, design, cluster)
    rows = [np.flatnonzero(cluster == g) for g in range(cluster.max() + 1)]
    sides = [[g for g in range(len(rows)) if treated[rows[g][0]] == s] for s in (1, 0)]
    again = []
    for _ in range(150):
        groups = np.concatenate([rng.choice(s, len(s)) for s in sides])
        at = np.concatenate([rows[g] for g in groups])
        again.append(compare(price[at], treated[at], design.iloc[at], cluster[at]).difference[0])
    reach = (alike.difference[2] - alike.difference[1]) / 2 / stats.t.ppf(0.975, alike.dof)
    assert reach == pytest.approx(np.std(again), rel=0.25)


@pytest.mark.reference
def test_e_values_are_the_printed_ones():
    """VanderWeele and Ding, Annals of Internal Medicine 2017, vol. 167, pages 268-274.

    Their first example: a risk ratio of 3.9 (1.8 to 8.7) has 7.26, its bound 3.0; and a ratio
    below one is turned round.
    """
    assert round(e_value(3.9), 2) == 7.26
    assert round(e_value(1.8), 1) == 3.0
    assert e_value(1 / 3.9) == pytest.approx(e_value(3.9))
    assert e_value(1.0) == 1.0


@pytest.mark.unit
def test_sides_with_nothing_in_common_are_not_compared():
    price, treated, design, cluster, _ = bought(np.random.default_rng(3))
    with pytest.raises(ModelError, match="in common"):
        compare(price, treated, design.assign(apart=treated), cluster)
