"""Figures that documents print: shown as fine as printed, and under no scope but their own."""

from __future__ import annotations

from dataclasses import fields

import pandas as pd
import pytest

from needs.assurance.release import PUBLISHED_SCOPE, release
from needs.vocabulary.results import Measure, Result, long_table
from needs.vocabulary.units import coarsest

pytestmark = pytest.mark.unit

WHOLE = Measure("share_pct", "Share", "percent1", "all children")
FINE = Measure("growth_pct", "Growth", "percent1")


def result(published: bool, whole=(37.0, 12.0), fine=(37.0, 12.5)) -> Result:
    rows = [
        {"measure": m.key, "period": str(2011 + i), "value": v}
        for m, values in ((WHOLE, whole), (FINE, fine))
        for i, v in enumerate(values)
    ]
    return Result(
        name="printed",
        title="Shares that a document prints",
        subtitle="Oxfordshire",
        table=long_table(pd.DataFrame(rows)),
        measures=(WHOLE, FINE),
        labels={},
        source="A strategy",
        published=published,
    )


def vars_of(made: Result) -> dict:
    return {f.name: getattr(made, f.name) for f in fields(made)}


def shown(result: Result, study, measure: str) -> list[str]:
    return [r.printed for r in release(result, study, "20").rows if r.measure == measure]


def test_shares_that_are_all_whole_print_whole_and_others_keep_their_place(study):
    assert shown(result(published=True), study, "share_pct") == ["37%", "12%"]
    assert shown(result(published=True), study, "growth_pct") == ["37.0%", "12.5%"]
    units = {r.measure: r.unit for r in release(result(published=True), study, "20").rows}
    assert units == {"share_pct": "percent", "growth_pct": "percent1"}


def test_each_series_of_a_measure_is_as_fine_as_it_is_printed(study):
    rows = [
        {"measure": "share_pct", "group": g, "period": p, "value": v}
        for g, p, v in (("a", "2011", 63.0), ("a", "2012", 72.0), ("b", "2011", 33.5))
    ]
    made = result(published=True)
    made = Result(**{**vars_of(made), "table": long_table(pd.DataFrame(rows))})
    assert shown(made, study, "share_pct") == ["63%", "72%", "33.5%"]


def test_counts_of_our_own_keep_the_precision_of_their_measure(study):
    assert shown(result(published=False), study, "share_pct") == ["37.0%", "12.0%"]


def test_a_gap_among_whole_shares_decides_nothing(study):
    gap = result(published=True, whole=(37.0, float("nan")))
    assert shown(gap, study, "share_pct") == ["37%", "x"]


@pytest.mark.parametrize(
    ("unit", "values", "expected"),
    [
        ("percent2", [1.25, 2.0], "percent2"),
        ("percent2", [1.5, 2.0], "percent1"),
        ("percent1", [], "percent1"),
        ("percent1", [0.1 + 0.2 + 36.7], "percent"),
        ("gbp_m", [1.0, 2.0], "gbp_m"),
        ("rate1_per_10k", [51.0], "rate_per_10k"),
    ],
)
def test_the_coarsest_unit_that_prints_all_in_full(unit, values, expected):
    assert coarsest(unit, values) == expected


def test_the_studys_scope_does_not_stand_under_what_documents_print(study):
    made = release(result(published=True), study, "20")
    assert "unaccompanied" not in made.scope
    assert made.scope == PUBLISHED_SCOPE
    assert "including unaccompanied" in release(result(published=False), study, "20").scope
