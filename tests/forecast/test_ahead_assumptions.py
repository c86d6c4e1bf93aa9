"""The study's own assumptions, or those that come with needs and are named as such."""

from __future__ import annotations

import pandas as pd
import pytest

from needs.forecast import demand
from needs.forecast.ahead_assumptions import TAKEN
from needs.inputs.registry import open_data
from needs.report.chapter import publish
from needs.synthetic.assumed import assumed
from needs.vocabulary.errors import InputError
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.unit

LOG = """\
id,text,value,effect,reliability,owner_role,date,source
A1,Entries fall,5% a year,Fewer children,low,Head of service,2023-06-09,Strategy
B2,The returns are whole,,,High,Data manager,,
"""
STUDY = """\
schema_version = 1
[authority]
name = "Anyshire County Council"
short_name = "Anyshire"
dfe_code = "999"
ons_code = "E10000099"
[period]
reporting_year = "2022-23"
as_at = 2023-03-31
[inputs]
"""


def opened(folder, log: str | None):
    text = STUDY + ('assumptions = ["log.csv"]\n' if log else "")
    (folder / "study.toml").write_text(text, "utf-8")
    if log:
        (folder / "log.csv").write_text(log, "utf-8")
    return open_data(load_study(folder))


@pytest.mark.parametrize("page", [demand.assumptions, demand.assumptions_annex])
def test_each_row_of_the_log_is_shown_with_its_owner_value_and_reliability(tmp_path, page):
    data = opened(tmp_path, LOG)
    shown = publish(page(data), data, "50")
    cells = [" | ".join(row) for row in shown.table.rows]
    assert len(cells) == 2
    assert all(w in cells[0] for w in ("Entries fall", "5% a year", "Head of service", "Low"))
    assert all(w in cells[1] for w in ("The returns are whole", "Data manager", "High"))
    words = "".join(s.text for s in shown.sentences[0])
    assert "own log names 2 assumptions; 1 of them" in words


def test_without_a_log_those_of_the_product_are_shown_and_nobody_owns_them(tmp_path):
    data = opened(tmp_path, None)
    shown = publish(demand.assumptions(data), data, "50")
    assert len(shown.table.rows) == len(TAKEN)
    assert all(any("nobody here has owned" in c for c in row) for row in shown.table.rows)
    assert "no assumptions log" in "".join(s.text for s in shown.sentences[0])


@pytest.mark.parametrize(
    ("bad", "column"),
    [
        (LOG.replace(",low,", ",perhaps,"), "reliability"),
        (LOG.replace("Data manager", ""), "owner_role"),
        (LOG.replace("B2", "A1"), "id"),
        (LOG.replace("2023-06-09", "soon"), "date"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_by_column(tmp_path, bad, column):
    with pytest.raises(InputError) as refused:
        demand.assumptions(opened(tmp_path, bad))
    assert column in {f.column for f in refused.value.faults}


def test_a_synthetic_study_writes_a_log_that_can_be_read(tmp_path):
    written = assumed(ReportingYear(2023)).to_csv(index=False)
    data = opened(tmp_path, written)
    frame = data.assumptions.frame
    assert len(frame) == 5 and frame["reliability"].notna().all()
    assert set(pd.to_datetime(frame["date"]).dt.year) == {2023}
