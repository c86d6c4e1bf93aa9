"""Indicators of the progress report by name: counted where returns give them, and else said."""

from __future__ import annotations

import dataclasses
import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from needs.care import chapter20, scorecard_counted, scorecard_sources
from needs.care.adoption import INTERVALS
from needs.care.scorecard_named import NAMED, counted_as
from needs.inputs.registry import open_data
from needs.vocabulary.records import StudyData, Table
from needs.vocabulary.results import figure_id
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.unit

ANALYSIS = Path(__file__).resolve().parents[2] / "analysis"


def sibling(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


drawn, outcomes = sibling("test_drawn_example"), sibling("test_health")

OF_REPORT = {
    "reviews_on_time": "reviews held on time",
    "took_part": "children who took part in their reviews",
    "health_assessment": "health assessed",
    "dental": "dental check",
    "immunised": "immunised",
    "substance_misuse": "assessed as having a substance misuse problem",
    "intervention": "substance misuse: accepted an intervention, of those assessed",
    "key_stage_2": "key stage 2, english: level 4",
    "key_stage_4": "key stage 4: five a* to g",
    "higher_education": "higher education after 18 (expected)",
    "eet": "education, employment or training, leaving-care cohort, december",
    "peps": "personal education plans up to date",
    "offending": "offending",
    "long_term_stability": "long-term stability (projected)",
    "three_or_more": "three or more moves in the year (projected)",
    "suitable_housing": "care leavers in suitable housing",
    "cost_per_head": "net cost per head of population",
    "unit_cost": "weekly unit cost, gross",
}
"""Indicator -> what the table typed from the report of 2011 calls it."""


@pytest.fixture(scope="module")
def records(draw):
    return dataclasses.replace(outcomes.records_of(draw), tables=outcomes.tables_of(draw))


def study_data(draw, records, own=(), **sections):
    study = draw.study(**sections)
    readers = {"ssda903": lambda _: records}
    if own:
        columns = ["indicator", "period", "value", "previous", "target", "neighbours", "england"]
        frame = pd.DataFrame(own, columns=[*columns, "base", "previous_base", "unit", "good"])
        readers["scorecard"] = lambda _: Table(frame, pd.DataFrame())
        patterns = {"ssda903": ["inputs/*.csv"], "scorecard": ["inputs/card.csv"]}
        study = draw.study(inputs=patterns, **sections)
    return StudyData(study, readers)


def numbers(made, key):
    t = made.table[(made.table["group"] == key) & made.table["measure"].str.startswith("value")]
    return {b: round(v, 1) for b, v in zip(t["by"], t["value"], strict=True) if not pd.isna(v)}


def test_every_indicator_of_the_report_of_2011_has_its_name():
    for key, words in OF_REPORT.items():
        named = next(n for n in NAMED if n.key == key)
        found = counted_as(words)
        assert found is named if named.analysis else found is None, words


def test_what_the_returns_give_is_counted(draw, records):
    made = scorecard_counted.from_records(study_data(draw, records))
    assert numbers(made, "offending") == {"value": 40.0, "previous": 0.0}  # 2 of 5, none of 3
    assert numbers(made, "reviews_on_time") == {"value": 55.6, "previous": 66.7}
    assert numbers(made, "health_assessment") == {"value": 83.3, "previous": 80.0}
    counts = made.table[(made.table["group"] == "offending") & (made.table["by"] == "value")]
    at = dict(zip(counts["measure"], counts["value"], strict=True))
    assert (at["count_n"], at["rest_n"], at["base_n"]) == (2, 3, 5)


def test_what_no_input_gives_has_a_row_that_says_so(draw, records):
    made = scorecard_counted.from_records(study_data(draw, records))
    change = made.row_notes["Change"]
    no_oc3 = ("eet", "higher_education", "suitable_housing")
    for key in ("key_stage_2", "key_stage_4", "peps", *no_oc3):
        assert numbers(made, key) == {}
        assert change[key] == "Not in this study's inputs: add it to the scorecard"
    assert numbers(made, "unit_cost") == {}
    absent = [v for v in change.values() if v.startswith("Not in this study's inputs")]
    (said,) = (n for n in made.notes if n.startswith("Not in this study's inputs"))
    assert f": {len(absent)} of {len(change)}: " in said and "Key Stage 2 results" in said


def test_what_the_own_table_gives_is_pointed_to_and_its_target_stands_beside(draw, records):
    tail = (np.nan, np.nan)
    own = [
        ("Key Stage 2, English: level 4", "2022-23", 46.2, *tail, *tail, *tail, "percent1"),
        ("Children in foster care, share of all", "2022-23", 61, 61, 72, 50, 55, *tail, "percent"),
    ]
    own = [(*row, "higher") for row in own]
    made = scorecard_counted.from_records(study_data(draw, records, own))
    assert made.row_notes["Change"]["key_stage_2"].startswith("Not counted from the returns: see")
    assert numbers(made, "fostered") == {
        "value": 33.3,  # A H J of nine
        "previous": 50.0,  # A C H J M of ten
        "target": 72.0,
        "neighbours": 50.0,
        "england": 55.0,
    }


def test_whatever_is_counted_leans_on_what_chapter_20_prints(draw, records):
    """Or a share that is hidden there would stand here."""
    data = study_data(draw, records)
    made = scorecard_counted.from_records(data)
    there = set()
    for name in ("health", "reviews", "stock", "flows", "placement_mix", "placements_a_year"):
        result = getattr(chapter20, name)(data)
        keys = result.table[["measure", "group", "period", "by"]].itertuples(index=False)
        there |= {figure_id(result.name, m, g, p, b) for m, g, p, b in keys}
    counted = made.table[made.table["value"].notna() & (made.table["group"] != "all")]
    assert len(counted) > 60
    for measure, group, period, by in counted[["measure", "group", "period", "by"]].itertuples(
        index=False
    ):
        on = made.leans_on[figure_id(made.name, measure, group, period, by)]
        if group not in {"long_term_stability", "far", *(f"adoption_{k}" for k in INTERVALS)}:
            assert on and set(on) <= there, (group, by)
    small = figure_id("cla_health", "yes_n", "convicted", "2022-23")
    for measure in ("value_percent_1", "count_n", "rest_n", "base_n"):
        value = figure_id(made.name, measure, "offending", "2022-23", "value")
        if value in made.leans_on:
            assert small in made.leans_on[value]
    assert small in made.leans_on[figure_id(made.name, "beyond_n")]
    assert made.guarded == ("Change",)


def test_a_row_of_the_own_table_says_that_the_returns_give_it_otherwise(draw, records):
    row = ("Children placed outside the authority and over 20 miles from home", "2022-23")
    own = [(*row, 33.5, 36, 24, np.nan, np.nan, 881, 855, "percent1", "lower")]
    made = scorecard_sources.own_table(study_data(draw, records, own))
    assert list(made.row_notes["Change"].values()) == [
        "Down, better; within noise; not from the returns, see the next table"
    ]
    assert any("not to be compared" in n for n in made.notes)
    alone = study_data(draw, records, own)
    without = alone.study.model_copy(
        update={"inputs": alone.study.inputs.model_copy(update={"ssda903": ()})}
    )
    made = scorecard_sources.own_table(StudyData(without, dict(alone.readers)))
    assert list(made.row_notes["Change"].values()) == ["Down, better; within noise"]


def test_the_bundled_table_tests_its_shares_and_calls_no_threshold_a_target():
    data = open_data(load_study(ANALYSIS / "oxfordshire-2022-23"))
    made = scorecard_sources.own_table(data)
    words = {made.labels[k]: v for k, v in made.row_notes["Change"].items()}
    shares = [v for k, v in words.items() if "share of" in k or "over 20 miles" in k]
    assert len(shares) == 5 and all("noise" in v for v in shares)
    assert not any("counts behind it are not known" in v for v in words.values())
    frame = data.scorecard.frame
    alone = frame["indicator"].str.startswith("Unaccompanied")
    assert alone.any() and frame.loc[alone, "target"].isna().all()
    said = (data.study.folder / "published" / "narrative.csv").read_text("utf-8")
    assert "threshold that is neither a cap nor a target" in said
