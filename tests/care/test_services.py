"""Requests for placements, the edge of care and care leavers: every number worked out by hand.

The rows that the tests stand on are drawn below; each sum is written beside the number.
"""

from __future__ import annotations

import pandas as pd
import pytest

from needs.care import chapter20_services as services
from needs.report.chapter import Chapter, publish
from needs.report.chapters import CHAPTERS
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData, Table

pytestmark = pytest.mark.unit

# Who is on the list on 31 March 2023, and how old: A 16, B 17, C 17, D 18, E 20, F 21, G 23.
CHILDREN = """
child | sex    | dob        | uasc
A     | male   | 2006-06-01 | -
B     | female | 2005-06-01 | -
C     | male   | 2005-04-01 | -
D     | female | 2004-06-01 | -
E     | male   | 2002-06-01 | -
F     | female | 2001-04-01 | -
G     | male   | 2000-01-01 | -
"""
EPISODES = """
child | decom      | dec        | rne | ls | cin | place | provider | rec
A     | 2021-05-01 | -          | S   | C2 | N1  | U6    | PR1      | -
B     | 2021-05-01 | 2022-08-01 | S   | C2 | N1  | U6    | PR1      | E4A
C     | 2021-05-01 | 2022-09-01 | S   | C2 | N1  | U6    | PR1      | E4A
D     | 2021-05-01 | 2022-06-01 | S   | C2 | N1  | U6    | PR1      | E5
"""
# The last row of each year is the one that a wrong edge would lose or gain.
REFERRALS = """
date       | needed_by  | emergency | asked           | found           | outcome      | again
2021-04-01 | 2021-04-01 | yes       | in_house_foster | ifa             | placed_other | no
2021-06-10 | 2021-06-12 | yes       | ifa             | ifa             | placed       | yes
2022-03-31 | -          | yes       | ifa             | ifa             | placed       | -
2021-09-01 | 2021-09-05 | no        | ifa             | -               | avoided      | no
2022-04-01 | 2022-04-01 | no        | in_house_foster | in_house_foster | placed       | yes
2022-05-01 | 2022-05-09 | no        | external_home   | ifa             | placed_other | no
2022-06-01 | -          | no        | in_house_foster | ifa             | -            | no
2022-07-01 | 2022-07-01 | yes       | ifa             | -               | avoided      | yes
2022-08-01 | 2022-08-20 | no        | ifa             | -               | withdrawn    | -
2023-03-31 | 2023-04-02 | no        | ifa             | -               | open         | -
2023-03-31 | -          | no        | ifa             | -               | -            | -
2023-04-01 | 2023-04-01 | yes       | ifa             | ifa             | placed       | no
"""
# B's first row is over; H is in no return; G is too old for the DfE's base; C's row begins later.
LEAVERS = """
child | entitlement     | from       | to         | in_touch | activity | accommodation | suitable
A     | eligible        | 2022-06-01 | -          | -        | -        | -             | -
B     | eligible        | 2021-06-01 | 2022-07-31 | -        | -        | -             | -
B     | relevant        | 2022-08-01 | -          | YES      | F2       | U1            | -
C     | qualifying      | 2022-09-01 | -          | YES      | F2       | U1            | yes
D     | former_relevant | 2022-06-01 | 2023-03-31 | NO       | G5       | U1            | no
E     | former_relevant | 2020-06-01 | -          | REFU     | P5       | X2            | -
F     | former_relevant | 2019-04-01 | -          | YES      | -        | -             | -
F     | former_relevant | 2023-04-01 | -          | NO       | G4       | X2            | no
G     | former_relevant | 2018-01-01 | -          | NO       | G4       | X2            | no
H     | former_relevant | 2022-01-01 | -          | YES      | F1       | U1            | yes
"""
# Twelve months would be a year; here there are two. 2020-21 has a row of its own and a month.
EDGE = """
period  | stage                 | unit     | number
2020-21 | homeless_seen         | children | 50
2020-05 | homeless_seen         | children | 9
2020-21 | homeless_home         | children | 20
2022-23 | homeless_seen         | children | 40
2022-23 | homeless_accommodated | children | 10
2022-03 | bed_and_breakfast     | nights   | 30
2022-04 | bed_and_breakfast     | nights   | 40
2022-12 | bed_and_breakfast     | nights   | 2
2022-23 | parenting_assessment  | days     | 70
2023-24 | homeless_seen         | children | 99
2022-23 | conference_held       | cases    | 30
2022-23 | conference_stayed     | children | 25
"""


