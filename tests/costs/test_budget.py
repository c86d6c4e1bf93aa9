"""Budget against outturn: what was planned, what came of it, and which plan is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from drawn_costs import lines, study_of, value

from needs.assurance.release import release
from needs.costs import chapter60
from needs.synthetic.budget import placement_budget
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import Table

HOMES, FOSTER = (7, 7000.0), (9, 700.0)


def planned(draw, *plan, homes=7, **sections):
    """Return a study with a budget: year, type, full-time equivalents, price, pounds."""
    data = study_of(draw, lines(homes), homes, **sections)
    columns = ["period", "placement_type", "fte", "weekly_cost_gbp", "budget_gbp"]
    frame = pd.DataFrame(plan, columns=columns)
    read = {**data.readers, "placement_budget": lambda _: Table(frame, pd.DataFrame())}
    inputs = data.study.inputs.model_copy(update={"placement_budget": ("inputs/b.csv",)})
    study = data.study.model_copy(update={"inputs": inputs})
    return replace(data, study=study, readers=read)


def causes(data, group="all"):
    result = chapter60.spending_against_budget(data)
    steps = ("before", "children", "type", "price", "after")
    return {by: value(result, "gbp", group, by=by) for by in steps}


@pytest.mark.unit
def test_a_plan_that_came_about_has_no_cause(draw):
    plan = [("2022-23", "external_home", *HOMES, np.nan), ("2022-23", "ifa", *FOSTER, np.nan)]
    found = causes(planned(draw, *plan))
    assert found["before"] == pytest.approx((7 * 7000 + 9 * 700) * 365 / 7, abs=0.01)
    assert found["before"] == found["after"]
    assert not any(found[by] for by in ("children", "type", "price"))


@pytest.mark.unit
def test_more_placements_at_a_dearer_price_are_told_apart(draw):
    """Planned: half as many of each at the same price; then as many at half the price."""
    half = [
        ("2022-23", "external_home", 3.5, 7000.0, np.nan),
        ("2022-23", "ifa", 4.5, 700.0, np.nan),
    ]
    found = causes(planned(draw, *half))
    assert found["children"] == pytest.approx(found["after"] / 2, abs=0.02)
    assert found["type"] == 0 and found["price"] == 0
    cheap = [("2022-23", "external_home", 7, 3500.0, np.nan), ("2022-23", "ifa", 9, 350.0, np.nan)]
    found = causes(planned(draw, *cheap), "ifa")
    assert found["price"] == pytest.approx(9 * 350 * 365 / 7, abs=0.02)
    assert found["children"] == 0 and found["type"] == 0


@pytest.mark.unit
def test_pounds_may_be_planned_for_a_price_and_a_year_may_have_52_weeks(draw):
    pounds = [
        ("2022-23", "external_home", 7, np.nan, 7 * 7000 * 365 / 7),
        ("2022-23", "ifa", 9, 700.0, np.nan),
    ]
    found = causes(planned(draw, *pounds))
    assert abs(found["after"] - found["before"]) < 0.02
    found = causes(planned(draw, *pounds, costs={"weeks_of_year": "52"}), "ifa")
    assert found["before"] == pytest.approx(9 * 700 * 52)


@pytest.mark.unit
def test_a_type_planned_and_not_used_stands_in_the_total(draw):
    plan = [
        ("2022-23", "external_home", *HOMES, np.nan),
        ("2022-23", "ifa", *FOSTER, np.nan),
        ("2022-23", "residential_school", 2, 5000.0, np.nan),
    ]
    result = chapter60.spending_against_budget(planned(draw, *plan))
    found = causes(planned(draw, *plan))
    assert found["before"] - found["after"] == pytest.approx(2 * 5000 * 365 / 7, abs=0.02)
    assert set(result.table["group"]) == {"all", "external_home", "ifa"}


@pytest.mark.unit
def test_no_budget_is_a_missing_input_and_one_of_another_year_says_so(draw):
    with pytest.raises(InputMissing):
        chapter60.spending_against_budget(study_of(draw, lines()))
    other = chapter60.spending_against_budget(planned(draw, ("2018-19", "ifa", *FOSTER, np.nan)))
    assert list(other.table["marker"]) == ["x"] and "no full year" in other.notes[0]


@pytest.mark.unit
def test_the_plan_for_few_children_is_told_with_that_for_others(draw):
    """A plan is often what the year before came to."""
    plan = [("2022-23", "external_home", 2, 7000.0, np.nan), ("2022-23", "ifa", 14, 700.0, np.nan)]
    data = planned(draw, *plan, homes=2)
    result = chapter60.spending_against_budget(data)
    assert set(result.table["group"]) == {"all"}
    shown = release(result, data.study, "60")
    assert all(not r.marker for r in shown.rows)


@pytest.mark.unit
def test_a_synthetic_budget_plans_the_year_before_a_little_dearer():
    frame = pd.DataFrame(
        {
            "placement_type": ["ifa", "ifa", "ifa"],
            "weekly_cost_gbp": [1000.0, 1100.0, 1500.0],
            "from": ["2021-04-01", "2021-10-01", "2022-04-01"],
            "to": ["2022-03-31", "2022-03-31", "2023-03-31"],
        }
    )
    made = placement_budget(frame, [ReportingYear(2022), ReportingYear(2023)])
    assert list(made["period"]) == ["2022-23"]
    assert made["fte"].item() == round((365 + 182) / 365, 1)
    mean = (1000 * 365 + 1100 * 182) / 547
    assert mean * 1.02 < made["weekly_cost_gbp"].item() < mean * 1.04
