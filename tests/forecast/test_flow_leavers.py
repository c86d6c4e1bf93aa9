"""Care leavers are those who left, grow older, and add up."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from flow_histories import UNTIL, history_of, lived

from needs.forecast.flow.leavers import Assumed, left_before
from needs.forecast.flow.model import fit_flow, month_after
from needs.forecast.history import OPEN, day_number

pytestmark = pytest.mark.unit


def test_who_left_before_by_age_and_length_of_stay():
    d = day_number
    birthday = d(dt.date(2022, 6, 15))
    born = d(dt.date(2004, 6, 15))
    periods = [
        (born, [(birthday - 400, 0)], birthday, False),
        (born, [(birthday - 80, 0)], birthday, False),  # not thirteen weeks
        (born, [(birthday - 800, 1)], birthday - 300, True),  # at seventeen
        (born, [(birthday - 4000, 1)], birthday - 3000, False),  # a child
        (d(dt.date(2010, 1, 1)), [(birthday, 1)], OPEN, False),
    ]
    left = left_before(history_of(periods, dt.date(2018, 4, 1), places=("foster", "home")))
    assert left.sum() == 2
    assert left[:, 0, 2, 0].sum() == 1
    assert left[:, 1, 1, 1].sum() == 1
    # Nine and a half months before the last day known.
    assert left[-10, 0, 2, 0] == 1


def test_leavers_of_the_forecast_add_up_to_those_who_turn_eighteen():
    model = fit_flow(lived(leave=0.05))
    days = [month_after(UNTIL, m) for m in (12, 36)]
    none = Assumed(staying_put=(0, 0, 0), supported=(0.0,) * 7)
    told = model.beyond_18(days, 100, np.random.default_rng(1), assumed=none)
    assert not told.staying_put.any()
    assert not told.supported_18.any()
    every = [k.sum(2).mean(0) for k in told.entitled.values()]
    assert all((x > 0).all() for x in every[:3])
    # In three years all of the first year's under-21s have been replaced by those who come.
    plain = model.simulate(days, 100, np.random.default_rng(1))
    at_18 = plain.parts["exits"].draws[:, :, 1].sum(1).mean()
    older = told.entitled["former_relevant_18_20"].sum(2)[:, 1].mean()
    assert older == pytest.approx(at_18, rel=0.2)
    put = model.beyond_18(days, 100, np.random.default_rng(1), assumed=Assumed((1, 1, 1)))
    assert (put.staying_put <= put.entitled["former_relevant_18_20"].sum(2)).all()
    assert put.staying_put.mean() > 0


def test_eligible_children_are_some_of_those_of_sixteen_and_seventeen():
    model = fit_flow(lived())
    days = [month_after(UNTIL, m) for m in (1, 12, 24)]
    told = model.beyond_18(days, 50, np.random.default_rng(1))
    aged = model.simulate(days, 50, np.random.default_rng(1)).parts["ages"].draws[:, :, -1]
    eligible = told.entitled["eligible"].sum(2)
    assert (eligible <= aged).all()
    assert eligible.mean() > 0.5 * aged.mean()
