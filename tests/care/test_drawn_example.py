"""Twenty-two children, every episode in sight, and what chapter 20 must say of them.

child   2020-21        | 2021-22               | 2022-23               |
                 31 Mar 2021             31 Mar 2022             31 Mar 2023
A    ==================|=======================|=======================>  foster, agency
B    ==================|====================o  |                          18 on 1 March
C                      |          =============|==.====.===o           |  born, adopted
D                      | ==o   ================|=======================>  two starts
E                      |   vvo                 |                          short break V3
F        vvvvvvvvvvvvvv|vvvvvvvvvvvvvvvvvvvvvvv|vvvvvvvvvvvvvvvvvvvvvvv>  short breaks V4
G                      |                  =====|=======================>  unaccompanied
H                  ====|=======================|=======================>  unaccompanied till
I    ==================|======================o|                          June 2022; I ends
J                      |                      =|.======================>  on 31 March, J
K                      |                =====.~|~.=====================>  starts; K hospital
L           ===========|=======================|=======================>  18, V2 in a home
M    ==================|=======================|================ - - - >  18, never closed
N                      |                       |        ===============>  age not known
O                      |                       | ==o      ==========o  |  in and out twice
P                     =|=======================|=======================>  with parents
Q       ===o           |            ==o        |                    ===>  twice back
R                      |        ===============|==o      ==============>  back in the year
S                      | vvvvvvvvvvvvvvvvvvvvvv|vvvvvo  ===============>  breaks, then care
T    ==================|=======================|=======o                  18 in August 2022
U           ======.====|============.==========|=======================>  status alone changes
V                      |                       |:===========.==========>  moved on the first
"""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from needs.care import chapter20
from needs.care.breakdown import count_cells
from needs.care.flows import ceased, started
from needs.care.placements import dfe_group
from needs.care.stock import stock_on
from needs.care.windows import shown
from needs.vocabulary.errors import InputMissing, ModelError, StudyError
from needs.vocabulary.records import StudyData
from needs.vocabulary.study import Disclosure, Scope

pytestmark = pytest.mark.unit

CHILDREN = """
child | sex     | dob        | uasc
A     | female  | 2012-06-15 | -
B     | male    | 2004-02-29 | -
C     | male    | 2021-09-01 | -
D     | female  | 2008-11-30 | -
E     | male    | 2007-03-31 | -
F     | female  | 2010-01-01 | -
G     | male    | 2005-08-20 | yes
H     | male    | 2006-04-10 | 2022-06-01
I     | female  | 2015-03-31 | -
J     | male    | 2012-03-31 | -
K     | female  | 2006-01-20 | -
L     | male    | 2004-10-05 | -
M     | female  | 2004-12-01 | -
N     | unknown | -          | -
O     | male    | 2007-07-07 | -
P     | female  | 2019-04-02 | -
Q     | female  | 2009-05-05 | -
R     | male    | 2013-02-10 | -
S     | female  | 2012-10-10 | -
T     | male    | 2004-08-10 | -
U     | female  | 2014-06-06 | -
V     | male    | 2011-12-25 | -
"""

