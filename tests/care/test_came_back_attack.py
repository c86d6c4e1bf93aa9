"""Who was there, started and was there at any time in the year, against those who came back.

Stock before and children started, less all who were looked after on any day, are those who were
there and started again. They came back within a year: a hidden count of these is no less.
"""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from needs.assurance.release import release
from needs.care import chapter20

pytestmark = pytest.mark.unit

LEFT, BACK = "2021-06-01", "2021-09-01"


def data_of(draw, there_and_back, came_back=0, missing=12):
    """Return a study: 30 stay, some leave and come back in the year, others come back; 10 new."""
    rows = [(f"s{i}", "2020-06-01", "-", "-") for i in range(30)]
    for i in range(there_and_back):
        rows += [(f"b{i}", "2020-06-01", LEFT, "E4A"), (f"b{i}", BACK, "-", "-")]
    for i in range(came_back):
        rows += [(f"a{i}", "2020-06-01", "2021-02-01", "E4A"), (f"a{i}", BACK, "-", "-")]
    rows += [(f"n{i}", "2021-10-01", "-", "-") for i in range(10)]
    names = list(dict.fromkeys(r[0] for r in rows))
    children = draw.table(
        "child | sex | dob | uasc\n" + "\n".join(f"{n} | male | 2012-01-01 | -" for n in names)
    )
    episodes = draw.table(
        "child | decom | dec | rne | ls | cin | place | provider | rec\n"
        + "\n".join(f"{n} | {a} | {b} | S | C2 | N1 | U6 | PR1 | {rec}" for n, a, b, rec in rows)
    )
    gone = pd.DataFrame({"child": range(missing), "missing": "M"})
    gone["mis_start"] = pd.Timestamp("2021-12-01")
    records = draw.records(children, episodes, [2022, 2023])
    return draw.data(dataclasses.replace(records, tables={"missing": gone}), draw.study())


def printed(data):
    """Return what is printed of the first year, None where it is hidden."""
    out = {}
    for result in (chapter20.flows(data), chapter20.missing(data), chapter20.re_entries(data)):
        for row in release(result, data.study, "20").rows:
            if row.period == "2021-22":
                out[row.measure, row.group] = None if row.marker == "c" else float(row.value)
    return out


def least(shown):
    """Return how many came back within the year at least, as a reader works it out."""
    terms = [shown[m, "all"] for m in ("stock_start_n", "started_n", "looked_after_n")]
    return None if None in terms else terms[0] + terms[1] - terms[2]


@pytest.mark.parametrize("there_and_back", [2, 4, 5])
def test_few_who_came_back_are_not_told_by_three_other_counts(draw, there_and_back):
    shown = printed(data_of(draw, there_and_back))
    assert shown["children_n", "within_a_year"] is None
    assert least(shown) is None
    # Nor by a share of the children looked after, which gives their number back.
    assert shown["missing_pct", "all"] is None and shown["missing_children_n", "all"] == 12
    assert shown["stock_start_n", "all"] == 30 + there_and_back, "the headline stays"


def test_where_many_came_back_nothing_is_hidden(draw):
    shown = printed(data_of(draw, 4, came_back=3))
    assert shown["children_n", "within_a_year"] == 7 and least(shown) == 4
    assert shown["looked_after_n", "all"] == 47


def test_where_nobody_was_there_before_the_three_counts_tell_nothing(draw):
    shown = printed(data_of(draw, 0, came_back=3))
    assert shown["children_n", "within_a_year"] is None and least(shown) == 0


def test_one_who_was_there_is_no_more_than_the_rule_says(draw):
    shown = printed(data_of(draw, 1, came_back=2))
    assert shown["children_n", "within_a_year"] is None and least(shown) == 1