def frame(draw, text, *, dates=(), booleans=()):
    made = draw.table(text)
    for c in dates:
        made[c] = pd.to_datetime(made[c])
    for c in booleans:
        made[c] = made[c].map({"yes": True, "no": False}).astype("boolean")
    return made


@pytest.fixture(scope="module")
def tables(draw):
    asked = frame(draw, REFERRALS, dates=("date", "needed_by"), booleans=("emergency", "again"))
    asked = asked.rename(
        columns={"asked": "type_asked", "found": "type_placed", "again": "re_referral"}
    )
    leavers = frame(draw, LEAVERS, dates=("from", "to"), booleans=("suitable",))
    number = {name: i for i, name in enumerate("ABCDEFG")}
    leavers["child"] = leavers["child"].map(number).fillna(-1).astype("int32")
    edge = draw.table(EDGE)
    edge["number"] = edge["number"].astype(float)
    return {
        "referrals": asked.assign(child=-1),
        "care_leavers": leavers,
        "edge_of_care": edge.assign(source=None),
    }


@pytest.fixture(scope="module")
def make(draw, tables):
    """Return a function that makes a study with some of the tables, or with others of them."""
    records = draw.records(draw.table(CHILDREN), draw.table(EPISODES), [2022, 2023])

    def made(*names, **others):
        given = {n: tables[n] for n in names} | others
        readers = {n: lambda _, t=t: Table(t, pd.DataFrame()) for n, t in given.items()}
        patterns = {n: [f"inputs/{n}.csv"] for n in given}
        study = draw.study(inputs={"ssda903": ["inputs/*.csv"], **patterns})
        return StudyData(study, {"ssda903": lambda _: records, **readers})

    return made


@pytest.fixture(scope="module")
def data(make, tables):
    return make(*tables)


def numbers(result, across="group", **keys):
    """Return ``across`` -> value of the rows with these keys, rounded to a place."""
    t = result.table
    for column, value in keys.items():
        t = t[t[column] == value]
    assert not t.duplicated(across).any()
    return {k: round(float(v), 1) for k, v in zip(t[across], t["value"], strict=True)}


def test_what_became_of_requests(data):
    result = services.referrals(data)
    assert numbers(result, "measure", period="2021-22") == {
        "referred_n": 4,
        "placed_n": 3,
        "avoided_n": 1,
        "withdrawn_n": 0,
        "open_n": 0,
        "not_said_n": 0,
        "avoided_pct": 25.0,
        "re_said_n": 3,  # one does not say
        "re_referred_n": 1,
        "re_referred_pct": 33.3,
    }
    assert numbers(result, "measure", period="2022-23") == {
        "referred_n": 7,  # that of 1 April 2023 is of the next year
        "placed_n": 3,  # a place was found for one whose outcome is not said
        "avoided_n": 1,
        "withdrawn_n": 1,
        "open_n": 1,
        "not_said_n": 1,
        "avoided_pct": 14.3,
        "re_said_n": 4,
        "re_referred_n": 2,
        "re_referred_pct": 50.0,
    }


def test_the_same_day_is_that_of_the_need_and_else_the_mark(data):
    result = services.same_day(data)
    # 1 April: needed at once. 10 June: marked, but needed in two days. 31 March: marked.
    assert numbers(result, "measure", period="2021-22") == {
        "placed_n": 3,
        "same_day_n": 2,
        "same_day_pct": 66.7,
    }
    assert numbers(result, "measure", period="2022-23") == {
        "placed_n": 3,
        "same_day_n": 1,
        "same_day_pct": 33.3,
    }
    (check,) = result.checks
    assert check.status == "review"
    assert check.detail.endswith(": 2")  # 10 June 2021, 1 April 2022


