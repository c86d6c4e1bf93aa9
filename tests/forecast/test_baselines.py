"""Forecasts without a model: what they hold, and how far they say it may move."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs.forecast.baselines import PRIOR, drift, last_value, share_method, spread
from needs.forecast.history import History
from needs.vocabulary.errors import ModelError

pytestmark = pytest.mark.unit

DAYS = [dt.date(y, 3, 31) for y in range(2024, 2029)]
METHODS = (last_value, drift, share_method)


def level(totals_by_day, kinds) -> History:
    """Return a history whose every quarter has the counts that a function of years gives."""
    import pandas as pd

    from needs.forecast.history import day_number

    since, until = day_number(dt.date(2013, 4, 1)), day_number(dt.date(2023, 3, 31))
    edges = np.arange(since, until + 1)[::91]
    rows = []
    for at, start in enumerate(edges):
        stop = edges[at + 1] if at + 1 < len(edges) else np.iinfo(np.int32).max
        for place in range(len(kinds)):
            n = totals_by_day(place, (start - since) / 365.25)
            rows += [(start, stop, place)] * int(n)
    stays = pd.DataFrame(rows, columns=["start", "stop", "place"])
    return History(stays.assign(child=np.arange(len(stays))), tuple(kinds), since, until)


@pytest.fixture(scope="module")
def still() -> History:
    return level(lambda place, _: (300, 80, 0)[place], ("foster", "home", "empty"))


@pytest.fixture(scope="module")
def growing() -> History:
    return level(lambda place, t: (300 + 20 * t, 80)[place], ("foster", "home"))


def run(method, history, draws=400, days=DAYS):
    return method(history, days, draws, np.random.default_rng(7))


def test_the_last_value_is_held_in_the_middle_of_its_draws(growing):
    made = run(last_value, growing, 4000)
    middle = np.median(made.total(), axis=0)
    assert middle == pytest.approx(np.full(5, 495 + 80), rel=0.02)
    assert np.median(made.draws[:, 0], axis=0) == pytest.approx([495, 80], rel=0.03)


def test_the_middle_is_the_number_held_however_few_the_draws(growing):
    now = growing.counts(np.array([growing.until])).sum()
    middle = np.median(run(last_value, growing, 50).total(), axis=0)
    assert middle == pytest.approx(np.full(5, now), rel=1e-3)


def test_ranges_widen_with_the_years_and_with_what_the_past_did(still, growing):
    calm, moved = (np.log(run(last_value, h, 4000).total()).std(axis=0) for h in (still, growing))
    assert (np.diff(calm) > 0).all() and (np.diff(moved) > 0).all()
    assert (moved > 1.3 * calm).all()


def test_where_nothing_is_known_the_prior_is_all_there_is(still):
    short = still.cut(still.since)
    total, _, freedom = spread(short, [dt.date(2015, 4, 1)])
    assert freedom == PRIOR.worth
    assert total[0] == pytest.approx(PRIOR.total * np.sqrt(2), rel=0.01)


def test_drift_goes_on_as_it_went(growing):
    made = run(drift, growing, 4000)
    # Twenty more a year over the ten years; the last step came a quarter before the end.
    assert np.median(made.total(), axis=0) == pytest.approx(575 + 19.5 * np.arange(1, 6), rel=0.02)


def test_the_published_method_takes_its_reduction_each_year(still):
    made = run(share_method, still, 3)
    assert made.total()[0] == pytest.approx(380 * 0.95 ** np.arange(1, 6), rel=0.001)
    assert (made.draws == made.draws[:1]).all()
    assert made.draws[0, 3, 0] / made.total()[0, 3] == pytest.approx(300 / 380)


@settings(max_examples=30, deadline=None)
@given(
    counts=st.lists(st.integers(0, 60), min_size=1, max_size=4),
    seed=st.integers(0, 99),
    method=st.sampled_from(METHODS),
)
def test_types_add_up_and_are_never_below_nought(counts, seed, method):
    rng = np.random.default_rng(seed)
    history = level(
        lambda place, t: max(0, counts[place] + int(4 * np.sin(t + place + seed))),
        tuple(f"p{i}" for i in range(len(counts))),
    )
    made = method(history, DAYS, 50, rng)
    assert (made.draws >= 0).all() and np.isfinite(made.draws).all()
    assert made.draws.sum(axis=2) == pytest.approx(made.total(), rel=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_an_empty_type_stays_empty(still, method):
    assert not run(method, still).draws[:, :, 2].any()


@pytest.mark.parametrize("method", [last_value, drift])
def test_a_day_already_known_is_no_forecast(still, method):
    with pytest.raises(ModelError):
        run(method, still, days=[dt.date(2020, 3, 31)])


@pytest.mark.parametrize("method", METHODS)
def test_the_same_generator_gives_the_same_draws(growing, method):
    assert (run(method, growing).draws == run(method, growing).draws).all()
