"""Targets: chances, paths and levels, and what is told of them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from needs.forecast.ahead import Ahead
from needs.sufficiency import chapter80
from needs.sufficiency.targets.chance import (
    carried_on,
    chance_of,
    constant_rate,
    linear,
    next_year,
)
from needs.sufficiency.targets.counted import Counted
from needs.sufficiency.targets.register import readings
from needs.sufficiency.targets.seen import Seen
from needs.sufficiency.targets.series import between, series_of
from needs.vocabulary.results import figure_id

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def data(aimed):
    return aimed


def of(data, key):
    return series_of(data, next(r for r in readings(data) if r.key == key))


def value(result, measure, group):
    t = result.table
    return float(t.loc[(t["measure"] == measure) & (t["group"] == group), "value"].iloc[0])


def test_a_chance_is_the_share_of_draws_and_its_error_what_drawing_again_moves_it_by():
    rng = np.random.default_rng(1)
    told = [chance_of(rng.normal(50, 5, 200), 54, "at_least") for _ in range(2000)]
    true = 100 * stats.norm.sf((54 - 50) / 5)
    assert np.mean([c.pct for c in told]) == pytest.approx(true, abs=0.3)
    assert np.mean([c.error for c in told]) == pytest.approx(
        np.std([c.pct for c in told]), rel=0.05
    )
    sure = chance_of(np.ones(200), 2, "at_least")
    assert sure.pct == 0 and 0 < sure.error < 1


@pytest.mark.parametrize("draws", [[33.0, 33.0 + 1e-9, 40.0, 20.0]])
def test_who_is_at_the_target_has_met_it(draws):
    assert chance_of(draws, 33, "at_most").pct == 75
    assert chance_of(draws, 33, "at_least").pct == 75


@settings(deadline=None, max_examples=30)
@given(now=st.floats(1, 90), aim=st.floats(1, 90), whole=st.integers(1, 10), at=st.floats(0, 1))
def test_paths_lead_from_now_to_the_aim(now, aim, whole, at):
    ends = [0, at * whole, whole]
    straight, steady = linear(now, aim, ends, whole), constant_rate(now, aim, ends, whole)
    assert straight[[0, 2]] == pytest.approx([now, aim]) == steady[[0, 2]]
    low, high = min(now, aim), max(now, aim)
    assert low - 1e-6 <= steady[1] <= straight[1] + 1e-6 <= high + 2e-6


def test_a_level_that_is_not_forecast_goes_on_as_uncertain_as_its_past():
    """Student's t, as a random walk whose spread is estimated asks."""
    changes, rng = np.array([1.0, -2.0, 1.5, -0.5, 2.5]), np.random.default_rng(2)
    draws = carried_on(30, changes, 4, 200_000, rng)
    spread = np.sqrt((changes**2).mean()) * 2
    found = np.quantile(draws, [0.1, 0.5, 0.9])
    assert found == pytest.approx(30 + spread * stats.t.ppf([0.1, 0.5, 0.9], 5), abs=0.05)
    assert carried_on(30, changes[:3], 4, 10, rng) is None
    again = next_year(changes, 200_000, rng)
    asked = stats.t.ppf(0.9, 4, changes.mean(), changes.std(ddof=1) * np.sqrt(1 + 1 / 5))
    assert np.quantile(again, 0.9) == pytest.approx(asked, abs=0.05)


def test_a_range_of_a_random_walk_holds_what_comes_as_often_as_it_says():
    """Walks of known spread, of which seven changes are seen."""
    rng, held = np.random.default_rng(3), []
    for _ in range(1500):
        steps = rng.normal(0, 2, 9)
        draws = carried_on(0, steps[:7], 2, 400, rng)
        low, high = np.quantile(draws, [0.1, 0.9])
        held.append(low <= steps[7:].sum() <= high)
    assert np.mean(held) == pytest.approx(0.8, abs=0.03)


def test_shares_are_of_the_children_that_the_reading_says(data):
    counted, ahead = Counted.of(data), Ahead.of(data)
    stock = ahead.mix.counts.iloc[:, -1]
    fostered = float(stock["all_fostering"] if "all_fostering" in stock else 0)
    assert of(data, "ifa").past.iloc[-1] == pytest.approx(100 * stock["ifa"] / fostered)
    assert of(data, "ifa_all").past.iloc[-1] == pytest.approx(100 * stock["ifa"] / stock["all"])
    f = ahead.forecast
    mine = [f.groups.index(t) for t in sorted(counted.types("fostering"))]
    share = 100 * f.draws[:, 1, mine].sum(axis=1) / f.draws[:, 1].sum(axis=1)
    told = value(chapter80.targets_chance(data), "chance_pct", "foster")
    assert told == pytest.approx(100 * float((share >= 60).mean()), abs=1e-4)


