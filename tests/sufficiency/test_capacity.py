"""Places, occupancy, voids and gaps of a drawn study, every number worked by hand."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from needs.assurance.release import release
from needs.forecast.history import OPEN, History, day_number
from needs.forecast.shape import Forecast
from needs.sufficiency.capacity import chapter40, demand, gap, results_gap, results_places
from needs.sufficiency.capacity.demand import monthly, past_years, services
from needs.sufficiency.capacity.gap import gap_of
from needs.sufficiency.capacity.results_matching import LEAST, Groups, _found
from needs.vocabulary.records import StudyData, Table
from needs.vocabulary.study_sections import default_categories

DAY, YEAR = "2023-03-31", "2022-23"
CHILDREN = "child | sex | dob | uasc\n" + "\n".join(
    f"C{i} | male | 2010-06-01 | -" for i in range(24)
)


def episodes(own=7, bought=8):
    """Return 24 children all year long in 2021-22 and 2022-23: own homes, others', supported."""
    head = "child | decom | dec | rne | ls | cin | place | provider | rec\n"
    places = ["K2 | PR1"] * own + ["K2 | PR4"] * bought + ["U6 | PR1"] * (24 - own - bought)
    rows = [f"C{i} | 2021-04-01 | - | S | C2 | N1 | {places[i]} | -" for i in range(24)]
    return head + "\n".join(rows)


def table(columns, *rows):
    frame = pd.DataFrame(rows, columns=columns.split())
    for c in frame:
        if c in {"from", "to", "opened", "closed", "option_to"}:
            frame[c] = pd.to_datetime(frame[c]).astype("datetime64[ns]")
    return frame


PROVISION = (
    "provision_id kind placement_type provider sector places registration from to opened closed"
)
HOME = ("childrens_home", "in_house_home", "Us", "in_house")


def provision(*more):
    """Return one home of six places, of eight from October 2022, and what is given beside it."""
    return table(
        PROVISION,
        ("H1", *HOME, 6.0, "registered", "2020-01-01", "2022-09-30", "2020-01-01", None),
        ("H1", *HOME, 8.0, "registered", "2022-10-01", None, "2020-01-01", None),
        *more,
    )


def contracts(beds=20.0, use="exclusive"):
    return table(
        "contract provider route placement_type beds use weekly_gbp from to option_to",
        ("B1", "P", "block", "external_home", beds, use, 7000.0 * beds, "2022-04-01", "2023-03-31",
         "2025-03-31"),
    )  # fmt: skip


def lines(own=7, block=8):
    """Return a line a child in a bought home; the rest of them, if any, bought spot."""
    rows = [
        (i, 7000.0, "2022-04-01", "2023-03-31", "block" if i < own + block else "spot")
        for i in range(own, own + 8)
    ]
    frame = table("child weekly_cost_gbp from to route", *rows)
    frame["child"] = frame["child"].astype("int32")
    frame["placement_type"], frame["provider"], frame["amount_gbp"] = None, "P", np.nan
    return frame


def study_of(draw, frames, own=7, **sections):
    records = draw.records(draw.table(CHILDREN), draw.table(episodes(own)), [2022, 2023])
    inputs = {"ssda903": ["inputs/*.csv"], **{n: [f"inputs/{n}.csv"] for n in frames}}
    read = {n: lambda _, f=f: Table(f, pd.DataFrame()) for n, f in frames.items()}
    return StudyData(draw.study(inputs=inputs, **sections), {"ssda903": lambda _: records, **read})


def value(result, measure, group, by="", period=YEAR):
    t = result.table
    found = t[
        (t["measure"] == measure)
        & (t["group"] == group)
        & (t["by"] == by)
        & (t["period"] == period)
    ]
    return found["value"].item()