def test_what_was_asked_for_beside_what_was_found(data):
    result = services.asked_and_placed(data)
    assert set(result.table["period"]) == {"2022-23"}
    assert numbers(result, measure="asked_n") == {
        "all": 3,
        "in_house_foster": 2,
        "ifa": 0,
        "external_home": 1,
    }
    assert numbers(result, measure="as_asked_n") == {
        "all": 1,
        "in_house_foster": 1,
        "ifa": 0,
        "external_home": 0,
    }
    assert numbers(result, measure="found_n") == {
        "all": 3,
        "in_house_foster": 1,
        "ifa": 2,
        "external_home": 0,
    }
    assert numbers(result, measure="as_asked_pct")["in_house_foster"] == 50.0


def test_a_year_that_the_list_reaches_only_late_is_not_shown(make, tables):
    asked = tables["referrals"]
    late = asked[asked["date"] > "2021-07-15"]
    assert set(services.referrals(make(referrals=late)).table["period"]) == {"2022-23"}
    none = services.same_day(make(referrals=asked[asked["date"] > "2023-01-01"]))
    assert set(none.table["marker"]) == {"x"}
    empty = services.referrals(make(referrals=asked[:0]))
    assert set(empty.table["marker"]) == {"x"}


def test_a_list_that_does_not_say_who_was_referred_again_has_no_such_row(make, tables):
    asked = tables["referrals"].assign(re_referral=pd.array([None] * 12, dtype="boolean"))
    result = services.referrals(make(referrals=asked))
    assert not {"re_said_n", "re_referred_n", "re_referred_pct"} & set(result.table["measure"])
    (said,) = result.text
    assert "re-referral" not in said.template


def test_each_stage_stands_in_its_own_unit_and_year(data):
    result = services.edge_of_care(data)
    assert numbers(result, "period", measure="children_n", group="homeless_seen") == {
        "2020-21": 50,  # the row of the year, not the month beside it
        "2022-23": 40,
    }
    assert numbers(result, "period", measure="nights_n") == {"2021-22": 30, "2022-23": 42}
    assert numbers(result, "period", measure="days_n") == {"2022-23": 70}
    assert "2023-24" not in set(result.table["period"])
    parts, months = result.checks
    assert parts.status == "pass"
    assert months.status == "review"
    assert months.detail.endswith(": 2")  # nights of both years


def test_a_share_is_of_the_first_stage_in_the_same_unit(data):
    result = services.edge_of_care(data)
    assert numbers(result, "period", measure="children_pct", group="homeless_home") == {
        "2020-21": 40.0  # 20 of 50
    }
    assert numbers(result, "period", measure="children_pct", group="homeless_accommodated") == {
        "2022-23": 25.0  # 10 of 40
    }
    # 25 children and 30 cases: no share of one in the other.
    assert "conference_stayed" not in set(
        result.table.loc[result.table["measure"].str.endswith("_pct"), "group"]
    )


def test_a_part_above_its_whole_is_looked_at(make, tables):
    edge = tables["edge_of_care"].copy()
    edge.loc[edge["stage"] == "homeless_accommodated", "number"] = 41.0
    assert services.edge_of_care(make(edge_of_care=edge)).checks[0].status == "review"


def test_the_edge_of_care_needs_no_returns(draw, tables):
    study = draw.study(inputs={"edge_of_care": ["inputs/edge.csv"]})
    alone = StudyData(study, {"edge_of_care": lambda _: Table(tables["edge_of_care"], None)})
    assert publish(services.edge_of_care(alone), alone, "20").name == "edge_of_care"
    with pytest.raises(InputMissing, match="edge_of_care"):
        later = tables["edge_of_care"].assign(period="2024-25")
        services.edge_of_care(
            StudyData(study, {"edge_of_care": lambda _: Table(later, pd.DataFrame())})
        )


