"""Results made from printed figures: what they show, and that they notice what differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from needs.care import published, published_annexes
from needs.care.published_figures import months, title_of
from needs.forecast import published as forecast
from needs.inputs.published import read
from needs.inputs.registry import READERS
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import Published, StudyData
from needs.vocabulary.results import Result, figure_id
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.unit

BUNDLED = Path(__file__).resolve().parents[2] / "analysis" / "oxfordshire-published"
ANALYSES = {
    f"{m.__name__.removeprefix('needs.')}.{name}": getattr(m, name)
    for m in (published, published_annexes, forecast)
    for name in m.__all__
}


@pytest.fixture(scope="module")
def typed() -> Published:
    return read(load_study(BUNDLED))


@pytest.fixture(scope="module")
def data(typed: Published) -> StudyData:
    return StudyData(load_study(BUNDLED), {"published": lambda _: typed, "cited": READERS["cited"]})


def with_figures(data: StudyData, change: Callable[[pd.DataFrame], pd.DataFrame]) -> StudyData:
    other = replace(data.published, figures=change(data.published.figures.copy()))
    return StudyData(data.study, {"published": lambda _: other})


def with_value(data: StudyData, figure: str, value: float) -> StudyData:
    def change(figures: pd.DataFrame) -> pd.DataFrame:
        assert (figures["figure"] == figure).sum() == 1
        figures.loc[figures["figure"] == figure, "value"] = value
        return figures

    return with_figures(data, change)


def results(analysis: Callable[[StudyData], object], data: StudyData) -> tuple[Result, ...]:
    made = analysis(data)
    return made if isinstance(made, tuple) else (made,)


def values(result: Result, **keys: str) -> list[float]:
    table = result.table
    for column, key in keys.items():
        table = table[table[column] == key]
    return list(table["value"])


def status(result: Result, name: str) -> str:
    return next(c.status for c in result.checks if c.name == name)


def test_a_period_ends_in_its_last_month():
    given = pd.Series(["1999-00", "2017-18", "2018-17", "2021-08", "2023-03-31", "2015"])
    assert list(months(given)) == ["2000-03", "2018-03", "2018-17", "2021-08", "2023-03", "2015"]


@pytest.mark.parametrize("name", ANALYSES)
def test_every_result_stands_on_rows_words_and_a_source(name, data):
    for result in results(ANALYSES[name], data):
        rows = result.table
        ids = {
            figure_id(result.name, r.measure, r.group, r.period, r.by, r.area)
            for r in rows.itertuples()
        }
        assert {i for s in result.text for i in s.refs.values()} <= ids
        assert result.published and result.source.startswith("Published figures: ")
        assert rows["value"].notna().all() and set(rows["marker"]) == {""}
        shown = rows[rows["measure"].isin(result.layout.measures or set(rows["measure"]))]
        used = {k for d in (*result.layout.rows, *result.layout.columns) for k in shown[d]}
        named = set(result.labels) | {m.key for m in result.measures} | set(rows["period"]) | {""}
        assert used <= named


@pytest.mark.parametrize("name", ANALYSES)
def test_without_any_figure_of_the_kind_the_input_is_missing(name, data):
    nothing = with_figures(data, lambda f: f[f["measure"] == "iq_points_gain"])
    with pytest.raises(InputMissing):
        ANALYSES[name](nothing)


def test_two_counts_of_one_month_stand_side_by_side(data):
    result = published.stock_by_year(data)
    may = result.table[(result.table["period"] == "2023-05")]
    assert values(result, measure="children_n", period="2023-05") == [857, 761]
    assert may[may["measure"] == "children_n"]["group"].nunique() == 2
    assert values(result, measure="difference_n") == [96]
    assert status(result, "Counts of one month agree across documents") == "review"


def test_counts_that_agree_pass(data):
    mended = with_value(data, "d004_para_64_children_n_monthly_2023_05", 857.0)
    mended = with_value(mended, "d003_para_64_children_n_monthly_2023_05", 857.0)
    result = published.stock_by_year(mended)
    assert values(result, measure="difference_n") == []
    assert status(result, "Counts of one month agree across documents") == "pass"


def test_a_document_that_only_repeats_another_is_left_out(data):
    assert "003" in set(data.published.figures["document"])
    groups = set(published.stock_by_year(data).table["group"])
    assert not [g for g in groups if g.startswith("d003")]
    assert {"d001", "d002", "d004", "d004_monthly"} <= groups


def test_a_document_that_differs_in_one_count_stays(data):
    other = with_value(data, "d003_para_28_children_n_2023_05", 858.0)
    groups = set(published.stock_by_year(other).table["group"])
    assert "d003" in groups


def test_the_mix_adds_up_to_the_printed_total_in_every_year(data):
    result = published.placement_mix(data)
    counts = result.table[result.table["measure"] == "children_n"]
    wide = counts.pivot_table(index="period", columns="group", values="value")
    assert wide["all"].tolist() == [684, 779, 767, 782, 855, 881]
    assert (wide.drop(columns="all").sum(axis=1) == wide["all"]).all()
    assert [c.status for c in result.checks] == ["pass", "pass"]


def test_a_part_that_does_not_add_up_is_noticed(data):
    result = published.placement_mix(
        with_value(data, "d004_fostering_mix_children_n_ifa_2022_23", 251.0)
    )
    assert status(result, "Printed parts add up to printed wholes") == "review"
    assert "11 of 12" in result.checks[0].detail


def test_a_share_that_does_not_follow_is_noticed(data):
    result = published.placement_mix(
        with_value(data, "d004_homes_mix_share_of_children_pct_homes_2022_23", 17.0)
    )
    assert status(result, "Printed shares follow from printed counts") == "review"
    assert "41 of 42" in result.checks[1].detail


def test_shares_stand_beside_other_areas_and_year_by_year(data):
    beside, by_year = published.placement_shares(data)
    assert set(beside.table["area"]) == {"E10000025", "E92000001"}
    assert values(beside, area="E92000001", group="fostering") == [74, 72]
    homes = by_year.table[(by_year.table["group"] == "homes") & (by_year.table["by"] == "d002")]
    assert list(homes["value"]) == [17, 16, 15, 15, 14, 14, 15, 16]


def test_length_of_stay_is_in_order_of_years(data):
    result = published.length_of_stay(data)
    assert list(result.table["value"]) == [366, 428, 319, 450]


def test_targets_stand_beside_the_latest_printed_value(data):
    result = published.targets(data)
    wide = result.table[result.table["measure"] == "share_pct"].pivot_table(
        index="group", columns="by", values="value"
    )
    assert wide.loc["out_of_county_over_20_miles"].to_dict() == {
        "baseline": 31,
        "latest": 33.5,
        "target": 24,
    }
    assert wide.loc["fostering", "latest"] == 63  # June 2023, after the table of March
    gap = result.table[result.table["measure"] == "gap_points"].set_index("group")["value"]
    assert gap["homes"] == 16 - 12


def test_the_misprint_is_found_by_its_arithmetic_not_by_its_note(data):
    bare = with_figures(data, lambda f: f.assign(note=""))
    found = published_annexes.arithmetic(bare).table
    wrong = found[(found["measure"] == "share_pct") & (found["value"] == 537)]
    assert len(wrong) == 2
    again = found[found["group"].isin(wrong["group"]) & (found["by"] == "recomputed")]
    assert list(again["value"].round(1)) == [53.2, 53.2]


def test_a_mended_share_is_no_longer_listed(data):
    misprint = data.published.figures.query("printed == '537%'")["figure"].tolist()
    before = published_annexes.arithmetic(data).table
    for figure in misprint:
        data = with_value(data, figure, 53.0)
    after = published_annexes.arithmetic(data).table
    assert set(before["group"]) - set(after["group"]) == set(misprint)


def test_a_printed_total_off_by_one_is_noticed_and_a_right_one_passes(data):
    assert published_annexes.supported_housing(data).checks[0].status == "review"
    mended = with_value(data, "d000_supported_housing_support_days_2009_10", 24890.0)
    assert published_annexes.supported_housing(mended).checks[0].status == "pass"
    assert published_annexes.service_finance(data).checks[0].status == "pass"


def test_the_saving_printed_stands_beside_the_one_its_costs_allow(data):
    result = published_annexes.homes_savings(data)
    allowed = values(result, measure="cost_difference_gbp_week")
    assert sorted(allowed) == [1300, 1800]  # 5,500 and 6,000 less 4,200
    assert len(result.text) == 1


def test_a_study_that_lists_no_documents_names_them_by_their_id(data):
    bare = StudyData(data.study, {"published": lambda _: Published(data.published.figures)})
    assert title_of(bare, "004") == "Document 004"
    assert "Document 004" in published.placement_mix(bare).source


def test_another_authority_may_have_typed_two_counts_only(data):
    """No year end among them: no line to draw, no growth to state, and no error."""
    figures = data.published.figures
    two = figures[(figures["measure"] == "children_n") & (figures["group"] == "all")].head(2)
    two = two.assign(document="x", by="", table="", period=["2022-11", "2022-12"])
    few = StudyData(data.study, {"published": lambda _: Published(two)})
    result = published.stock_by_year(few)
    assert list(result.table["measure"]) == ["children_n", "children_n"]
    assert (result.charts, result.text) == ((), ())


def test_the_share_that_left_is_of_all_who_ceased_in_one_year_and_not_in_the_other(data):
    result = published.ceased_over_stock(data)
    cells = {(p, m): v for p, m, v in result.table[["period", "measure", "value"]].to_numpy()}
    assert cells["2015-16", "all_pct"] == pytest.approx(100 * 281 / 514)  # 54.7%, printed 55%
    assert cells["2020-21", "all_pct"] == pytest.approx(100 * 281 / 767)  # 36.6%, printed 35%
    first, second = (s.words["verdict"] for s in result.text)
    assert "of all who ceased, not only" in first and "is not of all who ceased" in second
    assert [c.status for c in result.checks] == ["review"]


def test_without_cited_counts_the_share_stands_alone(data):
    bare = load_study(BUNDLED).model_copy(
        update={"inputs": data.study.inputs.model_copy(update={"cited": ()})}
    )
    result = published.ceased_over_stock(StudyData(bare, dict(data.readers)))
    t = result.table
    assert t.loc[t["measure"] == "printed_pct", "value"].tolist() == [55, 35]
    assert set(t.loc[t["measure"] != "printed_pct", "marker"]) == {"x"} and not result.text


def test_work_on_the_edge_of_care_stands_as_printed_each_in_its_unit(data: StudyData):
    result = published.edge_of_care(data)
    shown = result.table.set_index(["group", "measure", "period"])["value"]
    assert shown["asked", "requests_n", "2010-11"] == 412
    assert shown["placed", "requests_n", "2010-11"] == 321
    assert shown["avoided", "requests_n", "2010-11"] == 91
    assert shown["same_day", "share_pct", "2007-08"] == 70
    assert shown["homeless_seen", "children_n", "2010-11"] == 201
    assert shown["homeless_taken_in", "children_n", "2010-11"] == 32
    assert shown["conference", "cases_n", "2010-11"] == 39
    assert shown["stayed", "children_n", "2010-11"] == 37
    assert shown["nights", "nights_n", "2010-11"] == 622  # two documents print it: once
    assert shown["assessment_days", "days_fall", "2010-11"] == 2225
    assert result.row_notes["As the document has it"]["asked"] == "April 2010 to January 2011"


def test_a_second_document_that_differs_is_shown_beside_the_first(data: StudyData):
    changed = with_value(data, "d001_para_9_bed_nights_bed_and_breakfast_2010_11", 620)
    result = published.edge_of_care(changed)
    nights = result.table[(result.table["group"] == "nights")]
    both = nights[nights["period"] == "2010-11"].set_index("by")["value"]
    assert both.to_dict() == {"d000": 622, "d001": 620}
    assert "by" in result.layout.rows


def test_care_leavers_stand_as_printed_with_both_totals(data: StudyData):
    result = published.care_leavers(data)
    shown = result.table.set_index(["group", "period"])["value"]
    assert shown["care_leavers", "2011"] == 400
    assert shown["care_leavers", "2011-02"] == 315
    parts = [shown[f"care_leavers_{k}", "2011"] for k in ("eligible", "relevant", "section_24")]
    assert parts == [108, 48, 10]
    assert len(result.text) == 1
