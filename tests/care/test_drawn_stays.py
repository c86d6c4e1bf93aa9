"""The twenty-two children of ``test_drawn_example.py`` again: stays, moves, distances, days.

Every expected number is worked out by hand from the picture and the table there; the sums are
written out. Where each child lives, in miles from home and on which side of the boundary:

    inside    A 12   J 3   K 25   Q 5   R 8   S 20.5   T 10   U 2
    outside   D 45   G 20 (not over 20)   H 33.5   P 20.1   V 60   L ?
    unknown   N ?
"""

from __future__ import annotations

import dataclasses
import importlib.util
from pathlib import Path

import pandas as pd
import pytest

from needs.care import chapter20

pytestmark = pytest.mark.unit

_spec = importlib.util.spec_from_file_location(
    "drawn_example", Path(__file__).with_name("test_drawn_example.py")
)
drawn = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(drawn)
cells, NAMES = drawn.cells, drawn.NAMES

MILES = {"A": 12, "J": 3, "K": 25, "D": 45, "G": 20, "H": 33.5, "P": 20.1}
MILES |= {"Q": 5, "R": 8, "S": 20.5, "T": 10, "U": 2, "V": 60}
SIDE = dict.fromkeys("AJKQRSTU", "IN") | dict.fromkeys("DGHPVL", "OUT")

MISSING = """
child | missing | mis_start
K     | M       | 2022-04-10
K     | M       | 2022-05-01
J     | A       | 2022-06-01
O     | M       | 2022-05-20
E     | M       | 2022-07-01
B     | M       | 2021-03-31
B     | A       | 2021-04-01
"""

LEAVERS = """
child | in_touch | activ | accom | return_year
B     | YES      | F1    | D1    | 2023
M     | NO       | G5    | S2    | 2023
I     | RHOM     | 0     | 0     | 2022
"""


@pytest.fixture(scope="module")
def data(draw):
    episodes = draw.table(drawn.EPISODES)
    episodes["pl_distance"] = episodes["child"].map(MILES)
    episodes["pl_location"] = episodes["child"].map(SIDE)
    records = draw.records(draw.table(drawn.CHILDREN), episodes, [2022, 2023])
    tables = {"missing": draw.table(MISSING), "oc3": draw.table(LEAVERS)}
    for table in tables.values():
        table["child"] = table["child"].map({n: i for i, n in enumerate(NAMES)})
    tables["missing"]["mis_start"] = pd.to_datetime(tables["missing"]["mis_start"])
    tables["oc3"]["return_year"] = tables["oc3"]["return_year"].astype(int)
    return draw.data(dataclasses.replace(records, tables=tables), draw.study())


def column(result, period):
    """Return measure -> value of a table without groups."""
    t = result.table[(result.table["period"] == period) & (result.table["group"] == "all")]
    return {m: round(float(v), 1) for m, v in zip(t["measure"], t["value"], strict=True)}


def test_mean_length_of_stay_by_each_definition(data):
    result = chapter20.stay_means(data)
    assert column(result, "2021-22") == {
        "ceased_n": 4,
        "published_mean_days": 391.0,
        "closed_mean_days": 391.0,  # B 781, D 45, I 668, Q 70
        "placements_ended_n": 4,
        "placement_mean_days": 391.0,
        "open_n": 13,
        # A 1065, C 209, D 181, G 75, H 423, J 0, K 120, L 515, M 1519, P 365, R 228, T 775,
        # U 607: 6082 over thirteen
        "so_far_mean_days": 467.8,
    }
    year = column(result, "2022-23")
    # C 443, M 1764 to 18, O 46 and 144, R 268, T 907: 3572 over six
    assert year["closed_mean_days"] == 595.3
    # C's foster home and adoptive home both, and V's foster home: 187
    assert year["placements_ended_n"] == 8
    # C 301 and 142, M 1764, O 46 and 144, R 268, T 907, V 187: 3759 over eight
    assert year["placement_mean_days"] == 469.9
    # A 1430, D 546, G 440, H 788, J 365, K 485, L 880, N 242, P 730, Q 58, R 211, S 228,
    # U 972, V 364: 7739 over fourteen
    assert year["so_far_mean_days"] == 552.8


