"""How many groups there are, where the truth is known; and what cannot be grouped."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
import truth_profiles as tp
from sklearn.metrics import adjusted_rand_score

from needs.profiles.choose import COLUMNS, choose_classes
from needs.profiles.search import Settings

pytestmark = pytest.mark.unit

QUICK = Settings(most=4, starts=6, resamples=3)


@pytest.fixture(scope="module")
def three():
    truth = tp.truth("shifted", 3, 0.9, 5)
    x, z = truth.draw(600, 0.2, np.random.default_rng(1))
    return truth, x, z, choose_classes(x, tp.LEVELS, QUICK)


def test_groups_that_are_there_are_found(three):
    truth, x, z, choice = three
    assert choice.found
    assert choice.estimator.n_components == 3
    own = adjusted_rand_score(z, truth.labels(x))
    assert adjusted_rand_score(z, choice.estimator.predict(x)) > 0.95 * own


@pytest.mark.parametrize("form", ["independent", "severity", "skewed"])
def test_no_groups_are_found_where_there_are_none(form):
    choice = choose_classes(tp.nothing(form, 4), tp.LEVELS, QUICK)
    assert not choice.found
    assert choice.estimator is None
    chosen = choice.table[choice.table["chosen"]]["model"].item()
    assert chosen.startswith("independent" if form == "independent" else "severity")


def test_plain_classes_alone_would_have_found_groups_in_severity():
    """Why the models without classes are there at all."""
    table = choose_classes(tp.nothing("severity", 4), tp.LEVELS, QUICK).table
    bic = table[(table["model"] == "classes") & (table["emission"] == "free")]["bic"]
    independent = table.loc[table["model"] == "independent", "bic"].item()
    assert bic.min() < independent


def test_severity_inside_groups_does_not_make_more_of_them():
    x, _ = tp.truth("within", 3, 0.9, 2).draw(600, 0.2, np.random.default_rng(1))
    choice = choose_classes(x, tp.LEVELS, QUICK)
    assert choice.found
    assert choice.estimator.n_components == 3
    assert choice.estimator.severity


def test_groups_that_chance_would_make_are_not_claimed():
    """Where models are near, data without groups are drawn and analysed alike."""
    x = tp.nothing("severity", 4, n=150)
    near = Settings(most=3, starts=4, resamples=0, margin=1e6, draws=4, chance=0.2)
    choice = choose_classes(x, tp.LEVELS, near)
    assert not choice.found


def test_the_table_says_what_was_compared(three):
    _, _, _, choice = three
    t = choice.table
    assert list(t.columns) == list(COLUMNS)
    assert t["chosen"].sum() == 1
    assert {"independent", "severity", "severity_curved", "classes", "classes_severity"} == set(
        t["model"]
    )
    chosen = t[t["chosen"]].iloc[0]
    assert chosen["stability"] > 0.8
    assert 0.1 < chosen["smallest_share"] < 1 / 3
    assert (t["icl"] >= t["bic"] - 1e-9).all()


def test_reasons_hold_no_digits(three):
    _, _, _, choice = three
    nothing = choose_classes(tp.nothing("independent", 1), tp.LEVELS, QUICK)
    for reason in (*choice.reasons, *nothing.reasons):
        assert not re.search(r"\d", reason)
        assert reason.endswith(".")


def test_rows_and_domains_may_come_in_any_order(three):
    _, x, _, choice = three
    rng = np.random.default_rng(4)
    rows, domains = rng.permutation(len(x)), rng.permutation(x.shape[1])
    again = choose_classes(x[rows][:, domains], tp.LEVELS, QUICK, np.random.default_rng(0))
    pd.testing.assert_frame_equal(again.table, choice.table, rtol=1e-3)
    here = choice.estimator.predict(x)[rows]
    assert (again.estimator.predict(x[rows][:, domains]) == here).mean() > 0.995


def test_other_seeds_find_the_same_groups(three):
    _, x, _, choice = three
    again = choose_classes(x, tp.LEVELS, QUICK, np.random.default_rng(77))
    assert adjusted_rand_score(again.estimator.predict(x), choice.estimator.predict(x)) > 0.97


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
    x, _ = tp.truth("shifted", 3, 0.9, 5).draw(600, 0.9, np.random.default_rng(1))
    choice = choose_classes(x, tp.LEVELS, QUICK)
    assert not choice.found
    assert "Too few domains" in choice.reasons[0]


def test_a_score_outside_the_scale_is_an_error():
    x = tp.nothing("severity", 1, n=80)
    x[3, 3] = 5
    with pytest.raises(ValueError, match="outside the scale"):
        choose_classes(x, tp.LEVELS, QUICK)


def test_many_authorities(long_form, capsys, tmp_path):
    """Long form: the table of the number of groups found, 200 authorities a separation."""
    if not long_form:
        pytest.skip("long form: make validate")
    with capsys.disabled():
        tp.main(tmp_path, 200)
    t = tp.table(pd.read_csv(tmp_path / "rows.csv"))
    assert t.loc["0.90", "right"] >= 0.9
    assert t.loc["0.90", "of_own"] >= 0.95
    assert (t.loc[list(tp.NOTHING), "right"] >= 0.95).all()