EPISODES = """
child | decom      | dec        | rne | ls | cin | place | provider | rec
A     | 2019-05-01 | -          | S   | C2 | N1  | U4    | PR4      | -
B     | 2020-01-10 | 2022-03-01 | S   | V2 | N1  | U6    | PR1      | E17
C     | 2021-09-03 | 2022-05-01 | S   | C1 | N1  | U5    | PR1      | X1
C     | 2022-05-01 | 2022-07-01 | L   | E1 | N1  | U5    | PR1      | X1
C     | 2022-07-01 | 2022-11-20 | P   | E1 | N1  | A6    | PR1      | E12
D     | 2021-05-01 | 2021-06-15 | S   | V2 | N5  | U6    | PR4      | E4A
D     | 2021-10-01 | -          | S   | V2 | N5  | K2    | PR4      | -
E     | 2021-07-01 | 2021-07-10 | S   | V3 | N2  | U6    | PR1      | E8
F     | 2020-09-01 | -          | S   | V4 | N2  | K2    | PR1      | -
G     | 2022-01-15 | -          | S   | V2 | N8  | H5    | PR4      | -
H     | 2021-02-01 | -          | S   | V2 | N8  | U6    | PR2      | -
I     | 2020-06-01 | 2022-03-31 | S   | C2 | N3  | U1    | PR1      | E45
J     | 2022-03-31 | 2022-04-02 | S   | L1 | N1  | U6    | PR1      | X1
J     | 2022-04-02 | -          | L   | C1 | N1  | U6    | PR1      | -
K     | 2021-12-01 | 2022-03-20 | S   | V2 | N4  | K2    | PR1      | X1
K     | 2022-03-20 | 2022-04-02 | T   | V2 | N4  | T1    | -        | X1
K     | 2022-04-02 | -          | T   | V2 | N4  | K2    | PR1      | -
L     | 2020-11-01 | -          | S   | V2 | N2  | K2    | PR4      | -
M     | 2018-02-01 | -          | S   | C2 | N1  | U4    | PR4      | -
N     | 2022-08-01 | -          | S   | V2 | N8  | Z1    | -        | -
O     | 2022-05-05 | 2022-06-20 | S   | J1 | N6  | R5    | PR3      | E14
O     | 2022-09-09 | 2023-01-31 | S   | V2 | N6  | S1    | PR4      | E4B
P     | 2021-03-31 | -          | S   | C2 | N1  | P1    | PR0      | -
Q     | 2020-06-01 | 2020-12-01 | S   | V2 | N1  | U6    | PR1      | E4A
Q     | 2021-11-01 | 2022-01-10 | S   | V2 | N1  | U6    | PR1      | E4A
Q     | 2023-02-01 | -          | S   | C2 | N1  | U4    | PR4      | -
R     | 2021-08-15 | 2022-05-10 | S   | V2 | N1  | U4    | PR4      | E4B
R     | 2022-09-01 | -          | S   | C1 | N1  | U6    | PR1      | -
S     | 2021-05-01 | 2022-06-30 | S   | V4 | N2  | K2    | PR1      | E8
S     | 2022-08-15 | -          | S   | V2 | N2  | U6    | PR1      | -
T     | 2020-02-15 | 2022-08-10 | S   | C2 | N1  | U4    | PR4      | E5
U     | 2020-08-01 | 2021-02-01 | S   | V2 | N1  | U6    | PR1      | X1
U     | 2021-02-01 | 2021-10-15 | L   | C1 | N1  | U6    | PR1      | X1
U     | 2021-10-15 | -          | L   | C2 | N1  | U6    | PR1      | -
V     | 2022-04-01 | 2022-04-01 | S   | V2 | N1  | U6    | PR2      | X1
V     | 2022-04-01 | 2022-10-05 | P   | V2 | N1  | U6    | PR1      | X1
V     | 2022-10-05 | -          | B   | C2 | N1  | K2    | PR4      | -
"""
"""A placement without a night, V's first, is none; but care began with it."""

NAMES = "ABCDEFGHIJKLMNOPQRSTUV"


@pytest.fixture(scope="module")
def records(draw):
    return draw.records(draw.table(CHILDREN), draw.table(EPISODES), [2022, 2023])


@pytest.fixture(scope="module")
def data(draw, records):
    return draw.data(records, draw.study())


def names(records, day, **scope):
    frame = stock_on(records, [dt.date.fromisoformat(day)], Scope(**scope))
    return "".join(NAMES[c] for c in frame["child"])


def cells(result, measure="children_n", period="2023-03-31"):
    """Return the numbers of one measure and period: group -> value."""
    t = result.table
    t = t[(t["measure"] == measure) & (t["period"] == period)]
    return {g: round(float(v), 1) for g, v in zip(t["group"], t["value"], strict=True)}


