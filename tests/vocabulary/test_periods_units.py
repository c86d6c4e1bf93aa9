"""Reporting years and printed numbers."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.units import UNITS, printed, round_half_up

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (dt.date(2023, 3, 31), "2022-23"),
        (dt.date(2023, 4, 1), "2023-24"),
        (dt.date(2000, 1, 1), "1999-00"),
    ],
)
def test_a_day_falls_in_the_year_that_ends_on_the_next_31_march(day, year):
    assert str(ReportingYear.of(day)) == year


@pytest.mark.parametrize("text", ["2022-24", "2022/23", "22-23", "2022-2023", "2022", ""])
def test_anything_but_two_consecutive_years_is_refused(text):
    with pytest.raises(ValueError, match="2022-23"):
        ReportingYear.parse(text)


@given(st.integers(1990, 2098))
def test_a_year_prints_as_it_is_read_and_borders_the_next(end_year):
    year = ReportingYear(end_year)
    assert ReportingYear.parse(str(year)) == year
    assert year.end + dt.timedelta(days=1) == (year + 1).start


@pytest.mark.parametrize(
    ("value", "unit", "marker", "text"),
    [
        (0.5, "percent", "", "1%"),  # half-even would print 0%
        (2.5, "children", "", "3"),
        (-2.5, "count", "", "-3"),
        (-0.04, "gbp_m", "", "£0.0m"),  # no minus on a zero
        (1234567.0, "gbp", "", "£1,234,567"),
        (17.35, "gbp_m", "", "£17.4m"),  # binary 17.35 lies just below
        (3.0, "children", "c", "c"),
        (855.0, "children", "r", "855 r"),
        (float("nan"), "children", "", "x"),
        (None, "children", "", "x"),
    ],
)
def test_numbers_print_half_up_with_their_unit(value, unit, marker, text):
    assert printed(value, unit, marker) == text


@given(st.integers(-(10**6), 10**6), st.integers(1, 2))
def test_noise_in_the_last_bits_never_decides_a_rounding(tenths, scale):
    value = tenths / 10 + 0.05
    for noise in (1 - 2e-15, 1 + 2e-15):
        assert round_half_up(value * noise, scale - 1) == round_half_up(value, scale - 1)


def test_only_counts_of_people_are_marked_for_disclosure_control():
    assert {k for k, u in UNITS.items() if u.people} == {
        "children",
        "children_tens",
        "people",
        "episodes",
        "days_served",
        "nights_served",
        "child_rows",
        "requests",
        "families",
        "cases",
        "providers",
        "carers",
    }


def test_a_count_of_tens_is_printed_in_full():
    assert [printed(n, "children_tens") for n in (16, 7, 0, 1234)] == ["20", "10", "0", "1,230"]
