"""Results of the regressions on a drawn study: what they find, and what they may not tell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from needs.assurance.release import release
from needs.costs import chapter60
from needs.costs.drivers import design_of
from needs.costs.priced_models import models_of
from needs.costs.results_fit import groups_by_price
from needs.vocabulary.records import StudyData, Table

AGENCY, OWN = 240, 160
PAIR = "ifa_against_in_house_foster"


@pytest.fixture
def market(draw):
    """240 children with 24 agencies and 160 with the authority's own carers, a year long.

    Girls are dearer and more often with agencies, where a week costs half as much again.
    """

    def made(seed=4, agencies=24):
        rng = np.random.default_rng(seed)
        n = AGENCY + OWN
        girl = np.r_[rng.random(AGENCY) < 0.75, rng.random(OWN) < 0.25]
        out = np.arange(n) < AGENCY
        who = rng.integers(0, agencies, n)
        single = rng.random(n) < 0.4
        price = 600 * np.exp(0.25 * girl + np.where(out, np.log(1.5) + 0.2 * single, 0.0))
        price = price * np.where(out, np.exp(rng.normal(0, 0.05, agencies)[who]), 1.0)
        price = price * rng.gamma(20, 1 / 20, n)
        sex = np.where(girl, "female", "male")
        children = "child | sex | dob | uasc\n" + "\n".join(
            f"C{i} | {sex[i]} | 2010-06-01 | -" for i in range(n)
        )
        text = "child | decom | dec | rne | ls | cin | place | provider | rec\n" + "\n".join(
            f"C{i} | 2022-04-01 | - | S | C2 | N1 | U6 | {'PR4' if out[i] else 'PR1'} | -"
            for i in range(n)
        )
        records = draw.records(draw.table(children), draw.table(text), [2023])
        frame = pd.DataFrame({
            "child": np.arange(n, dtype="int32"), "weekly_cost_gbp": price, "amount_gbp": np.nan,
            "from": pd.Timestamp("2022-04-01"), "to": pd.Timestamp("2023-03-31"),
            "route": np.where(out, np.where(single, "spot", "framework"), "in_house"),
            "placement_type": None,
            "provider": np.where(out, [f"Agency {k}" for k in who], "Ours"),
        })  # fmt: skip
        inputs = {"ssda903": ["inputs/*.csv"], "costs": ["inputs/costs.csv"]}
        read = {"ssda903": lambda _: records, "costs": lambda _: Table(frame, pd.DataFrame())}
        return StudyData(draw.study(inputs=inputs), read)

    return made


def row(result, measure, group="ifa", by=""):
    t = result.table
    return t[(t["measure"] == measure) & (t["group"] == group) & (t["by"] == by)].iloc[0]


@pytest.mark.unit
def test_children_alike_are_compared_and_the_plain_difference_is_not_theirs(market):
    alike, balanced = chapter60.like_for_like(market())
    found = row(alike, "ratio", PAIR)
    # Spot buying is part of the way it is bought: a fifth more for two in five of them.
    ratio = 1.5 * (1 + 0.4 * np.expm1(0.2))
    assert found["lower_95"] < ratio < found["upper_95"]
    assert row(alike, "raw_gbp", PAIR)["value"] > row(alike, "alike_gbp", PAIR)["upper_95"]
    standard = row(alike, "standard_gbp", PAIR)["value"]
    assert standard == pytest.approx(row(alike, "alike_gbp", PAIR)["value"], rel=0.05)
    e = row(alike, "e_value", PAIR)["value"]
    assert 1 < row(alike, "e_value_bound", PAIR)["value"] < e
    assert abs(row(balanced, "before", PAIR, "female")["value"]) > 0.8
    assert abs(row(balanced, "after", PAIR, "female")["value"]) < 1e-9
    assert {s.words["pair"] for s in alike.text} == {
        "Independent fostering agency, against in-house foster care"
    }


@pytest.mark.unit
def test_the_family_is_said_in_words_and_its_tests_stand_beside_the_others(market):
    result = chapter60.price_family(market())
    used = [s for s in result.text if "family" in s.words]
    assert [s.words["family"] for s in used] == ["gamma"]
    assert set(result.table["by"]) == {
        *("gaussian", "poisson", "gamma", "inverse_gaussian", "log_ols", "park")
    }
    park = row(result, "power", by="park")
    assert park["lower_95"] < 2 < park["upper_95"]
    assert result.checks[0].status == "pass"


@pytest.mark.unit
def test_the_middle_and_the_dear_end_have_ranges_of_their_own(market):
    result = chapter60.price_quantiles(market())
    for measure, middle in (("median_gbp", 1.0), ("ninetieth_gbp", 1.3)):
        found = row(result, measure, by="spot")
        assert found["lower_95"] < 900 * middle * np.expm1(0.2) * 1.17 < found["upper_95"]
    assert row(result, "ninetieth_gbp", by="female")["value"] > 0


@pytest.mark.unit
def test_two_studies_of_one_seed_say_the_same(market):
    first, second = (chapter60.price_quantiles(market()).table for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.unit
def test_groups_of_like_price_keep_every_child_and_provider_unknown(market):
    data = market()
    (model,) = models_of(data)
    part = groups_by_price(model, least=6)
    assert part.max() == 9
    paid = chapter60.price_fit(data)
    whole = row(paid, "paid_gbp", by="part_01")["value"]
    assert whole == pytest.approx(model.price[part == 0].mean())
    # Fewer groups where ten would be of too few children; none where no parting keeps enough.
    assert groups_by_price(model, least=40).max() == 4
    assert groups_by_price(model, least=100) is None
    # One agency has most of the pounds of the dearest: it is nobody else's business.
    rows = model.rows.assign(provider=np.where(part == 9, "Agency 1", model.rows["provider"]))
    dominated = groups_by_price(type(model)(**{**vars(model), "rows": rows}), least=6)
    assert dominated is None or dominated.max() < 9


@pytest.mark.unit
def test_a_driver_of_one_provider_is_not_told(market):
    """A block contract with a single agency: its effect would be that agency's price."""
    (model,) = models_of(market())
    one = (model.rows["provider"] == "Agency 3").astype(float)
    few = model.rows.assign(block=one)
    assert one.sum() >= 5 and "block" not in design_of(few)
    many = model.rows.assign(block=model.rows["provider"].isin([f"Agency {k}" for k in range(6)]))
    assert "block" in design_of(many.astype({"block": float}))


@pytest.mark.unit
def test_where_children_of_a_type_are_withheld_its_prices_are(market):
    """Results follow the children of their types: hidden there, hidden here."""
    data = market()
    for made in (chapter60.price_fit(data), *chapter60.like_for_like(data)):
        assert set(made.leans_on) >= {
            ".".join(p for p in (made.name, r.measure, r.group, r.by, r.period) if p)
            for r in made.table.itertuples()
        }
        assert any("in_type_n.ifa" in i for ids in made.leans_on.values() for i in ids)
        shown = release(made, data.study, "60")
        assert shown.rows and not any(r.marker == "c" for r in shown.rows)
