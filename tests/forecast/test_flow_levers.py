"""Levers change what they name, by as much as they say, and compare draw by draw."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from flow_histories import lived

from needs.forecast.flow.attribution import attribute
from needs.forecast.flow.model import FlowModel, fit_flow, month_after
from needs.forecast.levers import (
    Entries,
    Exits,
    Lever,
    Opening,
    Share,
    StepDown,
    UascThreshold,
)
from needs.forecast.shape import Forecast
from needs.vocabulary.errors import ModelError

pytestmark = pytest.mark.unit

DRAWS = 120


@pytest.fixture(scope="module")
def model() -> FlowModel:
    return fit_flow(lived())


def run(model: FlowModel, *levers: Lever, months: int = 24) -> Forecast:
    days = [month_after(model.origin, m) for m in range(1, months + 1)]
    return model.simulate(days, DRAWS, np.random.default_rng(5), levers)


def test_a_lever_that_changes_nothing_gives_the_baseline_in_every_draw(model: FlowModel):
    base = run(model)
    for lever in (
        Entries(0),
        Exits(factor=1.0),
        StepDown(0, ("home",), "foster"),
        Opening("home", 0, ("foster",)),
    ):
        same = run(model, lever)
        assert np.array_equal(same.draws, base.draws), lever
        assert all(np.array_equal(same.parts[k].draws, base.parts[k].draws) for k in base.parts)


def test_fewer_entries_by_a_share_that_compounds_each_year(model: FlowModel):
    base, fewer = run(model), run(model, Entries(-20))
    came = [x.parts["entries"].draws.sum(2).reshape(DRAWS, 2, 12).sum(2) for x in (base, fewer)]
    assert (came[1] <= came[0]).all()
    assert came[1].mean(0) / came[0].mean(0) == pytest.approx([0.8, 0.64], abs=0.02)
    # Chance is shared: the difference is known far better than either.
    gap = fewer.total()[:, -1] - base.total()[:, -1]
    assert gap.mean() < -15
    assert gap.std() < base.total()[:, -1].std()


def test_more_entries_only_of_those_named_and_only_from_the_day_named(model: FlowModel):
    base = run(model)
    more = run(model, Entries(50, "uasc", each_year=False, start=dt.date(2024, 4, 1)))
    came = (more.parts["entries"].draws - base.parts["entries"].draws).mean(0)
    assert (came[:12] == 0).all()
    assert (came[:, 0] == 0).all()
    later = base.parts["entries"].draws[:, 12:, 1].mean(0).sum()
    assert came[12:, 1].sum() == pytest.approx(0.5 * later, rel=0.15)


def test_exits_by_a_factor_and_back_to_an_earlier_year(model: FlowModel):
    base = run(model)
    none = run(model, Exits(factor=0.0))
    assert none.parts["exits"].draws[:, :, 0].sum() == 0
    faster = run(model, Exits(factor=2.0), months=1).parts["exits"].draws[:, :, 0].mean()
    assert faster == pytest.approx(2 * base.parts["exits"].draws[:, 0, 0].mean(), rel=0.1)
    back = run(model, Exits(level_of=2020))
    assert not np.array_equal(back.draws, base.draws)
    assert back.total().mean() == pytest.approx(base.total().mean(), rel=0.1)


def test_a_plan_moves_as_many_as_it_says(model: FlowModel):
    home, foster = model.places.index("home"), model.places.index("foster")
    base, plan = run(model), run(model, StepDown(24, ("home",), "foster"))
    first = (plan.draws - base.draws)[:, 0]
    assert first[:, home].mean() == pytest.approx(-2)
    assert first[:, foster].mean() == pytest.approx(2)
    assert (plan.draws[:, -1, home] - base.draws[:, -1, home]).mean() < -5


def test_a_share_reaches_its_goal_by_the_day_and_stays(model: FlowModel):
    goal = run(model, Share("ifa", 45, ("foster", "home"), end=dt.date(2024, 3, 31)))
    share = goal.of(["ifa"]) / goal.total()
    before = run(model).of(["ifa"])[:, 0].mean() / run(model).total()[:, 0].mean()
    assert share[:, 0].mean() < before + 0.06
    assert share[:, 12:].mean(0) == pytest.approx(np.full(12, 0.45), abs=0.003)


def test_a_home_fills_step_by_step_and_stays_full(model: FlowModel):
    base = run(model)
    opened = run(model, Opening("home", 8, ("ifa",), dt.date(2023, 10, 1), dt.date(2024, 4, 1)))
    more = (opened.draws - base.draws).mean(0)
    home, ifa = model.places.index("home"), model.places.index("ifa")
    assert (more[:6] == 0).all()
    assert 1 < more[9, home] < 8
    assert 5 < more[13, home] <= 8.5
    assert more[13, ifa] < -2


def test_unaccompanied_children_tend_to_the_threshold_from_both_sides(model: FlowModel):
    for share in (0.05, 0.15):
        held = run(model, UascThreshold(20_000, share, a_month=4.0), months=24)
        stock = held.parts["status"].draws[:, -6:, 1].mean()
        assert stock == pytest.approx(20_000 * share / 100, abs=2.5)
    # Local arrivals go on: more come in than with nothing transferred.
    base = run(model).parts["entries"].draws[:, :, 1].sum(1).mean()
    assert held.parts["entries"].draws[:, :, 1].sum(1).mean() > base


@pytest.mark.parametrize("several", [1, 2, 4])
def test_reasons_add_up_to_the_whole_difference(model: FlowModel, several: int):
    levers: list[Lever] = [
        Entries(-5),
        StepDown(8, ("home",), "foster"),
        Exits(factor=1.2, places=("foster", "ifa")),
        Share("ifa", 33, end=dt.date(2024, 3, 31)),
    ][:several]
    days = [month_after(model.origin, 12)]
    why = attribute(model, levers, days, 10, seed=3)
    assert why.parts.sum(axis=0) == pytest.approx(why.whole, abs=1e-9)
    turned = attribute(model, levers[::-1], days, 10, seed=3)
    assert turned.parts[::-1] == pytest.approx(why.parts, abs=1e-9)


def test_a_lever_alone_in_its_part_of_the_model_has_its_whole_effect(model: FlowModel):
    days = [month_after(model.origin, 12)]
    early, late = Entries(-30, "others"), Exits(factor=1.0)
    why = attribute(model, [early, late], days, 20, seed=3)
    assert why.parts[0] == pytest.approx(why.whole)
    assert not why.parts[1].any()


BAD: dict[str, list[Lever]] = {
    "not one of the study's": [Share("castle", 10), StepDown(1, ("castle",), "foster")],
    "outside nought to a hundred": [Share("ifa", 133), UascThreshold(1000, -1)],
    "ends before it starts": [Entries(1, start=dt.date(2024, 1, 1), end=dt.date(2023, 6, 1))],
    "both or neither": [Exits(), Exits(factor=1, level_of=2020)],
    "is not known": [Exits(level_of=1999)],
    "the type they go to": [StepDown(1, ("home",), "home"), Opening("ifa", 2, ("ifa",))],
    "no placement type is given": [StepDown(1, (), "home")],
    "by a share that cannot be": [Entries(-101)],
    "by a factor that cannot be": [Exits(factor=-1)],
    "fewer than no": [StepDown(-1, ("home",), "foster"), Opening("ifa", -2, ("home",))],
}


@pytest.mark.parametrize("rule", BAD)
def test_a_lever_that_cannot_be_is_refused_with_one_fault(model: FlowModel, rule: str):
    for lever in BAD[rule]:
        with pytest.raises(ModelError) as refused:
            run(model, Entries(1), lever, months=1)
        (fault,) = refused.value.faults
        assert rule in fault.rule
        assert fault.mend
        assert fault.column == f"lever 2, {type(lever).__name__}"


def test_uasc_of_whom_nothing_is_known_are_refused():
    alone = fit_flow(lived(uasc=0.0))
    with pytest.raises(ModelError, match="no unaccompanied child ever came"):
        run(alone, UascThreshold(1000), months=1)


def test_too_many_levers_are_not_attributed(model: FlowModel):
    with pytest.raises(ModelError, match="one to five"):
        attribute(model, [Entries(1)] * 6, [month_after(model.origin, 1)], 2, seed=1)
