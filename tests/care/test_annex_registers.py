"""The list of annexes, the register of methods, and appendices made from own data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from needs.care import annex_appendices, annex_registers
from needs.care.chapter20 import ages, placement_mix
from needs.report.chapters import CHAPTERS
from needs.vocabulary.annexes import ANNEXES
from needs.vocabulary.errors import StudyError
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.unit

CHILDREN = """
child | sex    | dob        | uasc
A     | female | 2012-06-15 | -
B     | male   | 2006-05-01 | -
C     | male   | 2010-05-01 | -
D     | male   | 2015-05-01 | -
"""
EPISODES = """
child | decom      | dec        | rne | ls | cin | place | provider | rec
A     | 2021-05-01 | 2022-01-01 | S   | C2 | N1  | U4    | PR4      | X1
A     | 2022-01-01 | -          | P   | C2 | N1  | U4    | PR1      | -
B     | 2021-05-01 | 2022-06-01 | S   | C2 | N1  | K2    | PR1      | X1
B     | 2022-06-01 | -          | P   | C2 | N1  | K2    | PR4      | -
C     | 2022-06-01 | -          | S   | C2 | N1  | U6    | PR4      | -
D     | 2022-06-01 | -          | S   | C2 | N1  | U1    | PR0      | -
"""
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
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
[annexes]
"""


def headings(chapter):
    cells = json.loads((NOTEBOOKS / CHAPTERS[chapter].notebook).read_text("utf-8"))["cells"]
    text = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    return {line.lstrip("# ") for line in text.split("\n") if line.startswith("#")}


@pytest.mark.parametrize("key", list(ANNEXES))
def test_an_annex_stands_where_the_list_says(key):
    assert ANNEXES[key].heading in headings(ANNEXES[key].chapter)


def test_the_five_appendices_and_every_annex_that_is_asked_for_are_listed():
    asked = "demand costs provision audit assumptions methods backtests data_quality glossary"
    assert {*(f"appendix_{n}" for n in range(1, 6)), *asked.split()} <= set(ANNEXES)


def test_methods_belong_to_chapters_that_there_are():
    assert {chapter for _, chapter, _ in annex_registers.METHODS.values()} <= set(CHAPTERS)
    assert all(source for *_, source in annex_registers.METHODS.values())


def load(tmp_path, line):
    (tmp_path / "study.toml").write_text(STUDY + line, "utf-8")
    return load_study(tmp_path)


def test_a_template_of_the_authority_gives_headings_and_order(tmp_path):
    study = load(tmp_path, 'headings = { glossary = "A1 Terms", appendix_2 = "A2 Ages" }\n')
    result = annex_registers.annex_list(type("Data", (), {"study": study}))
    listed = result.table.loc[result.table["measure"] == "number_n", "group"].tolist()
    assert listed[:3] == ["glossary", "appendix_2", "appendix_1"] and len(listed) == len(ANNEXES)
    assert result.row_notes["Heading of the template"]["glossary"] == "A1 Terms"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('headings = { appendix_9 = "A9" }', "no annex of that key"),
        ('headings = { glossary = " " }', "a heading is blank"),
        ('headings = { glossary = "A", costs = "A" }', "same heading"),
    ],
)
def test_a_template_that_cannot_be_is_refused(tmp_path, line, says):
    with pytest.raises(StudyError) as caught:
        load(tmp_path, line + "\n")
    (fault,) = caught.value.faults
    assert says in str(fault) and fault.column == "annexes.headings"


@pytest.mark.parametrize(
    ("annex", "source"),
    [
        (annex_appendices.age_trends, ages),
        (annex_appendices.placement_trends, placement_mix),
    ],
)
def test_trends_repeat_the_counts_of_chapter_20_and_lean_on_them(draw, annex, source):
    records = draw.records(draw.table(CHILDREN), draw.table(EPISODES), [2022, 2023])
    data = draw.data(records, draw.study())
    made, of = annex(data), source(data)
    counts = of.table[of.table["measure"] == "children_n"].set_index(["group", "period"])["value"]
    mine = made.table[made.table["measure"] == "children_n"].set_index(["group", "period"])
    shared = mine.index.intersection(counts.index)
    assert len(shared) and mine.loc[shared, "value"].equals(counts.loc[shared])
    t = made.table.pivot_table(index=["group", "period"], columns="measure", values="value")
    days = sorted(set(made.table["period"]))
    for group in set(made.table["group"]):
        rows = t.loc[group]
        if rows.loc[days[0], "children_n"]:
            grown = 100 * (rows["children_n"] / rows.loc[days[0], "children_n"] - 1)
            assert np.allclose(rows["growth_pct"], grown)
    for (group, period), _ in mine.iterrows():
        on = made.leans_on[f"{made.name}.children_n.{group}.{period}"]
        assert on[0] == f"{of.name}.children_n.{group}.{period}"