def by_measure(result, period):
    t = result.table[result.table["period"] == period]
    return {m: int(v) for m, v in zip(t["measure"], t["value"], strict=True)}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2020-11-30", "ABILMQTU"),
        ("2021-03-31", "ABHILMPTU"),  # Q was in care for the first time in the autumn before
        ("2022-01-09", "ABCDHIKLMPQRTU"),
        ("2022-01-10", "ABCDHIKLMPRTU"),  # Q left for the second time
        ("2022-02-28", "ABCDGHIKLMPRTU"),  # B, born on 29 February, is still 17
        ("2022-03-01", "ACDGHIKLMPRTU"),
        ("2022-03-31", "ACDGHJKLMPRTU"),  # I left on the day, J came on the day
        ("2022-04-01", "ACDGHJKLMPRTUV"),  # V has two episodes that start on the day
        ("2022-05-10", "ACDGHJKLMOPTUV"),  # R left on the day, O came some days before
        ("2022-08-09", "ACDGHJKLMNPTUV"),
        ("2022-08-10", "ACDGHJKLMNPUV"),  # T reaches 18 and the record is closed
        ("2022-08-15", "ACDGHJKLMNPSUV"),  # S comes into care, after short breaks
        ("2022-11-30", "ADGHJKLMNOPRSUV"),
        ("2022-12-01", "ADGHJKLNOPRSUV"),  # M reaches 18; L did in October, and stays
        ("2023-03-31", "ADGHJKLNPQRSUV"),
    ],
)
def test_who_is_looked_after_on_a_day(records, day, expected):
    assert names(records, day) == expected


@pytest.mark.parametrize(
    ("scope", "day", "expected"),
    [
        ({"unaccompanied": False}, "2022-03-31", "ACDJKLMPRTU"),
        ({"unaccompanied": False}, "2022-06-01", "ACDHJKLMOPTUV"),
        ({"over_18": True}, "2023-03-31", "ADGHJKLMNPQRSUV"),
        ({"short_breaks": True}, "2021-07-05", "ABEFHILMPSTU"),
    ],
)
def test_the_scope_says_who_counts(records, scope, day, expected):
    assert names(records, day, **scope) == expected


def test_headline_stock(data):
    result = chapter20.stock(data)
    assert cells(result, "children_n", "2022-03-31") == {"all": 13}
    assert cells(result, "children_n", "2023-03-31") == {"all": 14}
    assert result.text[0].words["way"] == "up from"
    assert [c.status for c in result.checks] == ["review"]  # N's age is not known


def test_flows_and_what_once_a_year_counting_leaves(data):
    result = chapter20.flows(data)
    assert by_measure(result, "2021-22") == {
        "stock_start_n": 9,
        "started_n": 7,  # C D G J K Q R: D's second start is not counted
        "ceased_n": 4,  # B D I Q
        "net_change_n": 3,
        "residual_n": 1,  # D
        "stock_end_n": 13,
        "short_breaks_n": 3,  # E F S
    }
    assert by_measure(result, "2022-23") == {
        "stock_start_n": 13,
        "started_n": 6,  # N, O once, Q R S V
        "ceased_n": 4,  # C, O once, R T
        "net_change_n": 2,
        "residual_n": -1,  # M reached 18 and nobody closed the record
        "stock_end_n": 14,
        "short_breaks_n": 2,  # F, and S until June
    }


def test_what_once_a_year_counting_leaves_is_told_on_the_page(draw, records):
    from needs.care import results_flows
    from needs.report.chapter import publish

    # By itself and with nothing hidden: so few children would all be.
    open_study = draw.study().model_copy(update={"disclosure": Disclosure(threshold=0)})
    everything = draw.data(records, open_study)
    shown_flows = publish(results_flows.flows(everything), everything, "20")
    rows = {row[0]: row[1:] for row in shown_flows.table.rows}
    assert rows["Balancing row of the once-a-year count (number)"] == ("1", "-1")
    said = ["".join(part.text for part in s) for s in shown_flows.sentences]
    assert any("The balance of -1 against the net change" in s for s in said)
    assert any("second starts" in n for n in shown_flows.notes)


