"""The printed demand table of the bundled study, held against the method.

Expected values are the printed ones: commissioning strategy 2020-2025, December 2021,
section 3, table of demand forecasts; scrutiny report of July 2023, table 1. They are read
from the typed figures, each with its place, not from a run of this program.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from needs.forecast import published
from needs.forecast.published_inputs import demand_table_of, outcomes_of
from needs.forecast.published_method import apply_shares
from needs.inputs.published import read
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import Published, StudyData
from needs.vocabulary.results import Result
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.reference

BUNDLED = Path(__file__).resolve().parents[2] / "analysis" / "oxfordshire-published"
GROUPS = ("homes", "external_homes", "sixteen_plus", "external_sixteen_plus", "fostering", "ifa")


@pytest.fixture(scope="module")
def typed() -> Published:
    return read(load_study(BUNDLED))


@pytest.fixture(scope="module")
def data(typed: Published) -> StudyData:
    return StudyData(load_study(BUNDLED), {"published": lambda _: typed})


def changed(data: StudyData, rows: pd.Series, **to: object) -> StudyData:
    figures = data.published.figures.copy()
    figures.loc[rows, list(to)] = list(to.values())
    other = replace(data.published, figures=figures)
    return StudyData(data.study, {"published": lambda _: other})


def without(data: StudyData, *measures: str) -> StudyData:
    figures = data.published.figures
    other = replace(data.published, figures=figures[~figures["measure"].isin(measures)])
    return StudyData(data.study, {"published": lambda _: other})


def values(result: Result, **keys: str) -> pd.Series:
    table = result.table
    for column, key in keys.items():
        table = table[table[column] == key]
    return table.set_index("period")["value"]


def test_the_table_is_the_printed_one(data):
    demand = demand_table_of(data)
    assert demand.totals.tolist() == [796, 813, 790, 805, 818, 828]
    assert list(demand.shares) == list(GROUPS)
    assert list(demand.shares.values()) == [15.8, 15.0, 10.0, 9.3, 64.0, 25.0]
    assert demand.reduction_pct == 5


def test_every_share_row_is_recomputed_to_the_digit(data):
    demand = demand_table_of(data)
    again = apply_shares(demand.totals, demand.shares)
    pd.testing.assert_frame_equal(
        again[list(GROUPS)],
        demand.printed[list(GROUPS)],
        check_names=False,
    )


def test_the_printed_table_tells_half_up_from_half_even(data):
    """So that the test above would fail if halves went to the even number."""
    demand = demand_table_of(data)
    exact = pd.DataFrame({g: demand.totals * s / 100 for g, s in demand.shares.items()})
    assert (np.round(exact.round(9)) != demand.printed[list(GROUPS)]).to_numpy().sum() == 3


def test_the_result_says_how_many_cells_agree(data):
    result = published.demand_table(data)
    assert result.checks[0].status == "pass"
    assert "36 of 36" in result.checks[0].detail
    assert set(result.row_notes["Verdict"][g] for g in GROUPS) == {"every cell as printed"}
    assert result.row_notes["Verdict"]["all"] == "cannot be recomputed"


def test_one_cell_misprinted_is_found_in_its_row(data):
    f = data.published.figures
    cell = (f["measure"] == "projected_n") & (f["group"] == "ifa") & (f["period"] == "2023")
    result = published.demand_table(changed(data, cell, value=202.0))
    assert result.checks[0].status == "review"
    assert "35 of 36" in result.checks[0].detail
    assert result.row_notes["Verdict"]["ifa"] == "differs"
    assert values(result, group="ifa", by="difference", measure="projected_n")["2023"] == -1


def test_the_totals_fit_a_reduction_taken_once_and_not_every_year(data):
    result = published.demand_totals(data)
    once = values(result, measure="growth_pct", group="once")
    every = values(result, measure="growth_pct", group="every_year")
    # 790 of 813 before a cut of 5 per cent: 790 / 0.95 / 813 = 1.022852
    assert once["2022"] == pytest.approx(2.2852, abs=0.001)
    assert every["2022"] == pytest.approx(once["2022"])
    assert once["2023":"2025"].tolist() == pytest.approx([1.899, 1.615, 1.222], abs=0.001)
    # 805 of 790 with a further cut: 805 / 790 / 0.95 = 1.07262
    assert every["2023":"2025"].tolist() == pytest.approx([7.262, 6.963, 6.550], abs=0.001)
    assert [s.words["reading"] for s in result.text if "reading" in s.words] == [
        "taken once and kept"
    ]


def test_the_reading_follows_the_numbers(data):
    """Totals that fall by the cut every year are read as a cut of every year."""
    falling = [796.0, 813.0, 790.0, 767.0, 745.0, 724.0]
    f = data.published.figures
    for year, value in zip(range(2020, 2026), falling, strict=True):
        cell = (f["measure"] == "projected_n") & (f["group"] == "all") & (f["period"] == str(year))
        data = changed(data, cell, value=value)
    result = published.demand_totals(data)
    assert [s.words["reading"] for s in result.text if "reading" in s.words] == ["taken every year"]


def test_the_base_is_shown_against_both_marches(data):
    result = published.demand_base(data)
    counts = values(result, measure="children_n")
    above = values(result, measure="above_pct")
    assert counts[["2020-03", "2021-03"]].tolist() == [767, 782]
    assert above["2020-03"] == pytest.approx(100 * 29 / 767)
    assert above["2021-03"] == pytest.approx(100 * 14 / 782)
    assert [s.words["march"] for s in result.text] == ["2020", "2021"]


def test_outcomes_are_those_of_the_later_report(data):
    assert outcomes_of(data)["all"]["2021":"2023"].tolist() == [782, 855, 881]


def test_errors_of_the_forecast_and_of_the_last_value(data):
    result = published.demand_outcomes(data)

    def errors(group: str) -> list[float]:
        return [round(v, 2) for v in values(result, measure="error_pct", group=group)]

    assert errors("march_same_year") == [3.96, -7.6, -8.63]  # 813, 790, 805
    assert errors("march_next_year") == [1.79, -4.91, -10.33]  # 796, 813, 790
    assert errors("last_value") == [-1.92, -10.29, -12.94]  # 767 held
    mean = result.table[result.table["measure"] == "mean_error_pct"].set_index("group")["value"]
    assert mean["march_same_year"] == pytest.approx(np.mean([3.964, 7.602, 8.627]), abs=0.01)
    assert mean["march_same_year"] < mean["last_value"]


def test_by_placement_type_the_outcome_stands_beside_the_forecast(data):
    result = published.demand_types(data)
    assert values(result, group="ifa", by="outcome")["2023"] == 250
    assert values(result, group="ifa", by="printed")["2023"] == 201
    assert values(result, group="ifa", by="error")["2023"] == pytest.approx(-19.6)
    assert not {"sixteen_plus", "external_sixteen_plus"} & set(result.table["group"])


@pytest.mark.parametrize(
    ("measure", "analysis"),
    [
        ("projected_n", published.demand_table),
        ("fixed_share_pct", published.demand_table),
        ("policy_reduction_pct", published.demand_totals),
        ("children_n", published.demand_base),
        ("children_n", published.demand_outcomes),
        ("children_n", published.demand_types),
    ],
)
def test_what_is_not_typed_is_missing_not_an_error(data, measure, analysis):
    with pytest.raises(InputMissing):
        analysis(without(data, measure))


def means(result: Result) -> pd.Series:
    table = result.table[result.table["measure"] == "mean_error_n"]
    return table.set_index("group")["value"]


def test_every_method_from_the_first_march_by_hand(data):
    """Counts known at March 2020: 415 (2013), 684, 779, 767. Outcomes: 782, 855, 881."""
    result = published.demand_origin(data)

    def said(group: str) -> list[float]:
        return values(result, measure="projected_n", group=group).round(1).tolist()

    assert said("printed") == [813, 790, 805]
    assert said("printed_next") == [796, 813, 790]
    # 767 x 813 / 796, 767 x 790 / 796, 767 x 805 / 796
    assert said("from_count") == [783.4, 761.2, 775.7]
    # 767 x 1.02136 = 783.4; x 1.02136 x 0.95 = 760.1; and again = 737.5
    assert said("stated") == [783.4, 760.1, 737.5]
    # (767 / 415) ^ (1 / 7) = 1.09171, less 5 per cent: 1.03713 a year
    assert said("shares") == [795.5, 825.0, 855.6]
    assert said("last_value") == [767, 767, 767]
    # (767 - 415) / 7 = 50.286 a year
    assert said("drift") == [817.3, 867.6, 917.9]
    assert said("outcome") == [782, 855, 881]
    mean = means(result)
    assert mean["printed"] == pytest.approx((31 + 65 + 76) / 3)
    assert mean["printed_next"] == pytest.approx((14 + 42 + 91) / 3)
    assert mean["last_value"] == pytest.approx((15 + 88 + 114) / 3)
    assert mean["drift"] == pytest.approx((35.29 + 12.57 + 36.86) / 3, abs=0.01)


def test_our_own_is_scored_with_its_range_beside_them(data):
    """Middle: 767 x (1 + 0.0211, 0.0450, 0.0654), the median changes known in 2020."""
    ours = values(published.demand_origin(data), measure="projected_n", group="pooled")
    assert ours.tolist() == pytest.approx([783.2, 801.5, 817.2], abs=0.1)
    ranges = published.demand_ranges(data)
    table = ranges.table.set_index(["measure", "group"])["value"]
    assert table["low_80_n", "2023"] == pytest.approx(767 * (1 - 0.0968), abs=0.1)
    assert table["high_80_n", "2023"] == pytest.approx(767 * (1 + 0.2951), abs=0.1)
    assert table["inside_80_n", "all"] == 3
    assert set(ranges.row_notes["Four times in five"].values()) == {"inside"}


def test_an_outcome_outside_the_range_is_said_to_be(data):
    f = data.published.figures
    later = (f["measure"] == "children_n") & (f["group"] == "all") & (f["period"] == "2022-23")
    ranges = published.demand_ranges(changed(data, later, value=1100.0))
    assert ranges.row_notes["Four times in five"]["2023"] == "outside"
    table = ranges.table.set_index(["measure", "group"])["value"]
    assert table["inside_80_n", "all"] == 2
    assert table["inside_95_n", "all"] == 3


def test_who_won_is_said_and_that_three_points_cannot_tell(data):
    result = published.demand_origin(data)
    words = [w for s in result.text for w in s.words.values()]
    assert words[0] == "Published method from the March count, growth of the years before"
    assert "cannot tell" in result.text[-1].template
    # The forecast that won is told by the numbers: outcomes that stay let the last count win.
    f = data.published.figures
    total = (f["measure"] == "children_n") & (f["group"] == "all")
    for year in ("2020-21", "2021-22", "2022-23"):
        data = changed(data, total & (f["period"] == year), value=767.0)
    still = published.demand_origin(data)
    assert next(w for s in still.text for w in s.words.values()) == "Last count held"
    assert means(still)["last_value"] == 0
    assert "no better" in [s.words["rank"] for s in still.text if "rank" in s.words]


def test_nothing_after_the_first_march_reaches_a_forecast_from_it(data):
    """All but the printed forecast, which the document refreshed later."""
    f = data.published.figures
    later = (f["measure"] == "children_n") & f["period"].isin(["2020-21", "2021-22", "2022-23"])
    before, after = (
        published.demand_origin(d)
        .table.set_index(["measure", "group", "period"])["value"]
        .sort_index()
        for d in (data, changed(data, later, value=500.0))
    )
    for method in ("last_value", "drift", "shares", "stated", "from_count", "pooled"):
        pd.testing.assert_series_equal(
            before["projected_n", method], after["projected_n", method], check_names=False
        )


def test_the_threshold_of_unaccompanied_children_by_hand(data):
    """103 at 0.07% and 148 at 0.1%: 147,143 and 148,000 people under 18."""
    result = published.unaccompanied_limit(data)
    implied = values(result, measure="under_18_n")
    assert implied["2021"] == pytest.approx(103 / 0.0007)
    assert implied["2023-03"] == pytest.approx(148_000)
    counts = values(result, measure="children_n")
    assert counts[["2021-09", "2022-03", "2023-03"]].tolist() == [43, 58, 104]
    # 103.5 / 0.0007 = 147,857 is more than 147.5 / 0.001 = 147,500: one population gives both.
    assert result.checks[0].status == "pass"
    assert result.text[0].words["where"] == "below"
    f = data.published.figures
    limit = (f["measure"] == "transfer_limit_n") & (f["value"] == 148)
    other = published.unaccompanied_limit(changed(data, limit, value=100.0))
    assert other.checks[0].status == "review" and other.text[0].words["where"] == "not below"
    with pytest.raises(InputMissing):
        published.unaccompanied_limit(without(data, "transfer_limit_n"))
