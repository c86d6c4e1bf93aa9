"""The action plan: how it stood on a day, what changed, and how much of a gap it closes."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs.inputs.registry import open_data
from needs.sufficiency.actions import results_gap
from needs.sufficiency.actions.plan import RATINGS, Plan
from needs.sufficiency.actions.results_plan import action_ratings, actions
from needs.sufficiency.capacity.demand import Service
from needs.sufficiency.capacity.gap import Gap, Gaps
from needs.vocabulary.errors import InputError, StudyError
from needs.vocabulary.study import Board, load_study

pytestmark = pytest.mark.unit

HEAD = (
    "workstream,project,overview,timescale,lead_role,rag,update,updated,due,closes,places,"
    "start,opens,until\n"
)
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
action_plan = ["plan.csv"]
"""


def written(tmp_path, *rows, more=""):
    (tmp_path / "plan.csv").write_text(HEAD + "\n".join(rows) + "\n")
    (tmp_path / "study.toml").write_text(STUDY + more)
    return open_data(load_study(tmp_path))


HISTORY = (
    "Homes,One,Buy,1 year,Head,Amber,begun,2022-10-01,2023-01-31,in_house_home,4,,,",
    "Homes,One,Buy,1 year,Head,Red,no site,2023-02-01,,,,,,",
    "Homes,Two,Build,ongoing,Head,Not rated,,2022-10-01,,,,,,",
    "Homes,Two,Build,ongoing,Head,Green,on track,2023-02-01,,,,,,",
    "Fostering,Three,More,,Lead,Green,new,2023-02-01,,,,,,",
    "Fostering,Four,Less,,Lead,Amber,same,2022-10-01,2023-01-31,,,,,",
    "Fostering,Five,Done,,Lead,Green,near,2022-10-01,2022-12-31,,,,,",
    "Fostering,Five,Done,,Lead,Complete,over,2023-02-01,,,,,,",
    "Fostering,Six,Later,,Lead,Green,after,2023-06-01,,,,,,",
)


def test_it_says_what_changed_since_the_board_before(tmp_path):
    more = "[board]\nas_at = 2023-03-31\nprevious = 2022-10-02\n"
    plan = Plan.of(written(tmp_path, *HISTORY, more=more))
    found = plan.now.set_index("project")
    assert found["since"].to_dict() == {
        "One": "worse", "Two": "rated", "Three": "new", "Four": "same", "Five": "completed",
    }  # fmt: skip
    assert plan.later_n == 1
    # What an update leaves blank stays; what is complete is not overdue, however late it was.
    assert found["late_days"].dropna().to_dict() == {"One": 59.0, "Four": 59.0}
    assert found.loc["One", "places"] == 4
    assert plan.overdue_n == 2


def test_without_a_day_it_is_the_plan_as_it_last_stood(tmp_path):
    plan = Plan.of(written(tmp_path, *HISTORY))
    assert (plan.as_at, plan.previous) == (dt.date(2023, 6, 1), dt.date(2023, 2, 1))
    assert plan.now.set_index("project")["since"]["Six"] == "new"


def test_ratings_add_up_and_words_stand_beside_the_colour(tmp_path):
    data = written(tmp_path, *HISTORY)
    t = action_ratings(data).table
    n = t[t["measure"] == "actions_n"].pivot_table("value", "group", "by", aggfunc="sum")
    parts = n.drop(index="all").sum()
    assert (parts == n.loc["all"]).all()
    assert n.loc["all"].sum() == len(Plan.of(data).now)
    rating = actions(data).row_notes["Rating"]
    assert all(any(w in said for w in RATINGS.values()) for said in rating.values())