def test_length_of_stay_with_open_and_late_seen_periods(data):
    result = chapter20.stay_estimates(data)
    got = column(result, "2023-03-31")
    # Exact for disclosure control, and printed to the nearest ten.
    assert (got["periods_n"], got["ended_n"], got["still_open_n"]) == (24, 10, 14)
    assert got["closed_mean_days"] == 513.6  # 5136 days over ten
    # At risk: 16 at 45 days (D), 15 at 46 (O), 14 at 70 (Q), 13 at 144 (O), 11 at 268 (R),
    # 9 at 443 (C), 7 at 668 (I), 6 at 781 (B), 3 at 907 (T), 1 at 1764 (M).
    # A is seen from day 701, B 447, H 59, I 304, L 151, M 1155, P 1, T 411, U 243: not before.
    # Q's first time in care was over before the returns begin: nothing is known of it.
    s = [1.0]
    for n in (16, 15, 14, 13, 11, 9, 7, 6, 3, 1):
        s.append(s[-1] * (1 - 1 / n))
    steps = (45, 1, 24, 74, 124, 175, 225, 113, 126, 857, 62)
    assert sum(steps) == 1826
    assert got["median_days"] == 781  # 0.52 of them stay beyond 668 days, 0.43 beyond 781
    assert got["restricted_mean_days"] == round(
        sum(a * b for a, b in zip(s, steps, strict=True)), 1
    )
    ages = cells(result, "periods_n", "2023-03-31")
    assert {k: ages[k] for k in ("age_under_1", "age_1_to_4", "age_5_to_9")} == {
        "age_under_1": 1,  # C
        "age_1_to_4": 1,  # P
        "age_5_to_9": 6,  # A six, I five, R eight and nine, S nine, U six
    }
    # A B C D H I J M Q Q R R S T U V; D's second begins in a home
    assert ages["first_foster"] == 16
    assert ages["recent_adoption"] == 1 and "first_adoption" not in ages


def test_placements_in_the_year(data):
    result = chapter20.placements_a_year(data)
    assert cells(result, period="2022-03-31") == {"all": 13, "one": 12, "two": 1}  # D
    # R in two periods of care, V from the foster home to a home. K was in hospital: no move;
    # U's order changed and the home did not; V's first placement had no night.
    assert cells(result) == {"all": 14, "one": 12, "two": 2}


def test_long_term_stability(data):
    result = chapter20.long_term_stability(data)
    assert cells(result, period="2022-03-31") == {"all": 1, "stable": 1}  # A; M is 17
    # A; U, in one home through three legal statuses; P for two years only
    assert cells(result) == {"all": 2, "stable": 2}


def test_moves(data):
    result = chapter20.move_rates(data)
    assert column(result, "2021-22")["moves_n"] == 0
    got = column(result, "2022-23")
    assert (got["moves_n"], got["movers_n"]) == (2, 2)  # C, to the adopters; V, with an order
    assert got["care_years"] == 14.3  # 5230 days
    assert cells(chapter20.move_reasons(data), "moves_n", "2022-23") == {
        "all": 2,
        "not_recorded": 2,
    }


def test_days_and_full_time_equivalents(data):
    result = chapter20.full_time_equivalents(data)
    # A H L M P T U all year; B 334, C 210, D 45 + 182, G 76, I 364, J 1, K 121; Q 70, R 229
    assert cells(result, "days_n", "2021-22")["all"] == 7 * 365 + 1333 + 70 + 229
    year = cells(result, "days_n", "2022-23")
    # C M N O, then Q, R 39 + 212, S T, beside ten all year
    assert year["all"] == 10 * 365 + 233 + 244 + 243 + 190 + 59 + 251 + 229 + 131
    assert year["adoption"] == 142  # C
    # C J R S U V
    assert year["in_house_foster"] == 91 + 365 + 212 + 229 + 365 + 187
    assert year["in_house_home"] == 365  # K, with the days in hospital
    assert year["unregistered"] == 243  # N
    assert cells(result, "fte", "2022-23")["all"] == 14.3
    # 18 children, C O R V in two
    assert cells(result, "in_type_n", "2022-23")["all"] == 22
    share = cells(result, "share_pct", "2022-23")["in_house_foster"]
    own = cells(result, "share_of_fostering_pct", "2022-23")["in_house_foster"]
    assert share == 27.7  # 1449 of 5230
    # In foster care: A 365, C 91, H 365, J 365, M 244, Q 59, R 251, S 229, T 131, U 365, V 187
    assert own == 54.6  # 1449 of 2652


def test_who_left_over_who_was_there(data):
    result = chapter20.leavers(data)
    assert column(result, "2021-22") == {
        "stock_start_n": 9,
        "ceased_n": 4,  # B D I Q
        "start_left_n": 2,  # B I
        "came_and_left_n": 2,  # D Q
        "stayed_n": 7,
        "ceased_pct": 44.4,
        "start_left_pct": 22.2,
    }
    assert column(result, "2022-23")["ceased_pct"] == 30.8  # C O R T, over 13
    assert column(result, "2022-23")["start_left_pct"] == 23.1  # C R T: R left, and is back