def test_periods_of_care_add_up(data):
    result = chapter20.periods(data)
    opening, begun, ended, closing = "open_start_n", "begun_n", "ended_n", "open_end_n"
    # Begun: C D D G J K Q R, then N O O Q R S V. Ended: B D I Q, then C M O O R T.
    assert by_measure(result, "2021-22") == {opening: 9, begun: 8, ended: 4, closing: 13}
    assert by_measure(result, "2022-23") == {opening: 13, begun: 7, ended: 6, closing: 14}
    assert [c.status for c in result.checks] == ["pass"]


def test_first_start_and_last_end_of_a_year_count(data, records):
    windows = shown(records, data.study).windows
    came = started(records, windows, Scope()).set_index("child")
    left = ceased(records, windows, Scope())
    assert came.loc[NAMES.index("O"), "day"] == pd.Timestamp("2022-05-05")
    assert came.loc[NAMES.index("D"), "age"] == 12
    o = left[left["child"] == NAMES.index("O")]
    assert o["rec"].tolist() == ["E4B"] and o["age"].tolist() == [15]
    assert left.loc[left["child"] == NAMES.index("B"), "age"].tolist() == [18]
    assert left.loc[left["child"] == NAMES.index("T"), "age"].tolist() == [18]
    back = came[came.index == NAMES.index("R")]
    assert back["day"].tolist() == [pd.Timestamp("2021-08-15"), pd.Timestamp("2022-09-01")]
    assert back["age"].tolist() == [8, 9]
    assert came.loc[NAMES.index("V"), "day"] == pd.Timestamp("2022-04-01")


def test_who_came_back_and_after_how_long(data):
    result = chapter20.re_entries(data)
    assert cells(result, period="2021-22") == {
        "all": 7,
        "within_a_year": 1,  # Q: out from 1 December 2020, for 335 days
        "later": 0,
        "first": 6,  # C D G J K R; that D came a second time in the year is not counted
    }
    assert cells(result, period="2022-23") == {
        "all": 6,
        "within_a_year": 1,  # R: out from 10 May, for 114 days
        "later": 1,  # Q again: out from 10 January 2022, for 387 days
        "first": 4,  # N, O at the first of two starts, S who had short breaks before, V
    }
    assert cells(result, "share_pct", "2021-22")["within_a_year"] == 14.3
    assert cells(result, "share_pct", "2022-23")["later"] == 16.7


def test_reasons_for_ceasing(data):
    result = chapter20.permanence(data)
    assert cells(result, period="2021-22") == {
        "all": 4,
        "all_permanence": 1,
        "special_guardianship": 1,  # I
        "adopted": 0,
        "home": 2,  # D Q
        "aged_out": 1,  # B
    }
    assert cells(result, period="2022-23") == {
        "all": 4,
        "all_permanence": 1,
        "special_guardianship": 0,
        "adopted": 1,  # C
        "home": 2,  # O at the last of two ends, R
        "aged_out": 1,  # T
    }
    assert cells(result, "share_pct", "2021-22")["special_guardianship"] == 25.0


def test_age_at_start(data):
    got = cells(chapter20.started_ages(data), period="2021-22")
    assert got == {
        "all": 7,
        "age_under_1": 1,  # C
        "age_5_to_9": 1,  # R
        "age_10_to_15": 4,  # D J K Q
        "age_16_plus": 1,  # G
        "age_unknown": 0,
    }


def own(counts):
    return {k: v for k, v in counts.items() if not k.startswith("dfe_")}


