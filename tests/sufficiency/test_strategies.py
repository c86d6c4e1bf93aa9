"""Strategies side by side and the plan of what to commission."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from needs.costs.budget import outturn
from needs.forecast.ahead import Ahead
from needs.sufficiency import chapter80
from needs.sufficiency.budget import Outturns
from needs.sufficiency.strategy.costed import cost_of
from needs.sufficiency.strategy.lived import AS_IT_IS, Strategies
from needs.sufficiency.strategy.plan import planned, share_taken, split
from needs.vocabulary.scenarios import LeverSettings
from needs.vocabulary.strategies import Commissioning, Strategy

pytestmark = pytest.mark.unit

SAME = ("backtest", "flow model", "forecast ahead", "forecasts of each method", "gaps")


@pytest.fixture(scope="module")
def data(aimed):
    return aimed


def again(data, *strategies, **changes):
    """Return the same inputs with other strategies."""
    study = data.study.model_copy(update={"strategies": strategies, **changes})
    object.__setattr__(study, "_folder", data.study.folder)
    other = replace(data, study=study)
    Outturns.of(data)
    Strategies.of(data)
    other._made.update({k: data._made[k] for k in SAME if k in data._made})
    return other


def lived(data, **keys):
    other = again(data, Strategy(key="one", label="One", **keys))
    s = Strategies.of(other)
    return other, s, s.lived[1]


def entries(pct):
    return LeverSettings(lever="entries", change_pct=pct)


def test_a_lever_that_changes_nothing_leaves_every_draw_as_it_is(data):
    other, s, one = lived(data, levers=(entries(0.0),))
    assert np.array_equal(one.forecast.draws, s.base.forecast.draws)
    cost = cost_of(other, s, one)
    assert not cost.change.any() and not cost.saved.any()
    gaps = {k: g.short for k, g in s.gaps(one).found.items()}
    assert all(np.array_equal(v, s.gaps(s.base).found[k].short) for k, v in gaps.items())


def test_fewer_who_come_are_fewer_children_less_money_and_no_more_places_short(data):
    other, s, one = lived(data, levers=(entries(-20.0),))
    base, less = s.base.forecast.total(), one.forecast.total()
    assert less[:, -1].mean() < base[:, -1].mean()
    cost = cost_of(other, s, one)
    assert cost.saved.mean() > 0
    assert cost.outturn == pytest.approx(cost.base + sum(cost.parts.values()))
    for key, g in s.gaps(one).found.items():
        assert g.short.mean() <= s.gaps(s.base).found[key].short.mean() + 1e-9


def test_homes_move_children_whom_they_take_and_bring_their_beds(data):
    other, s, one = lived(data, homes=("autism", "behaviour"))
    base, made = s.base.forecast, one.forecast
    assert made.total() == pytest.approx(base.total(), abs=1e-3)
    own, bought = (made.groups.index(k) for k in ("in_house_home", "external_home"))
    gone = base.draws[:, :, bought] - made.draws[:, :, bought]
    come = made.draws[:, :, own] - base.draws[:, :, own]
    assert come == pytest.approx(gone, abs=1e-3)
    assert (gone >= 0).all() and (made.draws >= 0).all() and gone.max() <= 8 + 1e-6
    places = {
        k: (s.gaps(one).found[k].places - g.places)[-1] for k, g in s.gaps(s.base).found.items()
    }
    assert {
        v
        for (service, reach), v in places.items()
        if service == "residential" and reach == "anywhere"
    } <= {8.0}
    more = s.gaps(s.base).found
    assert all(
        (g.short <= more[k].short + 1e-9).all()
        for k, g in s.gaps(one).found.items()
        if k[1] == "anywhere"
    )
    paid = sum(m.capital.sum(axis=1).mean() for m in one.moved)
    given = [h for h in other.study.investment.homes if h.key in {"autism", "behaviour"}]
    low, high = (
        sum(getattr(h.capital_gbp, e) - h.match_gbp for h in given) for e in ("low", "high")
    )
    assert low <= paid <= high * 1.1


def test_a_price_that_falls_by_a_tenth_saves_a_tenth_of_that_type(data):
    other, s, one = lived(data, prices_pct={"external_home": -10.0})
    out = Outturns.of(other)
    mine = out.gross[:, :, out.types.index("external_home")]
    assert cost_of(other, s, one).parts["prices"] == pytest.approx(-mine / 10)


def test_money_of_a_draw_goes_with_the_children_of_that_draw(data):
    """A lever's money, worked out again from its children: the dearest draws are the same ones."""
    other, s, one = lived(data, levers=(entries(-20.0),))
    out, change = Outturns.of(other), one.levers
    before = np.concatenate([np.zeros_like(change[:, :1]), change[:, :-1]], axis=1)
    by_hand = outturn((before + change) / 2, out.weekly.mean(axis=0), out.days).sum(axis=2)
    draws = len(s.base.forecast.draws)
    told = cost_of(other, s, one).parts["levers"]
    picked = np.arange(len(told)) % draws % len(change)
    assert told == pytest.approx(by_hand[picked])