def test_left_for_permanence(data):
    result = chapter20.permanence(data)
    assert cells(result, period="2021-22") == {
        "all": 4,
        "all_permanence": 1,
        "adopted": 0,
        "special_guardianship": 1,  # I
        "home": 2,  # D Q
        "aged_out": 1,  # B
    }
    assert cells(result, period="2022-23")["adopted"] == 1  # C
    assert cells(result, "share_pct", "2022-23")["all_permanence"] == 25.0  # of C O R T


def test_distance_and_the_base_of_each_share(data):
    result = chapter20.distance(data)
    assert cells(result) == {
        "all": 14,
        "inside": 7,
        "outside": 7,
        "inside_near": 5,  # A J Q R U
        "inside_far": 2,  # K S
        "outside_near": 1,  # G, twenty miles exactly
        "outside_far": 4,  # D H P V
        "outside_miles_unknown": 2,  # L, and N of whom nothing is known
    }
    assert cells(result, "share_pct")["outside_far"] == 28.6  # of 14
    assert cells(result, "share_known_pct")["outside_far"] == 33.3  # of twelve


def test_distance_by_placement_and_provider(data):
    t = chapter20.distance_by_placement(data).table
    n = t[t["measure"] == "children_n"].set_index(["group", "by"])["value"]
    far = {g: (n[g, "all"], n[g, "far"]) for g in n.index.get_level_values("group").unique()}
    assert far == {
        "all": (14, 4),
        "fostering": (7, 1),  # A J Q R S U inside or near; H
        "residential": (5, 2),  # K L N; D V
        "other_placement": (2, 1),  # G; P
        "own": (5, 0),  # J K R S U
        "public": (1, 1),  # H
        "private": (6, 2),  # A G L Q; D V
        "no_provider": (2, 1),  # N; P
    }


def test_short_breaks_stand_apart(data):
    result = chapter20.short_breaks(data)
    # S; E F, by the age at the year's end: S is ten by the next
    assert cells(result, period="2021-22") == {"all": 3, "age_5_to_9": 1, "age_10_to_15": 2}
    assert cells(result, period="2022-23") == {"all": 2, "age_5_to_9": 0, "age_10_to_15": 2}


def test_missing_episodes(data):
    result = chapter20.missing(data)
    assert column(result, "2021-22") == {
        "looked_after_n": 16,  # all but E F N O S V
        "missing_children_n": 0,  # B's was a day too early
        "missing_n": 0,
        "missing_pct": 0.0,
        "away_children_n": 1,
        "away_n": 1,
        "away_pct": 6.2,  # J, of sixteen
    }
    year = column(result, "2022-23")
    assert (year["missing_children_n"], year["missing_n"]) == (2, 3)  # K twice, O; E is not in care
    assert year["missing_pct"] == 11.1  # of 18: all but B E F I


def test_care_leavers(data):
    touch, activity, higher, home = chapter20.care_leavers(data)
    assert cells(touch, "people_n", "2022-23") == {"all": 2, "yes": 1, "no": 1, "home": 0}
    assert cells(touch, "people_n", "2021-22") == {"all": 1, "yes": 0, "no": 0, "home": 1}
    assert cells(activity, "share_pct", "2022-23")["eet"] == 50.0
    year = cells(higher, "people_n", "2022-23")
    assert year == {"all": 2, "higher": 1, "neet": 1, "not_known": 0}  # B; M
    assert cells(higher, "people_n", "2021-22")["not_known"] == 1
    assert cells(home, "people_n", "2022-23")["unsuitable"] == 1


def test_ethnicity_and_the_word_on_disability(data):
    assert cells(chapter20.ethnicity(data)) == {"all": 14, "white": 14}
    (_, proxy) = chapter20.needs(data).text
    assert proxy.refs["n"] == "cla_need.children_n.N2.2023-03-31"
    assert cells(chapter20.needs(data))["N2"] == 2  # L S


def test_those_still_in_care_have_days_yet_to_come(data):
    result = chapter20.remaining_stay(data)
    assert cells(result, period="2023-03-31")["all"] == 14  # printed as ten
    days = cells(result, "remaining_days", "2023-03-31")
    assert days["age_16_plus"] >= 0 and days["age_1_to_4"] <= 1826
