"""Chapter 50 from records: what simple forecasts would have said, worked out by hand."""

from __future__ import annotations

import pytest

from needs.forecast import records
from needs.report.chapter import publish

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def four(made):
    """Counts of 100, 110, 130 and 120."""
    return made.data(made.march(100, 110, 130, 120, first=2020))


def test_errors_by_day_and_years_ahead(made, four):
    result = records.errors(four)

    def error(group: str, period: str, by: str) -> float:
        return made.value(result, "error_n", group=group, period=period, by=by)

    assert error("no_change", "2020-03-31", "h1") == 100 - 110
    assert error("no_change", "2022-03-31", "h1") == 130 - 120
    assert error("no_change", "2020-03-31", "h3") == 100 - 120
    assert error("drift", "2021-03-31", "h1") == 120 - 130
    assert error("drift", "2021-03-31", "h2") == 130 - 120
    assert error("drift", "2022-03-31", "h1") == 145 - 120


def test_a_forecast_that_cannot_have_been_made_is_not_applicable(four):
    rows = records.errors(four).table
    absent = rows[rows["value"].isna()]
    assert set(absent["marker"]) == {"z"}
    drift = absent[(absent["group"] == "drift") & (absent["period"] == "2020-03-31")]
    assert drift.empty or drift["value"].isna().all()
    assert not (rows["by"] == "h5").any()


def test_mean_errors_are_taken_over_the_same_days(made, four):
    """Drift cannot start from the first day, so holding is not judged by it either."""
    result = records.skill(four)

    def value(measure: str, group: str, by: str = "h1") -> float:
        return made.value(result, measure, group=group, by=by)

    assert value("origins_n", "no_change") == value("origins_n", "drift") == 2
    assert value("mae_n", "no_change") == (20 + 10) / 2
    assert value("mae_n", "drift") == (10 + 25) / 2
    assert value("bias_n", "no_change") == (-20 + 10) / 2
    assert value("mape_pct", "drift") == pytest.approx(100 * (10 / 130 + 25 / 120) / 2)
    assert not (result.table["by"] == "h3").any()


def test_too_few_days_are_not_judged(four):
    assert "too few days" in records.skill(four).text[-1].template


@pytest.mark.parametrize(
    ("totals", "words"),
    [
        ([100.0 + 10 * i for i in range(10)], "Drift did better"),
        ([100, 150, *([150, 148] * 4)], "Holding did at least as well"),
    ],
)
def test_the_verdict_follows_the_errors_and_allows_for_luck(made, totals, words):
    result = records.skill(made.data(made.march(*map(int, totals))))
    last = result.text[-1]
    assert last.words["verdict"].startswith(words)
    assert "luck" in last.template


def test_what_would_have_been_said_stands_beside_what_was_counted(made, four):
    result = records.past_forecasts(four)

    def total(group: str, by: str, period: str = "2023-03-31") -> float:
        return made.value(result, "total_n", group=group, by=by, period=period)

    assert total("counted", "on_day") == 120
    assert total("no_change", "h1") == 130
    assert total("no_change", "h3") == 100
    assert total("drift", "h1") == 145
    assert total("drift", "h2") == 130
    shown = publish(result, four, "50")
    assert [s.text for s in shown.sentences[-1] if s.figure] == ["110", "130"]


def test_the_picture_looks_as_far_as_four_days_allow(made):
    short = records.past_forecasts(made.data(made.march(100, 110, 130, 120)))
    assert short.charts == ()
    data = made.data(made.march(*range(100, 200, 10)))
    (chart,) = records.past_forecasts(data).charts
    assert chart.include["by"] == ("on_day", "h3")
    assert publish(records.past_forecasts(data), data, "50").charts


@pytest.mark.parametrize("analysis", [records.errors, records.skill, records.past_forecasts])
@pytest.mark.parametrize("totals", [(100,), (3, 4, 5, 6)])
def test_nothing_to_test_is_said_and_no_table_is_drawn(made, analysis, totals):
    data = made.data(made.march(*totals))
    shown = publish(analysis(data), data, "50")
    assert shown.table is None and shown.rows == () and shown.charts == ()
    assert shown.sentences[0][0].text.startswith("Nothing is shown")


def test_two_years_have_a_holding_error_and_no_drift(made):
    data = made.data(made.march(100, 110))
    assert (
        made.value(records.errors(data), "error_n", group="no_change", period="2014-03-31", by="h1")
        == -10
    )
    assert publish(records.skill(data), data, "50").table is None
    assert publish(records.past_forecasts(data), data, "50").table is not None