@pytest.mark.unit
def test_places_count_on_days_on_which_children_may_be_placed(draw):
    more = (
        ("H2", *HOME, 3.0, "suspended", "2022-06-01", None, "2022-06-01", None),
        ("H3", *HOME, 4.0, "registered", "2021-06-01", None, "2021-06-01", "2022-12-31"),
        ("H4", *HOME, 5.0, "applied", "2023-06-01", None, "2023-06-01", None),
    )
    data = study_of(draw, {"provision": provision(*more), "contracts": contracts()})
    made = chapter40.places_over_time(data)
    own = ("in_house_home", "in_house")
    assert value(made, "places_n", *own, DAY) == 8  # six more in October is the same home
    assert value(made, "places_n", *own, "2022-03-31") == 6 + 4
    assert value(made, "suspended_n", *own, DAY) == 3
    assert (value(made, "opened_n", *own, DAY), value(made, "closed_n", *own, DAY)) == (1, 1)
    assert value(made, "places_n", "external_home", "block", DAY) == 20


@pytest.mark.unit
def test_the_caption_of_places_names_the_days_that_are_shown(draw, monkeypatch):
    data = study_of(draw, {"provision": provision()})
    both = chapter40.places_over_time(data)
    assert both.subtitle.endswith("31 Mar 2022 to 31 Mar 2023")
    assert all(c.subtitle.endswith("31 Mar 2022 to 31 Mar 2023") for c in both.charts)
    monkeypatch.setattr(results_places, "YEARS", 1)
    assert chapter40.places_over_time(data).subtitle.endswith(", 31 Mar 2023")


@pytest.mark.unit
def test_homes_that_are_tied_to_a_contract_are_not_counted_twice(draw):
    tied = provision(
        ("E1", "childrens_home", "external_home", "P", "private", 4.0, "registered", "2022-04-01",
         None, None, None),
    ).assign(contract=[None, None, "B1"])  # fmt: skip
    data = study_of(draw, {"provision": tied, "contracts": contracts()})
    made = chapter40.places_over_time(data)
    assert value(made, "places_n", "external_home", "block", DAY) == 4


@pytest.mark.unit
def test_occupancy_is_nights_of_own_children_over_nights_that_places_were_open(draw):
    frames = {"provision": provision(), "contracts": contracts(), "costs": lines()}
    made = chapter40.occupancy(study_of(draw, frames))
    own, block = ("in_house_home", "in_house"), ("external_home", "block")
    opened = 6 * 183 + 8 * 182  # April to September, October to March
    assert value(made, "open_nights", *own) == opened
    assert value(made, "own_nights", *own) == 7 * 365
    assert value(made, "occupancy_pct", *own) == pytest.approx(100 * 7 * 365 / opened)
    assert value(made, "occupancy_pct", *block) == pytest.approx(40)
    assert value(made, "unused_nights", *block) == 12 * 365
    assert value(made, "unused_gbp", *block) == pytest.approx(12 * 365 * 1000)
    months = chapter40.occupancy_by_month(study_of(draw, frames))[0]
    assert value(months, "occupancy_pct", "in_house_home", period="2022-09") == pytest.approx(
        700 / 6
    )
    assert value(months, "occupancy_pct", "in_house_home", period="2022-10") == pytest.approx(87.5)


@pytest.mark.unit
def test_beds_shared_with_others_are_not_said_to_be_unused(draw):
    frames = {"provision": provision(), "contracts": contracts(use="shared"), "costs": lines()}
    made = chapter40.occupancy(study_of(draw, frames))
    assert value(made, "own_nights", "external_home", "block") == 8 * 365
    assert "unused_nights" not in set(made.table["measure"])


@pytest.mark.unit
def test_what_few_children_did_not_fill_is_not_told(draw):
    """Four in own homes, and then two of eight bought spot: nights give them back."""
    frames = {"provision": provision(), "contracts": contracts(), "costs": lines(own=4)}
    data = study_of(draw, frames, own=4)
    rows = release(chapter40.occupancy(data), data.study, "40").rows
    mine = [r for r in rows if r.group == "in_house_home" and r.measure != "open_nights"]
    assert mine and all(r.marker == "c" for r in mine)
    assert chapter40.occupancy_by_month(data) == ()
    spot = study_of(draw, {**frames, "costs": lines(block=6)})
    rows = release(chapter40.occupancy(spot), spot.study, "40").rows
    mine = [r for r in rows if r.group == "external_home" and r.measure != "open_nights"]
    assert mine and all(r.marker == "c" for r in mine)
    assert any(r.group == "in_house_home" and r.marker == "" for r in rows)


