"""What the DfE leaves open is a setting: each changes a result, and its default changes none."""

from __future__ import annotations

import pandas as pd
import pytest

from needs.assurance.release import release
from needs.care import annex_counting, chapter20
from needs.care.ages import birthday, completed_years
from needs.care.turnover import came_back
from needs.care.windows import shown
from needs.vocabulary.study import Counting, Scope

pytestmark = pytest.mark.unit

CHILDREN = """
child | sex  | dob        | uasc
A     | male | 2008-02-29 | -
B     | male | 2010-06-01 | -
"""
# A is in a home, and in hospital on the last day; B left, and came back 200 days later.
EPISODES = """
child | decom      | dec        | rne | ls | cin | place | provider | rec
A     | 2021-05-01 | 2023-03-20 | S   | C2 | N1  | K2    | PR1      | X1
A     | 2023-03-20 | -          | P   | C2 | N1  | T1    | -        | -
B     | 2021-05-01 | 2022-05-01 | S   | C2 | N1  | U6    | PR1      | E4A
B     | 2022-11-17 | -          | S   | C2 | N1  | U6    | PR1      | -
"""


def studied(draw, **counting):
    records = draw.records(draw.table(CHILDREN), draw.table(EPISODES), [2022, 2023])
    return draw.data(records, draw.study(counting=counting))


def last_types(data) -> dict[str, float]:
    t = chapter20.placement_mix(data).table
    t = t[(t["measure"] == "children_n") & (t["period"] == "2023-03-31") & (t["value"] > 0)]
    return dict(zip(t["group"], t["value"], strict=True))


def test_a_temporary_move_counts_as_the_placement_before_or_as_recorded(draw):
    before, recorded = (
        last_types(studied(draw, **c)) for c in ({}, {"temporary_moves": "as_recorded"})
    )
    assert before != recorded
    home = [k for k in before if "home" in k and k not in recorded]
    assert home and all(before[k] == 1 for k in home)


def test_a_birthday_on_29_february_is_reached_in_march_or_in_february(draw):
    early = Counting(born_29_february="28_february")
    born, eve = "2004-02-29", "2022-02-28"
    assert (completed_years(born, eve), completed_years(born, eve, early)) == (17, 18)
    assert birthday([born], 18)[0] == pd.Timestamp("2022-03-01")
    assert birthday([born], 18, early)[0] == pd.Timestamp("2022-02-28")
    # In a leap year both have it on the day itself.
    assert completed_years(born, "2024-02-28", early) == 19
    assert birthday([born], 20, early)[0] == pd.Timestamp("2024-02-29")
    # Whoever is 18 on the last day of February is out of the stock.
    children = CHILDREN.replace("2008-02-29", "2005-02-28").replace("2010-06-01", "2004-02-29")
    episodes = (
        EPISODES.split("B     |", maxsplit=1)[0] + "B | 2021-05-01 | - | S | C2 | N1 | U6 | PR1 | -"
    )
    records = draw.records(draw.table(children), draw.table(episodes), [2022], "2022-02-28")
    period = {"reporting_year": "2021-22", "as_at": "2022-02-28"}
    count = {}
    for leap in ("1_march", "28_february"):
        study = draw.study(period=period, counting={"born_29_february": leap})
        t = chapter20.stock(draw.data(records, study)).table
        count[leap] = t.loc[t["measure"] == "children_n", "value"].iloc[-1]
    assert count["1_march"] - count["28_february"] == 1


def test_a_full_time_equivalent_stands_for_the_year_or_for_365_days(draw):
    episodes = "child | decom | dec | rne | ls | cin | place | provider | rec\n"
    episodes += "B | 2023-04-01 | - | S | C2 | N1 | U6 | PR1 | -"
    child = draw.table(CHILDREN.replace("A     | male | 2008-02-29 | -\n", ""))
    records = draw.records(child, draw.table(episodes), [2024])
    found = {}
    for days in ("calendar", "365"):
        period = {"reporting_year": "2023-24", "as_at": "2024-03-31"}
        data = draw.data(records, draw.study(period=period, counting={"days_of_year": days}))
        t = chapter20.full_time_equivalents(data).table
        found[days] = t.loc[(t["measure"] == "fte") & (t["group"] == "all"), "value"].item()
    assert found == {"calendar": pytest.approx(1.0), "365": pytest.approx(366 / 365)}


@pytest.mark.parametrize(("days", "kind"), [(365, "within_a_year"), (200, "later")])
def test_how_soon_a_return_is_an_early_one(draw, days, kind):
    data = studied(draw, back_within_days=days)
    came = came_back(data.records, shown(data.records, data.study).windows, Scope())
    assert came["before"].astype(str).tolist()[-1] == kind


def test_every_setting_is_listed_with_what_was_used(draw):
    assert list(annex_counting.OPEN) == list(Counting.model_fields)
    data = studied(draw, temporary_moves="as_recorded")
    result = annex_counting.left_open(data)
    by = result.table.set_index("group")["value"]
    assert by.to_dict() == {
        "temporary_moves": 1,
        "overlapping_episodes": 0,
        "not_ceasing": 0,
        "short_breaks_cease": 0,
        "published_mean_stay": 0,
        "born_29_february": 0,
        "days_of_year": 0,
        "back_within_days": 0,
    }
    used, usual = result.row_notes["Used"], result.row_notes["Default"]
    assert [k for k in used if used[k] != usual[k]] == ["temporary_moves"]
    assert release(result, data.study, "90").table is not None
