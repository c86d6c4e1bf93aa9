"""Ages in completed years, birthdays and bands, against the calendar itself."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs.care.ages import AGE_BANDS, UNKNOWN_AGE, age_band, birthday, completed_years

DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2035, 12, 31))


def reached(born: dt.date, years: int) -> dt.date:
    """Return the birthday by the calendar: 1 March where there is no 29 February."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return dt.date(born.year + years, 3, 1)


@pytest.mark.property
@given(DAYS, DAYS)
def test_age_counts_the_birthdays_reached(born, day):
    expected = sum(reached(born, k) <= day for k in range(1, 50)) if day >= born else UNKNOWN_AGE
    assert completed_years([born], [day]).tolist() == [expected]


@pytest.mark.property
@given(DAYS, st.integers(0, 25))
def test_birthday_is_the_first_day_of_an_age(born, years):
    day = birthday(np.array([born], dtype="datetime64[ns]"), years)
    assert day.astype("datetime64[D]").tolist() == [reached(born, years)]
    eve = day - np.timedelta64(1, "D")
    assert completed_years([born], day)[0] == years
    assert completed_years([born], eve)[0] == (years - 1 if years else UNKNOWN_AGE)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("age", "words"),
    [
        (0, "Under 1"),
        (1, "1 to 4"),
        (4, "1 to 4"),
        (5, "5 to 9"),
        (9, "5 to 9"),
        (10, "10 to 15"),
        (15, "10 to 15"),
        (16, "16 and over"),
        (18, "16 and over"),
        (UNKNOWN_AGE, "Age not known"),
    ],
)
def test_bands_meet_where_dfe_says(age, words):
    assert AGE_BANDS[age_band([age])[0]] == words


@pytest.mark.unit
def test_unknown_dates_have_no_age_and_no_birthday():
    nat = np.array(["NaT"], dtype="datetime64[ns]")
    assert completed_years(nat, "2023-03-31").tolist() == [UNKNOWN_AGE]
    assert completed_years("2023-03-31", nat).tolist() == [UNKNOWN_AGE]
    assert np.isnat(birthday(nat, 18)).all()
