"""The report to committee says what other chapters say, and no more."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from needs.sufficiency.committee.chapter99 import IMPLICATIONS, implications
from needs.sufficiency.committee.said import said
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.results import ALL, Measure, Result, Sentence, figure_id, long_table

pytestmark = pytest.mark.unit


def result():
    table = long_table(
        pd.DataFrame(
            {
                "measure": ["children_n", "children_n", "other_n"],
                "group": [ALL, "ifa", ALL],
                "period": "2022-23",
                "value": [10.0, 4.0, 7.0],
                "lower_80": [8.0, np.nan, np.nan],
                "upper_80": [12.0, np.nan, np.nan],
            }
        )
    )
    return Result(
        name="source",
        title="Source",
        subtitle="",
        table=table,
        measures=(Measure("children_n", "Children", "children"), Measure("other_n", "O", "count")),
        labels={},
        source="returns",
        text=(
            Sentence("{n} in all, {high} at most.", {
                "n": figure_id("source", "children_n", ALL, "2022-23"),
                "high": figure_id("source", "children_n_upper_80", ALL, "2022-23"),
            }),
            Sentence("{n} with agencies.", {
                "n": figure_id("source", "children_n", "ifa", "2022-23"),
            }),
        ),
        leans_on={figure_id("source", "children_n", ALL, "2022-23"): ("base.children_n.all",)},
    )  # fmt: skip


def lacking(data):
    raise InputMissing("costs")


def test_a_sentence_brings_the_rows_it_rests_on_with_what_they_lean_on_and_no_other():
    wanted = (("one", lambda d: result(), (0, 7)), ("two", lacking, (0,)))
    (made,) = said(None, wanted)
    assert made.name == "one"
    assert made.table[["measure", "group"]].to_numpy().tolist() == [["children_n", ALL]]
    assert [s.refs["n"] for s in made.text] == [figure_id("one", "children_n", ALL, "2022-23")]
    assert made.leans_on == {
        figure_id("one", "children_n", ALL, "2022-23"): ("base.children_n.all",)
    }
    assert made.mirrors is not None
    assert made.mirrors.name == "source"


def test_every_implication_names_who_writes_and_checks_it(aimed):
    told = implications(aimed).text
    assert len(told) == len(IMPLICATIONS)
    assert {t.words["heading"] for t in told} == {h for h, _ in IMPLICATIONS.values()}
    assert all(t.words["role"] for t in told)