@pytest.mark.unit
def test_voids_by_hand_and_hidden_with_the_children_beside_them(draw):
    void = table(
        "provision_id from to places reason weekly_gbp action",
        ("H1", "2022-03-22", "2022-04-10", 2.0, "staffing", 1400.0, "Posts advertised"),
        ("H1", "2023-03-22", None, 1.0, "matching", 700.0, None),
    )
    data = study_of(draw, {"provision": provision(), "voids": void})
    made = chapter40.voids(data)
    assert value(made, "voids_n", "all") == 2
    assert value(made, "empty_nights", "staffing") == 2 * 10
    assert value(made, "empty_nights", "matching") == 10
    assert value(made, "cost_gbp", "all") == pytest.approx(10 * 200 + 10 * 100)
    assert value(made, "mean_nights", "all") == 10 and value(made, "action_pct", "all") == 50
    assert value(made, "empty_nights", "staffing", period="2021-22") == 2 * 10
    few = study_of(draw, {"provision": provision(), "voids": void}, own=4)
    rows = release(chapter40.voids(few), few.study, "40").rows
    assert all(r.marker in {"c", "z"} for r in rows)


def ahead_of(path, known=None):
    """Return what a forecast of one type is that takes a path in every draw."""
    origin = dt.date(2023, 3, 31)
    days = tuple(dt.date(2023 + y, 3, 31) for y in range(1, len(path) + 1))
    draws = np.tile(np.array(path, np.float32)[None, :, None], (50, 1, 1))
    made = Forecast("x", "", origin, days, ("ifa",), draws)
    basis = SimpleNamespace(study=SimpleNamespace(period=SimpleNamespace(as_at=origin)))
    outlook = SimpleNamespace(basis=basis, days=days)
    return SimpleNamespace(outlook=outlook, history=known or history(), forecast=made)


def history(extra=25):
    """Return 100 children for three years, and more of them from July to September each year."""
    spans = [(dt.date(2019, 1, 1), OPEN, 100)]
    spans += [(dt.date(y, 7, 1), day_number(dt.date(y, 10, 1)), extra) for y in (2020, 2021, 2022)]
    rows = [(day_number(s), e) for s, e, n in spans for _ in range(n)]
    stays = pd.DataFrame(rows, columns=["start", "stop"]).assign(place=0)
    return History(
        stays, ("ifa",), day_number(dt.date(2020, 4, 1)), day_number(dt.date(2023, 3, 31))
    )


@pytest.mark.unit
def test_draws_pass_through_every_march_and_borrow_the_season_between():
    ends, children = monthly(ahead_of([144, 144]), {"f": ("ifa",)}, np.random.default_rng(1))
    by = pd.Series(children[:, :, 0].mean(axis=0), index=ends.strftime("%Y-%m"))
    assert by["2024-03"] == by["2025-03"] == 144 and np.ptp(children, axis=0).max() == 0
    # A quarter more where a hundred is the level: two and a half roots.
    assert by["2024-08"] == 144 + 2.5 * 12 and by["2024-12"] == 144
    assert by["2023-06"] == 100 + 11 and by["2023-12"] == 133
    assert past_years(history(), {"f": ("ifa",)}).shape == (3, 13, 1)


@pytest.mark.unit
def test_with_less_than_a_year_known_the_line_is_straight():
    short = History(history().stays, ("ifa",), day_number(dt.date(2022, 6, 1)),
                    day_number(dt.date(2023, 3, 31)))  # fmt: skip
    _, children = monthly(ahead_of([112], short), {"f": ("ifa",)}, np.random.default_rng(1))
    assert children[0, :, 0].tolist() == list(range(101, 113))


@pytest.mark.unit
def test_relatives_and_friends_are_no_service_that_places_are_planned_for():
    made = {s.key: s for s in services(default_categories())}
    assert made["fostering"].left_out == ("kinship",)
    assert set(made["fostering"].types) == {"in_house_foster", "other_la_foster", "ifa"}
    assert set(made) == set(demand._GROUPS)


