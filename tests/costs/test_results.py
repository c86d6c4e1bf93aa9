"""Unit costs, high prices and causes on a drawn study, every number worked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from drawn_costs import CHILDREN, episodes, lines, study_of, value

from needs.assurance.release import release
from needs.costs import chapter60
from needs.vocabulary.errors import ModelError
from needs.vocabulary.records import StudyData, Table


def yearly(data):
    return chapter60.spending_change(data)[0]


@pytest.mark.unit
def test_a_week_a_year_and_a_share_by_hand(draw):
    latest, trend = chapter60.unit_costs(study_of(draw, lines()))
    # Seven children at 7,000 and nine at 700 a week for 365 nights: 52 weeks and a day.
    weeks = 365 / 7
    assert value(latest, "gross_gbp") == pytest.approx((7 * 7000 + 9 * 700) * weeks)
    assert value(latest, "unit_gbp_week", "ifa") == pytest.approx(700)
    assert value(latest, "unit_gbp_week") == pytest.approx((7 * 7000 + 9 * 700) / 16)
    assert value(latest, "share_pct", "ifa") == pytest.approx(100 * 6300 / 55300)
    assert value(latest, "fte", "ifa") == pytest.approx(9)
    assert value(latest, "year_gbp", "ifa") == pytest.approx(700 * weeks)
    assert value(trend, "unit_gbp_week", "ifa", "2021-22") == pytest.approx(700)


@pytest.mark.unit
def test_net_is_told_where_others_pay_for_enough_children(draw):
    """Gross less net is what others pay: for one child in a home, here."""
    frame = lines()

    def nets(frame):
        data = study_of(draw, frame)
        made = [release(r, data.study, "60") for r in chapter60.unit_costs(data)]
        rows = [r for b in made for r in b.rows if r.measure.startswith("net")]
        return {r.id: r.marker for r in rows if r.period == "2022-23"}

    one = nets(frame)
    homes = ("external_home", "all_residential", "all")
    assert all(m == "c" for i, m in one.items() if i.split(".")[2] in homes)
    assert [m for i, m in one.items() if ".ifa." in i] == ["", ""]  # nobody pays: net is gross
    frame["contribution_health_gbp"] = np.where(frame["child"] < 7, 700.0, 0.0)
    assert not any(nets(frame).values())
    latest, _ = chapter60.unit_costs(study_of(draw, frame))
    assert value(latest, "net_gbp_week") == pytest.approx((7 * 6300 + 9 * 700) / 16)
    assert value(latest, "net_gbp_week", "external_home") == pytest.approx(6300)


@pytest.mark.unit
def test_money_under_another_type_is_hidden_where_it_is_of_few_children(draw):
    frame = lines()
    frame["placement_type"] = np.where(frame["child"] == 9, "in_house_foster", None)
    data = study_of(draw, frame)
    shown = release(chapter60.money(data), data.study, "60")
    of = [r for r in shown.rows if "other_type" in r.id and r.group in {"all", "placed"}]
    assert of and all(r.marker == "c" for r in of)
    assert value(chapter60.money(data), "other_type_n", "placed") == 1


@pytest.mark.unit
def test_a_year_is_52_weeks_where_the_study_says_so(draw):
    data = study_of(draw, lines(), costs={"weeks_of_year": "52"})
    latest, _ = chapter60.unit_costs(data)
    assert value(latest, "year_gbp", "ifa") == pytest.approx(700 * 52)


@pytest.mark.unit
def test_nights_that_no_line_pays_for_are_told_and_not_left_out(draw):
    frame = lines()
    frame = frame[~((frame["child"] == 8) & (frame["from"] > "2022-01-01"))]
    latest, _ = chapter60.unit_costs(study_of(draw, frame))
    assert value(latest, "paid_pct", "ifa") == pytest.approx(100 * 8 / 9)
    assert value(latest, "unit_gbp_week", "ifa") == pytest.approx(700 * 8 / 9)


@pytest.mark.unit
def test_money_of_no_night_is_told_to_the_penny(draw):
    extra = [
        (-1, 70.0, "2022-04-01", "2022-04-10", "block"),  # no child
        (3, 7.0, "2020-04-01", "2021-03-31", "spot"),  # before the years
        (3, -14.0, "2022-05-01", "2022-05-07", "spot"),  # a correction
    ]
    result = chapter60.money(study_of(draw, lines(extra=extra)))
    assert value(result, "gross_gbp", "no_child") == pytest.approx(100)
    assert value(result, "corrections_gbp", "placed") == pytest.approx(-14)
    placed = (7 * 7000 + 9 * 700) * 365 / 7 - 14
    assert value(result, "gross_gbp", "placed") == pytest.approx(placed)
    # No total, which would give a withheld row back as the rest.
    told = result.table.loc[result.table["measure"] == "gross_gbp", "group"]
    assert set(told) == {"placed", "outside_care", "no_child"}


@pytest.mark.unit
def test_the_price_of_a_night_is_that_of_all_its_lines_together(draw):
    # One foster child has 6,000 a week on top for 14 nights: 6,700 together.
    extra = [(15, 6000.0, "2022-06-01", "2022-06-14", "spot")]
    result = chapter60.high_cost(study_of(draw, lines(extra=extra)))
    assert value(result, "children_n") == 8
    assert value(result, "weeks_n") == pytest.approx(7 * 365 / 7 + 2)
    assert value(result, "gross_gbp") == pytest.approx(7 * 7000 * 365 / 7 + 6700 * 2)
    assert value(result, "children_n", period="2021-22") == 7
    bands = ("from_6000", "from_10000")
    assert [value(result, "children_n", b) for b in bands] == [8, 0]


@pytest.mark.unit
def test_a_rise_in_prices_is_a_rise_in_prices(draw):
    result = yearly(study_of(draw, lines(rise=1.1)))
    before = (7 * 7000 + 9 * 700) * 365 / 7
    assert value(result, "gbp", by="before") == pytest.approx(before, abs=0.01)
    assert value(result, "gbp", by="price") == pytest.approx(before * 0.1, abs=0.02)
    for cause in ("children", "stay", "type", "route", "provider"):
        assert value(result, "gbp", by=cause) == 0
    assert not {"inflation", "without_nights"} & set(result.table["by"])


@pytest.mark.unit
def test_what_spending_came_to_is_the_same_number_in_both_tables(draw):
    """Also where money met no night: it stands in the table of every pound alone."""
    extra = [
        (-1, 70.0, "2022-04-01", "2022-04-10", "block"),
        (3, 700.0, "2021-03-01", "2021-04-10", "spot"),
    ]
    data = study_of(draw, lines(rise=1.1, extra=extra))
    _, trend = chapter60.unit_costs(data)
    change = yearly(data)
    for by, period in (("before", "2021-22"), ("after", "2022-23")):
        for group in ("all", "ifa"):
            spent = value(trend, "gross_gbp", group, period)
            assert value(change, "gbp", group, by=by) == pytest.approx(spent, abs=0.01)


@pytest.mark.unit
def test_money_outside_care_of_few_in_one_year_is_withheld_in_all(draw):
    """Chapter 10 prints it of all years together: that less the other years would be the one.

    Eight leave a week before the end of the first year and two a week before that of the second,
    all paid for to its end.
    """

    def outside(leave):
        text = episodes()
        for i in range(8, 16):
            text = text.replace(f"C{i} | 2021-04-01 | - ", f"C{i} | 2021-04-01 | 2022-03-25 ")
        for i in range(leave):
            text = text.replace(f"C{i} | 2021-04-01 | - ", f"C{i} | 2021-04-01 | 2023-03-25 ")
        records = draw.records(draw.table(CHILDREN), draw.table(text), [2022, 2023])
        frame = lines()
        frame = frame[(frame["from"] < "2022-01-01") | (frame["child"] < 8)]
        data = study_of(draw, frame)
        readers = {**data.readers, "ssda903": lambda _: records}
        t = chapter60.money(replace(data, readers=readers)).table
        mine = t[(t["group"] == "outside_care") & (t["measure"] == "gross_gbp")]
        return dict(zip(mine["period"], mine["marker"], strict=True))

    assert outside(2) == {"2021-22": "c", "2022-23": "c"}
    assert outside(7) == {"2021-22": "", "2022-23": ""}


@pytest.mark.unit
def test_general_inflation_is_taken_out_of_the_price(draw):
    data = study_of(draw, lines(rise=1.1), costs={"inflation_pct": {"2022-23": 10.0}})
    result = yearly(data)
    before = (7 * 7000 + 9 * 700) * 365 / 7
    assert value(result, "gbp", by="inflation") == pytest.approx(before * 0.1, abs=0.02)
    assert abs(value(result, "gbp", by="price")) < 0.02


@pytest.mark.unit
def test_one_year_has_no_change_and_no_line_has_no_cost(draw):
    frame = lines()
    one = yearly(study_of(draw, frame[frame["from"] > "2022-01-01"]))
    assert list(one.table["marker"]) == ["x"] and "one year only" in one.notes[0]
    with pytest.raises(ModelError, match="no cost line"):
        chapter60.unit_costs(study_of(draw, frame.assign(**{"from": pd.NaT})))


def market(rng, spot=0.3, children=240, providers=24):
    """Return priced weeks of children with agencies: a spot price is dearer by a known share."""
    who = rng.integers(0, providers, children)
    single = rng.random(children) < 0.4
    price = 900 * np.exp(spot * single + rng.normal(0, 0.05, providers)[who])
    price = price * rng.gamma(20, 1 / 20, children)
    return who, single, price


@pytest.mark.unit
def test_what_spot_buying_adds_is_found_in_pounds(draw):
    who, single, price = market(np.random.default_rng(4))
    n = len(who)
    head = "child | sex | dob | uasc\n"
    children = head + "\n".join(f"C{i} | male | 2010-06-01 | -" for i in range(n))
    text = "child | decom | dec | rne | ls | cin | place | provider | rec\n" + "\n".join(
        f"C{i} | 2022-04-01 | - | S | C2 | N1 | U6 | PR4 | -" for i in range(n)
    )
    records = draw.records(draw.table(children), draw.table(text), [2023])
    frame = pd.DataFrame({
        "child": np.arange(n, dtype="int32"), "weekly_cost_gbp": price, "amount_gbp": np.nan,
        "from": pd.Timestamp("2022-04-01"), "to": pd.Timestamp("2023-03-31"),
        "route": np.where(single, "spot", "framework"), "placement_type": None,
        "provider": [f"Agency {k}" for k in who],
    })  # fmt: skip
    inputs = {"ssda903": ["inputs/*.csv"], "costs": ["inputs/costs.csv"]}
    data = StudyData(
        draw.study(inputs=inputs),
        {"ssda903": lambda _: records, "costs": lambda _: Table(frame, pd.DataFrame())},
    )
    effects, tested = chapter60.price_drivers(data)
    t = effects.table.set_index(["measure", "by"])
    assert value(tested, "providers_n", "ifa") == 24
    assert 1 < value(tested, "effective_n", "ifa") <= 24
    assert value(tested, "error_pct", "ifa") < value(tested, "plain_pct", "ifa")
    pct = t.loc[("effect_pct", "spot")]
    assert pct["lower_95"] < 100 * np.expm1(0.3) < pct["upper_95"]
    assert pct["upper_95"] - pct["lower_95"] < 30
    # In pounds: what the mean price would be, all bought singly, less all by framework.
    assert t.loc[("gbp_week", "spot")]["value"] == pytest.approx(900 * np.expm1(0.3), rel=0.25)
    # All are boys of one age and year: nothing else can be told but how many a provider has.
    assert set(t.loc["gbp_week"].index) == {"spot", "doubled"}


@pytest.mark.unit
def test_money_of_few_children_is_hidden_and_no_sum_gives_it_back(draw):
    """Two children in homes: their spending, and any sum that would leave it, is not told."""
    data = study_of(draw, lines(homes=2), homes=2)
    for result in (*chapter60.unit_costs(data), *chapter60.spending_change(data)):
        shown = release(result, data.study, "60")
        hidden = {r.id for r in shown.rows if r.marker == "c"}
        told = {r.id for r in shown.rows if not r.marker}
        homes = [i for i in hidden | told if "external_home" in i or "residential" in i]
        # Of a change they are told with the others, so that no row names them.
        assert bool(homes) == (result.name in ("cost_units", "cost_trend")), result.name
        assert not told & set(homes), result.name
        # All less foster care is what the homes cost: one of the two is hidden as well.
        pairs = [i for i in told if ".all." in i and i.replace(".all.", ".ifa.") in told]
        assert not pairs, pairs


@pytest.mark.unit
def test_few_providers_are_no_regression(draw):
    (made,) = chapter60.price_drivers(study_of(draw, lines()))
    assert list(made.table["marker"]) == ["x"] and "providers" in made.notes[0]
