"""Printed tables of costs worked out again: what follows, and what does not agree."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from drawn_costs import lines, study_of, value

from needs.assurance.release import release
from needs.costs import chapter60
from needs.inputs.registry import open_data
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData, Table
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.reference

STUDIES = Path(__file__).resolve().parents[2] / "analysis"


@pytest.fixture(scope="module")
def data():
    return open_data(load_study(STUDIES / "oxfordshire-published" / "study.toml"))


def without(data, *figures, **changed):
    """Return the study without some typed figures, and with others of another value."""
    published = data.published
    rows = published.figures[~published.figures["figure"].isin(figures)].copy()
    for figure, v in changed.items():
        rows.loc[rows["figure"] == figure, "value"] = v
    read = {**data.readers, "published": lambda _: replace(published, figures=rows)}
    return StudyData(data.study, read)


def statuses(result):
    return {c.name: (c.status, c.detail) for c in result.checks}


def test_spending_follows_from_full_time_equivalents_and_unit_cost(data):
    """Worked by hand from document 000, sections 3.6 and 3.7."""
    again, change = chapter60.costs_again(data)
    of = {"measure": "spend_gbp", "period": "2011"}
    assert value(again, group="ifa", **of) == pytest.approx(61 * 829 * 365 / 7)
    assert value(again, group="external_homes", **of) == pytest.approx(40.6 * 3438 * 365 / 7)
    assert value(again, "nights_each", "ifa", "2006") == pytest.approx(30 * 365 / 57)
    # 48 children placed and 50 full-time equivalents: 380 nights of each in a year of 365.
    assert value(again, "nights_each", "external_homes", "2010") > 365
    (found,) = statuses(again).values()
    assert found == ("review", "years that print more: 1 of 12")
    steps = change.table[change.table["group"] == "ifa"].set_index("by")["value"]
    assert steps["before"] == pytest.approx(30 * 772 * 365 / 7)
    causes = steps.drop(["before", "after"])
    assert causes.sum() == pytest.approx(steps["after"] - steps["before"], abs=0.02)
    assert causes["children"] > causes["price"] > causes["stay"] > 0


def test_supported_housing_adds_up_but_for_a_day_and_budgets_stand_in_odd_rows(data):
    made = chapter60.supported_again(data)
    assert value(made, "support_days_sum", "all", "2009-10") == 8922 + 9725 + 335 + 5908
    assert value(made, "support_days", "all", "2009-10") == 24891
    assert value(made, "budget_gbp_sum", "all", "2010-11") == 1_301_249
    assert value(made, "gbp_day", "relevant", "2010-11") == pytest.approx(766386 / 11827)
    assert [s for s, _ in statuses(made).values()] == ["review", "review"]
    assert (
        "totals that differ from the sum: 1 of 4" in statuses(made).values().__iter__().__next__()
    )
    said = release(made, data.study, "60").sentences
    assert "Homeless, section 20" in "".join(s.text for s in said[0])


def test_the_finance_table_adds_up_and_a_wrong_overspend_is_found(data):
    made = chapter60.finance_again(data)
    assert [s for s, _ in statuses(made).values()] == ["pass", "pass"]
    assert value(made, "less_gbp_m", "all", "2022-23") == pytest.approx(19.1)
    assert value(made, "less_pct", "social_care_countywide", "2022-23") == pytest.approx(
        100 * 17.4 / 72.7
    )
    wrong = {"d004_service_finance_overspend_gbp_m_central_costs_2022_23": 0.3}
    found = statuses(chapter60.finance_again(without(data, **wrong)))
    assert found["Printed overspends are outturn less budget"][1].endswith("1 of 10")
    assert found["Printed totals are the sums of their rows"] == (
        "review",
        "totals that differ from the sum: 1 of 6",
    )


def test_a_study_without_such_tables_says_that_they_are_missing(data):
    tables = ("ifa_costs", "residential_costs", "supported_housing", "service_finance")
    typed = data.published.figures
    none = without(data, *typed.loc[typed["table"].isin(tables), "figure"])
    for analysis in (
        chapter60.costs_again,
        chapter60.supported_again,
        chapter60.finance_again,
    ):
        with pytest.raises(InputMissing):
            analysis(none)


def test_own_figures_stand_in_the_form_of_the_printed_ones(draw, data):
    """Nine children in agency care all year at 700 a week, beside the printed six years."""
    own = study_of(draw, lines())
    inputs = own.study.inputs.model_copy(update={"published": ("p.csv",)})
    authority = data.study.authority
    study = own.study.model_copy(update={"inputs": inputs, "authority": authority})
    read = {**own.readers, "published": lambda _: data.published}
    result = chapter60.placed_and_price(replace(own, study=study, readers=read))
    counted = {
        m: value(result, m, "ifa", by="counted")
        for m in ("children_placed_n", "placements_fte", "unit_cost_gbp_week")
    }
    assert counted == pytest.approx(
        {"children_placed_n": 9, "placements_fte": 9, "unit_cost_gbp_week": 700}
    )
    assert value(result, "placements_fte", "ifa", "2010", by="printed") == 82
    printed = result.table[result.table["by"] == "printed"]
    assert set(printed["group"]) == {"ifa", "external_home"}
    # Without printed tables it tells what is counted.
    plain = chapter60.placed_and_price(own)
    assert set(plain.table["by"]) == {"counted"}


def test_children_placed_are_hidden_where_chapter_20_hides_them(draw):
    data = study_of(draw, lines(homes=2), homes=2)
    shown = release(chapter60.placed_and_price(data), data.study, "60")
    homes = [r for r in shown.rows if r.group == "external_home"]
    assert homes and all(r.marker == "c" for r in homes)


def test_both_studies_type_the_same_numbers():
    """The tables of the study with records are copied from the other."""
    here = STUDIES / "oxfordshire-2022-23" / "published" / "tables.csv"
    folder = STUDIES / "oxfordshire-published" / "inputs" / "published"
    others = pd.concat(pd.read_csv(f, dtype=str) for f in sorted(folder.glob("00*.csv")))
    mine = pd.read_csv(here, dtype=str)
    mine = mine[~mine["table"].fillna("held_").str.startswith("held_")]
    assert len(mine)
    both = mine.merge(others, on="figure", suffixes=("", "_there"))
    assert len(both) == len(mine)
    assert (both["printed"] == both["printed_there"]).all()


def others(**costs):
    """Return unit costs of an authority, two neighbours and England in two years."""
    rows = [
        (code, kind, year, service, gbp)
        for code, kind, base in (
            ("931", "authority", 700.0),
            ("801", "authority", 800.0),
            ("802", "authority", 1000.0),
            ("803", "authority", 9999.0),
            ("970", "England", 750.0),
        )
        for year in ("2021-22", "2022-23")
        for service, gbp in (("all", base), ("fostering", base / 2))
    ]
    names = ["dfe_code", "area_type", "period", "service", "gbp_week"]
    return pd.DataFrame(rows, columns=names).assign(**costs)


def beside(data, frame):
    inputs = data.study.inputs.model_copy(update={"unit_costs": ("inputs/u.csv",)})
    comparators = data.study.comparators.model_copy(update={"neighbours": ("801", "802")})
    authority = data.study.authority.model_copy(update={"dfe_code": "931"})
    update = {"inputs": inputs, "comparators": comparators, "authority": authority}
    read = {**data.readers, "unit_costs": lambda _: Table(frame, pd.DataFrame())}
    return StudyData(data.study.model_copy(update=update), read)


def test_unit_costs_stand_beside_the_median_of_neighbours_and_england(draw):
    result = chapter60.unit_costs_beside_others(beside(study_of(draw, lines()), others()))
    for by, gbp in (("section_251", 350), ("neighbours", 450), ("england", 375)):
        assert value(result, "gbp_week", "fostering", by=by) == gbp
    assert value(result, "gbp_week", "all", by="neighbours") == 900
    # Nine in agency care at 700 a week: the cost lines' own.
    assert value(result, "gbp_week", "fostering", by="cost_lines") == pytest.approx(700)


def test_cost_lines_of_few_children_are_hidden_beside_others(draw):
    data = beside(study_of(draw, lines(homes=2), homes=2), others(service="residential"))
    frame = data.unit_costs.frame.drop_duplicates(["dfe_code", "period"])
    data = beside(study_of(draw, lines(homes=2), homes=2), frame)
    shown = release(chapter60.unit_costs_beside_others(data), data.study, "60")
    mine = [r for r in shown.rows if r.by == "cost_lines" and r.group == "residential"]
    assert mine and all(r.marker == "c" for r in mine)
    assert all(not r.marker for r in shown.rows if r.by != "cost_lines")


def test_without_the_file_or_the_authority_in_it_the_input_is_missing(draw):
    with pytest.raises(InputMissing):
        chapter60.unit_costs_beside_others(study_of(draw, lines()))
    foreign = others()[lambda f: f["dfe_code"] != "931"]
    with pytest.raises(InputMissing):
        chapter60.unit_costs_beside_others(beside(study_of(draw, lines()), foreign))
