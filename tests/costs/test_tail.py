"""Who is behind high prices, and bespoke arrangements, worked by hand on drawn children."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from drawn_costs import lines, study_of, value

from needs.costs import chapter60
from needs.costs.profile import POOLED
from needs.vocabulary.records import Table

pytestmark = pytest.mark.unit
DEAR = "from_10000"


def dear(n):
    """Return lines for so many fostered children: two weeks at 10,700 together."""
    return [(15 - k, 10000.0, "2022-06-01", "2022-06-14", "spot") for k in range(n)]


def test_weeks_age_and_type_of_those_at_high_prices(draw):
    """Seven in homes in both years at 7,000; six fostered children for two weeks at 10,700."""
    made = chapter60.high_cost_profile(study_of(draw, lines(extra=dear(6))))
    at = {"period": POOLED}
    assert value(made, "children_n", **at, by="all") == 7 + 7 + 6  # once in each year
    assert value(made, "children_n", "weeks_over_26", **at, by="all") == 14
    assert value(made, "children_n", "weeks_to_4", **at, by=DEAR) == 6
    assert value(made, "mean_weeks", **at, by=DEAR) == pytest.approx(2)
    assert value(made, "gross_gbp", **at, by=DEAR) == pytest.approx(6 * 2 * 10700)
    assert value(made, "children_n", "type_ifa", **at, by="all") == 6
    assert value(made, "children_n", "type_external_home", **at, by="from_6000") == 14
    assert value(made, "children_n", "age_10_to_15", **at, by="all") == 20
    assert not [g for g in made.table["group"] if g.startswith("need_")]  # nobody is assessed


def test_needs_are_known_not_known_or_of_no_specialist_kind(draw):
    data = study_of(draw, lines())
    tool = data.study.assessment
    domains = list(tool.labels)
    high, low = tool.scale_max, tool.scale_min
    top, least = (high, low) if tool.higher_is == "more_need" else (low, high)
    rows = [(0, d, top) for d in domains] + [(1, d, least) for d in domains]
    frame = pd.DataFrame(rows, columns=["child", "domain", "score"])
    frame["date"], frame["score"] = pd.Timestamp("2023-01-01"), frame["score"].astype(float)
    inputs = data.study.inputs.model_copy(update={"assessments": ("a.csv",)})
    study = data.study.model_copy(update={"inputs": inputs})
    read = {**data.readers, "assessments": lambda _: Table(frame, pd.DataFrame())}
    made = chapter60.high_cost_profile(replace(data, study=study, readers=read))
    groups = ("need_specialist", "need_other", "need_not_known")
    found = [value(made, "children_n", g, POOLED, "all") for g in groups]
    assert found == [2, 2, 10]  # each child in both years


def test_a_year_with_few_in_a_band_is_not_taken_with_the_others(draw):
    """One fostered child at the highest price in the second year: the first stands alone."""
    made = chapter60.high_cost_profile(study_of(draw, lines(extra=dear(1))))
    assert made.labels[POOLED] == "2021-22"
    assert value(made, "children_n", period=POOLED, by="all") == 7
    assert "type_ifa" not in set(made.table["group"])
    few = study_of(draw, lines(homes=3), homes=3)
    assert list(chapter60.high_cost_profile(few).table["marker"]) == ["x"]


def test_bespoke_arrangements_year_by_year_and_together(draw):
    made = chapter60.bespoke(study_of(draw, lines(), unregistered=6))
    assert value(made, "children_n", period="2022-23") == 6
    assert value(made, "children_n", period=POOLED) == 12
    assert value(made, "unit_gbp_week", period=POOLED) == pytest.approx(7000)
    assert value(made, "weeks_n", "weeks_over_26", POOLED) == pytest.approx(12 * 365 / 7)
    few = chapter60.bespoke(study_of(draw, lines(), unregistered=3))
    assert value(few, "children_n", period="2022-23") == 3
    assert POOLED not in set(few.table["period"])


def test_bespoke_arrangements_are_in_no_table_of_high_prices(draw):
    """Six of seven at such a price have one: the seventh would be the rest."""
    data = study_of(draw, lines(), unregistered=6)
    assert value(chapter60.high_cost(data), "children_n") == 1
    assert list(chapter60.high_cost_profile(data).table["marker"]) == ["x"]


def test_without_such_an_arrangement_the_page_says_so(draw):
    made = chapter60.bespoke(study_of(draw, lines()))
    assert list(made.table["marker"]) == ["x"] and "No child" in made.notes[0]
