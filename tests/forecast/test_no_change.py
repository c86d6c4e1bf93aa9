"""The benchmark's arithmetic: sharing out, past changes, ranges for few years, drift."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs.forecast.no_change import (
    HORIZONS,
    MIN_ORIGINS,
    allocate,
    backtest,
    changes,
    drift,
    half_widths,
    separate_changes,
)

pytestmark = pytest.mark.unit


def series(*values: float, first: int = 2014) -> pd.Series:
    return pd.Series(list(values), index=range(first, first + len(values)), dtype=float)


quick = settings(deadline=None, max_examples=50)
counts = st.lists(st.integers(0, 400), min_size=1, max_size=12)


@quick
@given(st.integers(0, 2000), counts)
def test_parts_add_up_and_none_is_a_child_away_from_its_share(total: int, held: list[int]):
    present = pd.Series(held, dtype=float)
    given_out = allocate(total, present)
    if present.sum() == 0:
        assert not given_out.any()
        return
    assert given_out.sum() == total
    exact = total * present / present.sum()
    assert (abs(given_out - exact) < 1 + 1e-9).all()
    assert not given_out[present == 0].any()


@quick
@given(counts)
def test_a_total_that_stays_leaves_every_type_as_it_is(held: list[int]):
    present = pd.Series(held, dtype=float)
    assert allocate(int(present.sum()), present).tolist() == held


def test_what_rounding_leaves_goes_to_the_largest_remainders():
    """Of 10 by 5:3:1 the shares are 5.56, 3.33 and 1.11: the first takes what is left."""
    assert allocate(10, pd.Series({"a": 5.0, "b": 3.0, "c": 1.0})).tolist() == [6, 3, 1]


def test_changes_span_the_years_that_are_there_and_nothing_is_filled_in():
    past = pd.Series({2019: 100.0, 2020: 110.0, 2022: 99.0})
    found = changes(past)
    assert found[["origin", "horizon"]].to_numpy().tolist() == [[2019, 1], [2020, 2], [2019, 3]]
    assert np.exp(found["change"]).tolist() == pytest.approx([1.1, 0.9, 0.99])
    assert changes(past, relative=False)["change"].tolist() == pytest.approx([10, -11, -1])


def test_more_than_five_years_apart_is_no_change():
    assert changes(pd.Series({2014: 1.0, 2020: 2.0})).empty


def test_changes_that_do_not_overlap_each_count_in_full():
    assert separate_changes(np.arange(2014, 2023), 1) == 9
    assert separate_changes(np.array([2010, 2012, 2014]), 2) == pytest.approx(3)


def test_five_overlapping_five_year_changes_are_worth_less_than_two():
    """By hand: (5 x 5)^2 over the squares of the covariances 5, 4, 3, 2, 1 of each pair:
    5 x 25 + 2 x (4 x 16 + 3 x 9 + 2 x 4 + 1 x 1) = 325."""
    assert separate_changes(np.arange(2014, 2019), 5) == pytest.approx(625 / 325)


def test_the_range_of_a_year_is_the_size_of_past_changes_times_students_t():
    """Four changes of a tenth up and down; Student's t, 4 degrees, upper tenth: 1.533 (tables)."""
    up = np.exp(0.1)
    widths = half_widths(changes(series(100, 100 * up, 100, 100 * up, 100)))
    assert widths.loc[1, "half_width"] == pytest.approx(1.533 * 0.1, rel=1e-3)
    assert widths.loc[1, "origins_n"] == widths.loc[1, "separate_n"] == 4
    assert widths.loc[1, "rises_n"] == 2


def test_with_fewer_than_four_changes_there_is_no_range():
    widths = half_widths(changes(series(100, 120, 90, 130, 100)))
    known = widths["half_width"].notna()
    assert known.tolist() == [True, False, False, False, False]
    assert (widths["origins_n"] >= MIN_ORIGINS).tolist() == known.tolist()
    assert half_widths(changes(series(100)))["half_width"].isna().all()


def test_the_range_never_shrinks_with_the_years():
    """Up and down again: over two years nothing changed, yet the range stays that of one."""
    widths = half_widths(changes(series(*[100, 120] * 5)))["half_width"]
    assert widths[1] > 0
    assert (widths.diff().dropna() >= 0).all()
    assert widths[2] == pytest.approx(widths[1])


@quick
@given(st.lists(st.floats(20, 2000), min_size=1, max_size=12))
def test_ranges_are_never_negative_and_never_shrink(values: list[float]):
    widths = half_widths(changes(series(*values)))["half_width"].dropna()
    assert (widths >= 0).all()
    assert (widths.diff().dropna() >= 0).all()


def test_a_steady_rise_widens_the_range_instead_of_being_taken_out():
    flat, rising = series(*[100.0] * 8), series(*(100 * 1.1 ** np.arange(8)))
    assert half_widths(changes(flat)).loc[1, "half_width"] == 0
    assert half_widths(changes(rising)).loc[1, "half_width"] > np.log(1.1)


def test_ranges_cover_four_times_in_five_where_years_are_independent():
    """Ten years of independent changes, 150 authorities, each horizon by itself.

    Standard error with 150 histories: 3.3 points. The far ranges cover a little more, since
    they may not shrink.
    """
    rng = np.random.default_rng(20230331)
    hits = np.zeros(len(HORIZONS))
    for _ in range(150):
        path = np.cumsum(rng.normal(0, 0.06, 15))
        half = half_widths(changes(series(*np.exp(path[:10]))))["half_width"].to_numpy()
        hits += np.abs(path[10:] - path[9]) <= half
    assert (hits / 150 > 0.70).all() and (hits / 150 < 0.94).all()


def test_drift_carries_a_straight_line_on_and_never_falls_below_nought():
    line = series(100, 110, 120)
    assert drift(line, 2016, [1, 5]).tolist() == [130, 170]
    assert drift(line, 2015, 1).tolist() == 120
    assert np.isnan(drift(line, 2014, [1])).all()
    assert drift(series(100, 50), 2015, [5]).tolist() == [0]


def test_the_backtest_by_hand():
    """100, 110, 130: holding is out by -10, -20 and, over two years, -30; drift by -10."""
    tested = backtest(series(100, 110, 130))
    held = tested[tested["method"] == "no_change"]
    assert held[["origin", "horizon", "error"]].to_numpy().tolist() == [
        [2014, 1, -10],
        [2015, 1, -20],
        [2014, 2, -30],
    ]
    drifted = tested[tested["method"] == "drift"]
    assert drifted[["origin", "horizon", "error"]].to_numpy().tolist() == [[2015, 1, -10]]


@quick
@given(st.lists(st.floats(20, 2000), min_size=4, max_size=10), st.integers(2, 9))
def test_a_forecast_never_looks_past_its_origin(values: list[float], cut: int):
    other = [*values[:cut], *(2 * v for v in values[cut:])]
    both = []
    for path in (values, other):
        tested = backtest(series(*path))
        known = tested[tested["origin"] < 2014 + cut].reset_index(drop=True)
        both.append(known[["method", "origin", "horizon", "forecast"]])
    pd.testing.assert_frame_equal(*both)
