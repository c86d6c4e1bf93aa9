"""How many groups there are, where the truth is known; and what cannot be grouped."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
import truth_profiles as tp
from sklearn.metrics import adjusted_rand_score

from needs.profiles.choose import COLUMNS, choose_classes
from needs.profiles.patterns import Patterns, checked_scores
from needs.profiles.search import Settings
from needs.profiles.severity import one_class_models, share_as_far
from needs.profiles.structure import fit_structured
from needs.vocabulary.threads import one_thread

pytestmark = pytest.mark.unit

QUICK = Settings(most=4, starts=3, resamples=1)


@pytest.fixture(scope="module")
def three():
    truth = tp.plain_truth("shifted", 3, 2.1, 5)
    x, z = truth.draw(300, 0.2, np.random.default_rng(1))
    return truth, x, z, choose_classes(x, tp.LEVELS, QUICK)


def test_groups_that_are_there_are_found(three):
    truth, x, z, choice = three
    assert choice.found
    assert choice.estimator.n_components == 3
    own = adjusted_rand_score(z, truth.labels(x))
    assert adjusted_rand_score(z, choice.estimator.predict(x)) > 0.9 * own  # one draw


@pytest.fixture(scope="module", params=["independent", "severity"])
def none(request):
    return request.param, choose_classes(tp.nothing(request.param, 4, n=300), tp.LEVELS, QUICK)


def test_no_groups_are_found_where_there_are_none(none):
    form, choice = none
    assert not choice.found
    assert choice.estimator is None
    chosen = choice.table[choice.table["chosen"]]["model"].item()
    assert chosen.startswith(form)


def test_plain_classes_alone_would_have_found_groups_in_severity(none):
    """Why the models of severity are there at all."""
    form, choice = none
    t = choice.table
    classes = t.loc[(t["model"] == "classes") & (t["emission"] == "free"), "bic"].min()
    independent = t.loc[t["model"] == "independent", "bic"].item()
    assert (classes < independent) == (form == "severity")


def test_severity_inside_groups_does_not_make_more_of_them():
    x, _ = tp.plain_truth("within", 3, 2.4, 2).draw(300, 0.2, np.random.default_rng(1))
    choice = choose_classes(x, tp.LEVELS, replace(QUICK, resamples=0))
    assert choice.found
    assert choice.estimator.n_components == 3
    assert choice.estimator.severity


def test_groups_that_chance_would_make_are_not_claimed():
    """Where models are near, data without groups are drawn and analysed alike."""
    x = tp.nothing("severity", 4, n=150)
    data = Patterns.of(*checked_scores(x, tp.LEVELS))
    seen = []

    def rival(other):
        seen.append(other)
        return fit_structured(one, other).fit + 5 * len(seen)

    with one_thread():
        one = one_class_models(data)["severity"]
        draws = share_as_far(one, data, 12.0, rival, 4, np.random.default_rng(0))
    assert draws == 3 / 5  # gains of 15 and 20, and the data's own, of five
    assert all(
        np.array_equal(np.sort((o.rows < 0).sum(0)), np.sort((data.rows < 0).sum(0))) for o in seen
    )


def test_the_table_says_what_was_compared(three):
    _, _, _, choice = three
    t = choice.table
    assert list(t.columns) == list(COLUMNS)
    assert t["chosen"].sum() == 1
    without = {"independent", "severity", "severity_curved", "severity_loose"}
    assert set(t["model"]) == without | {"classes", "classes_severity"}
    chosen = t[t["chosen"]].iloc[0]
    assert chosen["stability"] > 0.8
    assert 0.1 < chosen["smallest_share"] < 1 / 3
    assert (t["icl"] >= t["bic"] - 1e-9).all()


def test_reasons_hold_no_digits(three, none):
    for reason in (*three[3].reasons, *none[1].reasons):
        assert not re.search(r"\d", reason)
        assert reason.endswith(".")


def test_rows_domains_and_seed_may_be_any(three):
    _, x, _, choice = three
    rng = np.random.default_rng(4)
    rows, domains = rng.permutation(len(x)), rng.permutation(x.shape[1])
    once = replace(QUICK, most=3, resamples=0)
    again = choose_classes(x[rows][:, domains], tp.LEVELS, once, np.random.default_rng(77))
    here = choice.estimator.predict(x)[rows]
    assert (again.estimator.predict(x[rows][:, domains]) == here).mean() > 0.99


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (np.array([[0, 1, 2, 3, 4]]), "Too few children"),
        (np.full((80, 13), 2.0), "same scores"),
        (np.full((80, 13), np.nan), "Too few children"),
    ],
)
def test_what_cannot_be_grouped_gets_a_verdict(x, words):
    choice = choose_classes(x, tp.LEVELS, QUICK)
    assert not choice.found
    assert words in choice.reasons[0]
    assert choice.table.empty


def test_nine_scores_in_ten_missing_is_a_verdict():
    x, _ = tp.plain_truth("shifted", 3, 2.1, 5).draw(200, 0.9, np.random.default_rng(1))
    choice = choose_classes(x, tp.LEVELS, QUICK)
    assert not choice.found
    assert "Too few domains" in choice.reasons[0]


def test_a_score_outside_the_scale_is_an_error():
    x = tp.nothing("severity", 1, n=80)
    x[3, 3] = 5
    with pytest.raises(ValueError, match="outside the scale"):
        choose_classes(x, tp.LEVELS, QUICK)


def test_many_children_on_one_scale(long_form):
    """Long form: with thousands, a scale that is not quite the model's must not become groups."""
    if not long_form:
        pytest.skip("long form: make validate")
    x = tp.nothing("severity", 2, n=8000)
    choice = choose_classes(x, tp.LEVELS, Settings(most=5, starts=6, resamples=0))
    t = choice.table
    assert not choice.found
    rigid = t.loc[t["model"] == "severity_curved", "bic"].item()
    assert t.loc[t["classes_n"] > 1, "bic"].min() < rigid  # it is the loose scale that tells