def test_own_placement_types_shares_of_all_and_of_group(data):
    result = chapter20.placement_mix(data)
    assert own(cells(result, period="2022-03-31")) == {
        "all": 13,
        "all_fostering": 8,
        "in_house_foster": 3,  # C J U
        "all_fostering_external": 5,
        "other_la_foster": 1,  # H, provider PR2
        "ifa": 4,  # A M R T
        "all_residential": 3,
        "all_homes": 3,
        "in_house_home": 1,  # K, in hospital on the day
        "external_home": 2,  # D L
        "unregistered": 0,
        "supported": 1,
        "parents": 1,
    }
    assert cells(result)["unregistered"] == 1  # N
    assert cells(result)["all_residential"] == 5  # D K L N V
    assert cells(result, "share_pct")["all_residential"] == 35.7  # of 14
    assert cells(result, "share_pct")["external_home"] == 21.4  # D L V
    assert cells(result, "share_of_homes_pct")["external_home"] == 75.0  # and K
    assert cells(result, "share_of_residential_pct") == {"all_homes": 80.0, "unregistered": 20.0}
    assert cells(result, "share_of_fostering_pct", "2022-03-31")["all_fostering_external"] == 62.5


def test_dfe_placement_groups_in_both_classifications(data, records):
    counts = cells(chapter20.placement_mix(data))
    assert {k: v for k, v in counts.items() if k not in own(counts)} == {
        "dfe_foster": 7,  # A H J Q R S U
        "dfe_parents": 1,
        "dfe_secure_ch": 4,  # D K L V
        "dfe_independent": 1,
        "dfe_other": 1,
    }
    stock = stock_on(records, [dt.date(2023, 3, 31)], Scope())
    legacy = pd.Series(dfe_group(stock["place"], "legacy")).value_counts()
    assert legacy[legacy > 0].to_dict() == {
        "secure_ch_semi": 5,  # D K L V in homes, G semi-independent
        "foster": 7,
        "parents": 1,
        "other": 1,
    }


def test_age_bands(data):
    result = chapter20.ages(data)
    assert cells(result, period="2022-03-31") == {
        "all": 13,
        "age_under_1": 1,  # C
        "age_1_to_4": 1,  # P
        "age_5_to_9": 3,  # A R U
        "age_10_to_15": 3,  # D H, and J on the tenth birthday
        "age_16_plus": 5,  # G K L M T
        "age_unknown": 0,
    }
    # P; U; A D J Q R S V; G H K L; N
    assert list(cells(result).values()) == [14, 0, 1, 1, 7, 4, 1]


def test_sex(data):
    # A D K P Q S U; G H J L R V; N
    assert cells(chapter20.sexes(data)) == {"all": 14, "female": 7, "male": 6, "unknown": 1}


def test_legal_status(data):
    result = chapter20.legal_status(data)
    assert cells(result, period="2022-03-31") == {
        "all": 13,
        "interim_care_order": 1,  # C
        "full_care_order": 5,  # A M P T, and U since October
        "agreement": 6,  # D G H K L R
        "detained": 1,  # J
    }


def test_category_of_need(data):
    got = cells(chapter20.needs(data), period="2022-03-31")
    # A C J M P R T U; L; K; D; G H
    assert got == {"all": 13, "N1": 8, "N2": 1, "N4": 1, "N5": 1, "N8": 2}


def test_unaccompanied_children_stand_beside_the_others(draw, records, data):
    stock, came, left = chapter20.unaccompanied(data)
    assert cells(stock, period="2022-03-31") == {"all": 13, "uasc": 2, "not_uasc": 11}
    assert cells(stock) == {"all": 14, "uasc": 1, "not_uasc": 13}  # H's status has ended
    assert cells(came, period="2021-22") == {"all": 7, "uasc": 1, "not_uasc": 6}
    assert cells(left, period="2021-22") == {"all": 4, "not_uasc": 4}
    without = draw.data(records, draw.study(scope={"unaccompanied": False}))
    assert cells(chapter20.unaccompanied(without)[0]) == {"uasc": 1, "not_uasc": 13}
    assert cells(chapter20.stock(without)) == {"all": 13}


