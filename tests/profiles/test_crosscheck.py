"""Other ways of grouping beside latent classes, and one factor cut into groups."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import truth_profiles as tp

from needs.profiles.crosscheck import COLUMNS, agreed, cross_check, distances, medoids
from needs.profiles.latent_class import OrdinalLatentClass
from needs.profiles.patterns import Patterns, checked_scores
from needs.profiles.severity import severity_scores

pytestmark = pytest.mark.unit


def checked(truth: tp.Truth):
    x, _ = truth.draw(300, 0.2, np.random.default_rng(1))
    k = len(truth.share)
    model = OrdinalLatentClass(k, emission="ordinal", n_levels=tp.LEVELS, n_init=6).fit(x)
    return x, model, cross_check(x, model, tp.LEVELS)


@pytest.fixture(scope="module")
def apart():
    """Four groups of equal need on the whole, each in three domains of its own."""
    pattern = np.full((4, tp.DOMAINS), -2.0)
    for group in range(4):
        pattern[group, 3 * group : 3 * group + 3] = 3
    theta = tp.graded(pattern, np.tile([-1.5, -0.5, 0.5, 1.5], (tp.DOMAINS, 1)))
    return checked(tp.Truth(np.full(4, 1 / 4), theta[:, None]))


def test_groups_that_lie_apart_are_found_without_a_model_as_well(apart):
    _, _, table = apart
    by = table.set_index("method")
    assert list(table.columns) == list(COLUMNS)
    assert (by.loc[["medoids", "hierarchy"], "agreement"] > 0.8).all()
    assert by.loc["one_factor", "agreement"] < 0.6
    assert table["smallest_share"].between(0.15, 1 / 4).all()


def test_steps_of_severity_are_what_one_factor_gives():
    by = checked(tp.plain_truth("steps", 3, 2.5, 5))[2].set_index("method")["agreement"]
    assert by["one_factor"] > 0.9


def test_where_there_is_nothing_other_ways_find_other_groups():
    x = tp.nothing("independent", 3, n=300)
    model = OrdinalLatentClass(3, n_levels=tp.LEVELS, n_init=4).fit(x)
    by = cross_check(x, model, tp.LEVELS).set_index("method")["agreement"]
    assert by[["medoids", "hierarchy"]].max() < 0.3


def test_order_of_rows_and_domains_does_not_matter(apart):
    x, model, table = apart
    rng = np.random.default_rng(3)
    again = cross_check(x[rng.permutation(len(x))], model, tp.LEVELS)
    assert again["agreement"].to_numpy() == pytest.approx(table["agreement"], abs=0.05)
    turned = rng.permutation(x.shape[1])
    other = OrdinalLatentClass(4, emission="ordinal", n_levels=tp.LEVELS, n_init=6)
    domains = cross_check(x[:, turned], other.fit(x[:, turned]), tp.LEVELS)
    assert domains["agreement"].to_numpy() == pytest.approx(table["agreement"], abs=0.05)


def test_children_without_a_score_are_left_out_and_too_few_refused(apart):
    x, model, table = apart
    none = np.full((5, x.shape[1]), np.nan)
    pd.testing.assert_frame_equal(cross_check(np.vstack([none, x]), model, tp.LEVELS), table)
    with pytest.raises(ValueError, match="fewer children"):
        cross_check(np.vstack([none, x[:3]]), model, tp.LEVELS)


def test_of_many_children_some_are_compared(monkeypatch, apart):
    x, model, table = apart
    monkeypatch.setattr("needs.profiles.crosscheck.SAMPLE", 150)
    some = cross_check(x, model, tp.LEVELS)
    assert some["agreement"].to_numpy() == pytest.approx(table["agreement"], abs=0.2)
    assert not some["agreement"].equals(table["agreement"])


def test_distance_is_over_domains_that_both_have():
    whole = np.array([[0, 4, -1], [2, 4, 1], [-1, -1, 3], [4, 0, -1]])
    found = distances(whole, 5)
    assert found[0, 1] == pytest.approx((2 + 0) / 2 / 4)
    assert found[1, 2] == pytest.approx(2 / 4)
    assert found[0, 3] == pytest.approx(1)
    # Nothing in common: the mean of what is known, a child's own distance counted.
    each = [0, 0, 0, 0, 0.25, 0.25, 1, 1, 0.5, 0.5, 0.75, 0.75]
    assert found[0, 2] == found[2, 3] == pytest.approx(np.mean(each))
    assert (found == found.T).all()
    assert (np.diag(found) == 0).all()


@pytest.mark.parametrize("seed", range(6))
def test_medoids_are_the_best_there_are(seed):
    rng = np.random.default_rng(seed)
    at = rng.normal(size=(14, 2)) + 3 * rng.integers(0, 3, 14)[:, None]
    apart = np.linalg.norm(at[:, None] - at, axis=2)
    best = min(apart[:, list(c)].min(axis=1).sum() for c in combinations(range(14), 3))
    middle, group = medoids(apart, 3)
    assert apart[:, middle].min(axis=1).sum() == pytest.approx(best)
    assert (apart[np.arange(14), middle[group]] == apart[:, middle].min(axis=1)).all()


def test_one_medoid_is_the_middle():
    at = np.array([0.0, 1, 2, 3, 50])
    middle, group = medoids(np.abs(at[:, None] - at), 1)
    assert middle.tolist() == [2]
    assert group.tolist() == [0] * 5


def test_severity_rises_with_need():
    x = tp.nothing("severity", 2, n=200, missing=0.1)
    data = Patterns.of(*checked_scores(x, tp.LEVELS))
    found = severity_scores(data)[data.which]
    mean = np.nanmean(x, axis=1)
    assert np.corrcoef(found, mean)[0, 1] > 0.9


@pytest.mark.parametrize(
    ("agreement", "first", "second"),
    [
        ((0.7, 0.8, 0.1), "much the same", "more ways than one"),
        ((0.7, 0.4, 0.4), "one finds much", "in part"),
        ((0.2, 0.4, 0.7), "in part", "nearly these"),
        ((0.2, 0.1, 0.0), "with care", "more ways than one"),
    ],
)
def test_words_say_how_far_without_digits(agreement, first, second):
    methods = ["medoids", "hierarchy", "one_factor"]
    words = agreed(pd.DataFrame({"method": methods, "agreement": agreement}))
    assert first in words[0]
    assert second in words[1]
    assert not re.search(r"\d", " ".join(words))