def test_what_stands_side_by_side_is_what_each_is_alone(data):
    (children,) = chapter80.strategies_children(data)
    t = children.table
    base = t[(t["group"] == AS_IT_IS) & (t["by"] == "all")]["value"].iloc[0]
    assert base == pytest.approx(Ahead.of(data).forecast.total()[:, -1].mean(dtype=float))
    keys = [s.key for s in data.study.strategies]
    assert list(dict.fromkeys(t["group"])) == [AS_IT_IS, *keys]
    (met,) = chapter80.strategies_targets(data)
    chances = chapter80.targets_chance(data).table
    alone = chances[chances["measure"] == "chance_pct"].set_index("group")["value"]
    mine = met.table[met.table["group"] == AS_IT_IS].set_index("by")["value"]
    assert mine.to_dict() == alone.loc[mine.index].to_dict()
    assert "far" not in mine.index, "no strategy reaches what is not forecast"
    (cost,) = chapter80.strategies_cost(data)
    parts = cost.table[cost.table["measure"] == "part_gbp"].groupby("group")["value"].sum()
    saved = cost.table[cost.table["measure"] == "saved_gbp"].set_index("group")["value"].dropna()
    assert list(saved.index) == keys
    paid = cost.table[cost.table["measure"] == "capital_gbp"].set_index("group")["value"]
    assert (-(parts + paid)).loc[saved.index].to_numpy() == pytest.approx(saved.to_numpy())


def test_a_study_without_strategies_has_no_tables_of_them(data):
    other = again(data)
    for analysis in ("strategies_set", "strategies_children", "strategies_cost"):
        assert getattr(chapter80, analysis)(other) == ()


CHILDREN = arrays(np.int64, st.integers(20, 60), elements=st.integers(0, 40))
PCT = st.integers(0, 100)


@settings(deadline=None, max_examples=60)
@given(
    children=CHILDREN,
    limits=st.tuples(PCT, PCT, PCT),
    most=st.integers(0, 50) | st.just(np.inf),
    more=st.integers(0, 5),
)
def test_each_place_goes_to_the_route_that_its_use_asks_for(children, limits, most, more):
    own, block, frame = sorted(limits, reverse=True)
    rule = Commissioning(in_house_pct=own, block_pct=block, framework_pct=frame)
    total = float(children.max() + more)
    made = split(children, total, rule, float(most))
    assert sum(made.values()) == total and min(made.values()) >= 0
    assert made["in_house"] <= most
    asked = []
    for place in range(1, int(total) + 1):
        taken = share_taken(children, place)
        wanted = [taken >= p - 1e-9 for p in (own, block, frame)]
        route = ("in_house", "block", "framework")[wanted.index(True)] if any(wanted) else "spot"
        asked.append("block" if route == "in_house" and place > most else route)
    if min(limits) > 0:  # a place that nobody ever needs is bought by no rule
        assert {r: float(asked.count(r)) for r in made} == made


def test_the_plan_covers_the_months_that_it_says(data):
    rule = data.study.commissioning
    for p in planned(data):
        needed = p.needed.sum()
        assert needed.iloc[p.at] == p.covers[95][p.at], "95 per cent are asked for"
        assert (np.array(p.covers[95]) >= np.array(p.covers[90])).all()
        most = rule.in_house_most.get(p.service.key, np.inf)
        assert (p.needed.loc["in_house"] <= most).all()
    (told,) = chapter80.commissioning_plan(data)
    t = told.table
    gap, needed, now = (
        t[t["measure"] == m].set_index("group")["value"] for m in ("gap_n", "needed_n", "now_n")
    )
    assert gap.dropna().to_dict() == (needed - now).dropna().to_dict()
    cost = t[t["measure"] == "cost_gbp"].set_index("group")["value"]
    assert (cost[gap.index[gap <= 0]].dropna() == 0).all()
