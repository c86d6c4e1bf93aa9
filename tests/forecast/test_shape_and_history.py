"""The shape of a forecast and the history that models learn from."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs.care.chapter20 import placement_mix
from needs.forecast.history import OPEN, History, day_number
from needs.forecast.shape import Forecast, Part
from needs.vocabulary.errors import ModelError

pytestmark = pytest.mark.unit

ORIGIN = dt.date(2023, 3, 31)
DAYS = tuple(dt.date(2023 + i, 3, 31) for i in (1, 2, 3))


def forecast(draws=None, **more) -> Forecast:
    made = np.ones((4, 3, 2)) if draws is None else np.asarray(draws)
    base = {"method": "m", "label": "M", "origin": ORIGIN, "days": DAYS, "groups": ("a", "b")}
    return Forecast(**{**base, "draws": made.astype(np.float32), **more})


@pytest.mark.parametrize(
    "wrong",
    [
        {"draws": np.ones((4, 3, 1))},
        {"draws": -np.ones((4, 3, 2))},
        {"draws": np.full((4, 3, 2), np.nan)},
        {"days": (ORIGIN, *DAYS[1:])},
        {"days": (DAYS[1], DAYS[0], DAYS[2])},
        {"parts": {"ages": Part(("x",), np.ones((4, 3, 1), np.float32))}},
    ],
)
def test_what_is_no_forecast_is_refused(wrong):
    with pytest.raises(ModelError):
        forecast(**wrong)


def test_flows_are_added_up_between_the_days_picked_and_stocks_are_not():
    flow = np.arange(3, dtype=np.float32).reshape(1, 3, 1) + 1
    stock = np.full((1, 3, 1), 2, np.float32)
    made = forecast(
        np.ones((1, 3, 2)), parts={"in": Part(("x",), flow, True), "ages": Part(("y",), stock)}
    ).on([DAYS[0], DAYS[2]])
    assert made.parts["in"].draws.ravel().tolist() == [1, 5]
    assert made.parts["ages"].draws.ravel().tolist() == [2, 2]


def test_the_table_gives_mean_median_and_equal_tails():
    draws = np.zeros((101, 3, 2))
    draws[:, :, 0] = np.arange(101)[:, None]
    table = forecast(draws).table({"one": ("a",), "both": ("a", "b")})
    row = table[(table["group"] == "both") & (table["period"] == "2024-03-31")].iloc[0]
    assert (row["value"], row["median"]) == (50, 50)
    assert (row["lower_80"], row["upper_80"]) == pytest.approx((10, 90))
    with pytest.raises(KeyError):
        forecast().of(["c"])


def drawn(made, counts) -> History:
    data = made.data(counts)
    return History.of(data.records, data.study)


def test_counts_are_those_that_were_drawn(made):
    counts = {
        "2021-03-31": {made.foster: 12, made.home: 3, made.blank: 2},
        "2022-03-31": {made.ifa: 9, made.supported: 1},
    }
    history = drawn(made, counts)
    at = np.array([day_number(dt.date(2021, 3, 31)), day_number(dt.date(2022, 3, 31))])
    found = pd.DataFrame(history.counts(at), columns=history.places)
    assert found.sum(axis=1).tolist() == [17, 10]
    assert found["in_house_foster"].tolist() == [12, 0]
    assert found["external_home"].tolist() == [3, 0]
    assert found["ifa"].tolist() == [0, 9]


def test_counts_are_those_of_chapter_20_for_a_synthetic_authority(synthetic_data):
    history = History.of(synthetic_data.records, synthetic_data.study)
    table = placement_mix(synthetic_data).table
    rows = table[table["measure"] == "children_n"]
    days = sorted(set(rows["period"]))
    at = np.array([day_number(dt.date.fromisoformat(d)) for d in days])
    found = pd.DataFrame(history.counts(at), index=days, columns=history.places)
    printed = rows.pivot_table(index="period", columns="group", values="value")
    for place in found.columns[found.to_numpy().any(axis=0)]:
        assert found[place].tolist() == printed[place].tolist(), place
    assert found.sum(axis=1).tolist() == printed["all"].tolist()


def test_what_came_after_the_day_is_cut_off(made):
    history = drawn(made, {"2021-03-31": {made.foster: 5}, "2022-03-31": {made.foster: 7}})
    day = day_number(dt.date(2021, 3, 31))
    known = history.cut(day)
    assert len(known.stays) == 5
    # All five ended ten days later, which nobody knew.
    assert (known.stays["stop"] == OPEN).all()
    assert (history.stays["stop"].iloc[:5] == day + 10).all()
    assert known.until == day
    assert history.cut(day + 10_000).until == history.until


def test_a_stay_goes_on_at_the_last_day_known(made):
    history = drawn(made, {"2022-03-31": {made.foster: 4}})
    assert (history.stays["stop"] == OPEN).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2000))
def test_a_cut_changes_no_count_up_to_its_day(synthetic_data, back):
    history = synthetic_data.once(
        "history under test", lambda: History.of(synthetic_data.records, synthetic_data.study)
    )
    day = history.until - back
    earlier = np.arange(day - 400, day + 1, 50)
    assert (history.cut(day).counts(earlier) == history.counts(earlier)).all()


def test_young_people_over_18_are_not_counted(made):
    counts = {"2022-03-31": {made.foster: 6}}
    data = made.data(counts)
    data.records.children.loc[:2, "dob"] = pd.Timestamp(2004, 3, 1)
    history = History.of(data.records, data.study)
    assert history.counts(np.array([history.until])).sum() == 3


def test_where_stays_overlap_a_child_is_counted_once(made):
    data = made.data({"2022-03-31": {made.foster: 1, made.home: 1}})
    episodes = data.records.episodes
    episodes["child"], episodes["period_of_care"] = np.int32(0), 0
    episodes.loc[1, "decom"] = episodes.loc[0, "decom"] + pd.Timedelta(days=4)
    history = History.of(data.records, data.study)
    assert history.counts(np.array([history.until])).sum() == 1
    assert history.places[int(history.stays["place"].iloc[-1])] == "external_home"