@pytest.mark.unit
def test_a_gap_by_hand_with_a_free_bed_that_fits_nobody():
    """Five places for girls and five for all; nine boys and two girls: four boys without."""
    mix = np.array([[[9, 2]], [[5, 5]], [[6, 0]]])
    accepts = np.array([[False, True], [True, True]])
    found = gap_of(mix.sum(axis=2), mix, np.array([[5.0, 5.0]]), accepts)
    assert found.short[:, 0].tolist() == [4, 0, 1]
    # Four more than the ten; no more than the children; one more, since the girls' stay empty.
    assert found.needed[:, 0].tolist() == [14, 10, 11]
    assert found.places.tolist() == [10]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("chance", "words"),
    [(100, "every month"), (99.7, "nearly every"), (0, "no month"), (0.2, "hardly"), (40, "{ch")],
)
def test_a_share_of_all_months_or_of_none_is_said_in_words(chance, words):
    service = services(default_categories())[0]
    said = results_gap._short(service, "2023-24", chance)
    assert words in said.template
    assert ("chance" in said.refs) == (chance == 40)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("places", "contract", "words"),
    [
        ([92, 90, 18], [74, 74, 0], {"fall most", "contracts end"}),
        ([92, 90, 18], [0, 0, 0], {"fall most"}),
        ([92, 92, 95], [74, 74, 74], set()),
    ],
)
def test_the_year_in_which_most_places_fall_away_is_said(places, contract, words):
    years = ["2024-25", "2025-26", "2026-27"]
    mine = pd.DataFrame({"period": years, "places_n": places, "contract_n": contract})
    said = list(results_gap._fall(services(default_categories())[0], mine))
    assert [w in s.template for s in said for w in words] == [True] * len(words)
    assert all(s.words["year"] == "2026-27" for s in said) and bool(said) == bool(words)
    assert all(("had" in s.refs) == ("contracts end" in words) for s in said)


@pytest.mark.unit
def test_siblings_find_no_home_among_homes_of_one_place_and_few_have_no_row():
    """Homes of one place for ages from ten: single children of twelve fit, of five do not."""
    one = {"boys": True, "girls": False, "solo": False, "there": False, "size": 1}
    rows = [{**one, "low": 12, "high": 12}] * LEAST + [{**one, "low": 5, "high": 5}] * LEAST
    rows += [{**one, "size": 2, "low": 12, "high": 13}] * LEAST
    rows += [{**one, "size": 3, "low": 12, "high": 13}] * (LEAST - 1)
    homes = pd.DataFrame(
        {"places": np.ones(200), "age_min": 10.0, "age_max": 17.0, "gender": "any", "solo": False}
    )
    found = {
        r["by"]: r for r in _found(homes, Groups(pd.DataFrame(rows), 3.0), np.random.default_rng(1))
    }
    assert set(found) == {"all", "1", "2"}
    assert found["2"]["found_pct"] == 0 and found["2"]["any_pct"] == 100
    assert found["1"]["found_pct"] == pytest.approx(50, abs=3)


@pytest.mark.unit
def test_a_study_with_no_place_to_count_on_says_what_there_is(draw, monkeypatch):
    spot = table(
        PROVISION,
        ("E1", "childrens_home", "external_home", "P", "private", 4.0, "registered", "2020-04-01",
         None, None, None),
    )  # fmt: skip
    data = study_of(draw, {"provision": spot})
    assert value(chapter40.places_over_time(data), "places_n", "external_home", "spot", DAY) == 4
    made = chapter40.occupancy(data)
    assert made.table["marker"].tolist() == ["x"] and "contract" in made.notes[0]
    assert chapter40.occupancy_by_month(data) == ()
    assert [r.marker for r in release(made, data.study, "40").rows] == ["x"]
    none = table("provision_id from to places reason", ("E1", "2001-01-01", "2001-02-01", 1.0, "x"))
    said = chapter40.voids(study_of(draw, {"provision": spot, "voids": none}))
    assert said.table["marker"].tolist() == ["x"]
    monkeypatch.setattr(gap, "Ahead", SimpleNamespace(of=lambda _: ahead_of([100])))
    assert chapter40.gap_by_year(data).table["marker"].tolist() == ["x"]
    assert chapter40.gap_by_month(data) == ()
