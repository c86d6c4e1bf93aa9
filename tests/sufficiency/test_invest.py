"""Homes that are to open: money by hand, what must hold for any, and chances that are known."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs.assurance.release import release
from needs.sufficiency import invest_beside, invest_plan
from needs.sufficiency.invest import Plan, Pool, Scheme, Terms, flows
from needs.sufficiency.invest_beside import carers_beside, homes_beside
from needs.sufficiency.invest_outcome import outcome, summary, swings
from needs.sufficiency.invest_words import in_futures
from needs.sufficiency.results_invest import homes_to_open
from needs.vocabulary.errors import InputMissing, ModelError
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import StudyData
from needs.vocabulary.study import Study
from needs.vocabulary.study_invest import Amount, FosteringPlan, Home, Investment

APRIL = dt.date(2024, 4, 1)
HOME = {
    "key": "a",
    "label": "A",
    "source": "s",
    "beds": 4,
    "opens": APRIL,
    "capital_gbp": 1_000_000,
    "match_gbp": 400_000,
    "occupancy_pct": 75,
    "child_gbp_week": 4_000,
    "costed_at_pct": 75,
    "fixed_pct": 80,
    "replaces_type": "external_home",
    "price_gbp_week": 6_000,
    "price_source": "s",
}


def home(**changed):
    return Home.model_validate(HOME | changed)


def plan(*homes, years=4, pools=None, rate=0.0):
    invest = Investment(life_years=years, discount_pct=rate, homes=homes)
    terms = Terms.of(invest, ReportingYear(2024), 52.0)
    return Plan(terms, tuple(Scheme(h, h.price_gbp_week) for h in homes), pools or {})


def central(made):
    return flows(made, made.values("central"), made.limits("central"))


def at(made, **inputs):
    """Return the running saving of the last year of all homes with inputs changed."""
    values = made.values("central") | {
        k: np.full((len(made.schemes), 1), float(v)) for k, v in inputs.items()
    }
    return float(flows(made, values, made.limits("central")).running[:, 0, -1].sum())


@pytest.mark.unit
def test_money_by_hand():
    """
    Four beds, three taken: costed at three children of 4,000, of which a fifth goes with the child.

    year       fixed 3 x 3,200   by child 3 x 800   saved 3 x 6,000   a year of 52 weeks
    2024-25    9,600             2,400              18,000            6,000 x 52 = 312,000
    """
    made = central(plan(home()))
    assert made.children[0, 0] == pytest.approx([3, 3, 3, 3])
    assert made.own[0, 0] == pytest.approx(np.full(4, 12_000 * 52))
    assert made.avoided[0, 0] == pytest.approx(np.full(4, 18_000 * 52))
    assert made.capital[0, 0] == pytest.approx([-600_000, 0, 0, 0])
    assert made.net[0, 0] == pytest.approx([-288_000, 312_000, 312_000, 312_000])


@pytest.mark.unit
def test_settling_in_and_closing_by_hand():
    """A year of settling in from nought: one and a half of three children; open for two years."""
    made = central(plan(home(ramp_months=12, closes=dt.date(2026, 4, 1), residual_pct=50)))
    assert made.children[0, 0] == pytest.approx([1.5, 3, 0, 0])
    fixed, each = 9_600 * 52, 800 * 52
    assert made.own[0, 0] == pytest.approx([fixed + 1.5 * each, fixed + 3 * each, 0, 0])
    assert made.capital[0, 0] == pytest.approx([-600_000, 0, 500_000, 0])


@pytest.mark.unit
def test_delay_posts_and_rising_prices_by_hand():
    made = central(plan(home(delay_months=6, staff_n=2, post_gbp_year=50_000)))
    assert made.children[0, 0] == pytest.approx([1.5, 3, 3, 3])
    assert made.own[0, 0] == pytest.approx([12_000 * 26 + 50_000, *[12_000 * 52 + 100_000] * 3])
    made = central(plan(home(price_growth_pct=10)))
    assert made.avoided[0, 0] == pytest.approx(936_000 * 1.1 ** np.arange(4))


@pytest.mark.unit
def test_a_summary_by_hand():
    made = summary(outcome(plan(home(), rate=3.5), np.random.default_rng(1), 200), "a")
    assert made["beds_n"] == 4 and made["capital_gbp"] == 600_000
    assert made["saving_central"] == made["saving_low"] == pytest.approx(312_000)
    # 9,600 of fixed cost over 4 beds of 6,000 - 800.
    assert made["break_even_pct"] == pytest.approx(100 * 9_600 / (4 * 5_200))
    assert made["payback_years"] == pytest.approx(1 + 288 / 312)
    worth = -288_000 + sum(312_000 / 1.035**k for k in (1, 2, 3))
    assert made["npv_gbp"] == pytest.approx(worth)
    assert made["saves_pct"] == 100 and made["pays_pct"] == 100


@pytest.mark.unit
def test_beds_save_no_more_than_there_are_children_to_move():
    pool = Pool.stated(Amount(low=4, central=4, high=4), 4)
    both = plan(home(), home(key="b"), pools={"external_home": pool})
    made = central(both)
    assert made.children[:, 0, 1] == pytest.approx([2, 2])  # four to move, six places wanted
    assert made.own[0, 0, 1] == pytest.approx((9_600 + 2 * 800) * 52)
    other = plan(home(), home(key="b", replaces_type="ifa"), pools={"external_home": pool})
    assert central(other).children[:, 0, 1] == pytest.approx([3, 3])
    none = plan(home(), pools={"external_home": Pool.stated(Amount(low=0, central=0, high=0), 4)})
    assert central(none).avoided.sum() == 0


@pytest.mark.unit
def test_children_to_move_while_the_home_opens_are_not_counted_twice():
    """Open for half a year: two to move are two at a time, so one over the year."""
    pool = {"external_home": Pool.stated(Amount(low=2, central=2, high=2), 4)}
    made = central(plan(home(opens=dt.date(2024, 10, 1)), pools=pool))
    assert made.children[0, 0, :2] == pytest.approx([1, 2], abs=0.01)


priced = st.floats(900, 20_000)
share = st.floats(0, 100)


@pytest.mark.property
@settings(max_examples=40, deadline=None)
@given(share, share, priced, st.floats(0, 12))
def test_more_beds_taken_never_save_less_where_a_child_costs_less_than_elsewhere(
    a, b, price, there
):
    pool = {"external_home": Pool.stated(Amount(low=there, central=there, high=there), 4)}
    made = plan(home(price_gbp_week=price), pools=pool)
    low, high = sorted((a, b))
    assert at(made, occupancy_pct=low) <= at(made, occupancy_pct=high) + 1e-6


@pytest.mark.property
@settings(max_examples=40, deadline=None)
@given(priced, priced, share)
def test_a_dearer_alternative_never_saves_less(a, b, taken):
    made = plan(home(occupancy_pct=taken))
    low, high = sorted((a, b))
    assert at(made, price_gbp_week=low) <= at(made, price_gbp_week=high) + 1e-6


@pytest.mark.property
@settings(max_examples=25, deadline=None)
@given(st.floats(2_500, 20_000), st.floats(0, 100), st.floats(0, 10))
def test_nothing_is_saved_at_the_break_even(price, fixed, rate):
    made = plan(home(price_gbp_week=price, fixed_pct=fixed), years=30, rate=rate)
    found = summary(outcome(made, np.random.default_rng(1), 200), "a")
    even, back = found["break_even_pct"], found["pays_back_pct"]
    if not np.isnan(even):
        assert at(made, occupancy_pct=even) == pytest.approx(0, abs=1)
    else:
        assert at(made, occupancy_pct=100) < 0
    if not np.isnan(back):
        assert back >= even - 1e-6
        full = np.full((1, 1), back)
        values = made.values("central") | {"occupancy_pct": full}
        worth = flows(made, values, {}).net[0, 0] @ made.terms.factors
        assert worth == pytest.approx(0, abs=5)


@pytest.mark.unit
def test_the_chance_of_saving_is_the_one_known():
    """
    Full and all fixed, the home saves where the price is over 4,000. Drawn from 3,000 to 8,000 with
    the low end likeliest it is so with a chance of (1 - 0.2) ^ 5.
    """
    given_ = {"low": 3_000, "central": 3_000, "high": 8_000}
    made = plan(
        home(occupancy_pct=100, costed_at_pct=100, fixed_pct=100, price_gbp_week=given_),
        home(key="b", occupancy_pct=100, costed_at_pct=100, fixed_pct=100, price_gbp_week=given_),
    )
    found = summary(outcome(made, np.random.default_rng(7), 40_000), "all")
    # The price is one for both homes: apart, the chance would be another.
    assert found["saves_pct"] == pytest.approx(100 * 0.8**5, abs=4 * 0.235)


@pytest.mark.unit
def test_a_tornado_moves_one_input_and_the_widest_comes_first():
    wide = {"low": 5_000, "central": 6_000, "high": 7_000}
    small = {"low": 900_000, "central": 1_000_000, "high": 1_000_000}
    made = plan(home(price_gbp_week=wide, capital_gbp=small))
    first, second = (s for s in swings(made) if s.key == "a")
    assert (first.input, second.input) == ("price_gbp_week", "capital_gbp")
    worth = central(made).net.sum()
    assert first.high - worth == pytest.approx(1_000 * 3 * 52 * 4)
    assert second.low - worth == pytest.approx(100_000)
    assert second.high == pytest.approx(worth)


@pytest.mark.unit
def test_low_and_high_take_the_end_that_saves_less_and_more():
    """A fixed part is worse high where fewer beds are taken than the cost was worked out for."""
    part = {"low": 0, "central": 50, "high": 100}
    for taken, costed, worse in ((50, 75, 100), (100, 75, 0)):
        made = plan(home(occupancy_pct=taken, costed_at_pct=costed, fixed_pct=part))
        found = summary(outcome(made, np.random.default_rng(1), 200), "a")
        assert found["saving_low"] == pytest.approx(at(made, fixed_pct=worse))
        assert found["saving_low"] < found["saving_central"] < found["saving_high"]


# --- from a study to what is shown ---


def study(**investment):
    raw = {
        "schema_version": 1,
        "authority": {
            "name": "Anyshire County Council",
            "short_name": "Anyshire",
            "dfe_code": "999",
            "ons_code": "E10000099",
        },
        "period": {"reporting_year": "2023-24", "as_at": "2024-03-31"},
        "inputs": {},
        "investment": investment,
    }
    return Study.model_validate(raw)


def data_of(**investment):
    return StudyData(study(**investment), {})


@pytest.fixture
def forecast(monkeypatch):
    """Return a way to say what the forecast and the cost lines hold."""

    def told(children, price=None):
        draws = np.full((50, 2, 1), float(children), dtype=np.float32)
        made = SimpleNamespace(
            groups=("external_home",), days=(dt.date(2025, 3, 31), dt.date(2026, 3, 31)),
            of=lambda _: draws[:, :, 0],
        )  # fmt: skip
        basis = SimpleNamespace(date_keys=["2023-03-31", "2024-03-31"])
        outlook = SimpleNamespace(as_at="2024-03-31", basis=basis)
        ahead = SimpleNamespace(forecast=made, outlook=outlook)
        monkeypatch.setattr(invest_plan, "Ahead", SimpleNamespace(of=lambda _: ahead))
        if price is not None:
            wide = pd.DataFrame({0: [price * 10.0]}, index=["external_home"])
            spending = SimpleNamespace(
                by_type=lambda _: wide,
                nights_by_type=lambda: pd.DataFrame({0: [70.0]}, index=["external_home"]),
                basis=SimpleNamespace(window_keys=["2023-24"]),
            )
            monkeypatch.setattr(invest_plan, "Spending", SimpleNamespace(of=lambda _: spending))

    return told


def shown(data):
    return {r.name: r for r in homes_to_open.__wrapped__(data)}


@pytest.mark.unit
def test_what_is_stated_alone_leans_on_nobody_and_is_released_whole():
    data = data_of(homes=[HOME], children_n={"external_home": 9}, life_years=10)
    made = shown(data)
    assert list(made) == [
        "invest_listed", "invest_inputs", "invest_homes", "invest_swings", "invest_years",
    ]  # fmt: skip
    assert not any(r.leans_on for r in made.values()) and all(r.typed for r in made.values())
    told = release(made["invest_homes"], data.study, "70")
    rows = {r.id: r.printed for r in told.rows}
    assert rows["invest_homes.saving_gbp_k_year.a"] == "£313k"  # 365 days, not 52 weeks
    assert rows["invest_homes.break_even_pct.a"] == "46%"
    assert all("left out" not in span.text for line in told.sentences for span in line)


@pytest.mark.unit
def test_the_years_are_told_as_the_mean_of_futures_inside_their_range():
    """A home that may open late and never early: with all central it would save more."""
    late = HOME | {"delay_months": {"low": 0, "central": 0, "high": 12}}
    made = shown(data_of(homes=[late], children_n={"external_home": 9}, life_years=10))
    rows = made["invest_years"].table.set_index(["measure", "period"])
    worth = rows.loc["worth_gbp_k"]
    assert worth["value"].between(worth["lower_80"], worth["upper_80"]).all()
    net, capital, own, avoided = (
        rows.loc[f"{m}_gbp_k", "value"].to_numpy() for m in ("net", "capital", "own", "avoided")
    )
    assert net == pytest.approx(capital - own + avoided)
    # Two months late on average (PERT, nought the likeliest), in the first year.
    assert rows.loc["children_n", "value"].iloc[0] == pytest.approx(3 * 10 / 12, abs=0.03)


@pytest.mark.unit
def test_what_all_futures_agree_on_is_told_in_words_and_not_as_certain():
    def words(**changed):
        made = shown(data_of(homes=[HOME | changed], children_n={"external_home": 9}, life_years=9))
        return made["invest_homes"].text[0]

    assert "saves in every future drawn" in words().template
    assert "saves in no future drawn" in words(price_gbp_week=3_000).template
    some = words(price_gbp_week={"low": 2_000, "central": 4_000, "high": 6_000})
    assert "in {chance} of the futures drawn" in some.template and "chance" in some.refs
    assert in_futures(99.6, "n")[0] == "in nearly every future drawn"
    assert in_futures(0.4, "n")[0] == "in hardly any future drawn"


@pytest.mark.unit
def test_a_study_without_homes_shows_nothing():
    assert homes_to_open.__wrapped__(data_of()) == ()


@pytest.mark.unit
def test_children_of_the_forecast_limit_the_homes_and_are_leant_on(forecast):
    forecast(1)
    made = shown(data_of(homes=[HOME]))["invest_homes"]
    rows = made.table.set_index("measure")["value"]
    assert rows["children_n"] == pytest.approx(1)
    days = ("2023-03-31", "2024-03-31")
    counts = tuple(f"cla_placement_mix.children_n.external_home.{d}" for d in days)
    ids = {f"invest_homes.{m}.a" for m in ("npv_gbp_k", "npv_gbp_k_upper_80", "beds_n")}
    assert all(made.leans_on[i] == counts for i in ids)
    forecast(50)  # enough in every future: only that there are enough today is told
    made = shown(data_of(homes=[HOME]))["invest_homes"]
    assert all(made.leans_on[i] == counts[1:] for i in ids)
    listed = shown(data_of(homes=[HOME]))["invest_listed"]
    assert not listed.leans_on


@pytest.mark.unit
def test_a_price_of_the_study_follows_the_children_it_is_money_of(forecast):
    """No row of any home is told where it is hidden: the sum less the rest would give it."""
    forecast(50, price=5_000.0)
    own = {k: v for k, v in HOME.items() if not k.startswith("price")}
    made = shown(data_of(homes=[own, HOME | {"key": "b"}]))
    inputs = made["invest_inputs"].table
    mine = inputs[(inputs["group"] == "a") & (inputs["measure"] == "price_gbp_week")]
    assert mine["value"].tolist() == pytest.approx([4_500, 5_000, 5_500])
    paid = "cla_placement_days.in_type_n.external_home.2023-24"
    for name in ("invest_inputs", "invest_homes", "invest_swings", "invest_years"):
        r = made[name]
        ids = {f"{name}.{m}.{g}" for m, g in r.table[["measure", "group"]].itertuples(index=False)}
        leant = set(r.leans_on)
        assert all(any(i.startswith(x) for i in leant) for x in ids)
        assert all(paid in on for on in r.leans_on.values())


@pytest.mark.unit
def test_a_price_that_nobody_paid_stops_the_run(forecast):
    forecast(50, price=5_000.0)
    own = {k: v for k, v in HOME.items() if not k.startswith("price")}
    with pytest.raises(ModelError) as caught:
        homes_to_open.__wrapped__(data_of(homes=[own | {"replaces_type": "ifa"}]))
    assert "ifa" in str(caught.value.faults[0]) and "price_gbp_week" in str(caught.value.faults[0])


@pytest.mark.unit
def test_without_returns_it_says_that_nothing_limits_the_homes():
    def missing(_):
        raise InputMissing("ssda903")

    data = StudyData(study(homes=[HOME]), {"ssda903": missing})
    made = shown(data)["invest_homes"]
    assert any("not known" in note for note in made.notes)
    assert not made.leans_on


# --- stated inputs beside own records ---

YEAR = "2023-24"


@pytest.fixture
def own(monkeypatch):
    """Own records: a bespoke week of 32,144 pounds and two children; foster carers for 398."""
    nights = pd.DataFrame({0: {"unregistered": 730.0, "in_house_foster": 3650.0, "kinship": 365.0}})
    week = pd.Series({"unregistered": 32_144.0, "in_house_foster": 398.0, "kinship": 900.0})
    spending = SimpleNamespace(
        by_type=lambda _: nights.mul(week / 7, axis=0),
        nights_by_type=lambda: nights,
        length=np.array([365.0]),
        labels={YEAR: YEAR},
        basis=SimpleNamespace(window_keys=[YEAR]),
    )
    monkeypatch.setattr(invest_beside, "Spending", SimpleNamespace(of=lambda _: spending))


def told(checks):
    return {c.name.split(" as stated")[0]: (c.status, c.detail) for c in checks}


@pytest.mark.unit
def test_what_own_records_contradict_is_to_be_reviewed(own):
    def bespoke(high):
        price = {"low": 15_000, "central": 25_000, "high": high}
        return home(replaces_type="unregistered", price_gbp_week=price)

    data = data_of(children_n={"unregistered": {"low": 5, "central": 7, "high": 15}})
    made = homes_beside(data, [bespoke(29_300)])
    found = told(made)
    assert found["Price of a week"][0] == "review"
    assert "£15,000 to £29,300" in found["Price of a week"][1]
    assert "£32,144" in found["Price of a week"][1]
    assert found["Children"][0] == "review" and found["Children"][1].endswith("2.0")
    ids = ("cla_placement_days.in_type_n", "cost_routes.paid_n")
    assert all(c.leans_on == tuple(f"{i}.unregistered.{YEAR}" for i in ids) for c in made)
    assert told(homes_beside(data, [bespoke(33_000)]))["Price of a week"][0] == "pass"


@pytest.mark.unit
def test_own_carers_are_those_whose_placements_are_coded_as_the_agencies(own):
    """Not kinship carers, who are in-house foster care too; agencies' price is in no record."""
    plan = FosteringPlan.model_validate({
        "starts": "2024-04-01", "carers_n": 8, "children_n": 10, "recruited_a_year": 2,
        "left_a_year": 1, "places_per_carer": 1.5, "filled_pct": 75, "fee_gbp_week": 388,
        "replaces_type": "ifa", "price_gbp_week": 1_000, "price_source": "s",
    })  # fmt: skip
    found = told(carers_beside(data_of(), plan))
    assert set(found) == {"Pay of a week", "Children"}
    assert found["Pay of a week"][0] == "review" and "£398" in found["Pay of a week"][1]
    assert found["Children"][0] == "pass"


@pytest.mark.unit
def test_a_table_that_tells_of_own_records_is_no_longer_typed_alone(own):
    data = data_of(homes=[HOME | {"replaces_type": "unregistered"}])
    made = {r.name: r for r in homes_to_open.__wrapped__(data)}
    assert made["invest_inputs"].checks and not made["invest_inputs"].typed
    assert made["invest_listed"].typed


@pytest.mark.unit
def test_without_records_nothing_stands_beside():
    assert homes_beside(data_of(), [home()]) == ()
