"""Who is behind high prices, and bespoke arrangements, worked by hand on drawn children."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from drawn_costs import lines, study_of, value

from needs.assurance.release import release
from needs.costs import chapter60
from needs.costs.profile import POOLED
from needs.vocabulary.records import Table

pytestmark = pytest.mark.unit
DEAR = "from_10000"


def test_weeks_age_and_type_of_those_at_high_prices(draw):
    """Seven in homes all year at 7,000; one fostered child for two weeks at 10,700 together."""
    extra = [(15, 10000.0, "2022-06-01", "2022-06-14", "spot")]
    made = chapter60.high_cost_profile(study_of(draw, lines(extra=extra)))
    at = {"period": POOLED}
    assert value(made, "children_n", **at, by="all") == 7 + 8  # once in each year
    assert value(made, "children_n", "weeks_over_26", **at, by="all") == 14
    assert value(made, "children_n", "weeks_to_4", **at, by=DEAR) == 1
    assert value(made, "mean_weeks", **at, by=DEAR) == pytest.approx(2)
    assert value(made, "gross_gbp", **at, by=DEAR) == pytest.approx(2 * 10700)
    assert value(made, "children_n", "type_ifa", **at, by="all") == 1
    assert value(made, "children_n", "type_external_home", **at, by="from_6000") == 14
    assert value(made, "children_n", "age_10_to_15", **at, by="all") == 15
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


def test_few_at_a_high_price_are_not_the_rest_of_a_group(draw):
    """One fostered child at a high price beside seven in homes: neither group tells the other."""
    extra = [(15, 10000.0, "2022-06-01", "2022-06-14", "spot")]
    data = study_of(draw, lines(extra=extra))
    rows = release(chapter60.high_cost_profile(data), data.study, "60").rows
    told = {r.group: r.marker for r in rows if r.by == "all" and r.measure == "gross_gbp"}
    assert told["type_ifa"] == "c"
    assert "c" in {told["all"], told["type_external_home"]}


def test_bespoke_arrangements_year_by_year_and_together(draw):
    made = chapter60.bespoke(study_of(draw, lines(), unregistered=3))
    assert value(made, "children_n", period="2022-23") == 3
    assert value(made, "children_n", period=POOLED) == 6
    assert value(made, "unit_gbp_week", period=POOLED) == pytest.approx(7000)
    assert value(made, "weeks_n", "weeks_over_26", POOLED) == pytest.approx(6 * 365 / 7)


def test_without_such_an_arrangement_the_page_says_so(draw):
    made = chapter60.bespoke(study_of(draw, lines()))
    assert list(made.table["marker"]) == ["x"] and "No child" in made.notes[0]
