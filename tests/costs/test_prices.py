"""Prices by purchase route, what others pay, and what a child costs, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_costs import lines, study_of, value

from needs.assurance.release import release
from needs.costs import chapter60


def told(data, *results):
    """Return the markers of every released row of some results, by figure id."""
    return {r.id: r.marker for x in results for r in release(x, data.study, "60").rows}


@pytest.mark.unit
def test_a_week_by_route_is_of_the_nights_that_the_route_pays_for(draw):
    frame = lines(homes=12)
    frame.loc[frame["child"].isin(range(6)), "route"] = "framework"
    frame.loc[frame["child"].isin(range(6)), "weekly_cost_gbp"] = 5000.0
    made = chapter60.purchase_routes(study_of(draw, frame, homes=12))
    for route, price in (("framework", 5000), ("spot", 7000)):
        at = ("external_home", "2022-23", route)
        assert value(made, "unit_gbp_week", *at) == pytest.approx(price)
        assert value(made, "children_n", *at) == 6
        assert value(made, "gross_gbp", *at) == pytest.approx(6 * price * 365 / 7)
    assert value(made, "paid_n") == 16


@pytest.mark.unit
def test_the_price_of_few_children_by_route_is_not_the_rest_of_the_type(draw):
    """Two of ten in homes are bought by framework: neither route is told."""
    frame = lines(homes=10)
    frame.loc[frame["child"] < 2, "route"] = "framework"
    data = study_of(draw, frame, homes=10)
    made = told(data, chapter60.purchase_routes(data))
    homes = {i: m for i, m in made.items() if ".external_home." in i and "paid_n" not in i}
    assert homes and set(homes.values()) == {"c"}


@pytest.mark.unit
@pytest.mark.parametrize(("first", "then", "drawn"), [(6, 6, 1), (6, 2, 0), (2, 2, 0)])
def test_a_picture_by_route_is_drawn_for_three_prices_that_are_told(draw, first, then, drawn):
    """Two routes in two years: a route of two children takes the other's price with it."""
    frame = lines(homes=12)
    of = np.where(frame["from"].dt.year == 2021, first, then)
    frame.loc[frame["child"] < of, "route"] = "framework"
    made = chapter60.purchase_routes(study_of(draw, frame, homes=12))
    assert len([c for c in made.charts if c.include["group"] == ("external_home",)]) == drawn


@pytest.mark.unit
def test_pounds_follow_those_whom_a_line_pays_for_not_all_who_live_there(draw):
    """Nine are fostered and a line pays for two: their money is not told as that of nine."""
    frame = lines()
    frame = frame[frame["child"] < 9]
    data = study_of(draw, frame)
    made = told(data, *chapter60.unit_costs(data))
    for measure in ("gross_gbp", "unit_gbp_week"):
        assert made[f"cost_units.{measure}.ifa.2022-23"] == "c"


@pytest.mark.unit
def test_all_pounds_of_a_type_rest_on_whom_a_line_pays_for(draw):
    data = study_of(draw, lines())
    results = (
        *chapter60.unit_costs(data),
        *chapter60.spending_change(data),
        chapter60.placed_and_price(data),
        chapter60.provider_prices(data),
        chapter60.price_spread(data),
    )
    for result in results:
        own = {i: on for i, on in result.leans_on.items() if ".ifa." in i and "gbp" in i}
        assert own, result.name
        for on in own.values():
            assert any(i.startswith("cost_routes.paid_n.ifa.") for i in on), result.name


@pytest.mark.unit
def test_what_others_pay_is_taken_off_once_by_payer(draw):
    frame = lines()
    frame["contribution_health_gbp"] = np.where(frame["child"] < 7, 700.0, 0.0)
    frame["contribution_education_gbp"] = np.where(frame["child"] < 7, 350.0, 0.0)
    made = chapter60.paid_by_others(study_of(draw, frame))
    weeks = 365 / 7
    for payer, weekly in (("health", 700), ("education", 350)):
        got = value(made, "gbp", "external_home", by=payer)
        assert got == pytest.approx(7 * weekly * weeks)
    latest, _ = chapter60.unit_costs(study_of(draw, frame))
    assert value(latest, "net_gbp_week", "external_home") == pytest.approx(7000 - 700 - 350)


