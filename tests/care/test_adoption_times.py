"""Days to adoption, worked by hand for seven children over three years.

child  came        order       placed      matched     adopted     entry→placed
A      2020-01-01  2020-03-01  2020-04-10  2020-03-31  2020-12-01  100 days
B      2020-05-01  -           2021-05-01  -           2021-08-01  365 (A5, foster carer)
C      2021-01-01  2021-02-01  2021-07-20  2021-05-12  2022-02-01  200
D..G   2021-06-01  -           2022-06-01  -           2022-09-01  365 each
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from needs.assurance.release import release
from needs.care import chapter20, scorecard_counted

pytestmark = pytest.mark.unit

CHILDREN = "child | sex | dob | uasc\n" + "\n".join(
    f"{c} | male | 2019-12-31 | -" for c in "ABCDEFG"
)
EPISODES = """
child | decom      | dec        | rne | ls | cin | place | provider | rec
A     | 2020-01-01 | 2020-03-01 | S   | C1 | N1  | U6    | PR1      | X1
A     | 2020-03-01 | 2020-04-15 | L   | E1 | N1  | U6    | PR1      | X1
A     | 2020-04-15 | 2020-12-01 | P   | E1 | N1  | A6    | PR1      | E12
B     | 2020-05-01 | 2021-05-01 | S   | C2 | N1  | U6    | PR1      | X1
B     | 2021-05-01 | 2021-08-01 | T   | C2 | N1  | A5    | PR1      | E11
C     | 2021-01-01 | 2021-02-01 | S   | C1 | N1  | U6    | PR1      | X1
C     | 2021-02-01 | 2021-07-20 | L   | E1 | N1  | U6    | PR1      | X1
C     | 2021-07-20 | 2022-02-01 | P   | E1 | N1  | A6    | PR1      | E12
""" + "".join(
    f"{c} | 2021-06-01 | 2022-06-01 | S | C2 | N1 | U6 | PR1 | X1\n"
    f"{c} | 2022-06-01 | 2022-09-01 | P | C2 | N1 | A6 | PR1 | E11\n"
    for c in "DEFG"
)
PLACED = {0: "2020-04-10", 2: "2019-01-01"}  # C's is of an earlier time in care: not taken
AD1 = {0: ("2020-02-20", "2020-03-31"), 2: ("2021-01-22", "2021-05-12"), 1: ("2021-09-01", None)}


@pytest.fixture
def data(draw):
    records = draw.records(draw.table(CHILDREN), draw.table(EPISODES), [2021, 2022, 2023])
    day = pd.to_datetime
    tables = {
        "placed_adoption": pd.DataFrame(
            {"child": list(PLACED), "date_placed": day(list(PLACED.values()))}
        ),
        "ad1": pd.DataFrame(
            {
                "child": list(AD1),
                "date_int": day([d for d, _ in AD1.values()]),
                "date_match": day([m for _, m in AD1.values()]),
            }
        ),
    }
    return draw.data(replace(records, tables=tables), draw.study())


def cells(result, group: str) -> dict[str, float]:
    t = result.table[result.table["group"] == group]
    assert set(t["period"]) == {"2022-23"}  # the two years before have no three behind them
    return dict(zip(t["measure"], t["value"], strict=True))


def test_entry_to_placement_takes_the_table_first_and_the_episodes_else(data):
    found = cells(chapter20.adoption_times(data), "entry_to_placed")
    assert (found["adopted_n"], found["timed_n"], found["untimed_n"]) == (7, 7, 0)
    assert found["mean_days"] == pytest.approx((100 + 365 + 200 + 4 * 365) / 7)
    assert found["median_days"] == 365


def test_the_match_is_counted_from_the_order_and_from_the_decision(data):
    result = chapter20.adoption_times(data)
    order, decision = (cells(result, g) for g in ("order_to_match", "decision_to_match"))
    assert (order["timed_n"], order["mean_days"]) == (2, pytest.approx((30 + 100) / 2))
    assert (decision["timed_n"], decision["mean_days"]) == (2, pytest.approx((40 + 110) / 2))


def test_three_years_hold_those_adopted_in_each(data):
    t = chapter20.permanence(data).table
    each = t[(t["group"] == "adopted") & (t["measure"] == "children_n")]["value"]
    assert each.tolist() == [1, 2, 4]
    assert cells(chapter20.adoption_times(data), "entry_to_placed")["adopted_n"] == each.sum()


def test_times_of_few_children_are_hidden(data):
    shown = release(chapter20.adoption_times(data), data.study, "20")
    printed = {(r.group, r.measure): r.printed for r in shown.rows}
    assert printed["order_to_match", "timed_n"] == "c"
    assert printed["order_to_match", "mean_days"] == "c"


def test_without_three_years_nothing_is_told(draw):
    records = draw.records(draw.table(CHILDREN), draw.table(EPISODES), [2022, 2023])
    data = draw.data(records, draw.study())
    assert set(chapter20.adoption_times(data).table["marker"]) == {"x"}
    assert release(chapter20.adoption_times(data), data.study, "20").table is not None


def test_the_scorecard_takes_steps_that_enough_children_stand_behind(data):
    table = scorecard_counted.from_records(data).table
    steps = table[table["measure"] == "value_days"].dropna(subset="value")
    assert steps["group"].tolist() == ["adoption_entry_to_placed"]  # seven; the others two each
    assert steps["value"].tolist() == [pytest.approx((100 + 365 + 200 + 4 * 365) / 7)]