@pytest.mark.parametrize(
    ("row", "column", "rule"),
    [
        ("A,B,c,d,e,Purple,f,,,,,,,", "rag", ""),
        ("A,B,c,d,e,Red,f,,,castle,4,,,", "closes", ""),
        ("A,B,c,d,e,Red,f,,,in_house_home,-4,,,", "places", "outside 0"),
        ("A,B,c,d,e,Red,f,,2023-01-01,,,2023-02-01,,", "start", "start lies after due"),
        ("A,B,c,d,e,Red,f,,,,,,2023-05-01,2023-04-01", "opens", "opens lies after until"),
    ],
)
def test_what_cannot_be_is_refused_with_its_row_and_mend(tmp_path, row, column, rule):
    data = written(tmp_path, "A,A,c,d,e,Red,f,,,,,,,", row)
    with pytest.raises(InputError) as e:
        Plan.of(data)
    (fault,) = e.value.faults
    assert column in fault.column
    assert rule in fault.rule
    assert 3 in fault.rows
    assert fault.mend


def test_every_fault_is_told_at_once(tmp_path):
    rows = ("A,B,c,d,e,Purple,f,,,castle,-1,,,", "A,C,c,d,e,Red,f,,2023-01-01,,,2023-02-01,,")
    with pytest.raises(InputError) as e:
        Plan.of(written(tmp_path, *rows))
    assert len(e.value.faults) == 4


def test_one_action_twice_on_a_day_is_refused(tmp_path):
    rows = ("A,B,c,d,e,Red,f,2023-01-01,,,,,,", "A,B,c,d,e,Green,f,2023-01-01,,,,,,")
    with pytest.raises(InputError, match="same workstream, project, updated"):
        Plan.of(written(tmp_path, *rows))


def test_a_board_before_itself_is_refused(tmp_path):
    with pytest.raises(StudyError, match="the board before lies on or after the board"):
        written(tmp_path, more="[board]\nas_at = 2023-03-31\nprevious = 2023-03-31\n")


HOMES = Service("residential", "Homes", ("in_house_home",), ())
MONTHS = pd.date_range("2023-04-30", periods=24, freq="ME")


def closed(children, actions_):
    """Return rows of the gap that a plan of (places, opens, rating) closes; 10 places are there."""
    short = np.maximum(np.asarray(children, dtype=float)[:, None] - 10, 0) * np.ones(24)
    gap = Gap(np.zeros(short.shape, int), np.full(24, 10.0), short)
    gaps = Gaps(MONTHS, (HOMES,), {("residential", "anywhere"): gap}, {}, ())
    now = pd.DataFrame(
        {
            "closes": "in_house_home",
            "places": [p for p, _, _ in actions_],
            "opens": pd.to_datetime([d for _, d, _ in actions_]),
            "due": pd.NaT,
            "until": pd.NaT,
            "rag": [r for *_, r in actions_],
        }
    )
    plan = SimpleNamespace(now=now)
    counted = results_gap._of_service(plan, HOMES)
    years = np.array(["2023-24"] * 12 + ["2024-25"] * 12)
    return pd.DataFrame(results_gap._rows(gaps, counted, years)), counted


def test_places_count_from_their_day_once_and_not_when_they_are_there_already():
    plan = [(4, "2024-04-01", "green"), (3, None, "red"), (5, "2023-04-01", "complete")]
    found, counted = closed([14, 8], plan)
    assert found["plan_n"].tolist() == [0.0, 4.0]
    assert found["short_n"].tolist() == [2.0, 2.0]
    assert found["left_n"].tolist() == [2.0, 0.0]
    assert found["chance_pct"].tolist() == [50.0, 50.0]
    assert found["then_pct"].tolist() == [50.0, 0.0]
    assert found["closed_pct"].tolist() == [0.0, 100.0]
    assert counted.undated_n == 1


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=8),
    st.lists(st.integers(1, 20), min_size=1, max_size=4),
)
def test_more_of_a_plan_never_leaves_a_larger_gap(children, places):
    plan = [(p, "2023-06-01", "amber") for p in places]
    less, more = closed(children, plan[:-1])[0], closed(children, plan)[0]
    assert (more["left_n"] <= less["left_n"]).all()
    assert (more["then_pct"] <= less["then_pct"]).all()


def test_settings_of_a_board_stand_in_order():
    assert Board(as_at=dt.date(2023, 3, 31), previous=dt.date(2023, 2, 1)).previous