def test_a_headline_without_unaccompanied_children_does_not_give_their_number_away(draw, records):
    from needs.report.chapter import publish

    without = draw.data(records, draw.study(scope={"unaccompanied": False}))
    # So few children are in the picture that the usual threshold would hide nearly all.
    low = without.study.model_copy(update={"disclosure": Disclosure(threshold=2)})
    without = draw.data(records, low)
    headline = {r.period: r for r in publish(chapter20.stock(without), without, "20").rows}
    split = publish(chapter20.unaccompanied(without)[0], without, "20").rows
    (few,) = [r for r in split if r.group == "uasc" and r.period == "2023-03-31"]
    assert few.printed == "c" and headline["2023-03-31"].printed == "13"
    # The headline is the number of all others: with a total beside it, one subtraction is left.
    assert not [r for r in split if r.group == "all"]
    assert {r.unit for r in split} == {"children"}


def test_an_in_year_view_stops_at_its_day_and_says_so(draw, records):
    period = {"reporting_year": "2022-23", "as_at": dt.date(2022, 12, 31)}
    data = draw.data(records, draw.study(period=period))
    stock, flows = chapter20.stock(data), chapter20.flows(data)
    assert cells(stock, period="2022-12-31") == {"all": 14}  # A D G H J K L N O P R S U V
    assert "2023-03-31" not in set(stock.table["period"])
    part = by_measure(flows, "2022-23_part")
    # N O R S V have started, C O R T ceased.
    assert (part["started_n"], part["ceased_n"], part["stock_end_n"]) == (5, 4, 14)
    assert "31 Dec 2022" in flows.labels["2022-23_part"]
    assert any("part of the year" in n for n in stock.notes)
    reasons = chapter20.permanence(data)
    assert cells(reasons, period="2022-23_part")["other"] == 1  # O's only end so far


def test_an_extract_is_the_last_column_though_its_year_is_not_over(draw):
    records = draw.records(draw.table(CHILDREN), draw.table(EPISODES), [2022, 2023], "2022-12-31")
    period = {"reporting_year": "2022-23", "as_at": dt.date(2022, 12, 31)}
    shows = shown(records, draw.study(period=period))
    assert shows.dates == (dt.date(2022, 3, 31), dt.date(2022, 12, 31))
    assert [w.key for w in shows.windows] == ["2021-22", "2022-23_part"]
    with pytest.raises(ModelError, match="no return covers"):
        shown(records, draw.study())


def test_years_without_a_return_are_left_out_and_named(draw):
    records = draw.records(draw.table(CHILDREN), draw.table(EPISODES), [2020, 2022, 2023])
    shows = shown(records, draw.study())
    assert [w.key for w in shows.windows] == ["2019-20", "2021-22", "2022-23"]
    assert any("2020-21" in n for n in shows.notes)
    limited = {"reporting_year": "2022-23", "as_at": dt.date(2023, 3, 31), "first_year": "2022-23"}
    assert shown(records, draw.study(period=limited)).dates == (dt.date(2023, 3, 31),)


def test_no_count_after_the_last_day_of_the_records(records):
    with pytest.raises(ModelError, match="after the last day"):
        stock_on(records, [dt.date(2023, 4, 1)], Scope())


def test_unmapped_codes_are_refused_by_code_and_count(draw, records):
    categories = {
        "types": [{"key": "foster", "label": "Foster care", "group": "fostering"}],
        "rules": [{"type": "foster", "place": ["U1", "U4", "U5", "U6"]}],
    }
    data = draw.data(records, draw.study(categories=categories))
    with pytest.raises(StudyError) as caught:
        chapter20.placement_mix(data)
    faults = [f.rule for f in caught.value.faults]
    assert len(faults) == 5
    # Homes of other providers: D and L on both days, V on the last.
    assert "no rule takes place K2 with provider PR4 (5 counts of a child on a date)" in faults
    assert "no rule takes place Z1 with provider blank (1 count of a child on a date)" in faults


def test_a_study_without_returns_says_which_input_is_missing(draw):
    data = StudyData(draw.study(inputs={}), {})
    with pytest.raises(InputMissing) as caught:
        chapter20.stock(data)
    assert caught.value.input_name == "ssda903"


