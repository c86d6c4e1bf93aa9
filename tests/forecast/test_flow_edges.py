"""What the flow model does with little, odd or broken pasts: forecast, or refuse clearly."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from flow_histories import PLACES, UNKNOWN, UNTIL, history_of, lived

from needs.forecast.flow.exposure import expose
from needs.forecast.flow.model import fit_flow, month_after
from needs.forecast.history import OPEN, History, day_number
from needs.forecast.shape import Forecast
from needs.vocabulary.errors import ModelError

pytestmark = pytest.mark.unit

SINCE = dt.date(2018, 4, 1)


def ahead(history: History, months: int = 24, draws: int = 60, seed: int = 2) -> Forecast:
    model = fit_flow(history)
    days = [month_after(model.origin, m) for m in range(1, months + 1)]
    return model.simulate(days, draws, np.random.default_rng(seed))


def born(years: float, on: dt.date = UNTIL) -> int:
    return day_number(on) - int(years * 365.25)


def test_less_than_a_year_is_refused_and_says_what_to_do():
    with pytest.raises(ModelError, match="less than one year") as refused:
        fit_flow(lived(years=6).cut(day_number(dt.date(2017, 12, 31))))
    assert "earlier returns" in refused.value.faults[0].mend


def test_a_return_without_29_february_is_a_whole_year():
    history = lived(years=10)
    for first, years in ((2013, 10), (2020, 3), (2022, 1)):
        since = day_number(dt.date(first, 4, 1))
        told = History(history.stays, history.places, since, history.until)
        assert expose(told, 10).years == years
        assert fit_flow(told).origin == UNTIL


def test_a_year_or_two_forecast_wider_and_say_so():
    history = lived(years=2)
    model = fit_flow(history)
    assert any("three years" in note for note in model.notes)
    wide, narrow = (ahead(x, draws=300).total()[:, -1] for x in (history, lived(years=8)))
    assert wide.std() > narrow.std()
    assert not fit_flow(lived(years=8)).notes


def test_nobody_who_entered_is_refused():
    stays = lived().stays
    still = History(stays[~stays["opens"]], PLACES, day_number(SINCE), day_number(UNTIL))
    with pytest.raises(ModelError, match="nobody came into care"):
        fit_flow(still)


def test_a_type_that_nobody_was_ever_in_stays_empty():
    history = lived()
    wider = History(history.stays, (*PLACES, "secure"), history.since, history.until)
    forecast = ahead(wider)
    assert forecast.of(["secure"]).mean() < 0.05
    assert forecast.total().mean() == pytest.approx(ahead(history).total().mean(), rel=0.05)


def test_a_single_child():
    day = day_number(dt.date(2022, 6, 1))
    alone = history_of([(born(10), [(day, 0)], OPEN, False)], SINCE)
    forecast = ahead(alone)
    assert forecast.total().max() < 40
    assert 0.2 < forecast.total()[:, 0].mean() < 3


def test_one_type_only():
    forecast = ahead(lived(places=("foster",)))
    assert forecast.groups == ("foster",)
    assert forecast.total().min() > 0


def test_everyone_aged_seventeen_has_left_within_a_year():
    start = day_number(dt.date(2022, 10, 1))
    periods = [(born(17 + i / 100), [(start, 0)], OPEN, False) for i in range(1, 99)]
    model = fit_flow(history_of(periods, SINCE))
    days = [month_after(model.origin, m) for m in range(1, 13)]
    forecast = model.simulate(days, 50, np.random.default_rng(1))
    entries = forecast.parts["entries"].draws.sum(2).cumsum(1)
    assert (forecast.total()[:, -1] <= entries[:, -1]).all()
    assert forecast.parts["exits"].draws[:, :, 1].sum(1).mean() > 50


def test_a_birthday_on_the_day_takes_the_child_out_of_that_days_count():
    start = day_number(dt.date(2022, 10, 1))
    day = dt.date(2023, 4, 30)
    twins = [dt.date(2005, 4, 30), dt.date(2005, 5, 1)]
    for birth, there in zip(twins, (0, 1), strict=True):
        before = history_of(
            [(day_number(birth), [(start, 0)], OPEN, False)]
            # Others who leave tell that almost nobody does so early.
            + [(born(5), [(start - 900, 1)], start - 800, False)] * 3,
            SINCE,
        )
        model = fit_flow(before)
        seventeen = model.simulate([day], 400, np.random.default_rng(3)).of(["foster"])
        assert (np.median(seventeen) >= 1) == bool(there), birth


def test_an_unknown_day_of_birth_is_no_reason_to_refuse():
    day = day_number(dt.date(2021, 6, 1))
    odd = [(UNKNOWN, [(day + 30 * i, i % 4)], OPEN, False) for i in range(20)]
    forecast = ahead(history_of(odd, SINCE))
    assert np.isfinite(forecast.draws).all()


def test_an_extract_of_part_of_a_year():
    end = dt.date(2022, 11, 30)
    history = lived(until=end)
    model = fit_flow(history)
    assert model.origin == end
    days = [dt.date(2022, 12, 31), dt.date(2023, 2, 28), dt.date(2023, 3, 31)]
    forecast = model.simulate(days, 200, np.random.default_rng(1))
    now = history.counts(np.array([day_number(end)])).sum()
    assert forecast.total()[:, 0].mean() == pytest.approx(now, rel=0.1)
    # December is the first month ahead, and has December's season.
    assert model.calendar(3).tolist() == [11, 0, 1]


def test_days_that_are_no_whole_months_ahead_are_refused():
    model = fit_flow(lived())
    for day in (dt.date(2023, 4, 15), dt.date(2023, 3, 31)):
        with pytest.raises(ModelError, match="whole number of months"):
            model.simulate([day], 5, np.random.default_rng(1))


def renamed(began: dt.date, how: str) -> tuple[History, History]:
    """Return a history, and the same in which supported accommodation has another code.

    ``new``: of those who come from a day on; ``all``: of everybody from that day on; ``some``:
    of every other child who comes.
    """
    history = lived(entries_a_year=90)
    day, old, new = day_number(began), PLACES.index("supported"), len(PLACES)
    stays = history.stays.copy()
    later = (stays["place"] == old) & (stays["start"] >= day)
    if how == "some":
        later &= stays["child"] % 2 == 0
    stays.loc[later, "place"] = new
    if how == "all":
        on = (stays["place"] == old) & (stays["stop"] > day)
        split = stays[on].assign(start=day, place=new, opens=False)
        stays.loc[on, "stop"] = day
        stays = pd.concat([stays, split]).sort_values(["child", "start"], ignore_index=True)
    return history, History(stays, (*PLACES, "regulated"), history.since, history.until)


@pytest.mark.parametrize("began", [dt.date(2022, 4, 1), dt.date(2022, 10, 1)])
def test_a_type_that_takes_anothers_place_is_forecast_as_that_was(began: dt.date):
    history, whole = renamed(began, "all")
    forecast, plain = ahead(whole, 24, 200), ahead(history, 24, 200)
    assert not forecast.of(["supported"]).any()
    ours, other = (x.mean(0) for x in (forecast.of(["regulated"]), plain.of(["supported"])))
    assert ours == pytest.approx(other, rel=0.08)
    assert forecast.of(["home"]).mean(0) == pytest.approx(plain.of(["home"]).mean(0), rel=0.08)
    assert any("taken the place" in n for n in fit_flow(whole).notes)


def test_those_still_in_a_closed_type_leave_it_and_nobody_comes_in():
    history, closed = renamed(dt.date(2022, 4, 1), "new")
    forecast, plain = ahead(closed, 24, 200), ahead(history, 24, 200)
    there = closed.counts(np.array([closed.until]))[0]
    old = forecast.of(["supported"])
    assert there[PLACES.index("supported")] > 5
    assert (old[:, -1] <= there[PLACES.index("supported")]).all()
    # Of those who leave and move as all do here, a fifth is still there after two years.
    share = old[:, [11, 23]].mean(0) / there[PLACES.index("supported")]
    assert share == pytest.approx(np.exp([-0.8, -1.6]), abs=0.12)
    both = forecast.of(["regulated", "supported"]).mean(0)
    assert both == pytest.approx(plain.of(["supported"]).mean(0), rel=0.08)


def test_a_type_that_nobody_came_into_lately_is_not_closed_by_that():
    history = lived(entries_a_year=300)
    stays = history.stays
    quiet = (stays["place"] == 0) & (stays["start"] > history.until - 60)
    kept = stays[~stays["period"].isin(stays["period"][quiet])].reset_index(drop=True)
    # There is a type that nobody ever used, and none that was used for the first time.
    still = History(kept, (*PLACES, "secure"), history.since, history.until)
    assert not fit_flow(still).notes


def test_a_type_that_is_new_beside_another_is_forecast_from_what_is_known():
    history, beside = renamed(dt.date(2022, 4, 1), "some")
    forecast, plain = ahead(beside, 12, 200), ahead(history, 12, 200)
    assert any("first used in the last two years" in n for n in fit_flow(beside).notes)
    assert forecast.of(["regulated"])[:, -1].mean() > 1
    both = forecast.of(["regulated", "supported"])[:, -1].mean()
    assert both == pytest.approx(plain.of(["supported"])[:, -1].mean(), rel=0.15)
    assert forecast.total().mean() == pytest.approx(plain.total().mean(), rel=0.05)


def test_the_code_of_registered_supported_accommodation_is_the_same_type(made):
    counts = made.march(20, 20, 20, kind=("H5", "PR4")) | made.march(
        20, first=2025, kind=("K3", "PR4")
    )
    data = made.data(counts)
    history = History.of(data.records, data.study)
    days = np.array([day_number(dt.date.fromisoformat(d)) for d in counts])
    assert history.counts(days)[:, history.places.index("supported")].tolist() == [20] * 4


def test_the_number_of_workers_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("needs.forecast.flow.run.SLOTS", 2_000)
    model = fit_flow(lived())
    days = [month_after(model.origin, m) for m in range(1, 25)]
    one, two, four = (
        model.simulate(days, 60, np.random.default_rng(4), threads=t) for t in (1, 2, 4)
    )
    assert np.array_equal(one.draws, two.draws)
    assert np.array_equal(one.draws, four.draws)


def test_returns_before_a_gap_are_not_learnt_from(made):
    data = made.data(made.march(50, 50, 50, 50, 50, 50, first=2016))
    whole = History.of(data.records, data.study)
    assert (whole.since, whole.gaps) == (day_number(dt.date(2015, 4, 1)), 0)
    returns = data.records.returns
    kept = returns[returns["return_year"] != 2018].reset_index(drop=True)
    broken = History.of(replace(data.records, returns=kept), data.study)
    assert (broken.since, broken.gaps) == (day_number(dt.date(2018, 4, 1)), 1)
    assert any("no return" in n for n in fit_flow(broken).notes)
    assert not any("no return" in n for n in fit_flow(whole).notes)