def test_a_day_between_two_year_ends_lies_on_the_line_of_each_draw(data):
    days = (dt.date(2024, 3, 31), dt.date(2025, 3, 31))
    draws = np.array([[10.0, 20.0], [30.0, 10.0]])
    found = between(0.0, dt.date(2023, 3, 31), days, draws, dt.date(2024, 9, 30))
    part = (dt.date(2024, 9, 30) - days[0]).days / 365
    assert found == pytest.approx([10 + 10 * part, 30 - 20 * part])
    assert between(0.0, days[0], days[1:], draws[:, 1:], days[0]) is None
    half = of(data, "foster_half")
    assert half.reading.day in half.days and np.isfinite(half.due).all()


def test_what_is_counted_and_not_forecast_is_said_to_be_so(data):
    far = of(data, "far")
    assert far.how == "last_value" and far.due.std() > 0
    told = chapter80.targets_chance(data)
    assert "Not forecast" in told.row_notes["Told from"]["far"]
    beyond = of(data, "beyond")
    assert beyond.due is None
    cell = told.table[(told.table["group"] == "beyond") & (told.table["measure"] == "chance_pct")]
    assert cell["value"].isna().all() and (cell["marker"] == "x").all()


def test_a_rate_stands_on_the_population_that_chapter_20_takes(data):
    from needs.care.chapter20 import rates

    t = rates(data).table
    printed = t[(t["measure"] == "stock_end_rate")].set_index("period")["value"]
    mine = of(data, "rate").past
    assert mine.iloc[-1] == pytest.approx(printed.iloc[-1])


def test_a_change_a_year_is_that_which_compounds(data):
    fewer = of(data, "fewer")
    n = Ahead.of(data).outlook.counted
    years = 2
    by_hand = 100 * ((n["2023-03-31"] / n["2021-03-31"]) ** (1 / years) - 1)
    assert fewer.past["2023-03-31"] == pytest.approx(by_hand)
    total = Ahead.of(data).forecast.total()[:, 1].astype(float)
    assert fewer.due == pytest.approx(100 * ((total / n["2021-03-31"]) ** 0.25 - 1), abs=1e-4)


def test_targets_of_the_past_are_scored(data):
    (scored,) = chapter80.targets_past(data)
    assert scored.row_notes["Was it met"] == {"past": "not met", "past_met": "met"}
    n = Ahead.of(data).outlook.counted["2022-03-31"]
    assert value(scored, "then_v", "past") == n


def test_a_path_is_steep_where_no_past_year_went_that_far(data):
    made = {r.name: r for r in chapter80.targets_steep(data)}
    for r in made.values():
        for key, words in r.row_notes["Steeper than any year known"].items():
            sign = 1 if value(r, "a_year_v", key) > 0 else -1
            changes = sign * of(data, key).changes.to_numpy()
            needed = sign * value(r, "a_year_v", key)
            assert (words == "yes") == (needed > max(changes.max(), 0))
            assert value(r, "ever_v", key) * sign <= value(r, "steepest_v", key) * sign + 1e-9


def test_every_number_that_is_made_from_counts_leans_on_them(data):
    typed = {"aim_v", "printed_v", "should_v"}
    for analysis in ("targets_now", "targets_path", "targets_steep", "targets_past"):
        for result in getattr(chapter80, analysis)(data):
            keys = result.table[["measure", "group", "period", "by"]]
            made = {
                figure_id(result.name, m, g, p, b)
                for (m, g, p, b), v in zip(
                    keys.itertuples(index=False), result.table["value"], strict=True
                )
                if m not in typed and np.isfinite(v)
            }
            assert made <= set(result.leans_on)
    chances = chapter80.targets_chance(data)
    known = {s.reading.key for s in Seen.of(data).open if s.due is not None}
    assert {i.split(".")[2] for i in chances.leans_on} >= known


def test_every_target_is_in_the_register(data):
    told = chapter80.targets_set(data)
    keys = set(told.table.loc[told.table["measure"] == "number_n", "group"])
    assert keys == set("foster foster_half ifa ifa_all far rate fewer past past_met beyond".split())
    assert told.row_notes["Reads otherwise"]["ifa_all"] == told.labels["ifa"]
    assert pd.notna(list(told.row_notes["Aim"].values())).all()