EVERY = [getattr(chapter20, name) for name in chapter20.__all__]


OTHER_INPUTS = (chapter20.rates, chapter20.adoption_times, chapter20.printed_agreement)
"""Results that need more than these records; they have tests of their own."""


def every_result(data):
    made = [f(data) for f in EVERY if f not in OTHER_INPUTS]
    return [r for m in made for r in (m if isinstance(m, tuple) else (m,))]


def test_every_result_can_be_released_and_has_a_name_of_its_own(data):
    from needs.report.chapter import publish

    results = every_result(data)
    assert len({r.name for r in results}) == len(results) == 34
    # These records are drawn, not read: what earlier returns had cannot be rebuilt.
    without_table = {
        "cla_missing", "cla_leavers_in_touch", "cla_restated", "cla_restated_reasons",
        "cla_health", "cla_reviews",
    }  # fmt: skip
    for result in results:
        released = publish(result, data, "20")
        assert released.table is not None and released.table.rows
        absent = any(c == "x" for row in released.table.rows for c in row)
        assert absent == (result.name in without_table), result.name


def test_parts_add_up_to_their_totals_in_every_result(data):
    checked = 0
    for result in every_result(data):
        counts = result.table[result.table["value"].notna()]
        for relation in result.additive:
            rest = [k for k in ("period", "measure", "group", "by") if k != relation.dimension]
            unit = {m.key: m.unit for m in result.measures}
            rows = counts[counts["measure"].map(unit).isin(["children", "count", "episodes"])]
            signs = dict(zip(relation.parts, relation.signs or [1] * 99, strict=False))
            parts = rows[rows[relation.dimension].isin(relation.parts)]
            signed = parts["value"] * parts[relation.dimension].map(signs)
            got = signed.groupby([parts[k] for k in rest]).sum()
            whole = rows[rows[relation.dimension] == relation.total].set_index(rest)["value"]
            pd.testing.assert_series_equal(
                got.sort_index(), whole.sort_index(), check_names=False, check_dtype=False
            )
            checked += 1
    assert checked >= 34


def test_own_types_and_dfe_groups_are_tied_so_that_neither_gives_the_other_away(data):
    ties = [
        {r.total: 1, **{p: -s for p, s in zip(r.parts, r.signs, strict=True)}}
        for r in chapter20.placement_mix(data).additive
        if r.signs
    ]
    assert {"supported": 1, "dfe_independent": -1} in ties
    assert {"external_home": 1, "in_house_home": 1, "dfe_secure_ch": -1} in ties
    assert {"ifa": 1, "in_house_foster": 1, "other_la_foster": 1, "dfe_foster": -1} in ties


def test_no_number_reaches_words_that_disclosure_control_does_not_see(data):
    for result in every_result(data):
        for check in result.checks:
            assert not any(
                c.isdigit() for c in check.name.replace("18", "") + check.detail.replace("18", "")
            )


def test_many_groups_in_many_periods_are_counted_each_in_its_cell():
    keys, periods = [f"g{i}" for i in range(40)], [f"p{i}" for i in range(12)]
    pairs = [(g, p) for g in keys for p in periods]
    group = pd.Categorical([g for g, _ in pairs] + [None], categories=keys)
    period = pd.Categorical([p for _, p in pairs] + ["p11"], categories=periods)
    counts, found = count_cells(period, group)
    assert found == [*keys, "not_recorded"]
    assert (counts[:-1] == 1).all()
    assert counts[-1].tolist() == [0] * 11 + [1]


def test_few_ends_are_hidden_in_every_table_that_would_show_them(data):
    from needs.report.chapter import publish

    for name, measure in (("flows", "ceased_n"), ("periods", "ended_n")):
        rows = publish(getattr(chapter20, name)(data), data, "20").rows
        (row,) = [r for r in rows if r.measure == measure and r.period == "2021-22"]
        assert row.printed == "c"
