"""Needs, specialist needs, ranks and coverage: small tables worked by hand, and known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from needs.profiles.missing import combined, filled
from needs.profiles.scores import (
    change,
    child_scores,
    coverage,
    domain_ranks,
    group_scores,
    thresholds,
)
from needs.vocabulary.study_sections import Assessment

pytestmark = pytest.mark.unit

TOOL = Assessment(domains=("A", "B", "C"))
NAN = np.nan


def levels(*rows):
    return pd.DataFrame(rows, columns=["a", "b", "c"], dtype=float).rename_axis("child")


def test_a_sum_is_known_where_every_domain_is():
    s = child_scores(levels((0, 4, 2), (1, NAN, 0), (NAN, 4, 0)), TOOL, {"b": 2.0})
    assert s["scored_n"].tolist() == [3, 2, 2]
    assert s["needs_n"].tolist() == pytest.approx([2, NAN, NAN], nan_ok=True)
    assert s["total"].tolist() == pytest.approx([6, NAN, NAN], nan_ok=True)
    assert s["weighted"].tolist() == pytest.approx([10, NAN, NAN], nan_ok=True)
    # A specialist need that was seen is known, whatever is missing; none seen is not none.
    assert s["specialist"].tolist() == pytest.approx([1, NAN, 1], nan_ok=True)


def test_thresholds_follow_the_direction_of_the_scale():
    assert thresholds(TOOL) == (1, 4)
    turned = Assessment(
        scale_min=1, scale_max=5, higher_is="less_need", need_from=4, specialist_from=1
    )
    assert thresholds(turned) == (1, 4)


def test_share_of_children_and_share_of_needs_are_two_numbers():
    x = levels((4, 1, 1), (1, 1, 0), (0, 0, 0), (4, 4, 1))
    t = group_scores(x, x.to_numpy()[None], TOOL, pd.Series(["p", "p", "q", "q"]))
    value = t[t["method"] == "complete"].set_index(["group", "measure"])["value"]
    assert value["all", "specialist_children_share"] == 2 / 4
    assert value["all", "specialist_needs_share"] == 3 / 8
    assert value["all", "needs_mean"] == 8 / 4
    assert value["p", "total_mean"] == 8 / 2
    assert value["q", "specialist_children_share"] == 1 / 2


def test_intervals_hold_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(100):
        x = pd.DataFrame(rng.binomial(4, 0.4, (80, 3)).astype(float), columns=list("abc"))
        t = group_scores(x, x.to_numpy()[None], TOOL, pd.Series("g", index=x.index))
        row = t[(t["group"] == "g") & (t["method"] == "filled")].set_index("measure")
        truth = 3 * (1 - 0.6**4)
        held += row.loc["needs_mean", "lower"] <= truth <= row.loc["needs_mean", "upper"]
    assert 0.88 <= held / 100


def test_gaps_of_the_neediest_bias_complete_cases_and_not_what_is_filled_in():
    rng = np.random.default_rng(2)
    z = rng.random(500) < 0.5
    x = rng.binomial(4, np.where(z, 0.8, 0.2)[:, None], (500, 8)).astype(float)
    truth = (x >= 1).sum(axis=1).mean()
    # Where the first domain is high, others are seldom scored.
    x[:, 1:][(rng.random((500, 7)) < 0.3) & (x[:, :1] >= 3)] = NAN
    tool = Assessment(domains=tuple("ABCDEFGH"))
    frame = pd.DataFrame(x, columns=list("abcdefgh"))
    many = filled(frame, 5, 5, np.random.default_rng(1))
    t = group_scores(frame, many, tool, pd.Series("g", index=frame.index))
    got = t[(t["group"] == "g") & (t["measure"] == "needs_mean")].set_index("method")["value"]
    assert abs(got["filled"] - truth) < 0.1
    assert got["complete"] < truth - 0.5


def test_what_is_known_is_kept_when_gaps_are_filled():
    x = levels(*[(i % 5, NAN if i % 3 else 2, (i * 2) % 5) for i in range(60)])
    many = filled(x, 5, 3, np.random.default_rng(0))
    known = x.notna().to_numpy()
    assert not np.isnan(many).any()
    assert all((many[i][known] == x.to_numpy()[known]).all() for i in range(3))
    assert set(np.unique(many)) <= set(range(5))
    again = filled(x, 5, 3, np.random.default_rng(0))
    assert np.array_equal(many, again)


def test_what_is_not_known_widens_the_interval():
    same, _, narrow = combined(np.array([2.0, 2.0, 2.0]), np.full(3, 0.01))
    mean, _, wide = combined(np.array([1.8, 2.0, 2.2]), np.full(3, 0.01))
    assert same == mean == 2
    assert narrow == pytest.approx(2 + 1.96 * 0.1, abs=1e-3)
    # Rubin 1987: total variance W + (1 + 1/m) B, degrees of freedom (m - 1)(1 + W / that)^2.
    assert wide > 2 + 1.96 * (0.01 + 4 / 3 * 0.04) ** 0.5


def test_ranks_are_of_how_common_a_need_is():
    rng = np.random.default_rng(3)
    x = (rng.random((400, 3)) < [0.9, 0.2, 0.5]).astype(float)
    x[200:, [0, 1]] = x[200:, [1, 0]]
    where = pd.Series(["home"] * 200 + ["foster"] * 200)
    t = domain_ranks(x[None], ["a", "b", "c"], TOOL, where, 200, rng).set_index(["group", "domain"])
    assert t.loc["home", "rank"].tolist() == [1, 3, 2]
    assert t.loc["foster", "rank"].tolist() == [3, 1, 2]
    assert (t["lower"] <= t["rank"]).all()
    assert (t["rank"] <= t["upper"]).all()
    assert t.loc[("all", "a"), "share"] == pytest.approx(x[:, 0].mean())
    close = domain_ranks(
        (rng.random((1, 40, 3)) < 0.5).astype(float), ["a", "b", "c"], TOOL,
        pd.Series(["home"] * 40), 200, rng,
    )  # fmt: skip
    assert (close["upper"] - close["lower"]).max() >= 1.5  # equal domains change places


def test_change_is_of_domains_scored_twice():
    entry, latest = levels((2, 2, NAN), (4, 4, 4)), levels((1, NAN, 3), (2, 3, 4))
    n, mean, low, high = change(entry, latest)
    assert n == 2
    assert mean == pytest.approx((-1 + -1) / 2)
    assert low <= mean <= high
    assert np.isnan(change(entry[:1], latest)[1])


def test_coverage_says_how_the_unassessed_differ():
    who = pd.DataFrame({"sex": ["male"] * 6 + ["female"] * 4})
    t = coverage(who, pd.Index([0, 1, 2, 6])).set_index("category")
    assert t.loc["all", "share"] == 0.4
    assert t.loc["male", ["children_n", "assessed_n"]].tolist() == [6, 3]
    assert t.loc["male", "of_assessed"] == 0.75
    assert t.loc["male", "of_others"] == 0.5
    # Newcombe, Statistics in Medicine 1998, vol. 17, pages 857-872, table I: 81 of 263.
    one = coverage(pd.DataFrame(index=range(263)), pd.Index(range(81)))
    assert one.loc[0, ["lower", "upper"]].tolist() == pytest.approx([0.2553, 0.3662], abs=5e-5)
