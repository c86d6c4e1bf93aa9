"""Foster carers to be recruited and paid more: money by hand, and the break-even checked."""

from __future__ import annotations

import numpy as np
import pytest

from needs.sufficiency import results_invest_fostering as results
from needs.sufficiency.invest import Pool, Terms
from needs.sufficiency.invest_fostering import Fostering, carers, households_needed
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import StudyData
from needs.vocabulary.study import Study
from needs.vocabulary.study_invest import Amount, FosteringPlan, Investment

pytestmark = pytest.mark.unit

PLAN = {
    "starts": "2024-04-01",
    "years": 2,
    "carers_n": 100,
    "children_n": 120,
    "recruited_a_year": 20,
    "left_a_year": 8,
    "places_per_carer": 1.5,
    "filled_pct": 80,
    "fee_gbp_week": 400,
    "support_gbp_year": 6_000,
    "recruit_gbp": 1_000,
    "uplift_pct": 10,
    "replaces_type": "ifa",
    "price_gbp_week": 1_000,
    "price_source": "s",
}


def fostering(pool=None, **changed):
    plan = FosteringPlan.model_validate(PLAN | changed)
    investment = Investment(life_years=4, discount_pct=0.0)
    terms = Terms.of(investment, ReportingYear(2024), 52.0)
    return Fostering(plan, terms, plan.price_gbp_week, pool)


def central(made, pool=None):
    return carers(made, made.values("central"), pool)


def test_money_by_hand():
    """
    Twelve households more a year for two years, coming evenly, 1.2 children in each.

    year      households   children   saved a child-week: 1,000 - 400 - 40
    2024-25        6          7.2
    2025-26       18         21.6
    2026-27       24         28.8
    """
    made = central(fostering())
    assert made.households[0] == pytest.approx([6, 18, 24, 24])
    assert made.avoided[0] == pytest.approx(np.array([7.2, 21.6, 28.8, 28.8]) * 560 * 52)
    assert made.support[0] == pytest.approx(np.array([6, 18, 24, 24]) * 6_000)
    assert made.approvals[0] == pytest.approx([20_000, 20_000, 0, 0])
    assert made.uplift[0] == pytest.approx(np.full(4, 120 * 40 * 52))


def test_fewer_approved_than_leave_send_children_to_agencies():
    made = central(fostering(recruited_a_year=2, uplift_pct=0))
    assert made.households[0] == pytest.approx([-3, -9, -12, -12])
    assert (made.avoided[0] < 0).all()
    # No more than all can leave, and no more children than live with them.
    made = central(fostering(recruited_a_year=0, left_a_year=500))
    assert made.households[0, -1] == -100 and made.children[0, -1] == -120


def test_no_more_children_come_than_agencies_have():
    made = central(fostering(), np.full((1, 4), 10.0))
    assert made.children[0] == pytest.approx([7.2, 10, 10, 10])


def test_a_plan_that_starts_in_the_middle_of_a_year():
    made = central(fostering(starts="2024-10-01", years=1))
    # Twelve a year from October: on average 1.5 over the year, all twelve a year later.
    assert made.households[0] == pytest.approx([1.5, 10.5, 12, 12], abs=0.05)
    assert made.uplift[0, 0] == pytest.approx(120 * 40 * 26, rel=0.005)


def test_the_rise_pays_for_itself_where_it_is_said_to():
    made = fostering()
    needed = {k: float(v[0]) for k, v in households_needed(made, made.values("central")).items()}
    assert needed["cost"] == pytest.approx(120 * 40 * 52)
    assert needed["saved"] == pytest.approx(1.2 * 560 * 52 - 6_000)
    # So many more, come in one year and with no cost of approval, save nothing and lose nothing.
    brought = fostering(years=1, recruited_a_year=needed["households"], left_a_year=0,
                        recruit_gbp=0)  # fmt: skip
    assert central(brought).net[0, -1] == pytest.approx(0, abs=1e-6)
    assert needed["children"] == pytest.approx(1.2 * needed["households"])


def test_a_rise_that_no_household_can_pay_for_has_no_break_even():
    made = fostering(price_gbp_week=430)
    assert np.isnan(households_needed(made, made.values("central"))["households"][0])


def test_the_chance_of_saving_is_the_one_known():
    """One household saves where the price is over 440; from 400 to 500, likeliest at 400."""
    given = {"low": 400, "central": 400, "high": 500}
    made = fostering(
        price_gbp_week=given, children_n=0, support_gbp_year=0, recruit_gbp=0, left_a_year=0
    )
    values, _ = made.drawn(np.random.default_rng(5), 40_000)
    found = (carers(made, values, None).net[:, -1] > 0).mean()
    assert found == pytest.approx(0.6**5, abs=4 * 0.00134)


def data_of(**plan):
    raw = {
        "schema_version": 1,
        "authority": {
            "name": "Anyshire County Council", "short_name": "Anyshire",
            "dfe_code": "999", "ons_code": "E10000099",
        },
        "period": {"reporting_year": "2023-24", "as_at": "2024-03-31"},
        "inputs": {},
        "costs": {"weeks_of_year": "52"},
        "investment": {
            "fostering": PLAN | plan, "children_n": {"ifa": {"low": 50, "central": 80, "high": 90}},
        },
    }  # fmt: skip
    return StudyData(Study.model_validate(raw), {})


def test_what_is_told_is_what_the_money_comes_to():
    given = {"low": 14, "central": 20, "high": 30}
    inputs, told, swung = results.carers_to_recruit.__wrapped__(data_of(recruited_a_year=given))
    rows = told.table.set_index("measure")
    full = 24 * (1.2 * 560 * 52 - 6_000) - 120 * 40 * 52
    assert rows.loc["saving_gbp_k_year", "value"] == pytest.approx(full / 1000)
    assert rows.loc["saving_low_gbp_k_year", "value"] < full / 1000
    assert rows.loc["saving_gbp_k_year", "lower_80"] < rows.loc["saving_gbp_k_year", "upper_80"]
    # 249,600 pounds of rise at 28,944 a household: nine of them, eight and a part would not do.
    assert rows.loc["needed_n", "value"] == 9
    assert rows.loc["needed_children_n", "value"] == 11
    said = told.text[0]
    assert {"npv_gbp_k_lower_80", "npv_gbp_k_upper_80"} < {
        i.split(".")[1] for i in said.refs.values()
    }
    assert "saves in every future drawn" in said.template
    assert "comes back in every future drawn" in said.template
    # Eighty children with agencies are enough, at either end: that input moves nothing.
    assert set(swung.table["by"]) == {"recruited_a_year"}
    assert inputs.typed and not told.leans_on


def test_a_study_without_a_plan_shows_nothing():
    data = data_of()
    bare = data.study.model_copy(update={"investment": Investment()})
    assert results.carers_to_recruit.__wrapped__(StudyData(bare, {})) == ()


def test_a_stated_pool_is_drawn_between_its_ends():
    pool = Pool.stated(Amount(low=50, central=80, high=90), 4)
    drawn = pool.drawn(np.random.default_rng(1), 500)
    assert drawn.shape == (500, 4) and (np.ptp(drawn, axis=1) == 0).all()
    assert 50 <= drawn.min() < 60 and drawn.max() <= 90