@pytest.mark.unit
def test_what_is_paid_for_few_of_a_type_is_not_the_rest_of_all(draw):
    """Health pays for seven in homes and two fostered: nine less seven would tell of two."""
    frame = lines()
    frame["contribution_health_gbp"] = np.where(frame["child"] < 9, 70.0, 0.0)
    data = study_of(draw, frame)
    made = told(data, chapter60.paid_by_others(data))
    shown = {i.split(".")[2] for i, m in made.items() if "health" in i and not m}
    assert "ifa" not in shown and len(shown & {"all", "external_home"}) < 2


@pytest.mark.unit
def test_an_average_child_by_each_definition(draw):
    """Sixteen all year long: the three definitions are one."""
    made = chapter60.average_cost(study_of(draw, lines()))
    spent = (7 * 7000 + 9 * 700) * 365 / 7
    for group in ("per_fte", "per_child", "at_end"):
        assert value(made, "gross_gbp_year", group) == pytest.approx(spent / 16)


def sold(draw, sizes, homes=16):
    """Return a study in which providers have so many of sixteen children in homes, each dearer."""
    frame = lines(homes=homes)
    provider = np.repeat(np.arange(len(sizes)), sizes)
    frame["provider"] = [f"P{provider[c]}" for c in frame["child"]]
    frame["weekly_cost_gbp"] = [1000.0 + 100 * provider[c] for c in frame["child"]]
    return study_of(draw, frame, homes=homes)


@pytest.mark.unit
def test_the_largest_providers_are_those_who_sell_half_the_weeks(draw):
    made = chapter60.provider_prices(sold(draw, [4, 4, 2, 2, 2, 1, 1]))
    at = ("external_home", "2022-23")
    assert [value(made, "providers_n", *at, k) for k in ("every", "largest", "others")] == [7, 2, 5]
    assert value(made, "unit_gbp_week", *at, "largest") == pytest.approx(1050)
    assert value(made, "children_n", *at, "others") == 8
    # Seven prices from 1,000 to 1,600: their middle is 1,300 by symmetry.
    assert value(made, "middle_gbp_week", *at, "every") == pytest.approx(1300)
    low, high = (value(made, f"{k}_gbp_week", *at, "every") for k in ("lower", "upper"))
    assert low + high == pytest.approx(2600) and 1000 < low < 1300


@pytest.mark.unit
def test_no_price_of_few_providers_can_be_read(draw):
    """Four of twelve sell half the weeks: the eight others would tell of them."""
    data = sold(draw, [3, 3, *([1] * 10)])
    rows = release(chapter60.provider_prices(data), data.study, "60").rows
    now = {(r.by, r.measure): r.marker for r in rows if r.period == "2022-23"}
    assert now["every", "middle_gbp_week"] == ""
    assert {m for (by, of), m in now.items() if by != "every" and of != "children_n"} == {"c"}
    assert not any("P0" in r.id or "P0" in r.printed for r in rows)


@pytest.mark.unit
def test_the_child_in_the_middle_and_the_quarters(draw):
    """Sixteen children from 1,000 to 2,500 a week: the middle is 1,750 by symmetry."""
    frame = lines(homes=16)
    frame["weekly_cost_gbp"] = 1000.0 + 100 * frame["child"]
    made = chapter60.price_spread(study_of(draw, frame, homes=16))
    low, middle, high = (
        value(made, f"{k}_gbp_week", "external_home") for k in ("lower", "middle", "upper")
    )
    assert middle == pytest.approx(1750)
    assert low + high == pytest.approx(3500) and 1300 < low < 1500
