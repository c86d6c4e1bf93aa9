"""The estimator: scikit-learn's conventions, and what must not change what is found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import truth_profiles as tp
from sklearn.base import clone
from sklearn.metrics import adjusted_rand_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from needs.profiles.em import climb, spread_starts
from needs.profiles.latent_class import OrdinalLatentClass
from needs.profiles.patterns import Patterns, checked_scores
from needs.vocabulary.threads import one_thread

pytestmark = pytest.mark.unit

NOT_FOR_IT = {
    "check_clustering": "clusters measurements that are no levels of a scale",
    "check_array_api_input": "needs an environment variable of scipy",
}


@parametrize_with_checks(
    [OrdinalLatentClass(n_init=2, max_iter=10)], expected_failed_checks=lambda e: NOT_FOR_IT
)
def test_it_is_an_estimator(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def known():
    truth = tp.plain_truth("shifted", 3, 2.1, 4)
    x, z = truth.draw(400, 0.2, np.random.default_rng(3))
    return truth, x, z


def test_settings_survive_a_clone_and_a_call():
    model = OrdinalLatentClass(4, emission="ordinal", smoothing=2.0)
    assert clone(model).get_params() == model.get_params()
    assert clone(model).set_params(n_components=2).n_components == 2


@pytest.mark.parametrize("emission", ["free", "ordinal"])
def test_rows_domains_and_seed_do_not_change_the_groups(known, emission):
    _, x, _ = known
    rng = np.random.default_rng(8)
    rows, domains = rng.permutation(len(x)), rng.permutation(x.shape[1])
    here = OrdinalLatentClass(3, emission=emission, n_levels=5, n_init=8).fit(x)
    there = OrdinalLatentClass(3, emission=emission, n_levels=5, n_init=8, random_state=99)
    there.fit(x[rows][:, domains])
    assert (there.labels_ == here.labels_[rows]).mean() > 0.995
    same = OrdinalLatentClass(3, emission=emission, n_levels=5, n_init=8)
    same.fit(x[rows][:, domains])
    assert np.array_equal(same.labels_, here.labels_[rows])
    assert np.allclose(same.level_prob_, here.level_prob_[:, domains], atol=1e-9)


def test_a_run_is_the_same_as_the_next(known):
    _, x, _ = known
    first, second = (OrdinalLatentClass(3, n_init=4).fit(x) for _ in range(2))
    assert np.array_equal(first.level_prob_, second.level_prob_)


def test_groups_are_numbered_by_need(known):
    _, x, _ = known
    model = OrdinalLatentClass(3, n_init=4).fit(x)
    need = (model.level_prob_ @ np.arange(5)).sum(axis=1)
    assert (np.diff(need) > 0).all()


def test_a_missing_score_is_not_nought():
    rng = np.random.default_rng(1)
    z = rng.integers(0, 2, 400)
    x = rng.binomial(4, np.where(z, 0.8, 0.2)[:, None], (400, 8)).astype(float)
    x[(rng.random(x.shape) < 0.5) & (z == 1)[:, None]] = np.nan  # known less often in one class
    model = OrdinalLatentClass(2, n_levels=5, n_init=4).fit(x)
    assert adjusted_rand_score(z, model.labels_) > 0.9
    assert (model.level_prob_ @ np.arange(5))[1] == pytest.approx([3.2] * 8, abs=0.35)


def test_membership_is_a_probability_and_what_bayes_says(known):
    truth, x, _ = known
    model = OrdinalLatentClass(3, n_init=4).fit(x)
    model._keep(
        np.log(truth.share), np.ones(1), np.log(truth.theta)[:, :, np.argsort(model._order)]
    )
    member = model.predict_proba(x)
    assert np.allclose(member.sum(axis=1), 1)
    child = np.flatnonzero(~np.isnan(x).any(axis=1))[:1]
    by_hand = truth.share.copy()
    for j in range(x.shape[1]):
        by_hand *= truth.theta[:, 0, j, int(x[child[0], j])]
    assert np.sort(member[child[0]]) == pytest.approx(np.sort(by_hand / by_hand.sum()))
    nothing_known = model.predict_proba(np.full((1, x.shape[1]), np.nan))
    assert nothing_known[0] == pytest.approx(model.weights_)


def test_the_climb_never_goes_down(known):
    _, x, _ = known
    whole, levels = checked_scores(x, 5)
    data = Patterns.of(whole, levels)
    at = spread_starts(data, 4, 6, 1.0, np.random.default_rng(2))
    heights = []
    with one_thread():
        for _ in range(12):
            at = climb(data, at, 1.0, 1, 0.0)
            heights.append(at.penalised)
    assert (np.diff(np.array(heights), axis=0) > -1e-7).all()


def test_equal_rows_are_counted_and_not_repeated():
    x = np.array([[0, 1], [0, 1], [2, np.nan], [0, 1]], dtype=float)
    data = Patterns.of(*checked_scores(x, 3))
    assert len(data.rows) == 2
    assert sorted(data.weight) == [1, 3]
    assert np.array_equal(data.rows[data.which][:, np.argsort(data.order)][2], [2, -1])


def test_scores_that_are_no_levels_are_refused():
    for bad, words in ((1.5, "whole numbers"), (-1, "Negative"), (7, "outside the scale")):
        with pytest.raises(ValueError, match=words):
            OrdinalLatentClass(1, n_levels=5).fit(np.array([[0, 1], [bad, 2]], dtype=float))
    model = OrdinalLatentClass(1).fit(np.array([[0, 1], [1, 2]], dtype=float))
    with pytest.raises(ValueError, match="outside the scale"):
        model.predict([[3, 0]])
    with pytest.raises(ValueError, match="fewer than"):
        OrdinalLatentClass(3).fit([[0, 1]])


def test_one_child_can_be_one_class():
    model = OrdinalLatentClass(1, n_levels=5).fit([[0, 4, 2]])
    assert model.predict([[0, 4, 2]]).tolist() == [0]


def test_criteria_agree_with_their_definitions(known):
    _, x, _ = known
    model = OrdinalLatentClass(3, n_init=4).fit(x)
    member = model.predict_proba(x)
    free = sum(len(np.unique(d[~np.isnan(d)])) - 1 for d in x.T)  # a level never seen is none
    assert model.bic(x) == pytest.approx(
        -2 * model.log_likelihood_ + (2 + 3 * free) * np.log(len(x))
    )
    unsure = -np.sum(member * np.log(np.maximum(member, 1e-300)))
    assert model.icl(x) == pytest.approx(model.bic(x) + 2 * unsure)
    assert model.relative_entropy(x) == pytest.approx(1 - unsure / len(x) / np.log(3))
    assert model.score(x) == pytest.approx(model.log_likelihood_ / len(x))


def test_frames_with_absent_values_are_read():
    frame = pd.DataFrame({"a": [0, 1, None, 2] * 5, "b": [2, 1, 0, 0] * 5}, dtype="Int64")
    model = OrdinalLatentClass(2, n_init=2).fit(frame)
    assert list(model.feature_names_in_) == ["a", "b"]
    assert len(model.predict(frame)) == 20