def test_who_is_entitled_on_the_day(data):
    result = services.entitled(data)
    assert numbers(result, "by", group="all") == {
        "all": 8,  # A B C D E F G H
        "to_17": 3,
        "at_18": 1,
        "from_19": 2,
        "from_22": 1,
        "age_unknown": 1,
    }
    assert numbers(result, by="all") == {
        "all": 8,
        "eligible": 1,
        "relevant": 1,
        "former_relevant": 5,
        "qualifying": 1,
    }
    assert numbers(result, by="from_19") == {
        "all": 2,
        "eligible": 0,
        "relevant": 0,
        "former_relevant": 2,
        "qualifying": 0,
    }


def test_contact_activity_and_homes_of_those_the_department_counts(data):
    touch, activity, home = services.entitled_support(data)
    # B 17, D 18, E 20, F 21; not A (eligible), C (qualifying), G (23), H (age not known).
    assert numbers(touch, by="all", measure="people_n") == {
        "all": 4,
        "yes": 2,
        "no": 1,
        "refused": 1,
    }
    assert numbers(touch, by="from_17", measure="people_n")["all"] == 2
    assert numbers(touch, by="from_19", measure="people_n")["yes"] == 1
    assert numbers(touch, by="relevant", measure="people_n")["yes"] == 1
    assert numbers(touch, by="former_relevant", measure="people_n")["all"] == 3
    assert numbers(activity, by="all", measure="people_n") == {
        "all": 4,
        "eet": 2,  # B F2, E P5
        "neet": 1,
        "not_known": 1,
    }
    # D lives in a suitable kind of home that the list calls unsuitable.
    assert numbers(home, by="all", measure="people_n") == {
        "all": 4,
        "suitable": 1,
        "unsuitable": 2,
        "not_known": 1,
    }
    assert numbers(home, by="all", measure="share_pct")["suitable"] == 25.0
    assert numbers(home, by="relevant", measure="share_pct")["suitable"] == 100.0


def test_a_list_without_contact_says_that_it_has_none(make, tables):
    bare = tables["care_leavers"].assign(in_touch=None)
    touch, activity, _ = services.entitled_support(make(care_leavers=bare))
    assert set(touch.table["marker"]) == {"x"}
    assert "contact" in touch.notes[0]
    assert set(activity.table["marker"]) == {""}


@pytest.mark.parametrize("lacking", ["referrals", "care_leavers", "edge_of_care"])
def test_what_a_study_lacks_is_said_and_the_rest_is_shown(make, tables, lacking, monkeypatch):
    some = make(*(n for n in tables if n != lacking))
    shown = []
    monkeypatch.setattr("needs.report.chapter.show", shown.append)
    chapter = Chapter(CHAPTERS["20"], some)
    chapter.show(*(getattr(services, name) for name in services.__all__))
    absent = [b for b in shown if b.kind == "missing"]
    assert [b.absent_key for b in absent] == [lacking]
    of = {"referrals": 3, "care_leavers": 4, "edge_of_care": 1}
    assert len(shown) - 1 == sum(n for k, n in of.items() if k != lacking)


def test_the_chapter_may_use_what_these_results_rest_on(tables):
    assert set(tables) <= set(CHAPTERS["20"].inputs)


def test_days_and_nights_go_with_a_hidden_count_of_children(make, tables):
    few = pd.DataFrame(
        {
            "period": "2022-23",
            "stage": "bed_and_breakfast",
            "unit": ["children", "nights"],
            "number": [2.0, 35.0],
            "source": None,
        }
    )
    some = make(edge_of_care=few)
    released = publish(services.edge_of_care(some), some, "20")
    assert {r.measure: r.marker for r in released.rows} == {"children_n": "c", "nights_n": "c"}


def test_a_list_with_nobody_on_it_that_day_says_so(make, tables):
    none = make(care_leavers=tables["care_leavers"].assign(to=pd.Timestamp(2022, 1, 1)))
    result = services.entitled(none)
    assert set(result.table["marker"]) == {"x"}
    assert "nobody" in result.notes[0]
    assert publish(result, none, "20").name == "entitled"
    for made in services.entitled_support(none):
        assert set(made.table["marker"]) == {"x"}
        assert publish(made, none, "20").name == made.name
