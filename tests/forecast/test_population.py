"""Rates by age over a population, and unaccompanied children: known truth, and the rules."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from needs.forecast.history import OPEN, History, day_number
from needs.forecast.series.offered import METHODS, offered
from needs.forecast.series.people import AGES, People, aged
from needs.forecast.series.population import population, rates_of
from needs.forecast.series.unaccompanied import (
    THRESHOLDS,
    Rules,
    arrivals_of,
    limit_on,
    simulate,
)
from needs.forecast.shape import Forecast
from needs.vocabulary.errors import ModelError

pytestmark = pytest.mark.unit

AS_AT = dt.date(2023, 3, 31)
SINCE = day_number(dt.date(2015, 4, 1))
UNTIL = day_number(AS_AT)
DAYS = [dt.date(y, 3, 31) for y in range(2024, 2029)]
RATE = np.linspace(0.002, 0.012, AGES)


def people_of(by_year, first=2014, projected=None, as_at=AS_AT) -> People:
    """Estimates from a function of the mid-year, shape (ages,)."""
    years = range(first, 2023)
    table = pd.DataFrame([by_year(y) for y in years], index=years, columns=range(AGES))
    return People(
        table, pd.DataFrame(columns=range(AGES)) if projected is None else projected, as_at
    )


def flat(level: float):
    return lambda year: np.full(AGES, level)


def stays_of(counts_by_year, uasc=False, place=0):
    """So many children of each age on each 31 March, new ones every year."""
    rows = []
    for year, by_age in counts_by_year.items():
        day = day_number(dt.date(year, 3, 31))
        for age, n in enumerate(by_age):
            born = day - round((age + 0.5) * 365.25)
            stop = OPEN if year == 2023 else day + 30
            rows += [(day - 30, stop, born)] * round(n)
    made = pd.DataFrame(rows, columns=["start", "stop", "born"])
    return made.assign(place=place, uasc=uasc, opens=True, entered=made["start"])


def history_of(*frames: pd.DataFrame, places=("foster", "home")) -> History:
    stays = pd.concat(frames, ignore_index=True)
    number = np.arange(len(stays))
    return History(stays.assign(child=number, period=number), places, SINCE, UNTIL)


def constant(people: People, years=range(2016, 2024)) -> History:
    """Children at constant rates of the population of the mid-year before."""
    counts = {y: RATE * people.estimates.loc[y - 1].to_numpy() for y in years}
    return history_of(stays_of(counts))


def run(history, people, draws=600, days=DAYS, **more) -> Forecast:
    return population(history, days, draws, np.random.default_rng(5), people=people, **more)


def moving(year: int) -> np.ndarray:
    """A population whose cohorts differ: births rose to 2012 and have fallen since."""
    born = year - np.arange(AGES)
    return 6000 * np.exp(-0.03 * np.abs(born - 2012))


def test_constant_rates_of_a_changing_population_are_recovered():
    """The truth: RATE times the population that comes, which cohorts aged alone give."""
    people = people_of(moving)
    made = run(constant(people), people, 800)
    truth = [float((RATE * moving(y - 1)).sum()) for y in range(2024, 2029)]
    assert np.median(made.total(), axis=0) == pytest.approx(truth, rel=0.015)
    assert abs(truth[-1] / truth[0] - 1) > 0.02, "the population must move for this to tell"


def test_a_still_population_is_the_last_value():
    people = people_of(flat(5000.0))
    history = constant(people)
    last = history.counts(np.array([UNTIL])).sum()
    made = run(history, people, 800)
    assert np.median(made.total(), axis=0) == pytest.approx([last] * 5, rel=0.015)


def test_a_projection_at_another_level_is_rebased():
    """Three per cent lower throughout, it must give what one at the right level gives."""
    people = people_of(moving)
    right = pd.DataFrame(
        [moving(y) * 1.01 ** (y - 2022) for y in range(2022, 2030)],
        index=range(2022, 2030),
        columns=range(AGES),
    )
    totals = [
        np.median(run(constant(people), people_of(moving, projected=p)).total(), axis=0)
        for p in (right, right * 0.97)
    ]
    np.testing.assert_allclose(totals[1], totals[0], rtol=1e-6)
    truth = [float((RATE * right.loc[y - 1].to_numpy()).sum()) for y in range(2024, 2029)]
    assert totals[0] == pytest.approx(truth, rel=0.02)


def test_a_cohort_keeps_its_ratio_to_the_projection():
    """Ten per cent more of those aged five at the base: of those aged six a year later."""
    base = np.full(AGES, 1000.0)
    more = base.copy()
    more[5] = 1100.0
    estimates = pd.DataFrame([more], index=[2022], columns=range(AGES))
    projected = pd.DataFrame([base, base, base], index=[2022, 2023, 2024], columns=range(AGES))
    ahead = People(estimates, projected, AS_AT).ahead(AS_AT, 2024)
    assert ahead.loc[2023, 6] == pytest.approx(1100)
    assert ahead.loc[2024, 7] == pytest.approx(1100)
    assert ahead.loc[2023, 5] == pytest.approx(1000)
    # Nobody at the base was younger than nought: those born since take the whole's ratio.
    assert ahead.loc[2023, 0] == pytest.approx(1000 * 18100 / 18000)


def test_cohorts_age_by_their_own_ratios():
    """By hand: of 100 aged nought 110 are there at one; births fall from 100 to 90."""
    table = np.full((2, AGES), 50.0)
    table[0, 0], table[1, 0], table[1, 1] = 100.0, 90.0, 110.0
    later = aged(pd.DataFrame(table, index=[2021, 2022], columns=range(AGES)), 2023)
    assert later.loc[2023, 0] == pytest.approx(81)
    assert later.loc[2023, 1] == pytest.approx(99)
    assert later.loc[2023, 2] == pytest.approx(110)


def test_an_origin_knows_only_what_had_been_published():
    projected = pd.DataFrame([moving(y) for y in range(2018, 2030)], index=range(2018, 2030))
    people = people_of(moving, projected=projected)
    estimates, later = people.known(dt.date(2020, 3, 31))
    assert estimates.index.max() == 2018 and len(later)
    estimates, later = people.known(dt.date(2019, 3, 31))
    assert estimates.index.max() == 2017 and not len(later)
    assert people.known(AS_AT)[0].index.max() == 2022
    none = people_of(moving, first=2020)
    assert np.isnan(none.on(dt.date(2019, 3, 31), [2019.25])).all()


def test_what_is_published_later_changes_no_forecast():
    people, other = people_of(moving), people_of(moving)
    other.estimates.loc[2021:] *= 2
    history = constant(people).cut(day_number(dt.date(2021, 3, 31)))
    days = [dt.date(y, 3, 31) for y in (2022, 2023)]
    one, two = (run(history, p, 100, days) for p in (people, other))
    np.testing.assert_array_equal(one.draws, two.draws)


def test_rates_stand_on_the_mid_year_before():
    people = people_of(moving)
    lived = people.on(AS_AT, [2023.247])
    np.testing.assert_allclose(lived[0], moving(2022), rtol=2e-4)
    rates = rates_of(constant(people), people)
    np.testing.assert_allclose(rates.rate, RATE, rtol=0.02)


def test_types_ages_and_status_add_up_in_every_draw():
    people = people_of(moving)
    uasc = stays_of({y: [0] * 16 + [5, 9] for y in range(2016, 2024)}, uasc=True, place=1)
    history = history_of(constant(people).stays, uasc)
    made = run(history, people, 50)
    for part in made.parts.values():
        np.testing.assert_allclose(part.draws.sum(axis=2), made.total(), rtol=1e-4)
    assert (made.draws >= 0).all()


def test_without_a_population_the_method_is_refused_or_not_offered():
    none = people_of(moving, first=2022)
    history = constant(people_of(moving)).cut(day_number(dt.date(2020, 3, 31)))
    with pytest.raises(ModelError):
        run(history, none, 10, [dt.date(2021, 3, 31)])
    assert "population" not in offered(None)
    assert set(offered(people_of(moving))) == set(METHODS)
    late = people_of(moving, first=2019)
    assert "population" in offered(late, dt.date(2022, 3, 31))
    assert "population" not in offered(late, dt.date(2020, 3, 31)), "published too late for it"


# Unaccompanied children.


def arriving(a_year: int, now: int = 0, years=range(2016, 2024), age=16.5) -> History:
    """So many arrive a year, evenly, and stay to 18; ``now`` more are in care."""
    rows = []
    for year in years:
        for i in range(a_year):
            start = day_number(dt.date(year - 1, 4, 1)) + int(364 * (i + 0.5) / a_year)
            stop = start + round((18 - age) * 365.25)
            rows.append((start, OPEN if stop > UNTIL else stop, start - round(age * 365.25)))
    rows += [(SINCE - 10, OPEN, UNTIL - round(17.0 * 365.25))] * now
    stays = pd.DataFrame(rows, columns=["start", "stop", "born"])
    return history_of(stays.assign(place=0, uasc=True, opens=True, entered=stays["start"]))


def test_the_threshold_of_each_day():
    """147,143 people under 18: 103 at 0.07%; 148,000: 148 at 0.1%, as the council prints."""
    known = dt.date(2023, 3, 31)
    assert limit_on(dt.date(2021, 12, 31), known, 147_143) == pytest.approx(103, abs=0.01)
    assert limit_on(dt.date(2023, 3, 31), known, 148_000) == pytest.approx(148)
    assert limit_on(dt.date(2022, 8, 23), known, 100_000) == pytest.approx(70)
    assert limit_on(dt.date(2022, 8, 24), known, 100_000) == pytest.approx(100)
    assert limit_on(dt.date(2024, 3, 31), dt.date(2022, 1, 1), 100_000) == pytest.approx(70)
    assert limit_on(dt.date(2015, 3, 31), known, 100_000) == np.inf
    assert [t.since for t in THRESHOLDS] == sorted(t.since for t in THRESHOLDS)


def test_below_the_threshold_arrivals_are_of_both_kinds_above_it_all_are_local():
    """Twenty-four a year, so thirty-six in care: 48 arrivals in two years."""
    below = arrivals_of(arriving(24), 100_000)
    assert below.local[0] == pytest.approx(24, abs=1) == below.transfers[0]
    above = arrivals_of(arriving(24, 150), 100_000)
    assert above.transfers == (0.0, 0.0) and above.local[0] == pytest.approx(48, abs=1)
    assert below.leave == 0, "nobody leaves before eighteen"


def uasc_ahead(history, under_18, **rules) -> np.ndarray:
    people = people_of(flat(under_18 / AGES))
    return simulate(history, DAYS, 400, np.random.default_rng(3), people, Rules(drift=0, **rules))


def test_transfers_stop_at_the_threshold_and_arrivals_go_on():
    """Fifty a year for two years who stay three: 100 now, 150 in the end; the limit is 110."""
    history, limit = arriving(50, years=(2022, 2023), age=15.0), 110
    moved = uasc_ahead(history, 110_000, local_share=0.0)
    assert moved.max() <= limit and moved.mean(axis=0)[-1] > 0.9 * limit
    local = uasc_ahead(history, 110_000, local_share=1.0)
    assert np.median(local[:, -1]) == pytest.approx(150, rel=0.1), "no cap on children"
    few = uasc_ahead(arriving(6), 200_000, local_share=1.0)
    assert few.mean(axis=0)[-1] < 0.1 * 200, "nor a target"


def test_above_the_threshold_some_may_be_transferred_out():
    history = arriving(50, years=(2022, 2023), age=15.0)
    stay = uasc_ahead(history, 60_000, local_share=1.0, out_share=0.0)
    go = uasc_ahead(history, 60_000, local_share=1.0, out_share=1.0)
    assert np.median(stay[:, -1]) > 130
    assert go.mean(axis=0)[-1] < 60 + 10, "one month's arrivals over it, at most"


def test_everyone_leaves_at_eighteen():
    """Forty aged seventeen, and nobody comes: none is left after a year and a bit."""
    made = uasc_ahead(arriving(0, 40), 100_000)
    assert made[:, 1].max() == 0
    soon = people_of(flat(5000.0))
    at_once = simulate(
        arriving(0, 40), [dt.date(2023, 4, 30)], 50, np.random.default_rng(1), soon, Rules()
    )
    assert at_once.min() >= 35


def test_arrivals_go_on_at_their_rate():
    """Twenty-four a year who stay 18 months make 36 in the long run."""
    made = uasc_ahead(arriving(24), 1_000_000)
    assert made.mean(axis=0)[2:] == pytest.approx([36, 36, 36], rel=0.1)


def test_the_real_projection_is_carried_to_the_level_of_the_estimates():
    """ONS: 149,538 projected for mid-2022; estimates of 2019 and 2020 aged to it give another."""
    folder = Path(os.environ.get("NEEDS_SHARED", Path(__file__).parents[3] / "shared"))
    files = [
        folder / "data" / "tidy" / name
        for name in (
            "ons_mye_single_year_age_2019_2020.csv",
            "ons_snpp2022_oxfordshire_age0_17_2022_2037.csv",
        )
    ]
    if not all(f.exists() for f in files):
        pytest.skip("the ONS files are not here")
    known, later = (pd.read_csv(f) for f in files)
    estimates, projected = (
        frame[(frame[code] == "E10000025") & (frame["age"] < AGES)]
        .pivot_table("population", "mid_year", "age")
        .astype(float)
        for frame, code in ((known, "gss"), (later, "area_code"))
    )
    assert projected.loc[2022].sum() == 149_538
    ahead = People(estimates, projected, AS_AT).ahead(AS_AT, 2030)
    base = aged(estimates, 2022).loc[2022]
    pd.testing.assert_series_equal(ahead.loc[2022], base, check_names=False)
    assert 1.0 < base.sum() / 149_538 < 1.06, "the estimates stand above the projection"
    grows = ahead.loc[2030].sum() / base.sum() - projected.loc[2030].sum() / 149_538
    assert abs(grows) < 0.02, "and grow as it does, but for cohorts"
