"""Every method of series on histories that are short, thin, broken or cut: sense or a refusal."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from needs.forecast.history import OPEN, History, day_number
from needs.forecast.series import METHODS, offered
from needs.forecast.series.people import AGES, People
from needs.vocabulary.errors import ModelError

pytestmark = pytest.mark.property

PLACES = ("foster", "home", "empty")
UNTIL = day_number(dt.date(2023, 3, 31))
DAYS = [dt.date(y, 3, 31) for y in range(2024, 2029)]
PEOPLE = People(
    pd.DataFrame(5000.0, index=range(2010, 2023), columns=range(AGES)),
    pd.DataFrame(columns=range(AGES)),
    dt.date(2023, 3, 31),
)


def lived(n: int, years: float, seed: int = 1, until: int = UNTIL, uasc: float = 0.1) -> History:
    """So many stays, evenly over some years, in the first two places."""
    rng = np.random.default_rng(seed)
    since = until - round(years * 365.25)
    start = np.sort(rng.integers(since - 900, until + 1, n))
    stop = start + rng.integers(20, 1500, n)
    here = stop > since
    stays = pd.DataFrame(
        {
            "start": start,
            "stop": np.where(stop > until, OPEN, stop),
            "born": start - rng.integers(100, 6000, n),
            "place": rng.integers(0, 2, n),
            "uasc": rng.random(n) < uasc,
        }
    )[here].reset_index(drop=True)
    number = np.arange(len(stays))
    whole = stays.assign(child=number, period=number, opens=True, entered=stays["start"])
    return History(whole, PLACES, since, until)


def run(key: str, history: History, days=DAYS, draws: int = 20):
    return offered(PEOPLE)[key](history, days, draws, np.random.default_rng(2))


def hold(made, history: History) -> None:
    """What must hold of any forecast."""
    assert np.isfinite(made.draws).all() and (made.draws >= 0).all()
    np.testing.assert_allclose(made.draws.sum(axis=2), made.total(), rtol=1e-4, atol=0.01)
    assert (made.draws[:, :, PLACES.index("empty")] == 0).all()
    for part in made.parts.values():
        assert (part.draws >= 0).all()
        if not part.flow:
            np.testing.assert_allclose(part.draws.sum(axis=2), made.total(), rtol=1e-3, atol=0.02)


@pytest.mark.parametrize("key", sorted(METHODS))
def test_an_empty_type_stays_empty_and_types_add_up(key):
    history = lived(400, 8)
    made = run(key, history)
    hold(made, history)
    again = run(key, history)
    np.testing.assert_array_equal(made.draws, again.draws)


@pytest.mark.parametrize("key", sorted(METHODS))
def test_the_end_of_an_extract_may_lie_within_a_month(key):
    history = lived(400, 8, until=day_number(dt.date(2023, 1, 17)))
    made = run(key, history, [dt.date(2023, 3, 31), dt.date(2024, 3, 31)])
    hold(made, history)
    now = history.counts(np.array([history.until])).sum()
    assert np.median(made.total()[:, 0]) == pytest.approx(now, rel=0.15)


@pytest.mark.parametrize("key", sorted(METHODS))
def test_too_few_months_are_refused_or_told_with_wide_ranges(key):
    history = lived(120, 0.7)
    if "months" in METHODS[key].needs:
        with pytest.raises(ModelError) as refused:
            run(key, history)
        assert refused.value.faults and "months" in refused.value.faults[0].rule
    else:
        made = run(key, history, draws=400)
        low, high = np.quantile(made.total()[:, -1], [0.1, 0.9])
        assert high / low > 1.2


@pytest.mark.parametrize("key", sorted(METHODS))
def test_a_single_child_is_told_of_or_refused(key):
    one = lived(400, 8)
    born = UNTIL - 3000
    stays = one.stays.iloc[:1].assign(start=one.since - 10, stop=OPEN, born=born, uasc=False)
    history = History(stays, PLACES, one.since, UNTIL)
    try:
        made = run(key, history)
    except ModelError as refused:
        assert refused.faults
    else:
        hold(made, history)
        assert made.total().mean() < 20


@pytest.mark.parametrize("key", sorted(METHODS))
def test_nobody_in_care_is_refused_or_stays_near_nought(key):
    one = lived(400, 8)
    gone = one.stays[one.stays["stop"] <= UNTIL - 400]
    history = History(gone.reset_index(drop=True), PLACES, one.since, UNTIL)
    try:
        made = run(key, history)
    except ModelError as refused:
        assert refused.faults
    else:
        hold(made, history)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    n=st.integers(30, 300),
    years=st.floats(1.2, 9),
    seed=st.integers(0, 1000),
    uasc=st.sampled_from([0.0, 0.3, 1.0]),
)
def test_counts_and_rates_of_any_history_hold(n, years, seed, uasc):
    history = lived(n, years, seed, uasc=uasc)
    for key in ("count_regression", "population"):
        try:
            made = run(key, history)
        except ModelError:
            continue
        hold(made, history)
