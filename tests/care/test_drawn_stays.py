"""The sixteen children of ``test_drawn_example.py`` again: stays, moves, distances, days.

Every expected number is worked out by hand from the picture and the table there; the sums are
written out. Where each child lives, in miles from home and on which side of the boundary:

    inside    A 12   J 3   K 25
    outside   D 45   G 20 (not over 20)   H 33.5   P 20.1   L ?
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
SIDE = dict.fromkeys("AJK", "IN") | dict.fromkeys("DGHPL", "OUT")

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
B     | YES      | F2    | D1    | 2023
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
        "ceased_n": 3,
        "published_mean_days": 498.0,
        "closed_mean_days": 498.0,  # B 781, D 45, I 668
        "placements_ended_n": 3,
        "placement_mean_days": 498.0,
        "open_n": 10,
        # A 1065, C 209, D 181, G 75, H 423, J 0, K 120, L 515, M 1519, P 365
        "so_far_mean_days": 447.2,
    }
    year = column(result, "2022-23")
    assert year["closed_mean_days"] == 599.2  # C 443, M 1764 to 18, O 46 and 144; 599.25
    assert year["placements_ended_n"] == 5  # C's foster home and adoptive home both
    assert year["placement_mean_days"] == 479.4  # C 301 and 142, M 1764, O 46 and 144


def test_length_of_stay_with_open_and_late_seen_periods(data):
    result = chapter20.stay_estimates(data)
    got = column(result, "2023-03-31")
    # Exact for disclosure control, and printed to the nearest ten.
    assert (got["periods_n"], got["ended_n"], got["still_open_n"]) == (16, 7, 9)
    assert got["closed_mean_days"] == 555.9  # 3891 days over seven
    # At risk: 10 at 45 days, 9 at 46, 9 at 144, 7 at 443, 5 at 668, 4 at 781, 1 at 1764.
    # A is seen from day 701, B 447, H 59, I 304, L 151, M 1155, P 1: not before.
    s = [1.0]
    for n in (10, 9, 9, 7, 5, 4, 1):
        s.append(s[-1] * (1 - 1 / n))
    steps = (45, 1, 98, 299, 225, 113, 983, 62)
    assert got["median_days"] == 668
    assert got["restricted_mean_days"] == round(
        sum(a * b for a, b in zip(s, steps, strict=True)), 1
    )
    ages = cells(result, "periods_n", "2023-03-31")
    assert {k: ages[k] for k in ("age_under_1", "age_1_to_4", "age_5_to_9")} == {
        "age_under_1": 1,  # C
        "age_1_to_4": 1,  # P
        "age_5_to_9": 2,  # A six, I five
    }
    assert ages["first_foster"] == 8  # A B C D H I J M; D's second begins in a home
    assert ages["recent_adoption"] == 1 and "first_adoption" not in ages


def test_placements_in_the_year(data):
    result = chapter20.placements_a_year(data)
    assert cells(result, period="2022-03-31") == {"all": 10, "one": 9, "two": 1}  # D
    assert cells(result) == {"all": 9, "one": 9, "two": 0}  # K was in hospital: no move


def test_long_term_stability(data):
    result = chapter20.long_term_stability(data)
    assert cells(result, period="2022-03-31") == {"all": 1, "stable": 1}  # A; M is 17
    assert cells(result) == {"all": 1, "stable": 1}  # P for two years only


def test_moves(data):
    result = chapter20.move_rates(data)
    assert column(result, "2021-22")["moves_n"] == 0
    got = column(result, "2022-23")
    assert (got["moves_n"], got["movers_n"]) == (1, 1)  # C, to the adopters
    assert got["care_years"] == 10.5  # 3830 days
    assert cells(chapter20.move_reasons(data), "moves_n", "2022-23") == {
        "all": 1,
        "not_recorded": 1,
    }


def test_days_and_full_time_equivalents(data):
    result = chapter20.full_time_equivalents(data)
    # A H L M P all year; B 334, C 210, D 45 + 182, G 76, I 364, J 1, K 121
    assert cells(result, "days_n", "2021-22")["all"] == 5 * 365 + 1333
    year = cells(result, "days_n", "2022-23")
    assert year["all"] == 8 * 365 + 233 + 244 + 243 + 190  # C M N O beside eight all year
    assert year["adoption"] == 142 and year["in_house_foster"] == 91 + 365  # C, then J
    assert year["in_house_home"] == 365  # K, with the days in hospital
    assert year["unregistered"] == 243  # N
    assert cells(result, "fte", "2022-23")["all"] == 10.5
    assert cells(result, "in_type_n", "2022-23")["all"] == 14  # 12 children, C and O in two
    share = cells(result, "share_pct", "2022-23")["in_house_foster"]
    own = cells(result, "share_of_fostering_pct", "2022-23")["in_house_foster"]
    assert share == 11.9  # 456 of 3830
    # In foster care: A 365, C 91, H 365, J 365, M 244
    assert own == 31.9  # 456 of 1430


def test_who_left_over_who_was_there(data):
    result = chapter20.leavers(data)
    assert column(result, "2021-22") == {
        "stock_start_n": 7,
        "ceased_n": 3,  # B D I
        "start_left_n": 2,
        "came_and_left_n": 1,  # D
        "stayed_n": 5,
        "ceased_pct": 42.9,
        "start_left_pct": 28.6,
    }
    assert column(result, "2022-23")["ceased_pct"] == 20.0
    assert column(result, "2022-23")["start_left_pct"] == 10.0


def test_left_for_permanence(data):
    result = chapter20.permanence(data)
    assert cells(result, period="2021-22") == {
        "all": 3,
        "all_permanence": 1,
        "adopted": 0,
        "special_guardianship": 1,  # I
        "home": 1,  # D
        "aged_out": 1,  # B
    }
    assert cells(result, period="2022-23")["adopted"] == 1  # C
    assert cells(result, "share_pct", "2022-23")["all_permanence"] == 50.0


def test_distance_and_the_base_of_each_share(data):
    result = chapter20.distance(data)
    assert cells(result) == {
        "all": 9,
        "inside": 3,
        "outside": 6,
        "inside_near": 2,  # A J
        "inside_far": 1,  # K
        "outside_near": 1,  # G, twenty miles exactly
        "outside_far": 3,  # D H P
        "outside_miles_unknown": 2,  # L, and N of whom nothing is known
    }
    assert cells(result, "share_pct")["outside_far"] == 33.3
    assert cells(result, "share_known_pct")["outside_far"] == 42.9  # of seven


def test_distance_by_placement_and_provider(data):
    t = chapter20.distance_by_placement(data).table
    n = t[t["measure"] == "children_n"].set_index(["group", "by"])["value"]
    far = {g: (n[g, "all"], n[g, "far"]) for g in n.index.get_level_values("group").unique()}
    assert far == {
        "all": (9, 3),
        "fostering": (3, 1),  # A J near; H
        "residential": (4, 1),  # K L N; D
        "other_placement": (2, 1),  # G; P
        "own": (2, 0),  # J K
        "public": (1, 1),  # H
        "private": (4, 1),  # A G L; D
        "no_provider": (2, 1),  # N; P
    }


def test_short_breaks_stand_apart(data):
    result = chapter20.short_breaks(data)
    assert cells(result, period="2021-22") == {"all": 2, "age_10_to_15": 2}  # E F
    assert cells(result, period="2022-23") == {"all": 1, "age_10_to_15": 1}  # F


def test_missing_episodes(data):
    result = chapter20.missing(data)
    assert column(result, "2021-22") == {
        "looked_after_n": 12,  # all but E F N O
        "missing_children_n": 0,  # B's was a day too early
        "missing_n": 0,
        "missing_pct": 0.0,
        "away_children_n": 1,
        "away_n": 1,
        "away_pct": 8.3,
    }
    year = column(result, "2022-23")
    assert (year["missing_children_n"], year["missing_n"]) == (2, 3)  # K twice, O; E is not in care
    assert year["missing_pct"] == 16.7


def test_care_leavers(data):
    touch, activity, home = chapter20.care_leavers(data)
    assert cells(touch, "people_n", "2022-23") == {"all": 2, "yes": 1, "no": 1, "home": 0}
    assert cells(touch, "people_n", "2021-22") == {"all": 1, "yes": 0, "no": 0, "home": 1}
    assert cells(activity, "share_pct", "2022-23")["eet"] == 50.0
    assert cells(home, "people_n", "2022-23")["unsuitable"] == 1


def test_ethnicity_and_the_word_on_disability(data):
    assert cells(chapter20.ethnicity(data)) == {"all": 9, "white": 9}
    (_, proxy) = chapter20.needs(data).text
    assert proxy.refs["n"] == "cla_need.children_n.N2.2023-03-31"
    assert cells(chapter20.needs(data))["N2"] == 1  # L


def test_those_still_in_care_have_days_yet_to_come(data):
    result = chapter20.remaining_stay(data)
    assert cells(result, period="2023-03-31")["all"] == 9  # printed as ten
    days = cells(result, "remaining_days", "2023-03-31")
    assert days["age_16_plus"] >= 0 and days["age_1_to_4"] <= 1826
