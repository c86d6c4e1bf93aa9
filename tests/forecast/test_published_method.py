"""The published method as functions: shares, reductions, projections, errors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs.forecast.published_method import (
    apply_shares,
    implied_growth,
    percentage_error,
    project,
    reduction_factor,
)
from needs.vocabulary.errors import ModelError

pytestmark = pytest.mark.property

totals = st.lists(st.integers(0, 5000), min_size=1, max_size=8).map(
    lambda v: pd.Series(v, index=[str(2020 + i) for i in range(len(v))], dtype=float)
)
tenths = st.integers(0, 1000).map(lambda n: n / 10)
how = st.sampled_from(["once", "every_period"])
quick = settings(max_examples=40, deadline=None)
growths = st.lists(st.floats(-20, 20), min_size=1, max_size=8).map(np.array)


@quick
@given(totals, tenths)
def test_a_row_is_within_half_a_child_of_its_share_and_whole(total, share):
    row = apply_shares(total, {"x": share})["x"]
    assert (row == row.round()).all()
    assert ((row - total * share / 100).abs() <= 0.5 + 1e-9).all()


@quick
@given(st.integers(0, 2000))
def test_a_half_goes_up_to_the_next_child(n):
    row = apply_shares(pd.Series([2.0 * n + 1]), {"half": 50.0})["half"]
    assert row.tolist() == [n + 1.0]


@quick
@given(totals, tenths, st.integers(0, 500))
def test_more_children_never_need_fewer_places(total, share, more):
    few = apply_shares(total, {"x": share})["x"]
    many = apply_shares(total + more, {"x": share})["x"]
    assert (many >= few).all()


@quick
@given(totals, tenths, tenths)
def test_a_type_inside_another_never_exceeds_it(total, a, b):
    made = apply_shares(total, {"part": min(a, b), "whole": max(a, b)})
    assert (made["part"] <= made["whole"]).all()


@quick
@given(st.integers(1, 12), st.floats(0, 99), st.integers(0, 12), how)
def test_a_reduction_never_adds_and_never_reaches_back(n, percent, first, way):
    left = reduction_factor(n, percent, first, way)
    assert left.shape == (n,)
    assert (left[:first] == 1).all()
    assert (np.diff(left) <= 0).all()
    assert (left > 0).all()


@quick
@given(st.integers(2, 12), st.floats(0.5, 99), st.integers(0, 3))
def test_taken_every_year_it_takes_at_least_as_much_as_once(n, percent, first):
    every = reduction_factor(n, percent, first, "every_period")
    once = reduction_factor(n, percent, first, "once")
    assert (every <= once).all()
    assert (every[first + 1 :] < once[first + 1 :]).all()


@quick
@given(st.floats(100, 2000), growths, st.floats(0, 50), st.integers(0, 8), how)
def test_implied_growth_undoes_a_projection(base, growth, percent, first, way):
    left = reduction_factor(len(growth) + 1, percent, first, way)
    assert implied_growth(project(base, growth, left), left) == pytest.approx(growth, abs=1e-6)


@quick
@given(st.lists(st.floats(1, 5000), min_size=1, max_size=8).map(np.array), st.floats(-50, 50))
def test_a_forecast_off_by_a_share_has_that_percentage_error(outcome, off):
    assert percentage_error(outcome * (1 + off / 100), outcome) == pytest.approx(off, abs=1e-6)


@pytest.mark.parametrize("share", [-0.1, 100.1])
def test_a_share_out_of_range_is_refused(share):
    with pytest.raises(ModelError, match="outside 0 to 100"):
        apply_shares(pd.Series([100.0]), {"x": share})


@pytest.mark.parametrize("total", [-1.0, float("nan")])
def test_a_total_missing_or_below_nought_is_refused(total):
    with pytest.raises(ModelError, match="missing or below nought"):
        apply_shares(pd.Series([total]), {"x": 10.0})


@pytest.mark.parametrize("percent", [-1.0, 100.0])
def test_a_reduction_out_of_range_is_refused(percent):
    with pytest.raises(ModelError, match="policy reduction"):
        reduction_factor(3, percent, 1, "once")
